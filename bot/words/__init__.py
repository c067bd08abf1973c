"""All words that people read: a file for each thing, with its texts, buttons, refusals, and its line in the menu."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any


def collected(name: str) -> dict[Any, Any]:
    """What the files of this folder hold under a name such as `REFUSALS`, in one table; nothing is said twice."""
    together: dict[Any, Any] = {}
    for module in pkgutil.iter_modules(__path__):
        table = getattr(import_module(f"{__name__}.{module.name}"), name, {})
        assert not together.keys() & table.keys(), f"{name} of {module.name}"
        together |= table
    return together
