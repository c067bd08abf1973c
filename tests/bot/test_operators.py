"""What operators do alone: freezing and opening wallets, and the pages that say who did what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.words.acts import TURN
from tests.bot.club import CODE, Club, open_club
from tests.bot.test_cash import labels, toasted
from tests.bot.test_dialogs import asked


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def test_only_an_operator_alone_with_the_bot_freezes_opens_and_reads_what_was_done(club: Club) -> None:
    ann, bob = club.ann, club.bob
    for text in ("/freeze @bob lost", "/unfreeze @bob", "/acts", "/freeze", "/unfreeze"):
        assert "Only an operator" in (await club.said(bob, text)).words, text
        assert "in private" in (await club.said(ann, text, in_group=True)).words.lower(), text
    for text, why in (
        ("/freeze", "Like this: /freeze @bob"),
        ("/freeze lost phone", "Like this: /freeze @bob"),
        ("/unfreeze", "Like this: /unfreeze @bob"),
        ("/unfreeze found", "Like this: /unfreeze @bob"),
        ("/freeze @bob @eve lost", "Nothing was changed"),
        ("/freeze @bob, @eve", "Nothing was changed"),
        ("/freeze @bob and @eve lost", "Nothing was changed"),
        ("/unfreeze @bob @eve", "Nothing was changed"),
    ):
        assert why in (await club.said(ann, text)).words, text
    said = (await club.said(ann, "/freeze @bob lost phone")).words
    assert "The wallet of Bob <b> (@bob) is frozen" in said and "Because: lost phone" in said
    told = await bob.wait("Your wallet is frozen")
    assert "Because: lost phone" in told.words
    assert "is frozen" in (await club.said(ann, "/pay 1 @bob")).words
    assert "is open again" in (await club.said(ann, "/unfreeze @bob found it")).words
    assert "Because: found it" in (await bob.wait("Your wallet is open again")).words
    assert (await asked(club, ann, "/pay 1 @bob")).buttons


async def test_a_wallet_is_frozen_without_a_reason_too(club: Club) -> None:
    ann, bob = club.ann, club.bob
    said = (await club.said(ann, "/freeze @bob")).words
    assert "is frozen: nothing goes in or out. They are told" in said and "/freeze @bob lost phone" in said
    told = (await bob.wait("Your wallet is frozen")).words
    assert "Because" not in told and "ask the operator" in told
    assert "is frozen" in (await club.said(bob, "/pay 1 @ann")).words
    assert "froze the wallet of Bob" in (await club.said(ann, "/acts @bob")).words
    assert "is frozen already" in (await club.said(ann, "/freeze @bob lost phone")).words
    assert "They aren't told why" not in (await club.said(ann, "/freeze @eve lost phone")).words


async def test_who_has_no_username_or_has_lost_theirs_is_named_by_their_number(club: Club) -> None:
    ann, bob, eve = club.ann, club.bob, club.eve
    bob.rename(username=None)
    eve.rename(username="bob")
    await eve.start()
    await eve.wait("balance")
    await club.said(bob, "/balance")
    for text, why in (
        ("/freeze 1002 lost phone", "The wallet of Bob"),
        ("/acts 1002", "lost phone"),
        ("/unfreeze 1002", "The wallet of Bob"),
        ("/limit 1002 5 a day", "Bob"),
        ("/limit 1002", "5.00"),
        ("/pinreset 1002", "no PIN to change"),
        ("/move 1002 @bob", "Two operators have to agree"),
        ("/move 1002 1003", "Two operators have to agree"),
        ("/move 1002 1002", "one and the same account"),
        ("/freeze 4004 lost", "hasn't opened a wallet yet"),
        ("/limit 50 a day", "Like this: /limit"),
        ("/limit 5000 a day", "Like this: /limit"),
    ):
        assert why in (await club.said(ann, text)).words, text


async def test_what_operators_did_is_read_page_by_page_of_all_or_of_one(club: Club) -> None:
    ann, bob = club.ann, club.bob
    for number in range(1, 11):
        await club.said(ann, f"/limit @bob {number} a day")
    everything = await club.said(ann, "/acts")
    assert labels(everything) == ["Older ›"] and everything.words.count("limited") == 10
    older = everything.button("Older")
    assert older is not None
    assert "Only an operator" in await toasted(bob, await asked(club, bob, "/request 1"), older.value)
    in_group = await club.said(ann, "/help", in_group=True)
    assert "in private" in (await toasted(ann, in_group, older.value)).lower()
    for made_up in (f"{TURN}:o.{CODE}", f"{TURN}:x.{CODE}", older.value):
        another = await asked(club, ann, "/pay 1 @bob")
        assert "doesn't work" in await toasted(ann, another, made_up), made_up
    assert await toasted(ann, everything, "Older") == ""
    await ann.see(everything, "issued 20.00 EUR to Ann")
    assert labels(everything) == ["‹ Newer"] and "limited" not in everything.words
    await ann.press(everything, "Newer")
    await ann.see(everything, "limited")
    assert labels(everything) == ["Older ›"]
    await club.said(ann, "/limit @bob 11 a day")
    bobs = await club.said(ann, "/acts @bob")
    assert "by Bob <b> (@bob), or to them" in bobs.words and labels(bobs) == ["Older ›"]
    await ann.press(bobs, "Older")
    await ann.see(bobs, "limited Bob <b> (@bob) to 1.00 EUR a day")
    assert "by Bob <b> (@bob), or to them" in bobs.words and "issued" not in bobs.words
    assert "don't know @nobody" in (await club.said(ann, "/acts @nobody")).words
