"""Cards: what somebody may post through the messenger into a chat in which no bot is.

While a text is typed cards are offered, each time others, and nobody may be told which was posted. So a card is a small
row, a few of each person, good for a day. It becomes a request or a gift, once, when somebody presses under it or its
posting is reported, and is named by the codes that those will have: its buttons are the same before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, delete, or_, select

from wallet_core.features import gifts as giving
from wallet_core.features import requests as asking
from wallet_core.features.gifts import (
    Gift,
    GiftNotFound,
    GiftNotOpen,
    GiftRow,
    MakeGift,
    NotYourGift,
    OwnGift,
    check_giving,
)
from wallet_core.features.pins import check_unasked, need_pin
from wallet_core.features.requests import PLACE_MAX, PaymentRequest, RequestRow, new_request
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.errors import LimitExceeded, Refused, RequestNotFound, RequestNotOpen, WalletFrozen
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import Check, Statement, param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId

CARD = "card"
OFFERED_FOR = timedelta(days=1)  # then a card that was never pressed is worth nothing
KEPT_FOR = timedelta(days=7)  # so long a press learns that it is too late, and not that there is no such thing
CARDS_KEPT_MAX = 100  # of one person: a text typed slowly makes some five
CLEARED_AT_ONCE = 10  # old ones, whenever one more is offered

cards = table(
    "cards",
    Column("code", Text, primary_key=True),  # of the request
    Column("give", Text, nullable=False),  # of the gift
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("request", Text, ForeignKey("payment_requests.code", ondelete="CASCADE")),  # what it has become
    Column("gift", Text, ForeignKey("gifts.code")),
    Column("is_kept", WHOLE, nullable=False),  # the maker no longer gives it
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("give"),
    CheckConstraint("amount >= 1"),
    CheckConstraint("request = code"),
    CheckConstraint("gift = give"),
    CheckConstraint("is_kept = 0 OR (is_kept = 1 AND gift IS NULL)"),
    Index("cards_person", "person", "created_at"),
    Index("cards_created", "created_at"),
    partial_index("cards_request", "request", where="request IS NOT NULL"),
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


@dataclass(eq=False)
class GiftNotCovered(Refused):
    """The `giver` of a card cannot give it now; why is nobody else's business."""

    giver: Person


