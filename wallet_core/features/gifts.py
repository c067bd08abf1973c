"""Gifts: the money waits in an escrow wallet until it is claimed, share by share, or comes back (G15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint

from wallet_core.features.blocks import BlockRow, check_giver
from wallet_core.features.gifts_shares import equal_share, lucky_share
from wallet_core.features.people import Meet, open_wallet
from wallet_core.features.pins import check_pin, need_pin
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import (
    Conflict,
    InvalidInput,
    KeyReused,
    LimitExceeded,
    NotAllowed,
    NotFound,
    Refused,
    SameWallet,
)
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs, WalletRow, escrow_to_be
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Receipt, Subject, WalletKind, moment_of

GIFT = "gift"  # the kind of the transfer into escrow; the subject of all of a gift's, of its places, in the agenda
GIFT_CLAIM, GIFT_SHARE = "gift_claim", "gift_share"  # out of it, to somebody: the whole gift, or one of several shares
GIFT_RETURN = "gift_return"  # what nobody has claimed, back to the giver
SHARES_MAX = 200
PLACE_MAX = 128  # characters

gifts = table(
    "gifts",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("giver", Text, ForeignKey("people.id"), nullable=False),
    Column("escrow", WHOLE, ForeignKey("wallets.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("memo", Text, nullable=False),
    Column("shares", WHOLE, nullable=False),
    Column("is_lucky", WHOLE, nullable=False),
    Column("for_handle", Text),
    Column("claimed", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("returned", WHOLE, ForeignKey("transfers.id")),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("escrow"),
    UniqueConstraint("returned"),
    CheckConstraint("amount >= shares"),
    CheckConstraint("shares >= 1"),
    CheckConstraint("is_lucky IN (0, 1)"),
    CheckConstraint("for_handle IS NULL OR shares = 1"),
    CheckConstraint("claimed BETWEEN 0 AND shares"),
    CheckConstraint("state IN ('open', 'claimed', 'returned', 'expired')"),
    CheckConstraint("(state = 'claimed') = (claimed = shares)"),
    CheckConstraint("(state IN ('returned', 'expired')) = (returned IS NOT NULL)"),
    partial_index("gifts_open", "giver", "created_at", where="state = 'open'"),
)

claims = table(
    "gift_claims",
    Column("key", Text, primary_key=True),  # of its transfer: one for each gift and person (G7)
    Column("gift", Text, ForeignKey("gifts.code"), nullable=False),
    Column("nth", WHOLE, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id"), nullable=False),
    UniqueConstraint("gift", "nth"),  # G7
    UniqueConstraint("transfer"),
    CheckConstraint("nth >= 1"),
    CheckConstraint("amount >= 1"),
)

OPEN = Tally(of=gifts.c.giver, where=gifts.c.state == "open")


@dataclass(eq=False)
class TooManyShares(InvalidInput):
    """A gift has 1 to `shares_max` shares, one that is for one person 1."""

    shares: int
    shares_max: int


@dataclass(eq=False)
class SharesTooSmall(InvalidInput):
    """The amount has not even the smallest part of the currency for each of the shares."""

    amount: Money
    shares: int


@dataclass(eq=False)
class GiftNotFound(NotFound):
    """No gift has this code."""

    code: str


class NotYourGift(NotAllowed):
    """Only the giver takes back what is left."""


class OwnGift(NotAllowed):
    """The giver cannot claim it."""


@dataclass(eq=False)
class GiftForAnother(NotAllowed):
    """It is for whoever has this handle."""

    handle: str


@dataclass(eq=False)
class GiftNotOpen(Conflict):
    """The gift is `claimed`, `returned` (taken back) or `expired`."""

    state: str


class GiftHeld(Refused):
    """The operator has frozen what is left, or the giver's wallet."""


class GiftState(StrEnum):
    """Claimed by as many as it is for, taken back, or come back by itself; until then expired is open past its time."""

    OPEN = "open"
    CLAIMED = "claimed"
    RETURNED = "returned"
    EXPIRED = "expired"


@record(gifts, by=("code", "key"), changes=("claimed", "state", "returned"))
@dataclass(slots=True)
class GiftRow:
    """A gift as loaded or made."""

    code: str
    key: str
    giver: str
    escrow: int
    currency: str
    amount: int
    memo: str
    shares: int
    is_lucky: int
    for_handle: str | None
    claimed: int
    state: str
    returned: int | None
    created_at: int
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The giver, and where the money waits."""
        needs.person(self.giver)
        needs.wallets.append(self.escrow)


@record(claims, by=("key",), among={"of": one_of(claims.c.gift)})
@dataclass(slots=True)
class GiftClaimRow:
    """One share, the nth, that somebody has got."""

    key: str
    gift: str
    nth: int
    person: str
    amount: int
    transfer: int

    def follow(self, needs: Needs) -> None:
        """The transfer to whoever had another account then (moves.py), which its key names."""
        if self.key != _claim_key(self.gift, self.person):
            needs.keys.append(self.key)


@dataclass(frozen=True, slots=True)
class Gift:
    """Who gives how much to how many; `left` waits for the rest of them, `claimed` of the `shares` are taken."""

    code: str
    giver: Person
    amount: Money
    left: Money
    shares: int
    claimed: int
    is_lucky: bool
    for_handle: str | None
    memo: str
    state: GiftState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's share; `is_new`: their wallet was opened for it, `is_repeat`: they have had it before."""

    payment: Payment
    gift: Gift
    is_new: bool
    is_repeat: bool


