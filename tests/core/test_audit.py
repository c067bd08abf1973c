"""What the audit says of every edit of a small set of books: a table of edits, and the first thing that is wrong.

Each edit is made in a copy in memory, without triggers and CHECKs, and rolled back.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.story import Storyteller
from tests.core.test_guarantees_written import without_triggers
from wallet_core.audit import Audit, AuditReport
from wallet_core.ledger.sql import Statement
from wallet_core.storage.compiled import SQLITE, text_of

# Transfer 1 gave Ann 10.00; n moves with the entries 2n - 1 and 2n. Wallets: Ann 1, Bob 2, Cid 3, the issuer 4, Dan 5.
MOVED = """
    open dan
    transfer ann bob 4.00 two
    transfer bob ann 1.00 three
    transfer ann bob 2.00 four lunch
    issue cid 1.00 five
    transfer bob ann 0.01 six"""

EDITS = """
UPDATE transfers SET amount = 0 WHERE id = 3 -> transfer 3 does not move an amount between two wallets
UPDATE transfers SET amount = 101 WHERE id = 3 -> entry 5 says something else than transfer 3
UPDATE transfers SET credit = debit WHERE id = 3 -> transfer 3 does not move an amount between two wallets
UPDATE transfers SET debit = 99 WHERE id = 3 -> transfer 3 names wallet 99, which is missing
UPDATE transfers SET credit = 99 WHERE id = 3 -> transfer 3 names wallet 99, which is missing
UPDATE transfers SET debit = 3 WHERE id = 3 -> entry 5 says something else than transfer 3
UPDATE transfers SET credit = 3 WHERE id = 3 -> entry 6 says something else than transfer 3
UPDATE transfers SET currency = 'USD' WHERE id = 3 -> transfer 3 is in another currency than its wallets, or the books
UPDATE wallets SET currency = 'USD' WHERE id = 2 -> transfer 2 is in another currency than its wallets, or the books
UPDATE wallets SET currency = 'USD' WHERE id = 4 -> transfer 1 is in another currency than its wallets, or the books
UPDATE books SET currency = 'USD' -> transfer 1 is in another currency than its wallets, or the books
UPDATE transfers SET kind = 'tip' WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET memo = 'x' WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET key = 'x' WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET created_at = 1 WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET refunds = 2 WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET subject_kind = 'gift' WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE transfers SET subject = 'x' WHERE id = 3 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE wallets SET owner = 'x' WHERE id = 2 -> entry 4 of transfer 2 does not have the hash of what it says
UPDATE wallets SET owner = 'x' WHERE id = 4 -> entry 1 of transfer 1 does not have the hash of what it says
UPDATE wallets SET kind = 'escrow' WHERE id = 2 -> entry 4 of transfer 2 does not have the hash of what it says
UPDATE wallets SET owner = 'x', first_owner = owner WHERE id = 2 -> wallet 2 has changed hands, and no two operators \
agreed to that
UPDATE books SET decimals = 3 -> entry 1 of transfer 1 does not have the hash of what it says
UPDATE books SET symbol = 'E' -> entry 1 of transfer 1 does not have the hash of what it says
DELETE FROM books -> the books do not say what their currency is
UPDATE entries SET hash = x'00' WHERE id = 5 -> entry 5 of transfer 3 does not have the hash of what it says
UPDATE entries SET hash = x'00' WHERE id = 6 -> entry 6 of transfer 3 does not have the hash of what it says
UPDATE entries SET hash = x'00' WHERE id = 12 -> entry 12 of transfer 6 does not have the hash of what it says
DELETE FROM entries WHERE id = 5 -> entry 5 of transfer 3 is missing
DELETE FROM entries WHERE id = 6 -> entry 6 of transfer 3 is missing
UPDATE entries SET wallet = 3 WHERE id = 5 -> entry 5 says something else than transfer 3
UPDATE entries SET delta = 1 WHERE id = 6 -> entry 6 says something else than transfer 3
UPDATE entries SET transfer = 9 WHERE id = 6 -> entry 6 says something else than transfer 3
UPDATE entries SET previous = NULL WHERE id = 5 -> entry 5 has version 2, the one before it 0
UPDATE entries SET previous = 99 WHERE id = 5 -> entry 5 follows entry 99, which is not there
UPDATE entries SET previous = 8 WHERE id = 5 -> entry 5 follows entry 8, which is not there
UPDATE entries SET previous = 5 WHERE id = 5 -> entry 5 follows entry 5, which is not there
UPDATE entries SET previous = 3 WHERE id = 5 -> entry 5 follows entry 3 of another wallet
UPDATE entries SET version = 3 WHERE id = 5 -> entry 5 has version 3, the one before it 1
UPDATE entries SET balance_after = 301 WHERE id = 5 -> entry 5 has the balance 301 instead of 300
UPDATE entries SET previous = NULL, version = 1 WHERE id = 5 -> entry 5 has the balance 300 instead of -100
{entry 13 comes} -> entry 13 has no transfer
{entry 14 comes} -> entry 14 has no transfer
DELETE FROM transfers WHERE id = 1 -> entry 1 has no transfer
DELETE FROM transfers WHERE id = 3 -> entry 5 has no transfer
DELETE FROM transfers WHERE id = 6 -> entry 11 has no transfer
DELETE FROM transfers WHERE id = 3; UPDATE entries SET hash = x'00' WHERE id = 7 -> entry 5 has no transfer
DELETE FROM transfers WHERE id = 3; UPDATE entries SET hash = x'00' WHERE id = 4 -> entry 4 of transfer 2 does not \
have the hash of what it says
DELETE FROM transfers WHERE id = 5; UPDATE entries SET hash = x'00' WHERE id = 11 -> entry 9 has no transfer
UPDATE wallets SET balance = balance + 1 WHERE id = 1 -> wallet 1 does not say the same as its last entry 12
UPDATE wallets SET version = version + 1 WHERE id = 1 -> wallet 1 does not say the same as its last entry 12
UPDATE wallets SET head = x'00' WHERE id = 2 -> wallet 2 does not say the same as its last entry 11
UPDATE wallets SET last_entry = 8 WHERE id = 2 -> wallet 2 does not say the same as its last entry 8
UPDATE wallets SET last_entry = 99 WHERE id = 2 -> wallet 2 does not say the same as its last entry 99
UPDATE wallets SET last_entry = NULL WHERE id = 2 -> wallet 2 has no last entry, and yet a balance or a version
UPDATE wallets SET balance = 1 WHERE id = 5 -> wallet 5 has no last entry, and yet a balance or a version
UPDATE wallets SET version = 1 WHERE id = 5 -> wallet 5 has no last entry, and yet a balance or a version
UPDATE wallets SET head = x'00' WHERE id = 5 -> wallet 5 has no last entry, and yet a balance or a version
UPDATE wallets SET floor = 500 WHERE id = 2 -> wallet 2 has the balance 499 below its floor 500
UPDATE wallets SET floor = 499 WHERE id = 2 -> sound
UPDATE wallets SET floor = NULL WHERE id = 2 -> wallet 2 has the balance 499 below its floor None
UPDATE wallets SET floor = -1100 WHERE id = 4 -> wallet 4 has the balance -1100 below its floor -1100
{ann as of entry 7} -> the balances in EUR sum to -1 instead of 0
{ann as of entry 7}; {bob as of entry 8} -> entry 11 does not lead to the last entry of its wallet
"""

# With the first three transfers taken as they are.
EDITS_AFTER_3 = """
UPDATE entries SET hash = x'00' WHERE id = 3 -> sound
UPDATE entries SET hash = x'00' WHERE id = 1 -> entry 9 of transfer 5 does not have the hash of what it says
DELETE FROM transfers WHERE id = 3 -> sound
DELETE FROM transfers WHERE id = 4 -> entry 7 has no transfer
UPDATE entries SET hash = x'00' WHERE id = 7 -> entry 7 of transfer 4 does not have the hash of what it says
UPDATE entries SET hash = x'00' WHERE id = 6 -> entry 7 of transfer 4 does not have the hash of what it says
{ann as of entry 7} -> the balances in EUR sum to -1 instead of 0
{ann as of entry 7}; {bob as of entry 8} -> entry 11 does not lead to the last entry of its wallet
{ann as of entry 6}; {bob as of entry 5} -> entry 11 does not lead to the last entry of its wallet
{cid unpaid}; {issuer as of entry 1} -> entry 9 does not lead to the last entry of its wallet
"""

EDITS_AFTER_5 = """
{cid unpaid}; {issuer as of entry 1} -> sound
{cid unpaid}; {issuer as of entry 1}; {ann as of entry 7}; {bob as of entry 8} -> entry 11 does not lead to the last \
entry of its wallet
"""

AS_OF = (
    "UPDATE wallets SET (balance, version, last_entry, head) ="
    " (SELECT balance_after, version, id, hash FROM entries WHERE id = {}) WHERE id = {}"
)
UNPAID = "UPDATE wallets SET (balance, version, last_entry, head) = (0, 0, NULL, NULL) WHERE id = 3"
COMES = "INSERT INTO entries SELECT {}, wallet, version, 9, delta, 0, 7, hash FROM entries WHERE id = 11"


@pytest.fixture
async def file(teller: Storyteller, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The books in memory, guarded by nothing."""
    await teller.tell(MOVED)
    kept = sqlite3.connect(tmp_path / "books.db")
    copy = sqlite3.connect(":memory:", isolation_level=None)
    kept.backup(copy)
    kept.close()
    without_triggers(copy)
    copy.execute("PRAGMA foreign_keys=OFF")
    copy.execute("PRAGMA ignore_check_constraints=ON")
    yield copy
    copy.close()


