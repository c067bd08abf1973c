"""Money that comes in: credited once per the gateway's own reference, as what arrived, whatever it says (G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.cashier import NET, OTHER, Cashier
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    TOP_UP_DESK,
    BookArrival,
    ClaimPlaces,
    ConfirmTopUp,
    DeskOf,
    Rules,
    StartTopUp,
    Subject,
    TopUpsUnstarted,
    TopUpsWaiting,
    WalletCore,
    currency,
)
from wallet_core.clerk import Clerk
from wallet_core.ledger.values import timedelta

EUR = currency("EUR")


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), top_up_max_minor=50_000, top_ups_open_max=3)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    """Two people in charge, Ann and Bob, with wallets."""
    made = Cashier(core, clock)
    await made.tell("open operator\nopen other\nopen ann\nopen bob")
    return made


async def test_g16_what_arrives_is_credited_once_for_each_reference_whatever_is_said_the_next_time(
    teller: Cashier,
) -> None:
    await story(
        teller,
        """
        top-up    ann 20.00 t           -> waiting
        top-up    ann 20.00 t           -> waiting
        top-up    ann 20.01 t           -> KeyReused
        balance   ann                   -> 0.00
        arrives   t 20.00 p1            -> top_up
        arrives   t 20.00 p1            -> again top_up
        arrives   t 99.00 p1            -> again top_up
        arrives   nothing 20.00 p1      -> again top_up
        balance   ann                   -> 20.00
        top-up-is t                     -> paid, 20.00 in 1
        holds                           -> 20.00, lost 0.00""",
    )


async def test_what_arrives_twice_late_or_in_another_amount_is_credited_as_what_it_is(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up        ann 20.00 t        -> waiting
        arrives       t 25.00 p1         -> top_up_other
        arrives       t 20.00 p2         -> top_up_again
        balance       ann                -> 45.00
        top-up        ann 5.00 u         -> waiting
        cancel-top-up ann u              -> cancelled
        arrives       u 5.00 p3          -> top_up_late
        top-up        ann 6.00 v         -> waiting
        later 25
        top-up-is     v                  -> lapsed, 0.00 in 0
        arrives       v 6.00 p4          -> top_up_late
        top-up-is     v                  -> paid, 6.00 in 1
        balance       ann                -> 56.00
        arrives       nothing 1.00 p5    -> TopUpNotFound
        arrives       v 1.00 p6 0 other  -> InvalidAmount
        arrives       v 1.00 p6 0.01 other -> TopUpNotFound
        holds                            -> 56.00, lost 0.00""".replace("p6 0 other", "p6 0.00 other"),
    )


async def test_a_fee_is_a_transfer_of_its_own_and_takes_no_more_than_there_is(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up  ann 20.00 t      -> waiting
        arrives t 20.00 p1 0.50  -> top_up
        arrives t 20.00 p1 0.50  -> again top_up
        balance ann              -> 19.50
        holds                    -> 19.50, lost 0.00
        top-up  bob 1.00 u       -> waiting
        arrives u 1.00 p2 1.75   -> top_up
        balance bob              -> 0.00
        holds                    -> 18.75, lost 0.75""",
    )


async def test_what_a_gateway_takes_back_is_paid_down_to_the_floor_and_the_rest_shows(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up     ann 20.00 t         -> waiting
        arrives    t 20.00 p1          -> top_up
        transfer   ann bob 15.00 k     -> ok
        taken-back b1 nothing 20.00    -> ArrivalNotFound
        taken-back b1 p1 20.00         -> 5.00
        taken-back b1 p1 20.00         -> 5.00
        balance    ann                 -> 0.00
        holds                          -> 0.00, lost 15.00
        issue      ann 50.00 more      -> ok
        taken-back b2 p1 20.00         -> 15.00
        balance    ann                 -> 35.00""",
    )


