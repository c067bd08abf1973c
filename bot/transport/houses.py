"""In which language each group is spoken to: as its administrators chose, or else in the operator's."""

from __future__ import annotations

from collections import OrderedDict

from bot.words.language import understood
from wallet_core import GroupLanguage, Unavailable, WalletCore

KNOWN_MAX = 10_000  # groups of which it need not be asked again


class Houses:
    """Remembers it, so that talking costs no question; no other process speaks in the same groups."""

    def __init__(self, core: WalletCore, usual: str) -> None:
        self._core, self._usual = core, usual
        self._known: OrderedDict[int, str] = OrderedDict()

    async def language(self, chat_id: int | None) -> str:
        """The language of a group; of what is none, the operator's."""
        if chat_id is None or chat_id >= 0:  # a person, or not known where
            return self._usual
        if (known := self._known.get(chat_id)) is None:
            try:
                chosen = await self._core.ask(GroupLanguage(str(chat_id)))
            except Unavailable:
                return self._usual
            known = understood(chosen) or self._usual
            self.remember(chat_id, known)
        return known

    def remember(self, chat_id: int, language: str) -> None:
        """It is this one now."""
        self._known[chat_id] = language
        self._known.move_to_end(chat_id)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)

    def forget(self, chat_id: int) -> None:
        """It may be another one now."""
        self._known.pop(chat_id, None)
