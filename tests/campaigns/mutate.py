"""Change one thing in the core at a time, and see that some test fails.

    python -m tests.campaigns.mutate                                 all of its targets; prints the survivors
    python -m tests.campaigns.mutate wallet_core/ledger/money.py     one file
    python -m tests.campaigns.mutate --only wallet_core/ledger/money.py:97:8:drop

A mutant is named by file, line, column and kind. It lives in a forked child: third-party packages are imported once,
the mutated file is compiled from its changed tree, and pytest runs the file's tests until one fails. A child that takes
longer than LIFE_S is killed, and the mutant with it. Not mutated: annotations, docstrings, assertions (they are checks
themselves), imports, decorators, f-strings, log lines. Survivors that cannot be told from the original are listed, with
the reason, in tests/campaigns/mutants.py.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.campaigns.mutants import EQUIVALENT

LIFE_S = 150  # longer than all of a file's tests take: what survives must be seen to survive
MONEY = ("tests/core/test_money.py", "tests/campaigns/test_amounts.py", "tests/campaigns/test_mutants.py")
SCHEMA = "tests/core/test_migrations.py::test_sqlite_has_after_the_migrations_what_the_schema_says"
BOOKS = (SCHEMA, "tests/core/test_people.py", "tests/core/test_places.py", "tests/core/test_agenda.py",
         "tests/core/test_guarantees.py", "tests/core/test_stories.py", "tests/campaigns/test_mutants.py",
         "tests/campaigns/test_simulate.py", "tests/core/test_tips.py", "tests/core/test_tips_told.py")  # fmt: skip
AUDITED = (*BOOKS, "tests/campaigns/test_tamper.py")
STORE = (*BOOKS, "tests/core/test_gathering.py", "tests/core/test_writer.py")
WRITER = ("tests/core/test_writer.py", "tests/core/test_guarantees.py", "tests/campaigns/test_mutants.py",
          "tests/campaigns/test_faults.py", "tests/campaigns/test_cancel.py")  # fmt: skip
LEDGER = ("books", "loaded", "hashes", "records", "rows", "payments")
TARGETS = {
    "wallet_core/ledger/money.py": MONEY,
    **{f"wallet_core/ledger/{name}.py": AUDITED if name == "hashes" else BOOKS for name in LEDGER},
    **{
        str(file): AUDITED if "AUDIT" in file.read_text() else BOOKS
        for file in sorted(Path("wallet_core/features").glob("[a-z]*.py"))
    },
    "wallet_core/storage/store.py": STORE,
    "wallet_core/storage/compiled.py": STORE,
    "wallet_core/storage/reader.py": STORE,
    "wallet_core/storage/writer.py": WRITER,
}

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult,
             ast.BitOr: ast.BitAnd}  # fmt: skip

Mutant = tuple[str, ast.Module]


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a file: its name and its tree."""
    source = Path(file).read_text()
    for index, (node, kind, _) in enumerate(list(_changes(ast.parse(source)))):
        tree = ast.parse(source)
        _, _, change = list(_changes(tree))[index]
        change()
        yield f"{file}:{node.lineno}:{node.col_offset}:{kind}", ast.fix_missing_locations(tree)


def _changes(tree: ast.Module) -> Iterator[tuple[Any, str, Callable[[], None]]]:
    """Each place that can be changed: the node, the kind of change, how to make it."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        for untouched in _untouched(node):
            skipped |= set(ast.walk(untouched))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        yield from _expression_changes(node)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and not isinstance(node, ast.ClassDef | ast.Module):
                for at, statement in enumerate(block):
                    droppable = ast.Expr | ast.Assign | ast.AugAssign | ast.Raise | ast.Continue | ast.For
                    if isinstance(statement, droppable) and statement not in skipped:
                        yield statement, "drop", lambda block=block, at=at: block.__setitem__(at, ast.Pass())


def _untouched(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of the node that are not mutated."""
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr):
        yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (argument.annotation for argument in ast.walk(node.args) if getattr(argument, "annotation", None))
        yield from (*node.decorator_list, *([node.returns] if node.returns else []))
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node  # a docstring
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "TypeVar")):
        yield node


