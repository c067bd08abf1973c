"""QR codes: text to PNG and photo to text. Importing this is cheap; libraries come with the first picture.

Both functions are pure and slow for an event loop (5 to 300 ms): call them through an executor.
"""

from bot.qr.kinds import Kind, kind_of
from bot.qr.reading import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading, UnreadablePicture
from bot.qr.style import PLAIN, Shape, Style

__all__ = [
    "PLAIN",
    "DamagedPicture",
    "Kind",
    "NoCode",
    "NotAPicture",
    "PictureTooBig",
    "Reading",
    "Shape",
    "Style",
    "UnreadablePicture",
    "kind_of",
    "qr_png",
    "read_qr",
]


def qr_png(link: str, *, title: str, amount: str | None, memo: str | None, style: Style = PLAIN) -> bytes:
    """The PNG of a code with the payee, the amount and the memo under it."""
    from bot.qr.encode import qr_png  # numpy and Pillow: 25 MB that an idle bot does without

    return qr_png(link, title=title, amount=amount, memo=memo, style=style)


def read_qr(data: bytes) -> Reading:
    """The texts of the QR codes in a picture; raises an UnreadablePicture."""
    from bot.qr.decode import read_qr  # numpy, Pillow and zxing-cpp, as above

    return read_qr(data)
