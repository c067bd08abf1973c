"""Of whom somebody hears nothing is said to them alone."""

from collections.abc import Callable
from pathlib import Path

from tests.bot.club import open_club
from tests.bot.old_buttons import old_button
from tests.bot.test_cash import toasted


async def test_in_a_group_nobody_is_blocked_and_nobody_who_is_blocked_is_named(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        assert "@bob" in (await club.said(club.ann, "/block @bob")).words
        for text in ("/blocked", "/block @bob", "/unblock @bob"):
            said = await club.said(club.ann, text, in_group=True)
            assert "in private only" in said.words and "bob" not in said.words.lower(), text
        assert "@bob" in (await club.said(club.ann, "/blocked")).words


async def test_where_an_asker_was_blocked_that_stands_and_a_button_pressed_elsewhere_changes_nothing(
    tmp_path: Path, logged: Callable[[], str]
) -> None:
    async with open_club(tmp_path) as club:
        ann, bob = club.ann, club.bob
        await ann.press(await club.said(ann, "/pay 1 @bob"))
        await bob.wait("You received 1.00 EUR")
        pictures = [await club.said(bob, f"/request {amount} @ann") for amount in (3, 4)]
        question, another = [await ann.wait(f"asks you for {amount}.00 EUR") for amount in (3, 4)]
        block = question.button("Block Bob")
        assert block is not None
        elsewhere = old_button(club, ann.private, "another")
        assert "You hear nothing more of" in await toasted(ann, elsewhere, block.value)
        await club.box.idle()
        assert elsewhere is ann.private.messages[-1] and elsewhere.words == "as it was" and "rror" not in logged()
        assert "You hear nothing more of" in await toasted(ann, question, block.value)
        await ann.see(question, "You hear nothing more of")
        for picture in pictures:
            await toasted(bob, picture, "Cancel")
        await ann.see(another, "no longer asks")
        assert "You hear nothing more of" in question.words
