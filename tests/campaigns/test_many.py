"""Many processes over PostgreSQL, in short: `python -m tests.campaigns.many`, `….failover`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import event

from tests.campaigns.bank import RULES, Server, postgresql_server, prepare
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import transfer
from tests.campaigns.many import Plan, campaign
from wallet_core import OutcomeUnknown, PaymentByKey, Receipt, StorageBusy, Unavailable, WalletCore
from wallet_core.storage import postgresql

CALLERS = 40


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql_server() as started:
        yield started


async def test_three_processes_that_are_killed_lose_double_and_forget_nothing_though_each_update_comes_to_two(
    server: Server, tmp_path: Path
) -> None:
    plan = Plan(payments=24, people=4, kills=1, restarts=1, away_s=0.5, is_own_proxy=True, is_twice=True)
    seen = await campaign(plan, server, tmp_path)
    assert (seen.transfers, seen.notices, seen.kills, seen.restarts) == (24, 48, 1, 1)


async def test_a_server_that_crashes_under_a_batch_is_waited_for_and_the_same_keys_are_answered_once(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    wallets = await prepare(server.url)
    wishes = [command_of(transfer(*wallets[:2], 1, f"crash{number}")) for number in range(CALLERS)]
    async with WalletCore.session(server.url, rules=RULES.real()) as core:
        callers = [asyncio.create_task(core.run(wish)) for wish in wishes]
        await asyncio.wait(callers[:1])
        later = [asyncio.create_task(core.run(wish)) for wish in wishes]  # on their way when it is gone
        await asyncio.to_thread(server.crash)
        outcomes = await asyncio.gather(*callers, *later, return_exceptions=True)
        assert all(isinstance(outcome, Receipt | Unavailable) for outcome in outcomes), outcomes
        assert "one by one" not in caplog.text, "what happened was hidden by a connection that is gone"
        assert "Traceback" not in caplog.text, "what is expected is a line with its reason"
        with pytest.raises(Unavailable):
            await core.ask(PaymentByKey("crash0"))
        await asyncio.to_thread(server.start)
        again = await asyncio.gather(*(core.run(wish) for wish in wishes))
        assert len({receipt.code for receipt in again}) == CALLERS
        assert {each for each in outcomes if isinstance(each, Receipt)} <= set(again)
        assert (await core.audit()).sound


ENDS_AT_THE_COMMIT = (
    "CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END'",
    "CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON transfers DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION ends()",
)


async def test_g6_that_nobody_knows_what_became_of_a_commit_is_not_hidden_by_a_server_that_takes_no_connection(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    wallets = await prepare(server.url)
    wish = command_of(transfer(*wallets[:2], 1, "unknown"))
    beside = await asyncpg.connect(server.dsn.replace("/postgres?", "/template1?"))
    async with WalletCore.session(server.url, rules=RULES.real()) as core:
        await core._database.write(lambda tx: [tx.exec_driver_sql(each) for each in ENDS_AT_THE_COMMIT])
        await beside.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        looked_for: list[object] = []
        event.listen(core._database._writes.sync_engine, "do_connect", lambda *_: looked_for.append(_))
        try:
            with pytest.raises(OutcomeUnknown):
                await core.run(wish)
            assert not looked_for, "there is nothing to undo on another connection"
            with pytest.raises(StorageBusy):  # nothing has begun
                await core.run(wish)
        finally:
            await beside.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
            await beside.close()
        assert "Traceback" not in caplog.text, "what is expected is a line with its reason"
        assert "not currently accepting connections" in caplog.text
        await core._database.write(lambda tx: tx.exec_driver_sql("DROP FUNCTION ends CASCADE"))
        assert isinstance(await core.run(wish), Receipt)
        assert (await core.audit()).sound


@pytest.mark.parametrize("isolation", ["SERIALIZABLE", "REPEATABLE READ"])
async def test_where_everything_is_serializable_what_cannot_be_is_tried_again(
    server: Server, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "ISOLATION", isolation)
    wallets = await prepare(server.url)
    async with (
        WalletCore.session(server.url, rules=RULES.real()) as one,
        WalletCore.session(server.url, rules=RULES.real()) as two,
    ):
        wishes = [command_of(transfer(*wallets[n % 2 :][:2], 1, f"{isolation}{n}")) for n in range(CALLERS)]
        paid = await asyncio.gather(*(core.run(wish) for wish in wishes for core in (one, two)))
        assert len({receipt.code for receipt in paid}) == CALLERS
        assert (await one.audit()).sound


async def test_batches_are_read_committed_whatever_the_server_begins_with(server: Server) -> None:
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute("ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'")
        async with WalletCore.session(server.url, rules=RULES.real()) as core:
            level = await core._database.write(lambda tx: tx.exec_driver_sql("SHOW transaction_isolation").scalar())
        assert level == postgresql.ISOLATION.lower()
    finally:
        await connection.execute("ALTER DATABASE postgres RESET default_transaction_isolation")
        await connection.close()
