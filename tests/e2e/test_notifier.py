"""Words out: both people are told of every payment, whatever Telegram says first (G8)."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Limits, Person
from bot.sandbox.clock import MovedClock
from tests.e2e.world import MEMO, World, bot_world, press_all, receipt_code

RETRY_S = 2


async def confirmed(world: World, payer: Person, payee: Person, amount: str) -> None:
    """A payment that the payer's press has been answered for; nobody has seen a receipt yet."""
    dialog = await world.dialog(payer, f"/pay {amount} @{payee.username} {MEMO}")
    payer.skip()
    payee.skip()
    await press_all(payer, dialog, 1)


def to(person: Person, status: int = 200):  # type: ignore[no-untyped-def]
    """Calls that write to this person and end like this."""
    return lambda call: call.params.get("chat_id") in (person.id, str(person.id)) and call.status == status


async def test_g8_too_many_requests_is_obeyed_and_the_message_comes_after_it(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username} {MEMO}")
        bob.skip()
        world.box.fail("sendMessage", code=429, retry_after_s=RETRY_S)
        await alice.press(dialog)
        await world.box.called("sendMessage", to(bob, 429))
        refused_at_s, calls = time.monotonic(), len(world.box.calls)
        code = receipt_code(await bob.wait("Receipt"))
        assert time.monotonic() - refused_at_s >= RETRY_S
        assert code == receipt_code(await alice.wait("Receipt"))
        again = [call for call in list(world.box.calls)[calls:] if call.method == "sendMessage" and to(bob)(call)]
        assert len(again) == 1


async def test_g8_under_telegrams_limits_everybody_is_told_of_every_payment_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialogs = [await world.dialog(alice, f"/pay 0.0{n} @{bob.username} {MEMO}") for n in range(1, 7)]
        world.box.limit(Limits(chat_per_s=1, chat_burst=3))
        for dialog in dialogs:
            await alice.press(dialog)
        codes = [receipt_code(await bob.wait("Receipt")) for _ in dialogs]
        for dialog in dialogs:
            if "Receipt" not in dialog.text:
                await alice.wait(lambda message, dialog=dialog: message is dialog and "Receipt" in message.text)
        assert sorted(codes) == sorted(receipt_code(dialog) for dialog in dialogs)
        assert len(set(codes)) == len(codes)
        assert [call for call in world.box.calls if call.status == 429]


async def test_g8_somebody_who_blocked_the_bot_is_told_after_coming_back(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        bob.block()
        for amount in ("5", "6"):
            dialog = await world.dialog(alice, f"/pay {amount} @{bob.username} {MEMO}")
            await alice.press(dialog)
            await world.box.called("sendMessage", to(bob, 403))
            await alice.wait("Receipt")  # who pays is told all the same
        assert await world.bot.stop() == 0
        await world.start_bot()
        bob.skip()
        await bob.start()
        texts = [(await bob.wait("Receipt")).text for _ in range(2)]
        assert "5.00 EUR" in texts[0] and "6.00 EUR" in texts[1]
        assert await world.balance(bob) == "11.00"


async def test_g8_what_could_not_be_told_before_a_restart_or_a_crash_is_told_at_once_after_it(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with bot_world(tmp_path, clock=clock) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username} {MEMO}")
        world.box.fail("sendMessage", times=1_000, code=502)
        bob.skip()
        await alice.press(dialog)
        await world.box.called("sendMessage", to(bob, 502))
        assert await world.bot.stop() == 0
        tried = asyncio.create_task(world.box.called("sendMessage", to(bob, 502)))
        await world.start_bot()
        await tried
        await world.bot.kill()
        world.box.api.faults.clear()
        clock.jump(timedelta(hours=-1))  # until the lease of the dead one is over
        await world.start_bot()
        assert receipt_code(await bob.wait("Receipt")) == receipt_code(dialog)


async def test_a_receipt_whose_dialog_was_deleted_comes_as_a_message(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username} {MEMO}")
        alice.private.remove(dialog)
        alice.skip()
        await alice.press(dialog)
        receipt = await alice.wait("Receipt")
        assert receipt is not dialog
        assert receipt_code(receipt) == receipt_code(await bob.wait("Receipt"))


async def test_a_group_that_threw_the_bot_out_does_not_stop_the_receipts(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username} {MEMO}", chat=world.group)
        world.group.chat.bot_is_in = False
        alice.skip()
        await alice.press(dialog)
        assert receipt_code(await alice.wait("Receipt")) == receipt_code(await bob.wait("Receipt"))


async def test_g8_a_receipt_that_telegram_took_without_saying_so_comes_twice_with_one_code(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username} {MEMO}")
        bob.skip()
        world.box.fail("sendMessage", drop="after")
        await alice.press(dialog)
        first, second = [receipt_code(await bob.wait("Receipt")) for _ in range(2)]
        assert first == second
        assert await world.balance(bob) == "5.00"
