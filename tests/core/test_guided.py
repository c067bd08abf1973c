"""Whom, how much, what for: a payment or a request is put together one question at a time, each answered once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, story
from tests.core.test_picks import Picker
from wallet_core import (
    AnswerPick,
    CancelOpen,
    Guide,
    HistoryOf,
    Intent,
    MakePick,
    PaymentByKey,
    PaymentRequest,
    Pick,
    PickOf,
    Rules,
    SayAmount,
    SayMemo,
    SetOwnLimit,
    Span,
    Step,
    Transfer,
    UsualAmounts,
    WalletCore,
    Wanted,
)
from wallet_core.features.picks_asked import LOOKED_BACK_MAX


class Guided(Picker):
    """Picker who is led to a payment or a request, question by question."""

    async def guide(self, person: str, what: str, name: str) -> Any:
        made = await self.core.run(MakePick(person=self.person(person), key=f"key of {name}", guide=Guide(what)))
        self.codes[name] = str(made.number)
        return made.step

    async def to(self, person: str, name: str, whom: str, key: str) -> Any:
        to = None if whom == "anybody" else self.payee(whom)
        wish = AnswerPick(person=self.person(person), to=to, key=key, number=int(self.codes[name]))
        return self.said(await self.core.run(wish), key)

    async def much(self, person: str, name: str, amount: str, key: str) -> Any:
        money = None if amount == "any" else self.money(amount)
        wish = SayAmount(person=self.person(person), amount=money, key=key, number=int(self.codes[name]))
        return self.said(await self.core.run(wish), key)

    async def memo(self, person: str, name: str, key: str, *words: str) -> Any:
        wish = SayMemo(person=self.person(person), memo=" ".join(words), key=key, number=int(self.codes[name]))
        return self.said(await self.core.run(wish), key)

    async def usual(self, person: str, guide: Guide, other: str | None = None, limit: int = 4) -> list[str]:
        to = None if other is None else self.person(other)
        found = await self.core.ask(UsualAmounts(person=self.person(person), guide=guide, other=to, limit=limit))
        return [each.number for each in found]

    async def minutes(self, count: str) -> None:
        self.clock.now += timedelta(minutes=int(count))

    def said(self, made: Intent | PaymentRequest | Pick, key: str) -> str:
        if isinstance(made, Pick):
            return str(made.step)
        self.codes[key] = made.code
        if isinstance(made, Intent):
            return f"pay {made.amount} to {made.payee.name}{' for ' if made.memo else ''}{made.memo}"
        return f"ask {made.payer.name if made.payer else 'anybody'} for {made.amount} {made.memo}".rstrip()


@pytest.fixture
async def led(core: WalletCore, clock: Clock) -> Guided:
    """Ann with 10.00, Bob and Cid with nothing."""
    made = Guided(core, clock)
    await made.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 first")
    return made


async def test_a_payment_is_put_together_one_question_at_a_time_and_each_answer_counts_once(led: Guided) -> None:
    await story(
        led,
        """
        guide ann pay p             -> whom
        guide ann pay p             -> whom
        much  ann p 2.00 k0         -> PickNotOpen (answered)
        memo  ann p k0 tea          -> PickNotOpen (answered)
        to    ann p anybody k0      -> PickNotFound
        to    ann p @nobody k0      -> PersonNotFound
        to    ann p ann k0          -> SameWallet
        to    bob p cid k0          -> PickNotFound
        to    ann p bob k1          -> amount
        to    ann p bob k1          -> amount
        to    ann p cid k9          -> PickNotOpen (answered)
        much  ann p 10.01 k2        -> InsufficientFunds
        much  ann p 0.00 k2         -> InvalidAmount (zero)
        much  ann p any k2          -> InvalidAmount (empty)
        much  ann p 2.00 k2         -> memo
        much  ann p 2.00 k2         -> memo
        to    ann p bob k1          -> memo
        much  ann p 3.00 k9         -> PickNotOpen (answered)
        memo  bob p k3 mine         -> PickNotFound
        memo  ann p k2 2.00         -> memo
        memo  ann p k3 tea          -> pay 2.00 EUR to Bob for tea
        memo  ann p k3 tea          -> pay 2.00 EUR to Bob for tea
        memo  bob p k3 tea          -> KeyReused
        memo  ann p k4 more         -> PickNotOpen (answered)
        confirm ann k3              -> ok
        balance ann                 -> 8.00""",
    )


async def test_a_request_is_put_together_the_same_way_for_somebody_or_anybody(led: Guided) -> None:
    await story(
        led,
        """
        guide ann ask p             -> whom
        to    ann p @nobody k1      -> PayerUnknown
        to    ann p ann k1          -> SameWallet
        to    ann p anybody k1      -> amount
        much  ann p any k2          -> memo
        memo  ann p k3              -> ask anybody for None
        memo  ann p k3              -> ask anybody for None
        guide bob ask q             -> whom
        to    bob q ann k4          -> amount
        much  bob q 3.00 k5         -> memo
        memo  bob q k6 lunch        -> ask Ann for 3.00 EUR lunch
        memo  ann q k6 lunch        -> KeyReused
        pay-request cid k6 k7       -> NotAskedOfYou""",
    )


async def test_a_long_note_a_late_answer_and_a_dropped_question_move_nothing(led: Guided) -> None:
    await story(
        led,
        f"""
        guide ann pay p             -> whom
        to    ann p bob k1          -> amount
        minutes 50
        much  ann p 2.00 k2         -> memo
        minutes 50
        memo  ann p k3 {"x" * 201}  -> MemoTooLong
        memo  ann p k3 x            -> pay 2.00 EUR to Bob for x
        guide ann pay q             -> whom
        to    ann q bob k4          -> amount
        minutes 61
        much  ann q 2.00 k5         -> PickNotOpen (expired)
        guide ann pay r             -> whom
        to    ann r bob k6          -> amount
        drop  ann r                 -> cancelled
        much  ann r 2.00 k7         -> PickNotOpen (cancelled)
        pick  ann 1.00 s            -> ok
        much  ann s 2.00 k8         -> PickNotFound
        balance ann                 -> 10.00""",
    )


async def test_a_guide_survives_a_restart_at_each_question(
    led: Guided, core: WalletCore, clock: Clock, books_url: str
) -> None:
    steps = ("guide ann pay p", "to ann p bob k1", "much ann p 2.00 k2", "memo ann p k3 tea")
    for at, line in enumerate(steps):
        async with WalletCore.session(books_url, rules=core.rules, clock=clock) as later:
            led.core = later
            await led.tell(line)
            kept = await later.ask(PickOf(led.person("ann")))
            assert kept is not None and kept.step == (Step.WHOM, Step.AMOUNT, Step.MEMO, Step.MEMO)[at]
            assert kept.answers == ("k1", "k2", "k3")[:at] and (kept.payee is None) == (at == 0)


async def test_the_usual_amounts_are_ones_own_first_and_can_be_paid(led: Guided, core: WalletCore) -> None:
    usual = led.usual
    assert await usual("ann", Guide.PAY) == ["1.00", "2.00", "5.00", "10.00"]
    assert await usual("bob", Guide.PAY) == []
    assert await usual("bob", Guide.ASK) == ["1.00", "5.00", "10.00", "20.00"]
    await led.tell("transfer ann bob 0.70 a\ntransfer ann bob 0.70 b\ntransfer ann cid 0.30 c\ntransfer ann cid 6.00 d")
    assert await usual("ann", Guide.PAY) == ["0.30", "0.70", "1.00", "2.00"]
    assert await usual("ann", Guide.PAY, "cid") == ["0.30", "0.70", "1.00", "2.00"]
    assert await usual("cid", Guide.ASK, "ann") == ["0.30", "5.00", "6.00", "10.00"]
    await core.run(SetOwnLimit(person=led.person("ann"), span=Span.PAYMENT, most=led.money("1.50")))
    assert await usual("ann", Guide.PAY) == ["0.30", "0.70", "1.00"]
    await core.run(SetOwnLimit(person=led.person("ann"), span=Span.DAY, most=led.money("8.00")))
    assert await usual("ann", Guide.PAY) == ["0.30"]  # 7.70 are spent today
    assert await usual("ann", Guide.ASK) == ["1.00", "5.00", "10.00", "20.00"]


async def test_who_has_never_paid_is_offered_what_is_usual_everywhere(led: Guided) -> None:
    await led.tell("issue ann 90.00 more")
    assert await led.usual("ann", Guide.PAY, limit=9) == ["1.00", "2.00", "5.00", "10.00", "20.00", "50.00"]


@pytest.mark.parametrize(
    ("often", "person", "guide", "other"),
    [("ann bob", "ann", Guide.PAY, "cid"), ("bob cid", "cid", Guide.ASK, "ann")],
)
async def test_what_was_paid_once_between_these_two_goes_before_what_was_paid_often_with_others(
    led: Guided, often: str, person: str, guide: Guide, other: str
) -> None:
    await led.tell("issue bob 10.00 i\ntransfer ann cid 0.30 once")
    for amount, times in (("0.11", 2), ("0.12", 3), ("0.13", 4)):
        for nth in range(times):
            await led.tell(f"transfer {often} {amount} {amount}-{nth}")
    assert await led.usual(person, guide, limit=3) == ["0.11", "0.12", "0.13"]
    assert await led.usual(person, guide, other, limit=3) == ["0.12", "0.13", "0.30"]


async def test_one_payment_between_these_two_goes_before_all_others_that_are_looked_at(led: Guided) -> None:
    await led.tell("transfer ann cid 0.30 once")
    once = {"payer": led.wallets["ann"], "payee": led.wallets["bob"], "amount": led.money("0.01")}
    others = (Transfer(**once, key=f"k{nth}") for nth in range(LOOKED_BACK_MAX - 1))
    await asyncio.gather(*map(led.core.run, others))
    assert await led.usual("ann", Guide.PAY, "cid", limit=1) == ["0.30"]


async def test_three_amounts_of_ones_own_are_offered_beside_those_that_are_usual_everywhere(led: Guided) -> None:
    await led.tell("\n".join(f"transfer ann cid 0.1{number} own{number}" for number in range(1, 6)))
    offered = await led.usual("ann", Guide.PAY, limit=9)
    assert len([each for each in offered if each.startswith("0.1")]) == 3
    assert offered[3:] == ["1.00", "2.00", "5.00"]


async def test_what_came_from_nobodys_wallet_is_no_usual_amount(led: Guided) -> None:
    issued = await led.core.ask(PaymentByKey("first"))
    assert issued is not None
    paid = {"payer": issued.receipt.debit, "payee": led.wallets["bob"], "amount": led.money("0.30")}
    await led.core.run(Transfer(**paid, key="k"))
    assert await led.usual("bob", Guide.ASK, limit=3) == ["5.00", "10.00", "20.00"]


async def test_two_answers_at_once_from_two_processes_make_one_question(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Guided(one, clock)
            await told.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 first")
            ann = told.person("ann")
            for n in range(10):
                await told.tell(f"pick ann 0.10 p{n}")
                number = int(told.codes[f"p{n}"])
                outcomes = await asyncio.gather(
                    one.run(AnswerPick(person=ann, to=told.payee("bob"), key=f"a{n}", number=number)),
                    two.run(AnswerPick(person=ann, to=told.payee("cid"), key=f"b{n}", number=number)),
                    return_exceptions=True,
                )
                assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Intent", "PickNotOpen"]
            await two.run(CancelOpen(person=ann))
            for n in range(5):
                await told.tell(f"guide ann pay g{n}\nto ann g{n} bob w{n}\nmuch ann g{n} 1.00 m{n}")
                outcomes = await asyncio.gather(
                    one.run(SayMemo(person=ann, memo="x", key=f"c{n}")),
                    two.run(SayMemo(person=ann, memo="x", key=f"d{n}")),
                    return_exceptions=True,
                )
                assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Intent", "PickNotOpen"]
            await told.tell("transfer ann bob 1.00 t Coffee\ntransfer ann cid 1.00 u tea\ntransfer ann bob 1.00 v tea")
            wanted = Wanted(other=told.person("bob"), words="coffee")  # and a history is searched there too
            [line] = (await two.ask(HistoryOf(person=ann, wanted=wanted))).lines
            assert line.payment.receipt.memo == "Coffee"
