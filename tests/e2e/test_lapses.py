"""No dead button stays: a question that lapses, is dropped or is overtaken is changed in its place, over HTTP."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.test_refunds import paid
from tests.e2e.world import World, bot_world, press_all, receipt_code


def let_lapse(world: World) -> None:
    """As if an hour had gone by."""
    with closing(sqlite3.connect(world.database, timeout=10)) as books, books:
        for table in ("intents", "refunds"):
            books.execute(f"UPDATE {table} SET expires_at = 1 WHERE state <> 'paid'")
        books.execute("UPDATE places SET due_at = 1, lapses_at = 1 WHERE lapses_at IS NOT NULL")
    books.close()


async def test_questions_that_lapse_say_so_by_themselves_also_after_a_restart(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        code = receipt_code(await paid(world, alice, bob, "5"))
        asked = await world.dialog(alice, f"/pay 1 @{bob.username}")
        shown = await world.dialog(alice, f"/pay 2 @{bob.username}", chat=world.group)
        refund = await world.dialog(bob, f"/refund {code} 1.50")
        await world.settle()
        await world.bot.stop()
        let_lapse(world)
        await world.start_bot()
        await alice.see(asked, "not paid in time, nothing was moved")
        await alice.see(shown, "not paid in time, nothing was moved", chat=world.group)
        await bob.see(refund, "not given back in time, nothing was moved")
        assert not asked.buttons and not shown.buttons and not refund.buttons
        assert (await world.balance(alice), await world.balance(bob)) == ("15.00", "5.00")


async def test_cancel_drops_questions_about_refunds_and_changes_them(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        code = receipt_code(await paid(world, alice, bob, "5"))
        refund = await world.dialog(bob, f"/refund {code} 1.50")
        confirm = refund.button(0)
        assert confirm is not None
        asked = await world.dialog(bob, f"/pay 1 @{alice.username}")
        await world.settle()
        bob.skip()
        await bob.send("/cancel")
        told = await bob.wait("questions dropped")
        assert f"1.50 EUR of the payment {code}" in told.words
        await bob.see(refund, "not given back, nothing was moved")
        await bob.see(asked, "cancelled")
        assert not refund.buttons and not asked.buttons
        stale = await (await bob.press(refund, confirm.value)).answer()
        assert "You have cancelled this" in stale.text
        assert await world.balance(bob) == "5.00"


async def test_what_an_operator_takes_back_overtakes_the_payees_own_question(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice", "20")
        code = receipt_code(next(m for m in alice.private.messages if "You received 20.00 EUR" in m.words))
        own = await world.dialog(alice, f"/refund {code} 15")
        theirs = await world.dialog(world.operator, f"/refund {code} 10")
        await press_all(world.operator, theirs, 2)
        await alice.see(own, "so much is no longer left to give back")
        assert not own.buttons
        await world.operator.see(theirs, "Gave back 10.00 EUR")
        assert not theirs.buttons
        assert await world.balance(alice) == "10.00"


async def test_questions_about_refunds_have_a_bound_that_is_said(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        code = receipt_code(await paid(world, alice, bob, "5"))
        for cents in range(20):
            await bob.send(f"/refund {code} 0.{cents + 10}")
        await world.settle()
        assert "/cancel drops them all" in (await bob.ask(f"/refund {code} 0.05")).words
        await bob.send("/cancel")
        await world.settle()
        assert "Give 0.05 EUR back" in (await world.dialog(bob, f"/refund {code} 0.05")).words
