"""Pictures in messages that somebody posted through the bot: Telegram takes none there but those that it has.

So a picture is sent once to the storage chat, which the operator names, and is known by its file id from then on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.posting import is_unchanged
from bot.words.links import Place

KEPT_MAX = 10_000
WRONG_FILE = ("wrong file", "wrong remote file")

log = get_log(__name__)


class Pictures:
    """The file ids of the pictures that are in the storage chat."""

    def __init__(self, chat: str | None) -> None:
        self._chat = chat
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def put(
        self,
        bot: ExtBot[int],
        place: Place,
        name: str,
        draw: Callable[[], Awaitable[bytes]],
        *,
        caption: str,
        keyboard: InlineKeyboardMarkup | None,
        rate_limit_args: int | None = None,
    ) -> bool:
        """The message becomes the picture of that name, with a caption. False: it stays as it is."""
        for _ in range(2):  # a file id may have been another bot's, under which the books were kept before
            file_id = self._kept.get(name) or await self._store(bot, name, draw)
            if file_id is None:
                return False
            media = InputMediaPhoto(file_id, caption=caption, parse_mode=ParseMode.HTML)
            try:
                await bot.edit_message_media(
                    media, **place.address, reply_markup=keyboard, rate_limit_args=rate_limit_args
                )
                return True
            except BadRequest as error:
                if not any(words in error.message.lower() for words in WRONG_FILE):
                    log.info("no_picture_there", place=str(place), reason=error.message)
                    return is_unchanged(error)
                self._kept.pop(name, None)
        return False

    async def _store(self, bot: ExtBot[int], name: str, draw: Callable[[], Awaitable[bytes]]) -> str | None:
        if self._chat is None:
            return None
        try:
            kept = await bot.send_photo(self._chat, InputFile(await draw(), filename="qr.png"))
        except (BadRequest, Forbidden) as error:
            log.warning("storage_chat", reason=error.message, hint="STORAGE_CHAT: may the bot write there?")
            return None
        if not kept.photo:
            log.warning("storage_chat", reason="no file is said", hint="STORAGE_CHAT: does this server keep pictures?")
            return None
        file_id = self._kept[name] = kept.photo[-1].file_id
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return file_id
