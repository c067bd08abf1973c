"""Requests that are put to one person, over HTTP: she alone pays or declines, everything twice, strangers about."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Message, Person
from bot.sandbox.clock import MovedClock
from tests.e2e.world import World, bot_world, press_all


async def met(world: World, *people: Person) -> None:
    """All of them write in the group, where the bot sees them."""
    for person in people:
        await person.ask("/verify 0000000000000", chat=world.group)
        person.skip(chat=world.group)


async def asked(bob: Person, alice: Person, words: str, *, chat: object = None) -> tuple[Message, Message]:
    """Bob asks Alice, who knows him: his picture, and what she is asked in private."""
    alice.skip()
    picture = await bob.ask(words, chat=chat)
    return picture, await alice.wait("asks you for")


async def test_alice_is_asked_in_private_and_pays_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        carol = await world.someone("Carol", "20")
        await met(world, alice, bob)
        picture, question = await asked(bob, alice, f"/request 5 @{alice.username} zebra")
        assert "Bob" in picture.caption and "asks" in picture.caption and "Alice" in picture.caption
        assert "I've asked" in picture.caption and picture.photo_bytes
        assert "5.00 EUR" in question.text and "zebra" in question.text
        assert [button.text for row in question.buttons for button in row] == [
            "💶 Pay 5.00 EUR",
            "No, thanks",
            "🚫 Block Bob",
        ]

        [stranger] = await press_all(carol, question, 1)
        assert stranger.alert and "somebody else" in stranger.text
        [stranger] = [await (await carol.press(question, "No, thanks")).answer()]
        assert stranger.alert and "somebody else" in stranger.text
        link = next(word for word in picture.caption.split() if "start=r_" in word)
        carol.skip()
        await carol.open(link)
        assert "somebody else" in (await carol.wait("request")).text

        alice.skip()
        await press_all(alice, question, 2)
        dialog = await alice.wait("Pay 5.00 EUR to")
        await press_all(alice, dialog, 2)
        await alice.see(dialog, "Receipt")
        await alice.see(question, "paid")
        await bob.see(picture, "paid")
        assert not question.buttons and not picture.buttons
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("15.00", "5.00")


async def test_no_thanks_ends_it_and_the_asker_sees_it_in_the_picture(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await world.pay(alice, bob, "1")  # so they have met
        picture, question = await asked(bob, alice, f"/request @{alice.username} 5 zebra")
        await press_all(alice, question, 1)
        dialog = await alice.wait("Pay 5.00 EUR to")
        answer = await (await alice.press(question, "No, thanks")).answer()
        assert "Nothing was moved" in answer.text
        await bob.see(picture, "said no")
        await alice.see(question, "said no")
        await alice.see(dialog, "said no")
        assert not picture.buttons and not question.buttons and not dialog.buttons
        [late] = [await (await bob.press(picture, f"off:{question_code(picture)}")).answer()]
        assert "Cancelled" in late.text
        assert await world.balance(alice) == "19.00"


def question_code(picture: Message) -> str:
    """The code of a request, from any text of its picture."""
    return next(
        word.partition("r_")[2] for raw in picture.edits for word in raw["caption"].split() if "start=r_" in word
    )


async def test_a_request_that_is_withdrawn_or_expires_changes_what_alice_was_asked(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await met(world, alice, bob)
        picture, question = await asked(bob, alice, f"/request 5 zebra from @{alice.username}")
        assert "zebra" in question.text and "from" not in question.text
        await bob.press(picture, "Cancel")
        await alice.see(question, "no longer asks")
        assert not question.buttons


async def test_in_a_group_the_button_is_hers_and_she_is_asked_in_private_too(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        carol = await world.someone("Carol", "20")
        await met(world, alice, bob)
        picture, question = await asked(bob, alice, f"/request 5 @{alice.username} zebra", chat=world.group)
        assert "asks" in picture.caption and "I've asked" not in picture.caption
        [stranger] = await press_all(carol, picture, 1)
        assert stranger.alert and "somebody else" in stranger.text
        alice.skip(chat=world.group)
        await alice.press(picture)
        dialog = await alice.wait(lambda message: "pay 5.00 EUR" in message.text, chat=world.group)
        await alice.press(dialog)
        await alice.see(picture, "paid", chat=world.group)
        await alice.see(question, "paid")
        assert await world.balance(bob) == "5.00"


async def test_who_has_not_met_the_asker_is_not_written_to_and_pays_by_the_link(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        alice.skip()
        picture = await bob.ask(f"/request 5 @{alice.username} zebra")
        assert "haven't met" in picture.caption and "I've asked" not in picture.caption
        link = next(word for word in picture.caption.split() if "start=r_" in word)
        await world.settle()
        assert not any("asks you" in message.words for message in alice.private.messages)
        alice.skip()
        await alice.open(link)
        dialog = await alice.wait("Pay 5.00 EUR to")
        await alice.press(dialog)
        await bob.see(picture, "paid")


async def test_somebody_unknown_gets_the_link_and_whoever_opens_it_pays(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        bob, carol = await world.someone("Bob"), await world.someone("Carol", "20")
        picture = await bob.ask("/request 5 @nobody_here zebra")
        assert "I don't know @nobody_here yet" in picture.caption
        carol.skip()
        await carol.open(next(word for word in picture.caption.split() if "start=r_" in word))
        await carol.press(await carol.wait("Pay 5.00 EUR to"))
        await bob.see(picture, "paid")


async def test_who_has_blocked_the_bot_is_not_asked_and_the_asker_learns_it(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await met(world, alice, bob)
        alice.block()
        picture = await bob.ask(f"/request 5 @{alice.username} zebra")
        await bob.see(picture, "can't write to")
        alice.unblock()
        alice.skip()
        await alice.open(next(word for word in picture.caption.split() if "start=r_" in word))
        await alice.press(await alice.wait("Pay 5.00 EUR to"))
        await bob.see(picture, "paid")


async def test_what_alice_was_not_told_yet_is_told_at_once_after_a_crash(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    async with bot_world(tmp_path, clock=clock) as world:
        world.is_troubled = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await met(world, alice, bob)
        alice.skip()
        world.box.fail("sendMessage", times=1_000, code=500, description="Internal Server Error")
        tried = asyncio.create_task(world.box.called("sendMessage"))
        await bob.ask(f"/request 5 @{alice.username} zebra")
        await tried
        await world.bot.kill()
        world.box.api.faults.clear()
        clock.jump(timedelta(hours=-1))  # until the lease of the dead one is over
        await world.start_bot()
        question = await alice.wait("asks you for")
        await alice.press(question, "No, thanks")
        await alice.see(question, "said no")


async def test_whatever_refuses_a_request_to_somebody_says_why(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        bob = await world.someone("Bob")
        for text, answer in (
            ("/request @alice", "How much?"),
            (f"/request 5 @{bob.username}", "yourself"),
            ("/request 5 @alice @carol", "several"),
            ("/request 5 coffee @alice @carol", "several"),
            ("/request @alice 5 @carol coffee", "several"),
            ("/request @alice coffee 5", "no amount"),
            ("/request @alice 0", "is nothing"),
            (f"/request @alice 5 {'x' * 201}", "200"),
            (f"/request 5 @{world.box.world.bot['username']}", "bot has no wallet"),
        ):
            said = await bob.ask(text)
            assert answer in said.words, (text, said.words)
            assert not said.photo_bytes, text
