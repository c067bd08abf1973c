"""Money goes back: in whole or in part, several times, together never more than the payment (G18)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, Storyteller, story
from tests.fresh import begin_books
from wallet_core import (
    CancelRefund,
    ConfirmRefund,
    HistoryOf,
    KeyReused,
    MakeRefund,
    Money,
    PaymentByKey,
    RefundTooLarge,
    RefundTransfer,
    Rules,
    WalletCore,
    currency,
)

EUR = currency("EUR")


class Refunder(Storyteller):
    """Storyteller who can give money back: payments are named by their keys."""

    async def receipt(self, key: str) -> str:
        payment = await self.core.ask(PaymentByKey(key))
        return "0" * 13 if payment is None else payment.receipt.code

    def given(self, amount: str) -> Money | None:
        return None if amount == "all" else self.money(amount)

    async def refund(self, by: str, payment: str, amount: str, key: str) -> Any:
        wish = {"by": self.person(by), "code": await self.receipt(payment), "amount": self.given(amount), "key": key}
        return await self.core.run(RefundTransfer(**wish))

    async def ask_refund(self, by: str, payment: str, amount: str, name: str) -> Any:
        wish = {"by": self.person(by), "code": await self.receipt(payment), "amount": self.given(amount)}
        made = await self.core.run(MakeRefund(**wish, key=f"key of {name}"))
        self.codes[name] = made.code
        return str(made.amount.number)

    async def confirm_refund(self, person: str, name: str) -> Any:
        return await self.core.run(ConfirmRefund(code=self.codes.get(name, name), person=self.person(person)))

    async def cancel_refund(self, person: str, name: str) -> Any:
        await self.core.run(CancelRefund(code=self.codes.get(name, name), person=self.person(person)))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Refunder:
    """Ann with 10.00, Bob and Cid with nothing; Ann has paid Bob 4.00."""
    made = Refunder(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 issued
        transfer ann bob 4.00 paid coffee""")
    return made


async def test_g18_a_payment_is_given_back_in_parts_and_never_more_than_it(teller: Refunder) -> None:
    await story(
        teller,
        """
        refund  bob paid 1.50 a  -> ok
        refund  bob paid 2.51 b  -> RefundTooLarge
        refund  bob paid 2.50 c  -> ok
        refund  bob paid 0.01 d  -> RefundTooLarge
        refund  bob paid all  e  -> RefundTooLarge
        balance ann              -> 10.00
        balance bob              -> 0.00""",
    )


async def test_all_means_what_is_left(teller: Refunder) -> None:
    await story(
        teller,
        """
        refund  bob paid 1.00 a  -> ok
        refund  bob paid all  b  -> ok
        refund  bob paid all  b  -> ok, the same receipt
        balance ann              -> 10.00""",
    )


async def test_g5_a_key_gives_money_back_once(teller: Refunder) -> None:
    await story(
        teller,
        """
        transfer ann bob 2.00 other
        refund  bob paid  1.00 a     -> ok
        refund  bob paid  1.00 a     -> ok, the same receipt
        refund  bob paid  1.01 a     -> KeyReused
        refund  bob other 1.00 a     -> KeyReused
        refund  cid paid  1.00 a     -> NotYourPayment
        refund  bob other 1.00 paid  -> KeyReused
        transfer bob ann  1.00 a     -> KeyReused
        balance ann                  -> 5.00""",
    )


async def test_only_whoever_was_paid_gives_back_and_an_operator_what_was_issued(teller: Refunder) -> None:
    await story(
        teller,
        """
        refund ann      paid   1.00 a  -> NotYourPayment
        refund cid      paid   1.00 b  -> NotYourPayment
        refund operator paid   1.00 c  -> NotYourPayment
        refund bob      issued 1.00 d  -> NotYourPayment
        refund operator issued 1.00 e  -> ok
        refund ann      issued all  f  -> InsufficientFunds
        refund ann      issued 5.00 g  -> ok
        balance ann                    -> 0.00""",
    )


async def test_a_refund_is_not_refunded(teller: Refunder) -> None:
    await story(
        teller,
        """
        refund bob paid all a   -> ok
        refund ann a    all b   -> PaymentNotRefundable
        refund ann a    1.00 c  -> PaymentNotRefundable""",
    )


async def test_what_refuses_a_refund_moves_nothing(teller: Refunder, tmp_path: Path) -> None:
    await story(
        teller,
        """
        refund   bob nothing 1.00 a  -> TransferNotFound
        transfer bob cid     3.50 k
        refund   bob paid    1.00 b  -> InsufficientFunds
        refund   bob paid    0.50 c  -> ok""",
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["cid"],))
    file.close()
    await story(
        teller,
        """
        refund cid k 1.00 d -> WalletFrozen
        refund cid k 3.51 d -> WalletFrozen""",
    )


