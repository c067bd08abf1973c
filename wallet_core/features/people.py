"""Who somebody is, and the wallet that is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from wallet_core.features.handles_left import handle_left
from wallet_core.features.names import called
from wallet_core.features.outbox import unpark
from wallet_core.features.sightings import seen
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import PersonNotFound, WalletNotFound
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.rows import Needs, Payee, PersonRow, WalletRow, wallet_view
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import HANDLE_MAX, NAME_MAX, Person, PersonId, Rules, Wallet, WalletKind

WELCOME = "welcome"  # the kind of the transfer that a new person's wallet may begin with
LANGUAGE_MAX = 35  # characters; the longest tag that BCP 47 asks programs to keep

_PERSON = select(*person_columns(people))
_BY_ID = Statement(_PERSON.where(people.c.id == param("value")))
_BY_HANDLE = Statement(_PERSON.where(people.c.handle_key == param("value")))
_BY_CODE = Statement(_PERSON.where(people.c.code == param("value")))

_WALLET_COLUMNS = [column for column in wallets.c if column.name not in ("created_at", "first_owner")]
WALLET = Statement(
    select(*person_columns(people), *_WALLET_COLUMNS)
    .join_from(wallets, people, people.c.id == wallets.c.owner)
    .where(
        wallets.c.owner == param("person"),
        wallets.c.currency == param("currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    )
)
_WALLET_COUNT = Statement(select(func.count()).where(wallets.c.kind == WalletKind.PERSON.value))


@dataclass(frozen=True, slots=True)
class ToPerson:
    """The payee, by id."""

    id: PersonId

    def needs(self, needs: Needs) -> None:
        """The person and their wallet."""
        needs.person(self.id)

    def find(self, books: Books) -> PersonRow:
        """Raises PersonNotFound."""
        return _known(books.people.get(self.id), self.id)


@dataclass(frozen=True, slots=True)
class ToHandle:
    """The payee, by the handle that they have now (`bob`, in any case, without `@`)."""

    handle: str

    def needs(self, needs: Needs) -> None:
        """Who has the handle, and their wallet."""
        needs.handles.append(self.handle.lower())

    def find(self, books: Books) -> PersonRow:
        """Raises PersonNotFound."""
        return _known(books.by_handle.get(self.handle.lower()), f"@{self.handle}")


@dataclass(frozen=True, slots=True)
class ToPersonCode:
    """The payee, by the code of their own QR."""

    code: str

    def needs(self, needs: Needs) -> None:
        """Whose code it is, and their wallet."""
        needs.person_codes.append(self.code)

    def find(self, books: Books) -> PersonRow:
        """Raises PersonNotFound."""
        return _known(books.by_code.get(self.code), self.code)


def _known(row: PersonRow | None, who: str) -> PersonRow:
    if row is None:
        raise PersonNotFound(who=who)
    return row


@dataclass(frozen=True, slots=True)
class OpenedWallet:
    """A person's wallet, and whether this call opened it."""

    wallet: Wallet
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Meet:
    """Somebody was seen with this handle and name; whoever had the handle before has it no longer (G11).

    An empty name keeps the one that was known.
    """

    person: PersonId
    handle: str | None
    name: str
    language: str | None = None  # as the messenger says it; None: it does not
    can_be_told: bool = False  # they write to us: what could not be told while they had shut us out becomes due
    chat: str | None = None  # the group in which they were seen

    def needs(self, needs: Needs) -> None:
        """The person, who has the handle now, and the wallet: in this batch the handle may come to name it."""
        needs.people.append(self.person)
        needs.owners.append(self.person)
        if handle := self._handle_kept():
            needs.handles.append(handle.lower())

    def apply(self, books: Books) -> Person:
        """Remember them as they are now."""
        language = (self.language or "")[:LANGUAGE_MAX] or None
        self._note_handles(books)
        handle = self._handle_kept()
        known = [books.people.get(self.person), handle and books.by_handle.get(handle.lower())]
        before = {row.id: (row.handle, row.name) for row in known if row}
        books.meet(self.person, handle=handle, name=self.name[:NAME_MAX], language=language)
        for person in sorted({self.person, *before}):
            row = books.people[person]
            if (row.handle, row.name) != before.get(person):
                called(books, row)
        if self.can_be_told:
            unpark(books, self.person)
        if self.chat is not None:
            seen(books, person=self.person, chat=self.chat)
        return books.person_view(self.person)

    def _note_handles(self, books: Books) -> None:
        """Whose a @name was before: the person's own old one, and this one's last holder."""
        handle = self._handle_kept()
        known, holder = books.people.get(self.person), books.by_handle.get((handle or "").lower())
        if known is not None and known.handle is not None and known.handle.lower() != (handle or "").lower():
            handle_left(books, person=known.id, handle=known.handle)
        if holder is not None and handle is not None and holder.id != self.person:
            handle_left(books, person=holder.id, handle=handle)

    def _handle_kept(self) -> str | None:
        return (self.handle or "")[:HANDLE_MAX] or None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWallet:
    """Open the person's wallet, with the welcome credit; a second time gives the same wallet."""

    person: PersonId
    handle: str | None
    name: str
    language: str | None = None

    def needs(self, needs: Needs) -> None:
        """The person and their wallet."""
        Meet(person=self.person, handle=self.handle, name=self.name).needs(needs)
        needs.welcomes = True

    def apply(self, books: Books) -> OpenedWallet:
        """Open it once."""
        Meet(person=self.person, handle=self.handle, name=self.name, language=self.language, can_be_told=True).apply(
            books
        )
        row, is_new = open_wallet(books, self.person)
        return OpenedWallet(books.wallet_view(row), is_new=is_new)


