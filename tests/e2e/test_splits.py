"""Bills are shared in a group, over HTTP: everything twice, strangers at every button, people who never wrote to us."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from tests.e2e.test_kill import TOLD_S
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
        assert "1 share is 0.01 EUR more than the others" in live.text
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
        assert f"-3.33 EUR to Ann (@{ann.username}), your share of a bill" in (await bob.ask("/history")).text
        assert f"+3.33 EUR from Bob (@{bob.username}), a share of your bill" in (await ann.ask("/history")).text


async def test_who_was_named_and_never_wrote_comes_by_the_link_and_pays(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "20")
        zoe = await world.stranger("Zoe")
        live = await posted(world, ann, f"/split 9 @{bob.username} @{zoe.username} {MEMO}")
        assert "4.50 EUR" in live.text and f"@{zoe.username}" in live.text
        assert "You have a share too" in await said(ann, live, "Ann has a share too")
        await ann.see(live, "own share", chat=world.group)
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


async def test_the_asker_marks_cash_takes_out_reminds_and_closes_and_no_dead_button_stays(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.callbacks_twice = True
        ann, bob, cleo = await world.someone("Ann"), await world.someone("Bob", "20"), await world.someone("Cleo", "20")
        dan, zoe = await world.someone("Dan"), await world.stranger("Zoe")
        names = " ".join(f"@{person.username}" for person in (bob, cleo, dan, zoe))
        live = await posted(world, ann, f"/split 40 {names} {MEMO}")
        dialog = await asked(cleo, live)
        assert "10.00 EUR" in dialog.text
        old = dialog.buttons[0][0].value
        for which in ("Manage", "Remind"):
            assert "Only the one who paid" in await said(bob, live, which)

        ann.skip()
        assert "private chat" in await said(ann, live, "Manage")
        mine = await ann.wait(lambda message: bool(message.buttons))
        assert "Dan" in mine.text and "no share any more" in await said(ann, mine, "Without Dan")
        await ann.see(live, "Dan (@dan_1005): taken out", chat=world.group)
        await cleo.see(dialog, "Pay 13.33 EUR")  # nobody has paid: the rest is shared out anew
        assert "paid in cash" in await said(ann, mine, "Bob: in cash")
        await ann.see(live, "in cash", chat=world.group)
        await ann.see(mine, "in cash")
        assert "asked again" in await said(ann, mine, "Bob: not in cash")
        await ann.see(live, "⬜ Bob", chat=world.group)
        await ann.see(mine, "⬜ Bob")
        assert "in cash" in await said(ann, mine, "Bob: in cash")

        for person in (bob, cleo, dan):
            person.skip()
        ann.skip(chat=world.group)
        assert "2 people were reminded" in await said(ann, live, "Remind")
        reminded = await cleo.wait("Ann (@ann_1002) reminds you")
        line = await ann.wait("reminds you of your share", chat=world.group)
        assert f"@{zoe.username}" in line.text and "Cleo" not in line.text and line.raw["reply_to_message"]
        assert "Nobody to remind now" in await said(ann, live, "Remind")

        assert "You're out" in await said(dan, live, "Not me")
        assert "has taken you out" in await said(dan, live, "Pay my share")
        assert "You're out" in await said(zoe, live, "Not me")
        await ann.see(live, "not me (Ann (@ann_1002) carries 13.33 EUR)", chat=world.group)
        assert "Closed" in await said(ann, mine, "Close")
        for message in (dialog, reminded):
            await cleo.see(message, "no longer asks")
            assert not message.buttons
        await ann.see(live, "Closed: 13.33 EUR stays unpaid", chat=world.group)
        await ann.see(mine, "Closed")
        assert not live.buttons and not mine.buttons
        assert "closed by the one who paid" in (await (await cleo.press(dialog, old)).answer()).text
        assert await world.transfers() == 2


async def test_where_the_asker_manages_a_bill_that_all_have_paid_it_says_so_without_a_dead_button(
    tmp_path: Path,
) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "20")
        live = await posted(world, ann, f"/split 7 @{bob.username} {MEMO}")
        ann.skip()
        await said(ann, live, "Manage")
        mine = await ann.wait(lambda message: bool(message.buttons))
        await press_all(bob, await asked(bob, live), 1)
        await ann.see(mine, "All shares are paid")
        assert not mine.buttons


async def test_a_share_that_was_given_back_is_open_again_and_paid_anew(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "20")
        live = await posted(world, ann, f"/split 7 @{bob.username} {MEMO}")
        first = await asked(bob, live)
        old = first.buttons[0][0].value
        await press_all(bob, first, 1)
        await ann.see(live, "All shares are paid", chat=world.group)
        told = next(message for message in reversed(ann.private.messages) if "You received 7.00" in message.text)
        ann.skip()
        await ann.press(told)
        await press_all(ann, await ann.wait("Give 7.00 EUR back"), 1)
        await ann.see(live, "Missing: 7.00 EUR", chat=world.group)
        assert "Paid 7.00 EUR" in (await (await bob.press(first, old)).answer()).text  # that was then: nothing moves
        assert await world.balance(bob) == "20.00"
        again = await asked(bob, live)
        await press_all(bob, again, 2)
        await ann.see(live, "All shares are paid", chat=world.group)
        assert (await world.balance(ann), await world.balance(bob)) == ("7.00", "13.00")


@pytest.mark.parametrize("is_named", [True, False])
async def test_a_restart_loses_nothing_and_old_updates_have_no_second_effect(tmp_path: Path, is_named: bool) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "20")
        live = await posted(world, ann, "/split 8" + (f" @{bob.username}" if is_named else ""))
        if not is_named:
            assert "You're in" in await said(bob, live, "I'm in")
            await ann.see(live, "1 is in", chat=world.group)
            assert "Asked" in await said(ann, live, "Ask for it")
            await ann.see(live, "Missing", chat=world.group)
        dialog = await asked(bob, live)
        await world.box.idle()
        await world.bot.kill()
        await world.start_bot()
        await press_all(bob, dialog, 1)
        await ann.see(live, "All shares are paid", chat=world.group)
        await world.box.idle()
        shown = len([message for message in world.group.messages if message.from_bot])
        for update in list(world.box.updates):
            await world.box.redeliver(update)
        await world.settle()
        assert len([message for message in world.group.messages if message.from_bot]) == shown
        assert (await world.balance(ann), await world.balance(bob)) == ("8.00", "12.00")
        assert "All shares are paid" in live.text


async def test_whatever_refuses_a_bill_says_so_in_one_answer_and_asks_nobody(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann", "5"), await world.someone("Bob")
        many = " ".join(f"@somebody_{number}" for number in range(200))
        for text, answer in (
            ("/split", "Which bill?"),
            ("/split dinner", "no amount that I can read"),
            ("/split 0", "is nothing"),
            ("/split -3 dinner", "leave out the sign"),
            ("/split 1,000 dinner", "could mean two things"),
            ("/split 60 50", "two amounts"),
            (f"/split 60 @{ann.username}", "nobody to ask"),
            (f"/split 60 @{bob.username} @{bob.username}", "twice"),
            ("/split 60 @somebody_1 @SOMEBODY_1", "twice"),
            (f"/split 60 @{world.box.username}", "A bot has no wallet"),
            (f"/split 60 @{bob.username} dinner @zoe", "all names together"),
            (f"/split 0.01 @{bob.username} @zoe_1", "too little for 2 people"),
            (f"/split 600 {many}", "At most 50 people"),
            ("/split 60 " + "m" * 201, "note has 201"),
            (f"/pay 5 @{bob.username} @zoe_1", "/split 60"),
        ):
            assert answer in (await ann.ask(text, chat=world.group)).text, text
        stranger = await world.stranger("Dan")
        assert "?start=hi" in (await stranger.ask("/split 60 dinner", chat=world.group)).text
        assert "in a group only" in (await ann.ask("/split 60 dinner")).text
        live = await posted(world, ann, "/split 10 dinner")
        code = live.buttons[0][0].value.partition(":")[2]
        for data in (f"stake:{code}:1", f"scash:{code}:999", f"snoc:{code}:0"):
            assert "no such bill" in (await (await ann.press(live, data)).answer()).text, data
        for data in ("sok:x", f"sok:{code}.0", f"stake:{code}", f"spage:{code}:0", "sin:AAAAAAAAAAAAAAAA"):
            answer = (await (await bob.press(live, data)).answer()).text
            assert "no such bill" in answer or "doesn't work any more" in answer, data
        assert "Which amount" not in (await bob.ask(f"s_{code}")).text
        assert "open this link itself" in (await bob.ask(f"/pay s_{code}")).text
        assert "Closed" in await said(ann, live, "Call it off")
        await ann.see(live, "nobody is asked for anything", chat=world.group)
        assert not live.buttons
        assert await world.transfers() == 1


async def test_fifty_people_with_long_names_fit_into_one_message(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann = await world.someone("Ann")
        people = [world.box.person(5_000 + number, "😀" * 60, username=f"n{number:030}") for number in range(50)]
        live = await posted(world, ann, f"/split 99.99 {'m' * 200}")
        world.group.chat.members |= {person.id for person in people}
        for person in people:
            assert "You're in" in await said(person, live, "I'm in")
        assert "At most 50" in await said(ann, live, "I'm in")
        await ann.see(live, "50 are in: 2.00 EUR or 1.99 EUR each", chat=world.group)
        assert "more" in live.text and len(live.text.encode("utf-16-le")) // 2 <= 4_096
        assert "Asked" in await said(ann, live, "Ask for it")
        await ann.see(live, "Missing: 99.99 EUR", chat=world.group)
        assert "n000" in live.text and "more" in live.text
        ann.skip()
        await said(ann, live, "Manage")
        mine = await ann.wait(lambda message: bool(message.buttons))
        assert len(mine.buttons) == 10
        async with asyncio.timeout(TOLD_S):  # each call in the group changes the list, which shows its beginning again
            while not any("Back" in button.text for row in mine.buttons for button in row):
                await said(ann, mine, "More")
                await world.settle()


async def test_a_bill_that_was_posted_just_before_a_crash_is_shown_live_from_the_first_press_on(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann"), await world.someone("Bob", "5")
        live = await posted(world, ann, "/split 3 dinner")
        await world.box.idle()
        with closing(sqlite3.connect(world.database, isolation_level=None)) as file:  # it died before it noted where
            file.execute("DELETE FROM places")
        assert "You're in" in await said(bob, live, "I'm in")
        await ann.see(live, "1 is in: 3.00 EUR", chat=world.group)
        assert "Asked" in await said(ann, live, "Ask for it")
        await ann.see(live, "Missing: 3.00 EUR", chat=world.group)


async def test_who_has_no_username_and_never_started_the_bot_is_called_out_in_the_group(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, eve = await world.someone("Ann"), await world.stranger("Eve", username=None)
        live = await posted(world, ann, "/split 3 dinner")
        assert "You're in" in await said(eve, live, "I'm in")
        assert "Asked" in await said(ann, live, "Ask for it")
        await ann.see(live, "Missing: 3.00 EUR", chat=world.group)
        ann.skip(chat=world.group)
        assert "1 person was reminded" in await said(ann, live, "Remind")
        line = await ann.wait("reminds you of your share", chat=world.group)
        assert [entity["user"]["id"] for entity in line.raw["entities"] if entity["type"] == "text_mention"] == [eve.id]
