"""What newer apps show, and what a server that does not know it is sent instead; once learned it is not tried again."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.sandbox import Message, Person, Sandbox
from tests.bot.club import Club, open_club, running, settings_for


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def paid(club: Club) -> Message:
    """Bob's receipt of a payment of Ann's."""
    dialog = await club.said(club.ann, "/pay 5 @bob tea")
    club.bob.skip()
    await club.ann.press(dialog)
    await club.ann.see(dialog, "Receipt")
    return await club.bob.wait("You received 5.00 EUR")


def looks(message: Message) -> list[str | None]:
    rows = message.raw.get("reply_markup", {}).get("inline_keyboard", [])
    return [button.get("style") for row in rows for button in row]


def times(message: Message) -> list[str]:
    return [e["date_time_format"] for e in message.raw.get("entities", []) if e["type"] == "date_time"]


def refused(club: Club) -> int:
    return sum(call.status == 400 for call in club.box.calls)


async def offered(club: Club, person: Person, text: str, *, in_group: bool = False) -> Message:
    """The next message with buttons; receipts may come before it."""
    chat = club.group if in_group else None
    person.skip(chat=chat)
    await person.send(text, chat=chat)
    return await person.wait(lambda said: bool(said.buttons), chat=chat)


async def test_confirm_is_green_and_cancel_is_red(club: Club) -> None:
    assert looks(await offered(club, club.ann, "/pay 5 @bob")) == ["success", "danger"]
    assert looks(await offered(club, club.ann, "/issue 5 @bob")) == ["success", "danger"]
    assert looks(await offered(club, club.bob, "/request 5", in_group=True)) == ["success", "danger", None]
    assert looks(await offered(club, club.ann, "/gift 1 for 2", in_group=True)) == ["success", "danger", None]
    assert looks(await offered(club, club.ann, "/pay 5 @newcomer")) == ["success"]
    assert looks(await offered(club, club.ann, "/split 6 pizza", in_group=True)) == ["success", None, None, "danger"]


async def test_the_time_of_a_receipt_is_shown_in_everybodys_own_zone_and_its_code_is_copied_with_a_press(
    club: Club,
) -> None:
    receipt = await paid(club)
    code = receipt.words.partition("Receipt: ")[2].split()[0]
    assert times(receipt) == ["dT"]
    button = receipt.button("Receipt code")
    assert button is not None and button.kind == "copy_text" and code in button.value
    assert refused(club) == 0


async def test_an_older_server_is_sent_the_same_without_and_asked_once(club: Club) -> None:
    club.box.older("tg-time", "copy_text", "style")
    receipt = await paid(club)
    assert "When: 20" in receipt.words and not times(receipt) and receipt.button("Receipt code") is None
    assert receipt.button("Give back") is not None
    assert looks(await club.said(club.ann, "/pay 5 @bob")) == [None, None]
    learned = refused(club)
    assert 1 <= learned <= 4  # two people are told at once
    await paid(club)
    assert "open until" in (await club.said(club.bob, "/request 5")).words.lower()
    assert refused(club) == learned


async def test_what_a_server_refuses_for_another_reason_is_not_sent_again(club: Club) -> None:
    before = len(club.box.calls)
    club.box.fail("sendPhoto", code=400, description='Bad Request: can\'t parse entities: Unsupported start tag "x"')
    shown = await club.said(club.bob, "/request 5")
    assert times_in_caption(shown) == ["dt"]
    assert len([call for call in list(club.box.calls)[before:] if call.method == "sendPhoto"]) == 1


def times_in_caption(message: Message) -> list[str]:
    entities = [*message.raw.get("caption_entities", []), *message.raw.get("entities", [])]
    return [e["date_time_format"] for e in entities if e["type"] == "date_time"]


def standing(club: Club) -> int:
    return len([message for message in club.group.messages if not message.deleted])


async def asked_in_group(club: Club, person: Person) -> tuple[Message, Message]:
    """Bob's request, and the question of somebody who pressed below it."""
    await club.box.idle()
    club.bob.skip(chat=club.group)
    await club.bob.send("/request 5 tea", chat=club.group)
    picture = await club.bob.wait(lambda said: said.button("Pay") is not None, chat=club.group)
    person.skip(chat=club.group)
    await person.press(picture, "Pay")
    return picture, await person.wait("pay 5.00 EUR", chat=club.group)


async def taken_away(club: Club, message: Message) -> None:
    if not message.deleted:
        await club.box.called("deleteMessage", lambda call: call.params["message_id"] == message.id)
    assert message.deleted


async def test_a_request_paid_in_a_group_leaves_its_picture_marked_as_paid_and_nothing_else(club: Club) -> None:
    club.box.callbacks_twice = True
    before = standing(club)
    picture, dialog = await asked_in_group(club, club.ann)
    club.ann.skip()
    for press in [await club.ann.press(dialog) for _ in range(2)]:
        assert "Paid 5.00 EUR to “Bob" in (await press.answer()).text
    assert "Your balance: 15.00 EUR" in (await club.ann.wait("Paid 5.00 EUR")).words
    await club.ann.see(picture, "5.00 EUR: paid", chat=club.group)
    await taken_away(club, dialog)
    assert not picture.buttons and standing(club) == before + 2  # what Bob wrote, and the picture


