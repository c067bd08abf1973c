"""One test for each guarantee of the core (G1 to G7, G10 to G13); those of the bot (G8, G9, G14) are in tests/e2e/."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from tests.core.story import OPERATOR, Storyteller, story
from wallet_core import (
    AnswerIntent,
    ClaimOutbox,
    ConfirmIntent,
    DueIn,
    InvalidAmount,
    Issue,
    MakeIntent,
    MakeRequest,
    Meet,
    Money,
    OutboxDueIn,
    PayRequest,
    PersonNotFound,
    SettleOutbox,
    Telling,
    ToHandle,
    ToPerson,
    Transfer,
    WalletCore,
    currency,
)

EUR = currency("EUR")


@pytest.fixture
def file(core: WalletCore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database file behind the core's back."""
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        yield connection


def without_triggers(file: sqlite3.Connection) -> None:
    """What somebody does first who wants to rewrite history."""
    for trigger in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {trigger[0]}")


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


async def test_g2_a_balance_edited_together_with_its_entry_shows_in_the_sum(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer bob cid 1.00 k2""")
    without_triggers(file)
    edit = "SET {} = {} + 5 WHERE {} = (SELECT last_entry FROM wallets WHERE owner = ?)"
    ann = teller.person("ann")
    file.execute("UPDATE entries " + edit.format("balance_after", "balance_after", "id"), (ann,))
    file.execute("UPDATE wallets " + edit.format("balance", "balance", "last_entry"), (ann,))
    report = await core.audit(start=2)  # Ann's last entry is older: it is taken as it is
    assert (report.problem, report.sums) == ("the balances in EUR sum to 5 instead of 0", {"EUR": 5})


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
    assert await core.ask(OutboxDueIn()) == DueIn(None, None)


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


async def test_g10_only_the_payee_takes_a_request_back(teller: Storyteller) -> None:
    await story(
        teller,
        """
        request bob 3.00 r1     -> ok
        withdraw-request ann r1 -> NotYourRequest
        withdraw-request cid r1 -> NotYourRequest
        pay-request ann r1 k1   -> ok
        withdraw-request ann r1 -> NotYourRequest
        request bob 3.00 r2     -> ok
        withdraw-request bob r2 -> ok
        pay-request ann r2 k2   -> RequestNotOpen (cancelled)
        balance ann             -> 7.00""",
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


async def test_g11_a_handle_is_no_longer_its_old_owners_within_one_batch(teller: Storyteller, core: WalletCore) -> None:
    def meet(name: str, handle: str) -> Meet:
        return Meet(person=teller.person(name), handle=handle, name=name.title())

    def ask(handle: str) -> MakeIntent:
        key = f"to {handle}"
        return MakeIntent(payer=teller.person("ann"), to=ToHandle(handle), amount=Money(1, EUR), key=key)

    async def batch(*wishes: Meet | MakeIntent) -> list[Any]:
        """All of them wait before the writer looks."""
        return await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)

    _, refused, made = await batch(meet("bob", "bobby"), ask("bob"), ask("bobby"))
    assert isinstance(refused, PersonNotFound)
    assert made.payee.id == teller.person("bob")
    _, _, _, made = await batch(meet("bob", "rob"), meet("cid", "bobby"), meet("cid", "bob"), ask("bob"))
    assert made.payee.id == teller.person("cid")
    await teller.tell("ask ann @bobby 1.00 i9 -> PersonNotFound")


async def test_g12_rewritten_history_shows(teller: Storyteller, file: sqlite3.Connection) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer bob cid 1.00 k2
        audit -> sound""")
    without_triggers(file)
    file.execute("UPDATE transfers SET memo = 'a bribe' WHERE key = 'k1'")
    await teller.tell("audit -> entry 3 of transfer 2 does not have the hash of what it says")
    file.execute("UPDATE transfers SET memo = '' WHERE key = 'k1'")
    await teller.tell("audit -> sound")


def hashes_by_hand(file: sqlite3.Connection) -> dict[int, bytes]:
    """The hash that each entry must have, computed without the core: each from the one before it in its wallet."""
    found: dict[int, bytes] = {}
    owners = file.execute(
        "SELECT wallets.id, kind, books.currency, decimals, symbol, COALESCE(owner, 'None') FROM wallets, books"
    ).fetchall()
    heads = {row[0]: sha256("|".join(map(str, row)).encode()).digest() for row in owners}
    for transfer in file.execute(
        "SELECT t.id, t.debit, t.credit, t.amount, t.currency, t.kind, t.created_at,"
        " COALESCE(t.refunds, 'None') || COALESCE('/' || t.subject_kind || '/' || t.subject, ''), LENGTH(t.key), t.key,"
        " t.memo, d.version, d.balance_after, c.version, c.balance_after"
        " FROM transfers t JOIN entries d ON d.id = 2 * t.id - 1 JOIN entries c ON c.id = 2 * t.id ORDER BY t.id"
    ):
        number, debit, credit = transfer[:3]
        wish = "|".join(str(word) for word in transfer[:11])
        d_version, d_balance, c_version, c_balance = transfer[11:]
        heads[debit] = sha256(heads[debit] + f"{d_version}|{d_balance}|{wish}".encode()).digest()
        heads[credit] = sha256(heads[credit] + heads[debit] + f"{c_version}|{c_balance}".encode()).digest()
        found[2 * number - 1], found[2 * number] = heads[debit], heads[credit]
    return found


