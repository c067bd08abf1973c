"""The books themselves: what one batch sees of what it did, and the checks below every feature."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from secrets import token_bytes
from typing import Any

import pytest

from tests.core.story import OPERATOR, Clock, Storyteller
from wallet_core import (
    CAUSE,
    ClaimOutbox,
    ConfirmIntent,
    InsufficientFunds,
    Issue,
    Meet,
    Money,
    OpenWallet,
    PersonId,
    Rules,
    ToHandle,
    Transfer,
    WalletCore,
    currency,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.records import Tally
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import people
from wallet_core.storage.compiled import POSTGRESQL
from wallet_core.storage.store import Store

EUR = currency("EUR")


async def test_a_handle_taken_in_a_batch_names_its_new_owner_there(teller: Storyteller) -> None:
    core, bob = teller.core, teller.person("bob")
    met = Meet(person=bob, handle="robert", name="Bob")
    paid = Issue(by=OPERATOR, to=ToHandle("Robert"), amount=Money(5, EUR), key="k")
    _, payment = await asyncio.gather(core.run(met), core.run(paid))
    assert payment.payee.id == bob


async def test_what_is_available_counts_the_credit(
    open_core: Callable[[Rules], AbstractAsyncContextManager[WalletCore]],
) -> None:
    async with open_core(Rules(EUR, operators=frozenset({OPERATOR}), credit_limit_minor=700)) as core:
        wallets = [
            (await core.run(OpenWallet(person=PersonId(f"tg:{n}"), handle=None, name=""))).wallet.id for n in (1, 2)
        ]
        wish = {"payer": wallets[0], "payee": wallets[1]}
        await core.run(Transfer(**wish, amount=Money(300, EUR), key="a"))
        with pytest.raises(InsufficientFunds) as refusal:
            await core.run(Transfer(**wish, amount=Money(401, EUR), key="b"))
        assert (refusal.value.available.minor, refusal.value.required.minor) == (400, 401)
        await core.run(Transfer(**wish, amount=Money(400, EUR), key="c"))


async def test_the_credit_of_people_is_none_of_an_escrow_wallet() -> None:
    books = Books(now_us=0, rules=Rules(EUR, credit_limit_minor=700), entropy=token_bytes)
    escrow, payee = (
        WalletRow(number, "tg:1", kind, "EUR", 300, 0, 0, "open", None, None, 0, 0)
        for number, kind in ((1, "escrow"), (2, "person"))
    )
    books.check_funds(payer=escrow, payee=payee, amount=Money(300, EUR))
    with pytest.raises(InsufficientFunds) as refusal:
        books.check_funds(payer=escrow, payee=payee, amount=Money(301, EUR))
    assert refusal.value.available.minor == 300


def test_of_what_was_not_counted_for_a_batch_there_is_none_and_nothing_comes_to_it() -> None:
    books = Books(now_us=0, rules=Rules(EUR), entropy=token_bytes)
    tally = Tally(of=people.c.id, where=people.c.handle.is_(None))
    books.tallies[tally] = {"tg:1": 2}
    for person in ("tg:1", "tg:2"):
        books.counted(tally, person, 3)
    assert [books.count(tally, person) for person in ("tg:1", "tg:2")] == [5, 0]


class Asked:
    """A cursor of a server's driver that keeps what was asked for."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def execute(self, sql: str, values: Any) -> None:
        assert sql.index("'transfers_") < sql.index("'wallets_"), "in this order"
        self.said.append(values)

    def fetchall(self) -> list[Any]:
        return [(None, [7], [8])]


@pytest.mark.parametrize(
    ("keys", "issuers", "opened", "welcomed", "wallets", "transfers"),
    [(0, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 3), (3, 2, 0, 0, 2, 5), (0, 0, 4, 0, 4, 4), (3, 2, 4, 5, 11, 14)],
)
def test_a_batch_takes_as_many_numbers_from_a_server_as_its_commands_may_give(
    keys: int, issuers: int, opened: int, welcomed: int, wallets: int, transfers: int
) -> None:
    """A wallet that is opened may be welcomed with a transfer; an issuer's, and one beside, is opened when needed."""
    needs, cursor, books = Needs(), Asked(), Books(now_us=0, rules=Rules(EUR), entropy=token_bytes)
    needs.keys, needs.issuers, needs.wallets_new = ["k"] * keys, ["EUR"] * issuers, opened
    needs.owners, needs.welcomes = ["tg:1"] * (welcomed or 9), welcomed > 0
    store = Store(database=POSTGRESQL, rules=Rules(EUR), clock=Clock(), entropy=token_bytes)
    store._load_closes_at_and_ids(cursor, books, needs)  # type: ignore[arg-type]
    assert cursor.said == [(transfers, wallets)]
    assert (books.closes_at, list(books.transfer_ids), list(books.wallet_ids)) == (None, [7], [8])


async def test_the_payers_message_carries_the_dialog_that_becomes_the_receipt(
    teller: Storyteller, clock: Clock
) -> None:
    await teller.tell("ask ann bob 1.00 i")
    wish = ConfirmIntent(code=teller.codes["i"], person=teller.person("ann"), place="ann/7")
    CAUSE.set("update 7")
    await teller.core.run(wish)
    told = await teller.core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=1)))
    assert [(m.recipient, m.place, m.cause) for m in told if m.payment.receipt.kind == "payment"] == [
        (teller.person("ann"), "ann/7", "update 7"),
        (teller.person("bob"), None, "update 7"),
    ]


async def test_each_message_says_what_it_came_from_and_no_other(teller: Storyteller) -> None:
    for number, key in ((6, "k6"), (7, "k7"), (8, "k8")):
        CAUSE.set(f"update {number}")
        await teller.tell(f"transfer ann bob 1.00 {key}")
    told = await teller.core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=1)))
    said = [(m.payment.receipt.key, m.recipient, m.cause) for m in told if m.payment.receipt.kind == "payment"]
    assert sorted(said) == sorted(
        (f"k{number}", teller.person(name), f"update {number}") for number in (6, 7, 8) for name in ("ann", "bob")
    )
