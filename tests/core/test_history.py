"""What is looked for in a history: with whom, of which kind, with which words; one's own alone, and bounded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.story import Clock, Storyteller
from tests.core.test_refunds import Refunder
from wallet_core import (
    HistoryKind,
    HistoryOf,
    HistoryPage,
    MakeGift,
    OverviewOf,
    PersonId,
    WalletCore,
    WalletNotFound,
    Wanted,
)
from wallet_core.features import history


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Storyteller:
    """Ann with four payments: two to Bob, one to Cid, and one from Cid."""
    return await told(core, clock)


async def told(core: WalletCore, clock: Clock) -> Refunder:
    made = Refunder(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        issue ann 10.00 first
        transfer ann bob 1.00 a coffee
        transfer ann cid 2.00 b Coffee with CREAM
        transfer cid ann 0.50 c tea
        transfer ann bob 3.00 d lunch""")
    return made


async def found(
    core: WalletCore, person: PersonId, *, start: int | None = None, limit: int = 10, **wanted: Any
) -> HistoryPage:
    return await core.ask(HistoryOf(person=person, start=start, limit=limit, wanted=Wanted(**wanted)))


def memos(page: HistoryPage) -> list[str]:
    return [line.payment.receipt.memo for line in page.lines]


async def test_a_history_is_filtered_by_person_kind_and_words_the_newest_first(teller: Refunder) -> None:
    core, ann, bob = teller.core, teller.person("ann"), teller.person("bob")
    assert memos(await found(core, ann, other=bob)) == ["lunch", "coffee"]
    assert memos(await found(core, bob, other=ann)) == ["lunch", "coffee"]
    assert memos(await found(core, ann, kind=HistoryKind.IN)) == ["tea", ""]
    assert memos(await found(core, ann, kind=HistoryKind.OUTSIDE)) == [""]
    assert memos(await found(core, ann, words="COFFEE")) == ["Coffee with CREAM", "coffee"]
    assert memos(await found(core, ann, words="cream")) == ["Coffee with CREAM"]
    assert memos(await found(core, ann, words="coffee", other=bob, kind=HistoryKind.OUT)) == ["coffee"]
    assert memos(await found(core, ann, words="%")) == memos(await found(core, ann, kind=HistoryKind.TIPS)) == []
    assert memos(await found(core, ann, words="x")) == [], "no letter stands between words"
    with pytest.raises(WalletNotFound):
        await found(core, PersonId("tg:9"), words="coffee")
    everything = await core.ask(HistoryOf(person=ann))
    for kind in (HistoryKind.OUT, HistoryKind.IN):
        page = await found(core, ann, kind=kind)
        assert page.lines == tuple(line for line in everything.lines if (line.delta.minor < 0) is (kind == "out"))


async def test_the_history_of_others_is_nobodys_to_look_through(teller: Refunder) -> None:
    core, ann, bob, cid = teller.core, *map(teller.person, ("ann", "bob", "cid"))
    first = (await core.ask(HistoryOf(person=ann))).lines[0].id
    assert memos(await found(core, bob, words="tea")) == []
    assert (await found(core, cid, start=first, words="lunch")).lines == ()
    assert memos(await found(core, cid, other=bob)) == []


async def test_what_was_given_back_is_a_kind_of_its_own(teller: Refunder) -> None:
    await teller.tell("refund bob a 0.40 back")
    for person in ("ann", "bob"):
        page = await found(teller.core, teller.person(person), kind=HistoryKind.REFUNDS)
        assert [abs(line.delta.minor) for line in page.lines] == [40]


async def test_pages_of_what_is_wanted_follow_each_other_without_gap_or_double(teller: Refunder) -> None:
    core, ann = teller.core, teller.person("ann")
    every, start = [], None
    for _ in range(5):
        page = await found(core, ann, start=start, limit=1, kind=HistoryKind.OUT)
        every += memos(page)
        if (start := page.older) is None:
            break
    assert every == ["lunch", "Coffee with CREAM", "coffee"] and start is None


