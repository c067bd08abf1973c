"""Dark shapes as polygons: what a printer draws sharp at any size. Holes are polygons too (the even-odd rule)."""

from collections import defaultdict
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bot.qr.draw import INK
from bot.qr.line import runs, width, write

Point = tuple[int, int]
Polygon = list[Point]
LETTER_SIZE = 160  # pixels; at 20 mm half of one is 0.06 mm
LETTER_OFF = 0.75  # pixels that a polygon may be off the steps of the pixels


def outlines(dark: NDArray[np.bool_], *, off: float = 0) -> list[Polygon]:
    """Polygons around the dark pixels; with `off` up to so many pixels beside their steps."""
    framed = np.pad(dark, 1)
    inner = framed[1:-1, 1:-1]
    following: dict[Point, list[Point]] = defaultdict(list)
    for neighbour, start, end in (
        (framed[:-2, 1:-1], (0, 0), (1, 0)),
        (framed[2:, 1:-1], (1, 1), (0, 1)),
        (framed[1:-1, :-2], (0, 1), (0, 0)),
        (framed[1:-1, 2:], (1, 0), (1, 1)),
    ):
        for y, x in np.argwhere(inner & ~neighbour).tolist():
            following[x + start[0], y + start[1]].append((x + end[0], y + end[1]))
    found = []
    while following:
        found.append(_corners(_loop(following), off))
    return found


def _loop(following: dict[Point, list[Point]]) -> Polygon:
    first = at = next(iter(following))
    loop = []
    while True:
        loop.append(at)
        ends = following[at]
        next_at = ends.pop()
        if not ends:
            del following[at]
        at = next_at
        if at == first:
            return loop


def _corners(loop: Polygon, off: float) -> Polygon:
    corners = [
        at
        for before, at, after in zip([loop[-1], *loop[:-1]], loop, [*loop[1:], loop[0]], strict=True)
        if (after[0] - before[0]) * (after[1] - before[1]) != 0
    ]
    if not off:
        return corners
    points = np.array([*corners, corners[0]], dtype=float)
    far = int(np.argmax(np.abs(points - points[0]).sum(axis=1)))
    kept = {0, far}
    parts = [(0, far), (far, len(points) - 1)]
    while parts:  # Douglas and Peucker
        first, last = parts.pop()
        if last - first < 2:
            continue
        along = points[last] - points[first]
        beside = points[first + 1 : last] - points[first]
        away = np.abs(along[0] * beside[:, 1] - along[1] * beside[:, 0]) / max(1e-9, float(np.hypot(*along)))
        place = first + 1 + int(np.argmax(away))
        if away[place - first - 1] > off:
            kept.add(place)
            parts += [(first, place), (place, last)]
    return [corners[place] for place in sorted(kept) if place < len(corners)]


@lru_cache(maxsize=64)
def letters(text: str, *, bold: bool) -> tuple[tuple[Polygon, ...], float]:
    """A cleaned line at LETTER_SIZE from the left end of its baseline, downwards positive; and its width."""
    line = runs(text, bold=bold)
    across, edge = width(line, LETTER_SIZE), LETTER_SIZE
    page = Image.new("L", (int(across) + 2 * edge, 3 * edge))
    write(ImageDraw.Draw(page), line, x=edge, baseline=2 * edge, size=LETTER_SIZE, tone=INK)
    found = outlines(np.asarray(page) > INK // 2, off=LETTER_OFF)
    return tuple([(x - edge, y - 2 * edge) for x, y in polygon] for polygon in found), across
