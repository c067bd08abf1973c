"""Presses that nothing offered, updates that come again after a crash, and money that Telegram says was paid."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Message, Person
from bot.words import requests as request_words
from bot.words import tips as tip_words
from bot.words import top_ups as top_up_words
from tests.bot.club import BOT, CODE, Club, open_club
from tests.bot.test_cash import cash_club, settled, toasted
from tests.bot.test_dialogs import asked
from tests.bot.test_forgotten import said_by


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def answered_once(club: Club, person: Person, message: Message, data: str) -> str:
    """What the bot answers to a press; it answers once, so nothing has failed behind the answer."""
    press = await person.press(message, data)
    text = (await press.answer()).text
    await settled(club, person)
    answers = [call for call in club.box.calls if call.params.get("callback_query_id") == press.query.id]
    assert len(answers) == 1, (data, text)
    return text


def button(message: Message, text: str) -> str:
    found = message.button(text)
    assert found is not None, message.buttons
    return found.value


async def test_a_press_asks_about_its_own_request_whatever_else_waits(club: Club) -> None:
    first = await asked(club, club.bob, "/request 2 tea", in_group=True)
    second = await asked(club, club.bob, "/request 3 cake", in_group=True)
    for request, amount in ((first, "2.00"), (second, "3.00")):
        club.ann.skip(chat=club.group)
        assert await answered_once(club, club.ann, request, button(request, "Pay")) == ""
        assert f"pay {amount} EUR" in (await club.ann.next(chat=club.group)).words


async def test_a_request_is_posted_when_its_update_comes_again_though_its_payer_was_asked(
    club: Club, tmp_path: Path
) -> None:
    await club.ann.press(await asked(club, club.ann, "/pay 1 @bob"))  # they have met
    await club.bob.wait("You received 1.00 EUR")
    await club.said(club.bob, "/request 4 @ann tea")
    await club.ann.wait("asks you")
    update = said_by(club.bob, "/request 4 @ann tea").raw
    club.bob.skip()
    club.box.inject({"message": update})
    await settled(club, club.bob)
    assert sum(message.photo_bytes is not None for message in club.bob.private.messages) == 1
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as file:
        file.execute("DELETE FROM places WHERE chat = '1002'")  # it died before it noted where the picture is
    club.box.inject({"message": update})
    await club.bob.wait(lambda message: message.photo_bytes is not None)
    assert sum("asks you" in message.words for message in club.ann.private.messages) == 1
    stranger = await club.said(club.bob, "/request 4 @nobody tea")
    assert "I don't know @nobody yet" in stranger.words
    in_group = await club.said(club.bob, "/request 4 @nobody tea", in_group=True)
    assert "I don't know @nobody yet" in in_group.words


async def test_the_list_of_requests_stays_in_its_private_chat(club: Club) -> None:
    request = await asked(club, club.bob, "/request 5 tea", in_group=True)
    listed = await asked(club, club.bob, "/requests")
    back = button(listed, "✖️ 1")
    in_group = await club.said(club.bob, "/help", in_group=True)
    for data in (f"{request_words.TURN}:0", f"{request_words.TURN}:0:{CODE}"):
        for message in (in_group, request):
            assert "doesn't work" in await answered_once(club, club.bob, message, data)
    picture = await asked(club, club.bob, "/request 6 cake")
    assert "doesn't work" in await answered_once(club, club.bob, picture, f"{request_words.TURN}:0"), "no button of it"
    assert "can't find a code" in (await club.said(club.bob, f"/cancel p_{CODE}")).words
    assert "Cancelled" in await answered_once(club, club.bob, in_group, back)
    assert in_group.words != listed.words and "tea" not in in_group.words
    await club.bob.see(request, "no longer asks for 5.00 EUR", chat=club.group)
    assert "Cancelled" in await answered_once(club, club.bob, picture, back)
    assert "cake" in picture.words


async def test_what_a_message_was_tipped_is_never_shown_in_private(club: Club) -> None:
    song = await club.bob.send("la la la", chat=club.group)
    await club.ann.send("/tip 1", chat=club.group, reply_to=song)
    line = await club.ann.wait("1.00 EUR from Ann", chat=club.group)
    alone = await club.said(club.ann, "/balance")
    again = button(line, "Tip 1.00")
    for message in (alone, await asked(club, club.ann, "/tip"), line):
        assert "Tipped 1.00 EUR" in await answered_once(club, club.ann, message, again)
    await club.ann.see(line, "4.00 EUR from Ann", chat=club.group)
    assert "balance" in alone.words, "a server may leave out its keyboard, and so which buttons it has"
    usual = await asked(club, club.ann, "/pay 1 @bob")
    before = usual.words
    assert await answered_once(club, club.ann, usual, f"{tip_words.CHOOSE}:50") == ""
    assert usual.words == before, "no button of it"
    assert "0.50 EUR" in (await club.said(club.ann, "/tip")).words


def paid_for(person: Person, currency: str, code: str) -> dict[str, Any]:
    """What Telegram would say of a payment in such money."""
    payment = {"currency": currency, "total_amount": 500, "invoice_payload": code}
    return {"id": "77", "from": person.raw, **payment}


async def test_money_of_a_kind_that_is_not_taken_is_refused_before_and_told_after(tmp_path: Path) -> None:
    async with cash_club(tmp_path, gateways="operator,stars", stars_rate="0.02") as club:
        ann = club.ann
        called = asyncio.create_task(club.box.called("answerPreCheckoutQuery"))
        await asyncio.sleep(0)
        club.box.inject({"pre_checkout_query": paid_for(ann, "USD", CODE)})
        call = await called
        assert "no payments of this kind" in call.params["error_message"]
        ann.skip()
        payment = paid_for(ann, "USD", CODE) | {"telegram_payment_charge_id": "c", "provider_payment_charge_id": "p"}
        message = {
            "message_id": 900,
            "date": 1,
            "chat": ann.private.raw,
            "from": ann.raw,
            "successful_payment": payment,
        }
        club.box.inject({"message": message})
        assert "your money isn't lost" in (await ann.next()).words


async def test_only_what_came_by_stars_goes_back_by_its_button_and_is_asked_about_once(tmp_path: Path) -> None:
    async with cash_club(tmp_path, gateways="operator,stars", stars_rate="0.02") as club:
        ann, bob = club.ann, club.bob
        which = await asked(club, bob, "/topup 2")
        await bob.press(which, f"{top_up_words.THROUGH}:200:operator")
        desk = await ann.wait("brings in 2.00 EUR in cash")
        code = button(desk, "I have").partition(":")[2]
        await ann.press(desk, "I have")
        await bob.see(which, "has come in")
        assert "doesn't work" in await toasted(bob, which, f"{top_up_words.BACK}:{code}")
        which = await asked(club, bob, "/topup 3")
        bob.skip()
        await bob.press(which, "Stars")
        shown = await bob.wait(lambda message: any(each.kind == "url" for row in message.buttons for each in row))
        link = next(each.value for row in shown.buttons for each in row if each.kind == "url")
        assert (await club.box.pay(bob, link).outcome()).state == "paid"
        await bob.see(shown, "3.00 EUR has come in")
        bob.skip()
        press = await bob.press(shown, "Back")
        await bob.wait("Give back 3.00 EUR")
        assert (await press.answer()).text == ""
        await club.box.redeliver(press.updates[0])
        club.box.inject({"callback_query": press.updates[0].raw["callback_query"]})
        await settled(club, bob)
        assert sum("Give back 3.00 EUR" in each.words for each in bob.private.messages if each.sender_id == BOT) == 1
        assert "being paid already" in await toasted(bob, shown, "Back")
