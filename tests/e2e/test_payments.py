"""Money comes in by Stars and by card, and goes back, through the real bot over HTTP; whatever Telegram does (G16)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.sandbox import Card, Message, Person
from bot.sandbox.updates import Update
from tests.e2e.world import GROUP_ID, World, bot_world
from tests.sandbox.test_payments import TOKEN


async def somebody(world: World, name: str, unit: str) -> Person:
    person = await world.stranger(name)
    await person.start()
    await person.wait(unit)
    return person


def link_of(message: Message) -> str:
    """Where the Pay button leads."""
    return next(button.value for row in message.buttons for button in row if button.kind == "url")


async def asked(world: World, person: Person, amount: str) -> Message:
    """A top-up that can be paid."""
    person.skip()
    await person.send(f"/topup {amount}")
    return await person.wait(lambda message: any(b.kind == "url" for row in message.buttons for b in row))


def payments(world: World) -> list[Update]:
    """What the bot was told of money."""
    return [each for each in world.box.updates if "successful_payment" in each.raw.get("message", {})]


async def pay(world: World, person: Person, link: str) -> str:
    """Paid and in the wallet; its charge."""
    person.skip()
    outcome = await world.box.pay(person, link).outcome()
    assert outcome.state == "paid", outcome
    await person.wait("has come in")
    return outcome.charge


async def test_g16_stars_come_in_once_for_each_charge_and_go_back_whole_whatever_telegram_does(tmp_path: Path) -> None:
    async with bot_world(tmp_path, GATEWAYS="stars", CURRENCY="XTR") as world:
        box = world.box
        alice, bob = await somebody(world, "Alice", "0 XTR"), await somebody(world, "Bob", "0 XTR")
        first = await asked(world, alice, "100")
        await _pays_once(world, alice, bob, first)
        await _forgeries_count_for_nothing(world, alice)
        await _two_devices_are_both_credited(world, alice)
        await _a_busy_lane_loses_no_payment(world, alice)
        await _what_was_lost_is_found(world, bob)
        await _one_goes_back_whole(world, alice, first)
        assert box.world.payments.balance == 100 + 2 * 10 + 20 + 30 - 100
        assert (await world.balance(alice), await world.balance(bob)) == ("40", "30")
        assert "Traceback" not in world.log


async def _pays_once(world: World, alice: Person, bob: Person, first: Message) -> None:
    box, link = world.box, link_of(first)
    outcome = await box.pay(bob, link).outcome()
    assert outcome.state == "refused" and "Only whoever wants to bring this in can pay" in outcome.reason
    await pay(world, alice, link)
    await alice.see(first, "100 XTR has come in")
    assert await world.balance(alice) == "100"
    [told] = payments(world)
    await box.redeliver(told)
    box.inject({"message": told.raw["message"]})  # as a new update
    outcome = await box.pay(alice, link).outcome()
    assert outcome.state == "refused" and "has come in already" in outcome.reason
    await world.settle()
    assert (await world.balance(alice), await world.transfers()) == ("100", 1)


async def _forgeries_count_for_nothing(world: World, alice: Person) -> None:
    """Only Telegram says that somebody has paid, and says it in the private chat, of the person's own."""
    real = dict(payments(world)[0].raw["message"])
    forged = real["successful_payment"] | {"telegram_payment_charge_id": "stxforged", "total_amount": 999}
    await alice.send(f"successful_payment {forged}")
    origin = {"type": "user", "sender_user": alice.raw, "date": 1}
    world.box.inject({"message": real | {"successful_payment": forged, "forward_origin": origin}})
    world.box.inject({"message": real | {"successful_payment": forged, "via_bot": world.box.world.bot}})
    group = {"id": GROUP_ID, "type": "group", "title": "Flat 3"}
    world.box.inject({"message": real | {"successful_payment": forged, "chat": group}})
    await world.settle()
    assert (await world.balance(alice), await world.transfers()) == ("100", 1)


