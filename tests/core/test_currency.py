"""What the currency of the books is like is kept from the day they are made, whatever is said of it later."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, Storyteller, story
from wallet_core import (
    BackupUnsound,
    BooksProblem,
    Currency,
    HistoryOf,
    Money,
    Rules,
    WalletCore,
    WalletOf,
    WrongBooks,
    currency,
)

OLD, NEW = Currency("HUF", 2, "HUF"), Currency("HUF", 0, "Ft")  # Babel 2.17 has two decimals, 2.19 has none


def rules_in(unit: Currency, **limits: int) -> Rules:
    return Rules(unit, operators=frozenset({OPERATOR}), **limits)


async def paid(core: WalletCore, clock: Clock) -> Storyteller:
    """Ann had 4,500.00 and has paid Bob 1,000.00."""
    teller = Storyteller(core, clock)
    await teller.tell("open ann\nopen bob\nissue ann 4500.00 issued\ntransfer ann bob 1000.00 k1")
    return teller


@pytest.fixture
async def old(books_url: str, clock: Clock) -> Storyteller:
    """Books that were made under Babel 2.17, closed."""
    async with WalletCore.session(books_url, rules=rules_in(OLD), clock=clock) as core:
        return await paid(core, clock)


def edit(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


async def test_a1_what_a_library_says_later_changes_no_amount(
    books_url: str, clock: Clock, old: Storyteller, caplog: pytest.LogCaptureFixture
) -> None:
    async with WalletCore.session(books_url, rules=rules_in(NEW), clock=clock) as core:
        assert core.rules.currency == OLD
        told = Storyteller(core, clock)
        told.wallets = old.wallets
        await story(told, "balance ann -> 3500.00\ntransfer ann bob 0.50 k2\nbalance bob -> 1000.50")
        ann = told.person("ann")
        assert (await core.ask(WalletOf(ann))).balance == Money(349_950, OLD)
        lines = (await core.ask(HistoryOf(person=ann))).lines
        assert [str(line.delta) for line in lines] == ["-0.50 HUF", "-1000.00 HUF", "4500.00 HUF"]
    said = [record.getMessage() for record in caplog.records if record.name.startswith("wallet_core")]
    assert said == ["HUF has 0 decimals and the sign Ft here, 2 and HUF in the books: theirs count"]


async def test_a1_of_decimals_that_came_later_the_books_know_nothing(books_url: str, clock: Clock) -> None:
    async with WalletCore.session(books_url, rules=rules_in(NEW), clock=clock) as core:
        teller = Storyteller(core, clock)
        await teller.tell("open ann\nissue ann 4500 issued")
    async with WalletCore.session(books_url, rules=rules_in(OLD), clock=clock) as core:
        assert str((await core.ask(WalletOf(teller.person("ann")))).balance) == "4500 HUF"
        assert (await core.audit()).sound


@pytest.mark.parametrize(
    ("made", "now", "limits", "kept"),
    [
        (OLD, NEW, (7, 20, 5, 30), (700, 2_000, 500, 3_000)),
        (NEW, OLD, (700, 2_000, 500, 3_050), (7, 20, 5, 30)),
        (NEW, OLD, (50, 50, 50, 50), (0, 0, 1, 1)),  # too little for whole ones; and yet a limit, which 0 is not
        (NEW, OLD, (0, 0, 0, 0), (0, 0, 0, 0)),
    ],
)
async def test_a1_the_operators_limits_stay_the_amounts_that_they_are(
    books_url: str, made: Currency, now: Currency, limits: tuple[int, ...], kept: tuple[int, ...]
) -> None:
    names = ("welcome_credit_minor", "credit_limit_minor", "transfer_max_minor", "daily_max_minor")
    async with WalletCore.session(books_url, rules=rules_in(made)):
        pass
    async with WalletCore.session(books_url, rules=rules_in(now, **dict(zip(names, limits, strict=True)))) as core:
        assert tuple(getattr(core.rules, name) for name in names) == kept
        assert core.rules.operators == {OPERATOR}


async def test_a1_nothing_is_said_while_there_is_no_difference(
    books_url: str, old: Storyteller, caplog: pytest.LogCaptureFixture
) -> None:
    async with WalletCore.session(books_url, rules=rules_in(OLD)):
        pass
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    "change", ["decimals = 0", "decimals = 3", "symbol = '$'", "currency = 'EUR'", "currency = 'HUF', symbol = ''"]
)
async def test_a1_an_edit_of_what_the_books_keep_shows_in_the_audit(
    books_url: str, tmp_path: Path, old: Storyteller, change: str
) -> None:
    edit(tmp_path / "books.db", f"UPDATE books SET {change}")
    meant = currency("EUR") if "EUR" in change else OLD
    async with WalletCore.session(books_url, rules=rules_in(meant)) as core:
        problem = (await core.audit()).problem
        assert problem is not None
        assert problem.startswith(("entry 1 of transfer 1 ", "transfer 1 is in another currency"))


async def test_a1_books_that_do_not_say_their_currency_are_refused_and_unsound(
    books_url: str, tmp_path: Path, old: Storyteller
) -> None:
    async with WalletCore.session(books_url, rules=rules_in(OLD)) as core:
        edit(tmp_path / "books.db", "DELETE FROM books")
        assert (await core.audit()).problem == "the books do not say what their currency is"
    with pytest.raises(WrongBooks) as refusal:
        await WalletCore.open(books_url, rules=rules_in(OLD))
    assert refusal.value.problem is BooksProblem.UNRELEASED
    assert refusal.value.found == "they do not say what their currency is"


@pytest.mark.parametrize(
    ("made", "meant", "found"),
    [
        ("EUR", "USD", "EUR"),
        ("EUR", "BEER", "EUR"),
        ("BEER", "EUR", "BEER"),
        ("BEER/1", "BEER/2", "BEER/1"),
        ("BEER/1", "BEER", "BEER/1"),
        ("BEER", "BEER/1", "BEER"),
    ],
)
async def test_a2_another_currency_is_refused_also_while_there_is_no_wallet(
    books_url: str, tmp_path: Path, made: str, meant: str, found: str
) -> None:
    async with WalletCore.session(books_url, rules=rules_in(currency(made))) as core:
        await core.backup(tmp_path / "copy.db")
    with pytest.raises(WrongBooks) as refusal:
        await WalletCore.open(books_url, rules=rules_in(currency(meant)))
    assert (refusal.value.problem, refusal.value.found) == (BooksProblem.CURRENCY, found)
    elsewhere = f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(WrongBooks):
        await WalletCore.restore(elsewhere, tmp_path / "copy.db", rules=rules_in(currency(meant)))
    assert not (tmp_path / "other.db").exists()


async def test_a1_a_backup_whose_decimals_were_edited_is_not_restored(
    books_url: str, tmp_path: Path, old: Storyteller
) -> None:
    async with WalletCore.session(books_url, rules=rules_in(OLD)) as core:
        await core.backup(tmp_path / "copy.db")
    edit(tmp_path / "copy.db", "UPDATE books SET decimals = 0")
    with pytest.raises(BackupUnsound):
        await WalletCore.restore(books_url, tmp_path / "copy.db", rules=rules_in(OLD))


async def test_a1_two_processes_that_make_books_at_once_make_one_currency(clock: Clock) -> None:
    with postgresql(is_bare=True) as url:
        opening = (WalletCore.open(url, rules=rules_in(unit), clock=clock) for unit in (OLD, NEW))
        one, two = await asyncio.gather(*opening)
        kept = one.rules.currency
        assert kept == two.rules.currency
        assert kept in (OLD, NEW)
        teller = Storyteller(two, clock)
        await teller.tell("open ann\nissue ann 10 issued")
        assert (await one.audit()).sound
        await asyncio.gather(one.close(), two.close())


def test_every_amount_of_the_rules_is_kept_in_the_currency_of_the_books() -> None:
    rules = Rules(OLD)
    amounts = {field.name: 500 for field in fields(rules) if field.name.endswith("_minor")}
    kept = replace(rules, **amounts).kept_in(NEW)  # type: ignore[arg-type]
    assert {name: getattr(kept, name) for name in amounts} == dict.fromkeys(amounts, 5)
