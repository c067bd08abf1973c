"""How a gift ends that is not claimed: the giver takes back what is left, or it comes back when its time has come."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.agenda import when_due
from wallet_core.features.gifts import (
    GIFT,
    GIFT_RETURN,
    GiftNotOpen,
    GiftRow,
    GiftState,
    NotYourGift,
    end_gift,
    gift_of,
    subject_of,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Refused
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import Payment, PersonId, Subject

HELD_US = 3_600_000_000  # until a rest that cannot go back now is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnGift:
    """The giver takes back what is left; twice is the same, also when it has come back by itself.

    Raises GiftNotFound, NotYourGift, GiftNotOpen when all is claimed, WalletFrozen, LimitExceeded.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The gift; it is followed to the wallets."""
        needs.keys.append(_return_key(self.code))
        needs.record(GiftRow, code=self.code)

    def apply(self, books: Books) -> Payment:
        """Give it back once."""
        row = gift_of(books, self.code)
        if row.giver != self.person:
            raise NotYourGift
        if (done := books.receipts.get(_return_key(self.code))) is not None:
            return books.payment_view(done, payer=row.giver, payee=row.giver)
        if row.state != GiftState.OPEN:
            raise GiftNotOpen(row.state)
        return _give_back(row, GiftState.RETURNED, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGift:
    """The agenda has come to a gift: what is left of it goes back. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """What taking it back needs."""
        needs.keys.append(_return_key(self.code))
        needs.record(GiftRow, code=self.code)

    def apply(self, books: Books) -> None:
        """Give back what is over; a gift whose time has not come (the clock was put back) stays in the agenda."""
        row = books.find(GiftRow, self.code)
        if row is None or row.state != GiftState.OPEN:
            books.unschedule(Subject(GIFT, self.code))
        elif books.now_us < row.expires_at:
            books.hasten(subject_of(row), due_us=row.expires_at)
        else:
            try:
                _give_back(row, GiftState.EXPIRED, books)
            except Refused:  # frozen: it waits for the operator
                books.hasten(subject_of(row), due_us=books.now_us + HELD_US)
                books.shown_changed(subject_of(row))


when_due(GIFT, lambda code: EndGift(code=code))


def _return_key(code: str) -> str:
    return f"{code}:back"


def _give_back(row: GiftRow, state: GiftState, books: Books) -> Payment:
    """What is left, to the giver; raises what refuses a payment to them."""
    escrow, wallet = books.wallet(row.escrow), books.wallet_of(row.giver)
    amount = Money(escrow.balance, books.currency(row.currency))
    books.check_payment(payer=escrow, payee=wallet, amount=amount)
    # From here on it must succeed.
    receipt = books.pay(
        payer=escrow, payee=wallet, amount=amount, key=_return_key(row.code), kind=GIFT_RETURN, memo=row.memo,
        subject=subject_of(row),
    )  # fmt: skip
    row.returned = receipt.transfer_id
    end_gift(row, state, books)
    books.changed(row)
    books.shown_changed(subject_of(row))
    return books.payment_view(receipt, payer=row.giver, payee=row.giver)
