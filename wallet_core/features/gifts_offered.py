"""A gift that is offered to its giver: somebody whom they want to pay has no wallet yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    delete,
    literal_column,
    or_,
    select,
)

from wallet_core.features.gifts import OPEN, Gift, GiftRow, MakeGift, gifts
from wallet_core.features.pins import need_pin
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import KeyReused, NotAllowed, NotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Check, Statement, param
from wallet_core.ledger.values import MICROSECOND, PersonId

KEPT_FOR = timedelta(days=7)  # then nobody presses any more
CLEARED_AT_ONCE = 10  # old ones, whenever one more is offered
OFFERS_MAX = 100  # to one person: the newest

gift_offers = table(
    "gift_offers",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("giver", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("for_handle", Text, nullable=False),
    Column("created_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    CheckConstraint("amount >= 1"),
    Index("gift_offers_created", "created_at"),
    Index("gift_offers_giver", "giver", "created_at"),
)

_oldest = select(gift_offers.c.code).order_by(gift_offers.c.created_at, gift_offers.c.code).limit(CLEARED_AT_ONCE)
_OLD = Statement(delete(gift_offers).where(gift_offers.c.code.in_(_oldest), gift_offers.c.created_at < param("before")))
_newer = gift_offers.alias("newer")
_crowded = (
    select(_newer.c.code)
    .where(_newer.c.giver == param("at"))
    .order_by(_newer.c.created_at.desc(), _newer.c.code)
    .limit(literal_column(str(CLEARED_AT_ONCE)))
    .offset(literal_column(str(OFFERS_MAX)))
)
_CROWDED = Statement(delete(gift_offers).where(gift_offers.c.code.in_(_crowded)))


class OfferNotFound(NotFound):
    """No gift was offered under this code, or long ago."""


class NotYourOffer(NotAllowed):
    """The gift was offered to somebody else."""


@record(gift_offers, by=("code", "key"))
@dataclass(slots=True)
class GiftOfferRow:
    """A gift that somebody can make, as loaded or made."""

    code: str
    key: str
    giver: str
    currency: str
    amount: int
    memo: str
    for_handle: str
    created_at: int

    def follow(self, needs: Needs) -> None:
        """Who may make it, and what making it needs."""
        needs.person(self.giver)
        needs.tally(OPEN, self.giver)


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift of `amount` for whoever has the handle, which its giver can make by its code."""

    code: str
    amount: Money
    for_handle: str
    memo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGift:
    """Remember what somebody wanted to pay to a handle that nobody has: they may give it. Nothing moves.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound.
    """

    giver: PersonId
    amount: Money
    for_handle: str  # without @
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The giver, and whether it was offered before."""
        needs.record(GiftOfferRow, key=self.key)
        needs.person(self.giver)

    def apply(self, books: Books) -> GiftOffer:
        """Offer it once."""
        memo = clean_memo(self.memo)
        if (done := books.find(GiftOfferRow, key=self.key)) is not None:
            was = (done.giver, done.currency, done.amount, done.memo, done.for_handle)
            if was != (self.giver, self.amount.currency.code, self.amount.minor, memo, self.for_handle):
                raise KeyReused(self.key)
            return _offer(done, books)
        books.check_amount(self.amount)
        books.wallet_of(self.giver)
        books.check_open()
        # From here on it must succeed.
        row = GiftOfferRow(
            books.fresh_code(), self.key, self.giver, self.amount.currency.code, self.amount.minor, memo,
            self.for_handle, books.now_us,
        )  # fmt: skip
        books.add(row)
        books.write(_CROWDED, at=self.giver)
        books.write(_OLD, before=books.now_us - KEPT_FOR // MICROSECOND)
        return _offer(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveOffered:
    """The one to whom a gift was offered makes it; pressing again is the same gift.

    Raises OfferNotFound, NotYourOffer, and what MakeGift raises.
    """

    code: str
    giver: PersonId

    def needs(self, needs: Needs) -> None:
        """The offer, and whether it was made."""
        key = _gift_key(self.code)
        needs.keys.append(key)
        needs.record(GiftOfferRow, code=self.code)
        needs.record(GiftRow, key=key)
        need_pin(needs, self.giver)
        needs.wallets_new += 1

    def apply(self, books: Books) -> Gift:
        """Make it once."""
        row = books.find(GiftOfferRow, self.code)
        if row is None:
            raise OfferNotFound
        if row.giver != self.giver:
            raise NotYourOffer
        amount = Money(row.amount, books.currency(row.currency))
        return MakeGift(
            giver=self.giver, amount=amount, key=_gift_key(row.code), for_handle=row.for_handle, memo=row.memo
        ).apply(books)


def _offer(row: GiftOfferRow, books: Books) -> GiftOffer:
    return GiftOffer(row.code, Money(row.amount, books.currency(row.currency)), row.for_handle, row.memo)


def _gift_key(code: str) -> str:
    return f"{code}:gift"


# -- audit -------------------------------------------------------------------------------------------------------------

AUDIT = (
    Check(
        "the gift that was offered as {} was made as another",
        select(gift_offers.c.code)
        .join_from(gift_offers, gifts, gifts.c.key == gift_offers.c.code + ":gift")
        .where(
            or_(
                gifts.c.giver != gift_offers.c.giver,
                gifts.c.amount != gift_offers.c.amount,
                gifts.c.currency != gift_offers.c.currency,
                gifts.c.memo != gift_offers.c.memo,
                gifts.c.for_handle.is_distinct_from(gift_offers.c.for_handle),
            )
        )
        .order_by(gift_offers.c.code),
    ),
)
