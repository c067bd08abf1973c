"""What the features leave behind is cleared like questions and requests: what moved no money, after its time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.splitter import Splitter
from tests.core.story import OPERATOR, Clock, story
from tests.core.test_cards import Poster
from tests.core.test_issues import Issuer
from tests.core.test_picks import Picker
from tests.core.test_places import due, place
from tests.core.tipper import Tipper
from wallet_core import PlaceIssue, PlacePick, PlaceSplit, Rules, WalletCore, currency

EUR = currency("EUR")
DAY, HOUR, INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)


class Everybody(Splitter, Tipper, Poster, Picker, Issuer):
    """Storyteller who can do all of it."""


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR}))


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Everybody:
    """Ann with 10.00 EUR, Bob and Cid with 1.00."""
    made = Everybody(core, clock)
    await made.tell("""
        open operator
        open ann
        open bob
        open cid
        issue ann 10.00 first
        issue bob 1.00 second
        issue cid 1.00 third""")
    return made


@pytest.fixture
def books(core: WalletCore, tmp_path: Path) -> Path:
    return tmp_path / "books.db"


def rows(file: Path, said: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute(said)]


async def test_questions_about_issuing_go_thirty_days_after_their_time_unless_they_issued(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        ask-issue operator ann 1.00 issued
        ask-issue operator ann 2.00 cancelled
        ask-issue operator ann 3.00 forgotten
        confirm-issue operator issued
        cancel-issue operator cancelled""")
    await place(teller, "forgotten", "op/1", what=PlaceIssue)
    teller.clock.now += HOUR + 30 * DAY - INSTANT  # the place came an instant later
    assert await core.clear() == 0
    teller.clock.now += INSTANT
    assert await core.clear() == 2
    assert rows(books, "SELECT code FROM issues") == [teller.codes["issued"]]
    assert rows(books, "SELECT place FROM places WHERE kind = 'issue'") == []
    await story(teller, "confirm-issue operator forgotten -> IssueNotFound\nbalance ann -> 11.00")


async def test_whom_somebody_meant_goes_after_thirty_days_and_holds_no_request(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("request ann 1.00 r1\npick ann ? p1 r1\npick bob 1.00 p2")
    wish = PlacePick(person=teller.person("ann"), number=int(teller.codes["p1"]), place="ann/1", chat="ann")
    await core.run(wish)
    teller.clock.now += HOUR + 30 * DAY
    await core.run_due()
    await core.clear()
    assert len(rows(books, "SELECT person FROM picks")) == 2
    teller.clock.now += INSTANT
    assert await core.clear() == 2
    assert rows(books, "SELECT place FROM places") == []
    teller.clock.now += 160 * DAY
    assert await core.clear() == 1
    await story(teller, "pick ann 1.00 p3 -> ok\npay_request bob r1 k -> RequestNotFound")


async def test_a_request_that_somebody_was_to_be_picked_for_waits_for_that_to_go_first(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("request ann 1.00 r1\npick ann ? p1 r1")
    with closing(sqlite3.connect(books, isolation_level=None)) as file:
        file.execute("UPDATE picks SET expires_at = 9000000000000000")  # as a clock that was put back would leave it
    teller.clock.now += 7 * DAY
    await core.run_due()
    teller.clock.now += 400 * DAY
    assert await core.clear() == 0
    with closing(sqlite3.connect(books, isolation_level=None)) as file:
        file.execute("UPDATE picks SET expires_at = 1")
    assert await core.clear() == 2


async def test_cards_go_after_a_week_also_when_nobody_offers_another(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("offer ann 1.00 c -> both\noffer ann 2.00 d -> both\npress_ask r-d")
    teller.clock.now += 7 * DAY
    await core.run_due()
    assert await core.clear() == 0
    teller.clock.now += INSTANT
    assert await core.clear() == 2
    await story(teller, "press_ask r-c -> RequestNotFound\npay_request bob r-d k -> RequestNotOpen")


async def test_bills_that_nobody_paid_go_half_a_year_after_their_time_with_their_shares(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        split ann 2.00 gathering
        enter bob gathering
        split ann 2.00 unpaid bob cid
        split ann 2.00 cash bob cid
        split ann 1.00 paid bob cid
        split ann 1.00 back bob cid
        cash ann cash bob
        cash ann cash cid
        pay-share bob paid
        pay-share bob back
        give-back ann back bob all""")
    await place(teller, "unpaid", "group/1", what=PlaceSplit)
    teller.clock.now += 30 * DAY
    await core.run_due()
    await due(core)
    teller.clock.now += 180 * DAY - 10 * INSTANT
    assert await core.clear() == 0
    teller.clock.now += 20 * INSTANT
    assert await core.clear() == 3
    kept = {teller.codes[name] for name in ("paid", "back")}
    assert set(rows(books, "SELECT code FROM splits")) == set(rows(books, "SELECT split FROM split_shares")) == kept
    assert rows(books, "SELECT place FROM places WHERE kind IN ('split', 'share')") == []
    await story(teller, "close ann unpaid -> SplitNotFound\nenter cid gathering -> SplitNotFound")


async def test_questions_about_a_usual_tip_go_after_thirty_days_with_the_messages_that_got_nothing(
    teller: Everybody, core: WalletCore, books: Path
) -> None:
    await teller.tell("""
        tip bob ann usual song k1  -> asked
        tip cid ann usual song k2  -> asked
        tip cid ann usual dance k3 -> asked
        tip bob ann 0.10 paid k4   -> ok
        answer-tip cid k3 0.20     -> ok""")
    teller.clock.now += HOUR
    await core.run_due()
    teller.clock.now += 30 * DAY
    assert await core.clear() == 0
    teller.clock.now += INSTANT
    assert await core.clear() == 3
    assert rows(books, "SELECT code FROM tip_questions") == [teller.codes["k3"]]
    assert set(rows(books, "SELECT spot FROM tipped")) == {teller.spot(name)["spot"] for name in ("paid", "dance")}
    await story(teller, "answer-tip bob k1 0.20 -> IntentNotFound\ntip bob ann usual song k9 -> asked")


async def test_questions_about_a_usual_tip_have_a_bound(core: WalletCore, teller: Everybody, books_url: str) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=Rules(EUR, intents_open_max=2), clock=teller.clock) as few:
        told = Everybody(few, teller.clock)
        told.wallets = teller.wallets
        await story(
            told,
            """
            tip bob ann usual one k1   -> asked
            tip bob ann usual two k2   -> asked
            tip bob ann usual three k3 -> LimitExceeded (tips_open_max)
            tip bob ann usual two k2   -> asked
            tip cid ann usual three k4 -> asked
            tip bob ann 0.10 three k5  -> ok
            later 1
            tip bob ann usual three k6 -> asked""",
        )
