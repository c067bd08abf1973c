"""One file for each thing that people do with money: its table, its rows, its values, its commands, its questions.

All are imported here, found in the folder, so that the tables stand in the metadata before anybody uses it.
"""

from importlib import import_module
from pathlib import Path

from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.sql import Check

_MODULES = [import_module(f"{__name__}.{file.stem}") for file in sorted(Path(__file__).parent.glob("[a-z]*.py"))]

CLEARED: tuple[Clearing, ...] = tuple(each for module in _MODULES for each in getattr(module, "CLEARED", ()))
AUDIT: tuple[Check, ...] = tuple(check for module in _MODULES for check in getattr(module, "AUDIT", ()))
