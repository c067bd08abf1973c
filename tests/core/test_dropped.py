"""Whoever wants nothing more drops all that waits for their answer; a new table of questions has to be known here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.story import OPERATOR, Clock
from tests.core.test_bank import DAY
from tests.core.test_bounds import BOUNDS, Filling
from wallet_core import (
    AnswerTip,
    AskWhose,
    BankLineAsked,
    BookLine,
    Choice,
    ChoiceIn,
    DropAll,
    DropChoice,
    IntentExpired,
    LineNote,
    LineNotFound,
    OfferChoice,
    PlacesOf,
    Rules,
    Subject,
    TakeChoice,
    TipQuestionByCode,
    TipQuestionState,
    WalletCore,
)
from wallet_core.features.choices import CHOICE, CHOICE_DROPPED
from wallet_core.features.tips_usual import TIP_QUESTION
from wallet_core.ledger.schema import metadata

OTHERS = "what one asks others for, or has put aside, is taken back one by one: "
WAITS_FOR = {  # what in a row of each says that it waits no longer for the answer of the one who was asked
    "intents": "state = 'cancelled'",
    "refunds": "state = 'cancelled'",
    "tip_questions": "expires_at <= {now}",
    "picks": "state = 'cancelled'",
    "keypads": "state = 'dropped'",
    "withdrawals_begun": "state = 'cancelled'",
    "withdrawals": "state = 'cancelled'",
    "top_ups": "state = 'cancelled'",
    "issues": "state = 'cancelled'",
    "issue_lists": "state = 'cancelled'",
    "announcements": "state = 'cancelled'",
}
STAYS = {
    "payment_requests": OTHERS + "/requests",
    "gifts": OTHERS + "its own button",
    "splits": OTHERS + "its own button",
    "split_shares": "a bill of somebody else's: its own button says that it is not theirs",
    "pin_resets": "goes on by itself; its owner keeps the PIN with a button",
    "moves": "goes on by itself; either account stops it with a button",
    "bank_reversals": "money that the bank has taken back waits for a decision, which nobody can drop",
    "bank_lines": "money that has come in: who is picked for it is asked, see below",
    "wallets": "no question",
    "tip_notes": "no question: what was told together",
    "pins": "no question: a lock ends by itself",
    "inbox": "no question: what people said",
}
MARKS = ("state", "expires_at", "ends_at", "asked_by", "_until")


def test_every_table_in_which_something_can_wait_is_dropped_or_says_why_not() -> None:
    waiting = {
        name for name, table in metadata.tables.items() if any(each.name.endswith(MARKS) for each in table.columns)
    }
    assert not set(WAITS_FOR) & set(STAYS)
    assert waiting == set(WAITS_FOR) | set(STAYS), "a question that /cancel does not know"
    assert set(WAITS_FOR) <= set(BOUNDS)


@pytest.fixture
async def filling(core: WalletCore, clock: Clock) -> Filling:
    made = Filling(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nissue ann 10.00 first\nissue bob 1.00 second")
    await made.tell("transfer bob ann 1.00 paid")
    return made


async def test_all_that_waits_for_somebody_is_dropped_at_once_and_moves_nothing(
    filling: Filling, tmp_path: Path, clock: Clock
) -> None:
    for name in WAITS_FOR:
        await BOUNDS[name].wish(filling, 0)
    now = clock.now.timestamp()
    for person in (filling.ann, OPERATOR):
        dropped = await filling.core.run(DropAll(person=person))
        assert bool(dropped.dialogs.intents) == bool(dropped.dialogs.tips) == (person == filling.ann)
        assert bool(dropped.desk.issues) == (person == OPERATOR)
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        for name, is_over in WAITS_FOR.items():
            [(count, over)] = books.execute(
                f"SELECT COUNT(*), SUM({is_over.format(now=int(now * 1_000_000))}) FROM {name}"
            ).fetchall()
            assert (count, over) == (1, 1), name
    await filling.tell("balance ann -> 11.00\nbalance bob -> 0.00")
    dropped = await filling.core.run(DropAll(person=filling.ann))
    assert not dropped.dialogs.tips and dropped.pick is dropped.keypad is None
    await filling.audit()


async def test_a_usual_tip_that_is_not_chosen_tips_nobody_and_leaves_room_for_as_many(
    filling: Filling, clock: Clock, rules: Rules
) -> None:
    core, most = filling.core, rules.intents_open_max
    for n in range(most + 1):
        await BOUNDS["tip_questions"].wish(filling, n)
    [*dropped] = (await core.run(DropAll(person=filling.ann))).dialogs.tips
    assert len(dropped) == most
    assert {each.state for each in dropped} == {TipQuestionState.EXPIRED}
    code = dropped[0].code
    with pytest.raises(IntentExpired):
        await core.run(AnswerTip(code=code, person=filling.ann, amount=filling.money("1.00")))
    assert (await core.ask(TipQuestionByCode(code))).state is TipQuestionState.EXPIRED
    assert await core.ask(PlacesOf(Subject(TIP_QUESTION, code)))  # it says so there
    for n in range(most + 2, 2 * most + 3):
        await BOUNDS["tip_questions"].wish(filling, n)
    assert len((await core.run(DropAll(person=filling.ann))).dialogs.tips) == most


async def test_an_operator_who_drops_picks_nobody_and_the_line_waits_on(filling: Filling) -> None:
    core = filling.core
    booked = await core.run(
        BookLine(
            gateway="bank", reference="r", amount=filling.money("5.00"), booked_on=DAY, text="words", name="Ann A.",
            top_up=None, file="f", note=LineNote.UNMATCHED,
        )
    )  # fmt: skip
    asked = await core.run(AskWhose(code=booked.code, by=OPERATOR))
    assert asked.number is not None
    assert (await core.run(DropAll(person=filling.ann))).desk.whose is None
    whose = (await core.run(DropAll(person=OPERATOR))).desk.whose
    assert whose is not None and whose.code == booked.code
    with pytest.raises(LineNotFound):
        await core.ask(BankLineAsked(person=OPERATOR, number=asked.number))
    assert (await core.run(DropAll(person=OPERATOR))).desk.whose is None
    assert (await core.run(AskWhose(code=booked.code, by=OPERATOR))).number is not None


async def test_the_newest_list_of_a_chat_is_dropped_unless_something_was_chosen(core: WalletCore, clock: Clock) -> None:
    async def offer(about: str, place: str) -> None:
        await core.run(OfferChoice(about=about, place=place, chat=place.partition("/")[0]))

    async def asked(chat: str) -> Any:
        return await core.ask(ChoiceIn(chat=chat))

    await offer("language", "7/1")
    await offer("topup", "7/2")
    await offer("language", "8/1")
    assert await asked("7") == Choice("topup", "7/2")
    assert await asked("8") == Choice("language", "8/1")
    assert await asked("9") is None
    assert await core.ask(PlacesOf(Subject(CHOICE, "language:7"))) == ()  # one row of each chat
    await core.run(TakeChoice(place="7/2"))
    assert await asked("7") is None
    await core.run(DropChoice(place="7/2"))  # nothing is there
    for _ in range(2):
        await core.run(DropChoice(place="8/1"))
    assert await asked("8") is None
    assert await core.ask(PlacesOf(Subject(CHOICE_DROPPED, "language:8"))) == ("8/1",)
    await core.run(TakeChoice(place="8/1"))  # a press that came too late changes nothing of what is told
    assert await core.ask(PlacesOf(Subject(CHOICE_DROPPED, "language:8"))) == ("8/1",)
    await offer("topup", "7/3")
    clock.now += timedelta(hours=2)
    assert await asked("7") is None
