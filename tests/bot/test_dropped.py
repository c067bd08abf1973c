"""/cancel drops whatever is asked, says what it was, and leaves no button under it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import BUTTONS
from bot.sandbox import Message, Person, Sandbox
from bot.shown import SHOWN
from bot.words import (
    acts,
    announcements,
    asks,
    bank_lines,
    bank_payments,
    bank_reversals,
    blocks,
    gifts,
    history_views,
    intents,
    issue_lists,
    issues,
    keypads,
    limits,
    moves,
    offers,
    people,
    picks,
    pin_resets,
    pins,
    refunds,
    requests,
    splits,
    statement_buttons,
    stats,
    tips,
    top_ups,
    withdrawals,
)
from bot.words.dropped import About, choice, dropped
from tests.bot.club import Club, running, settings_for
from tests.fresh import begin_books
from wallet_core import (
    AllDropped,
    DeskDropped,
    Dropped,
    MovesDropped,
    PersonId,
    TipQuestion,
    TipQuestionState,
    currency,
)
from wallet_core import Person as Known

DROPPED = {  # their questions stand in the books
    intents.CONFIRM, intents.DISMISS, picks.CHOOSE, picks.DROP, picks.AMOUNT, picks.NO_MEMO, refunds.CONFIRM,
    refunds.DISMISS, tips.ANSWER, issues.CONFIRM, issues.DISMISS, issue_lists.CONFIRM, issue_lists.DISMISS, keypads.KEY,
    announcements.BEGIN, announcements.END, top_ups.DROP, withdrawals.CONFIRM, withdrawals.DROP,
}  # fmt: skip
CHOICES = {  # lists to choose from
    statement_buttons.CHOOSE: About.STATEMENT, people.LANGUAGE: About.LANGUAGE, tips.CHOOSE: About.USUAL_TIP,
    top_ups.CHOOSE: About.TOP_UP, top_ups.THROUGH: About.TOP_UP, top_ups.FOR: About.TOP_UP,
    withdrawals.CHOOSE: About.WITHDRAWAL, withdrawals.THROUGH: About.WITHDRAWAL,
    bank_payments.REFUSED_SURE: About.PAYMENT_FILE, bank_payments.REST_SURE: About.PAYMENT_FILE,
}  # fmt: skip
NOTHING_WAITS = {  # below what is shown, or what one person offers to others: nobody is asked
    requests.PAY, requests.WITHDRAW, requests.WHOM, requests.TURN, requests.TAKE_BACK, history_views.PAGE,
    history_views.KINDS, history_views.RECEIPT, history_views.AGAIN, acts.TURN, stats.PEOPLE, stats.AS_TABLE,
    people.GROUP_LANGUAGE, refunds.ASK, tips.AGAIN, gifts.CLAIM, gifts.TAKE_BACK, offers.GIVE, splits.JOIN,
    splits.LEAVE, splits.ASK, splits.COUNT, splits.MINE, splits.MANAGE, splits.TURN, splits.TAKE_OUT, splits.CASH,
    splits.NO_CASH, splits.REMIND, splits.CLOSE, limits.KEEP, pins.CHOOSE, blocks.BLOCK, blocks.UNBLOCK, top_ups.TAKE,
    top_ups.REFUSE, top_ups.BACK, withdrawals.GIVE, withdrawals.REFUSE, bank_lines.GIVE, bank_lines.ASK,
    bank_lines.IGNORE, bank_reversals.TAKE, bank_reversals.LOSE, bank_reversals.IGNORE, bank_payments.FILE,
    bank_payments.AGAIN, bank_payments.REFUSED, bank_payments.REST,
}  # fmt: skip
OF_OTHERS = {  # somebody else asks, and waits for this answer: it is given with its own button
    asks.DECLINE, splits.CONFIRM, moves.AGREE, moves.NO, pin_resets.KEEP,
}  # fmt: skip


def test_every_button_belongs_to_a_question_that_cancel_drops_or_to_none() -> None:
    sets = (DROPPED, set(CHOICES), NOTHING_WAITS, OF_OTHERS)
    assert sum(map(len, sets)) == len(set().union(*sets)), "once"
    assert set(BUTTONS) == set().union(*sets), "is it a question? /cancel drops it, or say here why not"
    assert set(CHOICES.values()) == set(About)
    assert len({choice(each) for each in About}) == len(About)
    assert {"choice", "choicex"} <= set(SHOWN)


def test_however_much_was_dropped_the_answer_names_some_of_it_and_all_that_comes_behind() -> None:
    long = Known(PersonId("tg:1"), "x" * 32, "n" * 64, "4Y9ZfJTiYoeezb-_")
    asked = TipQuestion("c", long, long, None, TipQuestionState.EXPIRED, datetime.now(UTC))
    nothing = DeskDropped((), (), (), None)
    all_ = AllDropped(Dropped((), (), (asked,) * 100), MovesDropped((), (), None), None, None, nothing)
    said = dropped(all_, About.LANGUAGE)
    assert "… and 90 more" in said and said.endswith(choice(About.LANGUAGE)) and len(said) < 4096
    assert "Nothing waits" not in said


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path, gateways="operator")):
        opened = Club(box)
        await opened.begin()
        yield opened


async def asked(club: Club, person: Person, text: str) -> Message:
    await club.said(person, text)
    return await person.wait(lambda message: bool(message.buttons))


async def test_each_list_that_stands_there_is_dropped_in_its_place(club: Club) -> None:
    for text, words in (
        ("/topup", "you bring nothing in"),
        ("/withdraw", "you take nothing out"),
        ("/statement", "no statement this time"),
        ("/statement 2026-01-01 2026-03-31", "no statement this time"),
        ("/language", "we go on in this language"),
        ("/tip", "your usual tip stays as it is"),
        ("/topup @bob", "you bring nothing in"),
    ):
        stands = await club.said(club.ann, text)
        assert stands.buttons
        said = await club.said(club.ann, "/cancel")
        assert words in said.words and "Nothing waits" not in said.words
        await club.ann.see(stands, words)
        assert not stands.buttons
        assert "Nothing waits" in (await club.said(club.ann, "/cancel")).words


async def test_what_was_chosen_is_none_to_be_dropped(club: Club) -> None:
    usual = await club.said(club.ann, "/tip")
    await club.ann.press(usual, "1.00 EUR")
    await club.ann.see(usual, "Your usual tip is 1.00 EUR")
    assert "Nothing waits" in (await club.said(club.ann, "/cancel")).words
    language = await club.said(club.ann, "/language")
    await club.ann.press(language, "English")
    await club.ann.see(language, "English")
    assert "Nothing waits" in (await club.said(club.ann, "/cancel")).words
    assert "Your usual tip is" in usual.words
    taking = await club.said(club.ann, "/withdraw")
    await club.ann.press(taking, "5.00 EUR")
    await club.ann.see(taking, "5.00 EUR")
    said = (await club.said(club.ann, "/cancel")).words
    assert "5.00 EUR that you wanted to take out" in said and "you take nothing out" not in said


async def test_the_question_for_a_usual_tip_is_dropped_where_it_stands(club: Club) -> None:
    text = await club.bob.send("a song", chat=club.group)
    club.ann.skip(chat=club.group)
    await club.ann.send("/tip", chat=club.group, reply_to=text)
    stands = await club.ann.wait("how much is your usual tip?", chat=club.group)
    said = await club.said(club.ann, "/cancel")
    assert "Bob" in said.words and "was tipped nothing" in said.words and "Nothing waits" not in said.words
    await club.ann.see(stands, "was tipped nothing", chat=club.group)
    assert not stands.buttons
    assert "Nothing waits" in (await club.said(club.ann, "/cancel")).words
