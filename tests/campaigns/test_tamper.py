"""Edits behind the core's back, in short; the campaign is `python -m tests.campaigns.tamper --edits 10000`."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.campaigns.drive import PlainRules
from tests.campaigns.edits import edits
from tests.campaigns.tamper import campaign, make_books, rewrite
from wallet_core import HistoryOf, Money, PaymentByCode, Transfer, TransferNotFound, WalletCore
from wallet_core.storage.compiled import SQLITE, text_of

ROWS_MAX = 40  # of a table, among which one is looked for that shows what an edit of it does


@cache
def made() -> bytes:
    """Making them takes seconds; every test edits a copy."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(make_books(Path(folder))).read_bytes()


@pytest.fixture
def books(tmp_path):
    file = tmp_path / "books.db"
    file.write_bytes(made())
    return file


def test_the_audit_names_the_first_bad_entry_of_every_edit(books):
    vandal = campaign(range(400), books)
    assert vandal.links > 60, "of the edits, those of which request was paid"


def said(file: sqlite3.Connection, feature: str) -> list[str]:
    checks = import_module(f"wallet_core.features.{feature}").AUDIT
    asked = [(check.what, text_of(check.statement, SQLITE).sql) for check in checks]
    return [what for what, sql in asked if (file.execute(sql).fetchone() or [None])[0] is not None]


@pytest.mark.parametrize("feature", dict.fromkeys(feature for feature, *_ in edits()))
def test_the_checks_of_a_feature_say_of_each_edit_what_is_wrong(books, feature):
    with closing(sqlite3.connect(books, isolation_level=None)) as file:
        file.executescript("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON")
        for (trigger,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        assert said(file, feature) == [], "sound before"
        for of, statements, expected in edits():
            said_of = (said_after(file, feature, statements, nth) for nth in range(ROWS_MAX if of == feature else 0))
            assert of != feature or expected in said_of, statements


def said_after(file: sqlite3.Connection, feature: str, statements: list[str], passed: int) -> list[str]:
    file.execute("BEGIN")
    try:
        for statement in statements:
            file.execute(statement, {"passed": passed} if ":passed" in statement else {})
        return said(file, feature)
    except sqlite3.IntegrityError:
        return ["the edit is refused"]
    finally:
        file.execute("ROLLBACK")


def problem_after(books, *statements: str) -> str | None:
    with closing(sqlite3.connect(books)) as file, file:
        file.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            file.execute(statement)
    file.close()
    return asyncio.run(_problem(books))


async def _problem(books) -> str | None:
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=PlainRules().real()) as core:
        return (await core.audit()).problem


def test_a_wallet_given_to_somebody_else_shows_at_its_first_entry(books):
    problem = problem_after(
        books,
        "UPDATE wallets SET owner = 'tg:99' WHERE owner = 'tg:1'",
        "UPDATE wallets SET owner = 'tg:1' WHERE owner = 'tg:2'",
        "UPDATE wallets SET owner = 'tg:2' WHERE owner = 'tg:99'",
    )
    assert problem == "entry 2 of transfer 1 does not have the hash of what it says"


@pytest.mark.parametrize("edit", ["refunds = 1", "subject = 'x'", "subject_kind = 'gift'", "subject = NULL"])
@pytest.mark.parametrize("subject", ["NULL", "NOT NULL"])
def test_what_a_transfer_refunds_and_belongs_to_is_part_of_its_hash(books, edit, subject):
    chosen = f"(SELECT MAX(id) FROM transfers WHERE subject IS {subject})"
    with closing(sqlite3.connect(books)) as file, file:
        file.execute("DROP TRIGGER transfers_never_update")
        [(transfer, changes)] = file.execute(
            f"SELECT id, {edit.replace(' = ', ' IS NOT ')} FROM transfers WHERE id = {chosen}"
        )
    file.close()
    problem = problem_after(books, f"UPDATE transfers SET {edit} WHERE id = {chosen}")
    expected = f"entry {2 * transfer - 1} of transfer {transfer} does not have the hash of what it says"
    assert problem == (expected if changes else None)


