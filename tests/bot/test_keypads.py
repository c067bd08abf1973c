"""A keypad's keys: each press is answered, once, to its person; what was typed is taken back, and it can be dropped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.handlers import pins
from bot.sandbox import Message, Person
from tests.bot.club import Club, open_club
from tests.bot.old_buttons import DEAD, old_button
from tests.bot.test_dialogs import asked
from tests.bot.test_faces import Looker, speaks
from tests.core.pinned import Pinned
from tests.core.story import Clock
from tests.e2e.test_pin import PIN, WRONG, enter
from wallet_core import DropKeypad, WalletCore

NEW = "9753"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def toasted(person: Person, message: Message, which: str | int) -> str:
    return (await (await person.press(message, which)).answer()).text


async def with_pin(club: Club, choice: str = "Ask always") -> Message:
    """Ann's; gives the message of /pin, as it says now."""
    shown = await club.said(club.ann, "/pin")
    choice = next(button.text for row in shown.buttons for button in row if choice in button.text)
    assert await toasted(club.ann, shown, choice) == ""
    keypad = await club.ann.wait("Your new PIN")
    for _ in range(2):
        await enter(club.ann, keypad, PIN)
    await club.ann.see(keypad, "Your PIN is set")
    return await club.said(club.ann, "/pin")


async def asked_for_it(club: Club) -> Message:
    """The keypad, once Ann has a PIN and pays."""
    await with_pin(club)
    await club.ann.press(await asked(club, club.ann, "/pay 1 @bob"))
    return await club.ann.wait("Your PIN, please, to pay 1.00 EUR")


async def test_each_key_is_answered_the_last_digit_taken_back_and_the_whole_dropped(club: Club) -> None:
    ann, keypad = club.ann, await asked_for_it(club)
    for key, then in (("2", "● ○ ○ ○"), ("4", "● ● ○ ○"), ("⌫", "● ○ ○ ○"), ("⌫", "○ ○ ○ ○")):
        assert await toasted(ann, keypad, key) == "", key
        await ann.see(keypad, then)
    code = keypad.buttons[0][0].value.partition(":")[2].partition(".")[0]
    made_up = old_button(club, ann.private, f"pin:{code}.zz")
    assert await toasted(ann, made_up, 0) == DEAD
    drop = keypad.buttons[-1][0]
    assert await toasted(ann, keypad, drop.value) == ""
    await ann.see(keypad, "No PIN entered")
    assert not keypad.buttons


async def test_what_comes_of_ok_is_said_and_a_lock_so_that_it_is_not_overlooked(club: Club) -> None:
    ann, keypad = club.ann, await asked_for_it(club)
    for left in (2, 1, 0):
        await enter(ann, keypad, WRONG, ok=False)
        said = await (await ann.press(keypad, "✅")).answer()
        assert said.alert == (left == 0) and said.text, left
    await ann.see(keypad, "Wrong three times")


async def test_what_asks_more_often_is_so_at_once_and_what_asks_less_needs_the_pin(club: Club) -> None:
    ann = club.ann
    shown = await with_pin(club, "Ask above 5.00")
    assert "when you pay more than 5.00 EUR" in shown.words
    assert await toasted(ann, shown, "Ask for new people too") == ""
    await ann.wait(lambda message: message is shown and message.button("Don't ask for new people") is not None)
    assert await toasted(ann, shown, "Don't ask for new people") == ""
    keypad = await ann.wait("Your PIN, please, so that I ask for it less often")
    await toasted(ann, keypad, "Cancel")
    await ann.see(keypad, "No PIN entered")
    assert await toasted(ann, shown, "Ask always") == ""
    await ann.see(shown, "I ask for it before every payment")
    assert not [each for each in ann.private.messages if "Your PIN, please" in each.words]
    assert await toasted(ann, shown, "Ask above 5.00 EUR") == ""
    keypad = await ann.wait("Your PIN, please")
    await enter(ann, keypad, PIN)
    await ann.wait(lambda message: message is keypad and not message.buttons)
    assert "when you pay more than 5.00 EUR" in (await club.said(ann, "/pin")).words
    for data in ("pinset:above.x", "pinset:above", "pinset:set.x", "pinset:set", "pinset:new.2", "pinset:x"):
        assert await toasted(ann, old_button(club, ann.private, data), 0) == DEAD, data


async def test_who_has_no_wallet_is_told_so_and_digits_in_pieces_are_a_pin_too(club: Club) -> None:
    assert "no wallet yet" in (await club.said(club.eve, "/pin")).words
    assert "deleted your message" in (await club.said(club.ann, "/pin 24 68")).words
    assert not [each for each in club.ann.private.messages if "24 68" in each.words]


async def test_a_pin_is_changed_and_removed_by_who_knows_it_and_kept_by_who_did_not_forget_it(club: Club) -> None:
    ann = club.ann
    shown = await with_pin(club)
    assert await toasted(ann, shown, "Change the PIN") == ""
    keypad = await ann.wait("Your PIN as it is now, please")
    for pin in (PIN, NEW, NEW):
        await enter(ann, keypad, pin)
    await ann.see(keypad, "Your PIN is another one from now on")
    await club.said(ann, "/pinreset @ann")
    asked_first = await ann.wait(lambda message: message.button("Keep my PIN") is not None)
    assert await toasted(ann, asked_first, "Keep my PIN") == "Your PIN stays."
    assert await toasted(ann, shown, "Remove the PIN") == ""
    keypad = await ann.wait("Your PIN, please, for the last time")
    await enter(ann, keypad, NEW)
    await ann.see(keypad, "You have no PIN any more")


async def test_a_keypad_that_waits_stays_as_its_presses_left_it_and_one_that_is_over_says_so(
    core: WalletCore, clock: Clock
) -> None:
    teller = Pinned(core, clock)
    await teller.tell("open ann\nset ann 2468\nchange ann")
    await speaks(teller, "ann", "fr")
    look, code = Looker(teller, pins.shown), teller.pad.code
    alone = look.alone("ann")
    assert await look.show(core, code, alone, "TestBot") is None
    await core.run(DropKeypad(code=code, person=teller.person("ann")))
    assert await look.says(code, alone) == "✖️ No PIN entered. Nothing was changed, nothing was moved."
    assert (await look.state(code, alone), (await look.face(code, alone)).own) == ("final heard", "fr")
