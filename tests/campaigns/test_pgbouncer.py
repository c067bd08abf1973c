"""PgBouncer in front of PostgreSQL, Debian's own: in session mode everything works, in transaction mode it says so."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.campaigns.balancing import free_ports
from tests.campaigns.bank import PEOPLE, RULES, postgresql, prepare
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import transfer
from wallet_core import ServerConcern, WalletCore

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
CONFIGURATION = """
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {connections}
"""

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed: apt-get install pgbouncer")


@asynccontextmanager
async def pgbouncer(url: str, folder: Path, *, mode: str, connections: int = 20) -> AsyncIterator[str]:
    """The address of the same books behind PgBouncer."""
    (port,) = free_ports(1)
    (host,) = parse_qs(urlsplit(url).query)["host"]
    file = folder / f"pgbouncer-{mode}.ini"
    file.write_text(CONFIGURATION.format(host=host, port=port, mode=mode, connections=connections))
    user = ("-u", Path(host).owner()) if os.geteuid() == 0 else ()  # noqa: ASYNC240  # before anything waits
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(PROGRAM, *user, str(file), stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    assert process.returncode is None, await reading
                    await asyncio.sleep(0.02)
        writer.close()
        yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}{urlsplit(url).path}"
    finally:
        process.kill()
        await process.wait()
        await reading


async def test_in_session_mode_two_processes_pay_read_and_audit(tmp_path: Path) -> None:
    with postgresql() as direct:
        async with pgbouncer(direct, tmp_path, mode="session") as url:
            wallets = await prepare(url)
            async with (
                WalletCore.session(url, rules=RULES.real()) as one,
                WalletCore.session(url, rules=RULES.real()) as two,
            ):
                wishes = [command_of(transfer(*wallets[:2], 1, f"k{number}")) for number in range(200)]
                paid = await asyncio.gather(*(core.run(wish) for wish in wishes for core in (one, two)))
                assert len({receipt.code for receipt in paid}) == len(wishes)
                report = await two.audit()
                assert report.sound and report.transfers == len(wishes) + PEOPLE
                assert await one.concerns() == ()


async def test_in_transaction_mode_doctor_would_say_so(tmp_path: Path) -> None:
    with postgresql() as direct:
        await prepare(direct)
        async with (
            pgbouncer(direct, tmp_path, mode="transaction") as url,
            WalletCore.session(url, rules=RULES.real()) as core,
        ):
            assert await core.concerns() == (ServerConcern.SHUFFLED,)
