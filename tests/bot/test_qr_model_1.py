"""A symbol of the first model (JIS X 0510:1999, ISO/IEC 18004:2000 annex M) is read as the usual second one is."""

import io

import numpy as np
import pytest
from PIL import Image

from bot.qr import read_qr

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"
SIDE, DATA, CHECKS = 29, 57, 15  # version 3 at level L
LEVEL_L, FORMAT_MASK = 0b01, 0x2825  # model 2 has 0x5412 here
MASKS = (
    lambda x, y: (x + y) % 2 == 0,
    lambda x, y: y % 2 == 0,
    lambda x, y: x % 3 == 0,
    lambda x, y: (x + y) % 3 == 0,
    lambda x, y: (y // 2 + x // 3) % 2 == 0,
    lambda x, y: x * y % 2 + x * y % 3 == 0,
    lambda x, y: (x * y % 2 + x * y % 3) % 2 == 0,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2 == 0,
)


def _times(one: int, other: int) -> int:
    """In the field of 256 elements whose polynomial is x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


def _checks(data: bytes) -> bytes:
    """The Reed-Solomon code words of a block."""
    generator, root = [1], 1
    for _ in range(CHECKS):
        shifted = [0, *(_times(each, root) for each in generator)]
        generator = [one ^ other for one, other in zip([*generator, 0], shifted, strict=True)]
        root = _times(root, 2)
    rest = [*data, *bytes(CHECKS)]
    for at in range(len(data)):
        for offset, factor in enumerate(generator):
            rest[at + offset] ^= _times(factor, rest[at]) if offset else 0
    return bytes(rest[len(data) :])


def _words(text: str) -> bytes:
    """Four bits of nothing (the corner has no room for them), then bytes as in model 2."""
    said = text.encode()
    bits = f"0000{0b0100:04b}{len(said):08b}" + "".join(f"{byte:08b}" for byte in said) + "0000"
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8)
    data += bytes((0xEC, 0x11))[: DATA - len(data)] * DATA
    return data[:DATA] + _checks(data[:DATA])


def _places() -> list[list[tuple[int, int]]]:
    """Where the eight bits of each code word are: upright blocks right and left, lying ones between."""
    places, columns = [], SIDE // 4 + 3
    for column in range(columns):
        if column < 2:
            rows = (SIDE - 8) // 4
            for row in range(rows):
                if column or row % 2 or row in (0, rows - 1):  # else an extension pattern
                    places.append(_block(SIDE - 1 - 2 * column, SIDE - 1 - 4 * row, width=2))
        elif columns - column <= 4:
            x = 2 * (columns - column - 1) + 1 + (columns - column == 4)
            places += [_block(x, SIDE - 9 - 4 * row, width=2) for row in range((SIDE - 16) // 4)]
        else:
            for row in range(SIDE // 2):
                is_extension = row == 0 and column % 2 == 1 and column + 1 != columns - 4
                is_corner = column == 2 and row >= SIDE // 2 - 4
                if not is_extension and not is_corner:
                    y = SIDE - 1 - 2 * row - (row >= SIDE // 2 - 3)
                    places.append(_block(SIDE - 5 - 4 * (column - 2), y, width=4))
    return places


def _block(x: int, y: int, *, width: int) -> list[tuple[int, int]]:
    return [(x - bit % width, y - bit // width) for bit in range(8)]


def _format(mask: int) -> int:
    bits = rest = (LEVEL_L << 3 | mask) << 10
    for shift in range(4, -1, -1):
        rest ^= 0x537 << shift if rest >> (shift + 10) & 1 else 0
    return (bits | rest) ^ FORMAT_MASK


def model_1(text: str, mask: int) -> Image.Image:
    """The symbol, ten pixels a module."""
    dark = np.zeros((SIDE, SIDE), dtype=bool)
    dark[6, ::2] = dark[::2, 6] = True
    for x, y in ((0, 0), (SIDE - 7, 0), (0, SIDE - 7)):
        dark[max(0, y - 1) : y + 8, max(0, x - 1) : x + 8] = False
        dark[y : y + 7, x : x + 7] = True
        dark[y + 1 : y + 6, x + 1 : x + 6] = False
        dark[y + 2 : y + 5, x + 2 : x + 5] = True
    for word, place in zip(_words(text), _places(), strict=True):
        for bit, (x, y) in enumerate(place):
            dark[y, x] = bool(word >> (7 - bit) & 1) != MASKS[mask](x, y)
    dark[SIDE - 2 :, SIDE - 2 :] = True  # the corner of the extension patterns
    ways = [(x, 8) for x in (*range(6), 7, 8)] + [(8, y) for y in (7, *range(5, -1, -1))]
    others = [(8, SIDE - 1 - at) for at in range(7)] + [(SIDE - 8 + at, 8) for at in range(8)]
    for way in (ways, others):
        for bit, (x, y) in enumerate(way):
            dark[y, x] = bool(_format(mask) >> (14 - bit) & 1)
    modules = np.pad(np.where(dark, 0, 255).astype(np.uint8), 4, constant_values=255)
    return Image.fromarray(modules.repeat(10, axis=0).repeat(10, axis=1))


@pytest.mark.parametrize("mask", range(len(MASKS)))
def test_a_code_of_model_1_is_read(mask: int) -> None:
    file = io.BytesIO()
    model_1(LINK, mask).save(file, "JPEG", quality=87)
    assert read_qr(file.getvalue()).texts == (LINK,)
