"""Questions about gifts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from wallet_core.features.gifts import Gift, GiftNotFound, GiftRow, claims, gift_value, gifts
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId, WalletKind

_GIFTS = (
    select(*person_columns(people), wallets.c.balance, *gifts.columns)
    .join_from(gifts, people, people.c.id == gifts.c.giver)
    .join(wallets, wallets.c.id == gifts.c.escrow)
)
_BY_CODE = Statement(_GIFTS.where(gifts.c.code == param("code")))
OPEN_GIFTS_OF = Statement(
    _GIFTS.where(gifts.c.giver == param("person"), gifts.c.state == "open")
    .order_by(gifts.c.created_at.desc())
    .limit(param("limit"))
)
_SHARES = Statement(
    select(*person_columns(people), claims.c.amount)
    .join_from(claims, people, people.c.id == claims.c.person)
    .where(claims.c.gift == param("code"))
    .order_by(claims.c.nth)
)
_HAS_WALLET = Statement(
    select(wallets.c.id)
    .join_from(wallets, people, people.c.id == wallets.c.owner)
    .where(
        people.c.handle_key == param("handle"),
        wallets.c.currency == param("currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    )
)


@dataclass(frozen=True, slots=True)
class GiftShare:
    """What somebody has got of a gift."""

    person: Person
    amount: Money


def gift_of_row(row: Row, read: Reader) -> Gift:
    """The gift in the columns of a giver, the balance of its escrow wallet, and its own."""
    giver, left, gift = person_of(row[:PERSON_WIDTH]), row[PERSON_WIDTH], GiftRow(*row[PERSON_WIDTH + 1 :])
    amount = Money(gift.amount, read.rules.currency_of(gift.currency))
    return gift_value(gift, giver=giver, amount=amount, left_minor=left, now_us=read.now_us)


@dataclass(frozen=True, slots=True)
class GiftByCode:
    """The gift. Raises GiftNotFound."""

    code: str

    async def answer(self, read: Reader) -> Gift:
        """One row, with its giver and what is left."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise GiftNotFound(self.code)
        return gift_of_row(row, read)


@dataclass(frozen=True, slots=True)
class GiftShown:
    """The gift with all its claimed shares, in their order: what the places say that show it. Raises GiftNotFound."""

    code: str

    async def answer(self, read: Reader) -> tuple[Gift, tuple[GiftShare, ...]]:
        """Both from one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        found, shares = await read.together((_BY_CODE, asked), (_SHARES, asked))
        if not found:
            raise GiftNotFound(self.code)
        gift = gift_of_row(found[0], read)
        unit = gift.amount.currency
        return gift, tuple(GiftShare(person_of(row[:PERSON_WIDTH]), Money(row[PERSON_WIDTH], unit)) for row in shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGifts:
    """The person's gifts of which something is left, newest first."""

    person: PersonId
    limit: int = 10

    async def answer(self, read: Reader) -> tuple[Gift, ...]:
        """A row for each."""
        return tuple(
            gift_of_row(row, read) for row in await read.rows(OPEN_GIFTS_OF, person=self.person, limit=self.limit)
        )


@dataclass(frozen=True, slots=True)
class HasWallet:
    """Whether whoever has this handle now, as far as was seen, can be paid: without a wallet a gift is the way."""

    handle: str

    async def answer(self, read: Reader) -> bool:
        """One row."""
        asked = {"handle": self.handle.lower(), "currency": read.rules.currency.code}
        return await read.row(_HAS_WALLET, **asked) is not None
