"""Whom a payment names."""

from tests.core.story import OPERATOR, Clock
from tests.core.test_refunds import Refunder
from wallet_core import PaymentByKey, RefundTransfer, WalletCore


async def test_the_community_is_nobody_whether_it_pays_or_is_paid(core: WalletCore, clock: Clock) -> None:
    teller = Refunder(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 4.00 issued\ntransfer ann bob 1.00 paid")
    issued, paid = [await core.ask(PaymentByKey(key)) for key in ("issued", "paid")]
    back = RefundTransfer(by=OPERATOR, code=await teller.receipt("issued"), amount=teller.money("2.00"), key="back")
    given = await core.run(back)
    again = await core.ask(PaymentByKey("back"))
    assert issued is not None and paid is not None and again is not None
    assert issued.payer is None and given.payee is None and again.payee is None
    ann, bob = teller.person("ann"), teller.person("bob")
    named = (issued.payee, paid.payer, paid.payee, given.payer, again.payer)
    assert [each and each.id for each in named] == [ann, ann, bob, ann, ann]
