"""The bot's process is killed at random moments while gifts are made, claimed, taken back: each share once (G7, G15).

In the suite: KILLS kills. More of them, or a run that failed once more, with its seed:

    python -m tests.e2e.test_kill_gifts 20 12345
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from bot.sandbox import Message, Person
from bot.sandbox.groups import Group
from tests.e2e.test_kill import TOLD_S, everything_told, kill_now_and_then, told
from tests.e2e.world import World, bot_world, id_of
from wallet_core import HistoryLine, HistoryOf, WalletOf

KILLS = 6
GIVERS, CLAIMERS = 2, 3
GIFT_MINOR = 10


class Kitchen:
    """Givers, each with a group of their own, who make one gift after the other until they are told to stop."""

    def __init__(self, world: World, luck: random.Random) -> None:
        self.world, self.luck = world, luck
        self.enough = asyncio.Event()
        self.claimers: list[Person] = []
        self.given: dict[str, tuple[Group, list[Person], Message]] = {}  # memo -> where, who claimed, what was pressed

    async def give(self, giver: Person, group: Group, name: str) -> None:
        number = 0
        while not self.enough.is_set():
            memo = f"zebra-{name}-{number}-"  # no memo is the beginning of another
            number += 1
            await giver.send(f"/gift 0.{GIFT_MINOR} for {CLAIMERS} lucky {memo}", chat=group)
            card = await giver.wait(
                lambda message, memo=memo: memo in message.words and bool(message.buttons), chat=group, timeout_s=TOLD_S
            )
            some = self.luck.sample(self.claimers, self.luck.randint(0, CLAIMERS))
            presses = [await person.press(card) for person in some for _ in range(self.luck.randint(1, 2))]
            answers = await asyncio.gather(*(press.answer(TOLD_S) for press in presses))
            assert all("is yours" in answer.text for answer in answers), answers
            self.given[memo] = (group, some, card)
            if len(some) < CLAIMERS:
                back = await (await giver.press(card, "↩️ Take back")).answer(TOLD_S)
                assert "came back" in back.text


async def campaign(folder: Path, *, seed: int, kills: int) -> dict[str, int]:
    """Gifts under fire; raises AssertionError when anything is missing, doubled or untold."""
    luck = random.Random(seed)
    async with bot_world(folder) as world:
        kitchen = Kitchen(world, luck)
        kitchen.claimers = [await world.someone(f"Claimer{number}") for number in range(CLAIMERS)]
        givers = [await world.someone(f"Giver{number}", "1000") for number in range(GIVERS)]
        groups = [
            world.box.group(-100_500 - number, f"Kitchen {number}", members=[giver, *kitchen.claimers])
            for number, giver in enumerate(givers)
        ]
        giving = [
            asyncio.create_task(kitchen.give(giver, group, str(number)))
            for number, (giver, group) in enumerate(zip(givers, groups, strict=True))
        ]
        killing = asyncio.create_task(kill_now_and_then(world, luck, kills))
        try:
            await asyncio.wait({killing, *giving}, return_when=asyncio.FIRST_COMPLETED)
            kitchen.enough.set()
            await asyncio.gather(killing, *giving)
        finally:
            for task in (killing, *giving):
                task.cancel()
            await asyncio.gather(killing, *giving, return_exceptions=True)
        await world.box.idle()
        async with asyncio.timeout(TOLD_S):
            await everything_told(world)
        return await reckon(world, kitchen, givers)


async def reckon(world: World, kitchen: Kitchen, givers: list[Person]) -> dict[str, int]:
    """Every gift once, every share once and told with one receipt, every card in its last state, nothing lost."""
    claims = {person.id: await lines_of(world, person) for person in kitchen.claimers}
    back = 0
    for memo, (group, some, card) in kitchen.given.items():
        got = 0
        for person in kitchen.claimers:
            mine = [line for line in claims[person.id] if line.payment.receipt.memo == memo]
            assert len(mine) == (person in some), (memo, person.name)
            for line in mine:
                assert told(person, memo) == line.payment.receipt.code
                got += line.delta.minor
        back += GIFT_MINOR - got
        is_over = "All of it is claimed" if len(some) == CLAIMERS else f"0.{GIFT_MINOR - got:02} EUR back"
        for shown in (card, *await pressed_late(world, kitchen, group, memo)):
            assert not shown.buttons
            assert is_over in shown.words, shown.words
            assert all(person.name in shown.words for person in some)
    owned = [await world.core.ask(WalletOf(id_of(person))) for person in (*givers, *kitchen.claimers)]
    assert sum(wallet.balance.minor for wallet in owned) == 100_000 * len(givers)
    shares = sum(len(some) for _, some, _ in kitchen.given.values())
    returns = sum(len(some) < CLAIMERS for _, some, _ in kitchen.given.values())
    assert await world.transfers() == len(givers) + len(kitchen.given) + shares + returns
    return {"gifts": len(kitchen.given), "shares": shares, "minor units back": back}


async def pressed_late(world: World, kitchen: Kitchen, group: Group, memo: str) -> list[Message]:
    """Cards that a killed bot has posted once more and forgotten: whoever presses one is answered, and it is over."""
    pressed = kitchen.given[memo][2]
    cards = [each for each in group.messages if each.from_bot and memo in each.words and each is not pressed]
    late = [each for each in cards if each.buttons]
    for each in late:
        answer = await (await kitchen.claimers[0].press(each)).answer(TOLD_S)
        assert answer.text
    await everything_told(world)
    return late


async def lines_of(world: World, person: Person) -> list[HistoryLine]:
    lines: list[HistoryLine] = []
    start: int | None = None
    while True:
        page = await world.core.ask(HistoryOf(person=id_of(person), start=start, limit=100))
        lines += page.lines
        if page.older is None:
            return lines
        start = page.older


async def test_g7_g8_g15_a_bot_killed_between_claims_gives_each_share_once(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    try:
        await campaign(tmp_path, seed=seed, kills=KILLS)
    except BaseException:
        print(f"again: python -m tests.e2e.test_kill_gifts {KILLS} {seed}")
        raise


if __name__ == "__main__":
    KILLS_WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    with tempfile.TemporaryDirectory() as place:
        print(f"seed {SEED}, {KILLS_WANTED} kills:", asyncio.run(campaign(Path(place), seed=SEED, kills=KILLS_WANTED)))
