"""What is asked about gateways and the cash desk is answered for each of them, and not with what is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.cashier import NET, OTHER, Cashier
from tests.core.story import OPERATOR, Clock
from wallet_core import (
    ConfirmWithdrawal,
    DeskOf,
    GatewayBalances,
    MakeWithdrawal,
    OverviewOf,
    Rules,
    SendWithdrawal,
    StartTopUp,
    TopUpsStarted,
    TopUpsUnstarted,
    WalletCore,
    WithdrawalsTo,
    currency,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), top_ups_open_max=60)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    """A person in charge, Ann, Bob and Cid, with wallets."""
    made = Cashier(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nopen cid")
    return made


async def top_ups(teller: Cashier, gateway: str, *names: str) -> None:
    for name in names:
        await teller.tell(f"seconds 1\ntop-up ann 2.00 {name} {gateway} -> waiting")


async def start(teller: Cashier, *names: str) -> None:
    for name in names:
        await teller.core.run(StartTopUp(code=teller.code(name), page=f"https://pay.example/{name}"))


async def started(teller: Cashier, gateway: str = NET, after: str = "") -> list[str]:
    asked = TopUpsStarted(gateway=gateway, after=teller.code(after) if after else "")
    names = {code: name for name, code in teller.codes.items()}
    return [names[each.code] for each in await teller.core.ask(asked)]


async def unstarted(teller: Cashier, gateway: str = NET) -> list[str]:
    names = {code: name for name, code in teller.codes.items()}
    return [names[each.code] for each in await teller.core.ask(TopUpsUnstarted(gateway))]


async def test_a_gateway_hears_of_its_own_that_wait_and_asks_after_those_that_it_has_started(teller: Cashier) -> None:
    await top_ups(teller, NET, "a", "b", "c", "over", "never")
    await top_ups(teller, "web", "x", "y")
    await start(teller, "b", "a", "over", "x")
    await teller.tell("cancel-top-up ann over -> cancelled\ncancel-top-up ann never -> cancelled")
    assert (await started(teller), await unstarted(teller)) == (["a", "b"], ["c"])
    assert (await started(teller, "web"), await unstarted(teller, "web")) == (["x"], ["y"])
    assert (await started(teller, after="a"), await started(teller, after="b")) == (["b"], [])


async def test_fifty_top_ups_are_read_at_a_time_the_oldest_first(teller: Cashier) -> None:
    names = [f"t{number}" for number in range(51)]
    await top_ups(teller, NET, *names)
    assert await unstarted(teller) == names[:50]
    await start(teller, *names)
    assert await started(teller) == names[:50]
    assert await started(teller, after=names[49]) == names[50:]


async def test_of_each_gateway_it_is_said_what_waits_is_held_was_sent_and_is_lost(teller: Cashier) -> None:
    await teller.tell("""
        top-up     ann 20.00 a           -> waiting
        arrives    a 20.00 p1            -> top_up
        top-up     ann 3.00 waits        -> waiting
        top-up     ann 4.00 over         -> waiting
        cancel-top-up ann over           -> cancelled
        top-up     cid 1.00 lost         -> waiting
        arrives    lost 1.00 p2 1.75     -> top_up
        taken-back b1 p2 1.00            -> 0.00
        top-up     bob 30.00 b web       -> waiting
        arrives    b 30.00 p3 1.00 web   -> top_up
        top-up     bob 5.00 later web    -> waiting
        top-up     cid 2.00 less web     -> waiting
        arrives    less 2.00 p4 2.25 web -> top_up""")
    await teller.tell("""
        withdraw   ann 0.40 asked        -> open
        withdraw   ann 1.00 held net 0.10
        withdraw   ann 2.00 sent net 0.20
        withdraw   ann 4.00 done net 0.30
        withdraw   bob 7.00 his web 0.01
        withdraw   bob 8.00 gone web 0.02
        confirm-withdrawal ann held
        confirm-withdrawal ann sent
        confirm-withdrawal ann done
        confirm-withdrawal bob his
        confirm-withdrawal bob gone
        send sent                        -> asked
        send done                        -> asked
        says done done                   -> done
        send gone                        -> asked""")
    found = {}
    for each in await teller.core.ask(GatewayBalances()):
        found[each.name] = [part.number for part in (each.holds, each.waiting, each.held, each.sent, each.lost)]
    assert found == {
        NET: ["13.95", "3.00", "1.10", "2.20", "1.75"],
        "web": ["28.75", "5.00", "7.01", "8.02", "0.25"],
    }
    assert await teller.audit() == "sound"


async def test_a_desk_counts_what_went_over_it_from_that_time_on_to_the_last_cent(teller: Cashier) -> None:
    await teller.tell("""
        top-up    ann 20.00 a operator -> waiting
        take-cash operator a
        withdraw  ann 3.00 b operator
        withdraw  ann 2.00 c operator
        withdraw  ann 1.00 d operator
        confirm-withdrawal ann b
        confirm-withdrawal ann c
        confirm-withdrawal ann d
        give-cash operator b           -> done
        later 1
        top-up    bob 0.01 e operator  -> waiting
        take-cash operator e
        give-cash operator c           -> done
        cancel-withdrawal operator d   -> returned""")

    async def seen(hours: int) -> tuple[list[str], int, str, str]:
        desk = await teller.core.ask(DeskOf(person=OPERATOR, since=teller.clock.now - timedelta(hours=hours)))
        return [line.amount.number for line in desk.lines], desk.count, desk.taken.number, desk.given.number

    assert await seen(0) == (["-2.00", "0.01"], 2, "0.01", "2.00")
    assert await seen(1) == (["-2.00", "0.01", "-3.00", "20.00"], 4, "20.01", "5.00")


async def test_on_its_way_out_is_ones_own_that_is_held_or_was_sent(teller: Cashier) -> None:
    await teller.tell("issue ann 20.00 i\nissue bob 20.00 j")
    for name in ("asked", "held", "sent", "done", "back"):
        await teller.tell(f"seconds 1\nwithdraw ann 1.00 {name} -> open")
        if name != "asked":
            await teller.tell(f"confirm-withdrawal ann {name}")
    await teller.tell("send sent -> asked\nsend done -> asked\nsays done done -> done")
    await teller.tell("cancel-withdrawal ann back -> returned\nwithdraw bob 1.00 his\nconfirm-withdrawal bob his")
    found = {}
    for name in ("ann", "bob", "cid"):
        overview = await teller.core.ask(OverviewOf(person=teller.person(name)))
        found[name] = [each.code for each in overview.withdrawals]
    assert found == {"ann": [teller.code("held"), teller.code("sent")], "bob": [teller.code("his")], "cid": []}


async def test_what_was_sent_to_a_target_is_known_before_it_is_done(teller: Cashier) -> None:
    await teller.tell("issue ann 20.00 i")
    ann, codes = teller.person("ann"), {}
    for target in ("held", "sent"):
        wish = MakeWithdrawal(
            person=ann, gateway=NET, amount=teller.money("1.00"), key=target, target=target, is_once=True
        )
        codes[target] = (await teller.core.run(wish)).code
        await teller.core.run(ConfirmWithdrawal(code=codes[target], person=ann))
    await teller.core.run(SendWithdrawal(code=codes["sent"], lease=LEASE))
    asked = WithdrawalsTo(gateway=NET, targets=("held", "sent", "unknown"))
    assert await teller.core.ask(asked) == {"sent": codes["sent"]}
