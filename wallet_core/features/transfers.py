"""Move money from one wallet to another, at once; and look a payment up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal_column, select

from wallet_core.features.acts import ActKind, needs_act, note_act
from wallet_core.features.pins import PinRow, check_pin
from wallet_core.ledger.books import Books
from wallet_core.ledger.codes import read_receipt_code
from wallet_core.ledger.errors import LimitExceeded, NotOperator, TransferNewer, TransferNotFound, WalletNotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PAYMENT_COLUMNS, payment_joins, payment_of
from wallet_core.ledger.rows import Needs, Payee, WalletRow
from wallet_core.ledger.schema import books, transfers
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import Payment, PersonId, Receipt, WalletId, WalletKind

PAYMENT, ISSUE = "payment", "issue"  # kinds of transfers
ESCROW = WalletKind.ESCROW.value
TRANSFER_ID_MAX = 2**62  # twice as many are the entries' ids, which have 64 bits

_PAYMENT = select(*PAYMENT_COLUMNS).select_from(payment_joins())
_BY_KEY = Statement(_PAYMENT.where(transfers.c.key == param("value")))
# Behind the backup that the books were put back from, or else behind the newest transfer, codes may be of lost ones.
_newest = select(func.coalesce(func.max(transfers.c.id), literal_column("0"))).scalar_subquery()
_KNOWN_TO = Statement(select(func.coalesce(books.c.restored_after, _newest)))
_BY_ID = Statement(_PAYMENT.where(transfers.c.id == param("value")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Pay from wallet to wallet; the same key with the same wish gives the same receipt.

    Raises KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, SameWallet, WalletFrozen,
    LimitExceeded, InsufficientFunds.
    """

    payer: WalletId
    payee: WalletId
    amount: Money
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """Both wallets, and whether the key is used."""
        needs.keys.append(self.key)
        needs.wallets += (self.payer, self.payee)
        needs.records[PinRow]["wallet"].append(self.payer)  # as `record` does, in a fifth of its time

    def apply(self, books: Books) -> Receipt:
        """Pay, or give the receipt of the first time."""
        amount = self.amount
        memo = clean_memo(self.memo)
        if self.key in books.receipts:
            return books.receipt_of(
                self.key, debit=self.payer, credit=self.payee, amount=amount, kind=PAYMENT, memo=memo
            )
        payer, payee = books.wallet(self.payer), books.wallet(self.payee)
        if ESCROW in (payer.kind, payee.kind):  # what waits there goes where it belongs (G15)
            raise WalletNotFound(who=str(self.payer if payer.kind == ESCROW else self.payee))
        books.check_amount(amount, payer.currency)
        books.check_payment(payer=payer, payee=payee, amount=amount)
        if payer.owner is not None:
            check_pin(books, payer=payer, payee=payee, amount=amount, key=self.key)
        return books.pay(payer=payer, payee=payee, amount=amount, key=self.key, kind=PAYMENT, memo=memo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An operator puts new money of the community's currency into a person's wallet.

    Raises NotOperator, KeyReused, InvalidAmount, CurrencyMismatch, MemoTooLong, PersonNotFound, WalletNotFound,
    WalletFrozen, LimitExceeded.
    """

    by: PersonId
    to: Payee
    amount: Money
    key: str
    memo: str = ""

    def needs(self, needs: Needs) -> None:
        """The issuer, the payee, and whether the key is used."""
        needs.keys.append(self.key)
        needs.issuers.append(self.amount.currency.code)
        self.to.needs(needs)
        needs_act(needs)

    def apply(self, books: Books) -> Payment:
        """Issue, or give the receipt of the first time."""
        if self.by not in books.rules.operators:
            raise NotOperator
        memo = clean_memo(self.memo)
        is_repeat = self.key in books.receipts
        if not is_repeat:
            books.check_amount(self.amount)
        payee = books.wallet_of(self.to.find(books).id)
        issuer = books.issuers.get(self.amount.currency.code)
        if is_repeat:
            receipt = books.receipt_of(
                self.key,
                debit=issuer.id if issuer else 0,
                credit=payee.id,
                amount=self.amount,
                kind=ISSUE,
                memo=memo,
            )
        else:
            check_issue(books, payee, self.amount)
            receipt = books.pay(
                payer=books.issuer(self.amount.currency.code),
                payee=payee,
                amount=self.amount,
                key=self.key,
                kind=ISSUE,
                memo=memo,
            )
            note_issue(books, receipt, by=self.by, payee=payee)
        return books.payment_view(receipt, payer=None, payee=payee.owner)


def note_issue(books: Books, receipt: Receipt, *, by: str, payee: WalletRow) -> None:
    """An operator has issued it."""
    note_act(
        books, ActKind.ISSUED, by=by, person=payee.owner, amount=receipt.amount, receipt=receipt, note=receipt.memo
    )


def check_issue(books: Books, payee: WalletRow, amount: Money) -> None:
    """Raises what refuses new money from an operator: WalletFrozen, LimitExceeded."""
    books.check_receiving(payee, amount)
    most = books.rules.issue_max_minor
    if 0 < most < amount.minor:
        raise LimitExceeded("issue_max", Money(most, amount.currency))


# -- questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaymentByKey:
    """What became of a wish whose outcome is not known: the payment made under its key."""

    key: str

    async def answer(self, read: Reader) -> Payment | None:
        """One row."""
        row = await read.row(_BY_KEY, value=self.key)
        return None if row is None else payment_of(row, read.rules)


@dataclass(frozen=True, slots=True)
class PaymentByCode:
    """The payment with a receipt code, as typed by a person. Raises TransferNotFound, TransferNewer."""

    code: str

    async def answer(self, read: Reader) -> Payment:
        """One row, found by the id in the code; the rest of the code must fit."""
        known = read_receipt_code(self.code)
        if known is not None and known[1] < TRANSFER_ID_MAX:
            row = await read.row(_BY_ID, value=known[1])
            if row is not None and (payment := payment_of(row, read.rules)).receipt.code == known[0]:
                return payment
            [[after]] = await read.rows(_KNOWN_TO)
            if known[1] > after:
                raise TransferNewer(self.code)
        raise TransferNotFound(self.code)
