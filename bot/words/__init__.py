"""All words that people read: a file for each thing, with its texts, buttons, refusals, and its line in the menu."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

_FOLDER = str(Path(__file__).parent)
_NAMES = tuple(module.name for module in pkgutil.iter_modules([_FOLDER]))  # while no file can be opened there are none


def collected(name: str) -> dict[Any, Any]:
    """What the files of this folder hold under a name such as `REFUSALS`, in one table; nothing is said twice."""
    together: dict[Any, Any] = {}
    for module in _NAMES:
        table = getattr(import_module(f"{__name__}.{module}"), name, {})
        assert not together.keys() & table.keys(), f"{name} of {module}"
        together |= table
    return together
