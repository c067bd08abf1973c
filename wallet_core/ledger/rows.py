"""What the store loads and writes: mutable rows, what a batch needs, what it changed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from wallet_core.ledger.hashes import opening_hash
from wallet_core.ledger.money import Money
from wallet_core.ledger.values import Person, PersonId, Rules, Wallet, WalletId, WalletKind, WalletState

if TYPE_CHECKING:
    from sqlalchemy import Table

    from wallet_core.ledger.books import Books
    from wallet_core.ledger.records import Tally
    from wallet_core.ledger.sql import Statement


class PersonRow:
    """A person as loaded or made; handles are compared in lower case."""

    __slots__ = ("code", "handle", "id", "language_chosen", "language_said", "name")

    def __init__(
        self,
        id: PersonId,
        handle: str | None,
        name: str,
        code: str,
        language_said: str | None,
        language_chosen: str | None,
    ) -> None:
        self.id, self.handle, self.name, self.code = id, handle, name, code
        self.language_said, self.language_chosen = language_said, language_chosen


class WalletRow:
    """A wallet as loaded or made; `head` is the hash of its last entry, None before the first.

    `place` is what the database finds the row by: SQLite's rowid, PostgreSQL's id; the store needs it to write.
    """

    __slots__ = (
        "balance",
        "currency",
        "daily_max",
        "floor",
        "head",
        "id",
        "kind",
        "last_entry",
        "owner",
        "place",
        "spent",
        "spent_on",
        "state",
        "transfer_max",
        "version",
    )

    def __init__(
        self,
        id: WalletId,
        owner: str | None,
        kind: str,
        currency: str,
        balance: int,
        floor: int | None,
        version: int,
        state: str,
        last_entry: int | None,
        head: bytes | bytearray | None,
        spent_on: int,
        spent: int,
        transfer_max: int | None = None,
        daily_max: int | None = None,
        place: int = 0,
    ) -> None:
        self.id = id
        self.owner = owner
        self.kind = kind
        self.currency = currency
        self.balance = balance
        self.floor = floor
        self.version = version
        self.state = state
        self.last_entry = last_entry
        self.head = head
        self.spent_on = spent_on
        self.spent = spent
        self.transfer_max = transfer_max
        self.daily_max = daily_max
        self.place = place


def opening_of(row: WalletRow, rules: Rules) -> bytes:
    """What its first entry is chained to."""
    return opening_hash(row.id, row.owner, row.kind, rules.currency_of(row.currency))


def escrow_to_be(payer: WalletRow) -> WalletRow:
    """What a payment into an escrow wallet is checked with: one that is refused opens none."""
    return WalletRow(
        WalletId(0), payer.owner, WalletKind.ESCROW.value, payer.currency, 0, 0, 0, "open", None, None, 0, 0
    )


def wallet_view(row: WalletRow, *, owner: Person, rules: Rules) -> Wallet:
    """A person's wallet as a frozen value."""
    return Wallet(
        id=row.id,
        owner=owner,
        balance=Money(row.balance, rules.currency_of(row.currency)),
        available=Money(max(0, row.balance + rules.credit_limit_minor), rules.currency),
        state=WalletState(row.state),
        version=row.version,
    )


class Payee(Protocol):
    """Whoever is to be paid, named in one way or another."""

    def needs(self, needs: Needs) -> None:
        """Add what `find` wants loaded, their wallet included."""

    def find(self, books: Books) -> PersonRow:
        """Who is meant; raises NotFound."""


class Needs:
    """What the commands of a batch want loaded."""

    __slots__ = (
        "handles",
        "issuers",
        "keys",
        "newest",
        "owners",
        "people",
        "person_codes",
        "portions",
        "portions_besides",
        "records",
        "tallies",
        "transfers",
        "wallets",
        "wallets_new",
        "welcomes",
    )

    def __init__(self) -> None:
        self.keys: list[str] = []  # of transfers
        self.transfers: list[int] = []  # by their ids, with both wallets
        self.wallets: list[int] = []
        self.owners: list[str] = []  # people whose wallet is needed
        self.people: list[str] = []
        self.handles: list[str] = []
        self.person_codes: list[str] = []
        self.issuers: list[str] = []  # currencies
        self.welcomes = False  # the issuer of the rules' currency
        self.wallets_new = 0  # how many are opened, beside those of `issuers` and `welcomes`
        self.records: defaultdict[type, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.newest: set[type] = set()  # records of which one more is to be made, behind all others
        self.tallies: defaultdict[Tally, list[Any]] = defaultdict(list)
        self.portions: dict[Statement, int] = {}
        self.portions_besides: defaultdict[Statement, set[str]] = defaultdict(set)

    def person(self, person: str) -> None:
        """Somebody, and their wallet."""
        self.people.append(person)
        self.owners.append(person)

    def record(self, row: type, /, **by: Any) -> None:
        """The rows of a feature that a column, or a condition of the row's `among`, finds."""
        for name, value in by.items():
            self.records[row][name].append(value)

    def tally(self, tally: Tally, value: Any) -> None:
        """How many there are for this value."""
        self.tallies[tally].append(value)

    def portion(self, statement: Statement, limit: int, besides: Iterable[str] = ()) -> None:
        """The next rows of a statement that takes `now`, `limit`, `besides` what; several commands share them."""
        self.portions[statement] = self.portions.get(statement, 0) + limit
        self.portions_besides[statement].update(besides)


class Changes:
    """What the commands of a batch did, as the store will write it."""

    def __init__(self) -> None:
        self.people_new: list[PersonRow] = []
        self.people: dict[str, PersonRow] = {}
        self.wallets_new: list[WalletRow] = []
        self.wallets: dict[int, WalletRow] = {}
        self.has_floors = False  # new ones, in `wallets`
        self.transfers: list[object] = []  # values, row after row
        self.transfers_about: list[object] = []  # those that have a subject, values, row after row
        self.transfers_back: list[tuple[object, ...]] = []  # those that refund another
        self.entries: list[object] = []  # values, row after row
        self.outbox: list[object] = []  # values, row after row
        self.outbox_placed: list[tuple[object, ...]] = []
        self.records_new: defaultdict[type, dict[Any, Any]] = defaultdict(dict)  # by their keys
        self.records: defaultdict[type, dict[Any, Any]] = defaultdict(dict)
        # By table, in the order in which they were said.
        self.written: defaultdict[Table, list[tuple[Statement, dict[str, Any]]]] = defaultdict(list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not any(vars(self).values())