async def test_only_who_is_in_charge_takes_cash_and_whoever_presses_how_often_it_counts_once(teller: Cashier) -> None:
    await story(
        teller,
        """
        top-up        ann 20.00 t operator       -> waiting
        take-cash     ann t                      -> NotOperator
        take-cash     bob t                      -> NotOperator
        take-cash     operator nothing           -> TopUpNotFound
        take-cash     operator t                 -> ok
        take-cash     operator t                 -> ok, the same receipt
        take-cash     other t                    -> ok, the same receipt
        balance       ann                        -> 20.00
        cancel-top-up ann t                      -> TopUpNotOpen (paid)
        top-up        ann 5.00 u operator        -> waiting
        cancel-top-up bob u                      -> NotYourTopUp
        cancel-top-up other u                    -> cancelled
        cancel-top-up ann u                      -> cancelled
        take-cash     operator u                 -> TopUpNotOpen (cancelled)
        top-up        ann 5.00 v operator        -> waiting
        later 24
        take-cash     operator v                 -> TopUpNotOpen (lapsed)
        top-up        ann 5.00 w                 -> waiting
        take-cash     operator w                 -> NotOperator
        cancel-top-up operator w                 -> NotYourTopUp
        holds         operator                   -> 20.00, lost 0.00""",
    )


async def test_at_the_cash_desk_a_person_in_charge_tops_somebody_up_and_counts_the_drawer(
    teller: Cashier, core: WalletCore
) -> None:
    await story(
        teller,
        """
        top-up    bob 20.00 no operator ann       -> NotOperator
        top-up    bob 20.00 no net operator       -> NotOperator
        top-up    bob 20.00 a operator operator   -> waiting
        top-up    ann 5.00 b operator operator    -> waiting
        take-cash operator a                      -> ok
        take-cash other b                         -> ok
        withdraw  bob 3.00 w operator             -> open
        confirm-withdrawal bob w                  -> ok
        give-cash operator w                      -> done""",
    )
    since = teller.clock.now - timedelta(hours=1)
    desk = await core.ask(DeskOf(person=OPERATOR, since=since))
    assert [(line.person.name, line.amount.number) for line in desk.lines] == [("Bob", "-3.00"), ("Bob", "20.00")]
    assert (desk.count, desk.taken.number, desk.given.number, desk.drawer.number) == (2, "20.00", "3.00", "17.00")
    assert (await core.ask(DeskOf(person=OTHER, since=since))).drawer.number == "5.00"
    assert (await core.ask(DeskOf(person=OTHER, since=teller.clock.now + timedelta(seconds=1)))).count == 0


async def test_what_cannot_be_brought_in_is_refused(teller: Cashier, core: WalletCore, tmp_path: Path) -> None:
    await story(
        teller,
        """
        top-up  ann 500.01 t  -> LimitExceeded (top_up_max)
        top-up  eve 1.00 t    -> PersonNotFound
        top-up  ann 1.00 a    -> waiting
        top-up  ann 2.00 b    -> waiting
        top-up  ann 3.00 c    -> waiting
        top-up  ann 4.00 d    -> LimitExceeded (top_ups_open_max)
        top-up  bob 4.00 e    -> waiting
        arrives a 1.00 p1     -> top_up
        top-up  ann 4.00 d    -> waiting""",
    )
    assert [each.amount.number for each in await core.ask(TopUpsWaiting(teller.person("ann")))] == [
        "2.00",
        "3.00",
        "4.00",
    ]
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["bob"],))
    file.close()
    await story(teller, "top-up bob 1.00 f -> WalletFrozen\narrives e 4.00 p2 -> WalletFrozen")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'open'")
    file.close()
    await story(teller, "arrives e 4.00 p2 -> top_up\nbalance bob -> 4.00")


async def test_a_top_up_lapses_by_itself_and_only_when_its_time_has_come(teller: Cashier, core: WalletCore) -> None:
    await teller.tell("top-up ann 20.00 t -> waiting")
    clerk = Clerk(core, clock=teller.clock)
    await clerk.run_due()
    await teller.tell("top-up-is t -> waiting\nlater 24")
    await clerk.run_due()
    await clerk.run_due()
    assert await core.ask(TopUpsWaiting(teller.person("ann"))) == ()
    await story(teller, "top-up-is t -> lapsed")