@pytest.mark.parametrize("edit", ["nth = 0", "nth = 9", "payer = 'tg:99'", "transfer = 1"])
def test_an_edited_payment_of_a_request_shows(books, edit):
    problem = problem_after(
        books, f"UPDATE request_payments SET {edit} WHERE transfer = (SELECT MIN(transfer) FROM request_payments)"
    )
    assert problem is not None
    assert "request" in problem or "intent" in problem


@pytest.mark.parametrize("edit", ["amount = amount + 1", "payer = 'tg:99'", "memo = 'x'", "state = 'cancelled'"])
def test_an_edited_paid_intent_shows(books, edit):
    problem = problem_after(books, f"UPDATE intents SET {edit} WHERE state = 'paid'")
    assert problem is not None
    assert problem.startswith("intent ")


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE books SET closes_at = 1", "the community is wound down otherwise than its operators said"),
        ("UPDATE moves SET agreed_by = NULL", "move {} was asked for by nobody, or is open for longer than a day"),
        ("UPDATE moves SET agreed_by = asked_by", "move {} was agreed to by nobody else, or its notice is not a day"),
        (
            "UPDATE moves SET due_at = due_at - 1 WHERE state = 'done'",
            "move {} was agreed to by nobody else, or its notice is not a day",
        ),
        ("UPDATE moves SET asked_by = 'tg:3'", "move {} was asked for by nobody, or is open for longer than a day"),
        ("UPDATE moves SET stopped_by = 'tg:3'", "move {} was stopped by nobody who may"),
        (
            "UPDATE moves SET new = 'tg:1' WHERE state = 'done'",
            "move {} is done, and whose the wallets are is not what it says",
        ),
        ("UPDATE moves SET state = 'waiting' WHERE state = 'done'", "move {} waits, and nothing will do it"),
        ("DELETE FROM moves", "act {move_asked} says what is not so"),
        ("DELETE FROM acts WHERE kind = 'announced'", "announcement {} is told by nobody's word"),
        ("DELETE FROM acts WHERE kind = 'announcement_stopped'", "announcement {stopped} was stopped by nobody"),
        ("UPDATE acts SET operator = 'tg:3' WHERE kind = 'issued_to_many'", "list {} was issued by nobody's word"),
        ("DELETE FROM issue_lines", "list {} does not add up"),
        ("UPDATE pin_resets SET due_at = due_at - 1", "the PIN reset {} was asked for by nobody, or is not a day away"),
        ("UPDATE pin_resets SET \"by\" = 'tg:3'", "the PIN reset {} was asked for by nobody, or is not a day away"),
    ],
)
def test_what_operators_did_and_what_was_made_of_it_are_held_together(books, edit, problem):
    with closing(sqlite3.connect(books)) as file:
        tables = {"move ": "moves", "announcement": "announcements", "list": "issue_lists", "the PIN": "pin_resets"}
        table = next((table for name, table in tables.items() if problem.startswith(name)), "moves")
        told = "state IN ('telling', 'told', 'stopped') AND kind = 'text'"
        issued = "WHERE state = 'issued'" if "nobody's" in problem else ""
        having = f"WHERE {told}" if table == "announcements" else issued
        [(first,)] = file.execute(f"SELECT min(code) FROM {table} {having}")
        [(stopped,)] = file.execute("SELECT min(code) FROM announcements WHERE state = 'stopped'")
        [(asked,)] = file.execute("SELECT min(code) FROM acts WHERE kind = 'move_asked'")
    file.close()
    assert problem_after(books, edit) == problem.format(first, stopped=stopped, move_asked=asked)


