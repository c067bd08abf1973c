"""Finder patterns, the squares in three corners of a QR code: where none are, no reader needs to look.

Going through their middle, from whatever side, dark and light follow each other as 1:1:3:1:1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROW_STEP = 2  # every second row is looked at, and every second column
CROSSED_MIN = 9  # pixels through a pattern
CELL = 4  # pixels: how far the middles of the two crossings may lie apart, and twice that at most
PLACES_MAX = 150  # a picture that has more is all texture

Gray = NDArray[np.uint8]
Numbers = NDArray[np.int64]


class Finders(NamedTuple):
    """What looks like finder patterns: how often rows cross some, where some are crossed both ways, how many alike."""

    crossings: int
    places: list[tuple[int, int, int]]  # column, row, pixels through it
    alike: int  # most places of about one size
    box: tuple[float, float, float, float]  # around these: left, top, right, bottom


def finders(light: Gray) -> Finders:
    """The finder patterns of a picture of ones, where it is light, and zeros."""
    across = _crossings(light)
    down = _crossings(light.T)[[1, 0, 2]]
    places = _both(across, down, light.shape)
    if not places:
        return Finders(across.shape[1], places, 0, (0, 0, 0, 0))
    found = np.array(places)
    sizes = found[:, 2]
    likes = (3 * sizes[:, None] <= 4 * sizes) & (3 * sizes <= 4 * sizes[:, None])
    alike = found[likes[np.argmax(likes.sum(axis=1))]]
    size = int(alike[:, 2].max())
    (left, top), (right, bottom) = alike[:, :2].min(axis=0).tolist(), alike[:, :2].max(axis=0).tolist()
    return Finders(across.shape[1], places, len(alike), (left - size, top - size, right + size, bottom + size))


def _crossings(light: Gray) -> Numbers:
    """Column, row and length of each 1:1:3:1:1 along the rows."""
    rows = light[::ROW_STEP]
    width = rows.shape[1] + 1
    line = np.full((len(rows), width), 2, dtype=np.uint8)  # a third tone ends every row
    line[:, :-1] = rows
    line = line.ravel()
    edges = np.flatnonzero(line[1:] != line[:-1]) + 1
    length = np.diff(edges)
    tone = line[edges[:-1]]
    if len(length) < 5:
        return np.empty((3, 0), dtype=np.int64)
    middle = length[2:-2]
    whole = middle + length[:-4] + length[1:-3] + length[3:-1] + length[4:]
    found = np.flatnonzero(
        (tone[2:-2] == 0) & (14 * middle > 5 * whole) & (2 * middle < whole) & (whole >= CROSSED_MIN)
    )
    whole = whole[found]
    fits = np.ones(len(found), dtype=bool)
    for place, wanted in ((0, 0), (1, 1), (3, 1), (4, 0)):
        fits &= (tone[found + place] == wanted) & (np.abs(7 * length[found + place] - whole) * 4 < 3 * whole)
    found = found[fits]
    centre = edges[found + 2] + length[found + 2] // 2
    return np.stack([centre % width, centre // width * ROW_STEP, whole[fits]]).astype(np.int64)


def _both(across: Numbers, down: Numbers, shape: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """The places that are crossed both ways at about the same length, each once."""
    rows, columns = (side // CELL + 3 for side in shape)
    crossed = np.zeros((rows, columns), dtype=np.int64)  # at which length, in this cell or beside it
    for below in range(3):
        for beside in range(3):
            crossed[down[1] // CELL + below, down[0] // CELL + beside] = down[2]
    there = crossed[across[1] // CELL + 1, across[0] // CELL + 1]
    left = across[:, (there * 7 >= across[2] * 5) & (there * 5 <= across[2] * 7)]
    places: list[tuple[int, int, int]] = []
    while left.shape[1] and len(places) < PLACES_MAX:
        x, y, length = left[:, 0].tolist()
        places.append((x, y, length))
        left = left[:, np.abs(left[0] - x) + np.abs(left[1] - y) > length]
    return places
