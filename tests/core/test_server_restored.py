"""A PostgreSQL is lost and put back from pg_dump, as docs/operating.md says: what came after it is known by name."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.campaigns.bank import RULES, Server, postgresql_server, prepare
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import transfer
from wallet_core import PaymentByCode, Receipt, TransferNewer, WalletCore

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
NOTED = re.compile(r"`(UPDATE books [^`]+)`")


async def told(server: Server, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs does it."""
    process = await asyncio.create_subprocess_exec(
        server.programs / program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def paid(core: WalletCore, wallets: list[int], *keys: str) -> list[Receipt]:
    return [await core.run(command_of(transfer(*wallets[:2], 1, key))) for key in keys]


async def test_what_came_after_the_dump_is_newer_than_these_books_also_behind_new_payments(tmp_path: Path) -> None:
    dump, line = tmp_path / "books.dump", NOTED.search(OPERATING.read_text("utf-8"))
    with postgresql_server() as server:
        url, dsn = server.new_database("club"), server.dsn.replace("/postgres?", "/club?")
        wallets = await prepare(url)
        async with WalletCore.session(url, rules=RULES.real()) as core:
            kept = await paid(core, wallets, "one", "two")
            await told(server, "pg_dump", "--format=custom", f"--file={dump}", dsn)
            lost = await paid(core, wallets, "three", "four")
        server.drop_database("club")
        server.new_database("club")
        await told(server, "pg_restore", f"--dbname={dsn}", "--single-transaction", str(dump))
        if line is not None:
            await told(server, "psql", dsn, "-v", "ON_ERROR_STOP=1", "-c", line[1])
        async with WalletCore.session(url, rules=RULES.real()) as core:
            new = await paid(core, wallets, "five", "six", "seven")
            assert (await core.audit()).sound
            for receipt in (*kept, *new):
                assert (await core.ask(PaymentByCode(receipt.code))).receipt == receipt
            for receipt in lost:
                with pytest.raises(TransferNewer):
                    await core.ask(PaymentByCode(receipt.code))
