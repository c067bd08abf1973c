"""Bills that are shared: what each person is shown, where, and how often; what only the asker finds in private."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Answer, Message, Person
from bot.words import splits as words
from tests.bot.club import Club, open_club
from tests.bot.test_cash import labels, settled, toasted
from tests.bot.test_dialogs import asked, forgotten
from tests.bot.test_forgotten import said_by
from tests.e2e.world import receipt_code


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def answer(person: Person, message: Message, which: str) -> Answer:
    return await (await person.press(message, which)).answer()


def spoken(person: Person, words: str) -> list[Message]:
    return [each for each in person.private.messages if each.from_bot and words in each.words]


async def shared(club: Club, text: str = "/split 6 dinner") -> Message:
    """Bob has paid, Ann is in, and both are asked."""
    live = await asked(club, club.bob, text, in_group=True)
    for person in (club.ann, club.bob):
        assert "You're in" in (await answer(person, live, "I'm in")).text
    await club.bob.see(live, "2 are in", chat=club.group)
    return live


async def test_a_share_is_asked_for_once_in_private_and_its_payment_shown_wherever_it_is_pressed(club: Club) -> None:
    ann, bob = club.ann, club.bob
    live = await shared(club)
    before = len(club.group.messages)
    club.box.inject({"message": said_by(bob, "/split 6 dinner", chat=club.group).raw})
    await settled(club, bob)
    assert len(club.group.messages) == before
    early = await answer(ann, live, f"{words.MINE}:{live.buttons[0][0].value.partition(':')[2]}")
    assert early.alert and "You are in" in early.text and not spoken(ann, "You are in")
    await answer(bob, live, "Ask for it")
    await bob.see(live, "Missing: 3.00 EUR", chat=club.group)
    ann.skip()
    first = await answer(ann, live, "Pay my share")
    question = await ann.wait("Pay 3.00 EUR to Bob")
    assert first.alert and "in private" in first.text
    again = await answer(ann, live, "Pay my share")
    assert again.alert and "your question is in our private chat" in again.text
    question.chat.remove(question)
    await answer(ann, live, "Pay my share")
    question = await ann.wait(lambda message: message.id != question.id and "Pay 3.00 EUR" in message.words)
    own = await answer(bob, live, "Pay my share")
    assert own.alert and "needs no payment" in own.text
    twin = forgotten(club, question)
    assert "Paid 3.00 EUR to" in await toasted(ann, twin, "✅")
    await ann.see(twin, "Receipt")
    await bob.see(live, "All shares are paid", chat=club.group)


async def test_the_asker_finds_a_button_for_each_person_in_private_once(club: Club) -> None:
    ann, bob = club.ann, club.bob
    live = await shared(club)
    await answer(bob, live, "Ask for it")
    await bob.see(live, "Missing: 3.00 EUR", chat=club.group)
    bob.skip()
    pressed = await answer(bob, live, "Manage")
    assert pressed.alert and "private chat" in pressed.text
    mine = await bob.wait(lambda message: message.button("Without Ann") is not None)
    assert await answer(bob, live, "Manage") == pressed
    await settled(club, bob)
    assert len(spoken(bob, "dinner")) == 1
    code = next(button.value for row in live.buttons for button in row).partition(":")[2]
    assert "doesn't work" in await toasted(bob, live, f"{words.TURN}:{code}:0"), "in a group there is no list"
    assert "doesn't work" in await toasted(bob, mine, f"{words.TURN}:{code}:7"), "no button of it"
    reminded = await answer(bob, live, "Remind")
    assert reminded.alert and "1 person was reminded" in reminded.text
    question = await ann.wait("reminds you")
    assert not any("reminds you" in message.words for message in club.group.messages), "she could be told in private"
    again = await answer(bob, live, "Remind")
    assert again.alert and "Nobody to remind now" in again.text
    assert "paid in cash" in await toasted(bob, mine, "Ann: in cash")
    await ann.see(question, "paid in cash")
    assert question.buttons == []
    assert "asked again" in await toasted(bob, mine, f"{words.NO_CASH}:{code}:{_nth(mine)}")
    await ann.see(question, "Pay 3.00 EUR to Bob")


def _nth(mine: Message) -> str:
    """Ann's number in the list."""
    taken = mine.button("Without Ann") or mine.button("Ann")
    assert taken is not None
    return taken.value.rpartition(":")[2]


