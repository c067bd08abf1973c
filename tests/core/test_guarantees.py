"""What the database itself keeps of the core's guarantees, and one wish moves money once (G1 to G6)."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError

from tests.core.story import Storyteller, story
from wallet_core import WalletCore, currency

EUR = currency("EUR")


async def test_g1_an_imbalance_cannot_be_written(teller: Storyteller, file: sqlite3.Connection) -> None:
    insert = (
        "INSERT INTO transfers (id, key, debit, credit, currency, amount, kind, memo, created_at)"
        " VALUES (?, ?, ?, ?, 'EUR', ?, 'payment', '', 0)"
    )
    ann, bob = teller.wallets["ann"], teller.wallets["bob"]
    for debit, credit, amount in ((ann, bob, 0), (ann, bob, -5), (ann, ann, 5), (ann, 999, 5), (ann, None, 5)):
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(insert, (50, f"{debit} {credit} {amount}", debit, credit, amount))
    file.execute(insert, (50, "good", ann, bob, 5))
    entry = "INSERT INTO entries VALUES (?, ?, 2, 1, ?, 5, 50, zeroblob(32))"
    for entry_id, delta in ((99, 5), (100, -5), (101, 5), (98, -5)):  # the sides are fixed: 99 debit, 100 credit
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(entry, (entry_id, ann, delta))


async def test_g1_a_transfer_across_currencies_cannot_be_written(teller: Storyteller, file: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        file.execute(
            "INSERT INTO transfers (id, key, debit, credit, currency, amount, kind, memo, created_at)"
            " VALUES (50, 'x', ?, ?, 'USD', 5, 'payment', '', 0)",
            (teller.wallets["ann"], teller.wallets["bob"]),
        )


@pytest.mark.parametrize("side", ["debit", "credit"])
async def test_g1_neither_wallet_of_a_transfer_can_be_of_another_currency(
    teller: Storyteller, file: sqlite3.Connection, side: str
) -> None:
    file.execute(
        "INSERT INTO wallets (id, kind, currency, balance, version, state, spent_on, spent, created_at)"
        " VALUES (77, 'gateway', 'USD', 0, 0, 'open', 0, 0, 0)"
    )
    wallets = {"debit": teller.wallets["ann"], "credit": teller.wallets["bob"]}
    insert = (
        "INSERT INTO transfers (id, key, debit, credit, currency, amount, kind, memo, created_at)"
        " VALUES (50, 'x', :debit, :credit, 'EUR', 5, 'payment', '', 0)"
    )
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        file.execute(insert, {**wallets, side: 77})
    file.execute(insert, wallets)


async def test_g2_the_balances_of_a_currency_sum_to_zero(teller: Storyteller, file: sqlite3.Connection) -> None:
    await story(
        teller,
        """
        transfer ann bob 4.00 k1
        transfer bob cid 1.50 k2
        issue cid 3.00 k3
        transfer cid ann 4.51 k4   -> InsufficientFunds
        transfer cid ann 4.50 k4""",
    )
    assert file.execute("SELECT SUM(balance), COUNT(*) FROM wallets").fetchone() == (0, 4)


async def test_g2_a_wallet_that_was_deleted_is_missing_says_the_audit(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer bob ann 4.00 k2""")  # Bob has 0.00: the sum cannot show it
    file.execute("PRAGMA foreign_keys=OFF")
    bob = teller.wallets["bob"]
    file.execute("DELETE FROM wallets WHERE id = ?", (bob,))
    assert await teller.audit() == f"transfer 2 names wallet {bob}, which is missing"


async def test_g3_no_wallet_goes_below_its_floor(teller: Storyteller, file: sqlite3.Connection) -> None:
    await story(
        teller,
        """
        transfer ann bob 10.01 k1  -> InsufficientFunds
        transfer ann bob 10.00 k2  -> ok
        transfer ann bob 0.01 k3   -> InsufficientFunds
        balance ann                -> 0.00""",
    )
    with pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE wallets SET balance = -1 WHERE id = ?", (teller.wallets["ann"],))


