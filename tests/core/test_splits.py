"""One bill, a share for each person: each paid once (G7), together the bill to the minor unit (G17)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller, story
from wallet_core import (
    AskSplit,
    CloseSplit,
    CountAsker,
    JoinSplit,
    LeaveSplit,
    MakeSplit,
    Money,
    PaymentByKey,
    PayShare,
    PersonId,
    RefundTransfer,
    RemindShare,
    Rules,
    SettleInCash,
    Share,
    ShareOf,
    SplitShown,
    TakeOut,
    ToHandle,
    TooManyShares,
    ToPerson,
    WalletCore,
    currency,
    equal_parts,
)


class Splitter(Storyteller):
    """Storyteller who shares bills: a share is named by its split and its person or handle."""

    async def split(self, asker: str, total: str, name: str, *people: str) -> Any:
        to = tuple(ToHandle(one[1:]) if one.startswith("@") else ToPerson(self.person(one)) for one in people)
        wish = MakeSplit(
            asker=self.person(asker), total=self.money(total), people=to, key=f"key of {name}", memo="dinner"
        )
        self.codes[name] = (await self.core.run(wish)).code

    async def share(self, name: str, person: str) -> Share:
        _, shares = await self.core.ask(SplitShown(self.codes[name]))
        wanted = PersonId(self.person(person)) if not person.startswith("@") else person
        return next(share for share in shares if wanted in (f"@{share.handle}", share.person and share.person.id))

    async def enter(self, person: str, name: str) -> None:
        await self.core.run(JoinSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def leave(self, person: str, name: str) -> None:
        await self.core.run(LeaveSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def ask_for(self, person: str, name: str) -> None:
        await self.core.run(AskSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def close(self, person: str, name: str) -> None:
        await self.core.run(CloseSplit(code=self.codes.get(name, name), person=self.person(person)))

    async def pay_share(self, person: str, name: str, whose: str = "", payments: str = "") -> Any:
        if not whose:
            _, share = await self.core.ask(ShareOf(self.codes.get(name, name), self.person(person)))
        else:
            share = await self.share(name, whose)
        number = int(payments) if payments else max(0, share.payments - (share.state == "paid"))
        return await self.core.run(PayShare(code=share.code, payments=number, person=self.person(person)))

    async def give_back(self, person: str, name: str, whose: str, amount: str = "all") -> Any:
        share = await self.share(name, whose)
        payment = await self.core.ask(PaymentByKey(f"{share.code}.{share.payments - 1}"))
        assert payment is not None
        given = None if amount == "all" else self.money(amount)
        wish = RefundTransfer(
            by=self.person(person), code=payment.receipt.code, amount=given, key=f"back {len(self.receipts)}"
        )
        return await self.core.run(wish)

    async def count(self, person: str, name: str, is_in: str) -> None:
        wish = CountAsker(code=self.codes.get(name, name), person=self.person(person), is_in=is_in == "in")
        await self.core.run(wish)

    async def run_due(self) -> None:
        await self.core.run_due()

    async def take_out(self, person: str, name: str, whose: str) -> None:
        nth = (await self.share(name, whose)).nth
        await self.core.run(TakeOut(code=self.codes[name], nth=nth, person=self.person(person)))

    async def cash(self, person: str, name: str, whose: str, is_settled: str = "yes") -> None:
        nth = (await self.share(name, whose)).nth
        wish = SettleInCash(code=self.codes[name], nth=nth, person=self.person(person), is_settled=is_settled == "yes")
        await self.core.run(wish)

    async def remind(self, person: str, name: str, whose: str) -> str:
        nth = (await self.share(name, whose)).nth
        done = await self.core.run(RemindShare(code=self.codes[name], nth=nth, person=self.person(person)))
        return "reminded" if done else "not now"

    async def shares(self, name: str) -> str:
        """`asked: own 3.34, open 3.33, declined`."""
        split, shares = await self.core.ask(SplitShown(self.codes[name]))
        said = [f"{share.state} {share.amount.number}" if share.amount else str(share.state) for share in shares]
        return f"{split.state}: {', '.join(said)}"


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
        balance   zed           -> 1.67""",
    )


# -- the amounts -------------------------------------------------------------------------------------------------------


@given(total=st.integers(1, 10**15), count=st.integers(1, 50))
def test_g17_parts_sum_to_the_total_and_differ_by_one_at_most_the_greater_first(total: int, count: int) -> None:
    parts = equal_parts(total, count)
    assert sum(parts) == total and len(parts) == count
    assert parts == sorted(parts, reverse=True) and parts[0] - parts[-1] <= 1


