"""Who reads cannot write, what a driver's error means, and what the audit says of edits that balance."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import update

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller
from wallet_core import (
    CoreStopped,
    OutcomeUnknown,
    PersonById,
    PersonId,
    Rules,
    StorageBusy,
    StorageFull,
    WalletCore,
    WalletError,
)
from wallet_core.ledger.schema import people
from wallet_core.ledger.sql import Reader, Statement
from wallet_core.storage.database import explain

RENAMED = Statement(update(people).values(name="Mallory"))


@dataclass(frozen=True)
class Rename:
    """A question that would write."""

    is_together: bool

    async def answer(self, read: Reader) -> None:
        await (read.together((RENAMED, {}), (RENAMED, {})) if self.is_together else read.rows(RENAMED))


@asynccontextmanager
async def told(url: str, rules: Rules) -> AsyncIterator[Storyteller]:
    clock = Clock()
    async with WalletCore.session(url, rules=rules, clock=clock) as core:
        teller = Storyteller(core, clock)
        await teller.tell("open ann")
        yield teller


async def refuses_to_write(url: str, rules: Rules) -> None:
    async with told(url, rules) as teller:
        for is_together in (False, True):
            with pytest.raises((sqlite3.OperationalError, asyncpg.ReadOnlySQLTransactionError, WalletError)):
                await teller.core.ask(Rename(is_together))
        found = await teller.core.ask(PersonById(PersonId(teller.person("ann"))))
        assert found is not None and found.name != "Mallory"


async def test_a_question_cannot_write_on_sqlite(books_url: str, rules: Rules) -> None:
    await refuses_to_write(books_url, rules)


async def test_a_question_cannot_write_on_postgresql(rules: Rules) -> None:
    with postgresql() as url:
        await refuses_to_write(url, rules)


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "reading", "writing", "committing"),
    [
        (5, StorageBusy, StorageBusy, StorageBusy),
        (6, StorageBusy, StorageBusy, StorageBusy),
        (13, StorageFull, StorageFull, StorageFull),
        (14, StorageBusy, CoreStopped, OutcomeUnknown),  # CANTOPEN
        (14 + 256, StorageBusy, CoreStopped, OutcomeUnknown),
        (8, CoreStopped, CoreStopped, OutcomeUnknown),
        (9, CoreStopped, CoreStopped, OutcomeUnknown),
        (10 + 5 * 256, CoreStopped, CoreStopped, OutcomeUnknown),
        (11, CoreStopped, CoreStopped, OutcomeUnknown),
        (26, CoreStopped, CoreStopped, OutcomeUnknown),
        (19, type(None), type(None), type(None)),  # a constraint: a bug of ours
    ],
)
def test_what_a_driver_says_is_told_apart(code: int, reading: type, writing: type, committing: type) -> None:
    assert type(explain(failure(code), reading=True)) is reading
    assert type(explain(failure(code))) is writing
    assert type(explain(failure(code), committing=True)) is committing


# -- the audit


@pytest.fixture
def file(core: WalletCore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database file behind the core's back; no CHECK holds."""
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        yield connection


@pytest.mark.parametrize(
    ("edit", "whose", "is_wrong"),
    [
        ("floor = 401", "bob", True),
        ("floor = 400", "bob", False),
        ("floor = NULL", "bob", True),
        ("floor = 0", "issuer", True),
        ("floor = 1", "cid", True),  # in which nothing has ever moved
    ],
)
async def test_g3_the_audit_names_a_wallet_below_its_floor(
    teller: Storyteller, file: sqlite3.Connection, edit: str, whose: str, is_wrong: bool
) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    [(issuer,)] = file.execute("SELECT id FROM wallets WHERE kind = 'issuer'").fetchall()
    wallet = issuer if whose == "issuer" else teller.wallets[whose]
    file.execute(f"UPDATE wallets SET {edit} WHERE id = ?", (wallet,))
    problem = await teller.audit()
    assert ("below its floor" in problem and problem.startswith(f"wallet {wallet} ")) is is_wrong


async def test_payments_of_a_request_that_changed_their_order_show(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        request cid open r1 any
        pay-request ann r1 k2 2.00
        pay-request bob r1 k3 3.00""")
    for was, now in ((1, 9), (2, 1), (9, 2)):
        file.execute("UPDATE request_payments SET nth = ? WHERE nth = ?", (now, was))
    [(second,)] = file.execute("SELECT transfer FROM request_payments WHERE nth = 2").fetchall()
    problem = await teller.audit()
    assert problem.startswith("transfer ") and "does not pay the request that it is noted for" in problem
    assert second < max(row[0] for row in file.execute("SELECT transfer FROM request_payments"))
