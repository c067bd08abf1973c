"""Modules to pixels, as tones of ink: 0 is paper, INK is full ink. All numpy, nothing per module."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.qr.modules import QUIET_ZONE
from bot.qr.style import Shape

INK = 15  # tones fit in four bits, so that PNGs stay small
SIDE_MAX = 824  # pixels; Telegram shrinks beyond 1,280, and the caption needs up to 0.55 of the width below
BOX_MAX = 16  # a multiple of 8 compresses best
BOX_MIN = 4
OVERSAMPLING = 8

# Shares of half a module. Rounder ones look like beads, and are the first that OpenCV loses in blur and small pictures.
CORNER_RADIUS = 0.6
FILLET_RADIUS = 0.5
CORNER = 7  # modules of each side of the three squares in the corners

Tones = NDArray[np.uint8]


def box_size(modules_per_side: int) -> int:
    """Pixels for each module: even, so that shrinking by half keeps edges sharp."""
    box = SIDE_MAX // (modules_per_side + 2 * QUIET_ZONE) // 2 * 2
    return max(BOX_MIN, min(BOX_MAX, box))


def draw(square: NDArray[np.bool_], *, box: int, shape: Shape) -> Tones:
    """The code with its quiet zone."""
    framed = np.pad(square, QUIET_ZONE)
    if shape is Shape.SQUARE:
        return np.repeat(np.repeat(framed.astype(np.uint8) * INK, box, axis=0), box, axis=1)
    return _rounded(framed, box)


def _rounded(framed: NDArray[np.bool_], box: int) -> Tones:
    """Every quarter of a module is full, empty, a round corner, or the fillet of an inner corner."""
    padded = np.pad(framed, 1)
    side = len(framed)
    quarters = np.empty((side, 2, side, 2), dtype=np.intp)
    dark = framed
    soft = _soft(side)
    for down in (0, 1):
        for right in (0, 1):
            vertical = padded[2 * down : 2 * down + side, 1:-1]
            horizontal = padded[1:-1, 2 * right : 2 * right + side]
            diagonal = padded[2 * down : 2 * down + side, 2 * right : 2 * right + side]
            corner = soft & dark & ~vertical & ~horizontal
            fillet = soft & ~dark & vertical & horizontal & diagonal
            kind = np.where(corner, 2, np.where(fillet, 3, dark.astype(np.intp)))
            quarters[:, down, :, right] = kind * 4 + down * 2 + right
    tiles = _tiles(box // 2)[quarters.reshape(2 * side, 2 * side)]
    return np.ascontiguousarray(tiles.transpose(0, 2, 1, 3).reshape(side * box, side * box))


@lru_cache(maxsize=8)
def _soft(side: int) -> NDArray[np.bool_]:
    """Where modules are rounded: not in the three corners, whose sharp edges tell readers where the code is."""
    soft = np.ones((side, side), dtype=bool)
    first, last = slice(QUIET_ZONE, QUIET_ZONE + CORNER), slice(-QUIET_ZONE - CORNER, -QUIET_ZONE)
    for rows, columns in ((first, first), (first, last), (last, first)):
        soft[rows, columns] = False
    return soft


@lru_cache(maxsize=8)
def _tiles(half: int) -> Tones:
    """Sixteen tiles of half x half: empty, full, corner, fillet; each for the four quarters of a module."""
    fine = (np.arange(half * OVERSAMPLING) + 0.5) / (half * OVERSAMPLING)
    away = 1 - fine  # distance from the middle of the module, for the top left quarter
    beyond = np.clip(away - (1 - CORNER_RADIUS), 0, None)
    corner = _shrunk(beyond[:, None] ** 2 + beyond[None, :] ** 2 <= CORNER_RADIUS**2, half)
    near = np.clip(FILLET_RADIUS - fine, 0, None)
    fillet = _shrunk(near[:, None] ** 2 + near[None, :] ** 2 > FILLET_RADIUS**2, half)
    empty = np.zeros((half, half), dtype=np.uint8)
    tiles = [np.stack(_turned(tile)) for tile in (empty, empty + INK, corner, fillet)]
    return np.concatenate(tiles)


def _shrunk(fine: NDArray[np.bool_], half: int) -> Tones:
    shares = fine.reshape(half, OVERSAMPLING, half, OVERSAMPLING).mean(axis=(1, 3))
    tones: Tones = np.rint(shares * INK).astype(np.uint8)
    return tones


def _turned(tile: Tones) -> tuple[Tones, Tones, Tones, Tones]:
    return tile, tile[:, ::-1], tile[::-1], tile[::-1, ::-1]
