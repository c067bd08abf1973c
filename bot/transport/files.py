"""Files that people send, as Telegram hands them out."""

from __future__ import annotations

from telegram.error import BadRequest, Forbidden, InvalidToken
from telegram.ext import ExtBot

from bot.words.mistakes import PictureNotFetched


async def fetch(bot: ExtBot[int], file_id: str) -> bytes:
    """The bytes of a file. Raises PictureNotFetched when Telegram says that it does not give it."""
    try:
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())
    except (BadRequest, Forbidden, InvalidToken) as error:  # 400, 403, 401 and 404: asking again changes nothing
        raise PictureNotFetched from error
