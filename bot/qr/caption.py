"""The lines under a code: payee, amount, memo and what to do, centred, each as large as it has room."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from bot.qr.draw import INK, Tones
from bot.qr.fonts import JOINERS, joins
from bot.qr.line import cleaned, fitting, runs, shortened, width, write

SIDE_MARGIN = 0.06  # of the width
LEADING = 1.45
MEMO_TONE = INK * 4 // 5
HINT_TONE = INK * 2 // 3
HINT_GAP = 40  # parts of the width
TITLE_LINES_MAX = MEMO_LINES_MAX = 2
THIN_SPACE = "\u2009"  # between groups of digits


@dataclass(frozen=True)
class Line:
    """A text that fits, and how it is set."""

    text: str
    size: int
    bold: bool
    tone: int
    gap: int = 0  # above it

    @property
    def height(self) -> int:
        """With what it keeps away from the next."""
        return self.gap + round(self.size * LEADING)


def caption(*, width: int, title: str, amount: str | None, memo: str | None, hint: str | None = None) -> Tones:
    """The lines as tones, as wide as the code."""
    return _drawn(set_lines(width=width, title=title, amount=amount, memo=memo, hint=hint), width)


def set_lines(*, width: int, title: str, amount: str | None, memo: str | None, hint: str | None = None) -> list[Line]:
    """The lines that fit into a width."""
    room = width * (1 - 2 * SIDE_MARGIN)
    lines: list[Line] = []
    if title := cleaned(title):
        lines += _title(title, (width // 17, width // 20, width // 23), room)
    if amount := THIN_SPACE.join(map(cleaned, (amount or "").split(THIN_SPACE))):
        lines.append(_one(amount, (width // 10, width // 13, width // 17, width // 23), room, bold=True))
    if memo := cleaned(memo or ""):
        lines += _several(memo, width // 24, room, count_max=MEMO_LINES_MAX, tone=MEMO_TONE)
    if hint := cleaned(hint or ""):
        line = _one(hint, (width // 27, width // 31, width // 36), room, bold=False, tone=HINT_TONE)
        lines.append(replace(line, gap=width // HINT_GAP))
    return lines


def fitted(steps: str, hint: str | None, *, width: int) -> list[Line]:
    """A bold line, and a paler one below, of a sheet."""
    room = width * (1 - 2 * SIDE_MARGIN)
    lines = []
    if steps := cleaned(steps):
        lines.append(_one(steps, tuple(width // parts for parts in (12, 14, 16, 18, 22, 26)), room, bold=True))
    if hint := cleaned(hint or ""):
        lines.append(_one(hint, tuple(width // parts for parts in (22, 25, 28, 32)), room, bold=False, tone=HINT_TONE))
    return lines


def _title(text: str, sizes: tuple[int, ...], room: float) -> list[Line]:
    """In one line at the largest size that has room; else in two; else in two, shortened."""
    for size in sizes[:-1]:
        if width(runs(text, bold=True), size) <= room:
            return [Line(text, size, True, INK)]
    for size in sizes[1:]:
        lines = _several(text, size, room, count_max=TITLE_LINES_MAX, bold=True)
        if "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", ""):
            return lines
    return lines


def _one(text: str, sizes: tuple[int, ...], room: float, *, bold: bool, tone: int = INK) -> Line:
    """The largest size that has room for all of it; else the smallest, shortened."""
    for size in sizes:
        if width(runs(text, bold=bold), size) <= room:
            return Line(text, size, bold, tone)
    return Line(shortened(text, size=sizes[-1], room=room, bold=bold), sizes[-1], bold, tone)


def _several(text: str, size: int, room: float, *, count_max: int, bold: bool = False, tone: int = INK) -> list[Line]:
    whole, lines = text, list[str]()
    while text and len(lines) < count_max - 1 and width(runs(text, bold=bold), size) > room:
        count = fitting(text, size=size, room=room, bold=bold)
        space = text.rfind(" ", 0, count + 1)
        count = space if space > count // 3 else count
        lines.append(text[:count].strip())
        text = text[count:].strip()
    lines.append(shortened(text, size=size, room=room, bold=bold))
    if len(lines) == 2 and lines[1] == text:
        lines = _balanced(whole, size, bold=bold)
    return [Line(line, size, bold, tone) for line in lines]


def _balanced(text: str, size: int, *, bold: bool) -> list[str]:
    """Two lines of about one length; between words, if there are any."""
    places = [at for at in range(1, len(text)) if text[at] == " "] or [
        at for at in range(1, len(text)) if not joins(text[at]) and text[at - 1] not in JOINERS
    ]
    parts = [[text[:at].rstrip(), text[at:].lstrip()] for at in places]
    return min(parts, key=lambda halves: max(width(runs(half, bold=bold), size) for half in halves))


def _drawn(lines: list[Line], across: int) -> Tones:
    steps = [line.height for line in lines]
    margin = round(across * SIDE_MARGIN)
    picture = Image.new("L", (across, sum(steps) + margin if lines else 0))
    pen = ImageDraw.Draw(picture)
    top = 0.0
    for line, step in zip(lines, steps, strict=True):
        parts = runs(line.text, bold=line.bold)
        left = (across - width(parts, line.size)) / 2
        write(pen, parts, x=left, baseline=top + line.gap + line.size, size=line.size, tone=line.tone)
        top += step
    return np.asarray(picture)
