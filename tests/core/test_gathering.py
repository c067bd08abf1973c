"""Wallets that are used again and again lie side by side in SQLite's file, whatever their ids are."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.story import OPERATOR, Clock
from wallet_core import (
    HistoryOf,
    InsufficientFunds,
    Issue,
    Money,
    OpenWallet,
    PersonId,
    Rules,
    ToPerson,
    Transfer,
    WalletCore,
    WalletId,
    WalletOf,
    currency,
)
from wallet_core.storage.store import GATHERED_ROWS, LATELY_ENTRIES

EUR = currency("EUR")
MANY = GATHERED_ROWS + 500


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[WalletId]]:
    """Making them takes seconds; every test has a copy."""
    file = tmp_path_factory.mktemp("made") / "books.db"
    return file, asyncio.run(make_crowd(file))


async def make_crowd(file: Path) -> list[WalletId]:
    """Wallets of more people than are kept side by side; the first two have money."""
    people = [PersonId(f"tg:{number}") for number in range(MANY)]
    wallets: list[WalletId] = []
    rules = Rules(EUR, operators=frozenset({OPERATOR}))
    async with WalletCore.session(f"sqlite+aiosqlite:///{file}", rules=rules, clock=Clock()) as core:
        for start in range(0, MANY, 1_000):
            opening = (core.run(OpenWallet(person=p, handle=None, name="")) for p in people[start : start + 1_000])
            wallets += [opened.wallet.id for opened in await asyncio.gather(*opening)]
        for person in people[:2]:
            await core.run(Issue(by=OPERATOR, to=ToPerson(person), amount=Money(1_000, EUR), key=f"first {person}"))
    return wallets


@pytest.fixture
def books_url(made: tuple[Path, list[WalletId]], tmp_path: Path) -> str:
    file, _ = made
    return f"sqlite+aiosqlite:///{shutil.copy(file, tmp_path)}"


@pytest.fixture
def crowd(made: tuple[Path, list[WalletId]]) -> list[WalletId]:
    return made[1]


def places(file: Path, *wallets: WalletId) -> list[int]:
    """The rows in which these wallets are."""
    with closing(sqlite3.connect(file)) as books:
        return [books.execute("SELECT rowid FROM wallets WHERE id = ?", (w,)).fetchone()[0] for w in wallets]


async def pay(core: WalletCore, payer: WalletId, payee: WalletId, key: str) -> None:
    await core.run(Transfer(payer=payer, payee=payee, amount=Money(1, EUR), key=key))


async def test_wallets_that_are_used_again_move_once_and_keep_everything(
    core: WalletCore, crowd: list[WalletId], tmp_path: Path
) -> None:
    ann, bob, *_, last = crowd
    file = tmp_path / "books.db"
    await pay(core, ann, bob, "k1")
    moved = places(file, ann, bob)
    assert min(moved) > places(file, last)[0]
    for number in range(2, 6):
        await pay(core, ann, bob, f"k{number}")
    assert places(file, ann, bob) == moved
    assert (await core.ask(WalletOf(PersonId("tg:0")))).balance.minor == 1_000 - 5
    assert (await core.ask(WalletOf(PersonId("tg:1")))).balance.minor == 1_000 + 5
    assert len((await core.ask(HistoryOf(person=PersonId("tg:0"), limit=10))).lines) == 6
    report = await core.audit()
    assert report.sound and report.wallets == MANY + 1


async def test_a_wallet_used_for_the_first_time_stays_where_it_is(
    core: WalletCore, crowd: list[WalletId], tmp_path: Path
) -> None:
    cid = crowd[2]
    before = places(tmp_path / "books.db", cid)
    await pay(core, crowd[0], cid, "k1")
    assert places(tmp_path / "books.db", cid) == before


async def test_a_wallet_that_was_not_used_for_long_stays_where_it_is(
    core: WalletCore, crowd: list[WalletId], tmp_path: Path
) -> None:
    ann, bob, cid = crowd[:3]
    await pay(core, ann, cid, "k1")
    for start in range(0, LATELY_ENTRIES, 800):
        await asyncio.gather(*(pay(core, *((bob, ann) if n % 2 else (ann, bob)), f"b{start} {n}") for n in range(400)))
    before = places(tmp_path / "books.db", cid)
    await pay(core, ann, cid, "k2")
    assert places(tmp_path / "books.db", cid) == before
    await pay(core, ann, cid, "k3")
    assert places(tmp_path / "books.db", cid) > before


async def test_a_wallet_in_a_new_place_is_paid_beside_a_wallet_that_the_same_batch_opens(
    core: WalletCore, crowd: list[WalletId], tmp_path: Path
) -> None:
    ann, bob = crowd[:2]
    opening = OpenWallet(person=PersonId("tg:new"), handle=None, name="")
    await asyncio.gather(pay(core, ann, bob, "k1"), core.run(opening), pay(core, bob, ann, "k2"))
    new = (await core.ask(WalletOf(PersonId("tg:new")))).id
    assert len(set(places(tmp_path / "books.db", ann, bob, new))) == 3
    assert (await core.audit()).sound


async def test_a_refusal_moves_no_row(core: WalletCore, crowd: list[WalletId], tmp_path: Path) -> None:
    ann, bob = crowd[:2]
    before = places(tmp_path / "books.db", ann, bob)
    with pytest.raises(InsufficientFunds):
        await core.run(Transfer(payer=ann, payee=bob, amount=Money(10**6, EUR), key="k1"))
    assert places(tmp_path / "books.db", ann, bob) == before
