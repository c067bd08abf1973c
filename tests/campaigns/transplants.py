"""Statements of a changed module put in the place of those that everybody has imported: no test is loaded anew."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from wallet_core.ledger.sql import Check, Statement
from wallet_core.storage.compiled import POSTGRESQL, SQLITE, _compiled

Pair = tuple[Statement, Statement]


def transplanted(module: ModuleType, code: CodeType) -> bool:
    """Make the module's statements say what the code's would; whether any does now. In a process that ends soon."""
    changed = ModuleType(module.__name__)
    exec(code, changed.__dict__)
    pairs = list(_pairs(vars(module), vars(changed)))
    differ = [(old, new) for old, new in pairs if old.columns != new.columns or _said(old) != _said(new)]
    for old, new in differ:
        old.expression, old.columns, old.line = new.expression, new.columns, new.line
        old.texts.clear()
    return bool(differ)


def _said(statement: Statement) -> list[str]:
    found = []
    for database in (SQLITE, POSTGRESQL):
        try:
            found.append(_compiled(statement, database).sql)
        except Exception as refused:  # said by whoever uses it
            found.append(repr(refused))
    return found


def _pairs(old: Any, new: Any) -> Iterator[Pair]:
    """The statements of both, in the same places."""
    if isinstance(old, Statement) and isinstance(new, Statement):
        yield old, new
    elif isinstance(old, Check) and isinstance(new, Check):
        yield old.statement, new.statement
        old.what = new.what
    elif isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key != "__builtins__" and key in new:
                yield from _pairs(value, new[key])
    elif isinstance(old, tuple | list) and isinstance(new, tuple | list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _pairs(one, other)
