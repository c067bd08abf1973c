"""A cluster that loses its leader, again and again, during a stream of payments: no acknowledged one is lost (G6).

    python -m tests.campaigns.failover                  20 failovers
    python -m tests.campaigns.failover --failovers 4

Three PostgreSQL under Patroni with `synchronous_mode`, etcd and HAProxy on this machine (`apt-get install patroni
etcd-server haproxy postgresql`). In turns the leader's PostgreSQL is killed (SIGKILL) and its whole machine, Patroni
too; that one is noticed when its lease of 20 s is over. Each payment is tried again with its key until it is answered.
After each failover what was answered is there; at the end the audit is sound, and nothing is there twice.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.campaigns.bank import PEOPLE, RULES, prepare
from tests.campaigns.cluster import Cluster, cluster, missing
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import transfer
from wallet_core import InsufficientFunds, Unavailable, WalletCore

CALLERS = 16
FAILOVERS = 20
CALM_S = 1.5  # of payments before the next one
GOES_ON_S = 30.0  # within which answers must go on
ON_ITS_WAY_S = 0.5  # after a kill: what was answered before it is heard by then
AGAIN_S = 0.2
PATIENCE_S = 120.0  # only ends a hang


@dataclass
class Stream:
    """Callers that pay until they are told to stop."""

    core: WalletCore
    wallets: list[int]
    told: dict[str, tuple[str, int]] = field(default_factory=dict)  # receipt code and id, by key
    unclear: int = 0  # answers "not known", or "not now", that were followed by another try
    is_over: bool = False
    last_s: float = 0.0

    async def caller(self, number: int) -> None:
        turn = 0
        while not self.is_over:
            turn += 1
            await self._pay(f"{number}.{turn}")

    async def _pay(self, key: str) -> None:
        """One wish, until it is answered."""
        of = Random(key)
        payer, payee = of.sample(self.wallets, 2)
        wish = command_of(transfer(payer, payee, of.randint(1, 20), key))
        while True:
            try:
                receipt = await self.core.run(wish)
            except InsufficientFunds:
                return
            except Unavailable:
                self.unclear += 1
                await asyncio.sleep(AGAIN_S)
                continue
            self.told[key] = (receipt.code, receipt.transfer_id)
            self.last_s = time.monotonic()
            return

    async def goes_on(self, since_s: float) -> float:
        """How long after this time the next payment was answered that began after it."""
        async with asyncio.timeout(PATIENCE_S):
            while self.last_s <= since_s:  # noqa: ASYNC110  # one of many callers
                await asyncio.sleep(0.01)
        return self.last_s - since_s


async def check(stream: Stream) -> None:
    """All that was answered is there, as it was answered."""
    told = dict(stream.told)
    found: dict[str, int] = {}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(Exception):  # the connections of before
                rows = await stream.core._database.rows("SELECT key, id FROM transfers", ())
                found = dict(rows)
                break
            await asyncio.sleep(AGAIN_S)
    lost = [key for key, (_, number) in told.items() if found.get(key) != number]
    assert not lost, f"answered and lost: {lost[:5]}"


async def campaign(whole: Cluster, failovers: int) -> tuple[Stream, list[tuple[str, float]]]:
    """Failover after failover; gives what was answered, and of each what died and when answers went on."""
    wallets = await prepare(whole.url)
    async with WalletCore.session(whole.url, rules=RULES.real()) as core:
        stream = Stream(core, wallets)
        paying = [asyncio.create_task(stream.caller(number)) for number in range(CALLERS)]
        gaps = []
        for number in range(failovers):
            leader = await whole.leader()
            await asyncio.sleep(CALM_S)
            is_all = number % 2 == 1
            if is_all:
                await leader.kill()
            else:
                leader.kill_database()
            await asyncio.sleep(ON_ITS_WAY_S)
            gap_s = ON_ITS_WAY_S + await stream.goes_on(time.monotonic())
            gaps.append(("machine" if is_all else "PostgreSQL", gap_s))
            print(f"{number + 1}: {leader.name}, {gaps[-1][0]}: {gap_s:.1f} s", file=sys.stderr, flush=True)
            await check(stream)
            if is_all:
                await leader.start()
            await whole.leader(besides=leader)
        stream.is_over = True
        await asyncio.gather(*paying)
        await check(stream)
        report = await core.audit()
        assert report.sound, report.problem
        assert report.transfers == len(stream.told) + PEOPLE, "something is there that nobody was told of"
    return stream, gaps


def table(stream: Stream, gaps: list[tuple[str, float]]) -> str:
    """The row of this run."""
    lines = ["| failovers | answered | lost | doubled | tried again | goes on after s, PostgreSQL killed | machine |"]
    lines.append("|---|---|---|---|---|---|---|")
    spans = []
    for what in ("PostgreSQL", "machine"):
        each = sorted(gap_s for name, gap_s in gaps if name == what)
        spans.append(f"{each[0]:.1f} to {each[-1]:.1f}" if each else "")
    lines.append(f"| {len(gaps)} | {len(stream.told):,} | 0 | 0 | {stream.unclear:,} | {spans[0]} | {spans[1]} |")
    return "\n".join(lines)


async def run(failovers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with cluster(Path(folder)) as whole:
            stream, gaps = await campaign(whole, failovers)
    print(table(stream, gaps))
    late = [gap_s for _, gap_s in gaps if gap_s > GOES_ON_S]
    assert not late, f"answers went on after {late} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, default=FAILOVERS)
    given = parser.parse_args()
    if (lacking := missing()) is not None:
        raise SystemExit(lacking)
    asyncio.run(run(given.failovers))


if __name__ == "__main__":
    main()