async def test_a_top_up_that_no_gateway_was_told_of_is_listed_until_there_is_a_page(
    teller: Cashier, core: WalletCore
) -> None:
    await teller.tell("top-up ann 20.00 t -> waiting\ntop-up ann 1.00 u operator -> waiting")
    code = teller.code("t")
    assert [each.code for each in await core.ask(TopUpsUnstarted(NET))] == [code]
    await core.run(StartTopUp(code=code, page="https://pay.example/1"))
    second = await core.run(StartTopUp(code=code, page="https://pay.example/2"))
    assert second.page == "https://pay.example/1"
    assert await core.ask(TopUpsUnstarted(NET)) == ()


async def test_every_desk_is_shown_what_is_to_be_brought_in_cash_and_nothing_else(
    teller: Cashier, core: WalletCore
) -> None:
    await teller.tell("top-up ann 20.00 t operator -> waiting\ntop-up ann 1.00 u -> waiting")
    await teller.tell("top-up ann 1.00 v operator operator -> waiting")
    shown = await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=9)))
    code = teller.code("t")
    assert {(each.place, each.subject) for each in shown} == {
        (f"{person}/{code}", Subject(TOP_UP_DESK, code)) for person in (OPERATOR, OTHER)
    }


async def test_g16_two_processes_on_one_postgresql_credit_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told, beside = Cashier(one, clock), Cashier(two, clock)
            await told.tell("open operator\nopen other\nopen ann\nopen bob")
            # Both open the gateway's wallet at once.
            await asyncio.gather(told.top_up("ann", "1.00", "first"), beside.top_up("bob", "1.00", "second"))
            for n in range(5):
                await told.tell(f"top-up ann 2.00 t{n} -> waiting\ntop-up bob 3.00 c{n} operator -> waiting")
                books = BookArrival(gateway=NET, reference=f"p{n}", code=told.code(f"t{n}"), amount=told.money("2.00"))
                cash = [ConfirmTopUp(code=told.code(f"c{n}"), by=by) for by in (OPERATOR, OTHER)]
                done = await asyncio.gather(*(core.run(books) for core in (one, two, one, two)))
                assert len({each.payment.receipt.code for each in done}) == 1
                assert sum(not each.is_repeat for each in done) == 1
                pressed = await asyncio.gather(*(core.run(each) for each in cash for core in (one, two)))
                assert len({each.payment.receipt.code for each in pressed}) == 1
            assert (await told.balances())["ann"] == 1_000
            assert (await told.balances())["bob"] == 1_500
            report = await one.audit()
            assert report.sound, report.problem


@pytest.mark.parametrize(
    ("table", "edit"),
    [
        ("arrivals", "amount = amount + 1"),
        ("arrivals", "fee_paid = fee_paid - 1"),
        ("arrivals", "charged_back = charged_back + 1"),
        ("arrivals", "top_up = (SELECT MIN(code) FROM top_ups)"),
        ("arrivals", "key = 'in:net:p9'"),
        ("chargebacks", "paid = paid - 1"),
        ("chargebacks", "key = 'back:net:b9'"),
        ("top_ups", "received = received + 1"),
        ("top_ups", "arrivals = arrivals + 1"),
        ("top_ups", "person = 'tg:1'"),
        ("gateways", "wallet = 1"),
    ],
)
async def test_an_audit_holds_what_arrived_against_its_transfers(
    teller: Cashier, tmp_path: Path, table: str, edit: str
) -> None:
    await story(
        teller,
        """
        top-up     ann 9.00 waits       -> waiting
        top-up     ann 20.00 t          -> waiting
        arrives    t 20.00 p1 0.50      -> top_up
        taken-back b1 p1 5.00           -> 5.00""",
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("PRAGMA ignore_check_constraints = 1")
        file.execute("PRAGMA foreign_keys = 0")
        which = f" WHERE code = '{teller.code('t')}'" if table == "top_ups" else ""
        file.execute(f"UPDATE {table} SET {edit}{which}")
    file.close()
    assert await teller.audit() != "sound"
