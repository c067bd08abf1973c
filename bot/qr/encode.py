"""From a link to the picture that people scan."""

import numpy as np

from bot.qr.caption import caption
from bot.qr.draw import INK, box_size, draw
from bot.qr.modules import Level, modules
from bot.qr.png import png
from bot.qr.style import PLAIN, Style


def qr_png(link: str, *, title: str, amount: str | None, memo: str | None, style: Style = PLAIN) -> bytes:
    """The PNG of a code with the payee, the amount and the memo under it.

    Level Q reads best, over blur, tilt, noise and recompression; a logo needs level H.
    """
    square = modules(link, Level.H if style.logo else Level.Q)
    box = box_size(len(square))
    code = draw(square, box=box, shape=style.shape)
    text = caption(width=code.shape[1], title=title, amount=amount, memo=memo)
    return png(np.concatenate((code, text)), ramp(style.ink_rgb))


def ramp(ink: tuple[int, int, int]) -> bytes:
    """A palette from white paper to full ink, one colour for each tone."""
    tones = np.arange(INK + 1)[:, None] / INK
    return bytes(np.rint(255 + (np.array(ink) - 255) * tones).astype(np.uint8).tobytes())
