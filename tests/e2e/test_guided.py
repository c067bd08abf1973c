"""Pay and Ask by buttons alone, one question at a time, over HTTP, with a restart in each middle."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, press_all

HOME = [["💶 Pay", "🧾 Ask"], ["📲 My QR", "💰 Balance"]]


def keyboard(person: Person) -> list[list[str]]:
    """The buttons below the input field."""
    markup = person.private.keyboard
    assert markup is not None
    return [[button if isinstance(button, str) else button["text"] for button in row] for row in markup["keyboard"]]


def texts(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def restart(world: World) -> None:
    await world.settle()
    await world.bot.stop()
    await world.start_bot()
    for person in world.box.people.values():
        person.skip()


async def test_somebody_pays_by_buttons_alone_also_when_the_bot_restarts_before_each(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, eve = await world.someone("Alice", "20"), await world.someone("Bob"), await world.someone("Eve")
        assert keyboard(alice) == HOME
        await world.pay(alice, bob, "2")
        alice.skip()
        await alice.send("💶 Pay")
        await alice.wait("Whom do you want to pay?")
        whom = await alice.wait("Or one of these")
        assert keyboard(alice) == [["👤 Pick somebody"], *HOME]
        await restart(world)
        await alice.press(whom, "Bob")
        much = await alice.wait("How much do you want to pay to")
        assert "2.00 EUR" in texts(much) and "50.00 EUR" not in texts(much) and keyboard(alice) == HOME
        await alice.see(whom, "picked somebody")
        assert not whom.buttons
        await restart(world)
        stranger = await (await eve.press(much, "2.00 EUR")).answer()
        assert "haven't asked you" in stranger.text
        await alice.press(much, "2.00 EUR")
        memo = await alice.wait("What is it for?")
        await alice.see(much, "2.00 EUR")
        assert not much.buttons
        old = await (await alice.press(much, "much:1:500")).answer()
        assert "haven't asked you" in old.text
        await restart(world)
        await alice.send("zebra")
        dialog = await alice.wait("Pay 2.00 EUR to")
        assert "zebra" in dialog.text and "Bob" in dialog.text
        await alice.see(memo, "See below")
        assert not memo.buttons
        await restart(world)
        await press_all(alice, dialog, 2)
        await bob.wait("2.00 EUR")
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("16.00", "4.00")
