"""Words in private answer the one question that they fit, and nothing else is said to them."""

from pathlib import Path

from tests.bot.test_cash import ACCOUNT, BY_BOTH, cash_club
from tests.bot.test_dialogs import asked


async def test_an_account_answers_to_which_account_also_while_somebody_is_asked_whom(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        which = await asked(club, club.ann, "/withdraw 2")
        await club.ann.press(which, "Bank")
        await club.ann.see(which, "To which account?")
        assert "Whom do you want to pay?" in (await club.said(club.ann, "/pay")).words
        assert "Transfer 2.00 EUR to your account" in (await club.said(club.ann, ACCOUNT)).words


async def test_a_name_that_answers_whom_is_answered_and_nothing_else_is_said(tmp_path: Path) -> None:
    async with cash_club(tmp_path) as club:
        await club.said(club.ann, "/pay")
        await club.box.idle()
        spoken = await club.ann.send("@bob")
        await club.ann.wait("How much")
        await club.box.idle()
        assert [each.words.partition("\n")[0] for each in club.ann.private.messages if each.id > spoken.id] == [
            "👤 Bob <b> (@bob)",
            "How much do you want to pay to Bob <b> (@bob)?",
        ]
        spoken = await club.ann.send("2")
        await club.ann.wait("What is it for?")
        await club.box.idle()
        said = [each.words.partition("?")[0] for each in club.ann.private.messages if each.id > spoken.id]
        assert said == ["What is it for"]
