"""Updates in: acknowledged after the commit (G9), in order for each person, at once between people."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.sandbox import Call
from tests.campaigns.bank import postgresql
from tests.e2e.nest import NestedBot
from tests.e2e.world import MEMO, bot_world, press_all

POLLS_SEEN = 4
PEOPLE = 12


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody can commit to these books meanwhile."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def test_g9_an_update_is_not_acknowledged_before_its_effect_is_committed(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialogs = [await world.dialog(alice, f"/pay {n} @{bob.username} {MEMO}") for n in (1, 2)]
        await world.box.idle()
        for number, dialog in enumerate(dialogs):
            with locked(world.database):
                [update] = (await alice.press(dialog)).updates
                for _ in range(POLLS_SEEN):  # the bot has it, asks for more, and does not acknowledge it
                    call = await world.box.called("getUpdates")
                    assert call.params.get("offset", 0) <= update.id
                assert world.box.pending == 1
                assert await world.balance(bob) == f"{number}.00"
                if number == 1:
                    await world.bot.kill()
            if number == 1:
                await world.start_bot()
            await alice.wait(lambda message, dialog=dialog: message is dialog and "Receipt" in message.text)
            await world.box.idle()
        assert (await world.balance(alice), await world.balance(bob)) == ("47.00", "3.00")


async def test_what_was_sent_while_the_bot_was_down_is_answered_when_it_is_back(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        dialog = await world.dialog(alice, f"/pay 5 @{bob.username}")
        await world.box.idle()
        assert await world.bot.stop() == 0
        for _ in range(3):
            await alice.press(dialog)
        await bob.send("/balance")
        assert world.box.pending == 4
        bob.skip()
        await world.start_bot()
        await bob.wait("Receipt")
        await world.box.idle()
        assert [message.text for message in bob.private.messages[-3:] if message.text.startswith("💰")]
        assert await world.balance(bob) == "5.00"


async def test_one_persons_messages_are_answered_in_order(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        world.box.fail("sendMessage", times=3, delay_s=0.2)
        alice.skip()
        memos = [f"{MEMO}-{number}-" for number in range(20)]
        for memo in memos:
            await alice.send(f"/pay 1 @{bob.username} {memo}")
        for memo in memos:
            message = await alice.next()
            assert memo in message.text


async def test_people_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        people = [await world.someone(f"Person{number}") for number in range(PEOPLE)]
        await world.box.idle()
        slow_s = 1.0
        world.box.fail("sendMessage", times=PEOPLE, delay_s=slow_s)
        async with asyncio.timeout(PEOPLE * slow_s / 2):  # one after the other it would take twice as long
            await asyncio.gather(*(person.ask("/balance") for person in people))


async def test_g5_answers_that_break_off_are_sent_again_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        box, paid = world.box, 0
        for method in ("sendMessage", "answerCallbackQuery", "editMessageText"):
            for trouble in ({"drop": "before"}, {"drop": "after"}, {"code": 500}, {"code": 429, "retry_after_s": 1}):
                box.fail(method, **trouble)  # type: ignore[arg-type]
                dialog = await world.dialog(alice, f"/pay 1 @{bob.username} {MEMO}")
                bob.skip()
                await press_all(alice, dialog, 2)
                paid += 1
                await bob.wait("Receipt")
                await alice.wait("Receipt")
                box.api.faults.clear()
        box.fail("getUpdates", times=2, drop="after")
        assert "12.00 EUR" in (await bob.ask("/balance")).text
        await box.idle()
        assert await world.balance(bob) == f"{paid}.00"
        assert await world.transfers() == paid + 1


async def test_g7_two_bots_with_one_token_by_mistake_pay_once(tmp_path: Path) -> None:
    with postgresql() as url:  # on one SQLite file the second is refused
        await two_bots(tmp_path, url)


async def two_bots(tmp_path: Path, url: str) -> None:
    async with bot_world(tmp_path, DATABASE_URL=url) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        other = NestedBot.beside(
            world.box, database=world.database, folder=tmp_path, log=tmp_path / "other.log",
            LOG_LEVEL="DEBUG", DATABASE_URL=url,
        )  # fmt: skip
        conflict = asyncio.create_task(world.box.called("getUpdates", is_conflict, timeout_s=30))
        try:
            await other.start()
            await conflict
            for number in range(1, 6):
                dialog = await world.dialog(alice, f"/pay 1 @{bob.username} {MEMO}{number}")
                bob.skip()
                await asyncio.gather(press_all(alice, dialog, 3), bob.wait("Receipt"))
            assert await other.stop() == 0
        finally:
            if other.is_running:
                await other.kill()
        assert await world.balance(bob) == "5.00"


def is_conflict(call: Call) -> bool:
    """Two processes ask at the same time."""
    return call.status == 409
