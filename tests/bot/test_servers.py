"""Other Bot API servers: older, newer, of one's own. What they leave out or cannot do must not stop the bot."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.bot.club import Club, open_club, running, settings_for
from tests.e2e.world import MEMO


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def message_from(club: Club, text: str) -> dict[str, object]:
    user = {"id": club.ann.id, "is_bot": False, "first_name": "Ann", "username": "ann"}
    chat = {"id": club.ann.id, "type": "private", "first_name": "Ann"}
    return {"message_id": 5_000, "date": int(time.time()), "chat": chat, "from": user, "text": text}


async def test_an_update_that_cannot_be_read_hurts_no_other_and_shows_in_no_log(
    club: Club, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    poll = {"id": "1", "question": MEMO}  # of another version: the library wants more
    club.box.inject({"message": {**message_from(club, MEMO), "poll": poll}})
    assert "20.00" in (await club.said(club.ann, "/balance")).words
    out, err = capfd.readouterr()
    assert MEMO not in caplog.text + out + err
    await club.box.idle()


async def test_a_command_is_recognised_without_entities(club: Club) -> None:
    club.ann.skip()
    club.box.inject({"message": message_from(club, "/balance")})
    assert "20.00" in (await club.ann.next()).words
    club.box.inject({"message": {**message_from(club, "/pay 5 @bob tea"), "message_id": 5_001}})
    assert "Pay 5.00 EUR" in (await club.ann.next()).words


async def test_a_press_that_comes_without_its_keyboard_turns_the_dialog_into_the_receipt(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    bare = {"message_id": dialog.id, "date": 1, "chat": {"id": club.ann.id, "type": "private"}}
    user = message_from(club, "")["from"]
    data = dialog.buttons[0][0].value
    club.box.inject({"callback_query": {"id": "77", "from": user, "chat_instance": "1", "data": data, "message": bare}})
    await club.ann.wait("Your balance: 15.00 EUR")
    assert "Receipt" in dialog.words and not dialog.buttons


async def test_a_server_without_webhooks_or_menus_serves(tmp_path: Path) -> None:
    async with Sandbox() as box:
        box.fail("deleteWebhook", times=9, code=404, description="Not Found")
        box.fail("setMyCommands", times=9, code=404, description="Not Found")
        box.fail("getMe", code=429, retry_after_s=1)
        async with running(settings_for(box, tmp_path)):
            ann = box.person(1001, "Ann")
            await ann.start()
            await ann.wait("balance")


async def test_a_moment_of_not_found_while_polling_does_not_end_the_bot(club: Club) -> None:
    club.box.fail("getUpdates", code=404, description="Not Found")
    assert "20.00" in (await club.said(club.ann, "/balance")).words


async def test_the_amount_that_was_asked_for_has_its_dialog_also_when_an_answer_broke_off(club: Club) -> None:
    await club.said(club.ann, "/pay @bob")
    club.box.fail("sendMessage", code=502, description="Bad Gateway")
    dialog = await club.said(club.ann, "7.50")
    assert "Pay 7.50 EUR" in dialog.words and dialog.buttons


async def test_an_album_in_a_group_is_not_talked_about(club: Club) -> None:
    chat = {"id": club.group.id, "type": "supergroup", "title": "Club"}
    photo = [{"file_id": "x", "file_unique_id": "x", "width": 10, "height": 10}]
    for number in range(12):
        album = {**message_from(club, ""), "chat": chat, "photo": photo, "message_id": 6_000 + number}
        del album["text"]
        club.box.inject({"message": album})
    await club.box.idle()
    assert not [message for message in club.group.messages if message.from_bot]


async def test_a_picture_that_cannot_be_marked_as_paid_holds_back_no_receipt(club: Club) -> None:
    request = await club.said(club.bob, "/request 3", in_group=True)
    club.box.fail("editMessageCaption", times=50, code=500, description="Internal Server Error")
    await club.ann.press(request, "Pay")
    await club.ann.press(await club.ann.wait("pay 3.00 EUR", chat=club.group))
    await club.bob.wait("You received 3.00 EUR")
    await club.ann.press(await club.said(club.ann, "/pay 1 @bob"))
    await club.bob.wait("You received 1.00 EUR", timeout_s=5)


async def test_who_unblocks_and_writes_anything_is_told_what_waited(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    club.bob.block()
    await club.ann.press(dialog)
    await club.ann.wait("Your balance: 15.00 EUR")
    club.bob.unblock()
    club.bob.rename(name="Bob the second")  # not the one of a minute ago
    club.bob.skip()
    await club.bob.send("/balance")
    await club.bob.wait("You received 5.00 EUR")
