"""A PIN over HTTP, in one world: set and asked with a keypad, across a restart, by strangers, wrong, forgotten."""

from pathlib import Path

from bot.sandbox import Message, Person
from bot.sandbox.clock import MovedClock
from tests.e2e.world import bot_world

PIN, WRONG = "2468", "8642"
KEYPAD = "●○"


async def enter(person: Person, keypad: Message, pin: str, *, ok: bool = True) -> None:
    """Press the digits one after the other, and OK."""
    for digit in pin:
        await person.press(keypad, digit)
    if ok:
        await person.press(keypad, "✅")


async def set_pin(person: Person, choice: str, pin: str = PIN) -> None:
    """By /pin's dialog."""
    await person.press(await person.ask("/pin"), choice)
    keypad = await person.wait("Your new PIN")
    await enter(person, keypad, pin)
    await person.see(keypad, "once more")
    await enter(person, keypad, pin)
    await person.see(keypad, "Your PIN is set")


async def test_a_payment_waits_for_the_pin_across_a_restart(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "ahead")
    async with bot_world(tmp_path, clock=clock) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "100"), await world.someone("Bob")
        await set_pin(alice, "Ask above 5.00 EUR")
        await world.pay(alice, bob, "5")

        dialog = await world.dialog(alice, f"/pay 6 @{bob.username}")
        await alice.press(dialog)
        keypad = await alice.wait("Your PIN, please, to pay 6.00 EUR")
        await enter(alice, keypad, PIN[:2], ok=False)
        await alice.see(keypad, "● ● ○ ○")
        await world.bot.kill()
        await world.start_bot()
        await enter(alice, keypad, PIN[2:])
        await alice.wait("Receipt")
        await alice.see(keypad, "The PIN is right")
        await world.settle()
        assert await world.balance(bob) == "11.00"
