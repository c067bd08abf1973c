"""What the core does with wishes, good and bad: tables that anybody can read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest

from tests.core.story import OPERATOR, Clock, Storyteller, story
from wallet_core import (
    MEMO_MAX,
    AnswerIntent,
    HistoryOf,
    MakeIntent,
    MemoTooLong,
    Money,
    OpenIntents,
    PaymentByCode,
    PaymentByKey,
    Rules,
    ToPerson,
    Transfer,
    WalletCore,
    WalletNotFound,
    WalletOf,
    currency,
)

EUR = currency("EUR")
Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]


@pytest.mark.parametrize("limits", [{"transfer_max_minor": 500}, {"daily_max_minor": 500}])
async def test_nobody_asks_for_more_than_one_payment_may_ever_be(
    open_core: Opener, rules: Rules, clock: Clock, limits: dict[str, int]
) -> None:
    async with open_core(replace(rules, **limits)) as core:
        await story(
            Storyteller(core, clock),
            """
            open bob
            request bob 5.00 r1      -> ok
            request bob open r2      -> ok
            request bob 5.01 r3      -> LimitExceeded (transfer_max)
            request bob 250.00 r4    -> LimitExceeded (transfer_max)""",
        )


async def test_an_amount_answers_the_newest_question_also_when_the_clock_was_put_back(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob ? older   -> ok
        later -1
        ask ann cid ? newer   -> ok
        answer ann 1.00 i1    -> ok
        confirm ann i1        -> ok
        balance cid           -> 1.00
        balance bob           -> 0.00""",
    )


async def test_an_amount_answers_the_newest_question_also_of_one_batch(teller: Storyteller) -> None:
    ann, bob = teller.person("ann"), teller.person("bob")
    wishes = (
        MakeIntent(payer=ann, to=ToPerson(bob), amount=None, key=f"q{number}", memo=f"cake {number}")
        for number in range(20)
    )
    made = await asyncio.gather(*(teller.core.run(wish) for wish in wishes))
    shown = await teller.core.ask(OpenIntents(ann))
    assert shown == tuple(reversed(made))
    answered = await teller.core.run(AnswerIntent(payer=ann, amount=teller.money("1.00"), key="a"))
    assert answered.memo == "cake 19"


async def test_a_person_has_one_wallet_however_often_they_start(teller: Storyteller) -> None:
    first = teller.wallets["ann"]
    await teller.tell("open ann")
    assert teller.wallets["ann"] == first


async def test_only_an_operator_issues_money(teller: Storyteller) -> None:
    await story(
        teller,
        """
        issue bob 5.00 k1 bob  -> NotOperator
        issue bob 5.00 k2      -> ok
        issue dot 5.00 k3      -> PersonNotFound
        balance bob            -> 5.00""",
    )


async def test_nobody_pays_themselves_or_a_person_without_a_wallet(teller: Storyteller) -> None:
    await story(
        teller,
        """
        meet dot dot
        transfer ann ann 1.00 k1  -> SameWallet
        transfer ann eve 1.00 k2  -> WalletNotFound
        ask ann ann 1.00 i1       -> SameWallet
        ask ann dot 1.00 i2       -> WalletNotFound
        ask ann @eve 1.00 i3      -> PersonNotFound
        ask dot ann 1.00 i4       -> WalletNotFound
        ask ann bob 10.01 i5      -> InsufficientFunds""",
    )


async def test_a_request_can_be_open_in_amount_and_in_the_number_of_payers(teller: Storyteller) -> None:
    await story(
        teller,
        """
        issue cid 10.00 k0
        request bob open r1 any     -> ok
        pay-request ann r1 k1       -> InvalidAmount (empty)
        pay-request ann r1 k1 2.00  -> ok
        pay-request cid r1 k2 3.00  -> ok
        pay-request cid r1 k2 3.00  -> ok, the same receipt
        ask ann r1 ? i1             -> ok
        confirm ann i1              -> IntentNotOpen (asking)
        answer ann 1.00 i2          -> ok
        answer ann 1.00 i2          -> ok
        answer ann 2.00 i2          -> KeyReused
        answer ann 2.00 i3          -> IntentNotFound
        confirm ann i2              -> ok
        balance bob                 -> 6.00""",
    )


