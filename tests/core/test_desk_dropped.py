"""An operator who cancels all that waits drops what they were asked about issuing and telling, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_announcements import Announcer
from tests.core.test_issues import OTHER, Issuer
from wallet_core import Acts, ClaimPlaces, DropDesk, PlaceIssue, ResetPin, Rules, WalletCore, currency
from wallet_core.ledger.values import timedelta


class Desk(Announcer, Issuer):
    """Storyteller who drops."""

    async def drop(self, person: str) -> Any:
        dropped = await self.core.run(DropDesk(person=self.person(person)))
        return " ".join(str(len(each)) for each in (dropped.issues, dropped.lists, dropped.announcements))


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, OTHER}), intents_open_max=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Desk:
    made = Desk(core, clock)
    await made.tell("open operator\nopen other\nopen ann")
    return made


async def test_whatever_waits_for_one_operator_is_dropped_once(teller: Desk, core: WalletCore) -> None:
    await teller.tell("""
        drop operator               -> 0 0 0
        ask-issue operator ann 1.00 i
        ask-issue operator ann 1.00 j -> LimitExceeded (issues_open_max)
        ask-issue other ann 1.00 o
        list l ann=2.00
        announce a hello""")
    await core.run(PlaceIssue(code=teller.codes["i"], place="1/1", chat="1"))
    await story(
        teller,
        """
        drop ann                    -> 0 0 0
        drop operator               -> 1 1 1
        drop operator               -> 0 0 0
        confirm-issue operator i    -> IssueNotOpen (cancelled)
        confirm-list operator l     -> IssueListNotOpen (cancelled)
        begin operator a            -> AnnouncementNotOpen (cancelled)
        confirm-issue other o       -> ok
        ask-issue operator ann 1.00 k
        confirm-issue operator k    -> ok
        balance ann                 -> 2.00
        ask-issue operator ann 1.00 m
        later 25
        drop operator               -> 0 0 0""",
    )
    [place] = [each for each in await core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1))) if each.place == "1/1"]
    assert place.subject.code == teller.codes["i"]


async def test_what_begins_to_be_told_is_not_dropped(teller: Desk) -> None:
    await story(
        teller,
        """
        announce a hello
        begin operator a            -> telling
        drop operator               -> 0 0 0
        told-by w""",
    )


async def test_taking_a_pin_away_is_an_act_with_the_operators_name_on_it(teller: Desk, core: WalletCore) -> None:
    pinned = Pinned(core, teller.clock)
    await pinned.set("ann", "2468", "5.00")
    for _ in range(2):
        await core.run(ResetPin(by=OPERATOR, person=teller.person("ann")))
    [act] = (await core.ask(Acts(by=OPERATOR, of=teller.person("ann")))).acts
    assert (act.kind, act.operator, act.person and act.person.id) == ("pin_reset", OPERATOR, teller.person("ann"))
