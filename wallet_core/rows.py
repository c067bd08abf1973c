"""What the store loads and writes: mutable rows, what a batch needs, what it changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from wallet_core.models import PersonId, WalletId


@dataclass(frozen=True, slots=True)
class ToPerson:
    """The payee, by id."""

    id: PersonId


@dataclass(frozen=True, slots=True)
class ToHandle:
    """The payee, by the handle that they have now (`bob`, in any case, without `@`)."""

    handle: str


@dataclass(frozen=True, slots=True)
class ToPersonCode:
    """The payee, by the code of their own QR."""

    code: str


@dataclass(frozen=True, slots=True)
class ToRequest:
    """The payee of a payment request, by its code."""

    code: str


Payee = ToPerson | ToHandle | ToPersonCode | ToRequest


class PersonRow:
    """A person as loaded or made; handles are compared in lower case."""

    __slots__ = ("code", "created_at", "handle", "id", "language", "language_chosen", "name")

    def __init__(
        self,
        id: str,
        handle: str | None,
        name: str,
        code: str,
        created_at: int,
        language: str | None = None,
        language_chosen: int = 0,
    ) -> None:
        self.id, self.handle, self.name, self.code, self.created_at = id, handle, name, code, created_at
        self.language, self.language_chosen = language, language_chosen


def opening_hash(wallet: int, owner: str | None, kind: str, currency: str) -> bytes:
    """What a wallet's first entry is chained to: whose it is, so that nobody is given another's (G11, G12)."""
    return sha256(f"{wallet}|{kind}|{currency}|{owner}".encode()).digest()


class WalletRow:
    """A wallet as loaded or made; `head` is the hash of its last entry, or `opening_hash` before the first.

    `place` is what the database finds the row by: SQLite's rowid, PostgreSQL's id; the store needs it to write.
    """

    __slots__ = (
        "balance",
        "currency",
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
        self.head = head or opening_hash(id, owner, kind, currency)
        self.spent_on = spent_on
        self.spent = spent
        self.place = place


@dataclass(slots=True)
class RequestRow:
    """A payment request as loaded or made."""

    code: str
    key: str
    payee: str
    currency: str
    amount: int | None
    memo: str
    payers_max: int | None
    payers: int
    state: str
    place: str | None
    created_at: int
    expires_at: int


@dataclass(slots=True)
class IntentRow:
    """An intent as loaded or made."""

    code: str
    key: str
    wish: str
    payer: str
    payee: str
    currency: str
    amount: int | None
    memo: str
    request: str | None
    state: str
    transfer: int | None
    created_at: int
    expires_at: int


class Needs:
    """What the commands of a batch want loaded."""

    __slots__ = (
        "asking",
        "handles",
        "intent_keys",
        "intents",
        "issuers",
        "keys",
        "outbox_limit",
        "owners",
        "people",
        "person_codes",
        "request_keys",
        "requesting",
        "requests",
        "wallets",
        "welcomes",
    )

    def __init__(self) -> None:
        self.keys: list[str] = []  # of transfers
        self.wallets: list[int] = []
        self.owners: list[str] = []  # people whose wallet is needed
        self.people: list[str] = []
        self.handles: list[str] = []
        self.person_codes: list[str] = []
        self.requests: list[str] = []
        self.request_keys: list[str] = []
        self.requesting: list[str] = []  # people whose open payment requests are counted
        self.intents: list[str] = []
        self.intent_keys: list[str] = []
        self.asking: list[str] = []  # people whose unfinished intents are needed
        self.issuers: list[str] = []  # currencies
        self.welcomes = False  # the issuer of the rules' currency
        self.outbox_limit = 0

    def payee(self, to: Payee) -> None:
        """Whatever names the payee: the person, their wallet, the request."""
        match to:
            case ToPerson(id):
                self.people.append(id)
                self.owners.append(id)
            case ToHandle(handle):
                self.handles.append(handle.lower())
            case ToPersonCode(code):
                self.person_codes.append(code)
            case ToRequest(code):
                self.requests.append(code)


class Changes:
    """What the commands of a batch did, as the store will write it."""

    def __init__(self) -> None:
        self.people_new: list[PersonRow] = []
        self.people: dict[str, PersonRow] = {}
        self.wallets_new: list[WalletRow] = []
        self.wallets: dict[int, WalletRow] = {}
        self.transfers: list[object] = []  # values, row after row
        self.entries: list[object] = []  # values, row after row
        self.requests_new: dict[str, RequestRow] = {}
        self.requests: dict[str, RequestRow] = {}
        self.request_payments: list[tuple[object, ...]] = []
        self.intents_new: dict[str, IntentRow] = {}
        self.intents: dict[str, IntentRow] = {}
        self.outbox: list[object] = []  # values, row after row
        self.outbox_placed: list[tuple[object, ...]] = []
        self.outbox_due: list[tuple[int | None, int, int]] = []  # due_at, attempts added, id
        self.outbox_done: list[tuple[int]] = []
        self.unparked: list[tuple[int, str]] = []  # due_at, recipient
