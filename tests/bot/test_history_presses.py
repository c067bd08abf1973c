"""The buttons of a history where they should not stand, or with what none of them says: nothing of it is shown."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.club import Club, open_club
from tests.bot.old_buttons import DEAD, old_button


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    """Ann has paid Bob for coffee."""
    async with open_club(tmp_path) as opened:
        await opened.ann.press(await opened.said(opened.ann, "/pay 5 @bob Coffee"))
        await opened.ann.wait("Receipt")
        await opened.box.idle()
        yield opened


async def test_nobodys_money_is_shown_in_a_group_whatever_button_is_pressed_there(club: Club) -> None:
    shown = await club.said(club.ann, "/history")
    data = [button.value for row in shown.buttons for button in row]
    await (await club.ann.press(shown, "1")).answer()
    data += [button.value for row in shown.buttons for button in row if button.kind == "callback_data"]
    assert {each.partition(":")[0] for each in data} == {"hrec", "hkind", "again", "hist"}
    for each in data:
        stands = old_button(club, club.group.chat, each)
        answer = await (await club.ann.press(stands)).answer()
        assert (answer.text, stands.words) == (DEAD, "as it was"), each


async def test_a_button_that_names_no_entry_or_what_is_not_ones_own_to_pay_says_that_it_is_dead(club: Club) -> None:
    shown = await club.said(club.ann, "/history")
    first = shown.buttons[0][0].value
    await (await club.ann.press(shown, "1")).answer()
    again = next(button.value for row in shown.buttons for button in row if button.value.startswith("again:"))
    for person, data in ((club.ann, f"{first[:-1]}9"), (club.ann, "hrec:a:1.10"), (club.bob, again)):
        stands = old_button(club, person.private, data)
        answer = await (await person.press(stands)).answer()
        assert (answer.text, stands.words) == (DEAD, "as it was"), data


async def test_eight_entries_are_on_a_page(club: Club) -> None:
    for number in range(1, 8):
        dialog = await club.said(club.ann, f"/pay 0.0{number} @bob")
        await club.ann.press(dialog)
        await club.ann.see(dialog, "Receipt")
        shown = await club.said(club.ann, "/history")
        assert (shown.button("Older") is not None) == (number == 7), number
