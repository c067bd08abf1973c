"""QR codes: text to PNG and photo to text. Importing this is cheap; libraries come with the first picture.

The functions are pure and slow for an event loop (5 to 300 ms): call them through an executor.
"""

from bot.qr.kinds import Kind, kind_of
from bot.qr.reading import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Reading, UnreadablePicture
from bot.qr.style import LOGO_BYTES_MAX, PLAIN, Paper, Shape, Style
from bot.qr.transfer import Transfer

__all__ = [
    "LOGO_BYTES_MAX",
    "PLAIN",
    "DamagedPicture",
    "Kind",
    "NoCode",
    "NotAPicture",
    "Paper",
    "PictureTooBig",
    "Reading",
    "Shape",
    "Style",
    "Transfer",
    "UnreadablePicture",
    "check_logo",
    "epc_png",
    "kind_of",
    "missing_glyphs",
    "qr_pdf",
    "qr_png",
    "read_qr",
    "shapes_scripts",
]


def qr_png(
    link: str,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None = None,
    stamp: str | None = None,
    style: Style = PLAIN,
) -> bytes:
    """The PNG of a code with the payee, the amount, the memo and what to do under it; stamped, it cannot be scanned."""
    from bot.qr.encode import qr_png  # numpy and Pillow: 25 MB that an idle bot does without

    return qr_png(link, title=title, amount=amount, memo=memo, hint=hint, stamp=stamp, style=style)


def epc_png(
    transfer: Transfer,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None = None,
    style: Style = PLAIN,
) -> bytes:
    """The PNG of a code that banking apps scan: a transfer, filled in."""
    from bot.qr.epc import epc_png  # as above

    return epc_png(transfer, title=title, amount=amount, memo=memo, hint=hint, style=style)


def read_qr(data: bytes) -> Reading:
    """The texts of the QR codes in a picture; raises an UnreadablePicture."""
    from bot.qr.decode import read_qr  # numpy, Pillow and zxing-cpp, as above

    return read_qr(data)


def qr_pdf(
    link: str,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None = None,
    headline: str = "",
    steps: str = "",
    paper: Paper,
    style: Style = PLAIN,
) -> bytes:
    """The same as a page to print."""
    from bot.qr.sheet import qr_pdf  # as above

    words = {"title": title, "headline": headline, "steps": steps}
    return qr_pdf(link, amount=amount, memo=memo, hint=hint, paper=paper, style=style, **words)


def missing_glyphs(text: str) -> str:
    """The characters of a name or memo that no packaged font has: a picture shows \ufffd for each."""
    from bot.qr.fonts import missing  # as above

    return missing(text)


def shapes_scripts() -> bool:
    """Whether Arabic and Indic letters are joined: Pillow needs the system's libfribidi for it."""
    from bot.qr.fonts import shapes_scripts  # as above

    return shapes_scripts()


def check_logo(logo: bytes) -> None:
    """Raises ValueError, with the reason, for a logo that cannot be put into codes."""
    from bot.qr.logo import checked  # as above

    checked(logo).load()
