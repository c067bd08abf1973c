"""Limits over HTTP: doubled updates, a stranger, a restart in the middle, a day that passes."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import MovedClock
from tests.e2e.world import bot_world, press_all


async def test_limits_of_the_operator_and_ones_own_hold_across_a_restart_and_a_day(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "ahead")
    async with bot_world(tmp_path, clock=clock, DAILY_MAX="50") as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice", "100"), await world.someone("Bob"), world.operator
        assert "A day: at most 50.00 EUR, as for everybody" in (await alice.ask("/limits")).text
        for text, why in (
            ("/limits 0 a day", "smallest limit is 0.01 EUR"),
            ("/limits 60 a day", "at most 50.00 EUR anyway"),
            ("/limits 5", "Like this: /limits 50 a day"),
            ("/limits 5 a day and a payment", "Like this: /limits 50 a day"),
            ("/limits -5 a day", "leave out the sign"),
            (f"/limit @{bob.username} 5 a day", "Only an operator"),
        ):
            assert why in (await alice.ask(text)).text, text
        lowered = await alice.ask("/limits 20 a day")
        assert "That counts from now on" in lowered.text and "Today you can pay 20.00 EUR more" in lowered.text
        assert "limit for a day" in (await alice.ask(f"/pay 21 @{bob.username}")).text
        await world.pay(alice, bob, "17")
        assert "You can pay 3.00 EUR more today" in (await alice.ask("/balance")).text

        raised = await alice.ask("/limits 40 a day")
        assert "takes 24 hours" in raised.text and "Your own limit is 40.00 EUR" in raised.text
        await world.bot.kill()
        await world.start_bot()
        await press_all(alice, raised, 2)
        await alice.see(raised, "stays as it is")
        assert not raised.buttons
        await alice.ask("/limits 40 a day")
        clock.jump(timedelta(hours=25))
        alice.skip()
        await bob.ask("/balance")  # a commit, or a look at the agenda, wakes the clerk
        assert "at most 40.00 EUR, as you want it" in (await alice.wait("A limit of your wallet has changed")).text
        await world.pay(alice, bob, "30")

        for text, why in (
            (f"/limit @{alice.username} 0 a day", "/freeze @bob"),
            (f"/limit @{alice.username} 51 a day", "at most 50.00 EUR anyway"),
            ("/limit", "Like this: /limit @bob 50 a day"),
            (f"/limit @{alice.username} 5", "Like this: /limit @bob"),
            ("/limit @nobody_here 5 a day", "don't know @nobody_here"),
        ):
            assert why in (await olga.ask(text)).text, text
        alice.skip()
        given = await olga.ask(f"/limit @{alice.username} 5 a payment")
        assert "A payment: at most 5.00 EUR, set by the operator" in given.text and "their own limit" in given.text
        assert "at most 5.00 EUR, set for you by the operator" in (await alice.wait("has changed")).text
        assert "limit for one payment" in (await alice.ask(f"/pay 6 @{bob.username}")).text
        await olga.ask(f"/limit @{alice.username} off")
        await alice.wait("A payment: no limit")
        await world.settle()
        assert await world.balance(bob) == "47.00"
