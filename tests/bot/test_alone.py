"""Who may not must not: what operators alone do, what is for one person's eyes, buttons that somebody makes up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.words import limits, picks
from bot.words.people import LANGUAGE
from bot.words.requests import WHOM
from tests.bot.club import Club, open_club
from tests.bot.test_cash import toasted
from tests.bot.test_dialogs import asked
from tests.e2e.test_guided import keyboard

OPERATORS_ALONE = (
    "/issue", "/issue 5", "/issue tea @ann", "/issue\n@ann x", "/limit", "/limit 50 a day", "/limit @ann",
    "/limit @ann 5 a day", "/move", "/move @ann", "/move @ann 1003", "/pinreset", "/pinreset @ann",
)  # fmt: skip
IN_PRIVATE_ALONE = (
    "/limits", "/limits 5 a day", "/limit", "/limit @bob", "/limit @bob 5 a day", "/qr", "/qr 5 tea", "/qr print",
    "/id", "/pin", "/pin above 5", "/pin tea", "/pinreset", "/pinreset @bob", "/move", "/move @bob 1003",
)  # fmt: skip
NO_BUTTON = "This button doesn't work any more"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def test_who_is_no_operator_learns_nothing_about_what_operators_do(club: Club) -> None:
    for text in OPERATORS_ALONE:
        assert "Only an operator" in (await club.said(club.bob, text)).words, text
    for table in (b"@ann;5", b"\xff", b"x" * 1_000_001):
        club.bob.skip()
        await club.bob.send_document(table, file_name="may.csv", mime_type="text/csv", caption="/issue")
        assert "Only an operator" in (await club.bob.next()).words
    assert "A day: no limit" in (await club.said(club.ann, "/limits")).words


async def test_what_is_for_one_person_alone_is_not_said_where_others_read_it(club: Club) -> None:
    for text in IN_PRIVATE_ALONE:
        said = await club.said(club.ann, text, in_group=True)
        assert "That works in private only" in said.words and not said.buttons, text
    assert "A day: no limit" in (await club.said(club.ann, "/limits")).words
    assert "You have none" in (await club.said(club.ann, "/pin")).words
    said = await club.said(club.ann, "/start", in_group=True)
    assert "t.me/TuppenceBot?start=" in said.words and "0.00" not in said.words


async def test_a_made_up_button_begins_nothing_in_a_group_that_is_asked_in_private(club: Club) -> None:
    bob, begun = club.bob, []
    for pay in (f"{picks.CHOOSE}:{{}}:any", f"{picks.AMOUNT}:{{}}:any", f"{picks.NO_MEMO}:{{}}"):
        request = await asked(club, bob, "/request 5 tea", in_group=True)
        code = request.words.partition("Code: r_")[2].split()[0]
        whom = await asked(club, bob, "🧾 Ask")
        begun.append(whom.buttons[0][0].value.split(":")[1])
        if not pay.startswith(picks.CHOOSE):
            await bob.press(whom, "Whoever scans it")
            much = await bob.wait("How much do you ask for")
            await bob.see(whom, "Whoever scans it")
        if pay.startswith(picks.NO_MEMO):
            await bob.press(much, "5.00 EUR")
            await bob.wait("What is it for")
            await bob.see(much, "💶 5.00 EUR")
        for data in (pay.format(begun[-1]), f"{WHOM}:{code}"):
            assert NO_BUTTON in await toasted(bob, request, data), data
        for nonsense in ("nobody", "1:nobody", "x:any", ""):
            data = f"{pay.partition(':')[0]}:{nonsense}"
            assert NO_BUTTON in await toasted(bob, whom, data), data
        assert "Dropped" in (await club.said(bob, "/cancel")).words, "it waits as before"


async def test_a_made_up_language_is_none_and_one_that_there_is_is_not_announced_to_a_group(club: Club) -> None:
    said = await asked(club, club.bob, "/request 5 tea", in_group=True)
    for tag in ("tlh", "", "en.x"):
        assert NO_BUTTON in await toasted(club.bob, said, f"{LANGUAGE}:{tag}"), tag
    before = len(club.group.messages)
    assert await toasted(club.bob, said, f"{LANGUAGE}:de") == ""
    assert "Dein Guthaben" in (await club.said(club.bob, "/balance")).words
    assert len(club.group.messages) == before and said.buttons
    assert await toasted(club.bob, await asked(club, club.bob, "/language"), "English") == ""
    await club.bob.wait("Your buttons speak it too")
    assert "💰 Balance" in [button for row in keyboard(club.bob) for button in row]


async def test_who_is_new_is_told_of_their_wallet_before_what_a_link_opens_and_others_are_not(club: Club) -> None:
    request = await asked(club, club.bob, "/request 5 tea")
    code = request.words.partition("Code: ")[2].split()[0]
    for person, is_new in ((club.eve, True), (club.ann, False)):
        person.skip()
        await person.start(code)
        first = await person.next()
        assert ("Your wallet is open" in first.words) == is_new, first.words


async def test_what_is_made_up_keeps_and_drops_nothing_and_what_is_dropped_twice_is_said_once(club: Club) -> None:
    bob = club.bob
    whom = await asked(club, bob, "💶 Pay")
    for data in (f"{picks.DROP}:x", f"{picks.DROP}:", f"{limits.KEEP}:x", f"{limits.KEEP}:"):
        assert NO_BUTTON in await toasted(bob, whom, data), data
    number = whom.buttons[0][0].value.split(":")[1]
    for more in (1, 0):
        before = len([each for each in bob.private.messages if each.from_bot])
        assert await toasted(bob, whom, f"{picks.DROP}:{number}") == ""
        await club.box.idle()
        assert len([each for each in bob.private.messages if each.from_bot]) == before + more
