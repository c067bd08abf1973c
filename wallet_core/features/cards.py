"""Cards: what somebody may post through the messenger into a chat in which no bot is.

While a text is typed cards are offered, each time others, and nobody may be told which was posted. So a card is a small
row, a few of each person for a day. It becomes a request, once, when somebody presses under it or its posting is
reported, and is named by the code that the request will have: its buttons are the same before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, delete, or_, select

from wallet_core.features.requests import (
    OPEN,
    PLACE_MAX,
    PaymentRequest,
    PlaceRequest,
    RequestRow,
    new_request,
    requests,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import LimitExceeded, RequestNotFound, RequestNotOpen, WalletFrozen
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Check, Statement, param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId

OFFERED_FOR = timedelta(days=1)  # then a card that was never pressed is worth nothing
CARDS_KEPT_MAX = 100  # of one person: a text typed slowly makes some five
CLEARED_AT_ONCE = 10  # old ones of anybody, whenever one more is offered

cards = table(
    "cards",
    Column("code", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("request", Text, ForeignKey("payment_requests.code")),  # what it has become
    Column("created_at", WHOLE, nullable=False),
    CheckConstraint("amount >= 1"),
    CheckConstraint("request = code"),
    Index("cards_person", "person", "created_at"),
    Index("cards_created", "created_at"),
)

_crowded = (
    select(cards.c.code)
    .where(cards.c.person == param("at"))
    .order_by(cards.c.created_at.desc(), cards.c.code)
    .limit(CLEARED_AT_ONCE)
    .offset(CARDS_KEPT_MAX)
)
_CROWDED = Statement(delete(cards).where(cards.c.code.in_(_crowded)))
_oldest = select(cards.c.code).order_by(cards.c.created_at, cards.c.code).limit(CLEARED_AT_ONCE)
_OLD = Statement(delete(cards).where(cards.c.code.in_(_oldest), cards.c.created_at < param("before")))


@record(cards, by=("code",), changes=("request",))
@dataclass(slots=True)
class CardRow:
    """A card as loaded or made."""

    code: str
    person: str
    currency: str
    amount: int
    memo: str
    request: str | None
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Whose it is, and what it has become: loaded once the card is locked, so that it becomes one thing once."""
        needs.person(self.person)
        needs.tally(OPEN, self.person)
        needs.record(RequestRow, code=self.code)


@dataclass(frozen=True, slots=True)
class Card:
    """What its maker may post; `code` is that of the request to come."""

    code: str
    maker: Person
    amount: Money
    memo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """Somebody may post that they ask for an amount. Nothing is asked for until they do.

    Raises InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, WalletFrozen, LimitExceeded.
    """

    person: PersonId
    amount: Money
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The person, their wallet and how much they ask already."""
        needs.person(self.person)
        needs.tally(OPEN, self.person)

    def apply(self, books: Books) -> Card:
        """Keep it for a day, and let older ones go."""
        memo = clean_memo(self.memo)
        books.check_amount(self.amount)
        wallet = books.wallet_of(self.person)
        if wallet.state != "open":
            raise WalletFrozen(who=self.person)
        books.check_payable(self.amount)
        if books.count(OPEN, self.person) >= books.rules.requests_open_max:
            raise LimitExceeded("requests_open_max", None)
        # From here on it must succeed.
        row = CardRow(
            code=books.fresh_code(),
            person=self.person,
            currency=self.amount.currency.code,
            amount=self.amount.minor,
            memo=memo,
            request=None,
            created_at=books.now_us,
        )
        books.add(row)
        books.write(_CROWDED, at=self.person)
        books.write(_OLD, before=books.now_us - OFFERED_FOR // MICROSECOND)
        return Card(code=row.code, maker=books.person_view(self.person), amount=self.amount, memo=memo)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRequest:
    """A message shows this request: a card of this code becomes it now, and the place is told what becomes of it.

    Raises RequestNotFound, RequestNotOpen for a card that nobody pressed in time.
    """

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The card or the request."""
        needs.record(CardRow, code=self.code)
        needs.record(RequestRow, code=self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Once; from then on it is a request like any other."""
        assert len(self.place) <= PLACE_MAX
        if books.find(RequestRow, self.code) is None:
            self._become(books)
        return PlaceRequest(code=self.code, place=self.place, chat=self.chat).apply(books)

    def _become(self, books: Books) -> None:
        card = books.find(CardRow, self.code)
        if card is None:
            raise RequestNotFound(self.code)
        if books.now_us >= card.created_at + OFFERED_FOR // MICROSECOND:
            raise RequestNotOpen("expired")
        # From here on it must succeed: how much one person may ask for was checked when the card was offered.
        amount = Money(card.amount, books.currency(card.currency))
        new_request(
            books, code=card.code, key=f"{card.created_at:x}.card.{card.code}", payee=card.person, amount=amount,
            memo=card.memo, payers_max=1,
        )  # fmt: skip
        card.request = card.code
        books.changed(card)


# -- audit -------------------------------------------------------------------------------------------------------------

AUDIT = (
    Check(
        "card {} has become another request than it says",
        select(cards.c.code)
        .join_from(cards, requests, requests.c.code == cards.c.code, isouter=True)
        .where(
            or_(cards.c.request.is_not(None), requests.c.code.is_not(None)),
            or_(
                cards.c.request.is_(None),
                requests.c.payee != cards.c.person,
                requests.c.amount.is_(None),
                requests.c.amount != cards.c.amount,
                requests.c.currency != cards.c.currency,
                requests.c.memo != cards.c.memo,
                requests.c.payers_max.is_(None),
                requests.c.payers_max != 1,
            ),
        )
        .order_by(cards.c.code),
    ),
)
