"""The bot's process is killed (SIGKILL) at random moments between tips: none is lost, doubled or told never.

In the suite: KILLS kills. More of them, or a run that failed once more, with its seed:

    python -m tests.e2e.test_tips_killed 100 12345
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.test_kill import TOLD_S, everything_told, kill_now_and_then
from tests.e2e.world import World, bot_world, id_of, receipt_code
from wallet_core import HistoryOf, HistoryPage, TipsOf, WalletOf

KILLS = 8
TIPPERS = 4


class Stream:
    """People who tip Bob's two songs, by word and by the button below them, until they are told to stop."""

    def __init__(self, world: World, luck: random.Random, songs: list[Message]) -> None:
        self.world, self.luck, self.songs = world, luck, songs
        self.enough = asyncio.Event()
        self.given: dict[str, int] = {}  # by whom, how often

    async def tip(self, person: Person) -> None:
        """A tip, its receipt; again."""
        told: set[str] = set()
        while not self.enough.is_set():
            song = self.luck.choice(self.songs)
            line = self.line(song)
            if line is None or self.luck.random() < 0.5:
                await person.send(f"/tip 0.0{self.luck.randint(1, 9)}", chat=self.world.group, reply_to=song)
            else:
                await (await person.press(line)).answer(TOLD_S)
            self.given[person.name] = self.given.get(person.name, 0) + 1
            receipt = await person.wait(lambda message: is_new(message, told), timeout_s=TOLD_S)
            told.add(receipt_code(receipt))

    def line(self, song: Message) -> Message | None:
        """The newest that the bot has posted below the song."""
        found = [
            message
            for message in self.world.group.messages
            if message.from_bot and message.raw.get("reply_to_message", {}).get("message_id") == song.id
        ]
        return found[-1] if found else None


def is_new(message: Message, told: set[str]) -> bool:
    """A receipt of a tip that was not told before."""
    return "Tipped" in message.words and receipt_code(message) not in told


async def campaign(folder: Path, *, seed: int, kills: int) -> dict[str, int]:
    """Tips under fire; raises AssertionError when anything is missing, doubled, untold or not shown."""
    luck = random.Random(seed)
    async with bot_world(folder) as world:
        bob = await world.someone("Bob")
        tippers = [await world.someone(f"Tipper{number}", "1000") for number in range(TIPPERS)]
        songs = [await bob.send(text, chat=world.group) for text in ("la la", "tra la")]
        stream = Stream(world, luck, songs)
        tipping = [asyncio.create_task(stream.tip(person)) for person in tippers]
        killing = asyncio.create_task(kill_now_and_then(world, luck, kills))
        try:
            await asyncio.wait({killing, *tipping}, return_when=asyncio.FIRST_COMPLETED)
            stream.enough.set()
            await asyncio.gather(killing, *tipping)
        finally:
            for task in (killing, *tipping):
                task.cancel()
            await asyncio.gather(killing, *tipping, return_exceptions=True)
        await world.box.idle()
        await everything_told(world)
        return await reckon(world, stream, bob, tippers)


async def reckon(world: World, stream: Stream, bob: Person, tippers: list[Person]) -> dict[str, int]:
    """Every tip once in the books, told to both by its receipt code, and each line says the newest sum."""
    count = sum(stream.given.values())
    assert await world.transfers() == count + len(tippers)
    for tipper in tippers:
        codes = await codes_of(world, tipper)
        assert len(codes) == stream.given.get(tipper.name, 0) + 1, "and what was issued"
        assert all(is_told(tipper, code) for code in codes)
    codes = await codes_of(world, bob)
    assert len(codes) == count
    assert [code for code in codes if not is_told(bob, code)] == []
    total = 0
    for song in stream.songs:
        line = stream.line(song)
        if line is not None:
            got = await world.core.ask(TipsOf(f"{world.group.id}/0.{song.id}"))
            assert str(got.total) in line.words, (line.words, got.total)
            total += got.total.minor
    assert total == (await world.core.ask(WalletOf(id_of(bob)))).balance.minor
    notes = sum("You were tipped" in message.words for message in bob.private.messages)
    return {"tips": count, "notes": notes, "lines": sum(message.from_bot for message in world.group.messages)}


def is_told(person: Person, code: str) -> bool:
    """Whether their chat shows this receipt code."""
    return any(code in message.words for message in person.private.messages if message.from_bot)


async def codes_of(world: World, person: Person) -> list[str]:
    """The receipt codes of all that came and went in somebody's wallet."""
    codes: list[str] = []
    page: HistoryPage | None = None
    while page is None or page.older is not None:
        start = None if page is None else page.older
        page = await world.core.ask(HistoryOf(person=id_of(person), start=start, limit=100))
        codes += [line.payment.receipt.code for line in page.lines]
    return codes


async def test_g6_g7_g8_tips_survive_a_bot_that_is_killed_again_and_again(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    try:
        await campaign(tmp_path, seed=seed, kills=KILLS)
    except BaseException:
        print(f"again: python -m tests.e2e.test_tips_killed {KILLS} {seed}")
        raise


if __name__ == "__main__":
    KILLS_WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    with tempfile.TemporaryDirectory() as place:
        print(f"seed {SEED}, {KILLS_WANTED} kills:", asyncio.run(campaign(Path(place), seed=SEED, kills=KILLS_WANTED)))
