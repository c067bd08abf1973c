"""A fair sample of a file's mutants, each against those tests alone that reach its line: minutes instead of hours.

    python -m tests.campaigns.mutate_sampled --sample 40 --seed 1 wallet_core/audit.py wallet_core/ledger/books.py
    python -m tests.campaigns.mutate_sampled wallet_core/audit.py --tests tests/core/test_audit.py

    python -m tests.campaigns.mutate_sampled --together --workers 3 --most 25 bot/handlers/tips.py bot/handlers/pins.py

The file's tests run once as they are, and it is seen which lines each of them reaches; one that fails, slowed by being
watched, is left out. A mutant then meets the tests that reached its statement, those that killed lately first, then the
file's own. What is changed outside of functions, is reached by none, or was reached while the modules were imported, is
put in place where it is a statement of SQL (transplants.py), or imported anew (mutant_runs.py). A process that a test
starts is not looked into: a test that reaches a line in such a one alone is not counted, so a survivor may be killed by
`mutate`, never the other way.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import json
import mmap
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
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
    end_with,
    in_child,
    is_killed,
    module_of,
    preload,
)
from tests.campaigns.mutants import EQUIVALENT
from tests.campaigns.mutate import TARGETS, line_of, mutants

BUSY_MIN_S, LIFE_MIN_S = 20, 30  # of the processor, and by the clock: for a mutant whose tests take next to nothing
NO_STATEMENT = 2**32  # in place of the number of a test: what is changed is no statement
WARMING = 40  # quick tests that are run on the files as they are, before any is changed
TESTS_MAX = 400  # for a line that all of them reach: those that killed lately, its file's own, the quickest


Line = tuple[str, int]  # of a file


class Seen:
    """What came of a test on the files as they are."""

    def __init__(self, took_s: float, waited_s: float, has_failed: bool, lines: Iterable[Iterable[Any]]) -> None:
        self.took_s, self.waited_s, self.has_failed = took_s, waited_s, has_failed
        self.lines: set[Line] = {(file, line) for file, line in lines}


class Reach:
    """The lines of some files that are run meanwhile, in this thread and in those that are begun."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = {str(Path(file).resolve()): file for file in files}
        self.lines: set[Line] = set()

    def __enter__(self) -> Reach:
        self.lines = set()
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _called(self, frame: FrameType, event: str, given: object) -> Any:
        return self._stepped(frame, event, given) if frame.f_code.co_filename in self._files else None

    def _stepped(self, frame: FrameType, event: str, given: object) -> Any:
        self.lines.add((self._files[frame.f_code.co_filename], frame.f_lineno))
        return self._stepped


class Original:
    """A file as it is: what a mutant of it is compared with."""

    def __init__(self, file: str) -> None:
        self.tree = ast.parse(Path(file).read_text())
        self.code = compile(self.tree, file, "exec")
        self.module = importlib.import_module(module_of(file))


