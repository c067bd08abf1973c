"""The file of the books: nothing is confirmed into nowhere, and one process alone runs on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.core.story import Storyteller
from wallet_core import (
    BooksInUse,
    BooksProblem,
    CoreStopped,
    Money,
    Rules,
    Transfer,
    WalletCore,
    WrongBooks,
    currency,
)
from wallet_core.storage.files import copy

EUR = currency("EUR")


def pay(teller: Storyteller, key: str) -> Transfer:
    return Transfer(payer=teller.wallets["ann"], payee=teller.wallets["bob"], amount=Money(100, EUR), key=key)


@pytest.mark.parametrize("what", ["file", "log", "another"])
async def test_a_payment_is_not_confirmed_when_its_file_or_log_is_no_longer_there(
    tmp_path: Path, core: WalletCore, teller: Storyteller, what: str
) -> None:
    file = tmp_path / "books.db"
    await core.run(pay(teller, "k1"))
    if what == "another":
        await core.backup(tmp_path / "other.db")
        (tmp_path / "other.db").replace(file)
    else:
        (file if what == "file" else tmp_path / "books.db-wal").unlink()
    with pytest.raises(CoreStopped) as stopped:
        await core.run(pay(teller, "k2"))
    words = "was replaced by another one" if what == "another" else "is gone"
    assert words in stopped.value.reason and str(file) in stopped.value.reason
    assert core.stopped.result() == stopped.value.reason


async def test_copies_that_other_processes_make_and_looks_that_they_take_stop_nobody(
    tmp_path: Path, books_url: str, core: WalletCore, teller: Storyteller, rules: Rules
) -> None:
    for number in range(3):
        async with WalletCore.session(books_url, rules=rules) as other:
            await other.backup(tmp_path / f"copy{number}.db")
            assert (await other.audit()).sound
        await core.run(pay(teller, f"k{number}"))
    assert not core.stopped.done()


async def test_one_process_alone_runs_on_the_books_until_it_is_closed(books_url: str, rules: Rules) -> None:
    async with WalletCore.session(books_url, rules=rules, alone=True):
        with pytest.raises(BooksInUse):
            await WalletCore.open(books_url, rules=rules, alone=True)
        async with WalletCore.session(books_url, rules=rules):  # who only looks needs no lock
            pass
    async with WalletCore.session(books_url, rules=rules, alone=True):
        pass


async def test_the_trial_of_writing_changes_nothing(tmp_path: Path, books_url: str, rules: Rules) -> None:
    async with WalletCore.session(books_url, rules=rules):
        pass
    before = (tmp_path / "books.db").read_bytes()
    async with WalletCore.session(books_url, rules=rules):
        pass
    assert (tmp_path / "books.db").read_bytes() == before


async def test_books_in_another_currency_are_refused_and_named(
    tmp_path: Path, books_url: str, core: WalletCore, teller: Storyteller
) -> None:
    with pytest.raises(WrongBooks) as wrong:
        await WalletCore.open(books_url, rules=Rules(currency("USD")))
    assert (wrong.value.problem, wrong.value.found) == (BooksProblem.CURRENCY, "EUR")
    assert wrong.value.where == WalletCore.where(books_url) == str(tmp_path / "books.db")


def test_a_copy_that_does_not_succeed_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    with pytest.raises(sqlite3.DatabaseError):
        copy(tmp_path / "torn.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
