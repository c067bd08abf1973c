"""Whether one person's flood slows the others down: `python -m tests.bench.flood [--rounds N] [--cases [WORD]]`.

With `--cases`: floods under Telegram's limits, of flood_cases.py, of the bot in the folder that FLOOD_BOT names.
Without: pictures.

The real bot beside the sandbox server over HTTP. Others write `/balance`, 50 a second; in the same process, in turns:
nothing else happens; one person sends 200 photos in a second; the same person sends a next one with every answer, so
that there is always something to read; they send a thousand commands, 30 a second. The photos hold no code, are busy,
and take the reader as long as photos can. Figures are milliseconds from an update to its answer, medians of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from bot.sandbox import Person, Sandbox
from tests.bench import flood_cases
from tests.bench.bot import latency, running

PHOTOS = 200
COMMANDS = 1_000
COMMANDS_A_SECOND = 30
OTHERS = 50
SHARE_MAX = 1.5  # of the p99 without a flood
PATIENCE_S = 120.0

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


FLOODS: dict[str, Flood] = {
    "nothing else": nothing,
    "200 photos in a second": at_once,
    "photos without end": without_end,
    "1000 commands, 30 a second": commands,
}


async def measured(box: Sandbox, others: list[Person], flooder: Person, flood: Flood, data: bytes) -> tuple[float, ...]:
    """p50, p99, and how many photos were answered meanwhile."""
    flooder.skip()
    before = _answers(flooder)
    flooding = asyncio.create_task(flood(flooder, data))
    p50, p99 = await latency(box, others, "/balance")
    answered = _answers(flooder) - before
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)
    await box.idle(timeout_s=PATIENCE_S)
    return p50, p99, float(answered)


def _answers(person: Person) -> int:
    return sum(message.sender_id != person.id for message in person.private.messages)


async def one_round(results: dict[str, list[tuple[float, ...]]]) -> None:
    """A fresh world, and all floods in it."""
    data = photo()
    with tempfile.TemporaryDirectory() as name:
        async with Sandbox() as box:
            box.record_calls = False
            people = [box.person(1_000 + n, f"Person {n}", username=f"person{n}") for n in range(OTHERS + 1)]
            async with running(box, [sys.executable, "-m", "bot", "run"], Path(name)):
                for person in people:
                    await person.start()
                    await person.next(timeout_s=PATIENCE_S)
                flooder, others = people[0], people[1:]
                await measured(box, others, flooder, at_once, data)  # everything is loaded
                for title, flood in FLOODS.items():
                    results[title].append(await measured(box, others, flooder, flood, data))


async def run(rounds: int) -> None:
    results: dict[str, list[tuple[float, ...]]] = {title: [] for title in FLOODS}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        await one_round(results)
    print(f"/balance of {OTHERS} others while one person sends photos; medians of {rounds} rounds\n")
    print(f"{'':26}{'p50 ms':>9}{'p99 ms':>9}{'to nothing':>12}{'photos answered':>17}")
    quiet = statistics.median(figures[1] for figures in results["nothing else"])
    for title, rows in results.items():
        p50, p99, answered = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{title:26}{p50:9.1f}{p99:9.1f}{p99 / quiet:12.2f}{answered:17.0f}")
    print(f"wanted: no p99 above {SHARE_MAX} of the first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", nargs="?", const="", help="those of flood_cases.py with this word in their name")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.rounds) if arguments.cases is None else flood_cases.run(arguments.cases))


if __name__ == "__main__":
    main()
