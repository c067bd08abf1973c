"""Picture files without what does not draw: text, thumbnails, colour profiles and EXIF never stop a picture.

What is kept is what Pillow is shown. Of the rest only the orientation counts, if it can be read.
"""

import struct
from collections.abc import Iterator

from PIL import Image

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
ORIENTATION = 0x0112  # EXIF's tag
UPRIGHT = 1
EXIF_BYTES_MAX = 1_000_000
SEGMENTS_MAX = 10_000

_PNG_DRAWS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_WEBP_DRAWS = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_WEBP_METADATA = 0b0010_1100  # flags of VP8X: colour profile, EXIF, XMP
_EXIF_BEGINS = b"Exif\0\0"


def is_picture(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG, PNG or WebP does."""
    return data.startswith((JPEG, PNG)) or _is_webp(data)


def drawn(data: bytes) -> tuple[bytes, int]:
    """The file with only what draws, and EXIF's orientation, 1 to 8."""
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(JPEG):
        return _jpeg(data)
    return _webp(data) if _is_webp(data) else (data, UPRIGHT)


def _is_webp(data: bytes) -> bool:
    return (data[:4], data[8:12]) == (b"RIFF", b"WEBP")


def _png(data: bytes) -> tuple[bytes, int]:
    kept, exif, place = [PNG], b"", len(PNG)
    for _ in range(SEGMENTS_MAX):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, end = data[place + 4 : place + 8], place + 12 + length
        if kind in _PNG_DRAWS:
            kept.append(data[place:end])
        elif kind == b"eXIf":
            exif = data[place + 8 : end - 4]
        place = end
        if kind == b"IEND" or place >= len(data):
            return b"".join(kept), _orientation(exif)
    return data, UPRIGHT


def _jpeg(data: bytes) -> tuple[bytes, int]:
    """Up to the first scan; of the applications' segments only Adobe's draws: it says what the colours mean."""
    kept, exif, place = [data[:2]], b"", 2
    for _ in range(SEGMENTS_MAX):
        marker = data[place + 1 : place + 2]
        if data[place : place + 1] != b"\xff" or marker in (b"", b"\xda"):
            break
        if marker == b"\xff":  # padding
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : end]
        if marker == b"\xe1" and body.startswith(_EXIF_BEGINS):
            exif = exif or body[len(_EXIF_BEGINS) :]
        if not (0xE1 <= marker[0] <= 0xEF or marker[0] == 0xFE) or body.startswith(b"Adobe"):
            kept.append(data[place:end])
        place = end
    return b"".join((*kept, data[place:])), _orientation(exif)


def _webp(data: bytes) -> tuple[bytes, int]:
    kept, exif = [], b""
    for kind, body in _riff(data):
        if kind == b"EXIF":
            exif = body.removeprefix(_EXIF_BEGINS)
        elif kind in _WEBP_DRAWS:
            shown = bytes([body[0] & ~_WEBP_METADATA]) + body[1:] if kind == b"VP8X" and body else body
            kept.append(kind + struct.pack("<I", len(shown)) + shown + b"\0" * (len(shown) % 2))
    content = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(content)) + content, _orientation(exif)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    for _ in range(SEGMENTS_MAX):
        if place + 8 > len(data):
            return
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _orientation(exif: bytes) -> int:
    if not exif or len(exif) > EXIF_BYTES_MAX:
        return UPRIGHT
    tags = Image.Exif()
    try:
        tags.load(exif)
        found = tags.get(ORIENTATION)
    except Exception:  # whatever Pillow says of junk: the picture is shown as it lies
        return UPRIGHT
    return found if isinstance(found, int) and 1 <= found <= 8 else UPRIGHT
