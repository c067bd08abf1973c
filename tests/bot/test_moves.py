"""Two operators move a wallet: asked and agreed in the chats of both, pressed wherever the question stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.handlers import moves
from bot.sandbox import Sandbox
from bot.words.links import Place
from bot.words.moves import AGREE
from tests.bot.club import Club, running, settings_for
from tests.bot.test_cash import labels, toasted
from tests.bot.test_dialogs import asked, forgotten
from tests.bot.test_faces import Looker, speaks
from tests.core.story import OPERATOR, Clock
from tests.core.test_moves import SECOND, Mover
from tests.fresh import begin_books
from wallet_core import Rules, WalletCore, currency

BOTH = frozenset({1001, 1002})


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path).model_copy(update={"admin_ids": BOTH})):
        opened = Club(box)
        await opened.begin()
        yield opened


async def test_a_move_is_agreed_to_and_stopped_wherever_its_question_stands(club: Club) -> None:
    ann, bob, eve, zoe = club.ann, club.bob, club.eve, club.box.person(1004, "Zoe")
    for person in (eve, zoe):
        await person.start()
        await person.wait("balance")
        person.skip()
    ann.skip()
    for text in ("/move", "/move 1003", "/move 1003 lost phone"):
        assert "Like this: /move @old @new" in (await club.said(ann, text)).words, text
    wish = await ann.send("/move 1003 1004 lost phone")
    desk = await bob.wait("wants to move the wallet of")
    assert "Eve" in desk.words and "Zoe" in desk.words and "For: lost phone" in desk.words
    assert labels(await ann.wait("wants to move")) == labels(desk) == ["✅ Agree", "✋ Don't move it"]
    club.box.inject({"message": wish.raw})
    twin, agree = forgotten(club, desk), desk.buttons[0][0].value
    assert "doesn't work" in await toasted(bob, desk, f"{AGREE}:nothing")
    for pressed in (await asked(club, bob, "/request 1"), twin):
        assert "Agreed. Both accounts are told" in await toasted(bob, pressed, agree)
    for message in (desk, twin):
        await bob.see(message, "both are told")
    told = await eve.wait("Your wallet is to move")
    assert labels(told) == ["✋ No, it stays with me"] and labels(await zoe.wait("is to be yours")) == []
    twin = forgotten(club, told)
    assert "It stays where it is" in await toasted(eve, twin, "No, it stays")
    for message in (told, twin):
        await eve.see(message, "Your wallet stays with you")
    await bob.see(desk, "said no")
    assert sum("wallet of" in message.words for message in ann.private.messages) == 1, "asked once"


@pytest.fixture
def rules() -> Rules:
    return Rules(currency("EUR"), operators=frozenset({OPERATOR, SECOND}))


async def test_each_operator_and_account_reads_of_a_move_in_their_own_language(core: WalletCore, clock: Clock) -> None:
    teller = Mover(core, clock)
    await teller.tell("""
        open operator
        open second
        open ann
        open ann2
        issue ann 20.00 i1
        move m ann ann2""")
    for name, language in (("operator", "fr"), ("second", "de"), ("ann", "es"), ("ann2", "hi")):
        await speaks(teller, name, language)
    desk, told = Looker(teller, moves.shown_at_desk), Looker(teller, moves.shown)
    assert (await desk.face("m", desk.alone("operator"))).own == "fr"
    assert (await desk.face("m", desk.alone("second"))).own == "de"
    assert (await desk.face("m", Place(999, 5))).own is None, "an operator who never said a word"
    await teller.tell("agree second m")
    old, new = told.alone("ann"), told.alone("ann2")
    assert ((await told.face("m", old)).own, (await told.face("m", new)).own) == ("es", "hi")
    assert await told.labels("m", old) == ["✋ No, it stays with me"]
    assert await told.labels("m", new) == [], "only the old account has a say"
