"""A share of a gift is claimed: one for each person, also with the account that theirs was moved to (moves.py)."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.blocks import BlockRow, check_giver
from wallet_core.features.gifts import (
    GIFT_CLAIM,
    GIFT_SHARE,
    IS_MOVED,
    Claim,
    GiftClaimRow,
    GiftForAnother,
    GiftHeld,
    GiftNotOpen,
    GiftRow,
    GiftState,
    OwnGift,
    claims,
    end_gift,
    gift_of,
    gift_state,
    gift_view,
    subject_of,
)
from wallet_core.features.gifts_shares import equal_share, lucky_share
from wallet_core.features.people import Meet, open_wallet
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Outrun
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import Tally
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.values import PersonId, Receipt

_MOVED = Tally(of=claims.c.gift, where=IS_MOVED)


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
        needs.record(GiftClaimRow, moved=self.code)
        needs.tally(_MOVED, self.code)
        needs.record(BlockRow, of=self.person)
        self._meeting().needs(needs)
        needs.welcomes = True

    def apply(self, books: Books) -> Claim:
        """Take it, or give the receipt of the first time."""
        row, key = gift_of(books, self.code), _claim_key(self.code, self.person)
        if (done := books.receipts.get(key) or self._before(books)) is not None:
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

    def _before(self, books: Books) -> Receipt | None:
        """The receipt of their share, if they have claimed it with the account that they had before."""
        moved = [row for row in books.every(GiftClaimRow) if row.gift == self.code and row.transfer in books.transfers]
        if len(moved) != books.count(_MOVED, self.code):  # they are looked for before the wallets are locked
            raise Outrun
        return next((books.transfers[row.transfer] for row in moved if row.person == self.person), None)

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


def _claim_key(code: str, person: str) -> str:
    return f"{code}:{person}"
