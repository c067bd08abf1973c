"""Which packaged font has a character, and which characters none has."""

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont, features

FOLDER = Path(__file__).with_name("fonts")
REGULAR, BOLD = "NotoSans", "NotoSans-SemiBold"
EMOJI = "NotoEmoji"
SCRIPTS = (
    *("Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil", "Telugu", "Gujarati", "Gurmukhi", "Kannada"),
    *("Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Armenian", "Georgian", "Ethiopic", "SC", "KR"),
)
FALLBACKS = (*(f"NotoSans{script}" for script in SCRIPTS), EMOJI)  # asked in this order
MISSING = "\ufffd"  # stands for a character that no font has
AS_EMOJI = "\ufe0f"
JOINERS = "\u200c\u200d"
ENGINE = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC


def shapes_scripts() -> bool:
    """Whether the layout engine joins and reorders letters, which Arabic and Indic scripts need."""
    return ENGINE is ImageFont.Layout.RAQM


@lru_cache(maxsize=64)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A packaged font at a size in pixels."""
    return ImageFont.truetype(FOLDER / f"{name}.ttf", size, layout_engine=ENGINE)


@lru_cache(maxsize=4_096)
def font_for(character: str) -> str | None:
    """The name of the font that has a character; None if none has."""
    code = ord(character)
    return next((name for name in (REGULAR, *FALLBACKS) if _has(name, code)), None)


def missing(text: str) -> str:
    """The characters of a text that no packaged font has, each once."""
    return "".join(dict.fromkeys(c for c in text if font_for(c) is None and not joins(c) and not c.isspace()))


def joins(character: str) -> bool:
    """Whether a character only changes its neighbours: it is set in their font."""
    return character in JOINERS or character == AS_EMOJI or unicodedata.category(character) in ("Mn", "Me", "Mc")


def _has(name: str, code: int) -> bool:
    starts, ends = _coverage(name)
    place = int(np.searchsorted(starts, code, side="right")) - 1
    return place >= 0 and code <= int(ends[place])


@lru_cache
def _coverage(name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """First and last code points of the groups in a font's cmap (OpenType, format 12: the only one packaged)."""
    data = (FOLDER / f"{name}.ttf").read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    for entry in range(12, 12 + 16 * tables, 16):
        if data[entry : entry + 4] == b"cmap":
            cmap = struct.unpack_from(">I", data, entry + 8)[0]
            break
    for record in range(cmap + 4, cmap + 4 + 8 * struct.unpack_from(">H", data, cmap + 2)[0], 8):
        subtable = cmap + struct.unpack_from(">I", data, record + 4)[0]
        if struct.unpack_from(">H", data, subtable)[0] == 12:
            count = struct.unpack_from(">I", data, subtable + 12)[0]
            groups = np.frombuffer(data, ">u4", count * 3, subtable + 16).reshape(count, 3)
            return groups[:, 0].astype(np.uint32), groups[:, 1].astype(np.uint32)
    raise AssertionError(f"{name} has no cmap of format 12")
