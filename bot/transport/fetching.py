"""Files that people send: fetched from Telegram, or it is said that they cannot be.

What is raised of a picture is `PictureLost` or `PictureTooBig`; of another file whatever is given instead.
"""

from __future__ import annotations

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.qr import PictureTooBig
from bot.transport.client import BODY_BYTES_MAX
from bot.words.mistakes import PictureLost

log = get_log(__name__)


async def fetched(
    bot: ExtBot[int],
    file_id: str,
    *,
    bytes_max: int = BODY_BYTES_MAX,
    lost: Exception | None = None,
    too_big: Exception | None = None,
) -> bytes:
    """The file, asked for only if it does not say that it is too big.

    What may work the next time is raised as it is. Raises PictureLost, PictureTooBig, or what is given.
    """
    lost = lost or PictureLost()
    try:
        file = await bot.get_file(file_id)
        if (file.file_size or 0) > bytes_max:
            raise too_big or PictureTooBig(byte_count=file.file_size or 0)
        if not file.file_path:  # which a server may leave out
            log.warning("not_fetched", error="no path")
            raise lost
        data = await file.download_as_bytearray()
    except (BadRequest, Forbidden, InvalidToken) as error:
        if "too big" in error.message.lower():
            raise too_big or PictureTooBig(byte_count=0) from error
        log.warning("not_fetched", error=type(error).__name__)
        raise lost from error
    except (NetworkError, RetryAfter):
        raise
    except (TelegramError, LookupError, TypeError) as error:  # a page of some machine on the way
        log.warning("not_fetched", error=type(error).__name__)
        raise lost from error
    if file.file_size is not None and len(data) != file.file_size:  # such a page as the file
        log.warning("not_fetched", byte_count=len(data), expected=file.file_size)
        raise lost
    return bytes(data)
