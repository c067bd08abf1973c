"""Move money from one wallet to another, at once."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.books import ISSUE, PAYMENT, Books, clean_memo
from wallet_core.errors import NotOperator
from wallet_core.models import Payment, PersonId, Receipt, WalletId
from wallet_core.money import Money
from wallet_core.rows import Needs, Payee


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
        needs.wallets.append(self.payer)
        needs.wallets.append(self.payee)

    def apply(self, books: Books) -> Receipt:
        """Pay, or give the receipt of the first time."""
        amount = self.amount
        memo = clean_memo(self.memo)
        if self.key in books.receipts:
            return books.receipt_of(
                self.key, debit=self.payer, credit=self.payee, amount=amount, kind=PAYMENT, memo=memo
            )
        payer, payee = books.wallet(self.payer), books.wallet(self.payee)
        books.check_amount(amount, payer.currency)
        books.check_payment(payer=payer, payee=payee, amount=amount)
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
        needs.payee(self.to)

    def apply(self, books: Books) -> Payment:
        """Issue, or give the receipt of the first time."""
        if self.by not in books.rules.operators:
            raise NotOperator
        memo = clean_memo(self.memo)
        is_repeat = self.key in books.receipts
        if not is_repeat:
            books.check_amount(self.amount)
        payee = books.wallet_of(books.payee(self.to).id)
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
            books.check_receiving(payee, self.amount)
            receipt = books.pay(
                payer=books.issuer(self.amount.currency.code),
                payee=payee,
                amount=self.amount,
                key=self.key,
                kind=ISSUE,
                memo=memo,
            )
        return books.payment_view(receipt, payer=None, payee=payee.owner)