def gift_state(row: GiftRow, now_us: int) -> GiftState:
    """The stored state, or expired by now."""
    if row.state == GiftState.OPEN and now_us >= row.expires_at:
        return GiftState.EXPIRED
    return GiftState(row.state)


def gift_value(row: GiftRow, *, giver: Person, amount: Money, left_minor: int, now_us: int) -> Gift:
    """The gift as a frozen value."""
    return Gift(
        code=row.code,
        giver=giver,
        amount=amount,
        left=Money(left_minor, amount.currency),
        shares=row.shares,
        claimed=row.claimed,
        is_lucky=bool(row.is_lucky),
        for_handle=row.for_handle,
        memo=row.memo,
        state=gift_state(row, now_us),
        expires_at=moment_of(row.expires_at),
    )


def gift_view(row: GiftRow, books: Books) -> Gift:
    """The gift of a command as a frozen value."""
    amount, left_minor = Money(row.amount, books.currency(row.currency)), books.wallet(row.escrow).balance
    giver = books.person_view(row.giver)
    return gift_value(row, giver=giver, amount=amount, left_minor=left_minor, now_us=books.now_us)


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeGift:
    """Put money aside for as many people as there are shares, or for the one who has a handle.

    Raises KeyReused, MemoTooLong, InvalidAmount, CurrencyMismatch, TooManyShares, SharesTooSmall, WalletNotFound,
    SameWallet, WalletFrozen, LimitExceeded, InsufficientFunds.
    """

    giver: PersonId
    amount: Money
    key: str
    shares: int = 1
    is_lucky: bool = False
    for_handle: str | None = None  # without @
    memo: str = ""
    code: str | None = None  # of what it was before: a card (cards.py)

    def needs(self, needs: Needs) -> None:
        """The giver, whether it was made already, and how many of theirs wait."""
        needs.keys.append(self.key)
        needs.record(GiftRow, key=self.key)
        needs.person(self.giver)
        need_pin(needs, self.giver)
        needs.tally(OPEN, self.giver)
        needs.wallets_new += 1

    def apply(self, books: Books) -> Gift:
        """Make it once."""
        memo = clean_memo(self.memo)
        if (done := books.find(GiftRow, key=self.key)) is not None:
            if not self._made(done, memo, books):
                raise KeyReused(self.key)
            return gift_view(done, books)
        if self.key in books.receipts:
            raise KeyReused(self.key)
        books.check_amount(self.amount)
        self._check_shares()
        payer = books.wallet_of(self.giver)
        if self.for_handle is not None and self.for_handle.lower() == (books.people[self.giver].handle or "").lower():
            raise SameWallet
        check_giving(books, payer, self.amount)
        check_pin(books, payer=payer, payee=escrow_to_be(payer), amount=self.amount, key=self.key)
        code, is_lucky = self.amount.currency.code, int(self.is_lucky and self.shares > 1)
        # From here on it must succeed.
        books.counted(OPEN, self.giver, 1)
        escrow = books.new_wallet(owner=self.giver, kind=WalletKind.ESCROW, currency=code)
        expires_at = books.now_us + books.rules.gift_lifetime // MICROSECOND
        row = GiftRow(
            self.code or books.fresh_key_code(GiftRow), self.key, self.giver, escrow.id, code, self.amount.minor, memo,
            self.shares, is_lucky, self.for_handle, 0, "open", None, books.now_us, expires_at,
        )  # fmt: skip
        books.add(row)
        subject = subject_of(row)
        books.pay(payer=payer, payee=escrow, amount=self.amount, key=self.key, kind=GIFT, memo=memo, subject=subject)
        books.schedule(subject, due_us=expires_at)
        return gift_view(row, books)

    def _made(self, done: GiftRow, memo: str, books: Books) -> bool:
        """Whether this is the wish that was made under the key (G5)."""
        amount, is_lucky = Money(done.amount, books.currency(done.currency)), self.is_lucky and self.shares > 1
        was = (done.giver, amount, done.memo, done.shares, bool(done.is_lucky), done.for_handle)
        return was == (self.giver, self.amount, memo, self.shares, is_lucky, self.for_handle)

    def _check_shares(self) -> None:
        most = SHARES_MAX if self.for_handle is None else 1
        if not 1 <= self.shares <= most:
            raise TooManyShares(self.shares, most)
        if self.shares > self.amount.minor:
            raise SharesTooSmall(self.amount, self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGift:
    """Somebody takes a share, once; their wallet is opened if they have none. A handle is what they have now.

    Raises GiftNotFound, OwnGift, GiftForAnother, GiverBlocked, GiftNotOpen, GiftHeld, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId
    handle: str | None
    name: str
    language: str | None = None

    def needs(self, needs: Needs) -> None:
        """The gift, whether they have a share of it, and what opening a wallet needs."""
        needs.keys.append(_claim_key(self.code, self.person))
        needs.record(GiftRow, code=self.code)
        needs.record(GiftClaimRow, of=self.code)
        needs.record(BlockRow, of=self.person)
        self._meeting().needs(needs)
        needs.welcomes = True

    def apply(self, books: Books) -> Claim:
        """Take it, or give the receipt of the first time."""
        row, key = gift_of(books, self.code), _claim_key(self.code, self.person)
        theirs = [each.key for each in books.every(GiftClaimRow) if (each.gift, each.person) == (row.code, self.person)]
        for had in (key, *theirs):
            if (done := books.receipts.get(had)) is not None:
                return self._claim(row, done, books, is_new=False, is_repeat=True)
        if self.person == row.giver:
            raise OwnGift
        if row.for_handle is not None and row.for_handle.lower() != (self.handle or "").lower():
            raise GiftForAnother(row.for_handle)
        if row.for_handle is not None:
            check_giver(books, self.person, row.giver)
        if (state := gift_state(row, books.now_us)) is not GiftState.OPEN:
            raise GiftNotOpen(state)
        books.check_open()
        escrow = books.wallet(row.escrow)
        if "frozen" in (escrow.state, books.wallet_of(row.giver).state):
            raise GiftHeld
        amount = Money(self._minor(row, escrow, books), books.currency(row.currency))
        if (wallet := books.owned.get(self.person)) is not None:
            books.check_payment(payer=escrow, payee=wallet, amount=amount)
        # From here on it must succeed.
        self._meeting().apply(books)
        wallet, is_new = open_wallet(books, self.person)
        receipt = books.pay(
            payer=escrow, payee=wallet, amount=amount, key=key, kind=GIFT_CLAIM if row.shares == 1 else GIFT_SHARE,
            memo=row.memo, subject=subject_of(row),
        )  # fmt: skip
        row.claimed += 1
        books.add(GiftClaimRow(key, row.code, row.claimed, self.person, amount.minor, receipt.transfer_id))
        if row.claimed == row.shares:
            end_gift(row, GiftState.CLAIMED, books)
            books.tell_payer(receipt, row.giver)  # of the others the giver hears where the gift is shown
        books.changed(row)
        books.shown_changed(subject_of(row))
        return self._claim(row, receipt, books, is_new=is_new, is_repeat=False)

    def _meeting(self) -> Meet:
        return Meet(person=self.person, handle=self.handle, name=self.name, language=self.language)

    def _minor(self, row: GiftRow, escrow: WalletRow, books: Books) -> int:
        """What the next one gets."""
        if row.is_lucky:
            return lucky_share(escrow.balance, row.shares - row.claimed, books.entropy)
        return equal_share(row.amount, row.shares, row.claimed + 1)

    def _claim(self, row: GiftRow, receipt: Receipt, books: Books, *, is_new: bool, is_repeat: bool) -> Claim:
        payment = books.payment_view(receipt, payer=row.giver, payee=self.person)
        return Claim(payment, gift_view(row, books), is_new, is_repeat)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGift:
    """Remember where the gift is shown, so that what becomes of it is told there. Raises GiftNotFound."""

    code: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The gift."""
        needs.record(GiftRow, code=self.code)

    def apply(self, books: Books) -> Gift:
        """Keep the place."""
        assert len(self.place) <= PLACE_MAX
        row = gift_of(books, self.code)
        is_stale = row.claimed > 0 or gift_state(row, books.now_us) is not GiftState.OPEN
        books.show(subject_of(row), place=self.place, chat=self.chat, is_stale=is_stale)
        return gift_view(row, books)


def subject_of(row: GiftRow) -> Subject:
    """The gift as the subject of its transfers, a place, an entry of the agenda."""
    return Subject(GIFT, row.code)


def _claim_key(code: str, person: str) -> str:
    return f"{code}:{person}"


def gift_of(books: Books, code: str) -> GiftRow:
    """Raises GiftNotFound."""
    row = books.find(GiftRow, code)
    if row is None:
        raise GiftNotFound(code)
    return row


def check_giving(books: Books, payer: WalletRow, amount: Money) -> None:
    """Raises what refuses one more gift out of a person's wallet; one that is refused opens no wallet."""
    assert payer.owner is not None
    books.check_open()
    if books.count(OPEN, payer.owner) >= books.rules.gifts_open_max:
        raise LimitExceeded("gifts_open_max", None)
    books.check_payment(payer=payer, payee=escrow_to_be(payer), amount=amount)


def end_gift(row: GiftRow, state: GiftState, books: Books) -> None:
    """Nothing waits any more, nor anything in the agenda; the row is written by the caller."""
    row.state = state.value
    books.counted(OPEN, row.giver, -1)
    books.unschedule(subject_of(row))
