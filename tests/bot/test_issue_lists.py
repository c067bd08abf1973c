"""New money for many at once: what is a list and what is a note, asked once, and answered wherever it stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.handlers import issue_lists
from bot.sandbox import Message
from tests.bot.club import Club, open_club
from tests.bot.test_cash import said_once, spoken, toasted
from tests.bot.test_dialogs import asked, forgotten
from tests.bot.test_faces import Looker, speaks
from tests.core.story import Storyteller
from wallet_core import CancelIssueList, ConfirmIssueList, IssueLine, MakeIssueList


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        for person in (opened.eve, opened.box.person(1004, "Zoe", username="zoe")):
            await person.start()
            await person.wait("balance")
        yield opened


async def sent(club: Club, table: bytes, caption: str = "/issue") -> Message:
    """What the bot says to a file."""
    await club.box.idle()
    club.ann.skip()
    await club.ann.send_document(table, file_name="may.csv", mime_type="text/csv", caption=caption)
    return await club.ann.next()


async def test_lines_below_the_command_are_a_list_and_words_behind_it_a_note(club: Club) -> None:
    for text, *parts in (
        ("/issue\n@bob 1\n1003 2", "3.00 EUR in all, to 2 people?"),
        ("/issue\n@bob 1", "1.00 EUR in all, to 1 person?"),
        ("/issue 2 @bob @zoe for tea", "4.00 EUR in all, to 2 people?", "For: for tea"),
        ("/issue @bob @zoe 2", "4.00 EUR in all, to 2 people?"),
        ("/issue 5 @bob tea\nand cake", "Issue 5.00 EUR to Bob", "For: tea and cake"),
        ("/issue 5 @bob\ncake", "Issue 5.00 EUR to Bob", "For: cake"),
        ("/issue 5\n@bob", "Issue 5.00 EUR to Bob"),
        ("/issue 5 @bob lunch @zoe", "Issue 5.00 EUR to Bob", "For: lunch @zoe"),
    ):
        dialog = await asked(club, club.ann, text)
        assert all(part in dialog.words for part in parts), (text, dialog.words)
        assert ("For:" in dialog.words) == (len(parts) == 2), (text, dialog.words)
    for text, why in (
        ("/issue", "Like this: /issue 5 @bob"),
        ("/issue @bob", "Like this: /issue 5 @bob"),
        ("/issue\n@bob x", "Line 2: “x” is no amount"),
        ("/issue\n@bob", "Line 2: “” is no amount"),
        ("/issue\n5 tea", "Line 2: “5” is no @name"),
        ("/issue\n@bob 5 tea", "Line 2: “tea” is no amount"),
        ("/issue 5 @bob @nobody_here", "Line 2: I don't know @nobody_here"),
    ):
        assert why in (await club.said(club.ann, text)).words, text


async def test_who_has_no_name_is_in_a_list_as_anybody(club: Club) -> None:
    club.ann.skip()
    await club.ann.send("/issue 2 @bob Eve", mentions={"Eve": club.eve})
    dialog = await club.ann.wait(lambda message: bool(message.buttons))
    assert "4.00 EUR in all, to 2 people?" in dialog.words


async def test_a_file_of_a_million_bytes_is_read_a_longer_one_is_not_and_its_caption_is_the_note(club: Club) -> None:
    table = b"@bob;5\n1003;2,50\n"
    dialog = await sent(club, table.ljust(1_000_000, b"\n"), "/issue for May")
    assert "7.50 EUR in all, to 2 people?" in dialog.words and "For: for May" in dialog.words
    assert "too big" in (await sent(club, table.ljust(1_000_001, b"\n"))).words
    assert "save it as CSV in UTF-8" in (await sent(club, b"@bob;\xff\n")).words
    assert "Line 1: a person and an amount, two columns" in (await sent(club, b"@bob;5;6\n")).words


@pytest.mark.parametrize(
    ("text", "dropped", "issued", "said"),
    [
        ("/issue 1 @bob @zoe tea", "2.00 EUR for a list of 2", "Issued 2.00 EUR in all", "Issued 2.00 EUR."),
        ("/issue 1 @bob tea", "1.00 EUR to Bob", "Issued 1.00 EUR", "Issued 1.00 EUR to “Bob"),
    ],
)
async def test_new_money_is_asked_about_once_and_answered_wherever_the_question_stands(
    club: Club, text: str, dropped: str, issued: str, said: str
) -> None:
    ann = club.ann
    dialog = await asked(club, ann, text)
    await said_once(club, ann, spoken(ann))
    assert dropped in (await club.said(ann, "/cancel")).words
    await ann.see(dialog, "not issued, nothing was moved")
    for press, answer, then in (("✅", said, issued), ("Cancel", "Nothing was moved", "not issued, nothing was moved")):
        dialog = await asked(club, ann, text)
        twin = forgotten(club, dialog)
        assert answer in await toasted(ann, twin, press)
        for message in (dialog, twin):
            await ann.see(message, then)
            assert not message.buttons


async def test_what_stands_of_a_list_is_final_once_it_is_over(teller: Storyteller) -> None:
    await teller.tell("open operator")
    await speaks(teller, "operator", "fr")
    operator, look = teller.person("operator"), Looker(teller, issue_lists.shown)
    for name in ("yes", "no"):
        lines = tuple(IssueLine(nth, teller.payee(who), teller.money("3.00")) for nth, who in ((1, "ann"), (2, "bob")))
        made = await teller.core.run(MakeIssueList(by=operator, lines=lines, key=f"key of {name}", memo=""))
        teller.codes[name] = made.code
    assert await look.labels("yes") == ["✅ Issue 6.00 EUR", "✖️ Cancel"]
    assert (await look.state("yes"), (await look.face("yes")).own) == ("buttons heard", "fr")
    await teller.core.run(ConfirmIssueList(code=teller.codes["yes"], person=operator))
    await teller.core.run(CancelIssueList(code=teller.codes["no"], person=operator))
    assert (await look.state("yes"), await look.state("no")) == ("final heard", "final heard")