class Sampled:
    """A pytest plugin: once the tests are collected, one child for each mutant runs those that reach it.

    So many children at a time as there are workers, each of which takes every so many-th mutant.
    """

    def __init__(
        self, sample: Sequence[Mutant], out: Any, reach: Reach, *, most: int, workers: int, watched: Path | None
    ) -> None:
        self.sample, self.out, self.reach = sample, out, reach
        self.most, self.workers, self.watched = most, workers, watched

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        at_import = self.reach.lines
        self.reach.__exit__()
        seen = self._seen(session, list(session.items))
        for item, each in seen.items():
            if each.has_failed:
                self.out.write(f"{item.nodeid.replace(' ', '')} fails\n")
        met = {item: each for item, each in seen.items() if not each.has_failed}
        samples = [self.sample[nth :: self.workers] for nth in range(self.workers)]
        _beside_each_other([partial(self._judge, session, met, at_import, sample) for sample in samples])
        return True

    def _seen(self, session: pytest.Session, items: list[pytest.Item]) -> dict[pytest.Item, Seen]:
        """What the tests reach, and which of them fail as it is."""
        found: dict[str, Any] = {}
        if self.watched is not None and self.watched.exists():
            found = json.loads(self.watched.read_text())
        unknown = [item for item in items if item.nodeid not in found]
        with tempfile.TemporaryDirectory() as folder:
            parts = [(unknown[nth :: self.workers], Path(folder) / str(nth)) for nth in range(self.workers)]
            _beside_each_other([partial(self._watch, session, part, told) for part, told in parts])
            for part, told in parts:
                found |= zip([item.nodeid for item in part], json.loads(told.read_text()), strict=True)
        if self.watched is not None:
            self.watched.write_text(json.dumps(found))
        return {item: Seen(*found[item.nodeid]) for item in items}

    def _judge(
        self, session: pytest.Session, met: dict[pytest.Item, Seen], at_import: set[Line], sample: Sequence[Mutant]
    ) -> int:
        quickest = sorted(met, key=lambda item: met[item].took_s)
        one_of_each = {file_of(item.nodeid): item for item in reversed(quickest)}
        self._warm(list(dict.fromkeys([*one_of_each.values(), *quickest[:WARMING]])))
        gc.freeze()  # or each child would copy all that its collector looks at
        self.killer = mmap.mmap(-1, 8)  # shared with its children: the number of the test that failed, from 1 on
        latest: dict[pytest.Item, int] = {}  # who killed, and when
        originals = {file: Original(file) for file in dict.fromkeys(file_of(name) for name, _ in sample)}
        for nth, (name, changed_tree) in enumerate(sample):
            file = file_of(name)
            original = originals[file]
            changed = list(_changed(original.code, compile(changed_tree, file, "exec")))
            live = [_live(original.module, code) for code in changed]
            wanted = {(file, line) for line in _statement(original.tree, int(name.split(":")[1]))}
            reaching = [item for item, each in met.items() if wanted & each.lines]
            is_known = changed and None not in live and not wanted & at_import and reaching
            if not is_known:  # perhaps it is a statement: it is said by whoever comes into the file at all
                changed, live = [], []
                reaching = [item for item in met if _comes_into(item, met[item], file)] or list(met)
            if not is_known and (not reaching or not self.most):
                self.out.write(f"{name} anew\n")
                continue
            if not self.most:
                self.out.write(f"{name} left\n")
                continue
            own = TARGETS[file][0]
            reaching.sort(key=lambda item: (-latest.get(item, -1), not _is_own(item, file, own), met[item].took_s))
            reaching = reaching[: self.most]
            self.killer[:] = bytes(8)
            new = None if is_known else compile(changed_tree, file, "exec")
            with changed_source(file, changed_tree):
                life_s = LIFE_MIN_S + LIVES * sum(met[item].waited_s for item in reaching)
                busy_s = BUSY_MIN_S + int(LIVES * sum(met[item].took_s for item in reaching))
                work = partial(self._run, session, reaching, changed, live, original.module, new, original.code)
                died = in_child(work, Life(life_s, busy_s))
            if (at := int.from_bytes(self.killer[:], "big")) == NO_STATEMENT:
                self.out.write(f"{name} anew\n")
                continue
            self.out.write(f"{name} {'killed' if died else 'survived'} {len(reaching)}\n")
            if died and at:
                latest[reaching[at - 1]] = nth
        return 0

    def _watch(self, session: pytest.Session, items: list[pytest.Item], told: Path) -> int:
        seen = []
        for item, after in zip(items, [*items[1:], None][: len(items)], strict=True):
            used, began, failures = time.process_time(), time.monotonic(), session.testsfailed
            with self.reach:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            failed = session.testsfailed > failures
            seen.append((time.process_time() - used, time.monotonic() - began, failed, sorted(self.reach.lines)))
        told.write_text(json.dumps(seen))
        return 0

    def _warm(self, items: list[pytest.Item]) -> None:
        """What is made once (empty books, statements as text) is made before the children are."""
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)

    def _run(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        changed: list[CodeType],
        live: list[FunctionType],
        module: ModuleType,
        new: CodeType | None,
        original: CodeType,
    ) -> int:
        from tests.campaigns.transplants import transplanted  # the core: what is imported anew must not be there

        if new is not None:
            try:
                is_placed = transplanted(module, new, original)
            except Exception:  # it cannot even be imported
                return 1
            if not is_placed:
                self.killer[:] = NO_STATEMENT.to_bytes(8, "big")
                return 0
        for function, code in zip(live, changed, strict=True):
            function.__code__ = code
        from tests.campaigns.bank import stop_shared

        try:
            for nth, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True), 1):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    self.killer[:] = nth.to_bytes(8, "big")
                    return 1
            return 0
        finally:
            stop_shared()


def _beside_each_other(works: Sequence[Callable[[], int]]) -> None:
    """Each in a child of its own."""
    from tests.campaigns.bank import stop_shared

    def to_the_end(work: Callable[[], int]) -> int:
        try:
            return work()
        finally:
            stop_shared()

    children = [os.fork() or end_with(partial(to_the_end, work)) for work in works]
    for child in children:
        _, status = os.waitpid(child, 0)
        assert status == 0, "a worker has ended too early"


def _is_own(item: pytest.Item, file: str, own: str) -> bool:
    """Whether a test is the file's own."""
    return file_of(item.nodeid) == own or f"[{Path(file).stem}]" in item.nodeid


def _comes_into(item: pytest.Item, seen: Seen, file: str) -> bool:
    """Whether a test reaches any line of the file, or is said to be about it."""
    is_everybodys = "features" not in file  # what the ledger and the storage say is said for all
    return is_everybodys or any(at == file for at, _ in seen.lines) or f"[{Path(file).stem}]" in item.nodeid


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


