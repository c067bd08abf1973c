"""What people type wrong, or make up: refused with a sentence that helps, and nothing moves."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from bot.qr import qr_png, read_qr
from bot.sandbox import Person
from tests.e2e.world import EUR, MEMO, World, id_of, press_all
from wallet_core import (
    CancelRequest,
    MakeRequest,
    Money,
    OpenIntents,
    OpenRequests,
    PayRequest,
    Rules,
    WalletCore,
    utc_now,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

AMOUNTS = {
    "-5": "sign",
    "+5": "sign",
    "−5": "sign",
    "0": "smallest",
    "0.00": "smallest",
    "NaN": "no amount",
    "inf": "no amount",
    "Infinity": "no amount",
    "1e3": "no amount",
    "1_000": "no amount",
    "0x10": "no amount",
    "1,000": "two things",
    "1,000.50": "two things",
    "1.000,50": "two things",
    "5.001": "two things",
    "5.0001": "finer",
    "1٢٣": "digits 0 to 9",
    "1２": "digits 0 to 9",
    "²": "digits 0 to 9",
    "𝟙𝟚": "digits 0 to 9",
    str(2**63): "more money",
    "9" * 400: "more money",
    "5 5": "two amounts",
    "5\u200b": "can't be seen",
    "\u200b5": "can't be seen",
    "5\u200f5": "can't be seen",
    "\u202e5": "can't be seen",
    "5\u20665": "can't be seen",
    "5 USD": "EUR, not",
    "$5": "EUR, not",
    "five": "no amount",
    "50 cents": "do you mean 0.50 EUR?",
    "5 dollars": "EUR, not dollars",
    "5 sats": "EUR, not SAT",
    "5 k": "with all its digits, such as 1000.00 EUR",
    "5 + 3": "the one amount",
    "2 x 5": "the one amount",
    "50 %": "the one amount",
}


async def rich(world: World) -> tuple[Person, Person]:
    """Alice, who could pay, and Bob."""
    return await world.someone("Alice", "50"), await world.someone("Bob")


async def nothing_happened(world: World, *people: Person) -> None:
    """No money moved, and nothing waits to be pressed."""
    for person, amount in zip(people, ("50.00", "0.00"), strict=True):
        assert await world.balance(person) == amount
        assert await world.core.ask(OpenIntents(id_of(person))) == ()
        assert await world.core.ask(OpenRequests(person=id_of(person))) == ()


async def test_g13_every_bad_amount_is_refused_with_its_sentence_and_moves_nothing(box_world: World) -> None:
    alice, bob = await rich(box_world)
    for text, why in AMOUNTS.items():
        for command in (
            f"/pay {text} @{bob.username} {MEMO}",
            f"/pay @{bob.username} {text} {MEMO}",
            f"/request {text} {MEMO}",
            f"/request {text}",
        ):
            answer = await alice.ask(command)
            assert why in answer.text, (command, answer.text)
            assert not answer.buttons and answer.photo_bytes is None, command
    await nothing_happened(box_world, alice, bob)


async def test_g13_bad_amounts_are_refused_as_an_answer_too_and_the_question_stays(box_world: World) -> None:
    alice, bob = await rich(box_world)
    picture = await bob.ask("/qr")
    assert picture.photo_bytes is not None
    [link] = read_qr(picture.photo_bytes).texts
    alice.skip()
    await alice.open(link)
    await alice.wait("How much")
    for text, why in AMOUNTS.items():
        answer = await alice.ask(text)
        assert why in answer.text and not answer.buttons, (text, answer.text)
    assert await box_world.balance(bob) == "0.00"
    dialog = await box_world.dialog(alice, "5")
    await press_all(alice, dialog, 2)
    await bob.wait("Receipt")
    assert await box_world.balance(bob) == "5.00"


async def test_without_an_amount_nothing_moves_and_the_bot_asks(box_world: World) -> None:
    alice, bob = await rich(box_world)
    for command in (
        "/pay \u200b",
        f"/pay coffee @{bob.username}",
        "/pay bob 5",
        "/request \u200b",
    ):
        answer = await alice.ask(command)
        assert answer.text and not answer.buttons and answer.photo_bytes is None, command
    assert "How much" in (await alice.ask(f"/pay @{bob.username}")).text
    assert "nothing was moved" in (await alice.ask("/cancel")).text
    for command in ("/pay", "/pay ", "/pay 5", "/pay 5 bob"):
        await alice.ask(command)
        asked = await alice.wait("Changed your mind?")
        assert [button.text for row in asked.buttons for button in row] == ["✖️ Cancel"]
    await alice.ask("/request")
    asked = await alice.wait("Or one of these")
    assert [button.text for row in asked.buttons for button in row] == ["👥 Whoever scans it", "✖️ Cancel"]
    assert (await alice.ask("/request any")).photo_bytes is not None  # the payer chooses
    assert (await box_world.balance(alice), await box_world.balance(bob)) == ("50.00", "0.00")


async def test_what_the_list_allows_is_read_exactly(box_world: World) -> None:
    alice, bob = await rich(box_world)
    for text in ("5", "5.00", "5,50", "€5", "5 EUR", "EUR 5", "5€", "05", "5 eur", "0.01", "1000"[:2]):
        for words in (f"{text} @{bob.username} {MEMO}", f"@{bob.username} {text} {MEMO}"):
            dialog = await box_world.dialog(alice, f"/pay {words}")
            number = text.strip("€EUReur ").replace(",", ".")
            assert f"{float(number):.2f} EUR" in dialog.text and MEMO in dialog.text, words
    await alice.ask("/cancel")
    await nothing_happened(box_world, alice, bob)


async def codes_that_do_not_work(world: World, alice: Person, bob: Person, carol: Person) -> dict[str, str]:
    """The payload of every kind of dead code, and a word of the sentence about it."""
    rules, url = Rules(EUR), f"sqlite+aiosqlite:///{world.database}"
    one = Money(100, EUR)

    async def request(core: WalletCore, payee: Person) -> str:
        made = MakeRequest(payee=id_of(payee), amount=one, key=secrets.token_hex(16), memo=MEMO)
        return (await core.run(made)).code

    async with WalletCore.session(url, rules=rules, clock=lambda: utc_now() - timedelta(days=8)) as last_week:
        expired = await request(last_week, bob)
    paid, cancelled, own = [await request(world.core, person) for person in (bob, bob, alice)]
    await world.core.run(PayRequest(code=paid, payer=id_of(carol), key=secrets.token_hex(16)))
    await world.core.run(CancelRequest(code=cancelled, person=id_of(bob)))
    return {
        f"r_{secrets.token_urlsafe(12)}": "no request with this code",
        f"p_{secrets.token_urlsafe(12)}": "belongs to nobody",
        f"r_{paid}": "paid already",
        f"r_{cancelled}": "cancelled",
        f"r_{expired}": "expired",
        f"r_{own}": "yourself",
        f"g_{secrets.token_urlsafe(12)}": "no such gift",
    }


async def test_every_kind_of_dead_code_gets_its_own_sentence_by_every_way_in(box_world: World, tmp_path: Path) -> None:
    alice, bob = await rich(box_world)
    carol = await box_world.someone("Carol", "1")
    dead = await codes_that_do_not_work(box_world, alice, bob, carol)
    sentences: dict[str, str] = {}
    for payload, why in dead.items():
        link = f"https://t.me/{box_world.box.username}?start={payload}"
        for way in (f"/start {payload}", link, payload, f"/pay {payload}", f"/pay {link}"):
            answer = await alice.ask(way)
            assert why in answer.text and not answer.buttons, (way, answer.text)
            assert sentences.setdefault(payload, answer.text) == answer.text, way
        alice.skip()
        await alice.send_photo(qr_png(link, title="Bob", amount="1.00 EUR", memo=None))
        assert (await alice.next()).text == sentences[payload]
    other = "https://t.me/SomeOtherBot?start=r_0123456789abcdef"
    for way in (other, f"/pay {other}"):
        answer = await alice.ask(way)
        assert "another bot" in answer.text
        sentences[other] = answer.text
    alice.skip()
    await alice.send_photo(qr_png(other, title="Bob", amount=None, memo=None))
    assert (await alice.next()).text == sentences[other]
    malformed = (await alice.ask("/start r_short")).text
    not_hers = (await alice.ask(f"/cancel {next(p for p, why in dead.items() if why == 'paid already')}")).text
    every = [*sentences.values(), malformed, not_hers]
    assert len(set(every)) == len(every) == 10
    assert (await box_world.balance(alice), await box_world.balance(bob)) == ("50.00", "1.00")


async def test_g10_nobody_acts_through_anothers_button_an_old_one_or_a_made_up_one(box_world: World) -> None:
    alice, bob = await rich(box_world)
    carol = await box_world.someone("Carol")
    dialog = await box_world.dialog(alice, f"/pay 5 @{bob.username}")
    confirm, cancel = [button.value for row in dialog.buttons for button in row]
    hers = await box_world.dialog(carol, "/request 1")
    for data in (confirm, cancel):
        answer = await (await carol.press(hers, data)).answer()
        assert answer.alert and "somebody else" in answer.text
    action = confirm.partition(":")[0]
    for data in (f"{action}:{secrets.token_urlsafe(12)}", f"{action}:", "ok", "x" * 64, "pay:../../etc", "ok:\u200b"):
        answer = await (await alice.press(dialog, data)).answer()
        assert answer.alert and answer.text, data
    await (await alice.press(dialog, cancel)).answer()
    answer = await (await alice.press(dialog, confirm)).answer()
    assert "cancelled" in answer.text
    await alice.ask("/cancel")
    assert (await box_world.balance(alice), await box_world.balance(bob)) == ("50.00", "0.00")


async def test_names_and_memos_with_html_are_shown_as_they_were_written(box_world: World) -> None:
    evil = "<b>&amp;</b><a href='tg://user?id=1'>x</a>"
    alice = await box_world.someone(f"{evil}{MEMO}", "50", username="evil_alice")
    bob = await box_world.someone("<i>Bob", username="evil_bob")
    picture = await bob.ask(f"/request 5 {evil}{MEMO} </code>")
    assert f"{evil}{MEMO} </code>" in picture.caption and "<i>Bob" in picture.caption
    dialog = await box_world.dialog(alice, f"/pay 5 @evil_bob {evil}{MEMO}")
    assert f"{evil}{MEMO}" in dialog.text and "<i>Bob" in dialog.text
    await press_all(alice, dialog, 1)
    received = await bob.wait("Receipt")
    assert received.text.count(f"{evil}{MEMO}") == 2  # her name, and the memo
    assert not [entity for entity in received.entities if entity["type"] in ("italic", "text_link", "text_mention")]
    assert f"{evil}{MEMO}" in (await alice.ask("/history")).text