async def test_g12_each_hash_covers_the_one_before_it_in_its_wallet_and_a_credits_the_debits(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1 for the beer
        transfer bob cid 1.00 k2
        transfer ann bob 2.00 k3
        request bob 3.00 r1
        pay-request ann r1 k4
        issue cid 1.00 k5""")
    assert len(found := hashes_by_hand(file)) == 12
    assert found == dict(file.execute("SELECT id, hash FROM entries"))
    heads = "SELECT last_entry, head FROM wallets WHERE head IS NOT NULL"
    assert {entry: found[entry] for entry, _ in file.execute(heads)} == dict(file.execute(heads))
    before = "SELECT MAX(b.id) FROM entries b WHERE b.wallet = e.wallet AND b.id < e.id"
    assert all(previous == last for previous, last in file.execute(f"SELECT previous, ({before}) FROM entries e"))


async def test_g12_a_broken_link_shows_although_every_hash_is_right(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        transfer ann bob 4.00 k1
        transfer ann bob 2.00 k2
        transfer ann bob 1.00 k3""")
    without_triggers(file)
    file.execute("PRAGMA foreign_keys=OFF")
    file.execute("PRAGMA ignore_check_constraints=ON")

    async def problem_after(statement: str) -> str:
        file.execute(statement)
        return await teller.audit()

    bob = teller.wallets["bob"]
    last = f"WHERE id = (SELECT last_entry FROM wallets WHERE id = {bob})"
    assert await teller.audit() == "sound"
    found = hashes_by_hand(file)
    relinked = await problem_after(f"UPDATE entries SET previous = 4 {last}")
    assert relinked == "entry 8 has version 3, the one before it 1"
    assert hashes_by_hand(file) == found == dict(file.execute("SELECT id, hash FROM entries"))
    assert await problem_after(f"UPDATE entries SET previous = 5 {last}") == "entry 8 follows entry 5 of another wallet"
    for absent in (-1, 8, 99):
        problem = await problem_after(f"UPDATE entries SET previous = {absent} {last}")
        assert problem == f"entry 8 follows entry {absent}, which is not there"
    assert await problem_after(f"UPDATE entries SET previous = 6 {last}") == "sound"
    behind = f"wallet {bob} does not say the same as its last entry"
    assert await problem_after(f"UPDATE wallets SET last_entry = 6 WHERE id = {bob}") == f"{behind} 6"
    await problem_after(f"UPDATE wallets SET last_entry = 8 WHERE id = {bob}")
    assert await problem_after(f"UPDATE wallets SET head = zeroblob(32) WHERE id = {bob}") == f"{behind} 8"


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


@pytest.mark.parametrize(("minor", "problem"), [(0, "zero"), (-5, "negative"), (10**18, "too_large")])
async def test_g13_no_command_takes_an_amount_that_is_none(
    teller: Storyteller, core: WalletCore, file: sqlite3.Connection, minor: int, problem: str
) -> None:
    await teller.tell("""
        request bob open r1
        ask ann bob ? i1""")
    ann, bob, amount = teller.person("ann"), teller.person("bob"), Money(minor, EUR)
    before = list(file.execute("SELECT (SELECT COUNT(*) FROM transfers), balance, version FROM wallets ORDER BY id"))
    for wish in (
        Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=amount, key="k"),
        Issue(by=OPERATOR, to=ToPerson(bob), amount=amount, key="k"),
        PayRequest(code=teller.codes["r1"], payer=ann, key="k", amount=amount),
        MakeRequest(payee=bob, amount=amount, key="k"),
        MakeIntent(payer=ann, to=ToPerson(bob), amount=amount, key="k"),
        AnswerIntent(payer=ann, amount=amount, key="k"),
    ):
        with pytest.raises(InvalidAmount) as refusal:
            await core.run(wish)  # type: ignore[arg-type]
        assert refusal.value.problem == problem, wish
    after = list(file.execute("SELECT (SELECT COUNT(*) FROM transfers), balance, version FROM wallets ORDER BY id"))
    assert after == before


async def test_g8_a_message_about_no_entry_cannot_be_written_and_an_id_is_given_once(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("transfer ann bob 1.00 k1")
    insert = "INSERT INTO outbox (id, recipient, due_at, attempts) VALUES (?, 'tg:5', 0, 0)"
    (last,) = file.execute("SELECT MAX(id) FROM entries").fetchone()
    for message in (0, last, last + 1):
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(insert, (message,))
