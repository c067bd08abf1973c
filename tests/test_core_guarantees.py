"""One test for each guarantee of the core (G1 to G7, G10 to G13); those of the bot (G8, G9, G14) are in test_e2e_*."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.story import Storyteller, story
from wallet_core import (
    ClaimOutbox,
    ConfirmIntent,
    Money,
    SettleOutbox,
    Telling,
    WalletCore,
    currency,
)

EUR = currency("EUR")


@pytest.fixture
def file(core: WalletCore, tmp_path: Path) -> sqlite3.Connection:
    """The database file behind the core's back."""
    connection = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


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


async def test_g6_the_writer_waits_for_the_disk(core: WalletCore) -> None:
    def pragmas(connection: object) -> tuple[object, ...]:
        return tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # type: ignore[attr-defined]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        )

    full = 2
    assert await core._database.write(pragmas) == ("wal", full, 1, 1)


async def test_g7_an_intent_is_paid_once_however_often_it_is_confirmed(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1   -> ok
        confirm ann i1        -> ok
        confirm ann i1        -> ok, the same receipt
        cancel ann i1         -> IntentNotOpen (paid)
        balance ann           -> 6.00
        balance bob           -> 4.00""",
    )


async def test_g7_a_single_use_request_is_paid_once_by_whoever_comes_first(teller: Storyteller) -> None:
    await story(
        teller,
        """
        issue cid 10.00 k1
        request bob 3.00 r1    -> ok
        ask ann r1 ? i1        -> ok
        ask cid r1 ? i2        -> ok
        confirm cid i2         -> ok
        confirm ann i1         -> RequestNotOpen (paid)
        confirm cid i2         -> ok, the same receipt
        pay-request ann r1 k2  -> RequestNotOpen (paid)
        balance bob            -> 3.00""",
    )


async def test_g7_the_database_holds_each_place_of_a_request_once(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        request bob 3.00 r1
        pay-request ann r1 k1
        transfer ann bob 1.00 k2""")
    with pytest.raises(sqlite3.IntegrityError):
        file.execute(
            "INSERT INTO request_payments (request, nth, payer, transfer) VALUES (?, 1, ?, 3)",
            (teller.codes["r1"], teller.person("ann")),
        )
    with pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE payment_requests SET payers = 2")


async def test_g8_a_committed_payment_leaves_a_message_for_both_until_they_are_told(
    teller: Storyteller, core: WalletCore
) -> None:
    first = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))
    await core.run(SettleOutbox(delivered=tuple(message.id for message in first)))
    await teller.tell("ask ann bob 4.00 i1")
    payment = await core.run(ConfirmIntent(code=teller.codes["i1"], person=teller.person("ann"), place="7/9"))

    claimed = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))
    assert [(m.recipient, m.telling, m.place, m.balance) for m in claimed] == [
        (teller.person("ann"), Telling.PAID, "7/9", Money(600, EUR)),
        (teller.person("bob"), Telling.RECEIVED, None, Money(400, EUR)),
    ]
    assert {m.payment for m in claimed} == {payment}
    assert await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30))) == ()  # leased
    await teller.tell("later 1")
    assert len(await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))) == 2  # the teller died: told again
    await core.run(SettleOutbox(delivered=tuple(m.id for m in claimed)))
    assert await core.outbox_due_in() is None


async def test_g10_only_the_person_asked_can_confirm_or_cancel(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1              -> ok
        confirm bob i1                   -> NotYourIntent
        confirm cid i1                   -> NotYourIntent
        cancel bob i1                    -> NotYourIntent
        confirm ann AAAAAAAAAAAAAAAAAAAA -> IntentNotFound
        balance ann                      -> 10.00
        confirm ann i1                   -> ok
        confirm bob i1                   -> NotYourIntent""",
    )


async def test_g10_an_old_button_does_not_pay(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1  -> ok
        later 2
        confirm ann i1       -> IntentExpired
        ask ann bob 4.00 i2  -> ok
        cancel ann i2        -> ok
        confirm ann i2       -> IntentNotOpen (cancelled)
        balance ann          -> 10.00""",
    )


async def test_g11_a_changed_or_reclaimed_handle_never_moves_a_wallet(teller: Storyteller) -> None:
    await story(
        teller,
        """
        transfer ann bob 4.00 k1
        meet cid bob
        ask ann @bob 1.00 i1  -> ok
        confirm ann i1        -> ok
        balance bob           -> 4.00
        balance cid           -> 1.00
        meet bob bobby
        ask ann @BOBBY 1.00 i2 -> ok
        confirm ann i2        -> ok
        balance bob           -> 5.00
        meet bob -
        ask ann @bobby 1.00 i3 -> PersonNotFound""",
    )


async def test_g11_people_who_swap_handles_keep_their_wallets(teller: Storyteller) -> None:
    await story(
        teller,
        """
        meet bob cid
        meet cid bob
        ask ann @bob 1.00 i1  -> ok
        confirm ann i1        -> ok
        balance cid           -> 1.00""",
    )


async def test_g12_rewritten_history_shows(teller: Storyteller, file: sqlite3.Connection) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer bob cid 1.00 k2
        audit -> sound""")
    for trigger in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {trigger[0]}")
    file.execute("UPDATE transfers SET memo = 'a bribe' WHERE key = 'k1'")
    await teller.tell("audit -> entry 3 of transfer 2 does not have the hash of what it says")
    file.execute("UPDATE transfers SET memo = '' WHERE key = 'k1'")
    await teller.tell("audit -> sound")


async def test_g13_a_number_that_is_not_money_never_reaches_the_books(teller: Storyteller) -> None:
    await story(
        teller,
        """
        transfer ann bob 0 k1        -> InvalidAmount (zero)
        transfer ann bob -1 k2       -> InvalidAmount (negative)
        transfer ann bob 5USD k3     -> CurrencyMismatch
        transfer ann bob 1e1 k4      -> InvalidAmount (not_a_number)
        balance ann                  -> 10.00""",
    )
