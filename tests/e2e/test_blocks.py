"""Blocking over HTTP: the button under what is asked, doubled presses, a stranger, a restart; what dialogs warn of."""

from pathlib import Path

from tests.e2e.world import bot_world, press_all


async def test_who_is_blocked_asks_in_vain_and_is_not_told(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob", "10")
        dialog = await world.dialog(alice, f"/pay 2 @{bob.username}")
        assert "your first payment to Bob" in dialog.text
        await alice.press(dialog)
        await bob.wait("You received 2.00 EUR")
        assert "first payment" not in (await world.dialog(alice, f"/pay 2 @{bob.username}")).text

        alice.skip()
        picture = await bob.ask(f"/request 3 @{alice.username} zebra")
        question = await alice.wait("asks you for 3.00 EUR")
        await bob.see(picture, "I've asked Alice")
        carol = await world.someone("Carol")
        [stranger] = await press_all(carol, question, 1)
        assert "somebody else" in stranger.text
        await world.bot.kill()
        await world.start_bot()
        presses = [await alice.press(question, "Block Bob") for _ in range(2)]
        for press in presses:
            assert "hear nothing more of" in (await press.answer()).text
        await alice.see(question, "You hear nothing more of")
        assert [button.text for row in question.buttons for button in row] == ["Hear of Bob again"]
        assert "I've asked Alice" in picture.words

        alice.skip()
        second = await bob.ask(f"/request 4 @{alice.username}")
        assert "you two haven't met here yet" in second.words
        tip = await bob.ask("/tip 1", chat=world.group, reply_to=await alice.send("hello", chat=world.group))
        assert "start me once" in tip.text and "block" not in tip.text.lower()
        gift = await bob.ask(f"/gift 1 @{alice.username}", chat=world.group)
        [refused] = await press_all(alice, gift, 1)
        assert refused.alert and "/unblock @bob" in refused.text
        await world.pay(bob, alice, "1")
        assert bob.username in (await alice.ask("/blocked")).text
        for text, why in (
            ("/block", "Whom?"),
            ("/block 5", "Whom?"),
            (f"/block @{alice.username}", "That's yourself"),
            ("/block @nobody_here", "don't know @nobody_here"),
            (f"/block @{bob.username} @{carol.username}", "Whom?"),
        ):
            assert why in (await alice.ask(text)).text, text
        listed = await alice.ask("/blocked")
        await press_all(alice, listed, 2)
        await alice.see(listed, "You hear of everybody")
        await bob.ask(f"/request 5 @{alice.username}")
        await alice.wait("asks you for 5.00 EUR")
        alice.skip()
        await alice.ask(f"/block @{bob.username}")
        assert "You hear of" in (await alice.ask(f"/unblock @{bob.username}")).text


async def test_a_name_that_changed_hands_and_far_more_than_usual_are_said_in_private(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "200"), await world.someone("Bob", username="bob")
        for _ in range(5):
            await world.pay(alice, bob, "1")
        dialog = await world.dialog(alice, "/pay 10 @bob")
        assert "far more than you usually pay, which is about 1.00 EUR" in dialog.text
        in_group = await world.dialog(alice, "/pay 10 @bob", chat=world.group)
        assert "usually" not in in_group.text
        bob.rename(username="robert")
        eve = await world.someone("Eve", username="bob")
        warned = await world.dialog(alice, "/pay 1 @bob")
        assert "@bob is somebody else now: when you paid @bob last, it was Bob" in warned.text
        assert (await world.balance(eve), len(warned.buttons)) == ("0.00", 1)
