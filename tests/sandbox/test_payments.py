"""Payments in the sandbox: the order of events, the ten seconds, what Telegram refuses, the list of the bot's Stars."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LabeledPrice, Update
from telegram.error import BadRequest, Forbidden

from bot.sandbox import Card, Message, Person, Sandbox
from bot.sandbox.actions import ACTIONS
from bot.sandbox.journal import Journal

TOKEN = "284685063:TEST:NmUxODk2"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot") as bot:
        yield bot


@pytest.fixture
async def alice(box: Sandbox) -> Person:
    alice = box.person(1001, "Alice", username="alice")
    await alice.start()
    return alice


def stars(count: int = 100, **more: Any) -> dict[str, Any]:
    prices = [LabeledPrice("Top-up", count)]
    usual = {"title": "Top-up", "description": "100 Stars", "payload": "tu_1", "currency": "XTR", "prices": prices}
    return {**usual, "provider_token": "", "start_parameter": "topup", **more}


def euros(*cents: int, **more: Any) -> dict[str, Any]:
    prices = [LabeledPrice(f"Part {number}", amount) for number, amount in enumerate(cents)]
    return {**stars(), "currency": "EUR", "prices": prices, "provider_token": TOKEN, **more}


async def invoice(bot: Bot, box: Sandbox, chat: int, wish: dict[str, Any]) -> Message:
    sent = await bot.send_invoice(chat, **wish)
    return box.chat(chat).messages_by_id[sent.message_id]


async def updates(bot: Bot) -> list[Update]:
    """All that are new, acknowledged."""
    found = list(await bot.get_updates(timeout=0))
    if found:
        await bot.get_updates(offset=found[-1].update_id + 1, timeout=0)
    return found


async def test_a_payment_in_stars_asks_the_bot_first_and_then_tells_it_once(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    message = await invoice(bot, box, alice.id, stars())
    assert message.raw["reply_markup"] == {"inline_keyboard": [[{"text": "Pay ⭐100", "pay": True}]]}
    await updates(bot)
    checkout = box.pay(alice, message)
    [asked] = await updates(bot)
    query = asked.pre_checkout_query
    assert query is not None and (query.from_user.id, query.currency, query.total_amount) == (alice.id, "XTR", 100)
    assert query.invoice_payload == "tu_1"
    assert await updates(bot) == []  # nothing is paid before the bot has agreed
    await bot.answer_pre_checkout_query(query.id, True)
    outcome = await checkout.outcome()
    [told] = await updates(bot)
    assert told.message is not None and told.message.from_user is not None
    paid = told.message.successful_payment
    assert paid is not None and (told.message.from_user.id, told.message.chat.type) == (alice.id, "private")
    assert (paid.total_amount, paid.currency, paid.invoice_payload) == (100, "XTR", "tu_1")
    assert paid.telegram_payment_charge_id == outcome.charge and outcome.state == "paid"
    assert (await bot.get_my_star_balance()).amount == 100
    with pytest.raises(BadRequest, match="Query is too old"):  # it is answered
        await bot.answer_pre_checkout_query(query.id, True)
    with pytest.raises(ValueError, match="is paid"):  # in private an invoice is paid once
        box.pay(alice, message)


async def test_what_the_bot_refuses_or_answers_too_late_is_not_charged(box: Sandbox, bot: Bot, alice: Person) -> None:
    message = await invoice(bot, box, alice.id, stars())
    refused, late = box.pay(alice, message), box.pay(alice, message)
    with pytest.raises(BadRequest, match='Parameter "error_message" is required'):
        await bot.answer_pre_checkout_query(refused.query.id, False)
    await bot.answer_pre_checkout_query(refused.query.id, False, error_message="Too late, sorry.")
    assert await refused.outcome() == ("refused", "Too late, sorry.", "")
    late.expire()
    assert (await late.outcome()).state == "late"
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await bot.answer_pre_checkout_query(late.query.id, True)
    assert (await bot.get_my_star_balance()).amount == 0
    assert not any("successful_payment" in each.raw for each in alice.private.messages)


async def test_a_card_that_is_declined_or_whose_bank_is_silent_leaves_the_bot_with_a_yes_and_nothing_else(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    message = await invoice(bot, box, alice.id, euros(2000, -500, max_tip_amount=300, suggested_tip_amounts=[100, 300]))
    assert message.raw["reply_markup"]["inline_keyboard"][0][0]["text"] == "Pay 15.00 EUR"
    for card, state in ((Card.DECLINED, "declined"), (Card.SILENT, "silent"), (Card.WORKS, "paid")):
        checkout = box.pay(alice, message, card=card, tip=100)
        await bot.answer_pre_checkout_query(checkout.query.id, True)
        assert (await checkout.outcome()).state == state
    [paid] = [each.raw["successful_payment"] for each in alice.private.messages if "successful_payment" in each.raw]
    assert (paid["total_amount"], paid["currency"]) == (1600, "EUR")
    assert (await bot.get_my_star_balance()).amount == 0


async def test_two_devices_are_charged_twice_for_one_invoice_under_two_charge_ids(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    message = await invoice(bot, box, alice.id, stars())
    both = [box.pay(alice, message), box.pay(alice, message)]
    for checkout in both:
        await bot.answer_pre_checkout_query(checkout.query.id, True)
    charges = {(await checkout.outcome()).charge for checkout in both}
    assert len(charges) == 2 and "" not in charges


async def test_a_copy_of_an_invoice_pays_as_well_unless_it_was_sent_with_a_start_parameter(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    bob = box.person(1002, "Bob")
    await bob.start()
    group = box.group(-2001, "Flat", members=[alice, bob])
    for start, action in (("", "pay"), ("topup", "url")):
        message = await invoice(bot, box, alice.id, stars(start_parameter=start))
        body = {"person": alice.id, "chat": alice.id, "message": message.id, "to": group.id}
        copied = await ACTIONS["forward"](box, body)
        [[button]] = copied["raw"]["reply_markup"]["inline_keyboard"]
        assert set(button) == {"text", action}
        copy = group.chat.messages_by_id[copied["raw"]["message_id"]]
        if action == "url":
            with pytest.raises(ValueError, match="no invoice"):
                box.pay(bob, copy)
            continue
        for payer in (bob, alice):  # elsewhere than in the private chat it stays open
            checkout = box.pay(payer, copy)
            await bot.answer_pre_checkout_query(checkout.query.id, True)
            assert (await checkout.outcome()).state == "paid"
    assert (await bot.get_my_star_balance()).amount == 200


async def test_a_link_opens_an_invoice_for_anybody_again_and_again(box: Sandbox, bot: Bot, alice: Person) -> None:
    wish = {name: value for name, value in stars().items() if name != "start_parameter"}
    link = await bot.create_invoice_link(**wish)
    bob = box.person(1002, "Bob")
    for payer in (alice, bob, alice):
        checkout = box.pay(payer, link)
        await bot.answer_pre_checkout_query(checkout.query.id, True)
        assert (await checkout.outcome()).state == "paid"
    bob.block()
    with pytest.raises(ValueError, match="blocked"):
        box.pay(bob, link)
    for period, amount in ((2_592_000, 10_001), (86_400, 10)):
        with pytest.raises(BadRequest, match=r"(?i)SUBSCRIPTION_\w+_INVALID"):
            await bot.create_invoice_link(**{**wish, "prices": [LabeledPrice("a", amount)]}, subscription_period=period)


async def test_the_list_of_stars_is_oldest_first_and_a_refund_has_the_number_of_its_payment(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    charges = []
    for count in (10, 20, 30):
        checkout = box.pay(alice, await invoice(bot, box, alice.id, stars(count)))
        await bot.answer_pre_checkout_query(checkout.query.id, True)
        charges.append((await checkout.outcome()).charge)
    await updates(bot)
    assert await bot.refund_star_payment(alice.id, charges[1])
    [told] = await updates(bot)
    assert told.message is not None and told.message.refunded_payment is not None
    assert told.message.refunded_payment.telegram_payment_charge_id == charges[1]
    with pytest.raises(BadRequest, match=r"(?i)CHARGE_ALREADY_REFUNDED"):
        await bot.refund_star_payment(alice.id, charges[1])
    for person, charge in ((1002, charges[0]), (alice.id, "no-such")):
        with pytest.raises(BadRequest):
            await bot.refund_star_payment(person, charge)
    box.world.payments.charge_back(charges[2])
    assert await updates(bot) == []  # nobody tells of a chargeback
    with pytest.raises(BadRequest, match=r"(?i)CHARGE_ALREADY_REFUNDED"):
        await bot.refund_star_payment(alice.id, charges[2])
    lines = (await bot.get_star_transactions()).transactions
    seen = [(line.id, line.amount, line.source is not None) for line in lines]
    a, b, c = charges
    assert seen == [(a, 10, True), (b, 20, True), (c, 30, True), (b, 20, False), (c, 30, False)]
    assert [line.id for line in (await bot.get_star_transactions(offset=3, limit=1)).transactions] == [b]
    assert (await bot.get_my_star_balance()).amount == 10


async def test_a_payment_whose_update_is_lost_is_in_the_list_all_the_same(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    box.world.payments.lost = 1
    checkout = box.pay(alice, await invoice(bot, box, alice.id, stars()))
    await updates(bot)
    await bot.answer_pre_checkout_query(checkout.query.id, True)
    charge = (await checkout.outcome()).charge
    assert await updates(bot) == []
    [line] = (await bot.get_star_transactions()).transactions
    assert line.id == charge and line.source is not None and line.source.type == "user"


@pytest.mark.parametrize(
    "wish, reason",
    [
        (stars(title="x" * 33), "(?i)INVOICE_TITLE_INVALID"),
        (stars(title=""), 'Parameter "title" is required'),
        (stars(description="x" * 256), "(?i)INVOICE_DESCRIPTION_INVALID"),
        (stars(payload="é" * 65), "(?i)INVOICE_PAYLOAD_INVALID"),
        (stars(payload=""), 'Parameter "payload" is required'),
        (stars(prices=[]), "There must be at least one price"),
        (stars(prices=[LabeledPrice(" ", 1)]), "(?i)LabeledPrice label must be non-empty"),
        (stars(0), "Total price must be positive"),
        (euros(500, -500), "Total price must be positive"),
        (euros(1_000_000_000_000), "Too big amount of the currency specified"),
        (euros(999_999_999_999, 1), "Too big amount of the currency specified"),
        (stars(prices=[LabeledPrice("a", 1), LabeledPrice("b", 1)]), "(?i)STARS_INVOICE_INVALID"),
        (stars(provider_token=TOKEN), "(?i)STARS_INVOICE_INVALID"),
        (stars(max_tip_amount=5), "(?i)STARS_INVOICE_INVALID"),
        (euros(100, provider_token=""), "(?i)PAYMENT_PROVIDER_INVALID"),
        (euros(100, currency="euro"), "(?i)CURRENCY_INVALID"),
        (euros(100, max_tip_amount=9, suggested_tip_amounts=[1, 2, 3, 4, 5]), "at most 4"),
        (euros(100, max_tip_amount=9, suggested_tip_amounts=[2, 1]), "increasing"),
        (euros(100, max_tip_amount=9, suggested_tip_amounts=[10]), "max_tip_amount"),
        (stars(start_parameter="a b"), "(?i)START_PARAM_INVALID"),
    ],
)
async def test_an_invoice_that_telegram_refuses_is_refused(
    bot: Bot, alice: Person, wish: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        await bot.send_invoice(alice.id, **wish)


async def test_the_button_that_pays_is_the_first_of_an_invoice_and_of_nothing_else(
    box: Sandbox, bot: Bot, alice: Person
) -> None:
    pay, other = InlineKeyboardButton("Pay", pay=True), InlineKeyboardButton("No", callback_data="no")
    sent = await bot.send_invoice(alice.id, **stars(), reply_markup=InlineKeyboardMarkup([[pay], [other]]))
    assert sent.invoice is not None and sent.reply_markup is not None
    for rows, reason in (([[other], [pay]], "BUTTON_POS_INVALID"), ([[other]], "REPLY_MARKUP_BUY_EMPTY")):
        with pytest.raises(BadRequest, match=f"(?i){reason}"):
            await bot.send_invoice(alice.id, **stars(), reply_markup=InlineKeyboardMarkup(rows))
    with pytest.raises(BadRequest, match=r"(?i)BUTTON_TYPE_INVALID"):
        await bot.send_message(alice.id, "a", reply_markup=InlineKeyboardMarkup([[pay]]))
    alice.block()
    with pytest.raises(Forbidden):
        await bot.send_invoice(alice.id, **stars())


async def test_nobody_but_telegram_can_say_that_somebody_has_paid(box: Sandbox, alice: Person) -> None:
    for what in ("successful_payment", "refunded_payment"):
        with pytest.raises(ValueError, match="only Telegram"):
            await ACTIONS["say"](box, {"person": alice.id, "content": {what: {"currency": "XTR"}}})


async def test_charges_links_and_stars_are_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "world"
    async with Sandbox(clock=time.time) as box, Bot(box.token, base_url=f"{box.url}/bot") as bot:
        alice = box.person(1001, "Alice")
        await alice.start()
        journal = Journal(box, path)
        journal.begin()
        link = await bot.create_invoice_link(**{k: v for k, v in stars().items() if k != "start_parameter"})
        message = await invoice(bot, box, alice.id, stars())
        checkout = box.pay(alice, message)
        await bot.answer_pre_checkout_query(checkout.query.id, True)
        charge = (await checkout.outcome()).charge
        journal.close()
    async with Sandbox() as box:
        assert Journal(box, path).load()
        payments = box.world.payments
        assert payments.balance == 100 and set(payments.charges) == {charge} and set(payments.links) == {link}
        again = box.people[1001].private.messages_by_id[message.id]
        assert again.is_paid and again.invoice is not None and again.invoice["payload"] == "tu_1"