def file_of(name: str) -> str:
    return name.partition(":")[0]


def verdicts(sample: Sequence[Mutant], files: Sequence[str], tests: Sequence[str], **how: Any) -> Iterator[list[str]]:
    """Of each mutant its name and whether it was killed, survived (met by how many tests) or is to be imported anew."""
    reading, writing = os.pipe()
    session = os.fork()
    if session == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w", buffering=1) as out, Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                reach = Reach(files)
                reach.__enter__()
                pytest.main([*OPTIONS, "-s", *tests], plugins=[Sampled(sample, out, reach, **how)])
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
    parser.add_argument("--together", action="store_true", help="the tests of all the files are run and watched once")
    parser.add_argument("--workers", type=int, default=1, help="so many mutants at a time")
    parser.add_argument("--watched", type=Path, help="where it is kept which test reaches what, for the next time")
    parser.add_argument(
        "--most",
        type=int,
        default=TESTS_MAX,
        help="tests a mutant meets: few first, then --survivors; 0: only those that must be imported anew are tried",
    )
    parser.add_argument("--survivors", type=Path, help="only those that an earlier output says survived")
    options = parser.parse_args()
    preload()
    for files in [options.files] if options.together else [[file] for file in options.files]:
        _some(files, options)


def _some(files: Sequence[str], options: argparse.Namespace) -> None:
    """Files that are looked at together: their tests are run once for all of them."""
    tests = options.tests or list(dict.fromkeys(test for file in files for test in TARGETS[file]))
    asked = {file: list(_asked(file, options)) for file in files}
    known = {file: sum(_is_known(file, mutant) for mutant in asked[file]) for file in files}
    sample = [mutant for file in files for mutant in asked[file] if not _is_known(file, mutant)]
    trees = dict(sample)
    counts = {file: Counter[str]() for file in files}
    how = {"most": options.most, "workers": options.workers, "watched": options.watched}
    anew = []
    for name, verdict, *met in verdicts(sample, files, tests, **how):
        if verdict == "fails":
            print(f"left out, for it fails as it is: {name}", flush=True)
            continue
        counts[file_of(name)][verdict] += 1
        if (so_far := sum(each.total() for each in counts.values())) % 100 == 0:
            print(f"{so_far} of {len(sample)}", file=sys.stderr, flush=True)
        if verdict == "anew":
            anew.append(name)
        elif verdict == "survived":
            print(f"survived: {name}    {line_of(name)}  (met by {met[0]})", flush=True)
    assert sum(each.total() for each in counts.values()) == len(sample), "the tests' process has ended too early"
    many = len(anew) if options.anew is None else options.anew
    mutants_anew = [(name, trees[name]) for name in anew[:many]]
    for name, died in _tried_anew(mutants_anew, options.workers, options.tests):
        counts[file_of(name)].subtract(["anew"])
        counts[file_of(name)]["killed" if died else "survived"] += 1
        if not died:
            print(f"survived: {name}    {line_of(name)}  (imported anew)", flush=True)
    for name in anew[many:]:
        print(f"not tried: {name}    {line_of(name)}  (to be imported anew)")
    for file, count in counts.items():
        print(f"{file}: {len(list(mutants(file)))} mutants, {len(asked[file]) - count['anew'] - count['left']} tried,"
              f" {count['killed']} killed, {count['survived']} survived, {count['anew']} to be imported anew,"
              f" {known[file]} known to be the same", flush=True)  # fmt: skip


def _tried_anew(sample: Sequence[Mutant], workers: int, tests: Sequence[str] | None) -> Iterator[tuple[str, bool]]:
    """Each mutant's name, and whether a test fails on it; so many at a time as there are workers."""
    reading, writing = os.pipe()

    def work(mine: Sequence[Mutant]) -> int:
        for name, tree in mine:
            died = is_killed(file_of(name), tree, tests or TARGETS[file_of(name)])
            os.write(writing, f"{name} {int(died)}\n".encode())
        return 0

    children = [os.fork() or end_with(partial(work, sample[nth::workers])) for nth in range(workers)]
    os.close(writing)
    with os.fdopen(reading) as told:
        for line in told:
            name, died = line.split()
            yield name, died == "1"
    for child in children:
        os.waitpid(child, 0)


def _asked(file: str, options: argparse.Namespace) -> Sequence[Mutant]:
    found = list(mutants(file))
    if options.survivors:
        names = {line.split()[1] for line in options.survivors.read_text().splitlines() if line[:8] == "survived"}
        wanted = [mutant for mutant in found if mutant[0] in names]
    else:
        wanted = found
    if options.sample is not None and options.sample < len(wanted):
        wanted = random.Random(options.seed).sample(wanted, options.sample)
    return wanted


if __name__ == "__main__":
    main()