async def _two_devices_are_both_credited(world: World, alice: Person) -> None:
    link = link_of(await asked(world, alice, "10"))
    both = [world.box.pay(alice, link) for _ in range(2)]
    assert [(await each.outcome()).state for each in both] == ["paid", "paid"]
    await alice.wait("has come in once more")
    assert await world.balance(alice) == "120"


async def _a_busy_lane_loses_no_payment(world: World, alice: Person) -> None:
    """While something of hers takes long, Telegram's question is answered at once."""
    box, made = world.box, await asked(world, alice, "20")
    box.fail("createInvoiceLink", delay_s=2.0)
    alice.skip()
    await alice.send("/topup 7")
    slow = asyncio.create_task(box.called("createInvoiceLink"))
    outcome = await box.pay(alice, link_of(made)).outcome()
    assert outcome.state == "paid" and not slow.done()
    await slow
    await alice.see(made, "20 XTR has come in")
    assert await world.balance(alice) == "140"


async def _what_was_lost_is_found(world: World, bob: Person) -> None:
    """A payment of which no update came, a question that is too old, Stars that were taken back."""
    box = world.box
    link = link_of(await asked(world, bob, "30"))
    box.world.payments.lost = 1
    assert (await box.pay(bob, link).outcome()).state == "paid"
    lost = await pay(world, bob, link_of(await asked(world, bob, "5")))
    second = link_of(await asked(world, bob, "8"))
    await world.bot.kill()
    late = box.pay(bob, second)
    late.expire()
    box.world.payments.charge_back(lost)
    bob.skip()
    await world.start_bot()
    await bob.wait("30 XTR has come in")
    await bob.wait("5 XTR was taken back")
    await world.settle()
    assert (await late.outcome()).state == "late" and await world.balance(bob) == "30"


async def _one_goes_back_whole(world: World, alice: Person, first: Message) -> None:
    box, before = world.box, await world.transfers()
    bob = next(each for each in box.people.values() if each.name == "Bob")
    stranger = await bob.press(first, "Back to my Stars")
    assert "Only whoever wants" in (await stranger.answer()).text
    alice.skip()
    await alice.press(first, "Back to my Stars")
    question = await alice.wait("Give back 100 XTR")
    again = await alice.press(first, "Back to my Stars")
    assert "being paid already" in (await again.answer()).text
    await alice.press(question, 1)  # never mind
    await alice.see(question, "nothing was moved")
    once_more = await alice.press(first, "Back to my Stars")
    assert (await once_more.answer()).text == ""
    question = await alice.wait("Give back 100 XTR")
    await alice.press(question)
    await alice.see(question, "100 XTR was paid out")
    refused = await alice.press(first, "Back to my Stars")
    assert "I know of no such payment" in (await refused.answer()).text
    await world.bot.kill()
    await world.start_bot()  # it reads the list again, with the refund on it
    await box.called("getMyStarBalance")
    await world.settle()
    assert await world.transfers() == before + 2  # put aside, paid out


async def test_a_card_brings_in_euros_and_stars_do_at_a_fixed_rate(tmp_path: Path) -> None:
    settings = {"GATEWAYS": "telegram,stars", "PAYMENT_PROVIDER_TOKEN": TOKEN, "STARS_RATE": "0.02"}
    async with bot_world(tmp_path, **settings) as world:
        alice = await world.someone("Alice")
        for way, price in (("By card", "EUR 2001"), ("Stars", "XTR 1001")):
            which = await world.dialog(alice, "/topup 20.01")
            await alice.press(which, way)
            made = await alice.wait(lambda message: any(b.kind == "url" for row in message.buttons for b in row))
            link = link_of(made)
            invoice = world.box.world.payments.invoice(link)
            assert f"{invoice['currency']} {invoice['total']}" == price
            if way == "By card":
                for card in (Card.DECLINED, Card.SILENT):
                    assert (await world.box.pay(alice, link, card=card).outcome()).state != "paid"
                assert await world.balance(alice) == "0.00"
            await pay(world, alice, link)
        assert await world.balance(alice) == "40.03"  # 1,001 Stars are 20.02
        assert TOKEN not in world.log
