"""/requests, /cancel, and the dialogs that wait: as many as there are, where the person is, to nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from bot.words import wording
from tests.bot.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def ask_for(club: Club, person: Person, count: int) -> None:
    for number in range(1, count + 1):
        await person.send(f"/request {number} thing {number}")
        if number % 20 == 0:  # who writes a hundred at once floods, on a slow machine
            await club.box.idle()
    await club.box.idle()


# -- /requests ---------------------------------------------------------------------------------------------------------


async def test_the_open_requests_are_listed_and_taken_back(club: Club) -> None:
    picture = await club.said(club.bob, "/request 5 tea")
    await club.said(club.bob, "/request any cake")
    shown = await club.said(club.bob, "/requests")
    assert "1. Any amount" in shown.words and "cake" in shown.words and "2. 5.00 EUR" in shown.words
    assert "/requests" in (await club.said(club.bob, "/balance")).words
    answer = await (await club.bob.press(shown, "✖️ 2")).answer()
    assert "Cancelled" in answer.text
    await club.bob.see(picture, "no longer asks")
    assert "cake" in shown.words and "tea" not in shown.words
    await (await club.bob.press(shown, "✖️ 1")).answer()
    await club.bob.see(shown, "You ask nobody for money")
    assert shown.buttons == []
    await club.bob.send("/requests")
    await club.bob.wait("You ask nobody")  # the picture may say first what has become of it


async def test_a_hundred_are_listed_in_parts_and_the_next_refusal_says_where(club: Club) -> None:
    club.box.record_calls = False
    await ask_for(club, club.bob, 100)
    assert "/requests shows them" in (await club.said(club.bob, "/request 101")).words
    shown = await club.said(club.bob, "/requests")
    assert "(1 to 8 of 100)" in shown.words and "1. 100.00 EUR" in shown.words
    for _ in range(12):
        await (await club.bob.press(shown, "Older")).answer()
    assert "(97 to 100 of 100)" in shown.words and shown.button("Older") is None
    await (await club.bob.press(shown, "✖️ 100")).answer()
    await club.bob.see(shown, "of 99)")
    await club.bob.send("/request 101")
    await club.bob.wait("asks for 101.00 EUR")


async def test_nobody_takes_back_what_another_asks_for(club: Club) -> None:
    await club.said(club.bob, "/request 5 tea")
    shown = await club.said(club.bob, "/requests")
    button = shown.button("✖️ 1")
    assert button is not None
    own = await club.said(club.ann, "/request 1")
    assert "Only the one who asks" in (await (await club.ann.press(own, button.value)).answer()).text
    for data in ("back:0", "back:0:x", "back:1000:AAAA", "reqs:", "reqs:x", "reqs:0:AAAAAAAAAAAAAAAA", "back:-1:A"):
        assert "doesn't work" in (await (await club.ann.press(own, data)).answer()).text


async def test_the_list_is_for_its_owner_alone(club: Club) -> None:
    await club.said(club.bob, "/request 5 tea")
    assert "in private only" in (await club.said(club.bob, "/requests", in_group=True)).words
    assert "no wallet yet" in (await club.said(club.eve, "/requests")).words


# -- /cancel -----------------------------------------------------------------------------------------------------------


async def test_dropped_questions_lose_their_buttons_in_their_place(club: Club) -> None:
    here = await club.said(club.ann, "/pay 1 @bob")
    there = await club.said(club.ann, "/pay 2 @bob", in_group=True)
    await club.ann.open((await club.said(club.bob, "/qr")).caption.split()[-1])
    amount = await club.ann.wait("How much")
    await club.said(club.ann, "/cancel")
    for dialog, chat in ((here, None), (there, club.group), (amount, None)):
        await club.ann.see(dialog, "nothing was moved", chat=chat)
        assert dialog.buttons == []


async def test_a_list_of_any_length_is_said(club: Club) -> None:
    club.box.record_calls = False
    for number in range(1, 61):
        await club.ann.send(f"/pay 0.{number:02} @bob " + "&" * 140)
    await club.box.idle()
    words = (await club.said(club.ann, "/cancel")).words
    assert words.startswith("✖️ 60 questions dropped, nothing was moved:")
    assert words.count("EUR to Bob") == wording.LISTED_MAX and "… and 50 more" in words


async def test_what_was_private_is_not_said_in_a_group(club: Club) -> None:
    request = await club.said(club.ann, "/request 5 secret")
    code = next(word for word in request.words.split() if word.startswith("r_"))
    await club.said(club.ann, "/pay 3 @bob")
    for text, says in ((f"/cancel {code}", "5.00 EUR"), ("/cancel", "3.00 EUR"), ("/cancel", "Nothing waits")):
        await club.box.idle()
        club.ann.skip()
        told = await club.said(club.ann, text, in_group=True)
        assert told.words == "I've told you in private."
        await club.ann.wait(says)
    club.ann.block()
    told = await club.said(club.ann, "/cancel", in_group=True)
    assert "only tell you in private" in told.words


# -- the dialog is where the person is ---------------------------------------------------------------------------------


async def pressed(club: Club, request: Message) -> str:
    club.ann.skip(chat=club.group)
    return (await (await club.ann.press(request, "Pay")).answer()).text


async def test_a_dialog_in_private_is_shown_again_in_the_group_and_loses_its_buttons_there(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    link = next(word for word in request.words.split() if word.startswith("https://"))
    club.ann.skip()
    await club.ann.open(link)
    private = await club.ann.wait("Pay 5.00 EUR")
    assert await pressed(club, request) == ""
    dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    assert private.buttons == [] and dialog.buttons
    assert "further up" in await pressed(club, request)
    club.ann.skip()
    await club.ann.press(dialog)
    await club.ann.wait("Receipt")
    await club.ann.see(private, "paid, once")
    assert (await club.said(club.bob, "/balance")).words.startswith("💰 Your balance: 5.00 EUR")


async def test_a_deleted_dialog_is_shown_again(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    await pressed(club, request)
    dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    club.group.chat.remove(dialog)
    assert await pressed(club, request) == ""
    again = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    assert again.id != dialog.id
    club.ann.skip()
    await club.ann.press(again)
    await club.ann.wait("Receipt")


async def test_what_stands_in_as_many_places_as_are_kept_is_not_asked_in_another(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    for _ in range(20):
        assert await pressed(club, request) == ""
        dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
        club.group.chat.remove(dialog)
    assert "as many places as I keep" in await pressed(club, request)
    await club.box.idle()
    assert not [message for message in club.group.messages if "pay 5.00 EUR" in message.words]
    assert "nothing was moved" in (await club.said(club.ann, "/cancel")).words
    assert await pressed(club, request) == ""
    await club.ann.press(await club.ann.wait("pay 5.00 EUR", chat=club.group))
    await club.ann.wait("Receipt")


async def test_balance_lists_the_shares_of_bills_that_somebody_is_asked_for(club: Club) -> None:
    await club.said(club.ann, "/split 9 @bob @ann dinner", in_group=True)
    told = await club.said(club.bob, "/balance")
    assert "Ann (@ann) asks you for 4.50 EUR, your share of a bill" in told.words and "dinner" in told.words
    assert "share of a bill" not in (await club.said(club.ann, "/balance")).words
