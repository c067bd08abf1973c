"""A frozen wallet: who may freeze it, who is told, and what happens to all that is open then (docs/operating.md)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.cashier import Cashier
from tests.core.giver import Giver
from tests.core.splitter import Splitter
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_refunds import Refunder
from tests.core.tipper import Tipper
from wallet_core import (
    Acts,
    ClaimPlaces,
    ConfirmWithdrawal,
    FreezeWallet,
    FreezingOf,
    MakePaymentFile,
    MakeWithdrawal,
    NothingToPay,
    Subject,
    UnfreezeWallet,
    WalletCore,
    WalletState,
    WithdrawalsDue,
)

OPERATING = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


class Freezer(Cashier, Refunder, Giver, Splitter, Tipper):
    """Storyteller who freezes: `freeze ann k because`."""

    async def freeze(self, person: str, key: str, *reason: str, by: str = "operator") -> Any:
        wish = {"by": self.person(by), "person": self.person(person), "reason": " ".join(reason), "key": key}
        return await self.core.run(FreezeWallet(**wish))

    async def freeze_by(self, by: str, person: str, key: str, *reason: str) -> Any:
        return await self.freeze(person, key, *reason, by=by)

    async def unfreeze(self, person: str, key: str, *reason: str) -> Any:
        wish = {"by": OPERATOR, "person": self.person(person), "reason": " ".join(reason), "key": key}
        return await self.core.run(UnfreezeWallet(**wish))

    async def may_go_out(self) -> str:
        return str(len(await self.core.ask(WithdrawalsDue(gateway="net", limit=9))))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Freezer:
    made = Freezer(core, clock)
    await made.tell("""
        open operator
        open ann
        open bob
        open cid
        issue ann 50.00 i1
        issue bob 50.00 i2
        issue cid 50.00 i3""")
    return made


# A row of the table each: what is open before, what is refused or goes while it is frozen, what afterwards.
ROWS: dict[str, tuple[str, str, str]] = {
    "questions whether to pay, theirs or to them": (
        "ask ann bob 1.00 a\nask bob ann 1.00 b\nask ann bob 1.00 c",
        "confirm ann a -> WalletFrozen\nconfirm bob b -> WalletFrozen\ncancel ann c",
        "confirm ann a -> ok\nconfirm bob b -> ok",
    ),
    "requests of theirs": (
        "request ann 1.00 r1\nrequest ann 1.00 r2",
        "pay_request bob r1 k -> WalletFrozen\nwithdraw_request ann r2",
        "pay_request bob r1 k -> ok",
    ),
    "requests to them": (
        "request bob 1.00 r1",
        "pay_request ann r1 k -> WalletFrozen",
        "pay_request ann r1 k -> ok",
    ),
    "gifts of theirs, what is left": (
        "gift ann 3.00 g 3\nclaim bob g",
        "claim cid g -> GiftHeld\ntake-back ann g -> WalletFrozen\nlater 25\nclerk\nleft g -> 2.00",
        "later 1\nclerk\nleft g -> 0.00",
    ),
    "gifts that they want to claim": (
        "gift bob 2.00 g 2",
        "claim ann g -> WalletFrozen\nleft g -> 2.00\nclaim cid g -> 1.00",
        "claim ann g -> 1.00",
    ),
    "bills of theirs": (
        "split ann 3.00 s bob cid\nask-for ann s",
        "pay-share bob s -> WalletFrozen",
        "pay-share bob s -> ok",
    ),
    "shares that they owe": (
        "split bob 3.00 s ann cid\nask-for bob s",
        "pay-share ann s -> WalletFrozen\npay-share cid s",
        "pay-share ann s -> ok",
    ),
    "questions about refunds, by them or to them": (
        "transfer bob ann 1.00 t1\ntransfer ann bob 1.00 t2\nask-refund ann t1 all q1\nask-refund bob t2 all q2",
        "confirm-refund ann q1 -> WalletFrozen\nconfirm-refund bob q2 -> WalletFrozen",
        "confirm-refund ann q1 -> ok\nconfirm-refund bob q2 -> ok",
    ),
    "withdrawals asked, not confirmed": (
        "withdraw ann 5.00 w\nwithdraw ann 5.00 v",
        "confirm-withdrawal ann w -> WalletFrozen\ncancel-withdrawal ann v",
        "confirm-withdrawal ann w -> ok",
    ),
    "withdrawals put aside": (
        "withdraw ann 5.00 w\nconfirm-withdrawal ann w\nwithdraw ann 5.00 v operator\nconfirm-withdrawal ann v",
        """send w
        withdrawal-is w -> held
        may-go-out -> 0
        give-cash operator v -> WalletFrozen
        cancel-withdrawal ann v -> WalletFrozen
        later 200
        clerk
        withdrawal-is v -> held""",
        "may-go-out -> 1\nsend w\nwithdrawal-is w -> sent\ngive-cash operator v -> done",
    ),
    "withdrawals sent": (
        "withdraw ann 5.00 w\nconfirm-withdrawal ann w\nsend w\nwithdraw ann 5.00 v\nconfirm-withdrawal ann v\nsend v",
        "says w done\nwithdrawal-is w -> done\nsays v refused\nbalance ann -> 45.00",
        "balance ann -> 45.00",
    ),
    "top-ups on the way": (
        "top-up ann 5.00 t",
        "arrives t 5.00 x -> WalletFrozen\nbalance ann -> 50.00",
        "arrives t 5.00 x\nbalance ann -> 55.00",
    ),
    "chargebacks": (
        "top-up ann 5.00 t\narrives t 5.00 x",
        "taken-back y x 5.00\nbalance ann -> 50.00",
        "balance ann -> 50.00",
    ),
    "tips, new money from an operator": (
        "tip bob cid 0.50 m1 t1",
        "tip bob ann 0.50 m2 t2 -> WalletFrozen\nissue ann 1.00 more -> WalletFrozen",
        "tip bob ann 0.50 m2 t2 -> ok\nissue ann 1.00 more -> ok",
    ),
}


def documented() -> list[str]:
    """The rows of the table."""
    text = OPERATING.read_text("utf-8").partition("| what is open then |")[2]
    return [line.split("|")[1].strip() for line in text.splitlines()[2:] if line.startswith("|")]


def test_the_table_in_the_documentation_has_a_story_for_each_row() -> None:
    assert documented() == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
async def test_what_is_open_when_a_wallet_is_frozen(teller: Freezer, row: str) -> None:
    before, frozen, after = ROWS[row]
    await teller.tell(f"{before}\nfreeze ann f lost phone")
    await teller.tell(frozen)
    await teller.tell(f"unfreeze ann u\n{after}\naudit -> sound")


async def test_only_operators_freeze_with_a_reason_or_without_and_once(teller: Freezer, core: WalletCore) -> None:
    await story(
        teller,
        f"""
        freeze-by bob ann k1 spite      -> NotOperator
        freeze ann k1 {"x" * 201}       -> MemoTooLong
        freeze nobody k1 lost phone     -> PersonNotFound
        unfreeze ann k1                 -> NotFrozen
        freeze ann k1 lost phone        -> ok
        freeze ann k1 lost phone        -> ok
        freeze ann k1 something else    -> KeyReused
        freeze bob k1 lost phone        -> KeyReused
        unfreeze ann k1 lost phone      -> KeyReused
        freeze ann k2 lost phone        -> FrozenAlready
        transfer ann bob 1.00 t         -> WalletFrozen
        unfreeze ann k3 found it        -> ok
        unfreeze ann k3 found it        -> ok
        freeze bob k4                   -> ok
        freeze bob k4                   -> ok
        freeze bob k4 lost phone        -> KeyReused
        transfer ann bob 1.00 t         -> WalletFrozen
        unfreeze bob k5                 -> ok
        freeze ann k1 lost phone        -> ok
        transfer ann bob 1.00 t         -> ok""",
    )
    page = await core.ask(Acts(by=OPERATOR, of=teller.person("ann")))
    found = [(str(act.kind), act.note, act.by and act.by.id) for act in page.acts]
    assert found == [("unfrozen", "found it", OPERATOR), ("frozen", "lost phone", OPERATOR), ("issued", "", OPERATOR)]


async def test_their_owner_is_told_in_private_why_it_is_frozen_and_that_it_is_open(
    teller: Freezer, core: WalletCore
) -> None:
    ann = teller.person("ann")
    await teller.tell("freeze ann k1 lost phone")
    [shown] = await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=1)))
    assert (shown.place, shown.subject) == (f"{ann}/freeze", Subject("freeze", ann))
    seen = await core.ask(FreezingOf(ann))
    assert (seen.wallet.state, seen.reason) == (WalletState.FROZEN, "lost phone")
    assert seen.since == teller.clock.now
    await teller.tell("later 1\nunfreeze ann k2 found")
    seen = await core.ask(FreezingOf(ann))
    assert (seen.wallet.state, seen.reason, seen.since) == (WalletState.OPEN, "found", teller.clock.now)


async def test_a_payment_in_the_same_batch_behind_the_freeze_is_refused(teller: Freezer) -> None:
    outcomes = await asyncio.gather(
        teller.freeze("ann", "f", "lost"), teller.transfer("ann", "bob", "1.00", "t"), return_exceptions=True
    )
    assert [type(each).__name__ for each in outcomes] == ["Person", "WalletFrozen"]


async def test_a_payment_file_leaves_out_who_is_frozen(teller: Freezer, core: WalletCore) -> None:
    wish = {"person": teller.person("ann"), "gateway": "bank", "amount": teller.money("5.00"), "target": "sealed"}
    made = await core.run(MakeWithdrawal(**wish, key="w"))
    await core.run(ConfirmWithdrawal(code=made.code, person=teller.person("ann")))
    await teller.tell("freeze ann f lost phone")
    file = MakePaymentFile(gateway="bank", codes=(made.code,), by=OPERATOR, key="file")
    with pytest.raises(NothingToPay):
        await core.run(file)
    await teller.tell("unfreeze ann u")
    assert (await core.run(file)).count == 1
