"""Tips, over HTTP: gathered below the message, told together, with everything twice and strangers about."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, receipt_code


def in_group(world: World) -> list[Message]:
    """What the bot's messages in the group say now."""
    return [message for message in world.group.messages if message.from_bot]


async def said(world: World, person: Person, text: str) -> Message:
    """Somebody writes into the group."""
    return await person.send(text, chat=world.group)


async def test_tips_to_one_message_are_one_line_and_one_note(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        bob = await world.someone("Bob")
        ann, cleo, dan, eve = [await world.someone(name, "10") for name in ("Ann", "Cleo", "Dan", "Eve")]
        song = await said(world, bob, "la la la")
        bob.skip()
        for person in (ann, cleo, dan, eve):
            person.skip()
            person.skip(chat=world.group)
        await ann.send("/tip 1", chat=world.group, reply_to=song)
        line = await ann.wait("1.00 EUR from Ann", chat=world.group)
        assert line.raw["reply_to_message"]["message_id"] == song.id
        paid = await ann.wait("Tipped 1.00 EUR")
        note = await bob.wait("You were tipped 1.00 EUR")
        assert receipt_code(paid) == receipt_code(note)
        await cleo.send("/tip 0.50", chat=world.group, reply_to=song)
        await ann.see(line, "1.50 EUR from Ann and Cleo", chat=world.group)
        await dan.send("/tip 1", chat=world.group, reply_to=song)
        await ann.see(line, "2.50 EUR from Ann, Cleo and 1 more", chat=world.group)
        press = await eve.press(line)
        assert "Tipped 1.00 EUR to “Bob”" in (await press.answer()).text
        await ann.see(line, "3.50 EUR from Ann, Cleo and 2 more", chat=world.group)
        await bob.see(note, "3.50 EUR")
        assert "4 tips" in note.text and "Your balance: 3.50 EUR" in note.text
        await world.settle()
        assert await world.balance(bob) == "3.50"
        assert len(in_group(world)) == 1
        assert [message for message in bob.private.messages if "tipped" in message.words] == [note]
        assert note.words.count("Receipt:") == 4
        assert await world.transfers() == 4 + 4
        assert f"-1.00 EUR as a tip to Bob (@{bob.username})" in (await ann.ask("/history")).text
        assert f"+0.50 EUR as a tip from Cleo (@{cleo.username})" in (await bob.ask("/history")).text
