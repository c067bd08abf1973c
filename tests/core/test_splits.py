"""One bill, a share for each person, each paid once (G7): who is in, who goes out, who pays, who is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.splitter import Splitter
from tests.core.story import Clock, story
from wallet_core import (
    MakeSplit,
    Money,
    ToHandle,
    TooManyInSplit,
    WalletCore,
)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Splitter:
    """Ann paid for Bob, Cid and Dora, who have 10.00 each."""
    made = Splitter(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        open dora
        issue bob  10.00 b
        issue cid  10.00 c
        issue dora 10.00 d""")
    return made


async def test_those_who_are_in_share_the_bill_equally_and_each_pays_once(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s
        shares    s             -> gathering:
        enter     bob s
        enter     bob s
        enter     ann s
        enter     cid s
        shares    s             -> gathering: open, own, open
        pay-share bob s         -> SplitNotOpen (gathering)
        ask-for   bob s         -> NotYourSplit
        ask-for   ann s
        ask-for   ann s
        enter     dora s        -> SplitNotOpen (asked)
        shares    s             -> asked: open 3.34, own 3.33, open 3.33
        pay-share bob s         -> ok
        pay-share bob s         -> ok, the same receipt
        pay-share dora s        -> NotYourShare
        pay-share dora s cid    -> NotYourShare
        shares    s             -> asked: paid 3.34, own 3.33, open 3.33
        pay-share cid s         -> ok
        shares    s             -> settled: paid 3.34, own 3.33, paid 3.33
        close     ann s         -> SplitNotOpen (settled)
        balance   ann           -> 6.67""",
    )


async def test_who_is_named_is_asked_at_once_and_may_never_have_been_seen(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s @bob @Zoe cid
        shares    s             -> asked: open 3.34, open 3.33, open 3.33
        open      eve
        pay-share eve s @zoe    -> NotYourShare
        open      zed zoe
        issue     zed 5.00 z
        pay-share zed s         -> ok
        meet      zed other
        open      yan zoe
        pay-share yan s         -> NotYourShare
        pay-share zed s         -> ok, the same receipt
        balance   zed           -> 1.67
        split     ann 10.00 t zed @new
        meet      zed new
        pay-share zed t @new    -> NotYourShare
        shares    t             -> asked: open 5.00, open 5.00
        remind    ann t @new    -> reminded
        cash      ann t @new
        shares    t             -> asked: open 5.00, cash 5.00""",
    )


# -- who is in ---------------------------------------------------------------------------------------------------------


async def test_the_asker_may_have_a_share_of_their_own_until_somebody_has_paid(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s bob cid
        count     bob s in     -> NotYourSplit
        count     ann s in
        count     ann s in
        shares    s            -> asked: open 3.34, open 3.33, own 3.33
        count     ann s out
        shares    s            -> asked: open 5.00, open 5.00, declined
        count     ann s in
        pay-share bob s        -> ok
        count     ann s out    -> SplitBegun
        leave     ann s        -> SplitBegun
        shares    s            -> asked: paid 3.34, open 3.33, own 3.33
        split     ann 10.00 t ann bob
        shares    t            -> asked: own 5.00, open 5.00
        count     ann t out
        cash      ann t bob
        count     ann t in     -> SplitNotOpen (settled)
        shares    t            -> settled: declined, cash 10.00""",
    )


async def test_who_goes_out_changes_the_others_shares_only_while_nobody_has_paid(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s bob cid dora
        leave     dora s
        leave     dora s
        shares    s            -> asked: open 5.00, open 5.00, declined
        pay-share dora s       -> ShareNotOpen (declined)
        pay-share bob s        -> ok
        take-out  bob s cid    -> NotYourSplit
        take-out  ann s bob    -> ShareNotOpen (paid)
        leave     bob s        -> ShareNotOpen (paid)
        take-out  ann s cid
        take-out  ann s cid
        shares    s            -> settled: paid 5.00, removed 5.00, declined
        pay-share cid s        -> ShareNotOpen (removed)
        split     ann 9.00 r bob cid dora
        pay-share bob r        -> ok
        leave     cid r
        shares    r            -> asked: paid 3.00, declined 3.00, open 3.00
        split     ann 10.00 t bob
        leave     bob t
        shares    t            -> settled: declined 10.00
        split     ann 10.00 u
        enter     bob u
        enter     cid u
        leave     bob u
        ask-for   ann u
        shares    u            -> asked: declined, open 10.00
        leave     eve u        -> NotYourShare""",
    )


