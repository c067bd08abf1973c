"""The lines under a code: payee, amount and memo, centred, each as large as it has room."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from bot.qr.draw import INK, Tones
from bot.qr.line import cleaned, fitting, runs, shortened, width, write

SIDE_MARGIN = 0.06  # of the width
LEADING = 1.45
MEMO_TONE = INK * 4 // 5
MEMO_LINES_MAX = 2


@dataclass(frozen=True)
class Line:
    """A text that fits, and how it is set."""

    text: str
    size: int
    bold: bool
    tone: int


def caption(*, width: int, title: str, amount: str | None, memo: str | None) -> Tones:
    """The lines as tones, as wide as the code."""
    room = width * (1 - 2 * SIDE_MARGIN)
    lines: list[Line] = []
    if title := cleaned(title):
        lines.append(_one(title, (width // 17, width // 20, width // 23), room, bold=True))
    if amount := cleaned(amount or ""):
        lines.append(_one(amount, (width // 10, width // 13, width // 17, width // 23), room, bold=True))
    if memo := cleaned(memo or ""):
        lines += _several(memo, width // 24, room)
    return _drawn(lines, width)


def _one(text: str, sizes: tuple[int, ...], room: float, *, bold: bool) -> Line:
    """The largest size that has room for all of it; else the smallest, shortened."""
    for size in sizes:
        if width(runs(text, bold=bold), size) <= room:
            return Line(text, size, bold, INK)
    return Line(shortened(text, size=sizes[-1], room=room, bold=bold), sizes[-1], bold, INK)


def _several(text: str, size: int, room: float) -> list[Line]:
    lines: list[str] = []
    while text and len(lines) < MEMO_LINES_MAX - 1 and width(runs(text), size) > room:
        count = fitting(text, size=size, room=room)
        space = text.rfind(" ", 0, count + 1)
        count = space if space > count // 3 else count
        lines.append(text[:count].strip())
        text = text[count:].strip()
    lines.append(shortened(text, size=size, room=room))
    return [Line(line, size, False, MEMO_TONE) for line in lines]


def _drawn(lines: list[Line], across: int) -> Tones:
    steps = [round(line.size * LEADING) for line in lines]
    margin = round(across * SIDE_MARGIN)
    picture = Image.new("L", (across, sum(steps) + margin if lines else 0))
    pen = ImageDraw.Draw(picture)
    top = 0.0
    for line, step in zip(lines, steps, strict=True):
        parts = runs(line.text, bold=line.bold)
        left = (across - width(parts, line.size)) / 2
        write(pen, parts, x=left, baseline=top + line.size, size=line.size, tone=line.tone)
        top += step
    return np.asarray(picture)
