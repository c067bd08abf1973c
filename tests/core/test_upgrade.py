"""Books of every version before are brought up to date, with a copy first; two versions at once are refused."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.campaigns.bank import postgresql, postgresql_server
from tests.campaigns.upgrades import counts, upgrades
from tests.core.lived import RULES, Lived, live, up_to
from tests.core.old_books import brought_to, put_back
from tests.core.story import Clock, Storyteller
from tests.core.test_readers import failure
from wallet_core import (
    AskVitals,
    BooksInUse,
    Money,
    PaymentByCode,
    Rules,
    StorageBusy,
    StorageFull,
    TransferNewer,
    WalletCore,
)
from wallet_core.storage import migrations, processes, upgrade
from wallet_core.storage.files import Lock
from wallet_core.storage.migrations import newest, revisions

Opener = Callable[[Rules], AbstractAsyncContextManager[WalletCore]]
ON_POSTGRESQL = (revisions()[0], "m0013_gateways_asked", revisions()[-2])  # all: python -m tests.campaigns.upgrades


def version_of(file: Path) -> str:
    with create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        return str(migrations.version_of(connection))


def folder_of(file: Path) -> list[Path]:
    return sorted(file.parent.iterdir())


def copies_beside(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.of-*"))


@pytest.fixture
async def paid(core: WalletCore, teller: Storyteller, tmp_path: Path) -> Path:
    """Books with a payment in them, closed."""
    await teller.tell("transfer ann bob 4.00 k1 -> ok")
    await core.close()
    return tmp_path / "books.db"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lived]:
    return live(tmp_path_factory.mktemp("lived"))


@pytest.mark.parametrize("revision", revisions()[:-1])
async def test_books_of_every_version_before_open_with_all_that_was_there_a_copy_of_it_and_go_on(
    lived: dict[str, Lived], books_url: str, tmp_path: Path, clock: Clock, revision: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    file, then = tmp_path / "books.db", up_to(lived, revision)
    shutil.copyfile(then.file, file)
    put_back(file, revision)
    there = counts(file)
    with caplog.at_level(logging.WARNING):
        async with WalletCore.session(books_url, rules=RULES, clock=clock) as core:
            report = await core.audit()
            assert (report.problem, report.transfers) == (None, then.transfers)
            after = counts(file)
            assert {name: after[name] for name in there} == there
            await then.goes_on(core, clock, revision)
            report = await core.audit()
            assert report.problem is None and report.transfers > then.transfers
    [kept] = copies_beside(file)
    assert kept.name.startswith(f"books.db.of-{revision}-2")
    assert version_of(kept) == revision
    assert version_of(file) == newest()
    for word in (revision, newest(), str(kept)):
        assert word in caplog.text
    assert counts(kept) == there


async def test_the_copy_of_before_goes_where_the_backups_are(paid: Path, rules: Rules, tmp_path: Path) -> None:
    put_back(paid, revisions()[-2])
    (tmp_path / "copies").mkdir()
    async with WalletCore.session(f"sqlite+aiosqlite:///{paid}", rules=rules, copies=tmp_path / "copies"):
        pass
    assert len(copies_beside(tmp_path / "copies" / paid.name)) == 1
    assert not copies_beside(paid)


@pytest.mark.parametrize(("code", "told"), [(13, StorageFull), (14, StorageBusy), (19, sqlite3.OperationalError)])
async def test_a_copy_that_cannot_be_made_says_why_and_nothing_is_migrated(
    paid: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch, code: int, told: type[Exception]
) -> None:
    def refused(*_: object) -> None:
        raise failure(code)

    put_back(paid, revisions()[-2])
    monkeypatch.setattr(upgrade, "copy", refused)
    with pytest.raises(told):
        await WalletCore.open(f"sqlite+aiosqlite:///{paid}", rules=rules)
    assert version_of(paid) == revisions()[-2]


async def test_the_one_process_that_is_to_run_on_old_books_brings_them_up_to_date(paid: Path, rules: Rules) -> None:
    put_back(paid, revisions()[-2])
    async with WalletCore.session(f"sqlite+aiosqlite:///{paid}", rules=rules, alone=True):
        assert version_of(paid) == newest()


async def test_without_a_place_for_the_copy_nothing_is_migrated(paid: Path, rules: Rules, tmp_path: Path) -> None:
    put_back(paid, revisions()[-2])
    with pytest.raises(FileNotFoundError):
        await WalletCore.open(f"sqlite+aiosqlite:///{paid}", rules=rules, copies=tmp_path / "no" / "folder")
    assert version_of(paid) == revisions()[-2]


async def test_a_backup_of_an_older_version_is_put_back_and_nothing_is_left_beside(
    paid: Path, books_url: str, rules: Rules, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    put_back(paid, revisions()[-2])
    shutil.move(paid, backup)
    done = await WalletCore.restore(books_url, backup, rules=rules)
    assert (done.report.problem, done.report.transfers) == (None, 2)
    assert version_of(backup) == revisions()[-2]
    assert {file.name for file in folder_of(backup)} == {"backup.db", "books.db", "books.db.lock"}


async def test_old_books_are_not_migrated_under_a_bot_that_runs_on_them(
    paid: Path, rules: Rules, open_core: Opener
) -> None:
    put_back(paid, revisions()[-2])
    with Lock(str(paid)), pytest.raises(BooksInUse) as refused:
        async with open_core(rules):
            pass
    assert refused.value.revision == revisions()[-2]
    assert version_of(paid) == revisions()[-2]
    async with open_core(rules):
        pass


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[str]:
    with postgresql(is_bare=True) as url:
        yield url


async def set_version(core: WalletCore, revision: str) -> None:
    await core._database.write(
        lambda connection: connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    )


async def test_on_postgresql_too_books_of_the_versions_before_open_with_all_that_was_there_and_go_on(
    lived: dict[str, Lived], tmp_path: Path
) -> None:
    with postgresql_server() as server:
        assert await upgrades(server, lived, tmp_path, ON_POSTGRESQL) > 0


async def test_on_postgresql_too_the_log_says_which_version_the_books_were_of(
    server: str, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    await brought_to(server, revisions()[-2])
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            async with WalletCore.session(server, rules=rules):
                pass
    assert caplog.messages == [f"the books of {revisions()[-2]} are now of {newest()}"]


async def test_of_new_books_the_log_says_nothing(server: str, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    async with WalletCore.session(server, rules=rules):
        assert "the books of" not in caplog.text


async def test_two_versions_at_once_on_postgresql_are_refused_in_either_order(
    server: str, rules: Rules, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = await WalletCore.open(server, rules=rules, clock=clock, alone=True)
    second = await WalletCore.open(server, rules=rules, clock=clock, alone=True)  # two of one version are welcome
    assert not second.is_alone
    await second.close()
    await set_version(older, revisions()[-2])  # as if it were an older one
    for alone in (True, False):
        with pytest.raises(BooksInUse) as refused:
            await WalletCore.open(server, rules=rules, clock=clock, alone=alone)
        assert refused.value.revision == revisions()[-2]
    await set_version(older, newest())
    # The books become those of a newer version: the one that runs ends by itself.
    monkeypatch.setattr(processes, "SIGN_S", 0.0)
    await set_version(older, "m9999_later")
    watching = asyncio.create_task(older.keep_watch())
    assert "m9999_later" in await older.stopped
    watching.cancel()
    await older.close()


# -- after a restore ---------------------------------------------------------------------------------------------------


async def test_a_receipt_that_was_lost_with_the_disk_is_said_to_be_newer_than_the_books_also_after_new_payments(
    core: WalletCore, teller: Storyteller, books_url: str, rules: Rules, tmp_path: Path, clock: Clock
) -> None:
    await teller.tell("transfer ann bob 1.00 k1 -> ok")
    await core.backup(tmp_path / "copy.db")
    await teller.tell("transfer ann bob 1.00 k2 -> ok\ntransfer ann bob 2.00 k3 -> ok")
    *_, kept, lost, also_lost = teller.receipts.values()
    await core.close()
    await WalletCore.restore(books_url, tmp_path / "copy.db", rules=rules)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as again:
        assert (await again.ask(PaymentByCode(kept))).receipt.amount == Money(100, rules.currency)
        assert (await again.ask(AskVitals())).newest_transfer == 2
        storyteller = Storyteller(again, clock)
        storyteller.wallets = teller.wallets
        for wish in ("", "transfer bob ann 0.50 k4 -> ok", "transfer bob ann 0.10 k5 -> ok"):
            await storyteller.tell(wish or "balance bob -> 1.00")
            for code in (lost, also_lost):
                with pytest.raises(TransferNewer):
                    await again.ask(PaymentByCode(code))


async def test_the_first_receipt_of_books_that_were_put_back_empty_is_said_to_be_newer_than_they_are(
    core: WalletCore, clock: Clock, books_url: str, rules: Rules, tmp_path: Path
) -> None:
    await core.backup(tmp_path / "copy.db")
    teller = Storyteller(core, clock)
    await teller.tell("open ann\nissue ann 1.00 first")
    [lost] = teller.receipts.values()
    await core.close()
    await WalletCore.restore(books_url, tmp_path / "copy.db", rules=rules)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as again:
        await Storyteller(again, clock).tell("open ann\nissue ann 2.00 second")
        with pytest.raises(TransferNewer):
            await again.ask(PaymentByCode(lost))
