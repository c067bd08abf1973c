"""How this program is called here: a hint that can be copied and works."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def command(*arguments: str) -> str:
    """The line for the command line, such as `.venv/bin/python -m bot demo`."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    return shlex.join([str(python), "-m", "bot", *arguments])