async def test_a_request_ends_as_cancelled_or_expired(teller: Storyteller) -> None:
    await story(
        teller,
        """
        request bob 3.00 r1             -> ok
        ask ann r1 ? i1                 -> ok
        withdraw-request ann r1         -> NotYourRequest
        withdraw-request bob r1         -> ok
        withdraw-request bob r1         -> ok
        confirm ann i1                  -> RequestNotOpen (cancelled)
        pay-request ann r1 k1           -> RequestNotOpen (cancelled)
        request bob 3.00 r2             -> ok
        later 169
        pay-request ann r2 k2           -> RequestNotOpen (expired)
        ask ann r2 ? i2                 -> RequestNotOpen (expired)
        pay-request ann rXXXX k3        -> RequestNotFound
        request bob 3.00 r3             -> ok
        pay-request ann r3 k4           -> ok
        withdraw-request bob r3         -> RequestNotOpen (paid)
        balance bob                     -> 3.00""",
    )


async def test_a_repeated_question_is_the_same_dialog(teller: Storyteller) -> None:
    await teller.tell("ask ann bob 4.00 i1 coffee")
    code = teller.codes["i1"]
    await teller.tell("ask ann bob 4.00 i1 coffee")
    assert teller.codes["i1"] == code
    await story(
        teller,
        """
        ask ann bob 4.00 i1 tea  -> KeyReused
        ask ann cid 4.00 i1 tea  -> KeyReused
        confirm ann i1           -> ok
        ask ann bob 4.00 i1 coffee""",
    )
    assert teller.codes["i1"] == code


async def test_cancel_drops_every_open_dialog(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1   -> ok
        ask ann bob ? i2      -> ok
        cancel-all ann        -> ok
        confirm ann i1        -> IntentNotOpen (cancelled)
        answer ann 1.00 i3    -> IntentNotFound
        balance ann           -> 10.00""",
    )


async def test_money_that_went_meanwhile_refuses_the_press_and_keeps_the_dialog(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 8.00 i1       -> ok
        transfer ann cid 5.00 k1  -> ok
        confirm ann i1            -> InsufficientFunds
        transfer cid ann 5.00 k2  -> ok
        confirm ann i1            -> ok
        balance bob               -> 8.00""",
    )


async def test_limits_of_the_operator_hold(teller: Storyteller, rules: Rules, open_core: Opener, clock: Clock) -> None:
    limited = replace(rules, transfer_max_minor=500, daily_max_minor=800, requests_open_max=1)
    async with open_core(limited) as core:
        strict = Storyteller(core, clock)
        await story(
            strict,
            """
            open ann
            open bob
            transfer ann bob 5.01 k1  -> LimitExceeded (transfer_max)
            transfer ann bob 5.00 k2  -> ok
            transfer ann bob 3.01 k3  -> LimitExceeded (daily_max)
            transfer ann bob 3.00 k4  -> ok
            transfer ann bob 0.01 k5  -> LimitExceeded (daily_max)
            later 24
            transfer ann bob 2.00 k6  -> ok
            request bob 5.01 r1       -> LimitExceeded (transfer_max)
            request bob 1.00 r1       -> ok
            request bob 1.00 r2       -> LimitExceeded (requests_open_max)
            later 168
            request bob 1.00 r2       -> ok""",
        )


async def test_a_clock_that_is_put_back_over_midnight_begins_no_new_day(
    teller: Storyteller, rules: Rules, open_core: Opener, clock: Clock
) -> None:
    async with open_core(replace(rules, daily_max_minor=500)) as core:
        await story(
            Storyteller(core, clock),
            """
            open ann
            open bob
            transfer ann bob 4.00 k1  -> ok
            later -24
            transfer ann bob 1.01 k2  -> LimitExceeded (daily_max)
            transfer ann bob 1.00 k3  -> ok
            later 24
            transfer ann bob 0.01 k4  -> LimitExceeded (daily_max)
            later 24
            transfer ann bob 5.00 k5  -> ok""",
        )


async def test_credit_lets_a_wallet_go_below_zero_and_taking_it_back_strands_nobody(
    teller: Storyteller, rules: Rules, open_core: Opener, clock: Clock
) -> None:
    async with open_core(replace(rules, credit_limit_minor=500)) as core:
        lent = Storyteller(core, clock)
        await story(
            lent,
            """
            open ann
            open bob
            transfer bob ann 5.01 k1  -> InsufficientFunds
            transfer bob ann 5.00 k2  -> ok
            balance bob               -> -5.00""",
        )
    async with open_core(rules) as core:
        strict = Storyteller(core, clock)
        await story(
            strict,
            """
            open ann
            open bob
            transfer bob ann 0.01 k3  -> InsufficientFunds
            transfer ann bob 1.00 k4  -> ok
            transfer bob ann 0.01 k5  -> InsufficientFunds
            transfer ann bob 5.00 k6  -> ok
            transfer bob ann 1.00 k7  -> ok
            balance bob               -> 0.00""",
        )