async def test_the_questions_of_others_go_with_the_request_that_one_has_paid(club: Club) -> None:
    cleo = club.box.person(1004, "Cleo", username="cleo")
    club.group.add(cleo)
    await cleo.start()
    picture = await club.said(club.ann, "/request 5 tea", in_group=True)
    dialogs = []
    for person in (club.bob, cleo):
        await club.issue("9", person)
        person.skip(chat=club.group)
        await person.press(picture, "Pay")
        dialogs.append(await person.wait("pay 5.00 EUR", chat=club.group))
    await club.bob.press(dialogs[0])
    for dialog in dialogs:
        await taken_away(club, dialog)
    await club.ann.see(picture, "5.00 EUR: paid", chat=club.group)


async def test_where_it_may_not_be_taken_away_the_question_becomes_the_receipt(club: Club) -> None:
    _, dialog = await asked_in_group(club, club.ann)
    club.box.fail("deleteMessage", code=400, description="Bad Request: message can't be deleted for everyone")
    await club.ann.press(dialog)
    await club.ann.see(dialog, "Paid 5.00 EUR", chat=club.group)
    assert "balance" not in dialog.words and not dialog.buttons


async def test_who_can_not_be_written_to_has_the_receipt_in_the_group(club: Club) -> None:
    _, dialog = await asked_in_group(club, club.ann)
    club.ann.block()
    await club.ann.press(dialog)
    await club.ann.see(dialog, "Receipt", chat=club.group)
    assert "balance" not in dialog.words and not dialog.buttons


async def test_who_was_told_in_private_is_not_told_again_because_the_group_is_slow(club: Club) -> None:
    _, dialog = await asked_in_group(club, club.ann)
    club.box.fail("deleteMessage", times=2, code=429, description="Too Many Requests: retry after 1", retry_after_s=1)
    before = len(club.ann.private.messages)
    club.ann.skip()
    await club.ann.press(dialog)
    await club.ann.wait("Receipt")
    await taken_away(club, dialog)
    await club.box.idle()
    assert len(club.ann.private.messages) == before + 1


async def test_a_gift_can_be_shared_by_whoever_gives_it(club: Club) -> None:
    gift = await club.said(club.ann, "/gift 4", in_group=True)
    share = gift.button("Share")
    assert share is not None and share.kind == "switch_inline_query_chosen_chat"
    code = re.findall(r"g_[\w-]+", share.value)[0]
    [offered] = await (await club.ann.inline(code)).results()
    assert offered["id"] == code
    assert await (await club.bob.inline(code)).results() == []
    await club.bob.press(gift)
    await club.bob.see(gift, "All of it is claimed", chat=club.group)
    assert gift.button("Share") is None


async def test_a_bot_without_inline_mode_shares_by_a_link(tmp_path: Path) -> None:
    async with Sandbox() as box:
        box.has_inline_mode = False
        async with running(settings_for(box, tmp_path)):
            club = Club(box)
            await club.begin()
            for text in ("/request 5", "/gift 1", "/qr"):
                club.ann.skip()
                await club.ann.send(text)
                shown = await club.ann.wait(lambda said: said.button("Share") is not None)
                link = next(word for word in shown.words.split() if "?start=" in word)
                button = shown.button("Share")
                assert button is not None and button.kind == "url"
                assert button.value == f"https://t.me/share/url?url={quote(link, safe='')}"


async def test_what_is_paid_or_claimed_keeps_a_button_that_says_so_and_can_not_be_pressed(club: Club) -> None:
    picture, dialog = await asked_in_group(club, club.ann)
    gift = await club.said(club.ann, "/gift 1", in_group=True)
    await club.ann.press(dialog)
    await club.bob.press(gift)
    await club.ann.see(picture, "5.00 EUR: paid", chat=club.group)
    await club.ann.see(gift, "All of it is claimed", chat=club.group)
    assert (picture.disabled, gift.disabled) == (["✅ Paid"], ["✅ Claimed"])
    assert not picture.buttons and not gift.buttons and refused(club) == 0


async def test_on_an_older_server_that_button_goes_and_the_code_can_still_be_copied(club: Club) -> None:
    club.box.older("disabled")
    for _ in range(2):
        picture, dialog = await asked_in_group(club, club.ann)
        club.bob.skip()
        await club.ann.press(dialog)
        await club.ann.see(picture, "5.00 EUR: paid", chat=club.group)
        assert not picture.disabled and not picture.buttons
        assert (await club.bob.wait("You received 5.00 EUR")).button("Receipt code") is not None
    assert refused(club) == 1
