"""The mock as a way in and out, over HTTP: its page, its API and its webhooks, and the bot as a process of its own."""

import asyncio
import io
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bot.gateways.signed import headers_for
from bot.sandbox import Message, Person
from bot.sandbox.clock import MovedClock
from bot.sandbox.gateway import MockGateway
from tests.e2e.world import World, bot_world
from wallet_core.features.agenda import Agenda


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def mock_world(
    tmp_path: Path, *, clock: MovedClock | None = None, **settings: str
) -> AsyncIterator[tuple[World, MockGateway]]:
    port = free_port()
    async with MockGateway(clock=time.time if clock is None else clock.seconds) as gateway:
        gateway.hooks.url = f"http://127.0.0.1:{port}/gateways/mock"
        given = {"GATEWAYS": "mock", **gateway.settings, "GATEWAY_PORT": str(port), **settings}
        async with bot_world(tmp_path, clock=clock, **given) as world:
            yield world, gateway


def page_of(message: Message) -> str:
    [url] = [button.value for row in message.buttons for button in row if button.kind == "url"]
    return url


async def on_page(url: str, action: str) -> str:
    async with aiohttp.ClientSession() as browser:
        async with browser.get(url) as shown:
            assert "Play money" in await shown.text()
        async with browser.post(f"{url}/{action}") as answer:
            return await answer.text()


async def asked_for(world: World, person: Person, amount: str) -> Message:
    asked = await world.dialog(person, f"/topup {amount}")
    await person.see(asked, "Pay on its page")
    return asked


async def test_a_topup_through_the_page_is_credited_once_whatever_its_buttons_and_webhooks_say(tmp_path: Path) -> None:
    async with mock_world(tmp_path) as (world, gateway):
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice"), await world.someone("Bob")
        gateway.knobs.twice = gateway.knobs.lies = 1.0
        asked = await asked_for(world, alice, "20")
        stranger = await (await bob.press(asked, "Cancel")).answer()
        assert stranger.alert and "Only whoever wants to bring this in" in stranger.text
        assert "❌ Declined" in await on_page(page_of(asked), "decline")
        assert "Nothing was paid" in await on_page(page_of(asked), "leave")
        assert await world.balance(alice) == "0.00"
        alice.skip()
        assert "✅ Paid" in await on_page(page_of(asked), "pay")
        told = await alice.wait("💶 20.00 EUR has come in")
        assert "Your balance: 20.00 EUR" in told.text
        await alice.see(asked, "✅ 20.00 EUR has come in.")
        assert not asked.buttons
        again = await asked_for(world, alice, "5")
        await on_page(page_of(again), "twice")
        await alice.wait("once more")
        late = await asked_for(world, alice, "1")
        page = page_of(late)
        await alice.ask("/cancel")
        await on_page(page, "pay")
        await alice.wait("💶 1.00 EUR has come in, late")
        await on_page(page_of_paid(gateway, 500), "back")
        await alice.wait("5.00 EUR was taken back")
        await world.settle()
        assert await world.balance(alice) == "26.00"
        assert gateway.books.balance == 2600


def page_of_paid(gateway: MockGateway, minor: int) -> str:
    [found] = [each for each in gateway.books.checkouts.values() if each.amount == minor]
    return f"{gateway.url}/pay/{found.id}"


