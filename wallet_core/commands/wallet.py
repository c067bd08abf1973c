"""Know people, and open their wallets."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.books import AT_ONCE, WELCOME, Books
from wallet_core.errors import PersonNotFound
from wallet_core.models import HANDLE_MAX, LANGUAGE_MAX, NAME_MAX, OpenedWallet, Person, PersonId, WalletKind
from wallet_core.rows import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Meet:
    """Somebody was seen with this handle and name; whoever had the handle before has it no longer (G11)."""

    person: PersonId
    handle: str | None
    name: str
    language: str | None = None  # what their messenger says; a language that they chose stays
    can_be_told: bool = False  # they write to us: what could not be told while they had shut us out becomes due

    def needs(self, needs: Needs) -> None:
        """The person, who has the handle now, and the wallet: in this batch the handle may come to name it."""
        needs.people.append(self.person)
        needs.owners.append(self.person)
        if handle := self._handle_kept():
            needs.handles.append(handle.lower())

    def apply(self, books: Books) -> Person:
        """Remember them as they are now."""
        language = (self.language or "")[:LANGUAGE_MAX] or None
        books.meet(self.person, handle=self._handle_kept(), name=self.name[:NAME_MAX], language=language)
        if self.can_be_told:
            books.changes.unparked.append((AT_ONCE, self.person))
        return books.person_view(self.person)

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
        row = books.owned.get(self.person)
        if row is not None:
            return OpenedWallet(books.wallet_view(row), is_new=False)
        currency = books.rules.currency
        row = books.new_wallet(owner=self.person, kind=WalletKind.PERSON, currency=currency.code)
        books.owned[self.person] = row
        if books.rules.welcome_credit_minor:
            books.pay(
                payer=books.issuer(currency.code),
                payee=row,
                amount=books.money(books.rules.welcome_credit_minor),
                key=f"welcome:{row.id}",
                kind=WELCOME,
                memo="",
            )
        return OpenedWallet(books.wallet_view(row), is_new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage:
    """From now on the person is spoken to in this language, whatever their messenger says. Raises PersonNotFound."""

    person: PersonId
    language: str

    def needs(self, needs: Needs) -> None:
        """The person."""
        needs.people.append(self.person)

    def apply(self, books: Books) -> Person:
        """Note it."""
        row = books.people.get(self.person)
        if row is None:
            raise PersonNotFound(self.person)
        row.language, row.language_chosen = self.language[:LANGUAGE_MAX], 1
        books.changes.people[row.id] = row
        return books.person_view(self.person)
