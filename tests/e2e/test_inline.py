"""`@bot 5 coffee` in any chat, over HTTP: cards in chats without the bot, with everything twice and strangers about."""

from pathlib import Path

from bot.sandbox import Message, Person
from bot.sandbox.chats import Chat
from tests.e2e.world import World, bot_world, press_all, receipt_code

KITCHEN = {"id": -555, "type": "group", "title": "Kitchen"}  # a group that the bot is not in


async def card(person: Person, text: str, number: int = 0) -> Message:
    """What somebody posts through the bot in a chat in which it is not."""
    query = await person.inline(text)
    return await query.choose(number, chat=Chat(dict(KITCHEN), bot_is_in=False))


async def asked_in_private(person: Person, posted: Message) -> Message:
    """A press on Pay, and the question that follows."""
    person.skip()
    answer = await (await person.press(posted, "Pay")).answer()
    assert "asked you in private" in answer.text
    return await person.wait(lambda message: bool(message.buttons))


async def test_a_card_is_paid_once_by_whoever_presses_and_shows_who_paid(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, carol = await world.someone("Alice"), await world.someone("Bob", "20"), await world.someone("Carol")
        posted = await card(alice, "5 zebra")
        assert "Alice" in posted.text and "asks for 5.00 EUR" in posted.text and "zebra" in posted.text

        own = await (await alice.press(posted, "Pay")).answer()
        assert own.alert and "That's yourself" in own.text
        stranger = await (await bob.press(posted, "Cancel")).answer()
        assert stranger.alert and "Only the one who asks" in stranger.text

        asked = await asked_in_private(bob, posted)
        assert "Pay 5.00 EUR to Alice" in asked.text and "zebra" in asked.text
        alice.skip()
        answers = await press_all(bob, asked, 2)
        assert all("Paid 5.00 EUR" in answer.text for answer in answers)
        receipt = await alice.wait("Receipt")
        await alice.see(posted, "5.00 EUR: paid", chat=posted.chat)
        assert receipt_code(receipt) == receipt_code(posted) and "Bob" in posted.text and not posted.buttons

        late = await (await carol.press(posted, f"pay:{code_of(asked, world)}")).answer()
        assert late.alert and "paid already" in late.text
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("5.00", "15.00")


def code_of(asked: Message, world: World) -> str:
    """The code of the request behind a card, from what the bot was told was pressed."""
    presses = [update.raw["callback_query"]["data"] for update in world.box.updates if update.kind == "callback_query"]
    return next(data.removeprefix("pay:") for data in presses if data.startswith("pay:"))
