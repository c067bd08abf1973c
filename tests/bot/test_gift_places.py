"""Where a gift is shown: what a press may change there, what a link says, and where an offer stands."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.sandbox import Message, Sandbox
from bot.transport import pace
from bot.words.gifts import CLAIM
from tests.bot.club import CODE, Club, open_club, running, settings_for
from tests.bot.old_buttons import old_button
from tests.e2e.inline import card
from tests.fresh import begin_books
from wallet_core import currency


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def gift_of_two(club: Club) -> tuple[Message, str]:
    """Ann's gift of 5.00 each, and the code of its link."""
    club.ann.skip()
    await club.ann.send("/gift 10 for 2")
    made = await club.ann.wait("start=g_")
    return made, made.words.partition("start=g_")[2].split()[0]


async def test_a_share_claimed_through_the_link_is_told_once_and_no_message_of_theirs_becomes_the_card(
    club: Club,
) -> None:
    made, code = await gift_of_two(club)
    stands = old_button(club, club.bob.private, f"{CLAIM}:{code}")
    assert "5.00 EUR from" in (await (await club.bob.press(stands)).answer()).text
    await club.bob.wait("your share of a gift")
    await club.eve.start(f"g_{code}")
    await club.eve.wait("your share of a gift")
    await club.ann.see(made, "All of it is claimed")
    await club.box.idle()
    assert stands.words == "as it was"
    assert not any("already" in message.words for message in club.eve.private.messages)


async def test_a_card_that_is_kept_changes_no_message_that_shows_another_gift(club: Club) -> None:
    _, code = await gift_of_two(club)
    first, second = await card(club.ann, f"g_{code}", "Your gift"), await card(club.ann, "5 tea", "Give")
    await (await club.bob.press(first, "Claim")).answer()
    await club.ann.see(first, "5.00 EUR is left", chat=first.chat)
    back = second.button("Take back")
    assert back is not None
    assert "Nothing was moved" in (await (await club.ann.press(first, back.value)).answer()).text
    await club.box.idle()
    assert "5.00 EUR is left" in first.words
    assert (await (await club.bob.press(second, "Claim")).answer()).alert  # taken back all the same


async def test_a_gift_that_was_shared_can_be_taken_back_where_nobody_has_pressed_yet(club: Club) -> None:
    made, code = await gift_of_two(club)
    shared = await card(club.ann, f"g_{code}", "Your gift")
    assert "10.00 EUR came back" in (await (await club.ann.press(shared, "Take back")).answer()).text
    await club.ann.see(shared, "took 10.00 EUR back", chat=shared.chat)
    await club.ann.see(made, "took 10.00 EUR back")
    assert not shared.buttons


async def test_a_gift_for_a_stranger_is_offered_in_the_group_also_where_much_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "CROWDED", 1)
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box:
        club = Club(box)
        async with running(settings_for(box, tmp_path)):
            await club.begin()
        async with running(settings_for(box, tmp_path, telegram_limits="on")):
            assert "/pay 5 @bob" in (await club.said(club.bob, "/help", in_group=True)).words
            club.bob.skip()
            await club.bob.send("/help", chat=club.group)
            assert "/pay 5 @bob" in (await club.bob.next()).words, "in private"
            await club.ann.send("/pay 5 @nobody_known", chat=club.group)
            offer = await club.ann.wait("@nobody_known", chat=club.group)
            assert offer.buttons


async def test_of_a_card_without_a_place_or_with_an_unknown_name_nothing_becomes(
    club: Club, logged: Callable[[], str]
) -> None:
    logged()
    posted = {"from": club.ann.raw, "query": "5"}
    for what in ({"result_id": "x", "inline_message_id": "AAAA"}, {"result_id": f"p_{CODE}"}):
        club.box.inject({"chosen_inline_result": posted | what})
    assert "20.00 EUR" in (await club.said(club.ann, "/balance")).words
    assert "rror" not in logged()