async def test_g4_transfers_and_entries_are_never_changed_or_deleted(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    file.execute("PRAGMA recursive_triggers=ON")
    for statement in (
        "UPDATE transfers SET amount = 1",
        "UPDATE entries SET delta = 1",
        "DELETE FROM transfers",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="G4"):
            file.execute(statement)


@pytest.mark.parametrize("table", ["transfers", "entries"])
async def test_g4_the_core_itself_cannot_replace_what_is_written(
    teller: Storyteller, core: WalletCore, table: str
) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    replace = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    with pytest.raises(IntegrityError, match="G4"):
        await core._database.write(lambda connection: connection.exec_driver_sql(replace).rowcount)


async def test_g5_a_repeated_key_moves_money_once(teller: Storyteller) -> None:
    await story(
        teller,
        """
        transfer ann bob 4.00 k2        -> ok
        transfer ann bob 4.00 k2        -> ok, the same receipt
        transfer ann bob 5.00 k2        -> KeyReused
        transfer ann cid 4.00 k2        -> KeyReused
        transfer bob ann 4.00 k2        -> KeyReused
        transfer ann bob 4.00 k2 memo   -> KeyReused
        balance  ann                    -> 6.00
        issue ann 1.00 k9               -> ok
        issue ann 1.00 k9               -> ok, the same receipt
        issue ann 2.00 k9               -> KeyReused
        balance  ann                    -> 7.00""",
    )


async def test_g5_a_repeat_gives_the_receipt_even_when_the_money_is_gone(teller: Storyteller) -> None:
    await story(
        teller,
        """
        transfer ann bob 10.00 k1  -> ok
        transfer ann bob 10.00 k1  -> ok, the same receipt""",
    )


async def test_g5_a_repeated_key_makes_one_intent_and_one_request(teller: Storyteller) -> None:
    await story(
        teller,
        """
        issue bob 9.00 k1
        ask ann bob 4.00 i1        -> ok
        ask ann bob 4.00 i1        -> ok, the same receipt
        ask ann bob 5.00 i1        -> KeyReused
        ask ann cid 4.00 i1        -> KeyReused
        ask ann bob ? i1           -> KeyReused
        ask bob ann 4.00 i1        -> KeyReused
        ask ann bob 4.00 i1 memo   -> KeyReused
        ask ann bob ? i2           -> ok
        answer ann 2.00 i3         -> ok
        answer ann 2.00 i3         -> ok, the same receipt
        answer ann 3.00 i3         -> KeyReused
        answer ann 4.00 i1         -> KeyReused
        request bob 3.00 r1        -> ok
        request bob 3.00 r1        -> ok, the same receipt
        request bob 4.00 r1        -> KeyReused
        request bob open r1        -> KeyReused
        request bob 3.00 r1 any    -> KeyReused
        request cid 3.00 r1        -> KeyReused
        request bob 3.00 r2        -> ok
        pay-request ann r1 k2      -> ok
        pay-request ann r1 k2      -> ok, the same receipt
        pay-request ann r2 k2      -> KeyReused
        balance ann                -> 7.00""",
    )


@pytest.mark.parametrize("table", ["transfers", "intents", "payment_requests"])
async def test_g5_the_database_holds_each_key_once(teller: Storyteller, file: sqlite3.Connection, table: str) -> None:
    await teller.tell("""
        request bob 3.00 r1
        ask ann bob 4.00 i1""")
    cursor = file.execute(f"SELECT * FROM {table} LIMIT 1")
    row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    identity = "id" if table == "transfers" else "code"
    again = {**row, identity: 50 if table == "transfers" else "another"}
    insert = f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in row)})"
    with pytest.raises(sqlite3.IntegrityError, match=f"UNIQUE constraint failed: {table}.key"):
        file.execute(insert, again)
    file.execute(insert, {**again, "key": "another"})


async def test_g6_the_writer_waits_for_the_disk(core: WalletCore) -> None:
    def pragmas(connection: object) -> tuple[object, ...]:
        return tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # type: ignore[attr-defined]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        )

    full = 2
    assert await core._database.write(pragmas) == ("wal", full, 1, 1)