async def test_a_bills_link_shows_each_person_what_is_theirs(club: Club) -> None:
    ann, bob = club.ann, club.bob
    live = await shared(club)
    code = next(button.value for row in live.buttons for button in row).partition(":")[2]

    async def opened(person: Person) -> Message:
        await club.box.idle()
        person.skip()
        await person.start(f"s_{code}")
        shown = await person.next()  # and no earlier one that changes meanwhile
        assert "dinner" in shown.words or "bill" in shown.words
        return shown

    theirs = await opened(ann)
    assert labels(theirs) == labels(live), "it still gathers"
    bobs = await opened(bob)
    assert labels(bobs) == labels(live)
    await answer(bob, bobs, "Ask for it")
    await bob.see(bobs, "Missing: 3.00 EUR")
    assert "Without Ann" in " ".join(labels(bobs))
    assert "Without Ann" not in " ".join(labels(theirs))
    assert "Without Ann" in " ".join(labels(await opened(bob))), "from the first moment on"
    question = await opened(ann)
    assert labels(question) == ["✅ Pay 3.00 EUR", "🙅 Not me"]
    assert "Pay 3.00 EUR to Bob" in question.words
    assert "You're out" in await toasted(ann, question, "Not me")
    await ann.see(question, "you have no share in this bill")
    late = await opened(ann)
    assert late.buttons == [] and "no share in this bill" in late.words
    anew = await opened(bob)
    assert "Without Ann" not in " ".join(labels(anew))


async def test_who_has_blocked_the_asker_is_not_reminded_and_the_asker_learns_nothing(club: Club) -> None:
    ann, bob = club.ann, club.bob
    live = await shared(club)
    await answer(bob, live, "Ask for it")
    await bob.see(live, "Missing: 3.00 EUR", chat=club.group)
    assert "Bob" in (await club.said(ann, "/block @bob")).words
    reminded = await answer(bob, live, "Remind")
    assert reminded.alert and "1 person was reminded" in reminded.text
    await settled(club, ann)
    for chat in (ann.private, club.group):
        assert not any("reminds you" in message.words for message in chat.messages)


async def test_where_the_bot_may_not_write_nobody_is_called_out(club: Club) -> None:
    bob = club.bob
    club.group.forbid(writing=True)
    bob.skip()
    await bob.send("/split 4 tea @zoe_unknown", chat=club.group)
    listed = await bob.wait("tea")
    code = next(button.value for row in listed.buttons for button in row).split(":")[1]
    reminded = await answer(bob, listed, f"{words.REMIND}:{code}")
    assert "1 person was reminded" in reminded.text
    await settled(club, bob)
    assert not spoken(bob, "reminds you")


async def test_an_asker_to_whom_the_bot_cannot_write_is_led_to_the_private_chat(club: Club) -> None:
    live = await shared(club)
    await answer(club.bob, live, "Ask for it")
    await club.bob.see(live, "Missing: 3.00 EUR", chat=club.group)
    club.bob.block()
    pressed = await answer(club.bob, live, "Manage")
    assert "start=s_" in pressed.url and not pressed.text


async def test_what_the_link_said_of_a_share_that_was_paid_asks_for_it_again_once_it_is_given_back(club: Club) -> None:
    ann, bob = club.ann, club.bob
    live = await shared(club)
    code = next(button.value for row in live.buttons for button in row).partition(":")[2]
    await answer(bob, live, "Ask for it")
    await bob.see(live, "Missing: 3.00 EUR", chat=club.group)
    ann.skip()
    await answer(ann, live, "Pay my share")
    await ann.press(await ann.wait("Pay 3.00 EUR to Bob"), "✅")
    receipt = receipt_code(await bob.wait("Receipt"))
    ann.skip()
    await ann.start(f"s_{code}")
    said = await ann.wait("your share is paid")
    assert not said.buttons
    await bob.press(await club.said(bob, f"/refund {receipt}"), "✅")
    await ann.see(said, "Pay 3.00 EUR to Bob")
    assert labels(said) == ["✅ Pay 3.00 EUR", "🙅 Not me"]
