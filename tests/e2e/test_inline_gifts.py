"""`@bot 5` as a gift, over HTTP: it costs its maker nothing before a press, and one person gets it, once."""

from pathlib import Path

import pytest

from tests.e2e.inline import card, offered
from tests.e2e.world import bot_world, press_all, receipt_code


@pytest.mark.parametrize("feedback", [False, True])
async def test_a_gift_in_a_chat_without_the_bot_goes_to_the_first_who_presses(
    tmp_path: Path, *, feedback: bool
) -> None:
    async with bot_world(tmp_path) as world:
        world.box.inline_feedback = feedback
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, carol = await world.someone("Alice", "20"), await world.someone("Carol")
        nora = await world.stranger("Nora", member=False)
        posted = await card(alice, "5 zebra", "Give")
        data = posted.buttons[0][0].value
        assert "Alice" in posted.text and "gives 5.00 EUR" in posted.text and "zebra" in posted.text
        await world.settle()
        assert await world.balance(alice) == ("15.00" if feedback else "20.00")

        own = await (await alice.press(posted, "Claim")).answer()
        assert own.alert and "your own gift" in own.text
        assert await world.balance(alice) == ("15.00" if feedback else "20.00")
        stranger = await (await carol.press(posted, "Take back")).answer()
        assert stranger.alert and "Only whoever gives it" in stranger.text

        await world.bot.kill()
        alice.skip()
        press = await nora.press(posted, "Claim")
        await world.start_bot()
        got = await press.answer()
        assert "5.00 EUR from" in got.text and "opened a wallet for you" in got.text
        told = await alice.wait("is claimed")
        await alice.see(posted, "Nora", chat=posted.chat)
        assert "got 5.00 EUR" in posted.text and not posted.buttons
        answers = [await (await person.press(posted, data)).answer() for person in (carol, nora)]
        assert "claimed already" in answers[0].text and "5.00 EUR from" in answers[1].text
        await nora.start()
        assert receipt_code(await nora.wait("You got a gift")) == receipt_code(told)
        await world.settle()
        assert [await world.balance(person) for person in (alice, nora, carol)] == ["15.00", "5.00", "0.00"]


async def test_a_gift_is_taken_back_by_its_giver_alone_pressed_or_not(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        posted = await card(alice, "5 zebra", "Give")
        data = posted.buttons[0][0].value
        stranger = await (await bob.press(posted, "Take back")).answer()
        assert stranger.alert and "Only whoever gives it" in stranger.text
        kept = await (await alice.press(posted, "Take back")).answer()
        assert "Nothing was moved" in kept.text
        await alice.see(posted, "Taken back before", chat=posted.chat)
        assert not posted.buttons
        late = await (await bob.press(posted, data)).answer()
        assert late.alert and "taken this gift back" in late.text

        world.box.inline_feedback = True
        posted = await card(alice, "6 zebra", "Give")
        await alice.wait("You put 6.00 EUR into a gift")
        answer = await (await alice.press(posted, "Take back")).answer()
        assert "6.00 EUR came back" in answer.text
        await alice.see(posted, "took 6.00 EUR back", chat=posted.chat)
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("20.00", "0.00")


async def test_what_somebody_does_not_have_is_not_offered_as_a_gift(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "5"), await world.someone("Bob")
        titles, said = await offered(alice, "5.01 zebra")
        assert titles == ["Ask for 5.01 EUR"] and "You can spend 5.00 EUR" in said
        posted = await card(alice, "5 zebra", "Give")
        await world.pay(alice, bob, "1")
        refused = await (await bob.press(posted, "Claim")).answer()
        assert refused.alert and "can't give this now" in refused.text and "4.00" not in refused.text
        await world.pay(bob, alice, "1")
        await press_all(bob, posted, 2)
        await alice.see(posted, "got 5.00 EUR", chat=posted.chat)
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("0.00", "5.00")


async def test_a_gift_is_shared_by_its_giver_and_shows_who_got_what(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob, carol = await world.someone("Alice", "20"), await world.someone("Bob"), await world.someone("Carol")
        alice.skip()
        await alice.send("/gift 10 for 2 zebra")
        made = await alice.wait(lambda message: "start=g_" in message.words)
        code = made.words.partition("start=")[2].split()[0]
        assert await offered(alice, code) == (["Your gift of 10.00 EUR"], "")
        titles, said = await offered(bob, code)
        assert not titles and "only what is your own" in said
        posted = await card(alice, code, "Your gift")
        await press_all(bob, posted, 1)
        await bob.see(posted, "Bob", chat=posted.chat)
        assert "5.00 EUR is left" in posted.text and posted.buttons
        await press_all(carol, posted, 1)
        await carol.see(posted, "All of it is claimed", chat=posted.chat)
        assert not posted.buttons
        titles, said = await offered(alice, code)
        assert not titles and "claimed already" in said
