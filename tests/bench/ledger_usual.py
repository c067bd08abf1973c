"""The usual way: an async ORM session and one BEGIN IMMEDIATE transaction per transfer, and a lock per wallet.

Written as a careful project would write it: the same tables, checks, hash chain, outbox and durability as ours.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.ledger_books import url_of
from wallet_core import Transfer as Wish


class Base(DeclarativeBase):
    pass


class Wallet(Base):
    __tablename__ = "wallets"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    currency: Mapped[str]
    balance: Mapped[int]
    floor: Mapped[int | None]
    version: Mapped[int]
    state: Mapped[str]
    last_entry: Mapped[int | None]
    head: Mapped[bytes | None]
    spent_on: Mapped[int]
    spent: Mapped[int]


class Transfer(Base):
    __tablename__ = "transfers"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    debit: Mapped[int]
    credit: Mapped[int]
    currency: Mapped[str]
    amount: Mapped[int]
    kind: Mapped[str]
    memo: Mapped[str]
    created_at: Mapped[int]


class Entry(Base):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    wallet: Mapped[int]
    version: Mapped[int]
    previous: Mapped[int | None]
    delta: Mapped[int]
    balance_after: Mapped[int]
    transfer: Mapped[int]
    hash: Mapped[bytes]


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    due_at: Mapped[int | None]
    attempts: Mapped[int]


class Usual:
    """A wallet service as many projects have it, done well."""

    def __init__(self, file: Path) -> None:
        self.engine = create_async_engine(url_of(file), pool_size=5, max_overflow=0, pool_timeout=600)
        event.listen(self.engine.sync_engine, "connect", _connect)
        event.listen(self.engine.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.locks: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.writing = asyncio.Lock()  # SQLite has one writer; waiting here is cheaper than in the driver

    @asynccontextmanager
    async def locked(self, *wallets: int) -> AsyncIterator[None]:
        first, second = sorted(wallets)
        async with self.locks[first], self.locks[second]:
            yield

    async def transfer(self, wish: Wish) -> int:
        async with self.locked(wish.payer, wish.payee), self.writing, self.sessions() as session, session.begin():
            done = (await session.execute(select(Transfer).where(Transfer.key == wish.key))).scalar_one_or_none()
            if done is not None:
                return done.id
            payer = await session.get_one(Wallet, wish.payer)
            payee = await session.get_one(Wallet, wish.payee)
            if payer.state != "open" or payee.state != "open" or payer.currency != payee.currency:
                raise ValueError("refused")
            if payer.floor is not None and payer.balance - wish.amount.minor < payer.floor:
                raise ValueError("insufficient funds")
            return await self._move(session, payer, payee, wish)

    async def _move(self, session: AsyncSession, payer: Wallet, payee: Wallet, wish: Wish) -> int:
        now = time.time_ns() // 1000
        transfer = Transfer(
            key=wish.key, debit=payer.id, credit=payee.id, currency=payer.currency, amount=wish.amount.minor,
            kind="payment", memo="", created_at=now,
        )  # fmt: skip
        session.add(transfer)
        await session.flush()
        text = f"{transfer.id}|{payer.id}|{payee.id}|{wish.amount.minor}|{wish.key}|{now}"
        digest = b""
        for wallet, delta, entry_id in (
            (payer, -wish.amount.minor, 2 * transfer.id - 1),
            (payee, wish.amount.minor, 2 * transfer.id),
        ):
            wallet.balance += delta
            wallet.version += 1
            digest = sha256(
                (wallet.head or b"") + digest + f"{wallet.version}|{wallet.balance}|{text}".encode()
            ).digest()
            session.add(
                Entry(
                    id=entry_id,
                    wallet=wallet.id,
                    version=wallet.version,
                    previous=wallet.last_entry,
                    delta=delta,
                    balance_after=wallet.balance,
                    transfer=transfer.id,
                    hash=digest,
                )
            )
            wallet.head, wallet.last_entry = digest, entry_id
            if wallet.owner is not None:
                session.add(Outbox(id=entry_id, recipient=wallet.owner, due_at=0, attempts=0))
        payer.spent += wish.amount.minor
        return transfer.id

    async def close(self) -> None:
        await self.engine.dispose()


def _connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
