"""Change one thing in the core at a time, and see that some test fails.

    python -m tests.campaigns.mutate                                 all of its targets; prints the survivors
    python -m tests.campaigns.mutate wallet_core/ledger/money.py     one file
    python -m tests.campaigns.mutate --only wallet_core/ledger/money.py:97:8:drop

A mutant is named by file, line, column and kind. It lives in a forked child, in which pytest runs the file's tests
until one fails (see mutant_runs.py). Not mutated: annotations, docstrings, assertions (they are checks themselves),
imports, decorators, f-strings, log lines. Survivors that cannot be told from the original are listed, with the reason,
in tests/campaigns/mutants.py.
"""

from __future__ import annotations

import argparse
import ast
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tests.campaigns.mutant_runs import Mutant, is_killed, killed_in_place, life_beside, preload
from tests.campaigns.mutants import EQUIVALENT

MONEY = ("tests/core/test_money.py", "tests/campaigns/test_amounts.py", "tests/campaigns/test_mutants.py")
SCHEMA = "tests/core/test_migrations.py::test_sqlite_has_after_the_migrations_what_the_schema_says"
BOOKS = (SCHEMA, "tests/core/test_people.py", "tests/core/test_places.py", "tests/core/test_agenda.py",
         "tests/core/test_guarantees.py", "tests/core/test_guarantees_asked.py",
         "tests/core/test_guarantees_written.py", "tests/core/test_stories.py", "tests/campaigns/test_mutants.py",
         "tests/campaigns/test_simulate.py", "tests/core/test_tips.py", "tests/core/test_tips_told.py")  # fmt: skip
AUDITED = (*BOOKS, "tests/campaigns/test_tamper.py")
LOADED = (*BOOKS, "tests/core/test_cards.py", "tests/core/test_announcements.py", "tests/core/test_lapses.py")
STORE = (*BOOKS, "tests/core/test_books.py", "tests/core/test_gathering.py", "tests/core/test_writer.py")
WRITER = ("tests/core/test_writer.py", "tests/core/test_guarantees.py", "tests/core/test_guarantees_asked.py",
          "tests/core/test_guarantees_written.py", "tests/campaigns/test_mutants.py",
          "tests/campaigns/test_faults.py", "tests/campaigns/test_cancel.py")  # fmt: skip
SERVER = ("tests/core/test_server_connections.py", "tests/core/test_server.py", "tests/core/test_database.py",
          "tests/core/test_upgrade.py", "tests/core/test_readers.py", "tests/core/test_currency.py",
          "tests/core/test_refunds.py")  # fmt: skip
STORAGE = {  # by their own tests: those of the books are many, and hardly reach further
    "reader": (*WRITER, "tests/core/test_readers.py", "tests/core/test_database.py", "tests/core/test_statements.py"),
    "sqlite": ("tests/core/test_file_connections.py", *WRITER, "tests/core/test_files.py",
               "tests/core/test_readers.py"),
    "database": (*WRITER, "tests/core/test_readers.py", *SERVER[1:3]),
    "statements": (*WRITER, "tests/core/test_gathering.py", "tests/core/test_stories.py", *SERVER),
    "together": ("tests/core/test_together.py", *SERVER),
    "postgresql": SERVER, "server": SERVER, "processes": SERVER, "upgrade": SERVER, "address": (),
    "trial": ("tests/core/test_currency.py", "tests/core/test_files.py", "tests/core/test_upgrade.py"),
    "files": ("tests/core/test_files.py", "tests/core/test_upgrade.py", "tests/bot/test_backups.py"),
}  # fmt: skip
ASKED = tuple(map(str, sorted(Path("tests/core").glob("test_asked*.py"))))
OFFERED = (*ASKED, "tests/core/test_guided.py")
LEDGER_FILES = ("books", "loaded", "hashes", "records", "rows", "payments")
LEDGER = {"hashes": AUDITED, "loaded": LOADED}
LONG = re.compile(r"kill|rush|command_line|loop|long|flood|moved_clock|server_away|operating|operated|deploy")
SPOKEN = (
    tuple(  # whatever talks to a bot; one that runs in a process of its own is seen with TEST_BOTS_BESIDE=1 (beside.py)
        str(test)
        for folder in ("bot", "e2e")
        for test in sorted(Path("tests", folder).glob("test_*.py"))
        if not LONG.search(test.stem) and re.search(r"tests\.(bot\.(club|test_)|e2e)|bot\.handlers", test.read_text())
    )
)
LINE = tuple(
    f"tests/bot/test_{name}.py"
    for name in ("lanes", "feed_bounds", "feed_floods", "patience", "patience_waits", "patience_lines", "room",
                 "notifier", "notifier_tells", "places", "places_pictures", "poller_rounds", "poller_trouble",
                 "answers", "teller", "waiting", "pace", "pace_edges", "pace_refused", "rates", "turns")
)  # fmt: skip
TRANSPORT = ("lanes", "feed", "patience", "notifier", "places", "poller", "answers",
             "pace", "rates", "waiting", "spinning", "teller", "turns")  # fmt: skip
BESIDE = {"inbox": ("inbox",), "rounds": ("rounds_hours", "rounds_out", "rounds"), "houses": ("houses",),
          "meter": ("meter", "poller_trouble"), "webhook": ("webhook_port", "webhook_crowd", "webhook")}  # fmt: skip
SLOWER = {name: (f"tests/bot/test_{name}.py",) for name in ("feed", "poller")}  # they talk to the sandbox
READ = tuple(
    f"tests/bot/test_{name}.py" for name in ("link_edges", "links", "argument_edges", "arguments", "asked_back")
)


