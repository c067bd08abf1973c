"""How a mutant lives and dies: in a forked child, where pytest runs the tests of its file until one fails.

Most mutants change the body of one function. For them the tests are collected once, every child has the function's code
put in place, and the tests that killed lately come first. What is changed elsewhere, and what has survived so, is
imported anew: a function may have done its work while the modules were imported.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import mmap
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import pytest

from tests.campaigns.mutant_site import sitecustomize

TEMPORARY = "PYTEST_DEBUG_TEMPROOT"  # where pytest makes its folders
SITE = Path(sitecustomize.__file__).parent
LIFE_MAX_S = 900  # of the file as it is; what survives must be seen to survive, also beside other work
LIVES = 4  # a mutant has so many times as long
OPTIONS = ["-x", "-q", "--tb=no", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore:Module already"]

Mutant = tuple[str, ast.Module]


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


@dataclass(frozen=True)
class Life:
    """How long a child may live, and be busy: a loop without an end is over soon, whoever else works."""

    life_s: float = LIFE_MAX_S
    busy_s: int = LIFE_MAX_S  # of the processor


def life_beside(run: Callable[[], bool]) -> tuple[bool, Life]:
    """What was found, and how long a mutant may live by what that took: the tests of the file as it is."""
    began, used = time.monotonic(), _used_s()
    found = run()
    return found, Life(LIVES * (time.monotonic() - began), 5 + int(LIVES * (_used_s() - used)))


def _used_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def end_with(run: Callable[[], int]) -> NoReturn:
    """Do this, say nothing, and end the process: what a child does."""
    code = 1
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        code = run()
    finally:
        os._exit(code)


def _bounded(run: Callable[[], int], life: Life) -> int:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (life.busy_s, resource.RLIM_INFINITY))
    return run()


def in_child(run: Callable[[], int], life: Life) -> bool:
    """Whether something fails, or takes too long, in a child of its own."""
    child = os.fork()
    if child == 0:
        end_with(partial(_bounded, run, life))
    die_at = time.monotonic() + life.life_s
    while time.monotonic() < die_at:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def is_killed(file: str, tree: ast.Module, tests: Sequence[str], life: Life = Life()) -> bool:
    """Whether a test fails on the mutant, everything imported anew."""
    assert module_of(file) not in sys.modules, "the tests would find it as it is"

    def run() -> int:
        sys.meta_path.insert(0, sitecustomize.Loader(module_of(file), source))
        return int(pytest.main([*OPTIONS, *tests]))

    with changed_source(file, tree) as source:
        return in_child(run, life)


@contextlib.contextmanager
def changed_source(file: str, tree: ast.Module) -> Iterator[Path]:
    """A file with the mutant's source, which every Python takes that is started meanwhile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / Path(file).name
        source.write_text(ast.unparse(tree))
        own = {"PYTHONPATH": str(SITE), sitecustomize.VARIABLE: f"{module_of(file)}={source}", TEMPORARY: folder}
        os.environ.update(own)
        try:
            yield source
        finally:
            for name in own:
                del os.environ[name]


def killed_in_place(file: str, mutants: Sequence[Mutant], tests: Sequence[str], life: Life) -> Iterator[str]:
    """The names of those mutants that a test fails on when their function's code is put in place."""
    reading, writing = os.pipe()
    session = os.fork()
    if session == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w", buffering=1) as out, Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
                pytest.main([*OPTIONS, "-s", *tests], plugins=[_InPlace(file, mutants, out, life)])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as names:
        for line in names:
            yield line.strip()
    os.waitpid(session, 0)


class _InPlace:
    """A pytest plugin: once the tests are collected, one child for each mutant runs them."""

    def __init__(self, file: str, mutants: Sequence[Mutant], out: Any, life: Life) -> None:
        self.file, self.mutants, self.out, self.life = file, mutants, out, life
        self.killer = mmap.mmap(-1, 8)  # shared with the children: the number of the test that failed, from 1 on

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        module = importlib.import_module(module_of(self.file))
        source = compile(ast.parse(Path(self.file).read_text()), self.file, "exec")
        items = list(session.items)
        assert not in_child(partial(self._run, session, items, [], []), self.life), "fails as it is, in place"
        for name, tree in self.mutants:
            changed = list(_changed(source, compile(tree, self.file, "exec")))
            live = [_live(module, code) for code in changed]
            if not changed or None in live:
                continue
            self.killer[:] = bytes(8)
            with changed_source(self.file, tree):
                run = partial(self._run, session, items, changed, live)
                is_killed = in_child(run, self.life)
            if is_killed:
                self.out.write(f"{name}\n")
                if nth := int.from_bytes(self.killer[:], "big"):
                    items.insert(0, items.pop(nth - 1))
        return True

    def _run(
        self, session: pytest.Session, items: list[pytest.Item], changed: list[CodeType], live: list[FunctionType]
    ) -> int:
        for function, code in zip(live, changed, strict=True):
            function.__code__ = code
        for nth, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True), 1):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                self.killer[:] = nth.to_bytes(8, "big")
                return 1
        return 0


def _changed(before: CodeType, after: CodeType) -> Iterator[CodeType]:
    """The outermost functions that differ; a difference outside of functions gives code that no function has."""
    old, new = _inner(before), _inner(after)
    if (before.co_code, _plain(before), before.co_names) != (after.co_code, _plain(after), after.co_names):
        yield after
    for name, code in new.items():
        if name not in old:
            yield code
        elif old[name] != code:
            is_class = not code.co_flags & 2  # a class body has no fast locals (CO_NEWLOCALS)
            yield from _changed(old[name], code) if is_class else [code]


def _inner(code: CodeType) -> dict[str, CodeType]:
    return {f"{c.co_qualname}:{c.co_firstlineno}": c for c in code.co_consts if isinstance(c, CodeType)}


def _plain(code: CodeType) -> list[str]:
    return [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]


def _live(module: Any, code: CodeType) -> FunctionType | None:
    """The function of the module that has this name and stands in this line."""
    found: Any = module
    for part in code.co_qualname.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    is_it = isinstance(found, FunctionType) and found.__code__.co_firstlineno == code.co_firstlineno
    return found if is_it and found.__code__.co_freevars == code.co_freevars else None


def preload() -> None:
    """Import what the tests import, but for our own packages: each child has it at once."""
    code = "import tests.conftest, tests.campaigns.simulate, tests.campaigns.faults, sys; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    for name in ("pytest", "hypothesis", *names):
        if not name.startswith(("wallet_core", "tests", "bot", "__main__")):
            with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
                importlib.import_module(name)
