"""New money over HTTP: an operator is asked first, with everything twice, strangers about, and a restart between."""

import asyncio
from pathlib import Path

from tests.e2e.world import OPERATOR_ID, bot_world, press_all, receipt_code


async def test_issue_asks_and_becomes_the_receipt_once_for_the_operator_alone(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice"), await world.someone("Bob"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        asked = await world.dialog(olga, f"/issue 20 @{alice.username} for the start")
        assert "Issue 20.00 EUR to Alice" in asked.text and "For: for the start" in asked.text
        [stranger] = await press_all(bob, asked, 1)
        assert stranger.alert and "only they can answer" in stranger.text
        assert (await world.balance(alice), await world.transfers()) == ("0.00", 0)
        alice.skip()
        answers = await press_all(olga, asked, 2)
        assert all("Issued 20.00 EUR to “Alice”" in answer.text for answer in answers)
        told = await alice.wait("You received 20.00 EUR")
        await olga.see(asked, "Issued 20.00 EUR")
        code = receipt_code(told)
        assert f"To take it back: /refund {code}" in asked.text and not asked.buttons
        await world.settle()
        assert sum("Issue" in message.text for message in olga.private.messages if message.from_bot) == 1
        assert await world.balance(alice) == "20.00"

        alice.skip()
        back = await world.dialog(olga, f"/refund {code}")
        await press_all(olga, back, 1)
        await alice.wait("Gave back 20.00 EUR")
        assert await world.balance(alice) == "0.00"


async def test_a_question_about_issuing_outlives_a_restart_and_can_be_cancelled(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        first = await world.dialog(olga, f"/issue 20 @{alice.username}")
        second = await world.dialog(olga, f"/issue 30 @{alice.username}")
        await world.bot.kill()
        await world.start_bot()
        [answer] = await asyncio.gather((await olga.press(first, "Cancel")).answer())
        assert "Nothing was moved" in answer.text
        await olga.see(first, "not issued")
        assert not first.buttons
        await olga.press(second)
        await olga.see(second, "Issued 30.00 EUR")
        assert await world.balance(alice) == "30.00"


async def test_a_reaction_to_what_was_acted_upon_before_a_restart_is_no_edit(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, olga = await world.someone("Alice", "20"), world.operator
        said = []
        for person, text in (
            (olga, f"/issue 1 @{alice.username}"),
            (alice, "/request 5 tea"),
            (alice, "/pay 1 @olga"),
            (alice, "/help"),
        ):
            person.skip()
            said.append(await person.send(text))
            await person.next()
        await world.settle()
        await world.bot.stop()
        await world.start_bot()
        for person, message in zip((olga, alice, alice, alice), said, strict=True):
            person.skip()
            await person.edit(message, message.text)
        assert "edited messages" in (await alice.next()).text  # of /help nothing is in the books
        await world.settle()
        assert sum("edited messages" in message.text for message in alice.private.messages) == 1
        assert not any("edited messages" in message.text for message in olga.private.messages)


async def test_issue_says_what_it_needs_and_what_is_too_much(tmp_path: Path) -> None:
    async with bot_world(tmp_path, ISSUE_MAX="100") as world:
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        for text, answer in (
            ("/issue", "Like this: /issue 5 @bob"),
            ("/issue 5", "Like this: /issue 5.00 EUR @bob"),
            (f"/issue @{alice.username}", "Like this: /issue 5 @bob"),
            (f"/issue 100.01 @{alice.username}", "more than may be issued at once"),
            (f"/issue 5000000000 @{alice.username}", "At most 100.00 EUR is possible now"),
        ):
            refused = await olga.ask(text)
            assert answer in refused.text and not refused.buttons, text
        answer = await olga.ask(f"/issue 100.01 @{alice.username}", chat=world.group)
        assert "may be issued at once" in answer.text
        assert await world.transfers() == 0


async def test_who_is_no_operator_any_more_confirms_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"ADMIN_IDS={OPERATOR_ID}\n")
    async with bot_world(tmp_path, ADMIN_IDS="") as world:
        alice, olga = await world.someone("Alice"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        asked = await world.dialog(olga, f"/issue 20 @{alice.username}", chat=world.group)
        await world.bot.stop()
        (tmp_path / ".env").write_text("ADMIN_IDS=77\n")
        await world.start_bot()
        [answer] = await press_all(olga, asked, 1)
        assert answer.alert and "Only an operator" in answer.text
        assert await world.transfers() == 0
