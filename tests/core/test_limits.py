"""Limits of one wallet: the operator's and one's own, at once and in a day; the least counts, however one pays."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, Storyteller, story
from tests.fresh import begin_books
from wallet_core import (
    BY_HAND,
    ClaimPlaces,
    ConfirmWithdrawal,
    LimitExceeded,
    LimitShown,
    LimitsOf,
    MakeGift,
    MakeWithdrawal,
    RaiseLimit,
    Receipt,
    RefundTransfer,
    Rules,
    SetOwnLimit,
    SetWalletLimit,
    Shown,
    Span,
    Tip,
    Transfer,
    WalletCore,
    WalletError,
)

FOR_ALL = 50  # cents a day, in the random game
SPANS = {"payment": Span.PAYMENT, "day": Span.DAY}


class Limiter(Storyteller):
    """Storyteller who limits: `own ann 5.00 day`, `given ann off payment`."""

    async def own(self, person: str, most: str, span: str) -> Any:
        given = None if most == "off" else self.money(most)
        return await self.core.run(SetOwnLimit(person=self.person(person), span=SPANS[span], most=given))

    async def given(self, person: str, most: str, span: str, by: str = "operator") -> Any:
        wish = {"by": self.person(by), "person": self.person(person), "span": SPANS[span]}
        return await self.core.run(SetWalletLimit(**wish, most=None if most == "off" else self.money(most)))

    async def due(self) -> None:
        """What the clerk would run now."""
        await self.core.run_due()

    async def left(self, person: str) -> str:
        limits = await self.core.ask(LimitsOf(person=self.person(person)))
        return "any" if limits.left is None else limits.left.number

    async def most(self, person: str, span: str) -> str:
        limits = await self.core.ask(LimitsOf(person=self.person(person)))
        limit = limits.day if span == "day" else limits.payment
        wished = "" if limit.raised_at is None else f", later {limit.wished.number if limit.wished else 'any'}"
        return ("any" if limit.most is None else limit.most.number) + wished

    async def tip(self, payer: str, payee: str, amount: str, key: str) -> Any:
        people = {"payer": self.person(payer), "payee": self.person(payee)}
        return await self.core.run(
            Tip(**people, amount=self.money(amount), key=key, spot=f"-1/0.{key[1:]}", chat="-1", ask_at="-1/0.9")
        )

    async def gift(self, giver: str, amount: str, key: str) -> Any:
        await self.core.run(MakeGift(giver=self.person(giver), amount=self.money(amount), key=key))

    async def withdraw(self, person: str, amount: str, key: str) -> Any:
        wish = MakeWithdrawal(person=self.person(person), gateway=BY_HAND, amount=self.money(amount), key=key)
        made = await self.core.run(wish)
        await self.core.run(ConfirmWithdrawal(code=made.code, person=self.person(person)))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Limiter:
    """Ann with 100.00, Bob with nothing."""
    made = Limiter(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nissue ann 100.00 first")
    return made


async def test_lowering_counts_at_once_and_raising_after_a_day(teller: Limiter) -> None:
    await story(
        teller,
        """
        own      ann 5.00 payment   -> ok
        transfer ann bob 5.01 k1    -> LimitExceeded (wallet_transfer_max)
        transfer ann bob 5.00 k1    -> ok
        own      ann 8.00 payment   -> ok
        most     ann payment        -> 5.00, later 8.00
        transfer ann bob 6.00 k2    -> LimitExceeded (wallet_transfer_max)
        own      ann 3.00 payment   -> ok
        most     ann payment        -> 3.00
        later    25
        due
        most     ann payment        -> 3.00
        own      ann 8.00 payment   -> ok
        later    23
        due
        most     ann payment        -> 3.00, later 8.00
        later    1
        due
        most     ann payment        -> 8.00
        transfer ann bob 8.00 k3    -> ok
        own      ann off payment    -> ok
        most     ann payment        -> 8.00, later any
        later    24
        due
        due
        most     ann payment        -> any
        transfer ann bob 50.00 k4   -> ok""",
    )


async def test_the_same_wish_said_again_waits_no_longer_and_a_smaller_one_neither(teller: Limiter) -> None:
    await story(
        teller,
        """
        own      ann off day        -> ok
        most     ann day            -> any
        own      ann 5.00 day       -> ok
        own      ann 20.00 day      -> ok
        later    12
        own      ann 20.00 day      -> ok
        own      ann 10.00 day      -> ok
        later    12
        due
        most     ann day            -> 10.00
        own      ann 20.00 day      -> ok
        later    12
        own      ann 30.00 day      -> ok
        later    12
        due
        most     ann day            -> 10.00, later 30.00
        own      ann 10.00 day      -> ok
        most     ann day            -> 10.00""",
    )


async def test_the_least_of_all_limits_counts(open_core: Any, clock: Clock, rules: Rules) -> None:
    own_rules: Callable[[Rules], AbstractAsyncContextManager[WalletCore]] = open_core
    async with own_rules(replace(rules, transfer_max_minor=4_000, daily_max_minor=6_000)) as core:
        teller = Limiter(core, clock)
        await story(
            teller,
            """
            open     operator
            open     ann
            open     bob
            issue    ann 100.00 first
            own      ann 50.00 payment          -> LimitAboveOthers
            given    ann 70.00 day              -> LimitAboveOthers
            given    ann 30.00 payment ann      -> NotOperator
            given    ann 30.00 payment          -> ok
            own      ann 35.00 payment          -> LimitAboveOthers
            own      ann 20.00 payment          -> ok
            transfer ann bob 25.00 k1           -> LimitExceeded (wallet_transfer_max)
            given    ann 10.00 payment          -> ok
            transfer ann bob 15.00 k1           -> LimitExceeded (wallet_transfer_max)
            given    ann off payment            -> ok
            transfer ann bob 20.00 k1           -> ok
            own      ann 60.00 day              -> ok
            transfer ann bob 20.00 k2           -> ok
            transfer ann bob 20.00 k3           -> ok
            transfer ann bob 0.01 k4            -> LimitExceeded (daily_max)
            given    ann 0.01 day               -> ok
            left     ann                        -> 0.00
            transfer ann bob 0.01 k4            -> LimitExceeded (wallet_daily_max)
            given    cid 5.00 day               -> PersonNotFound""",
        )
    async with own_rules(replace(rules, transfer_max_minor=1_000)) as core:  # the operator has thought again
        again = Limiter(core, clock)
        again.wallets = teller.wallets
        await again.tell("""
            later    24
            given    ann off day                -> ok
            own      ann off day                -> ok
            later    24
            due
            transfer ann bob 10.01 k5           -> LimitExceeded (transfer_max)
            transfer ann bob 10.00 k5           -> ok""")


async def test_a_limit_below_what_was_spent_lets_nothing_more_out_before_tomorrow(teller: Limiter) -> None:
    await story(
        teller,
        """
        transfer ann bob 10.00 k1   -> ok
        own      ann 4.00 day       -> ok
        left     ann                -> 0.00
        transfer ann bob 0.01 k2    -> LimitExceeded (wallet_daily_max)
        later    12
        left     ann                -> 4.00
        transfer ann bob 4.00 k2    -> ok
        own      ann 0.01 payment   -> ok
        own      ann 0.00 payment   -> InvalidAmount""",
    )


async def test_every_way_out_of_a_wallet_counts_and_what_comes_back_counts_for_nobody(teller: Limiter) -> None:
    await story(
        teller,
        """
        own      ann 6.00 day       -> ok
        transfer ann bob 1.00 k1    -> ok
        tip      ann bob 1.00 t2    -> ok
        gift     ann 1.00 g3        -> ok
        request  bob 1.00 r         -> ok
        pay-request ann r k4        -> ok
        ask      ann bob 1.00 i     -> ok
        confirm  ann i              -> ok
        left     ann                -> 1.00
        withdraw ann 1.01 w1        -> LimitExceeded (wallet_daily_max)
        withdraw ann 1.00 w2        -> ok
        left     ann                -> 0.00
        tip      ann bob 0.01 t5    -> LimitExceeded (wallet_daily_max)
        gift     ann 0.01 g6        -> LimitExceeded (wallet_daily_max)
        ask      ann bob 0.01 j     -> LimitExceeded (wallet_daily_max)
        own      bob 0.01 day       -> ok""",
    )
    payment = await teller.core.run(
        Transfer(
            payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=teller.money("1.00"), key="k1", memo=""
        )
    )
    assert isinstance(payment, Receipt)
    await teller.core.run(RefundTransfer(by=teller.person("bob"), code=payment.code, amount=None, key="back"))


async def test_a_dialog_from_before_is_confirmed_within_the_limit_of_now(teller: Limiter) -> None:
    await story(
        teller,
        """
        ask      ann bob 9.00 i     -> ok
        own      ann 5.00 payment   -> ok
        confirm  ann i              -> LimitExceeded (wallet_transfer_max)
        request  bob 9.00 r         -> ok
        pay-request ann r k         -> LimitExceeded (wallet_transfer_max)""",
    )


async def test_one_who_pays_and_lowers_in_one_batch_keeps_to_the_limit(teller: Limiter) -> None:
    ann, bob, five = teller.wallets["ann"], teller.wallets["bob"], teller.money("5.00")
    outcomes = await asyncio.gather(
        teller.core.run(Transfer(payer=ann, payee=bob, amount=five, key="k1")),
        teller.core.run(SetOwnLimit(person=teller.person("ann"), span=Span.DAY, most=five)),
        teller.core.run(Transfer(payer=ann, payee=bob, amount=five, key="k2")),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in outcomes] == ["Receipt", "Limits", "LimitExceeded"]


async def places(core: WalletCore) -> tuple[Shown, ...]:
    return await core.run(ClaimPlaces(limit=10, lease=timedelta(seconds=20)))


async def test_people_are_told_what_the_operator_does_and_what_was_raised_once(teller: Limiter) -> None:
    ann = teller.person("ann")
    await teller.tell("given ann 5.00 day\ngiven ann 5.00 day")
    [told] = await places(teller.core)
    assert told.place == f"{ann}/limit-day"
    limits, span = await teller.core.ask(LimitShown(told.subject.code))
    assert (limits.person.id, span, str(limits.day.most)) == (ann, Span.DAY, "5.00 EUR")
    await teller.tell("own ann 2.00 payment\nown ann 9.00 payment\nown ann 9.00 payment\nlater 24\ndue\ndue")
    assert f"{ann}/limit-payment" in {each.place for each in await places(teller.core)}


async def test_only_an_operator_looks_at_the_limits_of_another(teller: Limiter) -> None:
    ann, bob = teller.person("ann"), teller.person("bob")
    assert (await teller.core.ask(LimitsOf(person=ann, by=OPERATOR))).person.id == ann
    with pytest.raises(WalletError):
        await teller.core.ask(LimitsOf(person=ann, by=bob))


async def test_a_clock_that_is_put_back_raises_nothing_sooner(teller: Limiter) -> None:
    await story(
        teller,
        """
        own   ann 5.00 day    -> ok
        own   ann 9.00 day    -> ok
        later -48
        due
        most  ann day         -> 5.00, later 9.00""",
    )
    await teller.core.run(RaiseLimit(code=f"day-{teller.person('ann')}"))
    await teller.tell("most ann day -> 5.00, later 9.00\nlater 72\ndue\nmost ann day -> 9.00")
    await teller.core.run(RaiseLimit(code="day-tg:404"))


async def test_a_raise_waits_through_a_restart(teller: Limiter, books_url: str, clock: Clock) -> None:
    await teller.tell("own ann 5.00 day\nown ann 9.00 day")
    await teller.core.close()
    async with WalletCore.session(books_url, rules=teller.core.rules, clock=clock) as core:
        later = Limiter(core, clock)
        await later.tell("later 30\ndue\nmost ann day -> 9.00")


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE wallets SET daily_max = 900 WHERE daily_max = 500", "does not keep to the limits"),
        ("UPDATE limits SET given = 900 WHERE given = 500", "does not keep to the limits"),
        ("UPDATE wallets SET transfer_max = 1 WHERE kind = 'issuer'", "does not keep to the limits"),
        ("DELETE FROM agenda", "nothing will do it"),
    ],
)
async def test_the_audit_finds_a_limit_that_was_edited(teller: Limiter, tmp_path: Path, sql: str, what: str) -> None:
    await teller.tell("given ann 5.00 day\nown ann 4.00 payment\nown ann 6.00 payment\naudit -> sound")
    with sqlite3.connect(tmp_path / "books.db") as books:
        assert books.execute(sql).rowcount
    books.close()
    assert what in await teller.audit()


class Model:
    """Ann's day limits, in cents, as they are written down for people."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.own, self.given = clock, FOR_ALL, FOR_ALL
        self.wished: tuple[int, datetime] | None = None
        self.spent, self.day = 0, clock.now.date()

    def now(self) -> None:
        if self.wished is not None and self.clock.now >= self.wished[1]:
            self.own, self.wished = self.wished[0], None
        if self.day != self.clock.now.date():
            self.spent, self.day = 0, self.clock.now.date()

    @property
    def left(self) -> int:
        return max(0, min(self.own, self.given, FOR_ALL) - self.spent)

    def owns(self, minor: int) -> None:
        if minor <= self.own:
            self.own, self.wished = minor, None
        elif self.wished is None or minor > self.wished[0]:
            self.wished = minor, self.clock.now + timedelta(hours=24)
        else:
            self.wished = minor, self.wished[1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["pay", "own", "given", "later"]), st.integers(0, FOR_ALL + 10)), max_size=12
    )
)
async def test_no_day_ever_goes_above_the_least_limit_that_counted(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory, rules: Rules
) -> None:
    clock, url = Clock(), begin_books(tmp_path_factory.mktemp("books") / "books.db", rules.currency)
    async with WalletCore.session(url, rules=replace(rules, daily_max_minor=FOR_ALL), clock=clock) as core:
        teller, model = Limiter(core, clock), Model(clock)
        await teller.tell("open operator\nopen ann\nopen bob\nissue ann 100.00 first")
        for number, (what, minor) in enumerate(steps):
            model.now()
            await core.run_due()
            line = f"{minor // 100}.{minor % 100:02}"
            is_amount, is_low = minor > 0, minor <= (FOR_ALL if what == "given" else min(FOR_ALL, model.given))
            if what == "later":
                await teller.tell(f"later {minor}")
                model.now()
                await core.run_due()
            elif what == "pay":
                expected = "ok" if minor <= model.left else "LimitExceeded"
                await teller.tell(f"transfer ann bob {line} k{number} -> {expected if is_amount else 'InvalidAmount'}")
                model.spent += minor if minor <= model.left else 0
            else:
                expected = ("ok" if is_low else "LimitAboveOthers") if is_amount else "InvalidAmount"
                await teller.tell(f"{what} ann {line} day -> {expected}")
                if expected == "ok" and what == "own":
                    model.owns(minor)
                elif expected == "ok":
                    model.given = minor
            assert await teller.left("ann") == f"{model.left // 100}.{model.left % 100:02}"
        assert (await core.audit()).sound


async def test_two_processes_on_one_postgresql_never_pay_more_in_a_day_than_the_limit(
    rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Limiter(one, clock)
            await told.tell("open operator\nopen ann\nopen bob\nissue ann 100.00 first\ngiven ann 5.00 day")
            ann, bob, coin = told.wallets["ann"], told.wallets["bob"], told.money("0.50")

            async def pays(core: WalletCore, key: str) -> bool:
                try:
                    await core.run(Transfer(payer=ann, payee=bob, amount=coin, key=key))
                except LimitExceeded:
                    return False
                return True

            outcomes = await asyncio.gather(
                *(pays(core, f"{name}{n}") for n in range(20) for name, core in (("a", one), ("b", two)))
            )
            assert sum(outcomes) == 10
            await told.tell("balance bob -> 5.00\nlater 24")
            wish = SetOwnLimit(person=told.person("ann"), span=Span.DAY, most=coin)
            await asyncio.gather(two.run(wish), *(pays(core, f"c{n}") for n, core in enumerate((one, two) * 5)))
            assert not await pays(one, "last")
            await told.tell("audit -> sound")
