"""The rules of the house that a machine can check, so that nobody needs to remember them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import bot.words.mistakes
import wallet_core
from bot.qr import UnreadablePicture
from bot.words.refusals import refusals

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    ".ci", ".env.example", ".gitignore", "LICENSE", "README.md", "bot", "docs", "pyproject.toml", "tests",
    "wallet_core",
}  # fmt: skip
FOLDERS = {"core", "bot", "e2e", "sandbox", "campaigns", "bench", "__pycache__"}  # in tests/
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
FEATURE_LINES_MAX = 450  # its table, rows, values and commands in one place
BORN_IN_FRONT = ("bot", "telegram")  # what the core never imports
SOURCES = sorted(path for folder in ("bot", "wallet_core") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, by their full names, those inside functions too."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: relative import"
            yield str(node.module)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def arrows(paths: list[Path]) -> dict[str, set[str]]:
    """What each module imports of the others, also inside functions and for types only."""
    modules = {module_of(path) for path in paths}
    return {module_of(path): (set(imported_of(path, modules)) & modules) - {module_of(path)} for path in paths}


def imported_of(path: Path, modules: set[str]) -> Iterator[str]:
    """The modules that a file imports; behind `from package import` there may be some."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in modules else str(node.module) for name in names)


def circle_in(arrows: dict[str, set[str]]) -> set[str]:
    """The modules on circles, or between two: who imports none of the rest, or is imported by none, is taken away."""
    rest = {module: set(those) for module, those in arrows.items()}
    while leaves := {module for module, those in rest.items() if not those & rest.keys()}:
        rest = {module: those for module, those in rest.items() if module not in leaves}
    while roots := rest.keys() - set().union(*rest.values()):
        rest = {module: those for module, those in rest.items() if module not in roots}
    return set(rest)


def packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported(path)}


def leaves(error: type[Exception]) -> Iterator[type[Exception]]:
    """The classes below that nothing is derived from."""
    below = error.__subclasses__()
    for each in below:
        yield from leaves(each)
    if not below:
        yield error


@pytest.mark.parametrize("path", [p for p in SOURCES if name_of(p).startswith("bot/")], ids=name_of)
def test_the_bot_imports_the_core_by_its_root_only_and_no_sql(path: Path) -> None:
    inside = {module for module in imported(path) if module.startswith("wallet_core.")}
    assert not inside
    assert not packages(path) & {"sqlalchemy", "alembic", "aiosqlite", "asyncpg", "sqlite3"}


@pytest.mark.parametrize("path", [p for p in SOURCES if name_of(p).startswith("wallet_core/")], ids=name_of)
def test_the_core_knows_no_front_end_and_no_environment(path: Path) -> None:
    assert not packages(path) & {*BORN_IN_FRONT, "pydantic_settings"}
    assert "environ" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if name_of(p).startswith("bot/") and "sandbox" not in name_of(p)], ids=name_of
)
def test_only_the_command_line_knows_the_sandbox(path: Path) -> None:
    named = {module for module in imported(path) if module.startswith("bot.sandbox")}
    assert not named or name_of(path) == "bot/cli.py"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_and_no_function_is_too_long(path: Path) -> None:
    text = path.read_text("utf-8")
    is_feature = path.parent.name == "features"
    if path.parent.name == "versions":  # a migration says the tables, one after the other, and is never changed
        return
    if name_of(path) == "wallet_core/__init__.py":  # names alone, twice
        return
    assert len(text.splitlines()) <= (FEATURE_LINES_MAX if is_feature else FILE_LINES_MAX), "divide it"
    too_long = [
        f"{node.name}, line {node.lineno}"
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not too_long


def test_no_float_is_written_in_the_core_of_money() -> None:  # G13
    core = ROOT / "wallet_core"
    money = [*(core / "ledger").glob("*.py"), *(core / "features").glob("*.py"), core / "audit.py"]
    for path in [*money, core / "storage" / "store.py", core / "storage" / "statements.py"]:
        for node in nodes_of(path):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}: {node.value}"
            assert not (isinstance(node, ast.Name) and node.id in ("float", "Decimal")), path
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), f"{path}:{node.lineno}"


@pytest.mark.parametrize(
    "error",
    [
        leaf
        for root in (wallet_core.WalletError, bot.words.mistakes.NotUnderstood, UnreadablePicture)
        for leaf in leaves(root)
        if leaf.__module__.startswith(("bot.", "wallet_core."))
    ],
    ids=lambda error: error.__name__,
)
def test_every_leaf_error_has_a_text_and_can_be_hashed(error: type[Exception]) -> None:
    assert error in refusals()
    assert error.__hash__ is not None, "a plain @dataclass: eq=False is missing"


def test_no_file_of_the_bot_imports_itself_by_way_of_others() -> None:
    assert circle_in(arrows([path for path in SOURCES if name_of(path).startswith("bot/")])) == set()


def test_a_circle_of_imports_is_seen() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}, "e": set()}) == {"b", "c"}
    assert circle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == set()


def test_errors_carry_data_and_no_prose() -> None:
    for path in SOURCES:
        if name_of(path).startswith("wallet_core/"):
            for node in nodes_of(path):
                assert not (
                    isinstance(node, ast.Raise)
                    and isinstance(node.exc, ast.Call)
                    and isinstance(node.exc.func, ast.Name)
                    and issubclass(getattr(wallet_core, node.exc.func.id, ValueError), wallet_core.WalletError)
                    and any(isinstance(a, ast.Constant) and " " in str(a.value) for a in node.exc.args)
                ), f"{name_of(path)}:{node.lineno}"


def test_the_top_level_holds_what_the_design_says_and_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a clone")
    assert {name.partition("/")[0] for name in listed.stdout.split("\0") if name} == TOP_LEVEL
    assert not [path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name not in FOLDERS]


def test_the_example_of_settings_names_every_setting_and_no_other() -> None:
    from bot.settings import Settings

    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert named == [name.upper() for name in Settings.model_fields]
