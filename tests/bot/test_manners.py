"""What newer apps show, and what a server that does not know it is sent instead; once learned it is not tried again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from tests.bot.club import Club, open_club


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


async def test_confirm_is_green_and_cancel_is_red(club: Club) -> None:
    assert looks(await club.said(club.ann, "/pay 5 @bob")) == ["success", "danger"]
    assert looks(await club.said(club.ann, "/issue 5 @bob")) == ["success", "danger"]
    assert looks(await club.said(club.bob, "/request 5", in_group=True)) == ["success", "danger"]


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
