"""A PNG writer for pictures of few colours: what Pillow's does, without trying every filter on every row."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

COMPRESSION = 6
UP = 2  # PNG filter type: the difference from the row above, which is nothing for most rows of a QR code


def png(indices: NDArray[np.uint8], palette: bytes) -> bytes:
    """Rows of palette indices as a PNG; the palette has 3 bytes for each colour."""
    height, width = indices.shape
    rows, bits = filtered(indices, colours=len(palette) // 3)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(rows, COMPRESSION)),
            _chunk(b"IEND", b""),
        )
    )


def filtered(indices: NDArray[np.uint8], *, colours: int) -> tuple[bytes, int]:
    """The rows as PNG wants them before compression, and the bits of a pixel: 1, 4 or 8."""
    bits = 1 if colours <= 2 else 4 if colours <= 16 else 8
    rows = _packed(indices, bits)
    out = np.empty((rows.shape[0], rows.shape[1] + 1), dtype=np.uint8)
    out[:, 0] = UP
    out[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=out[1:, 1:])
    return out.tobytes(), bits


def _packed(indices: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    if bits == 8:
        return indices
    if bits == 1:
        return np.packbits(indices, axis=1)
    if indices.shape[1] % 2:
        indices = np.pad(indices, ((0, 0), (0, 1)))
    return (indices[:, ::2] << 4 | indices[:, 1::2]).astype(np.uint8)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
