"""How one message of the outbox gets to its person: at the place that it changes, or in private."""

from __future__ import annotations

from enum import Enum

from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.answers import place_of, take_away
from bot.transport.patience import RECEIPT
from bot.transport.posting import NO_PREVIEW, is_gone, is_unchanged
from bot.words.links import Place, chat_id_of
from bot.words.tellings import Told
from wallet_core import OutboxMessage, PersonId

log = get_log(__name__)


class Undeliverable(Enum):
    """The person cannot be written to: the message waits until they write to the bot, or unblock it."""

    PARKED = "parked"


class Teller:
    """Tells; raises what Telegram says of what may get through later."""

    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot
        self._told_alone: set[int] = set()  # messages that were sent, and whose place still has to go

    async def tell(self, message: OutboxMessage, what: Told) -> Place | Undeliverable | None:
        """Where it was told; None when there is nothing to say beside the place."""
        if what.place is not None and what.is_cleared:
            return await self._cleared(message, what, what.place)
        if what.place is not None and what.text is not None and await self._edited(what.place, what.text):
            return what.place
        return None if what.privately is None else await self._send(message.recipient, what.privately, what.buttons)

    async def _cleared(self, message: OutboxMessage, what: Told, place: Place) -> Place | Undeliverable | None:
        """Told in private, and nothing stays at the place; whoever can't be written to is told there (G8)."""
        assert what.text is not None and what.privately is not None
        if message.id not in self._told_alone:
            sent = await self._send(message.recipient, what.privately, what.buttons)
            if isinstance(sent, Undeliverable):
                return place if await self._edited(place, what.text) else sent
            self._told_alone.add(message.id)
        if not await take_away(self._bot, place):
            await self._edited(place, what.text)
        self._told_alone.discard(message.id)
        return None

    async def _send(
        self, recipient: PersonId, text: str, buttons: InlineKeyboardMarkup | None
    ) -> Place | Undeliverable:
        try:
            posted = await self._bot.send_message(
                chat_id_of(recipient),
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=buttons,
                rate_limit_args=RECEIPT,
            )
        except Forbidden:
            return Undeliverable.PARKED
        except BadRequest as error:
            if not is_gone(error):  # that would be a mistake of ours
                log.error("send_refused", recipient=recipient, exc_info=error)
            return Undeliverable.PARKED
        return place_of(posted)

    async def _edited(self, place: Place, text: str) -> bool:
        """Whether the message there says it now; an edit without a keyboard takes the old one away."""
        try:
            await self._bot.edit_message_text(
                text,
                **place.address,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=RECEIPT,
            )
        except BadRequest as error:
            return is_unchanged(error)
        except ChatMigrated as moved:
            return await self._posted(moved.new_chat_id, text)
        except (Forbidden, InvalidToken):
            return False
        return True

    async def _posted(self, chat_id: int, text: str) -> bool:
        """What stands in a group that became a supergroup can't be changed: whether the new one was told."""
        try:
            await self._bot.send_message(
                chat_id,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=RECEIPT,
            )
        except (BadRequest, Forbidden, ChatMigrated):
            return False
        return True
