"""The bot's process is killed at random moments while bills are shared and paid: each share once, the list at its end.

In the suite: KILLS kills. More of them, or a run that failed once more, with its seed:

    python -m tests.e2e.test_kill_splits 20 12345
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.test_kill import TOLD_S, everything_told, kill_now_and_then
from tests.e2e.world import World, bot_world, id_of
from wallet_core import WalletOf

KILLS = 4
PAYERS = 4


class Bills:
    """One bill after the other, each paid by all payers at the same time, until it is enough."""

    def __init__(self, world: World, luck: random.Random) -> None:
        self.world, self.luck = world, luck
        self.enough = asyncio.Event()
        self.paid: dict[Message, int] = {}  # the live message of each bill, and its total in minor units

    async def share(self, asker: Person, payers: list[Person]) -> None:
        while not self.enough.is_set():
            memo = f"zebra-{len(self.paid)}-"  # no memo is the beginning of another
            minor = self.luck.randint(PAYERS, 99)
            names = " ".join(f"@{payer.username}" for payer in payers)
            await asker.send(f"/split 0.{minor:02} {names} {memo}", chat=self.world.group)
            live = await asker.wait(lambda m, memo=memo: memo in m.text, chat=self.world.group, timeout_s=TOLD_S)
            await asyncio.gather(*(self.pay(payer, live, memo) for payer in payers))
            self.paid[live] = minor

    async def pay(self, payer: Person, live: Message, memo: str) -> None:
        """Press until the question is there, confirm it once or twice."""
        await payer.press(live, "Pay my share")
        asked = await payer.wait(lambda m: memo in m.text and "your share" in m.text, timeout_s=TOLD_S)
        presses = [await payer.press(asked, asked.buttons[0][0].value) for _ in range(self.luck.randint(1, 2))]
        assert "Paid" in (await presses[0].answer(TOLD_S)).text


async def campaign(folder: Path, *, seed: int, kills: int) -> dict[str, int]:
    """Bills under fire; raises AssertionError when a share is missing, doubled or shown wrong."""
    luck = random.Random(seed)
    async with bot_world(folder) as world:
        ann = await world.someone("Ann")
        payers = [await world.someone(f"Payer{number}", "1000") for number in range(PAYERS)]
        bills = Bills(world, luck)
        sharing = asyncio.create_task(bills.share(ann, payers))
        killing = asyncio.create_task(kill_now_and_then(world, luck, kills))
        try:
            await asyncio.wait({killing, sharing}, return_when=asyncio.FIRST_COMPLETED)
            bills.enough.set()
            await asyncio.gather(killing, sharing)
        finally:
            for task in (killing, sharing):
                task.cancel()
            await asyncio.gather(killing, sharing, return_exceptions=True)
        await world.box.idle()
        await everything_told(world)
        assert await world.transfers() == PAYERS * (len(bills.paid) + 1)
        assert (await world.core.ask(WalletOf(id_of(ann)))).balance.minor == sum(bills.paid.values())
        for live in bills.paid:
            await ann.see(live, "All shares are paid", chat=world.group)
            assert live.text.count("✅") == PAYERS + 1 and not live.buttons
        return {"bills": len(bills.paid), "shares": PAYERS * len(bills.paid)}


async def test_g7_a_bot_killed_between_shares_pays_each_once_and_shows_the_newest_state(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    try:
        await campaign(tmp_path, seed=seed, kills=KILLS)
    except BaseException:
        print(f"again: python -m tests.e2e.test_kill_splits {KILLS} {seed}")
        raise


if __name__ == "__main__":
    KILLS_WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    with tempfile.TemporaryDirectory() as place:
        print(f"seed {SEED}, {KILLS_WANTED} kills:", asyncio.run(campaign(Path(place), seed=SEED, kills=KILLS_WANTED)))
