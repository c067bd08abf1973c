"""Payments that Telegram asks about before and tells of after: credited once, to whoever paid (G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.core.cashier import NET, OTHER, Cashier
from tests.core.story import OPERATOR, Clock, story
from wallet_core import BookPayment, Money, PersonId, Rules, TopUpsWaiting, WalletCore, currency

EUR = currency("EUR")
ANN = PersonId("tg:3")


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), top_up_max_minor=50_000, top_ups_open_max=3)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    made = Cashier(core, clock)
    await made.tell("open operator\nopen other\nopen ann\nopen bob")
    return made


async def test_g16_a_payment_is_credited_once_for_its_charge_whatever_its_payload_says(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up    ann 20.00 t           -> waiting
        pays      ann t 20.00 c1        -> top_up
        pays      ann t 20.00 c1        -> again top_up
        pays      ann nothing 99.00 c1  -> again top_up
        pays      bob t 20.00 c1        -> again top_up
        arrives   t 20.00 c1            -> again top_up
        balance   ann                   -> 20.00
        pays      ann t 20.00 c2        -> top_up_again
        balance   ann                   -> 40.00
        balance   bob                   -> 0.00
        pays      ann t 20.00 x*129     -> TopUpNotFound
        """.replace("x*129     -> TopUpNotFound", f"{'x' * 129} -> ReferenceTooLong"),
    )


async def test_a_payment_for_nothing_that_is_known_or_for_anothers_top_up_is_credited_to_whoever_paid(
    teller: Cashier,
) -> None:
    await story(
        teller,
        """
        pays      ann nothing 5.00 c1   -> top_up
        pays      ann nothing 5.00 c1   -> again top_up
        pays      ann nothing 5.00 c2   -> top_up
        balance   ann                   -> 10.00
        top-up    ann 20.00 t           -> waiting
        pays      bob t 20.00 c3        -> top_up
        balance   bob                   -> 20.00
        balance   ann                   -> 10.00
        top-up-is t                     -> waiting, 0.00 in 0
        top-up    bob 7.00 u cash       -> waiting
        pays      bob u 7.00 c4         -> top_up
        top-up-is u                     -> waiting, 0.00 in 0
        pays      bob u 0.00 c5         -> InvalidAmount
        pays      nobody u 1.00 c6      -> WalletNotFound
        """,
    )
    [left] = await teller.core.ask(TopUpsWaiting(teller.person("ann")))  # what was made for a payment waits for nothing
    assert left.code == teller.code("t")
    assert (await teller.core.audit()).sound


async def test_what_may_be_paid_is_asked_before_anything_moves(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up    ann 20.00 t           -> waiting
        may-pay   ann t                 -> 20.00
        may-pay   bob t                 -> NotYourTopUp
        may-pay   ann t cash            -> TopUpNotFound
        may-pay   ann nothing           -> TopUpNotFound
        cancel-top-up ann t             -> cancelled
        may-pay   ann t                 -> TopUpNotOpen
        pays      ann t 20.00 c1        -> top_up_late
        top-up    ann 20.00 u           -> waiting
        seconds   1000000               -> ok
        may-pay   ann u                 -> TopUpNotOpen
        """,
    )


async def test_a_frozen_wallet_is_said_before_the_payment_and_credited_once_it_is_open(
    teller: Cashier, tmp_path: Path
) -> None:
    await story(teller, "top-up ann 20.00 t -> waiting\ntop-up bob 1.00 u -> waiting")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["ann"],))
    file.close()
    await story(
        teller,
        """
        may-pay   ann t                 -> WalletFrozen
        pays      ann t 20.00 c1        -> WalletFrozen
        pays      ann nothing 20.00 c2  -> WalletFrozen
        may-pay   bob u                 -> 1.00
        pays      ann t 3.00 c3 net once       -> top_up_other
        pays      ann t 3.00 c3 net once       -> again top_up_other
        pays      ann nothing 4.00 c4 net once -> top_up
        balance   ann                   -> 7.00
        """,
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'open'")
    file.close()
    await story(
        teller, "pays ann t 20.00 c1 -> top_up_again\npays ann nothing 20.00 c2 -> top_up\nbalance ann -> 47.00"
    )
    assert (await teller.core.audit()).sound


async def test_who_has_no_wallet_any_more_pays_for_whoever_has_their_top_up_now(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up    ann 20.00 t           -> waiting
        pays      nobody t 20.00 c1     -> top_up
        pays      nobody t 20.00 c1     -> again top_up
        pays      nobody nothing 1.00 c2 -> WalletNotFound
        balance   ann                   -> 20.00
        """,
    )


async def test_two_processes_book_one_charge_once(teller: Cashier, core: WalletCore, tmp_path: Path) -> None:
    wish = BookPayment(gateway=NET, reference="c1", code="none", person=teller.person("ann"), amount=Money(500, EUR))
    done = await asyncio.gather(*(core.run(wish) for _ in range(20)))
    assert sum(not each.is_repeat for each in done) == 1
    assert len({each.payment.receipt.code for each in done}) == 1
    assert (await core.audit()).sound
