"""Statements of a changed module put in the place of those that everybody has imported: no test is loaded anew."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.records import Kind, Tally
from wallet_core.ledger.sql import Check, Statement
from wallet_core.storage.compiled import POSTGRESQL, SQLITE, _compiled

Pair = tuple[Any, Any]  # two statements, or two checks of an audit


def transplanted(module: ModuleType, code: CodeType, original: CodeType) -> bool:
    """Make the module's statements say what the code's would; whether any does now. In a process that ends soon.

    Raises what keeps the code from being imported at all, unless that is so of the original's, too: then False.
    """
    changed = ModuleType(module.__name__)
    try:
        exec(code, changed.__dict__)
    except Exception:
        try:
            exec(original, ModuleType(module.__name__).__dict__)
        except Exception:
            return False
        raise
    differ = [pair for pair in _pairs(vars(module), vars(changed)) if _said(pair[0]) != _said(pair[1])]
    for old, new in differ:
        if isinstance(old, Check):
            old.what = new.what
        else:
            old.expression, old.columns, old.line = new.expression, new.columns, new.line
            old.texts.clear()
    return bool(differ)


def _said(said: Any) -> object:
    if isinstance(said, Check):
        return said.what
    found: list[object] = [said.columns]
    for database in (SQLITE, POSTGRESQL):
        try:
            text = _compiled(said, database)
        except Exception as refused:  # said by whoever uses it
            found.append(repr(refused))
        else:
            found += (text.sql, text.names)
    return found


def _pairs(old: Any, new: Any, seen: set[int] | None = None) -> Iterator[Pair]:
    """The statements of both, in the same places: of a module, in what it lists, in what has statements of its own."""
    seen = set() if seen is None else seen
    if id(old) in seen or type(old).__qualname__ != type(new).__qualname__:
        return
    seen.add(id(old))
    if isinstance(old, Statement | Check):
        yield old, new
    if isinstance(old, Statement):
        return
    if isinstance(old, dict):
        for key, value in old.items():
            if key != "__builtins__" and key in new:
                yield from _pairs(value, new[key], seen)
    elif isinstance(old, tuple | list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _pairs(one, other, seen)
    elif isinstance(old, Check | Clearing | Kind | Tally):
        for name in getattr(type(old), "__slots__", None) or vars(old):
            yield from _pairs(getattr(old, name), getattr(new, name), seen)
