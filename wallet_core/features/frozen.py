"""An operator freezes a wallet: nothing goes in or out until one opens it again (docs/operating.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, literal_column, select, update

from wallet_core.features.acts import ActKind, ActRow, acts, needs_act, note_act
from wallet_core.features.moves import moves
from wallet_core.features.people import WALLET, wallet_asked, wallet_of_row
from wallet_core.features.withdrawals import withdrawals
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, KeyReused, NotOperator, PersonNotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.loaded import AT_ONCE
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import wallets
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import Person, PersonId, Subject, Wallet, WalletKind, WalletState, moment_of

FREEZE = "freeze"  # the subject of where its owner is told; its code is the owner's number

_SET = Statement(
    update(wallets).where(
        wallets.c.owner == param("at"),
        wallets.c.currency == param("at_currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    ),
    columns=["state"],
)
_GO_ON = Statement(  # what a gateway was to be asked about
    update(withdrawals)
    .values(due_at=literal_column(str(AT_ONCE)))
    .where(withdrawals.c.person == param("at"), withdrawals.c.state == "held", withdrawals.c.due_at.is_not(None)),
    columns=[],
)


@dataclass(eq=False)
class FrozenAlready(Conflict):
    """The wallet of `who` is frozen."""

    who: str


@dataclass(eq=False)
class NotFrozen(Conflict):
    """The wallet of `who` is open."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeWallet:
    """An operator freezes somebody's wallet, who is told, with the reason if there is one; a repeated key does it once.

    Raises NotOperator, KeyReused, MemoTooLong, PersonNotFound, WalletNotFound, FrozenAlready.
    """

    by: PersonId
    person: PersonId
    key: str
    reason: str = ""

    def needs(self, needs: Needs) -> None:
        """The wallet, and whether it was done."""
        _needs(needs, self.key, by=self.by, person=self.person)

    def apply(self, books: Books) -> Person:
        """Freeze it once."""
        reason = clean_memo(self.reason)
        if _is_done(books, ActKind.FROZEN, by=self.by, person=self.person, reason=reason, key=self.key):
            return books.person_view(self.person)
        wallet = _wallet(books, self.person)
        if wallet.state == WalletState.FROZEN:
            raise FrozenAlready(books.named(self.person))
        # From here on it must succeed.
        _set(books, wallet, WalletState.FROZEN)
        note_act(books, ActKind.FROZEN, by=self.by, person=self.person, note=reason, key=self.key)
        return books.person_view(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeWallet:
    """An operator opens a frozen wallet again; its owner is told, and what had to wait goes on.

    Raises NotOperator, KeyReused, MemoTooLong, PersonNotFound, WalletNotFound, NotFrozen.
    """

    by: PersonId
    person: PersonId
    key: str
    reason: str = ""

    def needs(self, needs: Needs) -> None:
        """The wallet, and whether it was done."""
        _needs(needs, self.key, by=self.by, person=self.person)

    def apply(self, books: Books) -> Person:
        """Open it once."""
        reason = clean_memo(self.reason)
        if _is_done(books, ActKind.UNFROZEN, by=self.by, person=self.person, reason=reason, key=self.key):
            return books.person_view(self.person)
        wallet = _wallet(books, self.person)
        if wallet.state != WalletState.FROZEN:
            raise NotFrozen(books.named(self.person))
        # From here on it must succeed.
        _set(books, wallet, WalletState.OPEN)
        books.write(_GO_ON, at=self.person)
        note_act(books, ActKind.UNFROZEN, by=self.by, person=self.person, note=reason, key=self.key)
        return books.person_view(self.person)


def _needs(needs: Needs, key: str, *, by: PersonId, person: PersonId) -> None:
    needs.record(ActRow, key=key)
    needs_act(needs)
    needs.people.append(by)
    needs.person(person)


def _is_done(books: Books, kind: ActKind, *, by: PersonId, person: PersonId, reason: str, key: str) -> bool:
    """Whether it was done under this key. Raises NotOperator, KeyReused."""
    if by not in books.rules.operators:
        raise NotOperator
    done = books.find(ActRow, key=key)
    if done is not None and (done.kind, done.operator, done.person, done.note) != (kind, by, person, reason):
        raise KeyReused(key)
    return done is not None


def _wallet(books: Books, person: PersonId) -> WalletRow:
    if person not in books.people:
        raise PersonNotFound(who=person)
    return books.wallet_of(person)


def _set(books: Books, wallet: WalletRow, state: WalletState) -> None:
    """From now on, also for what comes behind in this batch; its owner is told in private."""
    person = wallet.owner
    assert person is not None
    wallet.state = state.value
    books.write(_SET, state=state.value, at=person, at_currency=wallet.currency)
    books.show(Subject(FREEZE, person), place=f"{person}/{FREEZE}", chat=person, is_stale=True)


# -- questions ---------------------------------------------------------------------------------------------------------

_theirs = select(cast(param("person"), Text).label("person")).cte("theirs", recursive=True)
_theirs = _theirs.union(  # a wallet takes its ice along to another account (moves.py)
    select(moves.c.old).join_from(_theirs, moves, moves.c.new == _theirs.c.person).where(moves.c.state == "done")
)
_LAST = Statement(
    select(acts.c.note, acts.c.created_at)
    .where(acts.c.person.in_(select(_theirs.c.person)), acts.c.kind == param("kind"))
    .order_by(acts.c.code.desc())
    .limit(literal_column("1"))
)


@dataclass(frozen=True, slots=True)
class Freezing:
    """Somebody's wallet, and why and since when it is frozen, or open again."""

    wallet: Wallet
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class FreezingOf:
    """Whether somebody's wallet is frozen, and why. Raises WalletNotFound."""

    person: PersonId

    async def answer(self, read: Reader) -> Freezing:
        """The wallet, and the last act of this kind."""
        rows, frozen, opened = await read.together(
            (WALLET, wallet_asked(self.person, read.rules)),
            (_LAST, {"person": self.person, "kind": ActKind.FROZEN.value}),
            (_LAST, {"person": self.person, "kind": ActKind.UNFROZEN.value}),
        )
        wallet = wallet_of_row(rows[0] if rows else None, self.person, read.rules)
        last = frozen if wallet.state is WalletState.FROZEN else opened
        return Freezing(wallet, last[0][0] if last else "", moment_of(last[0][1]) if last else None)
