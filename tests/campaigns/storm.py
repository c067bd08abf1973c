"""Everything at once: small batches, faults at random calls of the database, callers and the writer cancelled, closing.

    python -m tests.campaigns.storm --rounds 2000
    python -m tests.campaigns.storm --seed 7 --rounds 1

Batches hold five commands, so that the writer's thread goes through many without a break. What each caller was told is
held against the books that a fresh core opens: a receipt is there; what was refused is not; a caller who left, or was
told that the outcome is unknown, may find either. Nobody waits forever, and the audit is sound. A seed repeats the
storm; the moments at which two threads meet are new each time.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import wallet_core.storage.writer
from tests.campaigns.below import below
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults import CODES, PATIENCE_S
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import OutcomeUnknown, PaymentByKey, Receipt, WalletCore
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs

BATCH_MAX = 5
WALLETS = 8
RULES = PlainRules(welcome=10**9)
FAULTS = ("BUSY", "FULL", "FULL_ROLLED_BACK", "IOERR", "IOERR_ROLLED_BACK", "CONSTRAINT", "CONSTRAINT", "CONSTRAINT")


@dataclass(frozen=True)
class Poison:
    """A command with a bug: it fails after it has changed the loaded books."""

    wallet: int

    def needs(self, needs: Needs) -> None:
        needs.wallets.append(self.wallet)

    def apply(self, books: Books) -> None:
        books.wallet(self.wallet).balance += 1_000_000
        raise AssertionError("a bug")


class Weather:
    """Fails a call to the database now and then."""

    def __init__(self, chance: Random, seen: Counter[str]) -> None:
        self.chance, self.seen, self.rate = chance, seen, 0.0

    def __call__(self, when: str, sql: str, connection: sqlite3.Connection) -> None:
        if self.chance.random() >= self.rate:
            return
        kind = self.chance.choice(FAULTS)
        is_late = when == "after" and sql == "COMMIT"  # the disk alone can take back what was said to be there
        if sql == "ROLLBACK" or (kind == "BUSY" and sql != "BEGIN IMMEDIATE") or (is_late and "IOERR" not in kind):
            return
        self.seen[f"fault: {kind}"] += 1
        if kind.endswith("ROLLED_BACK") and connection.in_transaction:
            sqlite3.Connection.rollback(connection)
        code = CODES.get(kind)
        error = sqlite3.IntegrityError("injected") if code is None else sqlite3.OperationalError(f"injected {kind}")
        error.sqlite_errorcode = code or 19
        raise error


@contextmanager
def small_batches() -> Iterator[None]:
    """Many transactions where there would be one."""
    usual, wallet_core.storage.writer.BATCH_MAX = wallet_core.storage.writer.BATCH_MAX, BATCH_MAX
    try:
        yield
    finally:
        wallet_core.storage.writer.BATCH_MAX = usual


async def storm(core: WalletCore, wallets: list[int], chance: Random, seen: Counter[str]) -> dict[str, Any]:
    """Bursts of callers until all are told; their outcomes by key."""
    callers: dict[str, asyncio.Task[Any]] = {}
    ends_writer = chance.random() < 0.3
    for burst in range(chance.randint(1, 6)):
        for number in range(chance.randint(1, 40)):
            key = f"{burst}.{number}"
            payer, payee = chance.sample(wallets, 2)
            wish = Poison(payer) if chance.random() < 0.03 else command_of(transfer(payer, payee, 1, key))
            callers[key] = asyncio.create_task(core.run(wish))
        for _ in range(chance.choice((0, 1, 5, 50, 300))):  # turns of the loop: the writer's thread goes on meanwhile
            await asyncio.sleep(0)
        for caller in callers.values():
            if chance.random() < 0.05:
                caller.cancel()
        for task in asyncio.all_tasks():
            if ends_writer and task.get_name() == "writer" and chance.random() < 0.3:
                seen["the writer was cancelled"] += task.cancel()
    closing = asyncio.create_task(core.close()) if chance.random() < 0.3 else None
    _, hanging = await asyncio.wait(callers.values(), timeout=PATIENCE_S)
    assert not hanging, f"{len(hanging)} callers are never told"
    if closing is not None:
        await asyncio.wait([closing])
    return {
        key: asyncio.CancelledError() if caller.cancelled() else caller.exception() or caller.result()
        for key, caller in callers.items()
    }


async def play(directory: Path, seed: int) -> Counter[str]:
    """One storm over books of its own, and what a fresh core finds in them."""
    chance, seen = Random(seed), Counter[str]()
    url = f"sqlite+aiosqlite:///{directory / f'{seed}.db'}"
    weather = Weather(Random(f"weather {seed}"), seen)
    with below(weather), small_batches():
        core = await WalletCore.open(url, rules=RULES.real())
        wallets = [(await core.run(command_of(open_wallet(f"tg:{n}")))).wallet.id for n in range(WALLETS)]
        weather.rate = chance.choice((0, 0.0005, 0.002, 0.01))
        told = await storm(core, wallets, chance, seen)
        weather.rate = 0
        await core.close()
    async with WalletCore.session(url, rules=RULES.real()) as fresh:
        for key, outcome in told.items():
            payment = await fresh.ask(PaymentByKey(key))
            seen[f"told: {type(outcome).__name__}"] += 1
            if isinstance(outcome, Receipt):
                assert payment is not None and payment.receipt == outcome, f"{key} was told and is not there"
            elif not isinstance(outcome, asyncio.CancelledError | OutcomeUnknown):
                assert payment is None, f"{key} was refused with {outcome!r} and is there"
        report = await fresh.audit()
        assert report.sound, report.problem
    return seen


def campaign(rounds: int, seed: int) -> Counter[str]:
    """Storm after storm; raises AssertionError with the seed of the one that shows a fault."""
    seen: Counter[str] = Counter()
    for number in range(seed, seed + rounds):
        with tempfile.TemporaryDirectory() as directory:
            try:
                seen += asyncio.run(play(Path(directory), number))
            except BaseException:
                print(f"failed; again: python -m tests.campaigns.storm --seed {number} --rounds 1", file=sys.stderr)
                raise
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # each injected fault is logged, as it should be
    seen = campaign(options.rounds, options.seed)
    print(f"{options.rounds} storms: {dict(sorted(seen.items()))}; nobody waits, nothing lost or run in secret")


if __name__ == "__main__":
    main()
