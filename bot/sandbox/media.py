"""Pictures and files, kept in memory up to a bound, and what Telegram makes of a photo."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from bot.sandbox.errors import bad_request

KEPT_BYTES_MAX = 128 * 1024 * 1024
DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024  # getFile gives no more
PHOTO_BYTES_MAX = 10 * 1024 * 1024
PHOTO_SIDE_SUM_MAX = 10_000
PHOTO_RATIO_MAX = 20
PIXELS_MAX = 100_000_000  # of a photo that a phone would shrink: more than a camera's, and a bound for the memory
SIDES = (90, 320, 800, 1280)  # the sizes Telegram keeps of a photo
JPEG_QUALITY = 87


class NotAPicture(ValueError):
    """What cannot be sent as a photo; the text is a sentence."""


@dataclass(frozen=True)
class File:
    """Bytes under a file id."""

    file_id: str
    unique_id: str
    path: str
    data: bytes
    raw: dict[str, Any]  # PhotoSize or Document, as the bot sees it


class Files:
    """All that was uploaded; the oldest is forgotten when there is too much."""

    def __init__(self, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()
        self._by_path: dict[str, File] = {}
        self._bytes = 0
        self._bytes_max = bytes_max
        self._number = 0
        self.added: Callable[[File], None] | None = None  # who writes down what is kept

    def get(self, file_id: str) -> File | None:
        """The file of this id, while it is kept."""
        return self._files.get(file_id)

    def at(self, path: str) -> File | None:
        """The file to download at this path."""
        return self._by_path.get(path)

    def add(self, data: bytes, *, folder: str, suffix: str, raw: dict[str, Any]) -> File:
        """Keep these bytes; `raw` gets ids and size."""
        self._number += 1
        unique_id = "AQAD" + hashlib.blake2b(data, digest_size=9).hexdigest()
        file_id = f"{'AgACAgQAAxkB' if folder == 'photos' else 'BQACAgQAAxkB'}{self._number:08d}{unique_id[4:12]}"
        raw = {"file_id": file_id, "file_unique_id": unique_id, "file_size": len(data), **raw}
        file = File(file_id, unique_id, f"{folder}/file_{self._number}{suffix}", data, raw)
        self._keep(file)
        if self.added is not None:
            self.added(file)
        return file

    def __iter__(self) -> Iterator[File]:
        return iter(list(self._files.values()))

    def restore(self, file: File) -> None:
        """Keep what was kept before a restart; the next file gets a number of its own."""
        self._number = max(self._number, int(file.path.partition("file_")[2].partition(".")[0]))
        self._keep(file)

    def _keep(self, file: File) -> None:
        self._files[file.file_id] = self._by_path[file.path] = file
        self._bytes += len(file.data)
        while self._bytes > self._bytes_max and len(self._files) > 1:
            _, oldest = self._files.popitem(last=False)
            del self._by_path[oldest.path]
            self._bytes -= len(oldest.data)

    def add_document(self, data: bytes, *, file_name: str, mime_type: str) -> File:
        """Keep a file as it is."""
        raw = {"file_name": file_name, "mime_type": mime_type}
        suffix = "." + file_name.rpartition(".")[2] if "." in file_name else ""
        return self.add(data, folder="documents", suffix=suffix, raw=raw)

    def add_exact_photo(self, data: bytes) -> list[dict[str, Any]]:
        """Keep a photo the bot sent, byte for byte; Telegram's limits on photos hold."""
        if len(data) > PHOTO_BYTES_MAX:
            raise bad_request("file is too big")
        try:
            width, height = _size(data)
        except Exception as error:
            raise bad_request("IMAGE_PROCESS_FAILED") from error
        if width + height > PHOTO_SIDE_SUM_MAX or max(width, height) > PHOTO_RATIO_MAX * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        suffix = ".png" if data.startswith(b"\x89PNG") else ".jpg"
        return [self.add(data, folder="photos", suffix=suffix, raw={"width": width, "height": height}).raw]

    def add_phone_photo(self, data: bytes) -> list[dict[str, Any]]:
        """Keep a photo as a phone sends it: several sizes, the largest 1,280 px, JPEG. Raises NotAPicture."""
        try:
            sizes = recompressed(data)
        except NotAPicture:
            raise
        except Exception as error:  # whatever Pillow says of it
            raise NotAPicture("This is no picture that can be sent as a photo; send it as a file.") from error
        return [
            self.add(small, folder="photos", suffix=".jpg", raw={"width": width, "height": height}).raw
            for small, width, height in sizes
        ]


def _size(data: bytes) -> tuple[int, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size


def recompressed(data: bytes) -> list[tuple[bytes, int, int]]:
    """The picture in Telegram's sizes, smallest first, as (JPEG, width, height)."""
    found: list[tuple[bytes, int, int]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data)) as opened:
            full = max(opened.size)
            if opened.width * opened.height > PIXELS_MAX:
                raise NotAPicture("This picture is too large for a photo; send it as a file.")
            opened.thumbnail((SIDES[-1], SIDES[-1]), Image.Resampling.LANCZOS)  # first, for memory's sake
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
            picture = Image.new("RGB", upright.size, "white")
            picture.paste(upright, mask=upright.getchannel("A"))
    for side in SIDES:
        size = picture.copy()
        size.thumbnail((side, side), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        size.save(buffer, "JPEG", quality=JPEG_QUALITY)
        found.append((buffer.getvalue(), size.width, size.height))
        if full <= side:
            break
    return found