async def test_welcome_credit_is_given_once(books_url: str, rules: Rules, open_core: Opener, clock: Clock) -> None:
    async with open_core(replace(rules, welcome_credit_minor=250)) as core:
        teller = Storyteller(core, clock)
        await story(
            teller,
            """
            open ann
            open ann
            open bob
            balance ann  -> 2.50
            balance bob  -> 2.50""",
        )


async def test_a_memo_is_kept_on_one_line_without_marks_and_refused_when_too_long(
    teller: Storyteller, core: WalletCore
) -> None:
    ann, bob = teller.wallets["ann"], teller.wallets["bob"]
    wish = Transfer(payer=ann, payee=bob, amount=Money(1, EUR), key="k", memo="  two \n coffees\u202e\x00 👩\u200d🍳 ")
    assert (await core.run(wish)).memo == "two coffees 👩\u200d🍳"
    with pytest.raises(MemoTooLong):
        await core.run(replace(wish, key="k2", memo="x" * (MEMO_MAX + 1)))


async def test_history_is_read_in_pages_and_only_by_its_owner(teller: Storyteller, core: WalletCore) -> None:
    for number in range(1, 8):
        await teller.tell(f"transfer ann bob 0.0{number} k{number}")
    ann = teller.person("ann")
    deltas: list[int] = []
    start: int | None = None
    while True:
        page = await core.ask(HistoryOf(person=ann, start=start, limit=3))
        deltas += [line.delta.minor for line in page.lines]
        if page.older is None:
            break
        start = page.older
    assert deltas == [-7, -6, -5, -4, -3, -2, -1, 1000]
    assert start is not None
    assert (await core.ask(HistoryOf(person=teller.person("bob"), start=start, limit=3))).lines == ()
    assert (await core.ask(HistoryOf(person=teller.person("cid")))).lines == ()


async def test_a_receipt_code_is_found_however_it_is_typed(teller: Storyteller, core: WalletCore) -> None:
    await teller.tell("transfer ann bob 4.00 k1")
    (code,) = {code for wish, code in teller.receipts.items() if wish.startswith("transfer")}
    typed = f" {code[:4]}-{code[4:8]} {code[8:]}".lower().replace("0", "o").replace("1", "i")
    assert (await core.ask(PaymentByCode(typed))).receipt.code == code
    assert (await core.ask(PaymentByKey("k1"))).receipt.code == code  # type: ignore[union-attr]


async def test_a_batch_decides_in_order_of_arrival(teller: Storyteller, core: WalletCore) -> None:
    import asyncio

    ann, bob, cid = (teller.wallets[name] for name in ("ann", "bob", "cid"))
    wishes = [
        Transfer(payer=ann, payee=bob, amount=Money(1000, EUR), key="1"),
        Transfer(payer=ann, payee=bob, amount=Money(1, EUR), key="2"),
        Transfer(payer=bob, payee=cid, amount=Money(1000, EUR), key="3"),
        Transfer(payer=cid, payee=ann, amount=Money(1000, EUR), key="4"),
        Transfer(payer=ann, payee=bob, amount=Money(1000, EUR), key="1"),
    ]
    outcomes: list[Any] = await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Receipt", "InsufficientFunds", "Receipt", "Receipt", "Receipt",
    ]  # fmt: skip
    assert outcomes[0] == outcomes[4]
    assert (await core.audit()).sound


async def test_somebody_unknown_has_no_wallet_to_look_at(core: WalletCore, teller: Storyteller) -> None:
    with pytest.raises(WalletNotFound):
        await core.ask(WalletOf(teller.person("dot")))
    with pytest.raises(WalletNotFound):
        await core.run(
            MakeIntent(payer=teller.person("dot"), to=ToPerson(teller.person("ann")), amount=Money(1, EUR), key="k")
        )


async def test_questions_that_wait_for_one_person_are_bounded_and_dropping_makes_room(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), intents_open_max=2)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as bounded:
        await story(
            Storyteller(bounded, clock),
            """
            open ann
            open bob
            issue ann 9.00 k
            ask ann bob 1.00 i1
            ask ann bob ? i2
            ask ann bob 1.00 i3  -> LimitExceeded (intents_open_max)
            ask bob ann ? i4     -> ok
            answer ann 2.00 i5   -> ok
            ask ann bob 1.00 i3  -> LimitExceeded (intents_open_max)
            confirm ann i1       -> ok
            ask ann bob 1.00 i3  -> ok
            cancel ann i5        -> ok
            ask ann bob 1.00 i6  -> ok
            later 2
            ask ann bob 1.00 i7  -> ok
            ask ann bob 1.00 i8  -> ok
            ask ann bob 1.00 i9  -> LimitExceeded (intents_open_max)""",
        )
