"""Questions whether to pay, and pictures that ask for money: what is asked where, and what of it shows the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person, Sandbox
from tests.bot.club import Club, open_club, running, settings_for
from tests.fresh import begin_books
from wallet_core import currency


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def forgotten(club: Club, message: Message) -> Message:
    """The same message once more, as if the bot had posted it and died before it knew where it stands."""
    content = {name: message.raw[name] for name in ("text", "photo", "caption", "reply_markup") if name in message.raw}
    return club.box.world.post(message.chat, club.box.world.bot, content)


async def asked(club: Club, person: Person, text: str, *, in_group: bool = False) -> Message:
    """A question with buttons."""
    chat = club.group if in_group else None
    await club.box.idle()
    person.skip(chat=chat)
    await person.send(text, chat=chat)
    return await person.wait(lambda message: bool(message.buttons), chat=chat)


async def test_in_a_group_a_payment_needs_its_amount_and_a_code_is_nobody_elses_business(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea")
    link = next(word for word in request.words.split() if "?start=r_" in word)
    gift = await asked(club, club.ann, "/gift 1")
    present = next(word for word in gift.words.split() if "?start=g_" in word)
    unsaid = (await club.said(club.ann, "/pay @bob", in_group=True)).words
    assert "How much" in unsaid and "/pay 5" in unsaid
    for code in (link, f"r_{link.partition('=r_')[2]}"):
        assert "private" in (await club.said(club.ann, f"/pay {code}", in_group=True)).words
    assert "it's yours" in (await club.said(club.bob, f"/pay {present}", in_group=True)).words
    assert "EUR is yours" not in "".join(message.words for message in club.bob.private.messages)
    club.bob.skip()
    await club.bob.send(f"/pay {present}")
    await club.bob.wait("You got a gift of 1.00 EUR")


async def test_a_question_says_what_the_payer_had_better_know_and_then_what_became_of_it(club: Club) -> None:
    dialog = await asked(club, club.ann, "/pay 1 @bob tea")
    assert "🆕 It's your first payment to Bob" in dialog.words
    twin = forgotten(club, dialog)
    assert "Nothing was moved" in (await (await club.ann.press(twin, "Cancel")).answer()).text
    for message in (dialog, twin):
        await club.ann.see(message, "cancelled, nothing was moved")
        assert message.buttons == []


async def test_who_confirms_where_the_question_stands_no_more_is_told_in_a_message_of_its_own(club: Club) -> None:
    dialog = await asked(club, club.ann, "/pay 1 @bob tea")
    yes = dialog.buttons[0][0].value
    dialog.chat.remove(dialog)
    assert (await (await club.ann.press(dialog, yes)).answer()).text == "Paid 1.00 EUR to “Bob <b>” (@bob)."
    assert "Paid 1.00 EUR" in (await club.ann.next()).words


async def test_a_request_is_kept_up_to_date_wherever_it_is_pressed(club: Club) -> None:
    """Paid, taken back, and declined under a message of which the bot knows nothing."""
    request = await asked(club, club.bob, "/request 2 tea", in_group=True)
    twin = forgotten(club, request)
    dialog = await _pressed(club, club.ann, twin)
    await club.ann.press(dialog)
    for message in (request, twin):
        await club.bob.see(message, "2.00 EUR: paid", chat=club.group)
    back = await asked(club, club.bob, "/request 3 tea", in_group=True)
    twin = forgotten(club, back)
    assert "can't be paid any more" in (await (await club.bob.press(twin, "Cancel")).answer()).text
    for message in (back, twin):
        await club.bob.see(message, "no longer asks for 3.00 EUR", chat=club.group)
    await club.said(club.bob, "/request 4 @ann tea")
    alone = await club.ann.wait(lambda message: message.button("No, thanks") is not None)
    twin = forgotten(club, alone)
    assert "Nothing was moved" in (await (await club.ann.press(twin, "No, thanks")).answer()).text
    for message in (alone, twin):
        await club.ann.see(message, "said no to")


async def _pressed(club: Club, person: Person, request: Message) -> Message:
    """The question that a press of Pay asks."""
    person.skip(chat=request.chat)
    await person.press(request, "Pay")
    return await person.wait(lambda message: message.button("✅") is not None, chat=request.chat)


async def test_a_question_is_asked_once_in_a_chat_and_anew_where_it_was_deleted(club: Club) -> None:
    request = await asked(club, club.bob, "/request 2 tea", in_group=True)
    first = await _pressed(club, club.ann, request)
    again = await (await club.ann.press(request, "Pay")).answer()
    assert again.alert and "further up in this chat" in again.text
    first.chat.remove(first)
    second = await _pressed(club, club.ann, request)
    again = await (await club.ann.press(request, "Pay")).answer()
    assert again.alert and "further up in this chat" in again.text
    assert [message.id for message in club.group.messages if message.button("✅")] == [second.id]


async def test_of_a_question_that_stands_twice_one_is_enough(club: Club) -> None:
    ann, bob = club.ann, club.bob
    met = await asked(club, ann, "/pay 1 @bob")
    await ann.press(met)
    await ann.see(met, "Receipt")
    await bob.wait("You received 1.00 EUR")
    request = await club.said(bob, "/request 2 @ann tea")
    put = await ann.wait(lambda message: message.button("No, thanks") is not None)
    first = await asked(club, ann, f"/pay r_{request.words.partition('Code: r_')[2].split()[0]}")
    club.box.inject({"message": next(each.raw for each in ann.private.messages if each.words.startswith("/pay r_"))})
    second = await ann.wait(lambda message: message.button("✅") is not None and message is not first)
    await club.box.idle()
    second.chat.remove(second)
    again = await (await ann.press(put, "Pay")).answer()
    assert again.alert and "further up in this chat" in again.text
    assert [message.id for message in ann.private.messages if message.button("✅")] == [first.id]


async def test_in_a_group_where_too_much_is_said_a_question_is_asked_in_private(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path, telegram_limits="on")):
        club = Club(box)
        await club.begin()
        for _ in range(3):
            await club.said(club.eve, "/help", in_group=True)
        club.ann.skip()
        await club.ann.send("/pay 1 @bob tea", chat=club.group)
        dialog = await club.ann.next()
        assert "Pay 1.00 EUR to Bob" in dialog.words
