"""Whether one person's flood slows the others down: `python -m tests.bench.flood [--rounds N] [--cases [WORD]]`.

With `--cases`: floods under Telegram's limits, of flood_cases.py, of the bot in the folder that FLOOD_BOT names.
Without: pictures and commands.

The real bot beside the sandbox server over HTTP. Others write `/balance`, 50 a second; in the same process, in turns:
nothing else happens; one person sends 200 photos in a second; the same person sends a next one with every answer, so
that there is always something to read. The photos hold no code, are busy, and take the reader as long as photos can.
Then, with Telegram's limits on both sides (one message a second in a chat, 30 in all) and 20 others a second: nothing
else; the same person sends a thousand commands, 30 a second; of which the bot answers what the limits let it. Figures
are milliseconds from an update to its answer, medians of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from bot.sandbox import Limits, Person, Sandbox
from tests.bench import flood_cases
from tests.bench.bot import PACE_PER_S, latency, running

PHOTOS = 200
COMMANDS = 1_000
COMMANDS_A_SECOND = 30
OTHERS = 50
SHARE_MAX = 1.5  # of the p99 without a flood
PATIENCE_S = 120.0

LIMITED_PACE_PER_S = 20  # /balance of others: with the flooder's answers fewer than Telegram lets a bot send in all
CALM_S = 12.0  # until the answers that waited for the flooder are out

Flood = Callable[[Person, bytes], Coroutine[Any, Any, None]]


def photo() -> bytes:
    """A photo as Telegram sends it, in which there is much to look at and no code."""
    leaves = Image.effect_noise((640, 480), 90).filter(ImageFilter.GaussianBlur(1)).resize((1_280, 960))
    file = io.BytesIO()
    leaves.convert("RGB").save(file, "JPEG", quality=87)
    return file.getvalue()


async def nothing(person: Person, data: bytes) -> None:
    """No flood."""


async def at_once(person: Person, data: bytes) -> None:
    """All photos in a second; without a pause it would be this process that keeps the others waiting."""
    for _ in range(PHOTOS):
        await person.send_document(data, file_name="leaves.jpg", mime_type="image/jpeg")
        await asyncio.sleep(1 / PHOTOS)


async def without_end(person: Person, data: bytes) -> None:
    """Some photos, and one more with every answer, until cancelled."""
    for _ in range(4):  # fewer than make the bot look away
        await person.send_document(data, file_name="leaves.jpg", mime_type="image/jpeg")
    while True:
        await person.next(timeout_s=PATIENCE_S)
        await person.send_document(data, file_name="leaves.jpg", mime_type="image/jpeg")


async def commands(person: Person, data: bytes) -> None:
    """A thousand commands, as fast as an app lets somebody send them, most of those that write."""
    for n in range(COMMANDS):
        await person.send(("/request 0.01", "/limits 5 a day", "/balance", "/block @person1")[n % 4])
        await asyncio.sleep(1 / COMMANDS_A_SECOND)


Results = dict[str, list[tuple[float, ...]]]

FLOODS: dict[str, Flood] = {
    "nothing else": nothing,
    "200 photos in a second": at_once,
    "photos without end": without_end,
}
LIMITED: dict[str, Flood] = {
    "nothing else, limits on": nothing,
    "1000 commands, 30 a second": commands,
}


async def measured(
    box: Sandbox, others: list[Person], flooder: Person, flood: Flood, data: bytes, *, pace_per_s: float = PACE_PER_S
) -> tuple[float, ...]:
    """p50, p99, and how many of the flood were answered meanwhile."""
    flooder.skip()
    before = _answers(flooder)
    flooding = asyncio.create_task(flood(flooder, data))
    p50, p99 = await latency(box, others, "/balance", pace_per_s=pace_per_s)
    answered = _answers(flooder) - before
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)
    await box.idle(timeout_s=PATIENCE_S)
    return p50, p99, float(answered)


def _answers(person: Person) -> int:
    return sum(message.sender_id != person.id for message in person.private.messages)


async def one_round(results: Results) -> None:
    """A fresh world, and all floods in it."""
    data = photo()
    async with world() as (box, flooder, others):
        await measured(box, others, flooder, at_once, data)  # everything is loaded
        for title, flood in FLOODS.items():
            results[title].append(await measured(box, others, flooder, flood, data))


async def one_limited_round(results: Results) -> None:
    """The same with Telegram's limits."""
    async with world("env", "TELEGRAM_LIMITS=on") as (box, flooder, others):
        await asyncio.sleep(CALM_S)
        box.limit(Limits())
        paced = partial(measured, box, others, flooder, pace_per_s=LIMITED_PACE_PER_S)
        await paced(commands, b"")  # everything is loaded
        for title, flood in LIMITED.items():
            await asyncio.sleep(CALM_S)
            results[title].append(await paced(flood, b""))


@asynccontextmanager
async def world(*before: str) -> AsyncIterator[tuple[Sandbox, Person, list[Person]]]:
    """A bot whom everybody has met, the one who floods it, and the others; `before` comes before its command."""
    with tempfile.TemporaryDirectory() as name:
        async with Sandbox() as box:
            box.record_calls = False
            people = [box.person(1_000 + n, f"Person {n}", username=f"person{n}") for n in range(OTHERS + 1)]
            async with running(box, [*before, sys.executable, "-m", "bot", "run"], Path(name)):
                for person in people:
                    await person.start()
                    await person.next(timeout_s=PATIENCE_S)
                yield box, people[0], people[1:]


async def run(rounds: int) -> None:
    results: Results = {title: [] for title in (*FLOODS, *LIMITED)}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        await one_round(results)
        await one_limited_round(results)
    print(f"/balance of {OTHERS} others while one person sends photos, or commands; medians of {rounds} rounds\n")
    print(f"{'':26}{'p50 ms':>9}{'p99 ms':>9}{'to nothing':>12}{'answered':>10}")
    for floods in (FLOODS, LIMITED):
        quiet = statistics.median(figures[1] for figures in results[next(iter(floods))])
        for title in floods:
            p50, p99, answered = (statistics.median(column) for column in zip(*results[title], strict=True))
            print(f"{title:26}{p50:9.1f}{p99:9.1f}{p99 / quiet:12.2f}{answered:10.0f}")
    print(f"wanted: no p99 above {SHARE_MAX} of nothing else")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", nargs="?", const="", help="those of flood_cases.py with this word in their name")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.rounds) if arguments.cases is None else flood_cases.run(arguments.cases))


if __name__ == "__main__":
    main()