@pytest.mark.parametrize(
    ("code", "total", "shares"),
    [
        ("JPY", "100", "asked: open 34, open 33, open 33"),
        ("BEER", "2", "SplitTooSmall"),
        ("BHD", "0.100", "asked: open 0.034, open 0.033, open 0.033"),
        ("EUR", "0.02", "SplitTooSmall"),
        ("EUR", "0.03", "asked: open 0.01, open 0.01, open 0.01"),
        ("EUR", "9.00", "asked: open 3.00, open 3.00, open 3.00"),
    ],
)
async def test_g17_what_does_not_divide_is_given_out_in_the_smallest_units_of_any_currency(
    code: str, total: str, shares: str, books_url: str, clock: Clock
) -> None:
    async with WalletCore.session(books_url, rules=Rules(currency(code)), clock=clock) as core:
        teller = Splitter(core, clock)
        refused = shares.startswith("Split")
        await story(
            teller,
            f"""
            open ann
            open bob
            split ann {total} s @bob @cid @dora -> {shares if refused else "ok"}
            {"" if refused else f"shares s -> {shares}"}""",
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
        give-back ann s bob 2.00 -> ok
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


async def test_somebody_is_reminded_once_a_day_at_most(teller: Splitter) -> None:
    await story(
        teller,
        """
        split  ann 10.00 s bob @zoe
        remind bob s bob   -> NotYourSplit
        remind ann s bob   -> reminded
        remind ann s bob   -> not now
        remind ann s @zoe  -> reminded
        later  23
        remind ann s bob   -> not now
        later  1
        remind ann s bob   -> reminded
        later  -48
        remind ann s bob   -> not now
        later  72
        cash   ann s bob
        remind ann s bob   -> not now
        close  ann s
        remind ann s @zoe  -> SplitNotOpen (closed)""",
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
    with pytest.raises(TooManyShares):
        await core.run(wish)
    fifty = await core.run(replace(wish, people=many[:50]))
    assert fifty == await core.run(replace(wish, people=many[:50]))


async def test_so_many_can_be_in_and_no_more(teller: Splitter) -> None:
    people = [f"p{number}" for number in range(51)]
    for name in people:
        await teller.meet(name, "-")
    await teller.tell("split ann 100.00 s\n" + "\n".join(f"enter {name} s" for name in people[:50]))
    await story(teller, "enter p50 s -> TooManyShares\nask-for ann s")


async def test_so_many_splits_of_one_person_are_open_at_once(open_core: Any, clock: Clock, rules: Rules) -> None:
    limited = replace(rules, splits_open_max=2, transfer_max_minor=400)
    async with open_core(limited) as core:
        await story(
            Splitter(core, clock),
            """
            open    ann
            open    bob
            issue   bob 9.00 b
            split   ann 9.00 big bob   -> LimitExceeded (transfer_max)
            split   ann 9.00 a
            enter   bob a
            ask-for ann a              -> LimitExceeded (transfer_max)
            split   ann 1.00 b bob
            split   ann 1.00 c bob     -> LimitExceeded (splits_open_max)
            pay-share bob b            -> ok
            split   ann 1.00 c bob
            split   ann 1.00 d bob     -> LimitExceeded (splits_open_max)
            close   ann a
            split   ann 1.00 d bob
            later   720
            split   ann 1.00 e bob""",
        )


# -- several at once ---------------------------------------------------------------------------------------------------


async def test_g7_two_processes_on_one_postgresql_pay_each_share_once_and_never_miscount(
    rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            teller = Splitter(one, clock)
            people = [f"p{number}" for number in range(12)]
            await teller.tell("open ann\nsplit ann 10.00 s\n" + "\n".join(f"open {name}" for name in people))
            await teller.tell("\n".join(f"issue {name} 1.00 i{name}" for name in people))
            code, both = teller.codes["s"], (one, two)
            joins = [JoinSplit(code=code, person=teller.person(name)) for name in people]
            await together(*(core.run(wish) for wish in joins for core in both))
            ask = AskSplit(code=code, person=teller.person("ann"))
            late = [LeaveSplit(code=code, person=teller.person(name)) for name in people[:2]]
            await together(two.run(ask), *(core.run(wish) for wish in late for core in both), one.run(ask))
            _, shares = await one.ask(SplitShown(code))
            owed = [share for share in shares if share.amount is not None]
            assert len(owed) == 10 and sum(share.amount.minor for share in owed if share.amount) == 1_000
            pays = [PayShare(code=share.code, payments=0, person=share.person.id) for share in owed if share.person]
            paid = await together(*(core.run(wish) for wish in pays * 2 for core in both))
            assert len({payment.receipt.transfer_id for payment in paid}) == 10
            assert await teller.shares("s") == "settled: declined, declined" + ", paid 1.00" * 10
            assert (await one.audit()).sound
            assert (await teller.balances())["ann"] == 1_000


async def together(*wishes: Any) -> list[Any]:
    """All at once."""
    return list(await asyncio.gather(*wishes))
