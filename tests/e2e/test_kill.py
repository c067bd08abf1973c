"""The bot's process is killed (SIGKILL) at random moments of a stream of payments: money and words survive (G6 to G9).

In the suite: KILLS kills. More of them, or a run that failed once more, with its seed:

    python -m tests.e2e.test_kill 20 12345
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, id_of, receipt_code
from wallet_core import DueIn, HistoryOf, OutboxDueIn, WalletOf

KILLS = 20
PAYERS = 6
CALLS_BETWEEN_MAX = 40  # calls of the bot between a start and the next kill
NUDGE_S_MAX = 0.02  # a kill does not always follow right after a call
TOLD_S = 60.0  # until everything is told after the last kill
LOOK_S = 0.05  # what is told last is noted after the call that tells it


class Stream:
    """Payers who pay Bob one payment after the other, each with a memo of its own, until they are told to stop."""

    def __init__(self, world: World, luck: random.Random) -> None:
        self.world, self.luck = world, luck
        self.enough = asyncio.Event()
        self.pressed: dict[str, Person] = {}  # memo -> who confirmed it

    async def pay(self, payer: Person, payee: Person, name: str) -> None:
        """Command, question, press, perhaps a second one, answer; again."""
        number = 0
        while not self.enough.is_set():
            memo = f"zebra-{name}-{number}-"  # no memo is the beginning of another
            number += 1
            await payer.send(f"/pay 0.0{self.luck.randint(1, 9)} @{payee.username} {memo}")
            dialog = await self._seen(payer, lambda message, memo=memo: memo in message.text and bool(message.buttons))
            self.pressed[memo] = payer
            presses = [await payer.press(dialog) for _ in range(self.luck.randint(1, 2))]
            await presses[0].answer(TOLD_S)  # the receipt may come later

    async def _seen(self, person: Person, wanted) -> Message:  # type: ignore[no-untyped-def]
        return await person.wait(wanted, timeout_s=TOLD_S)


async def kill_now_and_then(world: World, luck: random.Random, kills: int) -> None:
    """Kill the bot at random moments, and start it again."""
    for _ in range(kills):
        for _ in range(luck.randint(1, CALLS_BETWEEN_MAX)):
            await any_call(world)
        await asyncio.sleep(luck.uniform(0, NUDGE_S_MAX))
        await world.bot.kill()
        await world.start_bot()


async def any_call(world: World) -> None:
    """Wait for the bot's next call, whichever it is."""
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    world.box.api.waiting.append((lambda call: True, future))  # type: ignore[arg-type]
    async with asyncio.timeout(TOLD_S):
        await future


def told(person: Person, memo: str) -> str:
    """The one receipt code that the chat shows for this memo."""
    codes = {
        receipt_code(message)
        for message in person.private.messages
        if message.from_bot and memo in message.text and "Receipt" in message.text
    }
    assert len(codes) == 1, (person.name, memo, codes)
    return codes.pop()


async def campaign(folder: Path, *, seed: int, kills: int) -> dict[str, int]:
    """Payments under fire; raises AssertionError when anything is missing, doubled or untold."""
    luck = random.Random(seed)
    async with bot_world(folder) as world:
        bob = await world.someone("Bob")
        payers = [await world.someone(f"Payer{number}", "1000") for number in range(PAYERS)]
        stream = Stream(world, luck)
        paying = [asyncio.create_task(stream.pay(payer, bob, str(number))) for number, payer in enumerate(payers)]
        killing = asyncio.create_task(kill_now_and_then(world, luck, kills))
        try:
            await asyncio.wait({killing, *paying}, return_when=asyncio.FIRST_COMPLETED)
            stream.enough.set()
            await asyncio.gather(killing, *paying)
        finally:
            for task in (killing, *paying):
                task.cancel()
            await asyncio.gather(killing, *paying, return_exceptions=True)
        await world.box.idle()
        await everything_told(world)
        return await reckon(world, stream, bob, payers)


async def everything_told(world: World) -> None:
    """Wait until the outbox is empty."""
    async with asyncio.timeout(TOLD_S):
        while await world.core.ask(OutboxDueIn()) != DueIn(None, None):  # noqa: ASYNC110  # another process notes it
            await asyncio.sleep(LOOK_S)


async def reckon(world: World, stream: Stream, bob: Person, payers: list[Person]) -> dict[str, int]:
    """Every confirmed payment once in the books, and once told to both, with one receipt code."""
    issued = len(payers)
    assert await world.transfers() == len(stream.pressed) + issued
    received: dict[str, int] = {}
    start: int | None = None
    while True:
        page = await world.core.ask(HistoryOf(person=id_of(bob), start=start, limit=100))
        for line in page.lines:
            memo = line.payment.receipt.memo
            assert memo in stream.pressed and memo not in received, memo
            received[memo] = line.delta.minor
            assert told(bob, memo) == told(stream.pressed[memo], memo) == line.payment.receipt.code
        if page.older is None:
            break
        start = page.older
    assert received.keys() == stream.pressed.keys()
    assert sum(received.values()) == (await world.core.ask(WalletOf(id_of(bob)))).balance.minor
    return {"payments": len(received), "bot messages": sum(m.from_bot for p in payers for m in p.private.messages)}


async def test_g6_g7_g8_g9_a_bot_killed_20_times_loses_doubles_and_forgets_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    try:
        await campaign(tmp_path, seed=seed, kills=KILLS)
    except BaseException:
        print(f"again: python -m tests.e2e.test_kill {KILLS} {seed}")
        raise


if __name__ == "__main__":
    KILLS_WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    with tempfile.TemporaryDirectory() as place:
        print(f"seed {SEED}, {KILLS_WANTED} kills:", asyncio.run(campaign(Path(place), seed=SEED, kills=KILLS_WANTED)))
