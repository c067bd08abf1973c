"""Pay and Ask by buttons alone, one question at a time, over HTTP, with a restart in each middle."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, id_of, press_all
from wallet_core import OpenRequests

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


async def test_people_pay_and_ask_by_buttons_alone_also_when_the_bot_restarts_at_each_question(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, eve = await world.someone("Alice", "20"), await world.someone("Bob"), await world.someone("Eve")
        assert keyboard(alice) == HOME
        await world.pay(alice, bob, "2")
        for person in (alice, bob):
            person.skip()
        await alice.send("💶 Pay")
        await bob.send("🧾 Ask")
        await alice.wait("Whom do you want to pay?")
        whom, asked = await alice.wait("Or one of these"), await bob.wait("Or one of these")
        assert keyboard(alice) == [["👤 Pick somebody"], *HOME]
        assert texts(asked) == ["Alice", "👥 Whoever scans it", "✖️ Cancel"]
        shown = await alice.ask("/history @" + str(bob.username))

        await restart(world)
        await alice.press(whom, "Bob")
        await bob.pick(alice)
        much, ask_much = await alice.wait("How much do you want to pay to"), await bob.wait("How much do you ask")
        assert "2.00 EUR" in texts(much) and "50.00 EUR" not in texts(much) and keyboard(alice) == HOME
        for question in (whom, asked):
            await (alice if question is whom else bob).see(question, "picked somebody")
            assert not question.buttons
        await alice.press(shown, "1")  # a history's buttons live on as well
        await alice.see(shown, "For: zebra")

        await restart(world)
        stranger = await (await eve.press(much, "2.00 EUR")).answer()
        assert "haven't asked you" in stranger.text
        await alice.press(much, "2.00 EUR")
        await bob.press(ask_much, "5.00 EUR")
        memo, ask_memo = await alice.wait("What is it for?"), await bob.wait("What is it for?")
        await alice.see(much, "2.00 EUR")
        old = await (await alice.press(much, "much:1:500")).answer()
        assert "haven't asked you" in old.text and not much.buttons

        await restart(world)
        await alice.send("zebra")
        dialog = await alice.wait("Pay 2.00 EUR to")
        assert "zebra" in dialog.text and "Bob" in dialog.text
        await alice.see(memo, "See below")
        await bob.press(ask_memo, "Leave it out")
        assert (await bob.wait("I've asked")).photo_bytes is not None
        await alice.wait("asks you for")
        await press_all(alice, dialog, 2)
        await bob.wait("2.00 EUR")
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("16.00", "4.00")
        assert keyboard(bob) == keyboard(alice) == HOME
        requests = await world.core.ask(OpenRequests(person=id_of(bob), limit=9))
        assert len(requests) == 1 and requests[0].payer is not None  # once, though all came twice
