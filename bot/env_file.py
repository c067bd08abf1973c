"""`.env` before it is read: one that is there and of no use would be missed without a word, or end in a traceback."""

from __future__ import annotations

import io
from pathlib import Path

from dotenv.parser import parse_stream


def problem_of(file: Path) -> str | None:
    """One line that names the file, what was found and what to do; None when it can be read or is not there."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{file.absolute()} cannot be read: {error.strerror}: whoever runs the bot must be able to"
    if b"\0" in data:
        return f"{file.absolute()} looks like UTF-16: save it as UTF-8"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"{file.absolute()} is not in UTF-8, see its line {line}: save it as UTF-8"
    for found in parse_stream(io.StringIO(text, newline=None)):
        if found.error:  # it would be left out, and a limit with it
            empty = len(found.original.string) - len(found.original.string.lstrip())
            line = found.original.line + found.original.string.count("\n", 0, empty)
            return f"{file.absolute()} is not understood, see its line {line}: expected NAME=value"
    return None
