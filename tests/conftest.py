"""Fixtures: a core on a real database file with a clock that tests move."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from bot.words.language import ENGLISH, speak
from tests.core.story import OPERATOR, Clock, Storyteller
from tests.e2e.world import World, bot_world
from tests.fresh import begin_books
from wallet_core import Rules, WalletCore, currency

EUR = currency("EUR")

hypothesis.settings.register_profile("unhurried", deadline=None)  # how fast the machine is, is no fact of ours
hypothesis.settings.load_profile("unhurried")

MEMORY = Path("/dev/shm")  # of Linux; in a container it may be small
MEMORY_MIN = 3 * 2**30


def pytest_configure() -> None:
    """Tests' files stand in memory where there is enough: whoever waits does not wait for the disk."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_MIN:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it was found already


def pytest_sessionfinish() -> None:
    """A test has sent the log to where nobody listens any more; what ends later has nothing to say."""
    logging.getLogger().handlers.clear()


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: whoever looks for garbage need not look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def english() -> None:
    """Whatever was spoken by the test before."""
    speak(own=ENGLISH, house=ENGLISH, zone=UTC, privately=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def books_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR}))


@pytest.fixture
async def core(books_url: str, rules: Rules, clock: Clock, tmp_path: Path) -> AsyncIterator[WalletCore]:
    begin_books(tmp_path / "books.db", rules.currency)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as opened:
        yield opened


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Storyteller:
    """Ann has 10.00 EUR, Bob nothing, Cid nothing."""
    storyteller = Storyteller(core, clock)
    await storyteller.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 first""")
    return storyteller


@pytest.fixture
def file(core: WalletCore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database file behind the core's back."""
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        yield connection


@pytest.fixture
def open_core(books_url: str, clock: Clock) -> Callable[[Rules], object]:
    """Open the same books under other rules."""
    return lambda rules: WalletCore.session(books_url, rules=rules, clock=clock)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was logged since this was asked last, whether a test before has set the log up, and how, or none."""
    caplog.set_level("INFO")

    def text() -> str:
        said = capsys.readouterr().out + caplog.text
        caplog.clear()
        return said

    return text


@pytest.fixture
def log_restored() -> Iterator[None]:
    """For a test that sets the log up: those after it do not write where it did."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A sandbox with the real bot in it, shared by the tests of a module."""
    async with bot_world(tmp_path_factory.mktemp("world")) as world:
        yield world