async def audited(
    file: sqlite3.Connection, *, begin: Callable[[], Any] = lambda: None, portion: int | None = None, **how: Any
) -> AuditReport:
    """`begin` is what comes between the portions and the snapshot; `portion` is how many rows come at a time."""

    async def fetch(statement: Statement, **values: object) -> Any:
        text = text_of(statement, SQLITE)
        return file.execute(text.sql, text.values(values)).fetchall()[:portion]

    async def begun() -> None:
        begin()

    return await Audit(fetch, begun, **how).report()


async def check_edits(file: sqlite3.Connection, table: str, **how: Any) -> None:
    for line in table.replace("\\\n", "").strip().splitlines():
        edits, _, expected = line.partition(" -> ")
        for name, number in (("ann", 1), ("bob", 2), ("issuer", 4)):
            edits = re.sub(rf"{{{name} as of entry (\d+)}}", lambda m, n=number: AS_OF.format(m[1], n), edits)
        edits = edits.replace("{cid unpaid}", UNPAID)
        edits = re.sub(r"{entry (\d+) comes}", lambda m: COMES.format(m[1]), edits)
        file.execute("BEGIN")
        for edit in edits.split(";"):
            file.execute(edit)
        assert ((await audited(file, **how)).problem or "sound") == expected, line
        file.execute("ROLLBACK")