def open_wallet(books: Books, person: str) -> tuple[WalletRow, bool]:
    """The wallet of somebody known, opened with the welcome credit if there is none; it needs `welcomes`."""
    row = books.owned.get(person)
    if row is not None:
        return row, False
    currency = books.rules.currency
    row = books.owned[person] = books.new_wallet(owner=person, kind=WalletKind.PERSON, currency=currency.code)
    if books.rules.welcome_credit_minor and books.closes_at is None:
        books.pay(
            payer=books.issuer(currency.code),
            payee=row,
            amount=books.money(books.rules.welcome_credit_minor),
            key=f"welcome:{row.id}",
            kind=WELCOME,
            memo="",
        )
    return row, True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage:
    """The person wants to be spoken to in this language, whatever the messenger says; None: in the messenger's.

    Raises PersonNotFound.
    """

    person: PersonId
    language: str | None

    def needs(self, needs: Needs) -> None:
        """The person."""
        needs.people.append(self.person)

    def apply(self, books: Books) -> Person:
        """Keep it."""
        row = _known(books.people.get(self.person), self.person)
        row.language_chosen = (self.language or "")[:LANGUAGE_MAX] or None
        books.changes.people[row.id] = row
        return books.person_view(self.person)


# -- questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonById:
    """The person, if they were ever seen."""

    id: PersonId

    async def answer(self, read: Reader) -> Person | None:
        """One row."""
        row = await read.row(_BY_ID, value=self.id)
        return None if row is None else person_of(row)


@dataclass(frozen=True, slots=True)
class PersonByHandle:
    """Who has this handle now, as far as was seen."""

    handle: str

    async def answer(self, read: Reader) -> Person | None:
        """One row."""
        row = await read.row(_BY_HANDLE, value=self.handle.lower())
        return None if row is None else person_of(row)


@dataclass(frozen=True, slots=True)
class PersonByCode:
    """Whose QR this is. Raises PersonNotFound."""

    code: str

    async def answer(self, read: Reader) -> Person:
        """One row."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise PersonNotFound(who=self.code)
        return person_of(row)


@dataclass(frozen=True, slots=True)
class PersonMeant:
    """Who is meant, for what is done to a person and not to a name. Raises PersonNotFound."""

    to: Payee

    async def answer(self, read: Reader) -> Person:
        """One row."""
        match self.to:
            case ToHandle(who):
                found, who = await PersonByHandle(who).answer(read), f"@{who}"
            case ToPersonCode(who):
                return await PersonByCode(who).answer(read)
            case ToPerson(who):
                found = await PersonById(who).answer(read)
            case _:  # whoever asks with a request is no answer to "whom?"
                found, who = None, ""
        if found is None:
            raise PersonNotFound(who=who)
        return found


@dataclass(frozen=True, slots=True)
class WalletOf:
    """The person's wallet. Raises WalletNotFound."""

    person: PersonId

    async def answer(self, read: Reader) -> Wallet:
        """One row, with its owner."""
        return wallet_of_row(await read.row(WALLET, **wallet_asked(self.person, read.rules)), self.person, read.rules)


@dataclass(frozen=True, slots=True)
class WalletCount:
    """How many people have a wallet."""

    async def answer(self, read: Reader) -> int:
        """One number."""
        row = await read.row(_WALLET_COUNT)
        assert row is not None
        return int(row[0])


def wallet_asked(person: PersonId, rules: Rules) -> dict[str, object]:
    """The parameters of `WALLET`."""
    return {"person": person, "currency": rules.currency.code}


def wallet_of_row(row: Row | None, person: PersonId, rules: Rules) -> Wallet:
    """The wallet in a row of `WALLET`; raises WalletNotFound when there is none."""
    if row is None:
        raise WalletNotFound(who=person)
    return wallet_view(WalletRow(*row[PERSON_WIDTH:]), owner=person_of(row[:PERSON_WIDTH]), rules=rules)
