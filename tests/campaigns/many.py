"""Three processes of the bot behind a proxy, called by webhook, over one PostgreSQL, killed at random.

    python -m tests.campaigns.many                                     20,000 payments, 500 people, 50 kills
    python -m tests.campaigns.many --payments 2000 --people 100 --kills 5 --restarts 1
    CAMPAIGN_ISOLATION=SERIALIZABLE python -m tests.campaigns.many …   the nearest to a distributed database

Everybody writes two `/pay` at once, which go to two processes, sees both questions, presses both (some twice), and goes
on when both are answered. Meanwhile processes are killed (SIGKILL) and started again, and PostgreSQL crashes and is
away for a while. At the end each payment is in the books once, its receipt in both chats, what each person said was
acted upon in their order, nothing waits, and the audit is sound. HAProxy stands in front (`apt-get install haproxy`),
and cuts off whoever does not answer within 5 s; `--proxy own` is a small one for machines without it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Set
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox import Message, Person, Sandbox
from tests.campaigns.balancing import free_ports, haproxy, own
from tests.campaigns.bank import Server, postgresql_server
from tests.e2e.nest import NestedBot
from tests.e2e.world import receipt_code
from wallet_core import DueIn, OutboxDueIn, Rules, WalletCore, currency

PROCESSES = 3
PATIENCE_S = 600.0  # only ends a hang
AWAY_S = 3.0  # PostgreSQL, after a crash
SECRET = "a-secret-of-the-campaign"
RICH = "1000"
_MEMO = re.compile(r"zebra-\d+-\d+-")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to happen."""

    payments: int = 20_000
    people: int = 500
    kills: int = 50
    restarts: int = 1
    away_s: float = AWAY_S
    seed: int = 0
    is_own_proxy: bool = False
    is_twice: bool = False  # each update at two processes at the same time


@dataclass
class Seen:
    """What happened."""

    pressed: dict[str, tuple[Person, Person]] = field(default_factory=dict)  # who paid whom, by memo
    waits_s: list[float] = field(default_factory=list)  # from the press to its receipt
    kills: int = 0
    restarts: int = 0
    took_s: float = 0.0
    transfers: int = 0
    notices: int = 0


