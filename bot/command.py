"""What the command line says: how this program is called here (a hint that can be copied, and works), how many."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def python(*arguments: str) -> str:
    """The line for the command line that runs this very Python, with what is installed for it."""
    own = Path(sys.executable)
    short = own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own
    return shlex.join([str(short), *arguments])


def command(*arguments: str) -> str:
    """As `python`, for one of our commands: `.venv/bin/python -m bot demo`."""
    return python("-m", "bot", *arguments)


def counted(count: int, one: str, many: str) -> str:
    """So many of something."""
    return f"{count} {one if count == 1 else many}"
