"""Nobody waits for another's flood: with Telegram's own limits on, others are answered as if nothing had happened."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.sandbox import Limits
from bot.transport.feed import ANSWERS_WAITING_MAX
from tests.e2e.world import World, bot_world

STUCK_S = 30.0  # behind a flood, Telegram's limits would make it a minute and more
TOO_MUCH = "more at once than I can answer"
CALLS_BETWEEN = 100  # of the bot, until another is answered thrice: 15 to 60 were counted, a flood is 100 to 300
FEW = ANSWERS_WAITING_MAX + 12  # what is said at most to somebody who floods, before they are told


async def alone(world: World) -> None:
    """120 commands of one person, in private."""
    eve = await world.someone("Eve")
    for _ in range(120):
        await eve.send("/help")


async def in_their_group(world: World) -> None:
    """130 commands of one person, in a group of theirs."""
    eve = await world.someone("Eve")
    theirs = world.box.group(-1_009, "Theirs", members=[eve])
    for _ in range(130):
        await eve.send("/help", chat=theirs)


async def in_dozens_of_groups(world: World) -> None:
    """300 commands of one person, in fifty groups of theirs: in none of them too many."""
    eve = await world.someone("Eve")
    groups = [world.box.group(-1_100 - number, f"Theirs {number}", members=[eve]) for number in range(50)]
    for _ in range(6):
        for group in groups:
            await eve.send("/help", chat=group)


async def pictures_of_codes(world: World) -> None:
    """150 commands of one person that take the bot a while each."""
    eve = await world.someone("Eve")
    for _ in range(150):
        await eve.send("/qr 5 tea")


async def told_to_wait_an_hour(world: World) -> None:
    """One answer must wait for an hour, and 99 more messages follow."""
    eve = await world.someone("Eve")
    world.box.fail("sendMessage", code=429, retry_after_s=3_600)
    for _ in range(100):
        await eve.send("/help")


FLOODS = (alone, in_their_group, in_dozens_of_groups, pictures_of_codes, told_to_wait_an_hour)


@pytest.mark.parametrize("flood", FLOODS)
async def test_another_is_answered_at_once_while_one_person_floods(
    tmp_path: Path, flood: Callable[[World], Awaitable[None]]
) -> None:
    async with bot_world(tmp_path) as world:
        bob = await world.someone("Bob")
        await world.box.idle()
        world.box.limit(Limits())
        await flood(world)
        asked = len(world.box.calls)
        for _ in range(3):
            bob.skip()
            await bob.send("/balance")
            await bob.next(timeout_s=STUCK_S)
        assert len(world.box.calls) - asked < CALLS_BETWEEN
        await world.box.idle()
        world.box.limit(None)


async def test_who_floods_is_told_once_and_served_again_afterwards(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        eve = await world.someone("Eve")
        await world.box.idle()
        world.box.limit(Limits())
        eve.skip()
        for _ in range(120):
            await eve.send("/help")
        await eve.wait(TOO_MUCH, timeout_s=60)
        said = [message for message in eve.private.messages if message.from_bot]
        assert len(said) < FEW
        world.box.limit(None)
        assert "balance" in (await eve.ask("/balance")).text
        assert sum(TOO_MUCH in message.text for message in eve.private.messages) == 1