async def test_a_gateway_that_is_away_for_an_hour_is_asked_until_it_answers(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with mock_world(tmp_path, clock=clock, MOCK_FEE="0.50") as (world, gateway):
        alice = await world.someone("Alice", "50")
        gateway.knobs.down_until = float("inf")
        asked = await world.dialog(alice, "/topup 20")
        assert "the fee is 0.50 EUR, you get 19.50 EUR" in asked.text  # said before anything is begun
        await alice.press(asked)
        await alice.see(asked, "I'm getting the page")
        question = await world.dialog(alice, "/withdraw 10")
        assert "The fee is 0.50 EUR: 10.50 EUR leaves your wallet" in question.text
        await alice.press(question, "Take out")
        await alice.see(question, "I don't know yet")
        assert await world.balance(alice) == "39.50"
        await world.bot.kill()
        await world.start_bot()
        gateway.knobs.down_until = 0.0
        gateway.knobs.after = 1.0
        await alice.see(asked, "I'm getting the page")
        gateway.knobs.after = 0.0
        clock.jump(timedelta(hours=1))
        await alice.see(asked, "Pay on its page", timeout_s=20)
        await alice.see(question, "✅ 10.00 EUR was paid out to you.", timeout_s=30)
        assert gateway.books.balance == -1050
        assert len(gateway.books.payouts) == 1
        gateway.knobs.refused = 1.0
        second = await world.dialog(alice, "/withdraw 10")
        await alice.press(second, "Take out")
        await alice.see(second, "10.50 EUR is back in your wallet")
        assert await world.balance(alice) == "39.50"


async def test_webhooks_that_are_not_genuine_are_refused_and_move_nothing(tmp_path: Path) -> None:
    async with mock_world(tmp_path) as (world, gateway):
        alice = await world.someone("Alice")
        asked = await asked_for(world, alice, "20")
        [checkout] = gateway.books.checkouts.values()
        url = gateway.hooks.url
        body = json.dumps({"type": "payment.paid", "data": {"reference": checkout.reference, "amount": 2000}}).encode()
        now = datetime.now(UTC)
        good = headers_for(gateway.secret, number="msg_1", at=now, body=body)
        old = headers_for(gateway.secret, number="msg_1", at=now - timedelta(minutes=6), body=body)
        other = headers_for(MockGateway().secret, number="msg_1", at=now, body=body)
        nonsense = b"[" * 5_000
        signed_nonsense = headers_for(gateway.secret, number="msg_1", at=now, body=nonsense)
        async with aiohttp.ClientSession() as client:
            for headers, sent, status in (
                ({}, body, 401), (old, body, 401), (other, body, 401), (good, body + b" ", 401),
                ({**good, "webhook-timestamp": "now"}, body, 401), ({**good, "webhook-signature": "v1,é"}, body, 401),
                (signed_nonsense, nonsense, 401), (good, b"x" * 10_000_000, 413), (good, body, 204),
            ):  # fmt: skip
                try:
                    async with client.post(url, data=io.BytesIO(sent), headers=headers) as answer:
                        assert answer.status == status, (headers, answer.status)
                except aiohttp.ClientOSError:
                    assert status == 413  # it hung up on so much
            async with client.post(url.replace("mock", "bank"), data=body, headers=good) as answer:
                assert answer.status == 404
        await world.settle()
        assert await world.balance(alice) == "0.00"
        assert "Pay on its page" in asked.text
        assert gateway.secret not in world.log


async def test_what_is_paid_in_other_money_keeps_nothing_else_from_coming_in(tmp_path: Path) -> None:
    async with mock_world(tmp_path) as (world, gateway):
        alice, bob = await world.someone("Alice"), await world.someone("Bob")
        first, second = await asked_for(world, alice, "20"), await asked_for(world, bob, "5")
        checkout = gateway.books.checkouts[page_of(first).rpartition("/")[2]]
        checkout.currency = "USD"
        assert "✅ Paid" in await on_page(page_of(first), "pay")
        checkout.currency = "EUR"
        await on_page(page_of(second), "pay")
        await bob.see(second, "✅ 5.00 EUR has come in.")
        await on_page(page_of(first), "pay")
        await alice.see(first, "✅ 20.00 EUR has come in.")
        assert (await world.balance(alice), await world.balance(bob)) == ("20.00", "5.00")


async def test_with_several_ways_each_has_a_button_and_the_message_stays_one(tmp_path: Path) -> None:
    async with mock_world(tmp_path, GATEWAYS="operator, mock") as (world, _gateway):
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        asked = await world.dialog(alice, "/topup 20")
        assert [button.text for row in asked.buttons for button in row] == [
            "💵 Cash, by hand",
            "💳 Play money, to try it out",
        ]
        await alice.press(asked, "Play money")
        await alice.see(asked, "Pay on its page")
        await on_page(page_of(asked), "pay")
        await alice.see(asked, "✅ 20.00 EUR has come in.")
        by_buttons = await world.dialog(alice, "/withdraw")
        await alice.press(by_buttons, "5.00")
        await alice.see(by_buttons, "How do you want to take out 5.00 EUR?")
        await alice.press(by_buttons, "Play money")
        await alice.see(by_buttons, "Take out 5.00 EUR?")
        await alice.press(by_buttons, "Take out")
        await alice.see(by_buttons, "✅ 5.00 EUR was paid out to you.")
        assert await world.balance(alice) == "15.00"


async def test_the_operator_sees_what_the_gateway_says_beside_the_books_and_hears_at_night_what_differs(
    tmp_path: Path,
) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with mock_world(tmp_path, clock=clock) as (world, gateway):
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        asked = await asked_for(world, alice, "20")
        await on_page(page_of(asked), "pay")
        await alice.wait("💶 20.00 EUR has come in")
        overview = await olga.ask("/gateways")
        assert "There must be: 20.00 EUR" in overview.text and "It says it holds: 20.00 EUR" in overview.text
        assert "is the same" in (await olga.ask("/reconcile")).text
        assert "Only an operator" in (await alice.ask("/reconcile")).text
        waits = await asked_for(world, alice, "7")
        assert "7.00 EUR to come in" in (await alice.ask("/balance")).text
        stray = gateway.books.pay_unknown(333, "EUR")
        gateway.hooks.url = ""
        olga.skip()
        for _ in range(200):  # until the bot has seen that the gateway is used
            if "reconcile:mock" in {due.id for due in await world.core.ask(Agenda(9))}:
                break
            await asyncio.sleep(0.05)
        clock.jump(timedelta(days=1))
        told = await olga.wait("Tonight", timeout_s=20)
        assert "3.33 EUR too much" in told.text and stray.id in told.text
        await world.settle()
        assert world.log.count("reconciled ") == 1
        await alice.see(waits, "not here in time")
        gateway.knobs.down_until = float("inf")
        assert "doesn't answer" in (await olga.ask("/gateways")).text
