"""The whole bot beside bare echoes of python-telegram-bot and of aiogram: `python -m tests.bench.bot`.

All are processes of their own that talk to the sandbox server over HTTP, in turns, round after round; every figure is
the median of the rounds. Floods: everything is sent at once by many people, and the clock stops when the last answer is
there; for a payment: the dialog, the answer to the press, the receipt and the payee's notice. Latency: 50
updates a second, from the update to its answer. The first start makes the database, the second finds it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox import Message, Person, Sandbox

PEOPLE = 50
FLOOD = 1_000  # updates
PAYMENTS = 500
PICTURES = 200
PACE_PER_S = 50
PACED = 300
PATIENCE_S = 120.0
OPERATOR = 1


@dataclass(slots=True)
class Figures:
    """One process's: updates (or payments) per second, milliseconds, MiB."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    idle_mib: list[float] = field(default_factory=list)
    first_start_ms: list[float] = field(default_factory=list)
    start_ms: list[float] = field(default_factory=list)


async def until(done: Callable[[], bool]) -> None:
    """Poll a cheap condition; the server and these people share one event loop."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():  # noqa: ASYNC110  # many things may make it true
            await asyncio.sleep(0.002)


def said(people: list[Person]) -> int:
    """Messages of the bot in the private chats."""
    return sum(len(person.private.messages) for person in people)


async def flood(box: Sandbox, people: list[Person], text: str, count: int) -> float:
    """Updates a second of one kind, each answered by one message."""
    before = said(people)
    began = time.perf_counter()
    for number in range(count):
        await people[number % len(people)].send(text)
    await until(lambda: said(people) - before >= 2 * count)  # what they said and what was answered
    return count / (time.perf_counter() - began)


async def flood_payments(box: Sandbox, people: list[Person]) -> float:
    """Payments a second: `/pay`, the dialog, the press, its answer, the receipt, the notice to the payee."""
    began = time.perf_counter()
    for person in people:
        person.skip()
    per_person = PAYMENTS // len(people)

    async def pay(number: int) -> None:
        payer, payee = people[number], people[(number + 1) % len(people)]
        for _ in range(per_person):
            await payer.send(f"/pay 0.01 @{payee.username} bench")
        dialogs: list[Message] = []
        while len(dialogs) < per_person:
            message = await payer.next(timeout_s=PATIENCE_S)
            if message.buttons:
                dialogs.append(message)
        presses = [await payer.press(dialog, 0) for dialog in dialogs]
        for press in presses:
            await press.answer(timeout_s=PATIENCE_S)
        await until(lambda: all(dialog.edits for dialog in dialogs))

    notices = sum("You received" in m.words for p in people for m in p.private.messages)
    await asyncio.gather(*(pay(number) for number in range(len(people))))
    wanted = notices + per_person * len(people)
    await until(lambda: sum("You received" in m.words for p in people for m in p.private.messages) >= wanted)
    return per_person * len(people) / (time.perf_counter() - began)


async def latency(
    box: Sandbox, people: list[Person], text: str, *, pace_per_s: float = PACE_PER_S
) -> tuple[float, float]:
    """p50 and p99 in milliseconds, at a steady pace."""
    waits: list[float] = []

    async def one(person: Person) -> None:
        began = time.perf_counter()
        await person.ask(text)
        waits.append((time.perf_counter() - began) * 1e3)

    tasks = []
    start = time.perf_counter()
    for number in range(PACED):
        await asyncio.sleep(max(0.0, start + number / pace_per_s - time.perf_counter()))
        tasks.append(asyncio.create_task(one(people[number % len(people)])))
    await asyncio.gather(*tasks)
    waits.sort()
    return waits[len(waits) // 2], waits[len(waits) * 99 // 100]


@asynccontextmanager
async def running(box: Sandbox, command: list[str], folder: Path) -> AsyncIterator[int]:
    """The process, until the block ends; gives its pid."""
    environment = {
        **os.environ, "BOT_TOKEN": box.token, "TELEGRAM_API_URL": box.url, "ADMIN_IDS": str(OPERATOR),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'books.db'}", "LOG_LEVEL": "WARNING", "WELCOME_CREDIT": "1000",
        "PYTHONPATH": str(Path.cwd()), "PYTHONPYCACHEPREFIX": tempfile.gettempdir() + "/tuppence-bench",
    }  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled once, and not at each start
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=folder)
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


async def started(box: Sandbox, person: Person, command: list[str], folder: Path) -> float:
    """Milliseconds from the start of a process to its first answer."""
    began = time.perf_counter()
    await person.start()
    async with running(box, command, folder):
        await person.next(timeout_s=PATIENCE_S)
        took = (time.perf_counter() - began) * 1e3
        await box.idle(timeout_s=PATIENCE_S)
    return took


async def measure(command: list[str], figures: Figures, *, is_ours: bool) -> None:
    """One round of one contestant, in a fresh world."""
    with tempfile.TemporaryDirectory() as name:
        async with Sandbox() as box:
            box.record_calls = False
            people = [box.person(1000 + n, f"Person {n}", username=f"person{n}") for n in range(PEOPLE)]
            figures.first_start_ms.append(await started(box, people[0], command, Path(name)))
            people[0].skip()
            began = time.perf_counter()
            await people[0].start()
            async with running(box, command, Path(name)) as pid:
                await people[0].next(timeout_s=PATIENCE_S)
                figures.start_ms.append((time.perf_counter() - began) * 1e3)
                await box.idle(timeout_s=PATIENCE_S)
                await asyncio.sleep(1.0)  # idle is what is measured
                figures.idle_mib.append(resident_mib(pid))
                for person in people[1:]:
                    await person.start()
                await box.idle(timeout_s=PATIENCE_S)
                note = figures.rates.setdefault
                note("message", []).append(await flood(box, people, "/balance", FLOOD))
                p50, p99 = await latency(box, people, "/balance")
                figures.p50_ms.append(p50)
                figures.p99_ms.append(p99)
                if is_ours:
                    note("payment", []).append(await flood_payments(box, people))
                    note("picture", []).append(await flood(box, people, "/request 5 bench", PICTURES))


def print_table(results: dict[str, Figures], rounds: int) -> None:
    def middle(values: list[float]) -> float:
        return statistics.median(values) if values else 0.0

    print(f"medians of {rounds} rounds; floods of {FLOOD} messages, {PAYMENTS} payments, {PICTURES} QR requests\n")
    print(
        "| process | messages/s | payments/s | QR pictures/s | p50 ms | p99 ms | idle MiB | first start ms | start ms |"
    )
    print("|" + "---|" * 9)
    for name, figures in results.items():
        rates = [middle(figures.rates.get(kind, [])) for kind in ("message", "payment", "picture")]
        cells = [f"{rate:,.0f}" if rate else "" for rate in rates]
        print(
            f"| {name} | {' | '.join(cells)} | {middle(figures.p50_ms):.1f} |"
            f" {middle(figures.p99_ms):.1f} |"
            f" {middle(figures.idle_mib):.0f} | {middle(figures.first_start_ms):,.0f} |"
            f" {middle(figures.start_ms):,.0f} |"
        )
    ours, echo, aiogram = results["ours"], results["echo"], results["aiogram's echo"]
    balance, echoed = middle(ours.rates["message"]), middle(echo.rates["message"])
    paid = middle(ours.rates["payment"])
    print(f"\na /balance costs {echoed / balance:.2f} echoes; a payment {echoed / 2 / paid:.2f} times two echoes")
    print(f"{balance / middle(aiogram.rates['message']):.2f} times as many messages a second as aiogram's echo")


async def run(rounds: int) -> dict[str, Figures]:
    contestants = {
        "echo": [sys.executable, "-m", "tests.bench.echo"],
        "echo, 32 at once": [sys.executable, "-m", "tests.bench.echo", "32"],
        "aiogram's echo": [sys.executable, "-m", "tests.bench.echo_aiogram"],
        "ours": [sys.executable, "-m", "bot", "run"],
    }
    results = {name: Figures() for name in contestants}
    for number in range(rounds):
        for name, command in contestants.items():
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            await measure(command, results[name], is_ours=name == "ours")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print_table(asyncio.run(run(arguments.rounds)), arguments.rounds)


if __name__ == "__main__":
    main()
