"""`.env` before it is read: one that is there and of no use would be missed without a word, or end in a traceback.

And names that are nobody's but look like a setting's, there or in the environment: a limit that is misspelt is none.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.log import get_log

ENV_FILE = ".env"
HANDED_OVER = "/run"
NEAR = 0.8  # DAYLY_MAX and DAILY_MAX, ADMIN_ID and ADMIN_IDS; not HOST and HOLDER


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


def misspelt(settings: Iterable[str]) -> dict[str, str]:
    """The names that are set and read by nobody, each with the setting that it looks like; all in capitals."""
    known = {name.upper() for name in settings}
    near = {name: get_close_matches(name, known, n=1, cutoff=NEAR) for name in sorted(_given().keys() - known)}
    return {name: found[0] for name, found in near.items() if found}


def secret_files(settings: Iterable[str]) -> list[Path]:
    """Those that are named, but for what a service manager or a container hands over: that is theirs to guard."""
    given = _given()
    named = [(given.get(name.upper()) or "").strip() for name in settings if name.endswith("_file")]
    return [file for file in map(Path, filter(None, named)) if not file.is_relative_to(HANDED_OVER)]


def _given() -> dict[str, str | None]:
    """What is set, by names in capitals; the environment goes before the file."""
    given = {**dotenv_values(ENV_FILE, interpolate=False, encoding="utf-8-sig"), **os.environ}
    return {name.upper(): value for name, value in given.items()}


def warn_of_misspelt(settings: Iterable[str]) -> None:
    """A line in the log for each."""
    for name, meant in misspelt(settings).items():
        get_log(__name__).warning("setting_not_known", name=name, looks_like=meant)
