"""A fair sample of a file's mutants, each against those tests alone that reach its line: minutes instead of hours.

    python -m tests.campaigns.mutate_sampled --sample 40 --seed 1 wallet_core/audit.py wallet_core/ledger/books.py
    python -m tests.campaigns.mutate_sampled wallet_core/audit.py --tests tests/core/test_audit.py

The file's tests run once as they are, and it is seen which lines each of them reaches; one that fails, slowed by being
watched, is left out. A mutant then meets the tests that reached its statement, those that killed lately first. What is
changed outside of functions, is reached by none, or was reached while the modules were imported, is imported anew
(mutant_runs.py). A process that a test starts is not looked into: a test that reaches a line in such a one alone is not
counted, so a survivor may be killed by `mutate`, never the other way.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import mmap
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from tests.campaigns.mutant_runs import (
    LIVES,
    OPTIONS,
    Life,
    Mutant,
    _changed,
    _live,
    changed_source,
    in_child,
    is_killed,
    module_of,
    preload,
)
from tests.campaigns.mutants import EQUIVALENT
from tests.campaigns.mutate import TARGETS, line_of, mutants

BUSY_MIN_S, LIFE_MIN_S = 20, 30  # of the processor, and by the clock: for a mutant whose tests take next to nothing
TESTS_MAX = 400  # for a line that all of them reach: those that killed lately, then the quickest


class Reach:
    """The lines of a file that are run meanwhile, in this thread and in those that are begun."""

    def __init__(self, file: str) -> None:
        self._file = str(Path(file).resolve())
        self.lines: set[int] = set()

    def __enter__(self) -> Reach:
        self.lines = set()
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _called(self, frame: FrameType, event: str, given: object) -> Any:
        return self._stepped(frame, event, given) if frame.f_code.co_filename == self._file else None

    def _stepped(self, frame: FrameType, event: str, given: object) -> Any:
        self.lines.add(frame.f_lineno)
        return self._stepped


class Sampled:
    """A pytest plugin: once the tests are collected, one child for each mutant runs those that reach it."""

    def __init__(self, file: str, sample: Sequence[Mutant], out: Any, reach: Reach) -> None:
        self.file, self.sample, self.out, self.reach = file, sample, out, reach
        self.killer = mmap.mmap(-1, 8)  # shared with the children: the number of the test that failed, from 1 on

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        at_import = self.reach.lines
        self.reach.__exit__()
        module = importlib.import_module(module_of(self.file))
        tree = ast.parse(Path(self.file).read_text())
        source = compile(tree, self.file, "exec")
        items = list(session.items)
        with tempfile.NamedTemporaryFile("r") as told:
            in_child(partial(self._watch, session, items, Path(told.name)), Life())
            seen = json.load(told)
        for item, (_, _, failed, _) in zip(items, seen, strict=True):
            if failed:
                self.out.write(f"{item.nodeid.replace(' ', '')} fails\n")
        took = {item: took_s for item, (took_s, *_) in zip(items, seen, strict=True)}
        waited = {item: waited_s for item, (_, waited_s, *_) in zip(items, seen, strict=True)}
        lines = {item: set(reached) for item, (_, _, failed, reached) in zip(items, seen, strict=True) if not failed}
        latest: dict[pytest.Item, int] = {}  # who killed, and when
        for nth, (name, changed_tree) in enumerate(self.sample):
            changed = list(_changed(source, compile(changed_tree, self.file, "exec")))
            live = [_live(module, code) for code in changed]
            wanted = _statement(tree, int(name.split(":")[1]))
            reaching = [item for item, reached in lines.items() if wanted & reached]
            if not changed or None in live or wanted & at_import or not reaching:
                self.out.write(f"{name} anew\n")
                continue
            reaching.sort(key=lambda item: (-latest.get(item, -1), took[item]))
            reaching = reaching[:TESTS_MAX]
            self.killer[:] = bytes(8)
            with changed_source(self.file, changed_tree):
                life_s = LIFE_MIN_S + LIVES * sum(waited[item] for item in reaching)
                busy_s = BUSY_MIN_S + int(LIVES * sum(took[item] for item in reaching))
                died = in_child(partial(self._run, session, reaching, changed, live), Life(life_s, busy_s))
            self.out.write(f"{name} {'killed' if died else 'survived'} {len(reaching)}\n")
            if died and (at := int.from_bytes(self.killer[:], "big")):
                latest[reaching[at - 1]] = nth
        return True

    def _watch(self, session: pytest.Session, items: list[pytest.Item], told: Path) -> int:
        seen = []
        for item, after in zip(items, [*items[1:], None], strict=True):
            used, began, failures = time.process_time(), time.monotonic(), session.testsfailed
            with self.reach:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            failed = session.testsfailed > failures
            seen.append((time.process_time() - used, time.monotonic() - began, failed, sorted(self.reach.lines)))
        told.write_text(json.dumps(seen))
        return 0

    def _run(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        changed: list[CodeType],
        live: list[FunctionType],
    ) -> int:
        for function, code in zip(live, changed, strict=True):
            function.__code__ = code
        for nth, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True), 1):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                self.killer[:] = nth.to_bytes(8, "big")
                return 1
        return 0


@cache
def _statement(tree: ast.Module, line: int) -> set[int]:
    """The lines of the innermost statement there; of one with a body, up to the body."""
    holding = [
        node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    innermost = min(holding, key=lambda node: ((node.end_lineno or 0) - node.lineno, -node.col_offset))
    end = innermost.end_lineno or 0
    if isinstance(innermost, ast.If | ast.For | ast.While | ast.With | ast.AsyncFor | ast.AsyncWith):
        end = max(innermost.lineno, innermost.body[0].lineno - 1)
    return set(range(innermost.lineno, end + 1))


def verdicts(file: str, sample: Sequence[Mutant], tests: Sequence[str]) -> Iterator[list[str]]:
    """Of each mutant its name and whether it was killed, survived (met by how many tests) or is to be imported anew."""
    reading, writing = os.pipe()
    session = os.fork()
    if session == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w", buffering=1) as out, Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                reach = Reach(file)
                reach.__enter__()
                pytest.main([*OPTIONS, "-s", *tests], plugins=[Sampled(file, sample, out, reach)])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        for line in told:
            yield line.split()
    os.waitpid(session, 0)


def _is_known(file: str, mutant: Mutant) -> bool:
    return line_of(mutant[0]) in EQUIVALENT.get(file, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--sample", type=int, help="so many mutants of each file, drawn by chance; without: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", nargs="+", help="in place of the file's own in mutate.py")
    parser.add_argument("--anew", type=int, help="of those that must be imported anew, so many at most")
    parser.add_argument("--survivors", type=Path, help="only those that an earlier output says survived")
    options = parser.parse_args()
    preload()
    for file in options.files:
        _one_file(file, options)


def _one_file(file: str, options: argparse.Namespace) -> None:
    tests = options.tests or TARGETS[file]
    found = list(mutants(file))
    if options.survivors:
        names = {line.split()[1] for line in options.survivors.read_text().splitlines() if line[:8] == "survived"}
        wanted = [mutant for mutant in found if mutant[0] in names]
    else:
        wanted = found
    if options.sample is not None and options.sample < len(wanted):
        wanted = random.Random(options.seed).sample(wanted, options.sample)
    known = [mutant for mutant in wanted if _is_known(file, mutant)]
    sample = [mutant for mutant in wanted if not _is_known(file, mutant)]
    trees, anew = dict(sample), []
    killed = survived = 0
    for name, verdict, *met in verdicts(file, sample, tests):
        if verdict == "fails":
            print(f"left out, for it fails as it is: {name}", flush=True)
        elif verdict == "anew":
            anew.append(name)
        elif verdict == "killed":
            killed += 1
        else:
            survived += 1
            print(f"survived: {name}    {line_of(name)}  (met by {met[0]})", flush=True)
    assert killed + survived + len(anew) == len(sample), "the tests' process has ended too early"
    for name in anew[: options.anew]:
        if is_killed(file, trees[name], tests):
            killed += 1
        else:
            survived += 1
            print(f"survived: {name}    {line_of(name)}  (imported anew)", flush=True)
    left = len(anew) - len(anew[: options.anew])
    print(f"{file}: {len(found)} mutants, {len(wanted) - left} tried, {killed} killed, {survived} survived,"
          f" {len(known)} known to be the same", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
