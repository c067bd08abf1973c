"""/tip: what it understands, what it refuses, where it speaks; the usual tip; the line below the message."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Message, Person, Sandbox
from tests.bot.club import BOT, Club, open_club, running, settings_for
from tests.e2e.test_bad_input import AMOUNTS

CHANNEL = {"id": -100_777, "type": "channel", "title": "News"}
A_BOT = {"id": 555, "is_bot": True, "first_name": "Gifs", "username": "gifs_bot"}


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def lines(club: Club) -> list[Message]:
    """What the bot has said in the group, and is still there."""
    return [message for message in club.group.messages if message.sender_id == BOT]


async def tip(club: Club, person: Person, text: str, message: Message) -> None:
    """Somebody answers a message with a tip."""
    person.skip(chat=club.group)
    person.skip()
    await person.send(text, chat=club.group, reply_to=message)


async def balance(club: Club, person: Person) -> str:
    return (await club.said(person, "/balance")).words


async def song(club: Club, **more: Any) -> Message:
    return await club.bob.send("la la la", chat=club.group, **more)


async def test_the_amount_is_read_as_strictly_as_anywhere(club: Club) -> None:
    sung = await song(club)
    for text, why in AMOUNTS.items():
        answer = await club.said(club.ann, f"/tip {text}", in_group=True, reply_to=sung)
        assert why in answer.words, (text, answer.words)
    for text in ("1 thanks", "1 coffee", "5 kr thanks", "1 ♥", "0.50 for the song", "1 quid"):
        answer = await club.said(club.ann, f"/tip {text}", in_group=True, reply_to=sung)
        assert "nothing but its amount" in answer.words or "EUR" in answer.words, (text, answer.words)
    for text in ("1 @bob", "@bob 1", "@bob", "1 for @bob", "t.me/bob 1"):
        answer = await club.said(club.ann, f"/tip {text}", in_group=True, reply_to=sung)
        assert "name nobody" in answer.words, (text, answer.words)
    assert "0.00 EUR" in await balance(club, club.bob)


@pytest.mark.parametrize("text", ["1", "1.00", "1,00", "€1", "1 EUR", "1 euro", " 1 "])
async def test_amounts_are_written_as_everywhere(club: Club, text: str) -> None:
    await tip(club, club.ann, f"/tip {text}", await song(club))
    await club.ann.wait("1.00 EUR from Ann", chat=club.group)


@pytest.mark.parametrize("caption", ["/tip 1", "/tip", "/TIP@TuppenceBot 1", "/pay 1 @bob"])
async def test_a_command_below_a_picture_is_answered_with_a_sentence(club: Club, caption: str) -> None:
    sung = await song(club)
    club.ann.skip(chat=club.group)
    await club.ann.send_document(b"x", caption=caption, chat=club.group, reply_to=sung)
    await club.ann.wait("no commands below pictures", chat=club.group)
    assert "20.00 EUR" in await balance(club, club.ann)


async def test_other_words_below_a_picture_and_other_bots_commands_are_nobodys_business(club: Club) -> None:
    for caption in ("/tipping point", "/tip@OtherBot 1", "tip 1", "/nonsense"):
        await club.ann.send_document(b"x", caption=caption, chat=club.group)
    await club.box.idle()
    assert lines(club) == []


async def test_a_tip_needs_a_message_of_somebody_else_in_a_group(club: Club) -> None:
    for text in ("/tip", "/tip 1", "/tip 1 @bob"):
        answer = await club.said(club.ann, text, in_group=True)
        assert "answer one of their messages" in answer.words or "name nobody" in answer.words
    assert "answer one of their messages" in (await club.said(club.ann, "/tip 1")).words
    own = await club.ann.send("la", chat=club.group)
    assert "yourself" in (await club.said(club.ann, "/tip 1", in_group=True, reply_to=own)).words
    assert "yourself" in (await club.said(club.ann, "/tip", in_group=True, reply_to=own)).words
    eves = await club.eve.send("la", chat=club.group)
    assert "hasn't opened a wallet" in (await club.said(club.ann, "/tip 1", in_group=True, reply_to=eves)).words
    said = await club.said(club.ann, "/help", in_group=True)
    assert "bot has no wallet" in (await club.said(club.ann, "/tip 1", in_group=True, reply_to=said)).words
    sung = await song(club)
    assert "You have no wallet yet" in (await club.said(club.eve, "/tip 1", in_group=True, reply_to=sung)).words
    assert "Not enough money" in (await club.said(club.ann, "/tip 20.01", in_group=True, reply_to=sung)).words
    assert "20.00 EUR" in await balance(club, club.ann)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"text": "x", "sender_chat": CHANNEL}, "I can't tell who wrote"),
        (
            {"text": "x", "sender_chat": {"id": -100200, "type": "supergroup", "title": "Club"}},
            "I can't tell who wrote",
        ),
        ({"new_chat_title": "Club 2"}, "answer one of their messages"),
        ({"group_chat_created": True}, "answer one of their messages"),
    ],
)
async def test_whose_message_it_is_must_be_known(club: Club, content: dict[str, Any], why: str) -> None:
    message = await club.bob.say(content, chat=club.group)
    assert why in (await club.said(club.ann, "/tip 1", in_group=True, reply_to=message)).words
    assert "0.00 EUR" in await balance(club, club.bob)


async def test_another_bots_message_is_not_tipped_and_no_other_bot_tips(club: Club) -> None:
    sung = await song(club)
    gifs = club.box.person(555, "Gifs", username="gifs_bot")
    gifs.raw |= {"is_bot": True}
    club.group.chat.members.add(gifs.id)
    gif = await gifs.send("a gif", chat=club.group)
    assert "bot has no wallet" in (await club.said(club.ann, "/tip 1", in_group=True, reply_to=gif)).words
    assert "Bots have no wallets" in (await club.said(gifs, "/tip 1", in_group=True, reply_to=sung)).words


async def test_what_the_person_did_not_write_or_wrote_anew_tips_nobody(club: Club) -> None:
    sung = await song(club)
    origin = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"}}
    for marks in (origin, {"via_bot": A_BOT}):
        await club.ann.send("/tip 1", chat=club.group, reply_to=sung, marks=marks)
    await club.box.idle()
    assert lines(club) == []
    hello = await club.ann.send("hello", chat=club.group, reply_to=sung)
    await club.ann.edit(hello, "/tip 1")
    await club.ann.wait("edited messages", chat=club.group)
    assert "20.00 EUR" in await balance(club, club.ann)


async def test_a_tip_that_is_edited_or_delivered_again_after_a_restart_stays_one(tmp_path: Path) -> None:
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path)
        async with running(settings):
            club = Club(box)
            await club.begin()
            sung = await song(club)
            wish = await club.ann.send("/tip 1", chat=club.group, reply_to=sung)
            line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
            given = [u for u in box.updates if u.raw.get("message", {}).get("message_id") == wish.id]
        async with running(settings):
            await box.redeliver(given[-1])
            wish.raw["reactions"] = 1
            await club.ann.edit(wish, "/tip 1")
            assert "19.00 EUR" in await balance(club, club.ann)
            assert lines(club) == [line]
            await (await club.ann.press(line)).answer()
            await club.ann.see(line, "2.00 EUR from Ann", chat=club.group)
            await club.ann.edit(wish, "/tip 2")
            await club.ann.wait("edited messages", chat=club.group)
            assert "18.00 EUR" in await balance(club, club.ann)


async def test_more_than_tip_max_is_refused_with_the_way_round(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, tip_max="2")):
        club = Club(box)
        await club.begin()
        sung = await song(club)
        answer = await club.said(club.ann, "/tip 2.01", in_group=True, reply_to=sung)
        assert "A tip is at most 2.00 EUR" in answer.words
        question = await club.said(club.ann, "/tip", in_group=True, reply_to=sung)
        assert [b.text for row in question.buttons for b in row] == ["0.20 EUR", "0.50 EUR", "1.00 EUR", "2.00 EUR"]


async def test_the_usual_tip_is_chosen_by_the_one_who_is_asked_and_given_at_once(club: Club) -> None:
    club.box.deliver_twice = club.box.callbacks_twice = True
    sung = await song(club)
    question = await club.said(club.ann, "/tip", in_group=True, reply_to=sung)
    assert "Ann, how much is your usual tip? I give it to Bob" in question.words
    assert question.raw["reply_to_message"]["message_id"] == sung.id
    for stranger in (club.bob, club.eve):
        assert "somebody else" in (await (await stranger.press(question)).answer()).text
    assert "Tipped 0.50 EUR" in (await (await club.ann.press(question, "0.50")).answer()).text
    await club.ann.see(question, "your usual tip is 0.50 EUR from now on", chat=club.group)
    assert not question.buttons
    line = await club.ann.wait("0.50 EUR from Ann", chat=club.group)
    await tip(club, club.ann, "/tip", sung)
    await club.ann.see(line, "1.00 EUR from Ann", chat=club.group)
    assert "19.00 EUR" in await balance(club, club.ann)
    assert len(lines(club)) == 2


async def test_a_question_that_was_answered_gives_no_other_amount(club: Club) -> None:
    question = await club.said(club.ann, "/tip", in_group=True, reply_to=await song(club))
    other = question.buttons[0][0].value
    await (await club.ann.press(question, "1.00")).answer()
    await club.ann.see(question, "from now on", chat=club.group)
    late = await (await club.ann.press(question, other)).answer()
    assert late.alert and "given this tip already" in late.text
    assert "19.00 EUR" in await balance(club, club.ann)


async def test_the_usual_tip_is_changed_in_private(club: Club) -> None:
    asked = await club.said(club.ann, "/tip")
    assert "How much shall /tip alone give?" in asked.words
    await (await club.ann.press(asked, "2.00")).answer()
    await club.ann.see(asked, "Your usual tip is 2.00 EUR")
    assert not asked.buttons
    assert "your usual tip: 2.00 EUR" in (await club.said(club.ann, "/tip")).words
    await tip(club, club.ann, "/tip", await song(club))
    await club.ann.wait("2.00 EUR from Ann", chat=club.group)
    assert "no wallet yet" in (await club.said(club.eve, "/tip")).words
    worded = (await club.said(club.ann, "/tip 2")).words
    assert "answer one of their messages in a group" in worded and "Nothing was moved" in worded


@pytest.mark.parametrize("data", ["tip:x", "tipa:1", "tipa:4Y9ZfJTiYoeezb-_:x", "tipu:abcdefghijklmnop:1", "tipu:-1"])
async def test_a_made_up_button_does_nothing(club: Club, data: str) -> None:
    dialog = await club.said(club.ann, "/tip")
    assert "doesn't work any more" in (await (await club.ann.press(dialog, data)).answer()).text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("tip:4Y9ZfJTiYoeezb-_", "nothing of these tips"),
        ("tipa:4Y9ZfJTiYoeezb-_:100", "haven't asked you"),
        ("tipu:0", "nothing"),
        ("tipu:999999999999999", ""),
    ],
)
async def test_a_button_of_nothing_is_answered(club: Club, data: str, why: str) -> None:
    dialog = await club.said(club.ann, "/tip")
    answer = await (await club.ann.press(dialog, data)).answer()
    assert why in answer.text
    assert "20.00 EUR" in await balance(club, club.ann)


async def test_a_line_that_is_gone_is_posted_anew(club: Club) -> None:
    sung = await song(club)
    await tip(club, club.ann, "/tip 1", sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    club.group.chat.remove(line)
    await tip(club, club.ann, "/tip 0.50", sung)
    anew = await club.ann.wait("1.50 EUR from Ann", chat=club.group)
    assert anew.id != line.id and anew.raw["reply_to_message"]["message_id"] == sung.id
    await (await club.ann.press(anew)).answer()
    await club.ann.see(anew, "2.50 EUR from Ann", chat=club.group)


async def test_a_line_that_telegram_does_not_change_any_more_is_posted_anew(club: Club) -> None:
    sung = await song(club)
    await tip(club, club.ann, "/tip 1", sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    await club.bob.wait("You were tipped 1.00 EUR")
    club.box.fail("editMessageText", times=2, code=400, description="Bad Request: message can't be edited")
    await tip(club, club.ann, "/tip 0.50", sung)
    anew = await club.ann.wait("1.50 EUR from Ann", chat=club.group)
    assert anew.id != line.id
    await club.bob.wait("You were tipped 1.50 EUR")
    await (await club.ann.press(line)).answer()  # both are kept up to date once it is known that it stands there
    for each in (line, anew):
        await club.ann.see(each, "2.50 EUR from Ann", chat=club.group)


async def test_a_message_that_was_deleted_is_tipped_without_an_answer_to_it(club: Club) -> None:
    sung = await song(club)
    wish = await club.ann.send("hm", chat=club.group, reply_to=sung)
    club.group.chat.remove(sung)
    assert wish.raw["reply_to_message"]["message_id"] == sung.id
    await tip(club, club.ann, "/tip 1", sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    assert "reply_to_message" not in line.raw


async def test_where_the_bot_may_not_write_the_tip_is_told_in_private(club: Club) -> None:
    sung = await song(club)
    club.group.forbid(writing=True)
    await tip(club, club.ann, "/tip 1", sung)
    await club.ann.wait("Tipped 1.00 EUR")
    await club.bob.wait("You were tipped 1.00 EUR")
    await tip(club, club.ann, "/tip", sung)
    question = await club.ann.wait("how much is your usual tip")
    await (await club.ann.press(question, "0.20")).answer()
    await club.ann.see(question, "from now on")
    assert lines(club) == []
    club.group.forbid()
    await tip(club, club.ann, "/tip", sung)
    await club.ann.wait("1.40 EUR from Ann", chat=club.group)


async def test_a_line_goes_on_in_the_supergroup_that_its_group_becomes(club: Club) -> None:
    group = club.box.group(-77, "Small", members=[club.ann, club.bob])
    sung = await club.bob.send("la", chat=group)
    await club.ann.send("/tip 1", chat=group, reply_to=sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=group)
    new = club.box.upgrade(group, -100_777, by=club.ann)
    await (await club.ann.press(line)).answer()
    anew = await club.ann.wait("2.00 EUR from Ann", chat=new)
    await (await club.ann.press(anew)).answer()
    await club.ann.see(anew, "3.00 EUR from Ann", chat=new)


async def test_who_has_blocked_the_bot_hears_of_all_tips_in_one_note_once_it_is_let_in(club: Club) -> None:
    sung = await song(club)
    club.bob.block()
    await tip(club, club.ann, "/tip 1", sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    await (await club.ann.press(line)).answer()
    await club.ann.see(line, "2.00 EUR from Ann", chat=club.group)
    await club.box.idle()
    club.bob.skip()
    club.bob.unblock()
    note = await club.bob.wait("You were tipped 2.00 EUR")
    assert "2 tips" in note.words and note.words.count("Receipt:") == 2
    await club.box.idle()
    assert [m for m in club.bob.private.messages if "tipped" in m.words] == [note]


async def test_what_is_given_back_is_not_in_the_line_any_more(club: Club) -> None:
    sung = await song(club)
    await tip(club, club.ann, "/tip 1", sung)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    note = await club.bob.wait("You were tipped 1.00 EUR")
    club.bob.skip()
    await club.bob.press(note, "Give back")
    asked = await club.bob.wait("Give 1.00 EUR back to Ann")
    await (await club.bob.press(asked)).answer()
    await club.ann.see(line, "has been given back", chat=club.group)
    assert "20.00 EUR" in await balance(club, club.ann)
