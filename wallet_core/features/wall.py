"""The books behind glass: what is in them as it stands, for somebody who wants to see how they work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import person_columns, person_of
from wallet_core.ledger.schema import agenda, entries, outbox, parked, people, places, transfers, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, Rules, moment_of

_WALLETS = Statement(
    select(
        *(wallets.c.id, wallets.c.kind, wallets.c.currency, wallets.c.balance, wallets.c.version, wallets.c.state),
        *(wallets.c.head, *person_columns(people)),
    )
    .outerjoin_from(wallets, people, people.c.id == wallets.c.owner)
    .order_by(wallets.c.id)
    .limit(param("limit"))
)
_debit, _credit = entries.alias("d"), entries.alias("c")
_debit_before, _credit_before = entries.alias("dp"), entries.alias("cp")
_ENTRY = ("id", "wallet", "version", "delta", "balance_after", "hash", "previous")
_TRANSFERS = Statement(
    select(
        *(transfers.c.id, transfers.c.kind, transfers.c.memo, transfers.c.currency, transfers.c.amount),
        transfers.c.created_at,
        *(_debit.c[name] for name in _ENTRY),
        _debit_before.c.hash,
        *(_credit.c[name] for name in _ENTRY),
        _credit_before.c.hash,
    )
    .select_from(
        transfers.join(_debit, _debit.c.id == 2 * transfers.c.id - 1)
        .join(_credit, _credit.c.id == 2 * transfers.c.id)
        .outerjoin(_debit_before, _debit_before.c.id == _debit.c.previous)
        .outerjoin(_credit_before, _credit_before.c.id == _credit.c.previous)
    )
    .order_by(transfers.c.id.desc())
    .limit(param("limit"))
)
_OUTBOX = Statement(
    select(outbox.c.id, outbox.c.recipient, outbox.c.due_at, outbox.c.attempts)
    .order_by(outbox.c.id)
    .limit(param("limit"))
)
_PARKED = Statement(select(func.count()).select_from(parked))
_PLACES = Statement(
    select(places.c.place, places.c.kind, places.c.due_at, places.c.attempts)
    .where(places.c.due_at.is_not(None))
    .order_by(places.c.due_at)
    .limit(param("limit"))
)
_AGENDA = Statement(
    select(agenda.c.id, agenda.c.due_at, agenda.c.attempts).order_by(agenda.c.due_at, agenda.c.id).limit(param("limit"))
)


@dataclass(frozen=True, slots=True)
class WallWallet:
    """A wallet as it stands; `owner` is None for the issuer and gateways, `head` the hash of its last entry."""

    id: int
    kind: str
    owner: Person | None
    balance: Money
    version: int
    state: str
    head: bytes | None


@dataclass(frozen=True, slots=True)
class WallEntry:
    """An entry of a wallet, with its hash and that of the entry before it there (None: it is the first)."""

    id: int
    wallet: int
    version: int
    delta: Money
    balance_after: Money
    hash: bytes
    previous: int | None
    previous_hash: bytes | None


@dataclass(frozen=True, slots=True)
class WallTransfer:
    """A transfer and what it did to its two wallets; `code` is its receipt code."""

    id: int
    code: str
    kind: str
    memo: str
    amount: Money
    created_at: datetime
    debit: WallEntry
    credit: WallEntry


@dataclass(frozen=True, slots=True)
class WallTask:
    """What waits, to be told or for its time: `what` names it, `about` whom or where."""

    what: str
    about: str
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class WallSeen:
    """All of it from one snapshot: `transfers` from new to old, `parked` messages for people who let nobody in."""

    wallets: tuple[WallWallet, ...]
    transfers: tuple[WallTransfer, ...]
    outbox: tuple[WallTask, ...]
    places: tuple[WallTask, ...]
    agenda: tuple[WallTask, ...]
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """The first `limit` of each thing in the books, the last ones of the transfers."""

    limit: int = 50

    async def answer(self, read: Reader) -> WallSeen:
        """Six statements, one snapshot."""
        limit: dict[str, object] = {"limit": self.limit}
        found, moved, told, waiting, shown, due = await read.together(
            (_WALLETS, {"limit": 10 * self.limit}),
            (_TRANSFERS, limit),
            (_OUTBOX, limit),
            (_PARKED, {}),
            (_PLACES, limit),
            (_AGENDA, limit),
        )
        return WallSeen(
            wallets=tuple(_wallet(row, read.rules) for row in found),
            transfers=tuple(_transfer(row, read.rules) for row in moved),
            outbox=tuple(WallTask(f"entry {row[0]}", row[1], moment_of(row[2]), row[3]) for row in told),
            places=tuple(WallTask(row[1], row[0], moment_of(row[2]), row[3]) for row in shown),
            agenda=tuple(_due(*row) for row in due),
            parked=waiting[0][0],
        )


def _due(name: str, due_at: int, attempts: int) -> WallTask:
    kind, _, code = name.partition(":")
    return WallTask(kind, code, moment_of(due_at), attempts)


def _wallet(row: Row, rules: Rules) -> WallWallet:
    wallet, kind, code, balance, version, state, head, *owner = row
    return WallWallet(
        wallet,
        kind,
        None if owner[0] is None else person_of(owner),
        Money(balance, rules.currency_of(code)),
        version,
        state,
        None if head is None else bytes(head),
    )


def _transfer(row: Row, rules: Rules) -> WallTransfer:
    transfer, kind, memo, currency, amount, created_at = row[:6]
    width = len(_ENTRY) + 1
    debit, credit = (_entry(row[at : at + width], currency, rules) for at in (6, 6 + width))
    return WallTransfer(
        transfer,
        receipt_code(transfer, credit.hash),
        kind,
        memo,
        Money(amount, rules.currency_of(currency)),
        moment_of(created_at),
        debit,
        credit,
    )


def _entry(row: Row, code: str, rules: Rules) -> WallEntry:
    entry, wallet, version, delta, after, own_hash, previous, previous_hash = row
    unit = rules.currency_of(code)
    before = None if previous_hash is None else bytes(previous_hash)
    return WallEntry(entry, wallet, version, Money(delta, unit), Money(after, unit), bytes(own_hash), previous, before)