async def test_a_share_paid_in_cash_is_not_paid_again_and_can_be_taken_back(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s bob cid
        cash      bob s bob    -> NotYourSplit
        cash      ann s bob
        cash      ann s bob
        pay-share bob s        -> ShareNotOpen (cash)
        leave     bob s        -> ShareNotOpen (cash)
        leave     cid s
        shares    s            -> settled: cash 5.00, declined 5.00
        cash      ann s bob no
        cash      ann s bob no
        cash      ann s cid no -> ShareNotOpen (declined)
        shares    s            -> asked: open 5.00, declined 5.00
        pay-share bob s        -> ok
        cash      ann s bob    -> ShareNotOpen (paid)
        balance   ann          -> 5.00""",
    )


async def test_after_a_refund_the_share_is_open_again_and_paid_by_a_payment_of_its_own(teller: Splitter) -> None:
    await story(
        teller,
        """
        split     ann 10.00 s bob cid
        pay-share bob s          -> ok
        pay-share cid s          -> ok
        give-back ann s bob 1.50 -> ok
        give-back ann s bob 0.50 -> ok
        run-due
        shares    s              -> settled: paid 5.00, paid 5.00
        give-back ann s bob 3.00 -> ok
        pay-share bob s bob 0    -> ok, the same receipt
        run-due
        run-due
        shares    s              -> asked: open 5.00, paid 5.00
        pay-share bob s bob 0    -> ok, the same receipt
        pay-share bob s bob 2    -> SplitNotFound
        balance   ann            -> 5.00
        pay-share bob s          -> ok
        pay-share bob s bob 1    -> ok, the same receipt
        balance   ann            -> 10.00
        give-back ann s cid      -> ok
        give-back ann s bob      -> ok
        run-due
        shares    s              -> asked: open 5.00, open 5.00
        leave     cid s
        shares    s              -> asked: open 10.00, declined
        pay-share bob s          -> ok
        close     ann s          -> SplitNotOpen (settled)
        split     ann 2.00 t cid dora
        pay-share cid t          -> ok
        close     ann t
        close     ann t
        give-back ann t cid      -> ok
        run-due
        shares    t              -> closed: open 1.00, open 1.00
        pay-share cid t          -> SplitNotOpen (closed)""",
    )


async def test_a_split_ends_by_itself_and_one_that_is_asked_for_has_its_time_anew(
    teller: Splitter, clock: Clock
) -> None:
    days = 24
    await story(
        teller,
        f"""
        split     ann 10.00 s
        enter     bob s
        split     ann 10.00 never
        later     {29 * days}
        ask-for   ann s
        later     {2 * days}
        run-due
        shares    never        -> expired:
        enter     bob never    -> SplitNotOpen (expired)
        shares    s            -> asked: open 10.00
        later     {28 * days}
        pay-share bob s        -> SplitNotOpen (expired)
        later     -{10 * days}
        run-due
        shares    s            -> asked: open 10.00
        later     {10 * days}
        run-due
        run-due
        shares    s            -> expired: open 10.00
        close     ann s        -> SplitNotOpen (expired)
        later     -{10 * days}
        pay-share bob s        -> SplitNotOpen (expired)""",
    )


# -- bad wishes --------------------------------------------------------------------------------------------------------


async def test_what_refuses_a_split_asks_nobody(teller: Splitter, core: WalletCore) -> None:
    await story(
        teller,
        """
        open    poor
        split   ann  10.00 a ann            -> NobodyIsIn
        split   ann  10.00 b @bob @BOB      -> NamedTwice
        split   ann  10.00 c @bob bob       -> NamedTwice
        split   ann  10.00 d @new @New      -> NamedTwice
        split   ann  10.00 e stranger       -> PersonNotFound
        split   eve  10.00 f bob            -> WalletNotFound
        split   ann  10.00 g
        split   ann  10.01 g                -> KeyReused
        split   ann  10.00 g bob            -> KeyReused
        split   bob  10.00 g                -> KeyReused
        split   ann  10.00 g
        ask-for ann  g                      -> NobodyIsIn
        enter   ann  g
        ask-for ann  g                      -> NobodyIsIn
        enter   eve  g                      -> PersonNotFound
        enter   bob  no-such                -> SplitNotFound
        close   bob  g                      -> NotYourSplit
        close   ann  g
        shares  g                           -> closed: own
        enter   bob  g                      -> SplitNotOpen (closed)
        split   ann  0.02 h
        enter   bob  h
        enter   cid  h
        enter   dora h                      -> SplitTooSmall
        split   ann  90.00 i poor
        pay-share poor i                    -> InsufficientFunds""",
    )
    many = tuple(ToHandle(f"n{number}") for number in range(51))
    wish = MakeSplit(asker=teller.person("ann"), total=Money(9_000, core.rules.currency), people=many, key="many")
    with pytest.raises(TooManyInSplit):
        await core.run(wish)
    fifty = await core.run(replace(wish, people=many[:50]))
    assert fifty == await core.run(replace(wish, people=many[:50]))
