"""Groups in which the bot may not write, or not everything; messages that Telegram refuses; groups that move."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from tests.bot.club import Club, open_club

NO_RIGHTS = "Bad Request: not enough rights to send text messages to the chat"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def alone(club: Club, text: str, *, topic: Message | None = None) -> Message:
    """What Ann hears in private of what she asks in the group."""
    await club.box.idle()
    club.ann.skip()
    club.ann.skip(chat=club.group)
    await club.ann.send(text, chat=club.group, topic=topic)
    return await club.ann.next()


@pytest.mark.parametrize("text", ["/pay 5 @bob tea", "/request 5 tea", "/help", "/pay", "/pay 5 @nobody", "/balance"])
async def test_what_is_asked_where_the_bot_may_not_write_is_answered_in_private(club: Club, text: str) -> None:
    club.group.forbid(writing=True)
    words = (await alone(club, text)).words
    assert "Club" in words or "Your balance" in words
    assert "Something went wrong" not in words


async def test_what_is_said_in_private_anyway_is_said_once(club: Club) -> None:
    club.group.forbid(writing=True)
    for text in ("/balance", "/cancel"):
        before = len(club.ann.private.messages)
        await alone(club, text)
        await club.box.idle()
        assert len(club.ann.private.messages) == before + 1


async def test_a_request_posted_in_private_instead_is_the_payees_own(club: Club) -> None:
    club.group.forbid(writing=True)
    request = await alone(club, "/request 5 tea")
    assert request.photo_bytes is not None and "I can't write in the group Club" in request.words
    assert [button.text for row in request.buttons for button in row] == ["👤 Ask somebody", "📤 Share", "✖️ Cancel"]
    await (await club.ann.press(request, "Cancel")).answer()
    await club.ann.see(request, "no longer asks")


async def test_a_dialog_asked_in_private_instead_pays_and_becomes_the_receipt_there(club: Club) -> None:
    club.group.forbid(writing=True)
    dialog = await alone(club, "/pay 5 @bob tea")
    assert "Pay 5.00 EUR to Bob" in dialog.words
    await club.ann.press(dialog)
    await club.ann.see(dialog, "Your balance: 15.00 EUR")


async def test_funds_are_named_in_private_also_when_the_question_came_from_a_group(club: Club) -> None:
    club.group.forbid(writing=True)
    assert "You can spend 20.00 EUR" in (await alone(club, "/pay 500 @bob")).words


async def test_where_no_pictures_are_taken_a_request_is_its_words_with_the_link(club: Club) -> None:
    club.group.forbid(files=True)
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    assert request.photo_bytes is None and "?start=r_" in request.words
    assert "Press the button, or open" in request.words and "Scan the code" not in request.words
    club.ann.skip(chat=club.group)
    await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("pay 5.00 EUR", chat=club.group)
    await club.ann.press(dialog)
    await club.bob.see(request, "paid", chat=club.group)
    assert request.buttons == []


async def test_a_press_where_the_bot_may_not_write_any_more_is_answered_and_asks_in_private(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    club.group.forbid(writing=True)
    club.ann.skip()
    press = await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("Pay 5.00 EUR to Bob")
    answer = await press.answer()
    assert answer.alert and "in private" in answer.text
    await club.ann.press(dialog)
    await club.bob.see(request, "paid", chat=club.group)


async def test_a_press_of_somebody_who_cannot_be_written_to_shows_the_way(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    club.group.forbid(writing=True)
    club.ann.block()
    answer = await (await club.ann.press(request, "Pay")).answer()
    assert "?start=r_" in answer.url
    club.ann.unblock()
    await club.ann.open(answer.url)
    await club.ann.wait("Pay 5.00 EUR to Bob")


async def test_a_kicked_bot_answers_in_private(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    club.box.fail("sendMessage", code=403, description="Forbidden: bot was kicked from the group chat")
    club.ann.skip()
    press = await club.ann.press(request, "Pay")
    await club.ann.wait("Pay 5.00 EUR to Bob")
    assert "in private" in (await press.answer()).text


@pytest.mark.parametrize("reason", ["CHAT_WRITE_FORBIDDEN", "have no rights to send a message", "TOPIC_CLOSED"])
async def test_every_way_to_forbid_writing_is_the_same(club: Club, reason: str) -> None:
    club.box.fail("sendMessage", code=400, description=f"Bad Request: {reason}")
    assert "pay 5.00 EUR to Bob" in (await alone(club, "/pay 5 @bob")).words.replace("Pay", "pay")


async def test_a_move_to_a_supergroup_is_followed(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    moved = club.box.upgrade(club.group, -1001000000200, by=club.ann)
    shown = await club.ann.wait("asks for 5.00 EUR", chat=moved)  # what can't be changed in the old group
    assert "?start=r_" in shown.words
    await (await club.ann.press(request, "Pay")).answer()  # an app shows what was said before the move, too
    dialog = await club.ann.wait("pay 5.00 EUR", chat=moved)
    assert "further up" in (await (await club.ann.press(shown, "Pay")).answer()).text
    club.ann.skip()
    await club.ann.press(dialog)
    await club.ann.wait("Receipt")
    await club.ann.see(shown, "5.00 EUR: paid", chat=moved)
    assert shown.buttons == []


async def test_what_waits_in_a_group_that_moves_unseen_is_told_when_it_changes(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    await club.said(club.bob, "/request 7 cake", in_group=True)
    moved = club.box.group(-1001000000200, "Club", members=[club.ann, club.bob])
    club.group.chat.moved_to = moved.id
    await club.bob.press(request, "Cancel")
    told = await club.ann.wait("no longer asks for 5.00 EUR", chat=moved)
    await club.box.idle()
    assert told.buttons == [] and not any("7.00" in message.words for message in moved.messages)


async def test_the_receipt_of_a_dialog_from_before_the_move_comes_where_the_group_is_now(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob", in_group=True)
    moved = club.box.group(-1001000000200, "Club", members=[club.ann, club.bob])
    club.group.chat.moved_to = moved.id
    alone = len(club.ann.private.messages)
    await club.ann.press(dialog)
    receipt = await club.ann.wait("Receipt", chat=moved)
    assert "Paid 5.00 EUR" in receipt.words and "balance" not in receipt.words
    await club.bob.wait("You received 5.00 EUR")
    await club.box.idle()
    assert len(club.ann.private.messages) == alone


async def test_what_is_asked_while_the_group_moves_is_answered_in_the_new_one(club: Club) -> None:
    await club.box.idle()
    moved = club.box.group(-1001000000200, "Club", members=[club.ann, club.bob])
    club.group.chat.moved_to = moved.id
    club.ann.skip()
    await club.ann.send("/pay 5 @bob", chat=club.group)
    dialog = await club.ann.wait("pay 5.00 EUR", chat=moved)
    await club.ann.press(dialog)
    await club.ann.see(dialog, "Receipt", chat=moved)


async def test_a_message_that_telegram_refuses_is_owned_up_to(club: Club) -> None:
    for reason in ("message is too long", "can't parse entities: Unsupported start tag", "BUTTON_DATA_INVALID"):
        club.box.fail("sendMessage", code=400, description=f"Bad Request: {reason}")
        assert "Something went wrong on my side" in (await club.said(club.ann, "/help")).words
    club.box.fail("sendMessage", times=2, code=400, description="Bad Request: message is too long")
    assert "Something went wrong" in (await club.said(club.ann, "/help", in_group=True)).words


async def test_a_press_whose_answer_telegram_refuses_is_answered(club: Club) -> None:
    request = await club.said(club.bob, "/request 5 tea", in_group=True)
    club.box.fail("sendMessage", times=2, code=400, description="Bad Request: message is too long")
    answer = await (await club.ann.press(request, "Pay")).answer()
    assert "Something went wrong" in answer.text and answer.alert
    club.box.fail("answerCallbackQuery", code=400, description="Bad Request: MESSAGE_TOO_LONG")
    assert (await (await club.bob.press(request, "Pay")).answer()).text
