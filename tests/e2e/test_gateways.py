"""Money in and out by the hand of whoever is in charge, over HTTP: strangers, doubled presses, a restart between."""

from pathlib import Path

from tests.e2e.world import bot_world, press_all, receipt_code

BY_HAND = {"GATEWAYS": "operator"}


async def test_topup_tells_who_is_in_charge_and_is_credited_once_when_they_have_the_cash(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice"), await world.someone("Bob"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        asked = await world.dialog(alice, "/topup 20")
        assert "You bring in 20.00 EUR in cash" in asked.text
        desk = await olga.wait("brings in 20.00 EUR in cash")
        assert "Alice" in desk.text and desk.buttons[0][0].text.startswith("✅ I have")
        [stranger] = await press_all(bob, desk, 1)
        assert stranger.alert and "Only an operator" in stranger.text
        assert await world.balance(alice) == "0.00"
        alice.skip()
        answers = await press_all(olga, desk, 3)
        assert all("20.00 EUR is in the wallet of “Alice”" in answer.text for answer in answers)
        told = await alice.wait("💶 20.00 EUR has come in")
        assert receipt_code(told) and "Your balance: 20.00 EUR" in told.text
        await alice.see(asked, "✅ 20.00 EUR has come in.")
        await olga.see(desk, "taken by Olga")
        assert not asked.buttons and not desk.buttons
        await world.settle()
        assert sum("in cash" in message.text for message in olga.private.messages if message.from_bot) == 1
        assert (await world.balance(alice), await world.transfers()) == ("20.00", 1)
        overview = await olga.ask("/gateways")
        assert "There must be: 20.00 EUR" in overview.text
        assert "brought in" in (await alice.ask("/history")).text


async def test_a_topup_by_buttons_outlives_a_restart_and_is_refused_or_dropped(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND) as world:
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        asked = await world.dialog(alice, "/topup")
        assert [button.text for row in asked.buttons for button in row] == [
            "5.00 EUR",
            "10.00 EUR",
            "20.00 EUR",
            "50.00 EUR",
        ]
        await world.bot.kill()
        await world.start_bot()
        await alice.press(asked, "10.00")
        await alice.see(asked, "You bring in 10.00 EUR in cash")
        desk = await olga.wait("brings in 10.00 EUR in cash")
        await olga.press(desk, "No cash")
        await alice.see(asked, "did not take 10.00 EUR")
        await olga.see(desk, "Please take no cash for it")
        second = await world.dialog(alice, "/topup 7")
        olga.skip()
        dropped = await alice.ask("/cancel")
        assert "7.00 EUR that you wanted to bring in" in dropped.text
        await alice.see(second, "not brought in")
        assert (await world.balance(alice), await world.transfers()) == ("0.00", 0)


async def test_at_the_cash_desk_two_presses_top_somebody_up_and_the_drawer_is_counted(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND) as world:
        alice, bob, olga = await world.someone("Alice"), await world.someone("Bob"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        assert "no cash today" in (await olga.ask("/desk")).text
        asked = await world.dialog(olga, f"/topup @{alice.username}")
        assert "How much cash do you have from Alice" in asked.text
        await olga.press(asked, "20.00")
        await olga.see(asked, "brings in 20.00 EUR in cash")
        await olga.press(asked, "I have 20.00")
        await alice.wait("💶 20.00 EUR has come in")
        await olga.see(asked, "taken by Olga")
        refused = await bob.ask(f"/topup 20 @{alice.username}")
        assert "Only an operator" in refused.text
        assert "Only an operator" in (await bob.ask("/desk")).text
        assert "Only an operator" in (await bob.ask("/gateways")).text
        taken = await olga.ask("/desk")
        assert "+20.00 EUR · Alice" in taken.text and "on top of what was in it: 20.00 EUR" in taken.text
        assert await world.balance(alice) == "20.00"


async def test_withdraw_puts_money_aside_until_the_cash_is_given_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice", "50"), await world.someone("Bob"), world.operator
        asked = await world.dialog(alice, "/withdraw 20")
        assert "Take out 20.00 EUR in cash?" in asked.text and await world.balance(alice) == "50.00"
        [stranger] = await press_all(bob, asked, 1)
        assert stranger.alert and "somebody else's money" in stranger.text
        olga.skip()
        await press_all(alice, asked, 2)
        await alice.wait("20.00 EUR is put aside to be paid out")
        await alice.see(asked, "20.00 EUR is put aside for you")
        assert await world.balance(alice) == "30.00"
        desk = await olga.wait("wants 20.00 EUR in cash")
        await world.bot.kill()
        await world.start_bot()
        [stranger] = await press_all(bob, desk, 1)
        assert stranger.alert and "Only an operator" in stranger.text
        answers = await press_all(olga, desk, 2)
        assert all("given to “Alice”" in answer.text for answer in answers)
        await alice.wait("20.00 EUR was paid out to you")
        await alice.see(asked, "✅ 20.00 EUR was paid out to you.")
        await olga.see(desk, "given by Olga")
        assert not asked.buttons and not desk.buttons
        assert await world.balance(alice) == "30.00"
        await world.settle()


async def test_what_is_put_aside_comes_back_by_the_persons_wish_or_the_desks(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND) as world:
        alice, olga = await world.someone("Alice", "50"), world.operator
        asked = await world.dialog(alice, "/withdraw")
        await alice.press(asked, "20.00")
        await alice.see(asked, "Take out 20.00 EUR in cash?")
        olga.skip()
        await alice.press(asked, "Take out")
        desk = await olga.wait("wants 20.00 EUR in cash")
        await alice.see(asked, "Back in your wallet by itself")
        [answer] = [await (await alice.press(asked, "Back into my wallet")).answer()]
        assert "20.00 EUR is back in the wallet" in answer.text
        await alice.wait("was not paid out and is back")
        await alice.see(asked, "is back in your wallet")
        await olga.see(desk, "Please give no cash")
        assert not desk.buttons
        second = await world.dialog(alice, "/withdraw 10")
        olga.skip()
        await alice.press(second, "Take out")
        desk = await olga.wait("wants 10.00 EUR in cash")
        await olga.press(desk, "No cash")
        await alice.see(second, "did not pay out 10.00 EUR")
        third = await world.dialog(alice, "/withdraw 5")
        assert "5.00 EUR that you wanted to take out" in (await alice.ask("/cancel")).text
        await alice.see(third, "not taken out, nothing was moved")
        assert await world.balance(alice) == "50.00"


async def test_topup_and_withdraw_say_what_they_need_and_what_is_too_much(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **BY_HAND, TOPUP_MAX="100") as world:
        alice = await world.someone("Alice")
        for text, answer in (
            ("/topup 100.01", "more than may be brought in at once"),
            ("/topup much", "no amount that I can read"),
            ("/topup 5 for bob", "no amount that I can read"),
            ("/withdraw 5", "You can spend 0.00 EUR"),
            ("/withdraw 0", "The smallest amount is"),
            ("/withdraw 5 now", "no amount that I can read"),
        ):
            refused = await alice.ask(text)
            assert answer in refused.text and not refused.buttons, text
        in_group = await alice.ask("/topup 5", chat=world.group)
        assert "in private" in in_group.text.lower()
        assert await world.transfers() == 0


async def test_a_bot_without_a_way_in_and_out_says_whom_to_ask(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice")
        for text in ("/topup 5", "/withdraw 5", "/topup", "/withdraw"):
            assert "ask whoever runs me: /paysupport says whom" in (await alice.ask(text)).text
            assert "name one in GATEWAYS" in (await world.operator.ask(text)).text
        for text in ("/bank", "/gateways", "/reconcile", "/desk"):
            assert "Only an operator" in (await alice.ask(text)).text
            assert "name one in GATEWAYS" in (await world.operator.ask(text)).text
