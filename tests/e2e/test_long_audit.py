"""An audit of large books: one at a time, beside everybody else, and ended at once by a stop."""

import asyncio
import secrets
import time
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.bench.ledger_books import OPERATOR, RULES, fill, url_of, wishes
from tests.e2e.nest import NestedBot
from wallet_core import CoreStopped, PersonId, WalletCore, WalletOf, utc_now
from wallet_core.storage import open_database
from wallet_core.storage.store import Store

WALLETS, TRANSFERS, BULK = 20, 100_000, 5_000  # an audit of some seconds


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "books.db"
    asyncio.run(grow(file))
    return file


async def grow(file: Path) -> None:
    ids = await fill(file, WALLETS)
    database = open_database(url_of(file))
    store = Store(database=database.name, rules=RULES, clock=utc_now, entropy=secrets.token_bytes)
    work = wishes(ids, hot=False, seed=7)
    for _ in range(TRANSFERS // BULK):
        await database.write(partial(store.run, commands=list(islice(work, BULK))))
    await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM outbox"))  # all told long ago
    await database.close()


async def test_four_audits_at_once_are_done_one_by_one_and_no_balance_waits_for_them(file: Path) -> None:
    async with WalletCore.session(url_of(file), rules=RULES) as core:
        alone = [await seconds_of(core) for _ in range(50)]
        audits = [asyncio.create_task(core.audit()) for _ in range(4)]
        beside, most = [], 0
        while not audits[1].done():
            beside.append(await seconds_of(core))
            most = max(most, len(core._database._long))  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        assert most == 1
        assert not audits[3].done()  # one after the other
        for audit in audits[2:]:
            audit.cancel()
        await asyncio.gather(*audits, return_exceptions=True)
        assert (await audits[0]).sound and (await audits[1]).transfers == TRANSFERS + WALLETS
        assert sorted(beside)[len(beside) // 2] < 0.05 + 10 * sorted(alone)[len(alone) // 2]


async def seconds_of(core: WalletCore) -> float:
    began = time.perf_counter()
    await core.ask(WalletOf(PersonId("tg:1000")))
    return time.perf_counter() - began


async def test_the_end_of_the_core_ends_an_audit(file: Path) -> None:
    core = await WalletCore.open(url_of(file), rules=RULES)
    begun = asyncio.Event()
    audits = [asyncio.create_task(core.audit(progress=lambda *_: begun.set())) for _ in range(2)]
    await begun.wait()
    await core.close()
    outcomes = await asyncio.gather(*audits, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CoreStopped, CoreStopped]


async def test_sigterm_during_an_audit_ends_the_bot_at_once(file: Path, tmp_path: Path) -> None:
    async with Sandbox() as box:
        number = int(OPERATOR.partition(":")[2])
        operator = box.person(number, "Olga", username="olga")
        bot = NestedBot.beside(box, database=file, folder=tmp_path, log=tmp_path / "bot.log", ADMIN_IDS=str(number))
        await bot.start()
        try:
            await operator.start()
            await operator.wait("0.00 EUR")
            for _ in range(4):
                await operator.ask("/audit")
            assert await bot.stop() == 0
        finally:
            await bot.kill()
    assert not [said for said in operator.private.messages if "sound" in said.words], "it was waited for"
    assert "error" not in bot.log.read_text()
