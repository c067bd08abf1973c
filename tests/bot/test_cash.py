"""/topup and /withdraw: their questions by words and by buttons, what was said twice, what was made up or forgotten."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox import Message, Person, Sandbox
from bot.sandbox.gateway import MockGateway
from bot.words import top_ups as in_words
from bot.words import withdrawals as out_words
from tests.bot.club import BOT, CODE, Club, running, settings_for
from tests.bot.test_dialogs import asked, forgotten
from tests.fresh import begin_books
from wallet_core import currency

BY_HAND = {"gateways": "operator"}
BY_BOTH = {"gateways": "operator,bank", "bank_iban": "DE02120300000000202051", "bank_name": "Club",
           "bank_secret": "a secret of sixteen or more"}  # fmt: skip
ACCOUNT = "DE89 3704 0044 0532 0130 00"


@asynccontextmanager
async def cash_club(tmp_path: Path, **settings: str) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path, telegram_limits="off", **settings)):
        club = Club(box)
        await club.begin()
        yield club


async def settled(club: Club, person: Person) -> None:
    """All that was said to the bot is done."""
    await club.box.idle()
    await club.said(person, "/verify 0000000000000")


async def said_once(club: Club, person: Person, message: Message) -> None:
    """The same message comes as a new update: the bot says nothing more."""
    before = len([each for each in person.private.messages if each.from_bot])
    club.box.inject({"message": message.raw})
    await settled(club, person)
    assert len([each for each in person.private.messages if each.from_bot]) == before + 1, message.words


async def toasted(person: Person, message: Message, which: str) -> str:
    return (await (await person.press(message, which)).answer()).text


def spoken(person: Person) -> Message:
    """What they have written last."""
    return next(each for each in reversed(person.private.messages) if not each.from_bot)


def labels(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def test_cash_is_brought_in_by_one_way_and_shown_once_wherever_it_is_pressed(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_HAND) as club:
        ann, bob = club.ann, club.bob
        first = await asked(club, bob, "/topup 20")
        assert "You bring in 20.00 EUR in cash" in first.words
        desk = await ann.wait("brings in 20.00 EUR in cash")
        await said_once(club, bob, next(m for m in bob.private.messages if m.words == "/topup 20"))
        mine, theirs = forgotten(club, first), forgotten(club, desk)
        assert "20.00 EUR is in the wallet of “Bob <b>”" in await toasted(ann, theirs, "I have")
        for message in (desk, theirs):
            await ann.see(message, "taken by Ann")
        await bob.see(first, "has come in")
        assert "has come in already" in await toasted(bob, mine, "Cancel")
        second = await asked(club, bob, "/topup 7")
        desk = await ann.wait("brings in 7.00 EUR in cash")
        theirs = forgotten(club, desk)
        assert "Nothing was moved" in await toasted(ann, theirs, "No cash")
        for message in (desk, theirs):
            await ann.see(message, "Please take no cash for it")
        await bob.see(second, "did not take 7.00 EUR")
        third = await asked(club, bob, "/topup 8")
        mine = forgotten(club, third)
        assert "Nothing was moved" in await toasted(bob, mine, "Cancel")
        for message in (third, mine):
            await bob.see(message, "not brought in")


async def test_at_the_desk_somebody_is_named_in_any_way_and_by_an_operator_alone(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_HAND) as club:
        ann, bob = club.ann, club.bob
        link = (await club.said(bob, "/qr")).words.split()[-1]
        for text in (f"/topup {link}", "/topup @bob"):
            how_much = await asked(club, ann, text)
            assert "How much cash do you have from Bob" in how_much.words and "5.00 EUR" in labels(how_much)
        hers = (await asked(club, ann, "/topup @ann")).button("5.00")
        assert hers is not None
        assert "Only an operator" in (await club.said(bob, "/topup @ann")).words
        assert "https://t.me/TuppenceBot?start=hi" in (await club.said(ann, "/topup @nobody")).words
        ann.skip()
        await ann.send("/topup Eve", mentions={"Eve": club.eve})
        assert "How much cash do you have from Eve" in (await ann.next()).words
        assert "Only an operator" in await toasted(bob, await asked(club, bob, "/topup"), hers.value)
        for made_up in (f"{in_words.FOR}:500", f"{in_words.FOR}:x", f"{in_words.CHOOSE}:many"):
            assert "doesn't work" in await toasted(ann, how_much, made_up), made_up
        ann.skip()
        await ann.press(how_much, "5.00")
        await ann.see(how_much, "brings in 5.00 EUR in cash")
        by_word = await asked(club, ann, "/topup 6 @bob")
        assert labels(by_word) == ["✅ I have 6.00 EUR", "✖️ Cancel"]
        await said_once(club, ann, next(m for m in ann.private.messages if m.words == "/topup 6 @bob"))
        await ann.press(by_word, "I have")
        await bob.wait("6.00 EUR has come in")
        await ann.see(by_word, "taken by Ann")
        await ann.press(how_much, "Cancel")
        await ann.see(how_much, "Please take no cash for it")


async def test_of_two_ways_in_one_is_chosen_and_a_picture_comes_once_below_the_question(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        ann, bob = club.ann, club.bob
        in_group = await club.said(ann, "/help", in_group=True)
        for data in (f"{in_words.CHOOSE}:500", f"{in_words.THROUGH}:500:bank", f"{out_words.CHOOSE}:500"):
            assert "private" in (await toasted(ann, in_group, data)).lower()
        which = await asked(club, bob, "/topup 5")
        assert "How do you want to bring in 5.00 EUR?" in which.words
        assert len(labels(which)) == 2
        for made_up in (f"{in_words.THROUGH}:500:mock", f"{in_words.THROUGH}:x:bank", f"{in_words.THROUGH}:500"):
            assert "doesn't work" in await toasted(bob, which, made_up), made_up
        bob.skip()
        assert "5.00 EUR: see below" in await toasted(bob, which, "Bank")
        page = await bob.wait("Transfer 5.00 EUR")
        assert page.photo_bytes is not None
        await bob.see(which, "5.00 EUR: see below")
        data = f"{in_words.THROUGH}:500:bank"
        assert "see below" in await toasted(bob, which, data)
        await settled(club, bob)
        assert len([each for each in bob.private.messages if "Transfer 5.00 EUR" in each.words]) == 1
        await bob.press(page, "Cancel")
        await bob.see(page, "not brought in")
        how_much = await asked(club, bob, "/topup")
        await bob.press(how_much, "10.00")
        await bob.see(how_much, "How do you want to bring in 10.00 EUR?")
        await bob.press(how_much, 1 if "Bank" in labels(how_much)[0] else 0)
        await bob.see(how_much, "You bring in 10.00 EUR in cash")
        await ann.wait("brings in 10.00 EUR in cash")
        old = await asked(club, bob, "/topup")
        old.chat.remove(old)
        bob.skip()
        await bob.press(old, f"{in_words.CHOOSE}:700")
        below = await bob.next()
        assert "How do you want to bring in 7.00 EUR?" in below.words
        bob.skip()
        await bob.press(below, f"{in_words.THROUGH}:900:operator")  # no button of its own
        assert "You bring in 9.00 EUR in cash" in (await bob.next()).words
        assert await toasted(bob, below, f"{in_words.THROUGH}:900:operator")
        await settled(club, bob)
        assert len([each for each in bob.private.messages if "You bring in 9.00 EUR" in each.words]) == 1
        bob.skip()
        await bob.press(below, f"{in_words.CHOOSE}:800")
        assert "How do you want to bring in 8.00 EUR?" in (await bob.next()).words
        assert "bring in 7.00 EUR" in below.words


async def test_a_fee_is_said_before_money_comes_in_and_before_it_goes_out(tmp_path: Path) -> None:
    async with MockGateway(clock=time.time) as gateway:
        way = {name.lower(): value for name, value in gateway.settings.items()}
        async with cash_club(tmp_path, gateways="mock", mock_fee="0.50", **way) as club:
            which = await asked(club, club.ann, "/topup 5")
            assert "the fee is 0.50 EUR, you get 4.50 EUR" in which.words and len(labels(which)) == 1
            how_much = await asked(club, club.ann, "/topup")
            await club.ann.press(how_much, "5.00")
            await club.ann.see(how_much, "the fee is 0.50 EUR, you get 4.50 EUR")
            taken = await asked(club, club.ann, "/withdraw 5")
            assert "The fee is 0.50 EUR: 5.50 EUR leaves your wallet in all" in taken.words
            assert "no way for that yet: name one in GATEWAYS" in (await club.said(club.ann, "/topup 5 @bob")).words
            assert "Only an operator" in (await club.said(club.bob, "/topup 5 @ann")).words


async def test_whose_wallet_is_frozen_is_named_to_who_stands_at_the_desk_and_to_themselves(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_HAND) as club:
        ann, bob = club.ann, club.bob
        await club.issue("5", bob)
        await club.said(bob, "/topup 3")
        desk = await ann.wait("brings in 3.00 EUR in cash")
        taken = await asked(club, bob, "/withdraw 2")
        frozen = "The wallet of @bob is frozen; nothing was moved."
        assert "is frozen" in (await club.said(ann, "/freeze @bob")).words
        await bob.wait("Your wallet is frozen")
        assert frozen in (await club.said(ann, "/topup 5 @bob")).words
        assert frozen in (await club.said(bob, "/topup 5")).words
        assert frozen in await toasted(ann, desk, "I have 3.00")
        assert frozen in await toasted(bob, taken, "Take out")


async def test_cash_is_taken_out_by_one_way_and_shown_once_wherever_it_is_pressed(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_HAND) as club:
        ann = club.ann
        first = await asked(club, ann, "/withdraw 2")
        assert "Take out 2.00 EUR in cash?" in first.words
        await said_once(club, ann, next(m for m in ann.private.messages if m.words == "/withdraw 2"))
        mine = forgotten(club, first)
        ann.skip()
        assert "2.00 EUR is put aside for you" in await toasted(ann, mine, "Take out")
        for message in (first, mine):
            await ann.see(message, "2.00 EUR is put aside for you")
        desk = await ann.wait("wants 2.00 EUR in cash")
        theirs = forgotten(club, desk)
        assert "2.00 EUR given to “Ann”" in await toasted(ann, theirs, "I gave")
        for message in (desk, theirs):
            await ann.see(message, "given by Ann")
        await ann.see(first, "was paid out to you")
        how_much = await asked(club, ann, "/withdraw")
        assert "doesn't work" in await toasted(ann, how_much, f"{out_words.CHOOSE}:many")
        assert await toasted(ann, how_much, "5.00") == ""
        await ann.see(how_much, "Take out 5.00 EUR in cash?")
        ann.skip()
        await ann.press(how_much, "Take out")
        desk = await ann.wait("wants 5.00 EUR in cash")
        theirs = forgotten(club, desk)
        assert "5.00 EUR is back in the wallet" in await toasted(ann, theirs, "No cash")
        for message in (desk, theirs):
            await ann.see(message, "Please give no cash for it")
        third = await asked(club, ann, "/withdraw 3")
        mine = forgotten(club, third)
        assert "Nothing was moved" in await toasted(ann, mine, "Cancel")
        for message in (third, mine):
            await ann.see(message, "not taken out, nothing was moved")
        refused = (await club.said(ann, "/withdraw 5 nonsense and more of it, much more")).words
        assert "no amount that I can read" in refused and "much more" not in refused
        for made_up in (f"{out_words.THROUGH}:500:bank", f"{out_words.THROUGH}:x:operator"):
            assert "doesn't work" in await toasted(ann, third, made_up), made_up
        how_much = await asked(club, ann, "/withdraw")
        ann.skip()
        await ann.press(how_much, f"{out_words.CHOOSE}:400")  # no button of its own
        assert "Take out 4.00 EUR in cash?" in (await ann.next()).words
        await toasted(ann, how_much, f"{out_words.CHOOSE}:400")
        await settled(club, ann)
        assert len([each for each in ann.private.messages if "Take out 4.00 EUR" in each.words]) == 1


async def test_what_becomes_of_a_question_that_was_deleted_meanwhile_is_asked_in_a_new_message(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_HAND) as club:
        ann, bob = club.ann, club.bob
        for person, command, button, becomes, ends in (
            (ann, "/withdraw", "5.00", "Take out 5.00 EUR in cash?", "nothing was moved"),
            (bob, "/topup", "20.00", "You bring in 20.00 EUR in cash", "nothing was moved"),
            (ann, "/topup @bob", "20.00", "brings in 20.00 EUR in cash", "Please take no cash for it"),
        ):
            how_much = await asked(club, person, command)
            how_much.chat.remove(how_much)
            person.skip()
            await person.press(how_much, button)
            asked_anew = await person.wait(becomes)
            await toasted(person, asked_anew, "Cancel")
            await person.see(asked_anew, ends)


async def test_where_to_is_asked_once_and_read_from_whatever_says_it(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        ann = club.ann
        which = await asked(club, ann, "/withdraw 2")
        assert "How do you want to take out 2.00 EUR?" in which.words and len(labels(which)) == 2
        assert await toasted(ann, which, "Bank") == ""
        await ann.see(which, "To which account?")
        dialog = await asked(club, ann, ACCOUNT)
        assert "Transfer 2.00 EUR to your account" in dialog.words
        await said_once(club, ann, spoken_before(ann, ACCOUNT))
        ann.skip()
        assert "2.00 EUR is put aside for you" in await toasted(ann, dialog, "✅")
        await ann.see(dialog, "put aside for your account")
        assert "put aside for you" in await toasted(ann, dialog, f"{out_words.CONFIRM}:{code_in(dialog)}")
        at_once = await asked(club, ann, f"/withdraw 3 {ACCOUNT}")
        assert "Transfer 3.00 EUR to your account" in at_once.words
        await said_once(club, ann, spoken_before(ann, f"/withdraw 3 {ACCOUNT}"))
        assert "IBAN" in (await club.said(ann, "/withdraw 4 nonsense")).words
        how_much = await asked(club, ann, "/topup")
        assert await toasted(ann, how_much, "20.00") == ""
        await ann.see(how_much, "20.00 EUR")
        for command in ("/topup", "/topup 5", "/withdraw", "/withdraw 5"):
            assert "works in private only" in (await club.said(ann, command, in_group=True)).words, command
        how_much = await asked(club, ann, "/withdraw")
        assert await toasted(ann, how_much, "5.00") == ""
        await ann.see(how_much, "How do you want to take out 5.00 EUR?")
        by_hand = next(label for label in labels(how_much) if "Bank" not in label)
        await ann.press(how_much, by_hand)
        await ann.see(how_much, "Take out 5.00 EUR in cash?")
        assert "doesn't work" in await toasted(ann, how_much, f"{out_words.THROUGH}:500:mock")


def spoken_before(person: Person, words: str) -> Message:
    return next(each for each in person.private.messages if each.words == words and not each.from_bot)


def code_in(message: Message) -> str:
    return next(button.value.partition(":")[2] for row in message.buttons for button in row)


async def test_a_bot_without_ways_says_so_of_their_buttons(tmp_path: Path) -> None:
    async with cash_club(tmp_path) as club:
        message = await asked(club, club.ann, "/pay 1 @bob")
        for data in (f"{in_words.CHOOSE}:500", f"{out_words.CHOOSE}:500", f"{in_words.FOR}:500:{CODE}"):
            assert "name one in GATEWAYS" in await toasted(club.ann, message, data), data
        for data in (f"{in_words.THROUGH}:500:operator", f"{out_words.THROUGH}:500:operator"):
            assert "doesn't work" in await toasted(club.ann, message, data), data
        assert message.sender_id == BOT
