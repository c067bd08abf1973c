"""Cancel callers at random moments: nothing leaks, and each can learn their outcome by key.

    python -m tests.campaigns.cancel --callers 100000
    python -m tests.campaigns.cancel --seed 3 --callers 1000

Each caller pays under a key of their own and is cancelled: before the first step, in the queue, during the transaction,
after the commit, or not at all. Then `payment_by_key` says for each whether the money moved: who was told a receipt
finds just that one, and the same wish again gives the same receipt, or pays once.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from random import Random

from tests.campaigns.bank import postgresql
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults import open_files
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import PaymentByKey, Receipt, WalletCore

AT_ONCE = 250
RULES = PlainRules(welcome=10**9)


async def wave(core: WalletCore, chance: Random, first: int, wallets: list[int]) -> Counter[str]:
    """AT_ONCE callers, most of whom are cancelled; what became of them."""
    wishes = {}
    for number in range(first, first + AT_ONCE):
        payer, payee = chance.sample(wallets, 2)
        wishes[f"{number:x}"] = command_of(transfer(payer, payee, chance.randint(1, 9), f"{number:x}"))
    tasks = {key: asyncio.create_task(core.run(wish)) for key, wish in wishes.items()}
    left = list(tasks.values())
    chance.shuffle(left)
    for task in left[: AT_ONCE // 5]:  # before their first step
        task.cancel()
    while left:
        for _ in range(chance.choice((0, 0, 1, 3, 20))):  # turns of the loop: the writer's thread goes on meanwhile
            await asyncio.sleep(0)
        for task in left[: chance.randint(1, 60)]:
            if chance.random() < 0.9:
                task.cancel()
        del left[: chance.randint(1, 60)]
    outcomes = dict(zip(tasks, await asyncio.gather(*tasks.values(), return_exceptions=True), strict=True))
    seen: Counter[str] = Counter()
    await core.run(command_of(open_wallet("tg:0")))  # whatever was being run has been committed before this
    for key, outcome in outcomes.items():
        payment = await core.ask(PaymentByKey(key))
        if isinstance(outcome, Receipt):
            assert payment is not None and payment.receipt == outcome, f"{key} was told and is not there"
            seen["told"] += 1
        else:
            assert isinstance(outcome, asyncio.CancelledError), repr(outcome)
            seen["cancelled, not paid" if payment is None else "cancelled, paid, learned by key"] += 1
        if chance.random() < 0.05:
            again = await core.run(wishes[key])
            assert payment is None or again == payment.receipt, f"{key} was paid twice"
            seen["asked again"] += 1
    return seen


async def campaign(directory: Path, callers: int, seed: int, *, url: str = "") -> Counter[str]:
    """Waves of callers on one core; at the end nothing is left over. The books are in the folder, or at the address."""
    seen: Counter[str] = Counter()
    url = url or f"sqlite+aiosqlite:///{directory / 'books.db'}"
    async with WalletCore.session(url, rules=RULES.real()) as core:
        wallets = [(await core.run(command_of(open_wallet(f"tg:{n}")))).wallet.id for n in range(30)]
        for number in range(0, callers, AT_ONCE):
            seen += await wave(core, Random(f"{seed}.{number}"), number, wallets)
        report = await core.audit()
        assert report.sound, report.problem
        assert not asyncio.all_tasks() - {asyncio.current_task()}, "a task is left"
    gc.collect()
    expected = (asyncio.current_task(), core.stopped)
    futures = [each for each in gc.get_objects() if isinstance(each, asyncio.Future) and not each.done()]
    assert not [future for future in futures if future not in expected], "a future is left"
    assert not open_files(directory), "a connection is left"
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgresql", action="store_true", help="the books are in a PostgreSQL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, postgresql() if options.postgresql else nullcontext("") as url:
        try:
            seen = asyncio.run(campaign(Path(directory), options.callers, options.seed, url=url))
        except BaseException:
            print(f"failed; again: python -m tests.campaigns.cancel --seed {options.seed} --callers {options.callers}",
                  file=sys.stderr)  # fmt: skip
            raise
    print(f"{options.callers} callers: {dict(seen)}; audit sound, no task, future or file is left")


if __name__ == "__main__":
    main()
