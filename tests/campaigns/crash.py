"""Kill -9 the core while many callers pay, start it again, and look for what was lost or doubled.

    python -m tests.campaigns.crash --cycles 2000          prints what was acknowledged, lost, doubled
    python -m tests.campaigns.crash --bot --cycles 200     the whole bot over HTTP (tests/e2e/test_kill.py)
    python -m tests.campaigns.crash --seed 12 --cycles 1   one cycle again (the moment of death is the machine's)
    python -m tests.campaigns.crash --postgresql           over a PostgreSQL, which lives on

The child holds the books and writes each receipt to a pipe as soon as its caller has it; the parent kills it some
time. The next child tries every unanswered wish again with its key. After each cycle what was told is there; every few
cycles, and at the end, the audit is sound.
A kill leaves what the operating system was given; power cuts are in tests/campaigns/power.py.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.campaigns.bank import postgresql
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import ClaimOutbox, PersonId, SettleOutbox, WalletCore, WalletError, WalletOf
from wallet_core.storage import open_database

CALLERS = 64
PEOPLE = 20
START_EACH_MINOR = 100_000
AUDIT_EVERY = 10  # cycles
BOT_CYCLES = 20
BOOKS_CYCLES = 50  # then the books begin anew, so that the audits stay short
LIFE_MAX_S = 0.08  # of a child, once it is ready
LEASE = timedelta(milliseconds=1)

Told = dict[str, tuple[str, int]]  # receipt code and id of the transfer, by key


@dataclass
class Tally:
    """What the campaign has seen."""

    cycles: int = 0
    told: Told = field(default_factory=dict)
    untold: int = 0  # transfers that were committed, and whose callers died with the core before they heard
    notices: set[tuple[int, str]] = field(default_factory=set)  # transfer and recipient


@contextmanager
def a_file() -> Iterator[str]:
    """The address of books in a file of their own."""
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite+aiosqlite:///{Path(directory) / 'books.db'}"


async def prepare(url: str) -> None:
    async with WalletCore.session(url, rules=PlainRules().real()) as core:
        for number in range(PEOPLE):
            await core.run(command_of(open_wallet(f"tg:{number}")))
            wish = {"do": "Issue", "by": "tg:1", "to": ("person", f"tg:{number}"), "key": f"start{number}", "memo": ""}
            await core.run(command_of({**wish, "amount": (START_EACH_MINOR, "EUR")}))


async def live(url: str, seed: int, pipe: int, unanswered: list[str]) -> None:
    """The child: callers that pay, and one who delivers notices, until it is killed."""
    chance = Random(seed)
    core = await WalletCore.open(url, rules=PlainRules().real())
    wallets = [(await core.ask(WalletOf(PersonId(f"tg:{number}")))).id for number in range(PEOPLE)]
    say(pipe, "ready")

    async def caller(number: int) -> None:
        for turn in range(10_000):
            key = unanswered.pop() if unanswered else f"{seed}.{number}.{turn}"
            of = Random(key)  # the key says it all, so that a repeat is the same wish
            payer, payee = of.sample(wallets, 2)
            say(pipe, f"asks {key}")
            try:
                receipt = await core.run(command_of(transfer(payer, payee, of.randint(1, 500), key)))
            except WalletError as refusal:
                say(pipe, f"refused {key} {type(refusal).__name__}")
            else:
                say(pipe, f"told {key} {receipt.code} {receipt.transfer_id}")

    async def notifier() -> None:
        for _ in range(10_000):
            messages = await core.run(ClaimOutbox(limit=100, lease=LEASE))
            for message in messages:
                say(pipe, f"notice {message.payment.receipt.transfer_id} {message.recipient}")
            if messages and chance.random() < 0.9:
                await core.run(SettleOutbox(delivered=tuple(message.id for message in messages)))
            await asyncio.sleep(0)

    await asyncio.gather(notifier(), *(caller(number) for number in range(CALLERS)))


def say(pipe: int, line: str) -> None:
    """One write, so that a line is there whole or not at all."""
    os.write(pipe, f"{line}\n".encode())


def cycle(url: str, seed: int, tally: Tally, unanswered: list[str], life_max_s: float) -> list[str]:
    """One life and one death; gives the keys whose callers were not answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            asyncio.run(live(url, seed, writing, unanswered))
        finally:
            os._exit(1)
    os.close(writing)
    os.set_blocking(reading, False)
    text, die_at = b"", None
    while die_at is None or time.monotonic() < die_at:
        try:
            text += os.read(reading, 1 << 16)
        except BlockingIOError:
            os.sched_yield()
        if die_at is None and text.startswith(b"ready"):
            die_at = time.monotonic() + Random(seed).uniform(0, life_max_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.set_blocking(reading, True)
    while more := os.read(reading, 1 << 16):
        text += more
    os.close(reading)
    asked, waiting = note(text.decode(), tally)
    return [key for key in unanswered if key not in asked] + waiting


def note(text: str, tally: Tally) -> tuple[set[str], list[str]]:
    """Read what the child said; gives the keys that were asked, and those that were not answered."""
    asked, waiting = set[str](), dict[str, None]()
    for line in text.split("\n")[:-1]:
        match line.split():
            case ["asks", key]:
                asked.add(key)
                waiting[key] = None
            case ["told", key, code, transfer_id]:
                waiting.pop(key)
                assert tally.told.setdefault(key, (code, int(transfer_id))) == (code, int(transfer_id)), f"{key} twice"
            case ["refused", key, name]:
                assert name == "InsufficientFunds", line
                waiting.pop(key)
            case ["notice", transfer_id, recipient]:
                tally.notices.add((int(transfer_id), recipient))
    tally.cycles += 1
    return asked, list(waiting)


async def inspect(url: str, tally: Tally, *, finish: bool = False) -> None:
    """Open the books as the next process does: they are sound; at the end every notice is delivered."""
    async with WalletCore.session(url, rules=PlainRules().real()) as core:
        report = await core.audit()
        assert report.sound, report.problem
        while finish and (messages := await core.run(ClaimOutbox(limit=1000, lease=LEASE))):
            tally.notices |= {(m.payment.receipt.transfer_id, m.recipient) for m in messages}
            await core.run(SettleOutbox(delivered=tuple(message.id for message in messages)))


async def compare(url: str, tally: Tally, *, finish: bool) -> Collection[str]:
    """Receipts against rows; gives the keys that there are."""
    books = open_database(url)
    try:
        rows = dict(await books.rows("SELECT key, id FROM transfers", ()))
        both = "transfers t JOIN wallets w ON w.id IN (t.debit, t.credit)"
        pairs = await books.rows(f"SELECT t.id, w.owner FROM {both} WHERE w.owner IS NOT NULL", ())
        [[total]] = await books.rows("SELECT SUM(balance) FROM wallets WHERE owner IS NOT NULL", ())
    finally:
        await books.close()
    lost = [key for key, (_, transfer_id) in tally.told.items() if rows.get(key) != transfer_id]
    assert not lost, f"told and lost: {lost[:5]}"
    assert total == PEOPLE * START_EACH_MINOR
    untold = {tuple(pair) for pair in pairs} - tally.notices if finish else set()
    assert not untold, f"never told: {sorted(untold)[:5]}"
    return rows.keys()


def campaign(cycles: int, first: int, url: str, *, life_max_s: float = LIFE_MAX_S) -> Tally:
    """Cycles on one set of books."""
    tally, unanswered = Tally(), list[str]()
    asyncio.run(prepare(url))
    for seed in range(first, first + cycles):
        last = seed == first + cycles - 1
        try:
            unanswered = cycle(url, seed, tally, unanswered, life_max_s)
            if last or seed % AUDIT_EVERY == 0:
                asyncio.run(inspect(url, tally, finish=last))
            keys = asyncio.run(compare(url, tally, finish=last))
            tally.untold += sum(key in keys for key in unanswered)
        except BaseException:
            print(f"failed; again: python -m tests.campaigns.crash --seed {seed} --cycles 1", file=sys.stderr)
            raise
    return tally


def bot_campaign(cycles: int, first: int) -> None:
    """The whole bot over HTTP to a sandbox, in worlds of BOT_CYCLES kills each."""
    from tests.e2e import test_kill  # the bot is not needed otherwise

    kills = payments = 0
    for seed in range(first, first + cycles, BOT_CYCLES):
        many = min(BOT_CYCLES, first + cycles - seed)
        with tempfile.TemporaryDirectory() as directory:
            try:
                seen = asyncio.run(test_kill.campaign(Path(directory), seed=seed, kills=many))
            except BaseException:
                print(
                    f"failed; again: python -m tests.campaigns.crash --bot --seed {seed} --cycles {many}",
                    file=sys.stderr,
                )
                raise
        kills, payments = kills + many, payments + seen["payments"]
        print(f"{kills} kills of the bot, {payments} payments confirmed by press: none lost, none doubled, both people"
              " told each, audit sound", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first cycle")
    parser.add_argument("--bot", action="store_true", help="kill the whole bot, not the core alone")
    parser.add_argument("--life", type=float, default=LIFE_MAX_S, help="seconds that a core lives at most")
    parser.add_argument("--postgresql", action="store_true", help="the books are in a PostgreSQL")
    options = parser.parse_args()
    if options.bot:
        bot_campaign(options.cycles, options.seed)
        return
    kills = told = untold = notices = 0
    for first in range(options.seed, options.seed + options.cycles, BOOKS_CYCLES):
        cycles = min(BOOKS_CYCLES, options.seed + options.cycles - first)
        with postgresql() if options.postgresql else a_file() as url:
            tally = campaign(cycles, first, url, life_max_s=options.life)
        kills, told = kills + cycles, told + len(tally.told)
        untold, notices = untold + tally.untold, notices + len(tally.notices)
        print(f"{kills} kills, {told} receipts told: 0 lost, 0 doubled; {untold} times committed and not yet told;"
              f" {notices} notices, none missing; audit sound", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