def _expression_changes(node: ast.AST) -> Iterator[tuple[Any, str, Callable[[], None]]]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield node, "compare", lambda: node.ops.__setitem__(0, COMPARISONS[type(op)]())
        case ast.Compare(ops=ops) if len(ops) > 1:
            for at, op in enumerate(ops):
                yield node, f"compare{at}", lambda at=at, op=op: node.ops.__setitem__(at, COMPARISONS[type(op)]())
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield node, "operator", lambda: setattr(node, "op", OPERATORS[type(op)]())
        case ast.BoolOp(op=op):
            yield node, "andor", lambda: setattr(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, "not", lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.Constant(value=bool() as value):
            yield node, "bool", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int() as value):
            yield node, "number", lambda: setattr(node, "value", value + 1)
        case ast.Constant(value=str() as value):
            yield node, "text", lambda: setattr(node, "value", value + "x")
        case ast.If() | ast.IfExp() | ast.While():
            yield node, "true", lambda: setattr(node, "test", ast.Constant(True))
            if not isinstance(node, ast.While):
                yield node, "false", lambda: setattr(node, "test", ast.Constant(False))
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield node, "none", lambda: setattr(node, "value", ast.Constant(None))


class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives the mutated module in place of the file."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.file, self.tree, self.name = file, tree, file.removesuffix(".py").replace("/", ".")

    def find_spec(self, fullname: str, *_: object) -> Any:
        if fullname == self.name:
            return importlib.machinery.ModuleSpec(fullname, self, origin=self.file)
        return None

    def get_source(self, fullname: str) -> str:
        return Path(self.file).read_text()

    def exec_module(self, module: Any) -> None:
        exec(compile(self.tree, self.file, "exec"), module.__dict__)  # the point of it all


def is_killed(file: str, tree: ast.Module, tests: tuple[str, ...]) -> bool:
    """Whether a test fails on the mutant, in a child of its own."""
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 1
        try:
            sys.meta_path.insert(0, Loader(file, tree))
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            import pytest

            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore:Module already", *tests]))
        finally:
            os._exit(code)
    die_at = time.monotonic() + LIFE_S
    while time.monotonic() < die_at:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def preload() -> None:
    """Import what the tests import, but for our own packages: each child has it at once."""
    code = "import tests.conftest, tests.campaigns.simulate, tests.campaigns.faults, sys; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    for name in ("pytest", "hypothesis", *names):
        if not name.startswith(("wallet_core", "tests", "bot", "__main__")):
            with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
                importlib.import_module(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=list(TARGETS))
    parser.add_argument("--only")
    parser.add_argument("--survivors", type=Path, help="only those that an earlier output says survived")
    parser.add_argument("--after", help="go on after this mutant of the first file")
    parser.add_argument("--all", action="store_true", help="print the killed ones too")
    options = parser.parse_args()
    preload()
    started = time.monotonic()
    earlier = re.findall(r"^survived: \S+ +(.*)$", options.survivors.read_text(), re.M) if options.survivors else None
    files = [options.only.split(":")[0]] if options.only else options.files
    killed = equivalent = survived = 0
    for file in files:
        assert not is_killed(file, ast.parse(Path(file).read_text()), TARGETS[file]), f"{file} fails as it is"
        for name, tree in mutants(file):
            if options.after or (options.only and name != options.only):
                options.after = options.after if name != options.after else None
                continue
            if earlier is not None and line_of(name) not in earlier:
                continue
            dead = is_killed(file, tree, TARGETS[file])
            if not dead and line_of(name) in EQUIVALENT.get(file, {}):
                equivalent += 1
                continue
            killed, survived = killed + dead, survived + (not dead)
            if options.all:
                print("killed" if dead else "SURVIVED", name, f"{time.monotonic() - started:.0f} s", flush=True)
            if not dead:
                print(f"survived: {name}    {line_of(name)}", flush=True)
        print(f"{file}: so far {killed} killed, {survived} survived, {equivalent} equivalent", flush=True)
    print(f"score {100 * killed / max(1, killed + survived):.1f} %: {killed} of {killed + survived} killed;"
          f" {equivalent} more are equivalent, for the reasons in tests/campaigns/mutants.py")  # fmt: skip


def line_of(name: str) -> str:
    """The source line of a mutant, with its kind: names in EQUIVALENT survive edits elsewhere in the file."""
    file, line, _, kind = name.split(":")
    return f"{Path(file).read_text().splitlines()[int(line) - 1].strip()} [{kind}]"


if __name__ == "__main__":
    main()
