"""Whom a payment names."""

import asyncio

import pytest

from tests.core.story import OPERATOR, Clock, Storyteller
from tests.core.test_refunds import Refunder
from wallet_core import PaymentByKey, RefundTransfer, Transfer, WalletCore


async def test_the_community_is_nobody_whether_it_pays_or_is_paid(core: WalletCore, clock: Clock) -> None:
    teller = Refunder(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 4.00 issued\ntransfer ann bob 1.00 paid")
    issued, paid = [await core.ask(PaymentByKey(key)) for key in ("issued", "paid")]
    back = RefundTransfer(by=OPERATOR, code=await teller.receipt("issued"), amount=teller.money("2.00"), key="back")
    given = await core.run(back)
    again = await core.ask(PaymentByKey("back"))
    assert issued is not None and paid is not None and again is not None
    assert issued.payer is None and given.payee is None and again.payee is None
    assert (issued.refund_of, again.refund_of) == (None, issued.receipt.code)
    ann, bob = teller.person("ann"), teller.person("bob")
    named = (issued.payee, paid.payer, paid.payee, given.payer, again.payer)
    assert [each and each.id for each in named] == [ann, ann, bob, ann, ann]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 63, 64, 65, 73, 128, 137])
async def test_payments_that_come_together_are_written_together_however_many_they_are(
    core: WalletCore, teller: Storyteller, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    one_cent = teller.money("0.01")
    wishes = [
        Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=one_cent, key=f"k{number}")
        for number in range(count)
    ]
    await asyncio.gather(*map(core.run, wishes))
    assert not caplog.messages
    report = await core.audit()
    assert (report.problem, report.transfers) == (None, 1 + count)
