"""Bills are shared in a group, over HTTP: everything twice, strangers at every button, people who never wrote to us."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import MEMO, World, bot_world, id_of, press_all, receipt_code


async def posted(world: World, person: Person, text: str) -> Message:
    """The live message of a bill."""
    return await world.dialog(person, text, chat=world.group)


async def said(person: Person, message: Message, which: str) -> str:
    """What the bot answers to a press."""
    return (await (await person.press(message, which)).answer()).text


async def asked(person: Person, live: Message) -> Message:
    """The question that comes in private after a press on the live message."""
    person.skip()
    assert "in private" in await said(person, live, "Pay my share")
    return await person.wait(lambda message: bool(message.buttons))


async def test_those_who_are_in_pay_an_equal_share_each_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        ann, bob, cleo = await world.someone("Ann"), await world.someone("Bob", "20"), await world.someone("Cleo", "20")
        stranger = await world.someone("Dan", "5")
        live = await posted(world, ann, f"/split 10 {MEMO} dinner")
        assert "Ann" in live.text and "10.00 EUR" in live.text and f"{MEMO} dinner" in live.text
        assert "nobody to ask" in await said(ann, live, "Ask for it")
        for person in (ann, bob, cleo):
            assert "You're in" in await said(person, live, "I'm in")
        await ann.see(live, "3 are in: 3.34 EUR or 3.33 EUR each", chat=world.group)
        assert "Only the one who paid" in await said(bob, live, "Ask for it")
        assert "Asked" in await said(ann, live, "Ask for it")
        await ann.see(live, "Missing: 6.66 EUR", chat=world.group)
        assert "no share" in await said(stranger, live, "Pay my share")
        assert "no share" in await said(stranger, live, "Not me")
        assert "needs no payment" in await said(ann, live, "Pay my share")

        dialog = await asked(bob, live)
        assert "Pay 3.33 EUR to Ann" in dialog.text and "10.00 EUR" in dialog.text and f"{MEMO} dinner" in dialog.text
        [made_up] = await press_all(stranger, dialog, 1)
        assert made_up.alert and "no share" in made_up.text
        ann.skip()
        assert all("Paid 3.33 EUR to" in answer.text for answer in await press_all(bob, dialog, 2))
        told = await ann.wait("You received 3.33 EUR")
        await bob.see(dialog, "Receipt")
        assert receipt_code(told) == receipt_code(dialog) and not dialog.buttons
        await ann.see(live, "✅ Bob", chat=world.group)
        assert "Missing: 3.33 EUR" in live.text
        assert "your share is paid, once" in await said(bob, live, "Pay my share")
        await press_all(cleo, await asked(cleo, live), 1)
        await ann.see(live, "All shares are paid", chat=world.group)
        assert not live.buttons
        await world.settle()
        balances = [await world.balance(person) for person in (ann, bob, cleo)]
        assert balances == ["6.66", "16.67", "16.67"]


async def test_who_was_named_and_never_wrote_comes_by_the_link_and_pays(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "20")
        zoe = await world.stranger("Zoe")
        live = await posted(world, ann, f"/split 9 @{bob.username} @{zoe.username} {MEMO}")
        assert "4.50 EUR" in live.text and f"@{zoe.username}" in live.text
        assert "You have a share too" in await said(ann, live, "Ann has a share too")
        await ann.see(live, "the own share", chat=world.group)
        assert "3.00 EUR" in live.text and "Missing: 6.00 EUR" in live.text
        answer = await (await zoe.press(live, "Pay my share")).answer()
        assert "?start=s_" in answer.url
        await zoe.open(answer.url)
        dialog = await zoe.wait("Pay 3.00 EUR to Ann")
        await world.issue(zoe, "5")
        await press_all(zoe, dialog, 1)
        await zoe.see(dialog, "Receipt")
        await ann.see(live, "✅ Zoe", chat=world.group)
        assert await world.balance(zoe) == "2.00"
        assert id_of(zoe) == f"tg:{zoe.id}"