@record(cards, by=("code", "give"), changes=("request", "gift", "is_kept"))
@dataclass(slots=True)
class CardRow:
    """A card as loaded or made."""

    code: str
    give: str
    person: str
    currency: str
    amount: int
    memo: str
    request: str | None
    gift: str | None
    is_kept: int
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Whose it is, and what it has become: loaded once the card is locked, so that it becomes one thing once."""
        needs.person(self.person)
        needs.tally(asking.OPEN, self.person)
        needs.tally(giving.OPEN, self.person)
        needs.record(RequestRow, code=self.code)
        needs.record(GiftRow, code=self.give)
        need_pin(needs, self.person)


@dataclass(frozen=True, slots=True)
class Card:
    """What its maker may post: `ask` and `give` are the codes of the request and of the gift to come.

    `cannot_give` is what would refuse the gift now.
    """

    ask: str
    give: str
    maker: Person
    amount: Money
    memo: str
    cannot_give: Refused | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """Somebody may post that they ask for an amount, or give it. Nothing is asked for or given until they do.

    Raises InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, WalletFrozen, LimitExceeded.
    """

    person: PersonId
    amount: Money
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The person, their wallet, how much they ask and give already."""
        needs.person(self.person)
        needs.tally(asking.OPEN, self.person)
        needs.tally(giving.OPEN, self.person)
        need_pin(needs, self.person)

    def apply(self, books: Books) -> Card:
        """Keep it, and let older ones go."""
        memo = clean_memo(self.memo)
        books.check_amount(self.amount)
        wallet = books.wallet_of(self.person)
        books.check_open()
        if wallet.state != "open":
            raise WalletFrozen(who=books.named(self.person))
        books.check_payable(self.amount)
        if books.count(asking.OPEN, self.person) >= books.rules.requests_open_max:
            raise LimitExceeded("requests_open_max", None)
        cannot_give = None
        try:
            check_giving(books, wallet, self.amount)
            check_unasked(books, wallet, self.amount)
        except Refused as refusal:
            cannot_give = refusal
        # From here on it must succeed.
        row = CardRow(
            code=books.fresh_code(), give=books.fresh_key_code(CardRow), person=self.person,
            currency=self.amount.currency.code, amount=self.amount.minor, memo=memo, request=None, gift=None, is_kept=0,
            created_at=books.now_us,
        )  # fmt: skip
        books.add(row)
        books.write(_CROWDED, at=self.person)
        books.write(_OLD, before=books.now_us - KEPT_FOR // MICROSECOND)
        return Card(
            ask=row.code, give=row.give, maker=books.person_view(self.person), amount=self.amount, memo=memo,
            cannot_give=cannot_give,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRequest:
    """A message shows this request: a card of this code becomes it now, and the place is told what becomes of it.

    A place that shows something already keeps it.
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
            card = books.find(CardRow, self.code)
            if card is None:
                raise RequestNotFound(self.code)
            books.check_open()
            if _is_old(card, books):
                raise RequestNotOpen("expired")
            # From here on it must succeed: how much one person may ask for was checked when the card was offered.
            new_request(
                books, code=card.code, key=_key(card.code), payee=card.person, amount=_amount(card, books),
                memo=card.memo, payers_max=1,
            )  # fmt: skip
            card.request = card.code
            books.changed(card)
        row = asking.request_of(books, self.code)
        subject, is_stale = asking.subject_of(row), row.state != "open" or row.payers > 0
        books.show_first(subject, place=self.place, chat=self.chat, is_stale=is_stale)
        return asking.request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostGift:
    """A message shows this gift: a card of this code becomes it now, and the place is told what becomes of it.

    A place that shows something already keeps it. `presser` is who pressed there; None: its posting was reported.
    Raises GiftNotFound, OwnGift and GiftNotCovered, GiftNotOpen for a card that nobody pressed in time.
    """

    code: str
    place: str
    chat: str
    presser: PersonId | None = None

    def needs(self, needs: Needs) -> None:
        """The card or the gift, and what making one needs."""
        needs.keys.append(_key(self.code))
        needs.wallets_new += 1
        needs.record(CardRow, give=self.code)
        needs.record(GiftRow, code=self.code)

    def apply(self, books: Books) -> Gift:
        """Once; from then on it is a gift like any other."""
        assert len(self.place) <= PLACE_MAX
        if books.find(GiftRow, self.code) is None:
            self._become(books)
        row = giving.gift_of(books, self.code)
        subject, is_stale = giving.subject_of(row), row.claimed > 0 or row.state != "open"
        books.show_first(subject, place=self.place, chat=self.chat, is_stale=is_stale)
        return giving.gift_view(row, books)

    def _become(self, books: Books) -> None:
        card = _gift_card(books, self.code)
        if card.person == self.presser:
            raise OwnGift
        books.check_open()
        if card.is_kept:
            raise GiftNotOpen("returned")
        if _is_old(card, books):
            raise GiftNotOpen("expired")
        try:
            MakeGift(
                giver=PersonId(card.person), amount=_amount(card, books), key=_key(card.give), memo=card.memo,
                code=card.give,
            ).apply(books)  # fmt: skip
        except Refused as refusal:
            raise GiftNotCovered(books.person_view(card.person)) from refusal
        # From here on it must succeed.
        card.gift = card.give
        books.changed(card)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepGift:
    """The maker of a card no longer gives it. False: it is a gift already, which is another matter.

    Raises GiftNotFound, NotYourGift.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The card or the gift."""
        needs.record(CardRow, give=self.code)
        needs.record(GiftRow, code=self.code)

    def apply(self, books: Books) -> bool:
        """Keep the money; twice is the same."""
        if books.find(GiftRow, self.code) is not None:
            return False
        card = _gift_card(books, self.code)
        if card.person != self.person:
            raise NotYourGift
        card.is_kept = 1
        books.changed(card)
        return True


def _gift_card(books: Books, code: str) -> CardRow:
    card = books.find(CardRow, give=code)
    if card is None:
        raise GiftNotFound(code)
    return card


def _is_old(card: CardRow, books: Books) -> bool:
    return books.now_us >= card.created_at + OFFERED_FOR // MICROSECOND


def _amount(card: CardRow, books: Books) -> Money:
    return Money(card.amount, books.currency(card.currency))


def _key(code: str) -> str:
    return f"{code}:card"


# -- audit -------------------------------------------------------------------------------------------------------------

AUDIT = (
    Check(
        "card {} has become another request than it says",
        select(cards.c.code)
        .join_from(cards, asking.requests, asking.requests.c.code == cards.c.code)
        .where(
            or_(
                cards.c.request.is_(None),
                asking.requests.c.payee != cards.c.person,
                asking.requests.c.amount.is_distinct_from(cards.c.amount),
                asking.requests.c.currency != cards.c.currency,
                asking.requests.c.memo != cards.c.memo,
                asking.requests.c.payers_max.is_distinct_from(1),
            ),
        )
        .order_by(cards.c.code),
    ),
    Check(
        "card {} has become another gift than it says",
        select(cards.c.code)
        .join_from(cards, giving.gifts, giving.gifts.c.code == cards.c.give)
        .where(
            or_(
                cards.c.gift.is_(None),
                giving.gifts.c.giver != cards.c.person,
                giving.gifts.c.amount != cards.c.amount,
                giving.gifts.c.currency != cards.c.currency,
                giving.gifts.c.memo != cards.c.memo,
                giving.gifts.c.shares != 1,
                giving.gifts.c.for_handle.is_not(None),
            ),
        )
        .order_by(cards.c.code),
    ),
)

CLEARED = (Clearing(CARD, cards.c.code, over=cards.c.created_at < param("before"), kept_for=KEPT_FOR),)
