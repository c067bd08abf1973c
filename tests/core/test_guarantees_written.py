"""What is written (G2, G12, G13): history that was rewritten shows, and nothing but money gets into the books."""

from __future__ import annotations

import sqlite3
from hashlib import sha256

import pytest

from tests.core.story import OPERATOR, Storyteller, story
from wallet_core import (
    AnswerIntent,
    InvalidAmount,
    Issue,
    MakeIntent,
    MakeRequest,
    Money,
    PayRequest,
    ToPerson,
    Transfer,
    WalletCore,
    currency,
)

EUR = currency("EUR")


def without_triggers(file: sqlite3.Connection) -> None:
    """What somebody does first who wants to rewrite history."""
    for trigger in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {trigger[0]}")


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
