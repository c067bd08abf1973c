"""A mutated module in place of its file, also in the processes that tests start.

Python imports this by itself where this folder stands in PYTHONPATH.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from pathlib import Path
from typing import Any

VARIABLE = "TUPPENCE_MUTANT"  # the module, and the file with the changed source


class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives the mutated module in place of the file."""

    def __init__(self, name: str, source: Path) -> None:
        self.name, self.source = name, source

    def find_spec(self, fullname: str, *_: object) -> Any:
        if fullname == self.name:
            return importlib.machinery.ModuleSpec(fullname, self, origin=str(self.source))
        return None

    def get_source(self, fullname: str) -> str:
        return self.source.read_text()

    def exec_module(self, module: Any) -> None:
        exec(compile(self.get_source(self.name), str(self.source), "exec"), module.__dict__)  # the point of it all


if VARIABLE in os.environ:
    name, _, source = os.environ[VARIABLE].partition("=")
    sys.meta_path.insert(0, Loader(name, Path(source)))