class Many:
    """The sandbox, the processes, the database, the people."""

    def __init__(self, plan: Plan, box: Sandbox, server: Server, folder: Path) -> None:
        self.plan, self.box, self.server = plan, box, server
        self.luck = random.Random(plan.seed)
        self.seen = Seen()
        self.proxy_port, *self.ports = free_ports(1 + PROCESSES)
        url = f"http://127.0.0.1:{self.proxy_port}/telegram"
        self.bots = [
            NestedBot.beside(
                box, database=folder / "none.db", folder=folder, log=folder / f"bot{number}.log",
                DATABASE_URL=server.url, WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET, WEBHOOK_PORT=str(port),
                WELCOME_CREDIT=RICH, LOG_LEVEL="INFO",
            )
            for number, port in enumerate(self.ports)
        ]  # fmt: skip
        self.people = [box.person(1_001 + n, f"P{n}", username=f"person_{n}") for n in range(plan.people)]
        self._due = asyncio.Condition()

    async def begin(self) -> None:
        """All processes listen, and everybody has a wallet."""
        await self.bots[0].start()  # it makes the books
        await self.listens(0)
        for number in range(1, PROCESSES):
            await self.bots[number].start()
        await asyncio.gather(*map(self.listens, range(PROCESSES)))
        for person in self.people:
            await person.start()
        await asyncio.gather(*(person.wait(RICH[:1], timeout_s=PATIENCE_S) for person in self.people))

    async def listens(self, number: int) -> None:
        """Until this process answers."""
        async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as client:
            while True:
                with suppress(aiohttp.ClientError):
                    async with client.get(f"http://127.0.0.1:{self.ports[number]}/health") as answer:
                        if answer.status == 200:
                            return
                assert self.bots[number].is_running, self.bots[number].last_lines()
                await asyncio.sleep(0.05)

    async def pays(self, number: int, payments: int) -> None:
        """One person: two questions at once, both confirmed, then the next two."""
        payer = self.people[number]
        for turn in range(0, payments, 2):
            wishes = {}
            for each in range(turn, min(turn + 2, payments)):
                payee = self.luck.choice([person for person in self.people if person is not payer])
                memo = f"zebra-{number}-{each}-"
                wishes[memo] = payee
                await payer.send(f"/pay 0.0{self.luck.randint(1, 9)} @{payee.username} {memo}")
            dialogs: dict[str, Message] = {}
            while len(dialogs) < len(wishes):  # an answer that is slow may be overtaken by the next one
                message = await payer.wait(asks_of(wishes.keys() - dialogs.keys()), timeout_s=PATIENCE_S)
                dialogs[memo_in(message)] = message
            await asyncio.gather(*(self._confirms(payer, dialogs[memo], memo, payee) for memo, payee in wishes.items()))

    async def _confirms(self, payer: Person, dialog: Message, memo: str, payee: Person) -> None:
        for _ in range(self.luck.choice((1, 1, 2))):
            await payer.press(dialog)
        began = time.monotonic()
        self.seen.pressed[memo] = (payer, payee)
        # Not for the answer to the press: Telegram takes none after a minute, and with a thousand payments under way it
        # may be as late as that.
        await payer.see(dialog, "Receipt", timeout_s=PATIENCE_S)
        self.seen.waits_s.append(time.monotonic() - began)
        async with self._due:
            self._due.notify_all()

    async def _paid(self, count: int) -> None:
        async with self._due:
            await self._due.wait_for(lambda: len(self.seen.waits_s) >= count)

    async def kills(self) -> None:
        """Kill one now and then, and start it again; and the database."""
        trouble = ["kill"] * self.plan.kills + ["restart"] * self.plan.restarts
        self.luck.shuffle(trouble)
        for number, what in enumerate(trouble, start=1):
            await self._paid(number * self.plan.payments // (len(trouble) + 2))
            await asyncio.sleep(self.luck.uniform(0, 0.1))
            if what == "kill":
                which = self.luck.randrange(PROCESSES)
                await self.bots[which].kill()
                self.seen.kills += 1
                print(f"{len(self.seen.waits_s)} paid, {self.seen.kills} kills", end="\r", file=sys.stderr, flush=True)
                await self.bots[which].start()
                await self.listens(which)
            else:
                await asyncio.to_thread(self.server.crash)
                await asyncio.sleep(self.plan.away_s)
                await asyncio.to_thread(self.server.start)
                self.seen.restarts += 1

    async def everything_told(self, core: WalletCore) -> None:
        """Until neither inbox nor outbox holds anything."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                (waiting,) = await core._database.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL", ())
                if not waiting[0] and await core.ask(OutboxDueIn()) == DueIn(None, None):
                    return
                await asyncio.sleep(0.2)

    async def reckon(self, core: WalletCore) -> None:
        """Each payment once, told to both, and acted upon in the order of its payer."""
        report = await core.audit()
        assert report.sound, report.problem
        rows = await core._database.rows("SELECT memo FROM transfers WHERE kind = 'payment' ORDER BY memo", ())
        assert [memo for (memo,) in rows] == sorted(self.seen.pressed), "lost or doubled"
        self.seen.transfers = len(rows)
        told = {person.id: receipts(person) for person in self.people}
        for memo, people in self.seen.pressed.items():
            codes = [told[person.id][memo] for person in people]
            assert all(len(each) == 1 for each in codes) and codes[0] == codes[1], (memo, codes)
            self.seen.notices += 2
        asked = await core._database.rows("SELECT payer, memo, created_at FROM intents ORDER BY created_at", ())
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for payer, memo, _ in asked:
            numbers[payer].append(int(memo.split("-")[2]))
        for payer, each in numbers.items():
            assert each == sorted(each), f"{payer} was served out of order: {each}"


def memo_in(message: Message) -> str:
    found = _MEMO.search(message.text)
    return found[0] if found else ""


def asks_of(memos: Set[str]) -> Callable[[Message], bool]:
    return lambda message: bool(message.buttons) and memo_in(message) in memos


def receipts(person: Person) -> defaultdict[str, set[str]]:
    """The receipt codes in somebody's chat, by memo."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for message in person.private.messages:
        if message.from_bot and "Receipt" in message.text and (memo := memo_in(message)):
            found[memo].add(receipt_code(message))
    return found


async def campaign(plan: Plan, server: Server, folder: Path) -> Seen:
    """All of it; raises AssertionError when anything is missing, doubled, untold or out of order."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox())
        many = Many(plan, box, server, folder)
        proxy: Any = own(many.proxy_port, many.ports, folder, twice=plan.is_twice)
        await stack.enter_async_context(proxy if plan.is_own_proxy else haproxy(many.proxy_port, many.ports, folder))
        for bot in many.bots:
            stack.push_async_callback(ended, bot)
        await many.begin()
        began = time.monotonic()
        of_each, more = divmod(plan.payments, plan.people)
        paying = [asyncio.create_task(many.pays(n, of_each + (n < more))) for n in range(plan.people)]
        killing = asyncio.create_task(many.kills())
        try:
            await asyncio.gather(killing, *paying)
        finally:
            for task in (killing, *paying):
                task.cancel()
            await asyncio.gather(killing, *paying, return_exceptions=True)
        many.seen.took_s = time.monotonic() - began
        await box.idle()
        async with WalletCore.session(server.url, rules=Rules(currency("EUR"))) as core:
            await many.everything_told(core)
            await many.reckon(core)
        assert [await bot.stop() for bot in many.bots] == [0] * PROCESSES
        return many.seen


async def ended(bot: NestedBot) -> None:
    """Whatever happened, nothing is left behind."""
    if bot.is_running:
        await bot.kill()


def table(seen: Seen) -> str:
    """The row of this run."""
    waits = sorted(seen.waits_s)
    p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    head = "| payments | kills | crashes | lost | doubled | not told | payments/s | answered in s, p50 | p99 | most |"
    return "\n".join((
        head, "|---" * head.count(" | ") + "|---|",
        f"| {seen.transfers:,} | {seen.kills} | {seen.restarts} | 0 | 0 | 0 of {seen.notices:,} |"
        f" {seen.transfers / seen.took_s:,.0f} | {p50:.2f} | {p99:.2f} | {waits[-1]:.1f} |",
    ))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("payments", "people", "kills", "restarts"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Plan, name))
    parser.add_argument("--away", type=float, default=AWAY_S, help="seconds that PostgreSQL is away")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--proxy", choices=("haproxy", "own"), default="haproxy")
    given = parser.parse_args()
    plan = Plan(
        payments=given.payments, people=given.people, kills=given.kills, restarts=given.restarts, away_s=given.away,
        seed=given.seed, is_own_proxy=given.proxy == "own",
    )  # fmt: skip
    print(f"seed {plan.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        print(table(asyncio.run(campaign(plan, server, Path(folder)))))


if __name__ == "__main__":
    main()
