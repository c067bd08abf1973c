"""One line of text in whatever scripts it has: runs of one font and one direction, in the order they are seen."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from PIL import ImageDraw, ImageFont

from bot.qr.fonts import AS_EMOJI, BOLD, EMOJI, ENGINE, FALLBACKS, JOINERS, MISSING, REGULAR, font, font_for, joins

TEXT_LENGTH_MAX = 300  # characters; a caption shows fewer
ELLIPSIS = "…"
BOLDER = 0.018  # of the size, on each side of a stroke: as much as Noto Sans SemiBold has more than the regular one
RIGHT_TO_LEFT = frozenset(("R", "AL"))
NUMBERS = frozenset(("EN", "AN"))
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
WITHOUT_MARKS = dict.fromkeys((0x200E, 0x200F, 0x61C, *range(0x2066, 0x206A)))  # of direction: they take no room
CLUSTER = re.compile(r".[\u0591-\u05c7\u064b-\u065f\u0670]*", re.DOTALL)  # a letter with its points


@dataclass(frozen=True)
class Run:
    """Neighbouring characters of one font; an odd level is read from the right."""

    text: str
    font_name: str
    level: int
    is_bolder: bool = False  # its font has no bold face: the outline makes it one

    def face(self, size: int) -> ImageFont.FreeTypeFont:
        """The font at a size in pixels."""
        return font(self.font_name, size)

    @property
    def shown(self) -> str:
        """The text as the layout engine wants it: the basic one (no libfribidi here) sets all from the left."""
        if ENGINE is ImageFont.Layout.BASIC and self.level % 2:
            return "".join(reversed(CLUSTER.findall(self.text.translate(MIRRORED))))
        return self.text

    @property
    def direction(self) -> str | None:
        """What the layout engine is told; the basic one cannot be told anything."""
        if ENGINE is ImageFont.Layout.BASIC:
            return None
        return "rtl" if self.level % 2 else "ltr"


def cleaned(text: str) -> str:
    """One line without control characters, which could turn a name around, and not endlessly long."""
    text = text.translate(WITHOUT_MARKS)
    kept = (c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") or c in JOINERS else " " for c in text)
    return " ".join("".join(kept).split())[:TEXT_LENGTH_MAX]


@lru_cache(maxsize=256)
def runs(text: str, *, bold: bool = False) -> tuple[Run, ...]:
    """The runs of a cleaned line from left to right."""
    if not text:
        return ()
    shown = "".join(c if font_for(c) or joins(c) else MISSING for c in text)
    names = _fonts(shown, BOLD if bold else REGULAR)
    levels = _levels(shown)
    logical = []
    for (name, level), group in groupby(zip(names, levels, shown, strict=True), key=lambda place: place[:2]):
        logical.append(Run("".join(place[2] for place in group), name, level, bold and name in FALLBACKS[:-1]))
    return tuple(_visual(logical))


def width(line: tuple[Run, ...], size: int) -> float:
    """How wide a line is, in pixels."""
    return sum(_advance(run, size) for run in line)


@lru_cache(maxsize=256)
def _advance(run: Run, size: int) -> float:
    return float(run.face(size).getlength(run.shown, direction=run.direction))


def write(pen: ImageDraw.ImageDraw, line: tuple[Run, ...], *, x: float, baseline: float, size: int, tone: int) -> None:
    """Draws a line with its left end and its baseline at a point."""
    for run in line:
        face = run.face(size)
        stroke = size * BOLDER if run.is_bolder else 0
        pen.text(
            (x, baseline), run.shown, fill=tone, font=face, anchor="ls", direction=run.direction, stroke_width=stroke
        )
        x += _advance(run, size)


def shortened(text: str, *, size: int, room: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as has room, up to a word if that costs little, and an ellipsis."""
    if width(runs(text, bold=bold), size) <= room:
        return text
    head = text[: fitting(text, size=size, room=room, bold=bold, tail=ELLIPSIS)]
    space = head.rfind(" ")
    if space > len(head) * 2 / 3:
        head = head[:space]
    return head.rstrip(" ,.;:-–") + ELLIPSIS


def fitting(text: str, *, size: int, room: float, bold: bool = False, tail: str = "") -> int:
    """How many characters fit, without cutting one from its accents; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(runs(text[:middle] + tail, bold=bold), size) <= room:
            low = middle
        else:
            high = middle - 1
    while 1 < low < len(text) and (joins(text[low]) or text[low - 1] in JOINERS):
        low -= 1
    return low


def _fonts(text: str, usual: str) -> list[str]:
    names: list[str] = []
    for place, character in enumerate(text):
        following = text[place + 1 : place + 2]
        name = font_for(character)
        if names and (joins(character) or (character == " " and names[-1] != EMOJI)):
            name = names[-1]
        elif following == AS_EMOJI and font_for(character) is not None:
            name = EMOJI
        names.append(usual if name in (None, REGULAR) else str(name))
    return names


def _levels(text: str) -> list[int]:
    """Embedding levels, the part of the bidirectional algorithm (UAX 9) that a line without embeddings needs."""
    kinds = [unicodedata.bidirectional(c) for c in text]
    for place, kind in enumerate(kinds):
        if kind == "ET" and "EN" in kinds[max(0, place - 1) : place + 2]:
            kinds[place] = "EN"  # a currency's sign belongs to its number
        elif text[place] == "@" and kinds[place + 1 : place + 2] == ["L"]:
            kinds[place] = "L"  # and this to the name that it begins
    strong = [kind for kind in kinds if kind == "L" or kind in RIGHT_TO_LEFT]
    base = 1 if strong and strong[0] != "L" else 0
    levels: list[int | None] = []
    last = base
    for kind in kinds:
        if kind == "L":
            last = 0
            levels.append(2 * base)
        elif kind in RIGHT_TO_LEFT:
            last = 1
            levels.append(1)
        elif kind in NUMBERS:
            levels.append(2 if last or base else 0)
        elif kind == "NSM" and levels:
            levels.append(levels[-1])
        else:
            levels.append(None)
    return _neutrals_resolved(levels, base)


def _neutrals_resolved(levels: list[int | None], base: int) -> list[int]:
    """Spaces and marks between two sides of one direction take it, others that of the line (rules N1 and N2)."""
    resolved: list[int] = []
    place = 0
    for level, group in groupby(levels):
        count = len(list(group))
        if level is None:
            before = resolved[-1] if resolved else base
            after = levels[place + count] if place + count < len(levels) else base
            resolved += [_between(before, after, base)] * count
        else:
            resolved += [level] * count
        place += count
    return resolved


def _between(before: int, after: int | None, base: int) -> int:
    if after is None or bool(before) != bool(after):
        return base
    return before if before == after else 1


def _visual(logical: list[Run]) -> list[Run]:
    """From the highest level down, what is at least that high is turned around (rule L2)."""
    line = list(logical)
    for level in range(max(run.level for run in line), 0, -1):
        turned: list[Run] = []
        for high, group in groupby(line, key=lambda run: run.level >= level):
            part = list(group)
            turned += reversed(part) if high else part
        line = turned
    return line
