"""How this program is called here: a hint that can be copied, and works."""

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
