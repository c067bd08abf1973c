"""Processes whose clocks differ by minutes know of each other all the same: the server's clock says who is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.campaigns.bank import RULES, postgresql
from wallet_core import BooksInUse, WalletCore
from wallet_core.core import utc_now
from wallet_core.storage import open_database
from wallet_core.storage.migrations import VERSION
from wallet_core.storage.processes import Process

APART = timedelta(minutes=10)


@pytest.mark.parametrize("apart", [APART, -APART])
async def test_a_process_whose_clock_differs_by_minutes_is_not_taken_for_dead(apart: timedelta) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=RULES.real(), alone=True),
            WalletCore.session(url, rules=RULES.real(), clock=lambda: utc_now() + apart, alone=True) as other,
        ):
            assert other.processes == 2


async def test_books_are_not_migrated_beside_a_process_whose_clock_is_minutes_behind() -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=RULES.real(), alone=True):
            database = open_database(url)
            newer = Process(lambda: utc_now() + APART, "here")
            older = text(f"UPDATE {VERSION} SET version_num = 'm0001_books'")
            await database.write(lambda connection: connection.execute(older))
            try:
                with pytest.raises(BooksInUse):
                    await database.write(newer.refuse_beside)
            finally:
                await database.close()