async def test_limits_of_a_payment_and_a_day_hold_no_refund_back(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), transfer_max_minor=500, daily_max_minor=500)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as limited:
        await story(
            Refunder(limited, clock),
            """
            open ann
            open bob
            issue ann 9.00 issued
            transfer ann bob 5.00 paid
            transfer bob ann 1.00 back
            issue bob 1.00 more
            refund bob paid all a -> ok
            refund operator issued 9.00 b -> ok
            transfer bob ann 0.01 c -> InsufficientFunds""",
        )


async def test_a_refund_may_use_a_credit_that_was_raised_since(
    teller: Refunder, core: WalletCore, clock: Clock, books_url: str
) -> None:
    await teller.tell("transfer bob ann 4.00 spent")
    await core.close()
    rules = Rules(EUR, credit_limit_minor=300)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as generous:
        told = Refunder(generous, clock)
        told.wallets = teller.wallets
        await story(
            told,
            """
            refund  bob paid 3.01 a -> InsufficientFunds
            refund  bob paid 3.00 a -> ok
            balance bob             -> -3.00""",
        )
        assert (await generous.audit()).sound


async def test_who_is_an_operator_no_longer_gives_back_nothing_that_was_issued(
    teller: Refunder, core: WalletCore, clock: Clock, books_url: str
) -> None:
    await story(
        teller,
        """
        open operator
        ask-refund operator issued 1.00 q     -> 1.00
        ask-refund operator issued 1.00 other -> 1.00
        refund     operator issued 1.00 k     -> ok""",
    )
    await core.close()
    async with WalletCore.session(books_url, rules=Rules(EUR), clock=clock) as changed:
        told = Refunder(changed, clock)
        told.wallets, told.codes = teller.wallets, teller.codes
        await story(
            told,
            """
            refund         operator issued 1.00 k -> NotYourPayment
            ask-refund     operator issued 1.00 r -> NotYourPayment
            confirm-refund operator q             -> NotYourPayment
            cancel-refund  operator other         -> ok
            later          2
            confirm-refund operator q             -> NotYourPayment""",
        )


async def test_an_operator_who_never_wrote_is_asked_nothing(teller: Refunder) -> None:
    await story(
        teller,
        """
        ask-refund operator issued 1.00 q -> PersonNotFound
        refund     operator issued 1.00 k -> ok""",
    )


async def test_g5_a_key_stands_for_one_amount_in_one_currency(teller: Refunder, core: WalletCore) -> None:
    await story(
        teller,
        """
        refund     bob paid   1.00 part  -> ok
        refund     bob paid   all  part  -> KeyReused
        ask-refund bob paid   1.00 q     -> 1.00
        ask-refund bob paid   all  q     -> KeyReused
        refund     bob paid   all  rest  -> ok
        refund     bob paid   all  rest  -> ok, the same receipt
        refund     bob paid   3.00 rest  -> ok, the same receipt
        refund     bob paid   all  part  -> KeyReused
        refund     ann issued 1.00 part  -> KeyReused
        refund     bob paid   1.00 paid  -> KeyReused
        transfer   bob ann    1.00 part  -> KeyReused""",
    )
    other = {"by": teller.person("bob"), "code": await teller.receipt("paid"), "amount": Money(100, currency("USD"))}
    for wish in (MakeRefund(**other, key="key of q"), RefundTransfer(**other, key="part")):
        with pytest.raises(KeyReused):
            await core.run(wish)


async def test_g5_all_that_is_left_is_known_again_in_one_batch(teller: Refunder, core: WalletCore) -> None:
    wish = {"by": teller.person("bob"), "code": await teller.receipt("paid")}
    part = RefundTransfer(**wish, amount=Money(100, EUR), key="part")
    rest = RefundTransfer(**wish, amount=None, key="rest")
    reused = RefundTransfer(**wish, amount=None, key="part")
    outcomes = await asyncio.gather(*map(core.run, (part, part, rest, rest, reused)), return_exceptions=True)
    assert outcomes[0] == outcomes[1]
    assert outcomes[2] == outcomes[3] == await core.run(rest)
    assert outcomes[2].receipt.amount == Money(300, EUR)
    assert isinstance(outcomes[4], KeyReused)


@pytest.mark.parametrize("typed", [str.lower, lambda code: f" {code[:4]}-{code[4:8]} {code[8:]} "], ids=["lower", "-"])
async def test_a_receipt_code_is_read_as_people_type_it(teller: Refunder, core: WalletCore, typed: Any) -> None:
    code = await teller.receipt("paid")
    made = {"by": teller.person("bob"), "amount": None, "key": "k"}
    asked = await core.run(MakeRefund(**made, code=typed(code)))
    assert asked.refunds == code
    assert await core.run(MakeRefund(**made, code=code)) == asked


async def test_what_a_request_was_paid_with_goes_back_and_the_request_stays_paid(teller: Refunder) -> None:
    await story(
        teller,
        """
        request     bob  2.00 r   -> ok
        pay-request ann  r    p   -> ok
        refund      bob  p all k  -> ok
        pay-request ann  r    p2  -> RequestNotOpen (paid)
        balance     ann           -> 6.00""",
    )


