"""Whom, how much, what for: what answers the question, what is something else, and what stands there afterwards."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.handlers import picks
from bot.sandbox import Message, Person
from bot.words.links import Place
from tests.bot.club import Club, open_club
from tests.bot.test_cash import labels, toasted
from tests.bot.test_dialogs import asked
from tests.bot.test_faces import Looker, speaks
from tests.bot.test_home import hears
from tests.core.story import Clock
from tests.core.test_picks import Picker
from tests.e2e.test_guided import HOME, keyboard
from wallet_core import AnswerPick, Guide, MakePick, PickOf, SayAmount, SayMemo, WalletCore

PICKED = "👤 You've picked somebody"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


def link_in(message: Message, kind: str) -> str:
    return next(word for word in message.words.split() if f"?start={kind}_" in word)


def names_of(person: Person, words: str) -> int:
    """How often the bot said just that since they wrote last."""
    wrote = max(nth for nth, message in enumerate(person.private.messages) if not message.from_bot)
    return sum(message.words == words for message in person.private.messages[wrote:])


async def test_payments_and_requests_are_guided_by_presses_that_are_all_answered(club: Club) -> None:
    ann, bob = club.ann, club.bob
    assert "Like this: /pay 5" in (await hears(club, ann, "/pay", "Whom do you want to pay?")).words
    choices = await ann.wait("Changed your mind?")
    await hears(club, ann, "@bob", "How much do you want to pay to")
    assert names_of(ann, "👤 Bob <b> (@bob)") == 1 and keyboard(ann) == HOME
    await ann.see(choices, PICKED)
    much = await asked(club, ann, "/pay 3")
    await hears(club, ann, "@bob", "Pay 3.00 EUR to Bob")
    assert names_of(ann, "👤 Bob <b> (@bob)") == 1 and keyboard(ann) == HOME
    await ann.see(much, PICKED)

    await hears(club, bob, "/request", "Whom shall I ask?")
    choices = await bob.wait("Or one of these")
    assert await toasted(bob, choices, "Whoever scans it") == ""
    much = await bob.wait("How much do you ask for")
    assert await toasted(bob, much, "5.00 EUR") == ""
    note = await bob.wait("What is it for")
    assert await toasted(bob, note, "Leave it out") == ""
    shown = await bob.wait("asks for 5.00 EUR")
    assert shown.photo_bytes is not None and "For:" not in shown.words
    bob.skip()
    assert await toasted(bob, shown, "Ask somebody") == ""
    await bob.wait("Whom shall I ask?")
    assert "Only Ann (@ann) can pay it" in (await bob.ask("@ann")).words and keyboard(bob) == HOME
    await bob.see(shown, "Only Ann (@ann) can pay it")
    assert names_of(bob, "👤 Ann (@ann)") == 0, "what is asked stands further up"


async def test_of_what_was_paid_to_somebody_before_the_same_is_offered_to_them_and_not_to_others(club: Club) -> None:
    ann, eve = club.ann, club.eve
    eve.rename(username="eve")
    await eve.start()
    await eve.wait("balance")
    for amount, whom in (("3.21", "bob"), *(("0.11", "eve"), ("0.12", "eve"), ("0.13", "eve"), ("0.14", "eve")) * 2):
        dialog = await asked(club, ann, f"/pay {amount} @{whom}")
        await ann.press(dialog)
        await ann.see(dialog, f"Paid {amount}")
    for whom, is_offered in (("bob", True), ("eve", False)):
        await hears(club, ann, "/pay", "Or one of these")
        much = await hears(club, ann, f"@{whom}", "How much do you want to pay to")
        assert ("3.21 EUR" in labels(much)) == is_offered, labels(much)


async def test_what_is_no_answer_to_whom_is_what_it_always_is(club: Club) -> None:
    ann, bob = club.ann, club.bob
    await club.issue("20", bob)
    gift, request = (
        link_in(await asked(club, ann, "/gift 1"), "g"),
        link_in(await asked(club, ann, "/request 4 tea"), "r"),
    )
    person, mine = link_in(await club.said(ann, "/qr"), "p"), await club.said(bob, "/request 2 cake")
    whom = await hears(club, bob, "/pay", "Changed your mind?")
    await hears(club, bob, gift, "You got a gift of 1.00 EUR")
    assert whom.buttons, "it still asks"
    await hears(club, bob, request, "Pay 4.00 EUR to Ann")
    await bob.see(whom, PICKED)
    whom = await hears(club, bob, "/request", "Or one of these")
    await hears(club, bob, request, "Pay 4.00 EUR to Ann")
    assert whom.buttons, "whom to ask is a person"
    await hears(club, bob, person, "How much do you ask Ann")
    await bob.see(whom, PICKED)
    bob.skip()
    await bob.press(mine, "Ask somebody")
    whom = await bob.wait("Or one of these")
    await hears(club, bob, request, "Pay 4.00 EUR to Ann")
    assert whom.buttons, "whom to ask is a person"
    await hears(club, bob, person, "I've asked Ann (@ann) in private")
    await bob.see(whom, PICKED)
    await hears(club, bob, person, "How much do you want to pay to Ann")
    await hears(club, bob, "/pay", "Or one of these")
    much = await hears(club, bob, "@ann", "How much do you want to pay to Ann")
    await hears(club, bob, person, "How much do you want to pay to Ann")
    assert much.buttons, "it still asks"


async def test_of_those_who_were_paid_last_five_are_offered(core: WalletCore, clock: Clock) -> None:
    teller = Picker(core, clock)
    names = ("bob", "cid", "dan", "eve", "fay", "gil")
    await teller.tell("open ann\nissue ann 10.00 i\n" + "".join(f"open {name}\n" for name in names))
    for name in names:
        clock.now += timedelta(minutes=1)
        await teller.tell(f"transfer ann {name} 1.00 {name}")
    await teller.tell("pick ann 2.00 asked")
    look = Looker(teller, picks.shown)
    assert await look.labels("asked", look.alone("ann")) == ["Gil", "Fay", "Eve", "Dan", "Cid", "✖️ Cancel"]


async def test_a_question_says_what_has_become_of_it_in_its_persons_language(core: WalletCore, clock: Clock) -> None:
    teller = Picker(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 10.00 i\ntransfer ann bob 1.00 t")
    await speaks(teller, "ann", "fr")
    ann, look = teller.person("ann"), Looker(teller, picks.shown)
    alone = look.alone("ann")
    assert ((await look.face("9", Place(999, 5))).own, await look.state("9", Place(999, 5))) == (None, "final heard")
    await teller.tell("pick ann 2.00 old\npick ann 2.00 asked")
    assert await look.says("old", alone) == "✖️ Dropped; nothing was moved."
    assert (await look.face("old", alone)).own == "fr"
    assert await look.says("asked", alone) == "Or one of these:"
    assert (await look.labels("asked", alone), await look.state("asked", alone)) == (
        ["Bob", "✖️ Cancel"],
        "buttons heard",
    )
    await teller.tell("drop ann asked")
    assert await look.says("asked", alone) == "✖️ Dropped; nothing was moved."
    assert (await look.state("old", alone), await look.state("asked", alone)) == ("final heard", "final heard")
    made = await core.run(MakePick(person=ann, key="guided", guide=Guide.PAY))
    for step, asks in (("whom", "Or one of these"), ("amount", "How much do you want to pay to"), ("memo", "What is")):
        pick = await core.ask(PickOf(ann))
        assert pick is not None
        teller.codes[step] = pick.code
        assert await look.state(step, alone) == "buttons heard", step
        assert asks in await look.says(step, alone)
        if step == "whom":
            await core.run(AnswerPick(person=ann, to=teller.payee("bob"), number=made.number, key="whom"))
        elif step == "amount":
            await core.run(SayAmount(person=ann, amount=teller.money("2.00"), number=made.number, key="amount"))
        else:
            await core.run(SayMemo(person=ann, memo="", number=made.number, key="memo"))
    for step, says in (("whom", PICKED), ("amount", "💶 2.00 EUR"), ("memo", "📝 See below.")):
        assert (await look.says(step, alone)).startswith(says)
        assert await look.state(step, alone) == "final heard", step