@pytest.mark.parametrize("portion", [None, 1, 2])
async def test_the_audit_names_the_first_thing_that_an_edit_made_wrong(
    file: sqlite3.Connection, portion: int | None
) -> None:
    await check_edits(file, EDITS, portion=portion)


@pytest.mark.parametrize("portion", [None, 1, 2])
async def test_an_audit_from_a_transfer_on_takes_those_before_as_they_are(
    file: sqlite3.Connection, portion: int | None
) -> None:
    await check_edits(file, EDITS_AFTER_3, start=3, portion=portion)
    await check_edits(file, EDITS_AFTER_5, start=5, portion=portion)


@pytest.mark.parametrize("portion", [1, 2, 5])
async def test_books_that_are_read_in_portions_are_verified_as_a_whole(file: sqlite3.Connection, portion: int) -> None:
    report = await audited(file, portion=portion)
    assert (report.problem, report.transfers, report.wallets) == (None, 6, 5)


async def test_what_was_verified_is_counted_and_told_as_it_goes(file: sqlite3.Connection) -> None:
    for start in range(7):
        told: list[tuple[int, int]] = []
        report = await audited(file, start=start, progress=lambda *so_far, told=told: told.append(so_far))
        verified = 6 - start
        assert (report.problem, report.sound) == (None, True)
        assert (report.transfers, report.entries, report.wallets) == (verified, 2 * verified, 5)
        assert (report.sums, report.circulating) == ({"EUR": 0}, {"EUR": 1100})
        assert told == [(2 * verified, 2 * verified)] * (2 if verified else 1)
    file.execute("UPDATE wallets SET kind = 'gateway' WHERE id = 4")
    assert (await audited(file, start=6)).circulating == {"EUR": 1100}, "what came through a gateway is out too"


async def test_what_was_read_before_the_snapshot_is_not_read_again(file: sqlite3.Connection) -> None:
    def more_has_come() -> None:
        file.execute("ROLLBACK")
        file.execute("UPDATE transfers SET memo = 'x' WHERE id = 4")

    file.execute("BEGIN")
    file.execute("DELETE FROM transfers WHERE id > 4")
    file.execute("DELETE FROM entries WHERE transfer > 4")
    assert (await audited(file, begin=more_has_come)).problem is None
    assert (await audited(file)).problem == "entry 7 of transfer 4 does not have the hash of what it says"


@pytest.mark.parametrize("start", [0, 3])
async def test_what_comes_while_the_books_are_read_is_verified_too(file: sqlite3.Connection, start: int) -> None:
    told: list[tuple[int, int]] = []

    async def audited_while(come: str, edit: str = "") -> AuditReport:
        """As if these transfers had been committed just before the snapshot."""
        if edit:
            file.execute(edit)
        file.execute("BEGIN")
        file.execute(f"DELETE FROM transfers WHERE id IN ({come})")
        file.execute(f"DELETE FROM entries WHERE transfer IN ({come})")
        return await audited(
            file, start=start, begin=lambda: file.execute("ROLLBACK"), progress=lambda *n: told.append(n)
        )

    newest = await audited_while("5, 6")
    assert (newest.problem, newest.transfers) == (None, 6 - start)
    assert told == [(2 * (4 - start),) * 2, (2 * (6 - start),) * 2, (2 * (6 - start),) * 2]
    before_the_last = await audited_while("5")  # PostgreSQL gives ids before the commit
    assert (before_the_last.problem, before_the_last.transfers) == (None, 6 - start)
    wrong = "entry 9 of transfer 5 does not have the hash of what it says"
    assert (await audited_while("5", "UPDATE entries SET hash = x'00' WHERE id = 9")).problem == wrong
    assert (await audited_while("5, 6")).problem == wrong


async def test_an_entry_without_a_transfer_that_comes_while_the_books_are_read_shows(file: sqlite3.Connection) -> None:
    for meanwhile, stray in ((COMES.format(13), 13), ("DELETE FROM transfers WHERE id = 6", 11)):
        file.execute("BEGIN")
        report = await audited(file, begin=lambda meanwhile=meanwhile: file.execute(meanwhile))
        file.execute("ROLLBACK")
        assert report.problem == f"entry {stray} has no transfer"
