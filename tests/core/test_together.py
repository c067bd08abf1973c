"""What a batch says to PostgreSQL: as little as it can, whatever it writes, on a connection that is alive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from tests.campaigns.bank import RULES, postgresql, prepare
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import transfer
from tests.campaigns.on_server import below_server
from wallet_core import (
    ConfirmIntent,
    MakeIntent,
    MakeRequest,
    Money,
    PayRequest,
    PersonId,
    RefundTransfer,
    ToPerson,
    WalletCore,
    currency,
)
from wallet_core.storage.address import dsn_of, read_address

ONE_EURO = Money(100, currency("EUR"))
ANN, BOB = PersonId("tg:2"), PersonId("tg:3")


@pytest.fixture
def url() -> Iterator[str]:
    with postgresql() as address:
        yield address


async def test_a_batch_of_payments_is_said_in_five_statements_and_a_commit(url: str) -> None:
    wallets = await prepare(url)
    said: list[str] = []
    with below_server(lambda when, sql, _: said.append(sql) if when == "before" else None):
        async with WalletCore.session(url, rules=RULES.real()) as core:
            said.clear()
            wishes = [transfer(wallets[number % 5], wallets[5], number + 1, f"k{number}") for number in range(37)]
            await asyncio.gather(*(core.run(command_of(wish)) for wish in wishes))
            assert [sql.split()[0] for sql in said] == ["SELECT"] * 4 + ["WITH", "COMMIT"]
            assert (await core.audit()).sound


async def test_whatever_moves_money_is_written_in_one_statement(url: str) -> None:
    wallets = await prepare(url)
    said: list[str] = []
    with below_server(lambda when, sql, _: said.append(sql) if when == "before" else None):
        async with WalletCore.session(url, rules=RULES.real()) as core:
            paid = await core.run(command_of(transfer(wallets[2], wallets[3], 500, "paid")))
            made = await core.run(MakeIntent(payer=ANN, to=ToPerson(BOB), amount=ONE_EURO, key="intent"))
            asked = await core.run(MakeRequest(payee=BOB, amount=ONE_EURO, key="request"))
            said.clear()
            outcomes = await asyncio.gather(
                core.run(command_of(transfer(wallets[3], wallets[2], 7, "plain"))),
                core.run(RefundTransfer(by=BOB, code=paid.code, amount=ONE_EURO, key="back")),
                core.run(ConfirmIntent(code=made.code, person=ANN, place="2/17")),
                core.run(PayRequest(code=asked.code, payer=ANN, key="request paid")),
            )
            assert said.count("COMMIT") == 1
            [written] = [sql for sql in said if "INSERT INTO transfers" in sql]
            assert written.count("INSERT INTO transfers") == 3  # plain, about a request, back
            assert len(outcomes) == 4
            report = await core.audit()
            assert report.sound
            assert report.transfers == len(wallets) + 1 + len(outcomes)
            untold = await core._database.rows("SELECT COUNT(*), COUNT(place) FROM outbox", ())
            assert tuple(untold[0]) == (len(wallets) + 2 * (1 + len(outcomes)), 1)  # G8


async def test_a_connection_that_the_server_ended_is_replaced_and_nobody_hears_of_it(url: str) -> None:
    wallets = await prepare(url)
    async with WalletCore.session(url, rules=RULES.real()) as core:
        for number in range(3):
            await core.run(command_of(transfer(wallets[0], wallets[1], 1, f"k{number}")))
            server = await asyncpg.connect(dsn_of(read_address(url)))
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await server.close()
        await core.run(command_of(transfer(wallets[0], wallets[1], 1, "last")))
        assert (await core.audit()).sound
