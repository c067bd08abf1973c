"""Reads picture after picture from stdin and writes what they say to stdout: `bot/qr/readers.py` starts it.

In: four bytes with the length, then the file. Out: a line of JSON, `{"texts": [...]}` or `{"refusal": name, ...}` with
its fields.
"""

import codecs
import io
import json
import os
import signal
import sys
from dataclasses import asdict, is_dataclass
from typing import Any

from bot.qr import UnreadablePicture, read_qr
from bot.qr.confined import begin_picture, confine, leave

NICENESS = 10  # the bot itself goes first
LENGTH_BYTES = 4
ENCODINGS = ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp437")


def answer(data: bytes) -> dict[str, Any]:
    """What is written for a picture."""
    try:
        return {"texts": read_qr(data).texts}
    except UnreadablePicture as error:
        fields: dict[str, Any] = asdict(error) if is_dataclass(error) else {}
        return {"refusal": type(error).__name__, **fields}


def load() -> None:
    """Everything that any picture needs, also what libraries fetch late: no file can be opened afterwards."""
    from PIL import Image

    Image.init()
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    for kind in ("PNG", "JPEG", "WEBP"):
        blank = io.BytesIO()
        Image.new("L", (64, 64), 255).save(blank, kind)
        answer(blank.getvalue())


def main() -> None:
    """Serve until stdin ends, which it does when the bot does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bot's
    os.nice(NICENESS)
    leave()
    load()
    confine()
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        begin_picture()
        data = sys.stdin.buffer.read(int.from_bytes(length, "big"))
        sys.stdout.buffer.write(json.dumps(answer(data)).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
