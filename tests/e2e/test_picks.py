"""/pay and /request that name nobody, over HTTP: Telegram's list of people, the last five, a name; across a restart."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.test_guided import HOME, keyboard
from tests.e2e.world import World, bot_world, press_all


async def whom(world: World, person: Person, text: str) -> tuple[Message, Message]:
    """The two messages that ask: above the button below the input field, and with the last people."""
    person.skip()
    await person.send(text)
    return await person.next(), await person.next()


def texts(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def test_pay_without_a_name_goes_on_with_whoever_is_picked_also_after_a_restart(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        asked, others = await whom(world, alice, "/pay 5 zebra")
        assert "To whom" in asked.text and "5.00 EUR" in asked.text and "zebra" in asked.text
        assert texts(others) == ["✖️ Cancel"]
        await world.bot.stop()
        await world.start_bot()
        alice.skip()
        await alice.pick(bob)
        dialog = await alice.wait("Pay 5.00 EUR to")
        assert "Bob" in dialog.text and "zebra" in dialog.text
        assert keyboard(alice) == HOME
        await alice.see(others, "picked somebody")
        assert not others.buttons
        await press_all(alice, dialog, 2)
        await bob.wait("5.00 EUR")
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("15.00", "5.00")


async def test_the_last_five_people_are_offered_the_last_first(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice", "20")
        people = [await world.someone(name) for name in ("Bob", "Carol", "Dan", "Eve", "Fay", "Gus")]
        for person in people:
            await world.pay(alice, person, "1")
        _, others = await whom(world, alice, "/pay")
        assert texts(others) == ["Gus", "Fay", "Eve", "Dan", "Carol", "✖️ Cancel"]
        stranger = await people[0].press(others, "Gus")
        assert "haven't asked you" in (await stranger.answer()).text
        alice.skip()
        await press_all(alice, others, 2)
        await alice.wait("How much do you want to pay to")
        await alice.press(await alice.ask("2"), "Leave it out")
        dialog = await alice.wait("Pay 2.00 EUR")
        assert "Pay 2.00 EUR to" in dialog.text and "Gus" in dialog.text
        await alice.see(others, "picked somebody")


async def test_a_request_is_put_to_whoever_is_picked(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        carol = await world.someone("Carol", "20")
        await world.pay(alice, bob, "1")
        picture = await bob.ask("/request 5 zebra")
        link = next(word for word in picture.caption.split() if "start=r_" in word)
        carol.skip()
        await carol.open(link)
        hers = await carol.wait("Pay 5.00 EUR to")  # she has scanned it before

        bob.skip()
        alice.skip()
        [pressed] = [await (await bob.press(picture, "Ask somebody")).answer()]
        assert not pressed.alert
        await bob.wait("Whom shall I ask?")
        others = await bob.wait("Or one of these")
        await bob.press(others, "Alice")
        await bob.wait("I've asked")
        question = await alice.wait("asks you for")
        await bob.see(picture, "I've asked")
        await carol.see(hers, "cancelled")
        assert not hers.buttons and "👤 Ask somebody" not in texts(picture)
        await alice.press(question)
        await alice.press(await alice.wait("Pay 5.00 EUR to"))
        await bob.see(picture, "paid")
        assert await world.balance(carol) == "20.00"


async def test_somebody_unknown_who_is_picked_gets_the_link(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, stranger = await world.someone("Alice", "20"), await world.stranger("Nina")
        await whom(world, alice, "/pay 5")
        alice.skip()
        await alice.pick(stranger)
        assert "hasn't opened a wallet yet" in (await alice.next()).text
        picture = await alice.ask("/request 5")
        await alice.press(picture, "Ask somebody")
        await alice.wait("Changed your mind")
        alice.skip()
        await alice.pick(stranger)
        assert "send them the picture or the link" in (await alice.next()).text
        assert picture.buttons


async def test_a_name_answers_too_and_cancel_and_asking_anew_end_the_question(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        _, first = await whom(world, alice, "/pay 5")
        _, second = await whom(world, alice, "/pay 6 zebra")
        await alice.see(first, "Dropped; nothing was moved")
        assert not first.buttons
        alice.skip()
        await alice.send(f"@{bob.username}")
        dialog = await alice.wait("Pay 6.00 EUR to")
        assert "zebra" in dialog.text
        await alice.see(second, "picked somebody")
        before = await world.transfers()
        assert "Pay" not in (await alice.ask(f"@{bob.username}")).text and await world.transfers() == before

        for drop in ("Cancel", "/cancel"):
            _, asked = await whom(world, alice, "/pay 7")
            alice.skip()
            await (alice.press(asked, drop) if drop == "Cancel" else alice.send(drop))
            await alice.wait("Dropped")
            await alice.see(asked, "Dropped; nothing was moved")
            assert keyboard(alice) == HOME and not asked.buttons


async def test_an_old_list_of_people_answers_no_newer_question(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await whom(world, alice, "/pay 5")
        old = alice.private.keyboard
        await whom(world, alice, "/pay 6")
        alice.private.keyboard = old
        alice.skip()
        await alice.pick(bob)
        assert "asked again since" in (await alice.next()).text


async def test_whatever_refuses_the_question_says_why(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, nina = await world.someone("Alice", "20"), await world.stranger("Nina")
        for text, answer in (
            ("/pay coffee", "no amount"),
            ("/pay 0", "is nothing"),
            (f"/pay 5 {'x' * 201}", "200"),
            ("/pay 5 coffee with @bob", "To whom"),
            ("/pay bob 5", "To whom"),
        ):
            said = await alice.ask(text)
            assert answer in said.words and keyboard(alice) == HOME, (text, said.words)
        assert "Like this" in (await alice.ask("/pay", chat=world.group)).text
        await nina.send("/pay 5")
        assert "no wallet" in (await nina.next()).text
        await alice.send("/pay")
        await alice.wait("Changed your mind")
        alice.skip()
        await alice.pick(alice)
        assert "yourself" in (await alice.next()).text