async def test_one_question_looks_through_a_bounded_part_and_the_next_goes_on(
    teller: Refunder, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, ann = teller.core, teller.person("ann")
    monkeypatch.setattr(history, "PORTION", 1)
    monkeypatch.setattr(history, "LOOKED_MAX", 2)
    page = await found(core, ann, words="coffee")
    assert page.lines == () and page.older is not None
    page = await found(core, ann, start=page.older, words="coffee")
    assert memos(page) == ["Coffee with CREAM", "coffee"] and page.older is not None
    page = await found(core, ann, start=page.older, words="coffee")
    assert page.lines == () and page.older is None


async def test_a_page_has_as_many_lines_as_were_asked_for_one_at_least_and_ten_unless_something_else_is_said(
    teller: Refunder,
) -> None:
    core, ann = teller.core, teller.person("ann")
    await teller.tell("\n".join(f"transfer ann bob 0.01 k{number}" for number in range(7)))
    everything = await core.ask(HistoryOf(person=ann, limit=12))
    assert (len(everything.lines), everything.older) == (12, None)
    for limit, lines in ((3, 3), (11, 11), (13, 12), (0, 1), (-7, 1)):
        for wanted in (None, Wanted()):
            page = await core.ask(HistoryOf(person=ann, limit=limit, wanted=wanted))
            assert page.lines == everything.lines[:lines]
            assert page.older == (everything.lines[lines].id if lines < 12 else None)
    assert (await core.ask(HistoryOf(person=ann))).lines == everything.lines[:10]


async def test_the_next_page_begins_at_the_next_line_that_is_wanted_wherever_a_portion_ended(
    teller: Refunder, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, ann = teller.core, teller.person("ann")
    coffees = (await found(core, ann, words="coffee")).lines
    for portion in (1, 2, 5):
        monkeypatch.setattr(history, "PORTION", portion)
        assert await found(core, ann, limit=1, words="coffee") == HistoryPage(coffees[:1], coffees[1].id)
        assert await found(core, ann, start=coffees[1].id, limit=1, words="coffee") == HistoryPage(coffees[1:], None)


async def test_whom_the_smallest_amount_came_from_is_found(teller: Refunder) -> None:
    await teller.tell("transfer ann bob 0.01 s\ntransfer bob cid 0.01 t")
    core, bob, ann, cid = teller.core, *map(teller.person, ("bob", "ann", "cid"))
    assert [line.delta.minor for line in (await found(core, bob, other=ann)).lines] == [1, 300, 100]
    assert [line.delta.minor for line in (await found(core, cid, other=bob)).lines] == [1]
    assert [line.delta.minor for line in (await found(core, bob, kind=HistoryKind.IN)).lines] == [1, 300, 100]


async def test_what_waits_in_a_gift_is_no_second_history_of_its_giver(teller: Refunder) -> None:
    core, ann = teller.core, teller.person("ann")
    before = (await core.ask(HistoryOf(person=ann))).lines
    await core.run(MakeGift(giver=ann, amount=teller.money("1.00"), key="gift"))
    first, *rest = (await core.ask(HistoryOf(person=ann))).lines
    assert (first.delta.minor, tuple(rest)) == (-100, before)
    assert (await found(core, ann)).lines == (first, *rest)


async def test_five_of_each_thing_that_waits_are_shown_beside_the_balance_the_newest_first(teller: Refunder) -> None:
    core, ann = teller.core, teller.person("ann")
    await teller.tell("\n".join(f"request ann 1.0{number} r{number}" for number in range(6)))
    seen = await core.ask(OverviewOf(person=ann))
    assert [request.amount and request.amount.minor for request in seen.requests] == [105, 104, 103, 102, 101]
    assert len((await core.ask(OverviewOf(person=ann, limit=6))).requests) == 6