def last_transfer_beside(books) -> int:
    """Set both wallets of the last transfer back, as if it had not been; gives its id."""
    with closing(sqlite3.connect(books)) as file, file:
        [(transfer, debit, credit)] = file.execute("SELECT id, debit, credit FROM transfers ORDER BY id DESC LIMIT 1")
        for wallet, entry in ((debit, 2 * transfer - 1), (credit, 2 * transfer)):
            file.execute(
                "UPDATE wallets SET (balance, version, last_entry, head) = (SELECT e.balance_after, e.version, e.id,"
                " e.hash FROM entries n JOIN entries e ON e.id = n.previous WHERE n.id = ?) WHERE id = ?",
                (entry, wallet),
            )
    file.close()
    return int(transfer)


async def pay_once_more(books):
    """The last transfer is one between two people, each of whom had moved money before."""
    rules = PlainRules(credit=10**6).real()
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=rules) as core:
        with closing(sqlite3.connect(books)) as file, file:
            moved = (
                "SELECT id FROM wallets WHERE kind = 'person' AND state = 'open' AND version > 0"
                " ORDER BY COALESCE(daily_max, 1000) - spent * (spent_on > 0) DESC, id LIMIT 2"
            )
            (payer,), (payee,) = file.execute(moved).fetchall()
        file.close()
        await core.run(Transfer(payer=payer, payee=payee, amount=Money(1, rules.currency), key="the last"))


@pytest.mark.parametrize("before", [None, 1, 40])
async def test_g12_a_transfer_that_both_wallets_have_forgotten_shows(books, before):
    await pay_once_more(books)
    transfer = last_transfer_beside(books)
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=PlainRules().real()) as core:
        report = await core.audit(start=0 if before is None else transfer - before)
    assert report.problem == f"entry {2 * transfer - 1} does not lead to the last entry of its wallet"


@pytest.mark.parametrize("before", [None, 1, 2, 40])
async def test_g12_a_transfer_that_starts_from_an_older_entry_shows(books, before):
    """The chain has two ends then, each with a sound hash: money spent twice."""
    await pay_once_more(books)
    transfer = last_transfer_beside(books)
    rules = PlainRules(credit=10**6).real()
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=rules) as core:
        with closing(sqlite3.connect(books)) as file, file:
            [(payer, payee)] = file.execute("SELECT debit, credit FROM transfers ORDER BY id DESC LIMIT 1")
        file.close()
        await core.run(Transfer(payer=payer, payee=payee, amount=Money(1, rules.currency), key="again"))
        report = await core.audit(start=0 if before is None else transfer + 1 - before)
    assert report.transfers == (before or transfer + 1)
    loose = None if before == 1 else f"entry {2 * transfer - 1} does not lead to the last entry of its wallet"
    assert report.problem == loose  # with the start between them, the older one is taken as it is


async def test_a_rewritten_history_passes_the_audit_and_fails_the_receipts_in_the_chats(books):
    rules = PlainRules().real()
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=rules) as core:
        history = (await core.ask(HistoryOf(person="tg:1", limit=1000))).lines  # type: ignore[arg-type]
    receipts = {line.payment.receipt.transfer_id: line.payment.receipt for line in history}
    with closing(sqlite3.connect(books)) as file, file:
        asked = (
            "SELECT transfer FROM intents WHERE transfer > 0 UNION SELECT transfer FROM request_payments"
            " UNION SELECT transfer FROM issues WHERE transfer > 0"
            " UNION SELECT transfer FROM issue_lines WHERE transfer > 0"
            " UNION SELECT id FROM transfers WHERE refunds > 0 OR subject_kind IS NOT NULL"
        )
        plain = sorted(receipts.keys() - {row[0] for row in file.execute(asked)})
        rewritten = plain[len(plain) // 2]
        rewrite(file, rewritten, receipts[rewritten].amount.minor + 1)
    file.close()
    async with WalletCore.session(f"sqlite+aiosqlite:///{books}", rules=rules) as core:
        assert (await core.audit()).sound, "the books alone cannot show it"
        for number, receipt in receipts.items():
            if number < rewritten:
                await core.ask(PaymentByCode(receipt.code))
            else:
                with pytest.raises(TransferNotFound):
                    await core.ask(PaymentByCode(receipt.code))
