"""From a link to the picture that people scan."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.qr import logo, masks
from bot.qr.caption import caption
from bot.qr.draw import INK, Tones, box_size, draw
from bot.qr.modules import Level, modules
from bot.qr.png import png
from bot.qr.stamp import stamped
from bot.qr.style import PLAIN, Style


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
    """The PNG of a code with the payee, the amount, the memo and what to do under it; no side above 1,280 pixels.

    One with a stamp cannot be scanned.
    """
    if stamp is not None:
        style = replace(style, logo=None)  # it would look out from under the stamp
    square = code_for(link, style)
    return labelled(square, style, title=title, amount=amount, memo=memo, hint=hint, stamp=stamp)


def labelled(
    square: NDArray[np.bool_],
    style: Style,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None,
    stamp: str | None = None,
) -> bytes:
    """The PNG of the modules of a code with the lines under it."""
    code, palette = coloured(square, style, box=box_size(len(square)))
    if stamp is not None:
        code = stamped(code, stamp)
    text = caption(width=code.shape[1], title=title, amount=amount, memo=memo, hint=hint)
    return png(np.concatenate((code, text)), palette)


def code_for(link: str, style: Style) -> NDArray[np.bool_]:
    """The modules of a link, less the room for a logo.

    Level Q reads best, over blur, tilt, noise and recompression; a logo needs level H.
    """
    squares = modules(link, Level.H if style.logo else Level.Q)
    if style.logo is not None:
        hole = logo.hole_for(squares.shape[1], style.logo)
        squares[:, hole.rows, hole.columns] = False
    square: NDArray[np.bool_] = squares[masks.best(squares)]
    return square


def coloured(square: NDArray[np.bool_], style: Style, *, box: int) -> tuple[Tones, bytes]:
    """The code in pixels with its quiet zone, and the palette of its colours."""
    palette = ramp(style.ink_rgb)
    if style.logo is None:
        return draw(square, box=box, shape=style.shape), palette
    code = draw(square, box=box, shape=style.shape)
    across, down = logo.hole_for(len(square), style.logo).room
    return code, palette + logo.put(code, style.logo, room=(int(across * box), int(down * box)))


def ramp(ink: tuple[int, int, int]) -> bytes:
    """A palette from white paper to full ink, one colour for each tone."""
    tones = np.arange(INK + 1)[:, None] / INK
    return bytes(np.rint(255 + (np.array(ink) - 255) * tones).astype(np.uint8).tobytes())
