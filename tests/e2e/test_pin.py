"""A PIN over HTTP, in one world: set and asked with a keypad, across a restart, typed, wrong, forgotten; strangers."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox import Message, Person
from bot.sandbox.clock import MovedClock
from tests.e2e.world import World, bot_world

PIN, WRONG = "2468", "8642"


async def enter(person: Person, keypad: Message, pin: str, *, ok: bool = True) -> None:
    """Press the digits one after the other, and OK."""
    for digit in pin:
        await person.press(keypad, digit)
    if ok:
        await person.press(keypad, "✅")


async def set_pin(person: Person, choice: str, pin: str = PIN) -> None:
    """By /pin's dialog; a weak one and another the second time come to nothing."""
    await person.press(await person.ask("/pin"), choice)
    keypad = await person.wait("Your new PIN")
    await enter(person, keypad, "1234")
    await person.see(keypad, "among the first that anybody would try")
    await enter(person, keypad, pin)
    await person.see(keypad, "once more")
    await enter(person, keypad, "13")
    await person.see(keypad, "4 to 6 digits")
    await enter(person, keypad, "57")
    await person.see(keypad, "two different PINs")
    for _ in range(2):
        await enter(person, keypad, pin)
    await person.see(keypad, "Your PIN is set")
    assert not keypad.buttons


async def pressed(world: World, person: Person, keypad: Message, key: str) -> str:
    """What a press is answered with."""
    return (await (await person.press(keypad, key)).answer()).text


async def test_a_payment_waits_for_the_pin_across_a_restart_and_only_its_person_can_enter_it(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "ahead")
    async with bot_world(tmp_path, clock=clock) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice", "100"), await world.someone("Bob"), world.operator
        for text, why in (
            ("/pin 2468", "I've deleted your message"),
            ("/pin something", "Like this: /pin shows"),
            ("/pin above", "Please say an amount"),
            ("/pin above -5", "leave out the sign"),
            ("/pin más de -5", "leave out the sign"),
            ("/pin di atas -5", "leave out the sign"),
        ):
            assert why in (await alice.ask(text)).text, text
        assert not [message for message in alice.chat.messages if message.text == "/pin 2468"]
        await set_pin(alice, "Ask above 5.00 EUR")
        await world.pay(alice, bob, "5")

        dialog = await world.dialog(alice, f"/pay 6 @{bob.username}")
        await alice.press(dialog)
        keypad = await alice.wait("Your PIN, please, to pay 6.00 EUR")
        await enter(alice, keypad, PIN[:2], ok=False)
        await alice.see(keypad, "● ● ○ ○")
        assert "somebody else's PIN" in await pressed(world, bob, keypad, "4")
        assert "deleted your message" in (await alice.ask("2468")).text
        await world.bot.kill()
        await world.start_bot()
        await enter(alice, keypad, PIN[2:])
        await alice.wait("Receipt")
        await alice.see(keypad, "The PIN is right")
        shown = [raw.get("text", "") for raw in (*keypad.edits, keypad.raw)]
        assert not any(PIN in text or "2" in text.replace("to pay 6.00 EUR", "") for text in shown)

        group = world.group
        said = await bob.send("look at this", chat=group)
        alice.skip()
        await alice.send("/tip 7", chat=group, reply_to=said)  # done once the PIN is entered, as if said again
        keypad = await alice.wait("Your PIN, please, to pay 7.00 EUR")
        await enter(alice, keypad, PIN)
        await alice.wait("7.00 EUR", chat=group)

        await alice.press(await world.dialog(alice, f"/pay 12 @{bob.username}"))
        dropped = await alice.wait("to pay 12.00 EUR")
        key = next(button for row in dropped.buttons for button in row if button.text == "4").value
        said = await alice.ask("/cancel")
        assert "12.00 EUR" in said.text and "No PIN entered" in said.text
        await alice.see(dropped, "No PIN entered")
        assert not dropped.buttons and "an old one" in await pressed(world, alice, dropped, key)
        await alice.press(await world.dialog(alice, f"/pay 9 @{bob.username}"))
        old = await alice.wait("to pay 9.00 EUR")
        await alice.press(await world.dialog(alice, f"/pay 8 @{bob.username}"))
        newer = await alice.wait("to pay 8.00 EUR")
        assert "an old one" in await pressed(world, alice, old, "pin:AAAAAAAAAAAAAAAA.ok")
        await alice.see(old, "No PIN entered")
        await enter(alice, newer, WRONG)
        await alice.see(newer, "2 more tries")
        await world.bot.kill()
        await world.start_bot()
        for _ in range(2):
            await enter(alice, newer, WRONG)
        await alice.see(newer, "Wrong three times")
        assert "Was it not you?" in (await alice.wait("Your PIN was entered wrong three times")).text
        dialog = await world.dialog(alice, f"/pay 1 @{bob.username}")
        assert "nothing can be paid from your wallet before" in await pressed(world, alice, dialog, "✅ Pay 1.00 EUR")
        clock.jump(timedelta(minutes=61))
        alice.skip()
        await bob.ask("/balance")  # a commit, or a look at the agenda, wakes the clerk
        await alice.wait("You can pay again")

        assert "Like this: /pinreset @bob" in (await olga.ask("/pinreset")).text
        assert "no PIN to change" in (await olga.ask(f"/pinreset @{bob.username}")).text
        assert "Only an operator" in (await bob.ask(f"/pinreset @{alice.username}")).text
        alice.skip()
        seen = await olga.ask(f"/pinreset @{alice.username}")
        notice = await alice.wait("takes your PIN away")
        assert "Only the owner" in await pressed(world, bob, notice, "Keep my PIN")
        await alice.press(notice, "Keep my PIN")
        await olga.see(seen, "they have stopped it")
        await olga.ask(f"/pinreset @{alice.username}")
        clock.jump(timedelta(hours=25))
        alice.skip()
        await bob.ask("/balance")
        await alice.wait("Your PIN is gone")
        await world.pay(alice, bob, "9")
        await world.settle()
        assert await world.balance(bob) == "27.00"
        assert PIN not in world.log