def _with_own(file: Path, tests: tuple[str, ...]) -> tuple[str, ...]:
    """The tests of the file's own name come first."""
    home = "core" if file.parts[0] == "wallet_core" else "bot"
    exact = f"tests/{home}/test_{file.stem}.py"
    own = [test for test in tests if Path(test).stem.startswith(f"test_{file.stem}")]
    if exact not in tests and Path(exact).exists():
        own.insert(0, exact)
    return (*own, *(test for test in tests if test not in own))


def _of_its_kind(file: Path) -> tuple[str, ...]:
    """The tests of what a feature's file belongs to (of gifts_claimed.py those of gifts), of blocks and of moves."""
    kin = sorted(Path("tests/core").glob(f"test_{file.stem.partition('_')[0]}*.py"))
    kin += map(Path, OFFERED if file.stem == "picks_asked" else ASKED if file.stem.endswith("_asked") else ())
    return (*map(str, kin), "tests/core/test_blocks.py", "tests/core/test_moves_once.py") if kin else ()


def _features() -> Iterator[Path]:
    return (file for file in sorted(Path("wallet_core/features").glob("[a-z]*.py")))


HANDLERS = sorted(Path("bot/handlers").glob("[a-z]*.py"))


TARGETS = {
    str(file): _with_own(file, tests)
    for file, tests in (
        (Path("wallet_core/ledger/money.py"), MONEY),
        *((Path(f"wallet_core/{name}.py"), ("tests/core/test_audit.py",)) for name in ("audit", "ledger/checks")),
        *((Path(f"wallet_core/ledger/{name}.py"), LEDGER.get(name, BOOKS)) for name in LEDGER_FILES),
        *(
            (file, tuple(dict.fromkeys((*_of_its_kind(file), *(AUDITED if "AUDIT" in file.read_text() else BOOKS)))))
            for file in _features()
        ),
        *((Path(f"wallet_core/storage/{name}.py"), STORE) for name in ("store", "compiled")),
        (Path("wallet_core/storage/writer.py"), WRITER),
        *((Path(f"wallet_core/storage/{name}.py"), tests) for name, tests in STORAGE.items()),
        *((Path(f"bot/transport/{name}.py"), (*LINE, *SLOWER.get(name, ()))) for name in TRANSPORT),
        *(
            (Path(f"bot/transport/{name}.py"), tuple(f"tests/bot/test_{own}.py" for own in owns))
            for name, owns in BESIDE.items()
        ),
        (Path("bot/words/links.py"), READ),
        (Path("bot/handlers/arguments.py"), READ),
        *((file, SPOKEN) for file in HANDLERS if file.stem != "arguments"),
    )
}

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult,
             ast.BitOr: ast.BitAnd}  # fmt: skip


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a file: its name and its tree."""
    source = Path(file).read_text()
    for at, nth, name in list(_places(ast.parse(source))):
        tree = ast.parse(source)
        node = next(islice(ast.walk(tree), at, None))
        _, _, change = next(islice(_changes(node), nth, None))
        change()
        yield f"{file}:{name}", ast.fix_missing_locations(tree)


def _places(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Each place that can be changed: the number of its node, which of its changes it is, and how it is called."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node not in skipped:
            for untouched in _untouched(node):
                skipped |= set(ast.walk(untouched))
    for at, node in enumerate(ast.walk(tree)):
        if node not in skipped:
            for nth, (changed, kind, _) in enumerate(_changes(node)):
                if changed not in skipped:
                    yield at, nth, f"{changed.lineno}:{changed.col_offset}:{kind}"


def _changes(node: ast.AST) -> Iterator[tuple[Any, str, Callable[[], None]]]:
    """Each way to change a node: what is changed, the kind of change, how to make it."""
    yield from _expression_changes(node)
    yield from _conditions_left_out(node)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list) and not isinstance(node, ast.ClassDef | ast.Module):
            for at, statement in enumerate(block):
                if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.Raise | ast.Continue | ast.For):
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
    if isinstance(node, ast.Expr | ast.Assign) and ast.unparse(node.value).startswith(("log.", "TypeVar(")):
        yield node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "alias":
        yield from node.args  # what a table is called in a statement's text


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


def _conditions_left_out(node: ast.AST) -> Iterator[tuple[Any, str, Callable[[], None]]]:
    """Of a statement's text: without one of its conditions."""
    match node:
        case ast.Call(func=ast.Name(id="and_" | "or_") | ast.Attribute(attr="where"), args=args):
            for at, condition in enumerate(args):
                yield condition, f"less{at}", lambda at=at: args.__delitem__(at)


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
        tests = TARGETS[file]
        fails, life = life_beside(partial(is_killed, file, ast.parse(Path(file).read_text()), tests))
        assert not fails, f"{file} fails as it is"
        wanted = []
        for name, tree in mutants(file):
            if options.after or (options.only and name != options.only):
                options.after = options.after if name != options.after else None
            elif earlier is None or line_of(name) in earlier:
                wanted.append((name, tree))
        done = set()
        for name in killed_in_place(file, wanted, tests, life):
            done.add(name)
            if options.all:
                print("killed", name, f"{time.monotonic() - started:.0f} s", flush=True)
        killed += len(done)
        for name, tree in wanted:
            if name in done:
                continue
            if line_of(name) in EQUIVALENT.get(file, {}):
                equivalent += 1
            elif is_killed(file, tree, tests, life):
                killed += 1
                if options.all:
                    print("killed", name, f"{time.monotonic() - started:.0f} s (imported anew)", flush=True)
            else:
                survived += 1
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
