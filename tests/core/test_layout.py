"""The core's rooms: which may know of which, and that the ledger does no I/O."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "wallet_core"
FILES = sorted(CORE.rglob("*.py"))

# What the files of a room may import of wallet_core; `core` and the public names stand above all of them.
MAY_KNOW = {
    "ledger": {"ledger"},
    "features": {"ledger", "features"},
    "storage": {"ledger", "storage"},
    "audit": {"ledger", "features"},
    "clerk": {"ledger", "features"},
    "beside": {"ledger", "storage"},
    "core": {"ledger", "features", "storage", "audit", "clerk"},
    "__init__": {"ledger", "features", "audit", "beside", "core"},
}
# Each of them reaches a disk, a network, another thread, the clock or the chance of the machine.
IO = {
    "aiosqlite", "alembic", "asyncio", "asyncpg", "concurrent", "io", "logging", "multiprocessing", "os", "pathlib",
    "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
REACHES_OUT = {"open", "print", "input", "now", "utcnow", "today", "create_engine", "create_async_engine"}


def name_of(path: Path) -> str:
    return path.relative_to(CORE).with_suffix("").as_posix()


def room_of(path: Path) -> str:
    return name_of(path).partition("/")[0]


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module, and every name of wallet_core's own packages, those inside of functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            module = str(node.module)
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "wallet_core" else (module,)


def rooms_known(source: str) -> set[str]:
    modules = [module.split(".") for module in imported(ast.parse(source))]
    return {parts[1] if len(parts) > 1 else "__init__" for parts in modules if parts[0] == "wallet_core"}


def reaches(source: str) -> set[str]:
    """What a file uses that is not pure."""
    tree = ast.parse(source)
    used = {module.partition(".")[0] for module in imported(tree)} & IO
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            used |= {alias.name for alias in node.names} & REACHES_OUT
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            used |= {name} & REACHES_OUT
    return used


def is_about_floats(source: str) -> bool:
    return any(
        (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in ("float", "Decimal"))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not is_a_path(node))
        for node in ast.walk(ast.parse(source))
    )


def is_a_path(node: ast.BinOp) -> bool:
    return isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)


def test_every_room_of_the_core_has_its_rule() -> None:
    assert {room_of(path) for path in FILES} == set(MAY_KNOW)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_knows_only_the_rooms_below_it(path: Path) -> None:
    assert rooms_known(path.read_text("utf-8")) <= MAY_KNOW[room_of(path)]


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) == "ledger"], ids=name_of)
def test_the_ledger_does_no_io(path: Path) -> None:
    assert not reaches(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if room_of(path) in ("ledger", "features", "audit") or path.name == "store.py"],
    ids=name_of,
)
def test_g13_no_float_is_near_money(path: Path) -> None:
    assert not is_about_floats(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("source", "rooms", "io"),
    [
        ("from wallet_core.storage.store import Store", {"storage"}, set()),
        ("def f():\n    import wallet_core.features.people", {"features"}, set()),
        ("from wallet_core import storage", {"storage"}, set()),
        ("import wallet_core", {"__init__"}, set()),
        ("from sqlalchemy import create_engine", set(), {"create_engine"}),
        ("import os.path", set(), {"os"}),
        ("def f():\n    return open('x')", set(), {"open"}),
        ("def f(at):\n    return at.now()", set(), {"now"}),
    ],
)
def test_the_rules_see_what_they_forbid(source: str, rooms: set[str], io: set[str]) -> None:
    assert rooms_known(source) == rooms
    assert reaches(source) == io
