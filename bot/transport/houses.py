"""In which language each group is spoken to: as its administrators chose, or else in the operator's."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from bot.words.language import understood
from wallet_core import GroupLanguage, Unavailable, WalletCore

KNOWN_MAX = 10_000  # groups of which it need not be asked again ...
KNOWN_S = 60.0  # ... for so long


class Houses:
    """Remembers it, so that talking costs no question; but for where another process may hear what was chosen."""

    def __init__(self, core: WalletCore, usual: str) -> None:
        self._core, self._usual = core, usual
        self._known: OrderedDict[int, tuple[str, float]] = OrderedDict()

    async def language(self, chat_id: int | None) -> str:
        """The language of a group; of what is none, the operator's."""
        if chat_id is None or chat_id >= 0:  # a person, or not known where
            return self._usual
        known, until = self._known.get(chat_id, (self._usual, 0.0))
        if until <= monotonic() or not self._core.is_alone:
            try:
                chosen = await self._core.ask(GroupLanguage(str(chat_id)))
            except Unavailable:
                return known
            known = understood(chosen) or self._usual
            self.remember(chat_id, known)
        return known

    def remember(self, chat_id: int, language: str) -> None:
        """It is this one now."""
        self._known[chat_id] = language, monotonic() + KNOWN_S
        self._known.move_to_end(chat_id)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)

    def forget(self, chat_id: int) -> None:
        """It may be another one now."""
        self._known.pop(chat_id, None)
