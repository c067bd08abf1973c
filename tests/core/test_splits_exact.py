"""Shares sum to their bill to the minor unit (G17), each is paid once from many processes (G7), and all is bounded."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.splitter import Splitter
from tests.core.story import Clock, story
from wallet_core import (
    AskSplit,
    JoinSplit,
    LeaveSplit,
    PayShare,
    Rules,
    SplitNotOpen,
    SplitShown,
    WalletCore,
    currency,
    equal_parts,
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


async def test_g17_who_comes_in_while_another_process_asks_is_asked_too_or_stays_out(
    rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            teller = Splitter(one, clock)
            await teller.tell("open ann\nopen bob\nopen cid")
            ann, cid = teller.person("ann"), teller.person("cid")
            for number in range(15):
                name = f"s{number}"
                await teller.tell(f"split ann 10.00 {name}\nenter bob {name}")
                code = teller.codes[name]
                wishes = (one.run(AskSplit(code=code, person=ann)), two.run(JoinSplit(code=code, person=cid)))
                asked, came = await asyncio.gather(*wishes, return_exceptions=True)
                assert not isinstance(asked, Exception)
                both, alone = "asked: open 5.00, open 5.00", "asked: open 10.00"
                assert await teller.shares(name) == (alone if isinstance(came, SplitNotOpen) else both)
            assert (await one.audit()).sound


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ("UPDATE splits SET shares = 4", "split {s} does not have the shares that it counts"),
        ("UPDATE splits SET state = 'settled'", "split {s} does not have the shares that it counts"),
        ("UPDATE splits SET total = 999", "split {s} does not sum to its total"),
        ("UPDATE split_shares SET amount = 334 WHERE nth = 3", "split {s} does not sum to its total"),
        (
            "UPDATE split_shares SET amount = 333 + nth - 1 WHERE nth < 3",
            "share {1} is paid without the transfer that it asks for",
        ),
        ("UPDATE splits SET asker = (SELECT person FROM split_shares WHERE nth = 2)", "share {1} is paid without"),
        (
            "UPDATE split_shares SET payments = payments + 1 WHERE nth = 2",
            "share {2} was not paid as often as it counts",
        ),
        (
            "UPDATE split_shares SET state = 'cash', transfer = NULL WHERE nth = 1",
            "transfer 2 paid a share that does not",
        ),
    ],
)
async def test_an_audit_holds_shares_against_the_bill_and_against_what_paid_them(
    core: WalletCore, clock: Clock, tmp_path: Path, edit: str, problem: str
) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann\nopen bob\nopen cid\nopen dora\nissue bob 10.00 b")
    await story(teller, "split ann 10.00 s bob cid dora\npay-share bob s -> ok")
    _, shares = await teller.core.ask(SplitShown(teller.codes["s"]))
    names = {"s": teller.codes["s"], **{str(share.nth): share.code for share in shares}}
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute(edit)
    file.close()
    for name, code in names.items():
        problem = problem.replace("{" + name + "}", code)
    assert (await teller.audit()).startswith(problem)


# -- bounds ------------------------------------------------------------------------------------------------------------


async def test_so_many_can_be_in_and_no_more(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann")
    people = [f"p{number}" for number in range(51)]
    for name in people:
        await teller.meet(name, "-")
    await teller.tell("split ann 100.00 s\n" + "\n".join(f"enter {name} s" for name in people[:50]))
    await story(teller, "enter p50 s -> TooManyInSplit\nask-for ann s")


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


async def test_somebody_is_reminded_once_a_day_at_most(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("open ann\nopen bob")
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
