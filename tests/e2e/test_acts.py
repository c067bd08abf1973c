"""What operators do, over HTTP: freezing, new money for many, announcements, winding down, moving a wallet."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import MovedClock
from tests.e2e.world import OPERATOR_ID, World, bot_world, press_all

SECOND_ID = 9_002


async def test_operators_act_in_one_world_with_a_restart_in_each_middle(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "ahead")
    async with bot_world(tmp_path, clock=clock, ADMIN_IDS=f"{OPERATOR_ID},{SECOND_ID}") as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        await _freeze(world)
        await _issue_to_many(world)
        await _announce(world)
        await _close_and_open(world)
        await _move(world, clock)


async def _freeze(world: World) -> None:
    alice, bob, olga = await world.someone("Alice", "20"), await world.someone("Bob", "5"), world.operator
    for text, why in (
        ("/freeze", "Whose wallet, and why?"),
        ("/freeze @nobody_here lost", "don't know @nobody_here"),
        (f"/unfreeze @{alice.username}", "is open. Nothing was changed"),
    ):
        assert why in (await olga.ask(text)).text, text
    for text in (f"/freeze @{bob.username} spite", f"/unfreeze @{bob.username}", "/acts"):
        assert "Only an operator" in (await alice.ask(text)).text
    dialog = await world.dialog(alice, f"/pay 5 @{bob.username}")
    alice.skip()
    said = await olga.ask(f"/freeze @{alice.username} lost <phone>")
    assert "Alice" in said.text and "is frozen" in said.text and "They are told" in said.text
    told = await alice.wait("Your wallet is frozen")
    assert "Because: lost <phone>" in told.text and "ask the operator" in told.text
    assert "is frozen already" in (await olga.ask(f"/freeze @{alice.username} again")).text

    await world.bot.kill()
    await world.start_bot()
    assert "is frozen" in (await (await alice.press(dialog)).answer()).text
    assert "is frozen; nothing was moved" in (await bob.ask(f"/pay 1 @{alice.username}")).text
    assert "20.00 EUR" in (await alice.ask("/balance")).text
    alice.skip()
    assert "is open again" in (await olga.ask(f"/unfreeze @{alice.username} found it")).text
    assert "Because: found it" in (await alice.wait("Your wallet is open again")).text
    await alice.press(dialog)
    await alice.wait("Receipt")
    listed = await olga.ask(f"/acts @{alice.username}")
    for line in ("Olga opened the wallet of Alice", "found it", "Olga froze the wallet of Alice", "issued 20.00 EUR"):
        assert line in listed.text, listed.text
    assert "Bob" not in listed.text and listed.text.index("opened") < listed.text.index("froze")
    for number in range(10):
        await olga.ask(f"/limit @{bob.username} {number + 1} a day")
    first = await olga.ask("/acts")
    [older] = [button for row in first.buttons for button in row]
    assert older.text == "Older ›" and "froze" not in first.text
    await olga.press(first, older.text)
    await olga.see(first, "froze the wallet")
    assert [button.text for row in first.buttons for button in row] == ["‹ Newer"]


async def _issue_to_many(world: World) -> None:
    olga, carol, dave = world.operator, await world.someone("Carol"), await world.someone("Dave")
    for table, why in (
        ("@nobody_here;5\n@x y;5", "Line 2: “@x y” is no @name"),
        (f"@nobody_here;5\n@{carol.username};1\n@{carol.username};2", "Line 1: I don't know @nobody_here"),
        (f"@{carol.username};-5", "Line 1: “-5” is no amount"),
        ("", "There is nobody in this list"),
    ):
        olga.skip()
        await olga.send_document(table.encode(), file_name="may.csv", mime_type="text/csv", caption="/issue")
        said = await olga.next()
        assert why in said.words and "Nothing was issued" in said.words, said.words
    for caption, why in (("/issue", "Only an operator"), ("", "no picture")):
        carol.skip()
        await carol.send_document(b"@bob;5", file_name="may.csv", mime_type="text/csv", caption=caption)
        assert why in (await carol.next()).words
    olga.skip()
    await olga.send_document(b"@bob;5", file_name="may.csv", mime_type="text/csv")
    assert "with /issue as its caption" in (await olga.next()).words

    olga.skip()
    table = f"who;how much\n@{carol.username};5\n\n{dave.id};2,50\n"
    await olga.send_document(
        b"\xef\xbb\xbf" + table.encode(), file_name="m.csv", mime_type="text/csv", caption="/issue May"
    )
    dialog = await olga.wait(lambda message: bool(message.buttons))
    assert "Issue 7.50 EUR in all, to 2 people?" in dialog.words and "For: May" in dialog.words
    await world.bot.kill()
    await world.start_bot()
    await press_all(olga, dialog, 3)
    await olga.see(dialog, "Issued 7.50 EUR in all")
    await dave.wait("2.50 EUR")
    assert await world.balance(carol) == "5.00" and await world.balance(dave) == "2.50"
    for text in (
        f"/issue 1 @{carol.username} @{dave.username} lunch",
        f"/issue\n@{carol.username} 1\n@{dave.username} 1",
    ):
        dialog = await world.dialog(olga, text)
        assert "Issue 2.00 EUR in all, to 2 people?" in dialog.words
        await olga.press(dialog)
        await olga.see(dialog, "Issued 2.00 EUR in all")
    assert await world.balance(carol) == "7.00"
    assert "issued 7.50 EUR in all to 2 people" in (await olga.ask("/acts")).text


async def _announce(world: World) -> None:
    olga, people = world.operator, [person for person in world.box.people.values() if person.private.bot_is_in]
    blocker = next(person for person in people if person.name == "Dave")
    assert "What do you want to tell everybody?" in (await olga.ask("/announce")).text
    assert "Only an operator" in (await blocker.ask("/announce hello")).text
    blocker.block()
    others = [person for person in people if person not in (blocker, olga)]
    dialog = await world.dialog(olga, "/announce We meet <b>at 8</b>\nBring cake")
    assert (
        f"everybody who has a wallet, {len(people)} people?" in dialog.words and "We meet <b>at 8</b>" in dialog.words
    )
    for person in others:
        person.skip()
    await olga.press(dialog)
    await others[0].wait("Bring cake")
    await world.bot.stop()
    await world.start_bot()
    for person in others[1:]:
        assert (await person.wait("Bring cake")).words == "We meet <b>at 8</b>\nBring cake"
    done = await olga.wait("Everybody is told")
    assert f"Messages sent: {len(people) - 1}" in done.words and "1 person could not be reached" in done.words
    await olga.see(dialog, "Everybody is told")
    for person in others:
        said = [message.words for message in person.private.messages if message.from_bot]
        assert sum("Bring cake" in text for text in said) == 1
    blocker.unblock()


async def _close_and_open(world: World) -> None:
    olga = world.operator
    carol, alice = (next(p for p in world.box.people.values() if p.name == name) for name in ("Carol", "Alice"))
    for text, why in (
        ("/close soon", "Until which day"),
        ("/close 2020-01-01", "That day is over"),
        ("/close 31.02.2090", "no calendar has that"),
        ("/open", "is not winding down"),
    ):
        assert why in (await olga.ask(text)).text, text
    dialog = await world.dialog(olga, "/close 2090-03-31")
    carol.skip()
    await olga.press(dialog)
    assert "2090-03-31 23:59" in (await carol.wait("This community is winding down")).words
    await olga.wait("Everybody is told")
    await world.bot.kill()
    await world.start_bot()
    for text in (f"/pay 1 @{alice.username}", "/request 5", "/gift 1"):
        said = (await carol.ask(text)).text
        assert "winding down: until 2090-03-31 23:59" in said and "Nothing was moved" in said
    assert "7.00 EUR" in (await carol.ask("/balance")).text
    dialog = await world.dialog(olga, "/open")
    carol.skip()
    await olga.press(dialog)
    await carol.wait("The community goes on")
    await olga.wait("Everybody is told")
    await world.pay(carol, alice, "1")


async def _move(world: World, clock: MovedClock) -> None:
    olga, second = world.operator, world.box.person(SECOND_ID, "Oskar", username="oskar")
    await second.start()
    alice = next(person for person in world.box.people.values() if person.name == "Alice")
    before, new = await world.balance(alice), await world.someone("Alice2")
    for text, why in (
        (f"/move @{alice.username}", "From whom to whom?"),
        (f"/move @{alice.username} @{alice.username}", "one and the same account"),
        (f"/move @{alice.username} @oskar_nobody", "don't know @oskar_nobody"),
    ):
        assert why in (await olga.ask(text)).text, text
    assert "Only an operator" in (await alice.ask(f"/move @{alice.username} @{new.username}")).text
    for is_stopped in (True, False):
        for person in (olga, second, alice, new):
            person.skip()
        await olga.send(f"/move @{alice.username} @{new.username} lost phone")
        mine, theirs = await olga.wait("has to agree"), await second.wait("has to agree")
        assert "another operator has to agree" in (await (await olga.press(mine)).answer()).text
        await second.press(theirs)
        told = await alice.wait("Your wallet is to move to")
        await new.wait("is to be yours at")
        await world.bot.stop()
        await world.start_bot()
        if is_stopped:
            await press_all(alice, told, 2)
            await alice.see(told, "does not move to")
            await olga.wait("said no")
            assert not told.buttons
            continue
        clock.jump(timedelta(hours=25))
        await olga.ask("/gateways_nobody")  # a commit, or a look at the agenda, wakes the clerk
        await new.wait("is yours now")
    assert await world.balance(new) == before and await world.balance(alice) == "0.00"
    assert before in (await new.ask("/balance")).text
    assert "issued 20.00 EUR" not in (await alice.ask("/history")).text
