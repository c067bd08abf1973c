"""What one person can leave open or waiting is bounded, in every table; a new table has to say by what."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.story import OPERATOR, Clock, Storyteller
from wallet_core import (
    BY_HAND,
    BeginWithdrawal,
    Block,
    IssueLine,
    MakeAnnouncement,
    MakeGift,
    MakeIntent,
    MakeIssue,
    MakeIssueList,
    MakePick,
    MakeRefund,
    MakeSplit,
    MakeTopUp,
    MakeWithdrawal,
    Meet,
    OfferCard,
    OfferGift,
    PaymentByKey,
    PlaceRequest,
    Rules,
    SetOwnLimit,
    SetPin,
    Span,
    Tip,
    ToHandle,
    ToPerson,
    WalletError,
)
from wallet_core.features.group_words import GROUPS_MAX, ChooseGroupLanguage
from wallet_core.features.handles_left import KEPT_MAX
from wallet_core.ledger.schema import metadata

MOST = 3  # of each thing of which the rules say how many one person may have
TRIES = MOST + 3

MONEY = "grows with transfers alone, and is kept for ever"
WITH_IT = "goes with what it belongs to, which is bounded"
UNTIL_TOLD = "a row for each entry, until it is told; in `parked` 180 days at most"
KEPT = {  # tables that no wish without money adds to without end
    **dict.fromkeys(("transfers", "entries", "request_payments", "gift_claims", "tips", "tip_notes"), MONEY),
    **dict.fromkeys(("arrivals", "chargebacks"), MONEY),
    **dict.fromkeys(("outbox", "parked"), UNTIL_TOLD),
    "books": "one row",
    "acts": "one for each thing that an operator did",
    "moves": "one for each that an operator has asked for, and one that waits for each account",
    "issue_lines": WITH_IT + ": a list, which has so many as LINES_MAX says",
    "inbox": "LANE_MAX that wait in one lane; a day once they are done",
    "people": "one for each number of Telegram's that has written",
    "wallets": "one of each person, and one for each gift or withdrawal that took money",
    "gateways": "one for each that the operator has set up",
    "agenda": "one entry for each thing that waits, which are bounded",
    "split_shares": WITH_IT + ": so many of one bill as SHARES_MAX says",
    "tipped": "one for each message that was tipped or about which somebody was asked; the latter are bounded",
    "tip_payees": "one of each person who was tipped",
    "usual_tips": "one of each person",
    "withdrawal_targets": WITH_IT + ": a withdrawal",
    "bank_lines": "one for each line of the bank's statements, which the operator sends",
    "payment_files": "one for each that the operator has made",
    "bank_reversals": "one for each line of the bank's statements that takes something back",
    "bank_statements": "one for each of the bank's statements, which the operator sends",
    "payouts": WITH_IT + ": a withdrawal",
    "names": WITH_IT + ": so many of each person as NAMES_MAX says",
    "pins": "one of each person",
    "pin_resets": "one for each that an operator has asked for",
    "processes": "one for each that runs on the books",
}


@dataclass(frozen=True)
class Filled:
    """What one person does again and again, and how many rows can stay open of it."""

    wish: Callable[[Filling, int], Awaitable[Any]]
    most: int


class Filling(Storyteller):
    """Storyteller who tries to have more than is allowed."""

    @property
    def ann(self) -> Any:
        return self.person("ann")

    async def one(self, wish: Any) -> Any:
        with suppress(WalletError):
            return await self.core.run(wish)


async def _intent(t: Filling, n: int) -> None:
    await t.one(MakeIntent(payer=t.ann, to=ToPerson(t.person("bob")), amount=t.money("0.01"), key=f"k{n}"))


async def _refund(t: Filling, n: int) -> None:
    payment = await t.core.ask(PaymentByKey("paid"))
    assert payment is not None
    await t.one(MakeRefund(by=t.ann, code=payment.receipt.code, amount=t.money("0.01"), key=f"k{n}"))


async def _gift(t: Filling, n: int) -> None:
    await t.one(MakeGift(giver=t.ann, amount=t.money("0.01"), key=f"k{n}"))


async def _split(t: Filling, n: int) -> None:
    await t.one(MakeSplit(asker=t.ann, total=t.money("1.00"), people=(ToHandle("bob"),), key=f"k{n}"))


async def _tip(t: Filling, n: int) -> None:
    spot = {"spot": f"-1/0.{n}", "chat": "-1", "ask_at": f"-1/0.{n}.1"}
    await t.one(Tip(payer=t.ann, payee=t.person("bob"), amount=None, key=f"k{n}", **spot))


async def _places(t: Filling, n: int) -> None:
    if n == 0:
        await t.request("ann", "1.00", "r")
    await t.one(PlaceRequest(code=t.codes["r"], place=f"-1/{n + 1}", chat="-1"))


async def _sighting(t: Filling, n: int) -> None:
    await t.one(Meet(person=t.ann, handle="ann", name="Ann", chat=f"-{n}"))


async def _group_language(t: Filling, n: int) -> None:
    await t.one(ChooseGroupLanguage(chat=f"-{n}", person=t.ann, language="de"))


async def _limit(t: Filling, n: int) -> None:
    await t.one(SetOwnLimit(person=t.ann, span=(Span.DAY, Span.PAYMENT)[n % 2], most=t.money(f"0.{n + 10}")))


async def _block(t: Filling, n: int) -> None:
    await t.tell(f"meet p{n} p{n}")
    await t.one(Block(person=t.ann, other=t.person(f"p{n}")))


async def _withdrawal(t: Filling, n: int) -> None:
    await t.one(MakeWithdrawal(person=t.ann, gateway=BY_HAND, amount=t.money("0.01"), key=f"k{n}"))


async def _begun(t: Filling, n: int) -> None:
    await t.one(BeginWithdrawal(person=t.ann, gateway="bank", amount=t.money("0.01"), key=f"k{n}"))


async def _top_up(t: Filling, n: int) -> None:
    to = ToPerson(t.ann)
    await t.one(MakeTopUp(by=t.ann, to=to, gateway=BY_HAND, amount=t.money("0.01"), key=f"k{n}"))


async def _issue(t: Filling, n: int) -> None:
    await t.one(MakeIssue(by=OPERATOR, to=ToPerson(t.ann), amount=t.money("0.01"), key=f"k{n}"))


async def _issue_list(t: Filling, n: int) -> None:
    lines = (IssueLine(1, ToPerson(t.ann), t.money("0.01")),)
    await t.one(MakeIssueList(by=OPERATOR, lines=lines, key=f"k{n}"))


async def _announcement(t: Filling, n: int) -> None:
    await t.one(MakeAnnouncement(by=OPERATOR, text=f"{n}", key=f"k{n}"))


async def _offer(t: Filling, n: int) -> None:
    await t.one(OfferGift(giver=t.ann, amount=t.money("0.01"), for_handle="nobody", key=f"k{n}"))


async def _keypad(t: Filling, n: int) -> None:
    await t.one(SetPin(person=t.ann, above=t.money(f"0.{n + 10}")))


BOUNDS = {
    "payment_requests": Filled(lambda t, n: t.request("ann", "0.01", f"r{n}") if n < MOST else _too_many(t, n), MOST),
    "intents": Filled(_intent, MOST),
    "refunds": Filled(_refund, MOST),
    "gifts": Filled(_gift, MOST),
    "gift_offers": Filled(_offer, 100),
    "splits": Filled(_split, MOST),
    "tip_questions": Filled(_tip, MOST),
    "picks": Filled(lambda t, n: t.one(MakePick(person=t.ann, key=f"k{n}")), 1),
    "cards": Filled(lambda t, n: t.one(OfferCard(person=t.ann, amount=t.money("0.01"))), 100),
    "places": Filled(_places, MOST),
    "sightings": Filled(_sighting, 50),
    "group_languages": Filled(_group_language, GROUPS_MAX),
    "keypads": Filled(_keypad, 2),
    "limits": Filled(_limit, len(Span)),
    "blocks": Filled(_block, MOST),
    "handles_left": Filled(lambda t, n: t.meet("ann", f"ann{n}"), KEPT_MAX),
    "withdrawals": Filled(_withdrawal, MOST),
    "withdrawals_begun": Filled(_begun, 1),
    "top_ups": Filled(_top_up, MOST),
    "issues": Filled(_issue, MOST),
    "issue_lists": Filled(_issue_list, MOST),
    "announcements": Filled(_announcement, MOST),
}


async def _too_many(t: Filling, n: int) -> None:
    await t.tell(f"request ann 0.01 r{n} -> LimitExceeded (requests_open_max)")


def test_every_table_has_a_bound_that_is_stated_here() -> None:
    assert not set(BOUNDS) & set(KEPT)
    assert set(BOUNDS) | set(KEPT) == set(metadata.tables), "say in BOUNDS or KEPT what bounds it"


@pytest.mark.parametrize("table", BOUNDS)
async def test_one_person_cannot_leave_more_waiting_than_is_stated(
    table: str, open_core: Any, clock: Clock, rules: Rules, tmp_path: Path
) -> None:
    names = [name for name in Rules.__dataclass_fields__ if name.endswith("s_open_max")]
    few: Any = dict.fromkeys([*names, "places_max", "blocks_max"], MOST)
    bound = BOUNDS[table]
    async with open_core(replace(rules, **few)) as core:
        filling = Filling(core, clock)
        await filling.tell("open operator\nopen ann\nopen bob\nissue ann 10.00 first\nissue bob 1.00 second")
        await filling.tell("transfer bob ann 1.00 paid")
        for n in range(bound.most + TRIES):
            clock.now = clock.now.replace(microsecond=n)
            await bound.wish(filling, n)
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        [(count,)] = books.execute(f"SELECT COUNT(*) FROM {table}").fetchall()
    assert count == bound.most