async def test_histories_and_receipts_of_both_name_the_other_payment(teller: Refunder, core: WalletCore) -> None:
    await teller.tell("refund bob paid 1.50 a")
    paid, back = await teller.receipt("paid"), await teller.receipt("a")
    for person in ("ann", "bob"):
        lines = (await core.ask(HistoryOf(person=teller.person(person)))).lines
        by_code = {line.payment.receipt.code: line.payment for line in lines}
        assert (by_code[back].refund_of, by_code[back].refunded) == (paid, None)
        assert (by_code[paid].refund_of, by_code[paid].refunded) == (None, Money(150, EUR))
        assert by_code[back].receipt.memo == "coffee"


async def test_a_question_is_confirmed_once_by_the_person_asked(teller: Refunder) -> None:
    await story(
        teller,
        """
        ask-refund     bob paid 1.00 q1  -> 1.00
        ask-refund     bob paid 1.00 q1  -> 1.00
        ask-refund     bob paid all  q2  -> 4.00
        ask-refund     bob paid 2.00 q1  -> KeyReused
        ask-refund     ann paid 1.00 q3  -> NotYourPayment
        ask-refund     bob paid 4.01 q3  -> RefundTooLarge
        confirm-refund ann q1            -> NotYourPayment
        cancel-refund  ann q1            -> NotYourPayment
        confirm-refund bob q1            -> ok
        confirm-refund bob q1            -> ok, the same receipt
        cancel-refund  bob q1            -> RefundNotOpen (paid)
        confirm-refund bob q2            -> RefundTooLarge
        cancel-refund  bob q2            -> ok
        cancel-refund  bob q2            -> ok
        confirm-refund bob q2            -> RefundNotOpen (cancelled)
        confirm-refund bob no-such       -> RefundNotFound
        ask-refund     bob paid all q4   -> 3.00
        later          2
        confirm-refund bob q4            -> RefundNotOpen (expired)
        balance        ann               -> 7.00""",
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, 250), min_size=1, max_size=12), together=st.booleans())
async def test_g18_parts_of_any_size_in_any_batches_sum_to_the_payment_at_most(
    parts: list[int], together: bool, tmp_path_factory: pytest.TempPathFactory, rules: Rules, clock: Clock
) -> None:
    url = begin_books(tmp_path_factory.mktemp("parts") / "books.db", EUR)
    async with WalletCore.session(url, rules=rules, clock=clock) as core:
        told = Refunder(core, clock)
        await told.tell("open ann\nopen bob\nissue ann 4.00 issued\ntransfer ann bob 4.00 paid")
        code = await told.receipt("paid")
        wishes = [
            RefundTransfer(by=told.person("bob"), code=code, amount=Money(part, EUR), key=f"k{n}")
            for n, part in enumerate(parts)
        ]
        if together:
            outcomes = await asyncio.gather(*map(core.run, wishes), return_exceptions=True)
        else:
            outcomes = [(await asyncio.gather(core.run(wish), return_exceptions=True))[0] for wish in wishes]
        left = 400
        for part, outcome in zip(parts, outcomes, strict=True):
            assert isinstance(outcome, RefundTooLarge) == (part > left)
            left -= 0 if part > left else part
        assert await told.balances() == {"ann": 400 - left, "bob": left}
        assert (await core.audit()).sound


async def test_g18_two_processes_on_one_postgresql_never_give_back_more_than_was_paid(
    rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Refunder(one, clock)
            await told.tell("open ann\nopen bob\nissue ann 4.00 issued\ntransfer ann bob 4.00 paid")
            code = await told.receipt("paid")
            wishes = [
                core.run(RefundTransfer(by=told.person("bob"), code=code, amount=Money(30, EUR), key=f"{name}{n}"))
                for n in range(20)
                for name, core in (("one", one), ("two", two))
            ]
            outcomes = await asyncio.gather(*wishes, return_exceptions=True)
            refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
            assert {type(refusal) for refusal in refused} == {RefundTooLarge}
            assert len(outcomes) - len(refused) == 13
            assert await told.balances() == {"ann": 390, "bob": 10}
            assert (await one.audit()).sound


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE refunds SET amount = 99", "refund {q} is paid without the transfer that it asks for"),
        ("UPDATE refunds SET original = 1", "refund {q} is paid without the transfer that it asks for"),
        (
            "UPDATE refunds SET person = 'tg:7237217'",
            "question {q} about a refund was asked of somebody who was not paid",
        ),
    ],
)
async def test_an_audit_holds_a_paid_question_against_its_transfer(
    teller: Refunder, tmp_path: Path, edit: str, problem: str
) -> None:
    await story(teller, "ask-refund bob paid 1.00 q -> 1.00\nconfirm-refund bob q -> ok")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute(edit)
    file.close()
    assert await teller.audit() == problem.format(q=teller.codes["q"])
