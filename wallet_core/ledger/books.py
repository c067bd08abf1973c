"""The loaded part of the books, and the one way to move money in it. Pure: no I/O, no clock of its own.

The store fills a `Books` with what the commands of a batch need, the commands decide on it in their order of arrival,
and the store writes what they changed. A command that refuses leaves the books untouched.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from wallet_core.ledger import codes
from wallet_core.ledger.errors import (
    AmountProblem,
    CurrencyMismatch,
    InsufficientFunds,
    InvalidAmount,
    KeyReused,
    LimitExceeded,
    SameWallet,
    WalletFrozen,
    WalletNotFound,
)
from wallet_core.ledger.hashes import entry_hashes, wish_text
from wallet_core.ledger.limits import check_limits
from wallet_core.ledger.loaded import Loaded
from wallet_core.ledger.money import AMOUNT_MAX_MINOR, BALANCE_MAX_MINOR, Money
from wallet_core.ledger.rows import Needs, PersonRow, WalletRow, opening_of, wallet_view
from wallet_core.ledger.values import Payment, Person, PersonId, Receipt, Subject, Wallet, WalletId, WalletKind

Outcome_co = TypeVar("Outcome_co", covariant=True)

PERSON = WalletKind.PERSON.value  # exact texts: sqlite3 adapts the members of an enum one by one, slowly


class Command(Protocol[Outcome_co]):
    """A wish to change the books."""

    def needs(self, needs: Needs) -> None:
        """Add what `apply` wants loaded."""

    def apply(self, books: Books) -> Outcome_co:
        """Decide, and change the loaded books; raises WalletError before it has changed anything."""


class Books(Loaded):
    """What a batch has loaded, the time of the batch, and the changes so far."""

    # -- the one way to move money ------------------------------------------------------------------------------

    def move(
        self,
        *,
        debit: WalletRow,
        credit: WalletRow,
        amount: Money,
        key: str,
        kind: str,
        memo: str,
        refunds: int | None = None,
        subject: Subject | None = None,
    ) -> Receipt:
        """Move an amount that has been checked, once; the only function that writes entries: 2n-1 debit, 2n credit.

        The credit entry's hash covers the debit's, so that the receipt code binds both wallets' histories (G12).
        """
        minor, now_us, changes, rules = amount.minor, self.now_us, self.changes, self.rules
        assert minor >= 1 and debit is not credit and debit.currency == credit.currency, "checked by the command"
        # From here on it must succeed.
        if debit.kind == PERSON and debit.floor != (floor := -rules.credit_limit_minor):
            debit.floor, changes.has_floors = floor, True  # the operator has changed the limit since
        entry_id = 2 * (transfer_id := next(self.transfer_ids)) - 1
        debit_after = debit.balance = debit.balance - minor
        credit_after = credit.balance = credit.balance + minor
        debit_version, credit_version = debit.version, credit.version = debit.version + 1, credit.version + 1
        debit_id, credit_id, code = debit.id, credit.id, debit.currency
        wish = wish_text(transfer_id, debit_id, credit_id, minor, code, kind, now_us, refunds, subject, key, memo)
        debit_head, credit_head = debit.head or opening_of(debit, rules), credit.head or opening_of(credit, rules)
        debit_hash, credit_hash = entry_hashes(
            wish, debit_head, debit_version, debit_after, credit_head, credit_version, credit_after
        )
        row = (transfer_id, key, debit_id, credit_id, code, minor, kind, memo, now_us)
        if refunds is not None:
            changes.transfers_back.append((*row, refunds, *(subject or (None, None))))
        elif subject is not None:
            changes.transfers_about += (*row, *subject)
        else:  # most; and None takes sqlite3 five times as long as a number
            changes.transfers += row
        # Bytearrays for the columns: sqlite3 takes them in a third of the time of bytes, which it tries to adapt first.
        debit_head, credit_head = debit.head, credit.head = bytearray(debit_hash), bytearray(credit_hash)
        changes.entries += (
            entry_id, debit_id, debit_version, debit.last_entry, -minor, debit_after, transfer_id, debit_head,
            entry_id + 1, credit_id, credit_version, credit.last_entry, minor, credit_after, transfer_id, credit_head,
        )  # fmt: skip
        debit.last_entry, credit.last_entry = entry_id, entry_id + 1
        changes.wallets[debit_id], changes.wallets[credit_id] = debit, credit
        receipt = self.receipts[key] = Receipt(
            transfer_id, key, debit_id, credit_id, amount, kind, memo, now_us, credit_hash, refunds, subject
        )
        return receipt

    def pay(
        self,
        *,
        payer: WalletRow,
        payee: WalletRow,
        amount: Money,
        key: str,
        kind: str,
        memo: str,
        subject: Subject | None = None,
        place: str | None = None,
    ) -> Receipt:
        """Move an amount between people after `check_payment`, and leave a message for both (G8)."""
        if payer.kind == PERSON:
            assert key in self.let, "nobody looked whether its owner wants to be asked for a PIN"
            # From here on it must succeed.
            if payer.spent_on >= (day := self.day):  # also when the clock was put back: no new day begins
                payer.spent += amount.minor
            else:
                payer.spent, payer.spent_on = amount.minor, day
        receipt = self.move(debit=payer, credit=payee, amount=amount, key=key, kind=kind, memo=memo, subject=subject)
        self.tell_both(receipt, payer=payer, payee=payee, place=place)
        return receipt

    def tell_both(self, receipt: Receipt, *, payer: WalletRow, payee: WalletRow, place: str | None = None) -> None:
        """Leave an outbox message, due at once, for each person, no escrow's; `place`: the payer's question (G8)."""
        changes, entry_id = self.changes, 2 * receipt.transfer_id  # a message's id is its entry's
        if payer.kind == PERSON:
            if place is None:  # most have none, and sqlite3 takes five times as long for None as for a number
                changes.outbox += (entry_id - 1, payer.owner)
            else:
                changes.outbox_placed.append((entry_id - 1, payer.owner, place))
        if payee.kind == PERSON:
            changes.outbox += (entry_id, payee.owner)

    def meet(self, person_id: PersonId, *, handle: str | None, name: str, language: str | None) -> None:
        """Remember somebody as they are now, and take the handle from whoever had it."""
        row = self.people.get(person_id)
        if row is None:
            row = PersonRow(person_id, None, "", self.fresh_code(), language, None)
            self.people[person_id] = self.by_code[row.code] = row
            self.changes.people_new.append(row)
        if handle is not None:
            holder = self.by_handle.get(handle.lower())
            if holder is not None and holder is not row:
                holder.handle = None
                self.changes.people[holder.id] = holder
            self.by_handle[handle.lower()] = row
        if row.handle is not None and row.handle.lower() != (handle or "").lower():
            self.by_handle.pop(row.handle.lower(), None)
        language = language or row.language_said
        name = name or row.name
        if (row.handle, row.name, row.language_said) != (handle, name, language):
            row.handle, row.name, row.language_said = handle, name, language
            self.changes.people[row.id] = row

    # -- checks, in their one order: input, existence, permission, state, limits, funds -----------------------------

    def check_amount(self, amount: Money, currency: str | None = None) -> None:
        """Raises InvalidAmount or CurrencyMismatch."""
        expected = currency or self.rules.currency.code
        if amount.currency.code != expected:
            raise CurrencyMismatch(expected=expected, given=amount.currency.code)
        if not 1 <= amount.minor <= AMOUNT_MAX_MINOR:
            problem = AmountProblem.TOO_LARGE if amount.minor > 0 else AmountProblem.NEGATIVE
            raise InvalidAmount(AmountProblem.ZERO if amount.minor == 0 else problem, "", amount.currency.decimals)

    def check_payment(self, *, payer: WalletRow, payee: WalletRow, amount: Money) -> None:
        """Raises what refuses a payment of a valid amount between two wallets."""
        if self.closes_at is not None and payer.owner != payee.owner:
            self.check_open()
        self.check_wallets(payer=payer, payee=payee, amount=amount)
        is_limited = self.is_limited or payer.transfer_max is not None or payer.daily_max is not None
        if is_limited and payer.kind == PERSON:
            check_limits(payer, amount, rules=self.rules, day=self.day)
        self.check_funds(payer=payer, payee=payee, amount=amount)

    def check_wallets(self, *, payer: WalletRow, payee: WalletRow, amount: Money) -> None:
        """Raises SameWallet, CurrencyMismatch, WalletFrozen."""
        if payer is payee:
            raise SameWallet
        if payer.currency != payee.currency or amount.currency.code != payer.currency:
            raise CurrencyMismatch(expected=payer.currency, given=amount.currency.code)
        if payer.state != "open" or payee.state != "open":
            frozen = payee if payer.state == "open" else payer
            raise WalletFrozen(who=self.named(frozen.owner or frozen.kind))

    def check_funds(self, *, payer: WalletRow, payee: WalletRow, amount: Money) -> None:
        """Raises LimitExceeded for more than a wallet can hold, and InsufficientFunds."""
        minor = amount.minor
        if payee.balance + minor > BALANCE_MAX_MINOR or payer.balance - minor < -BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)
        if payer.floor is not None:
            credit_minor = self.rules.credit_limit_minor if payer.kind == PERSON else -payer.floor
            if payer.balance - minor < -credit_minor:
                available = max(0, payer.balance + credit_minor)
                raise InsufficientFunds(available=Money(available, amount.currency), required=amount)

    def check_payable(self, amount: Money) -> None:
        """Raises LimitExceeded when no single payment may ever be as much: asking for it would lead nowhere."""
        limits = [most for most in (self.rules.transfer_max_minor, self.rules.daily_max_minor) if most]
        if limits and amount.minor > min(limits):
            raise LimitExceeded("transfer_max", Money(min(limits), amount.currency))

    def check_receiving(self, payee: WalletRow, amount: Money) -> None:
        """Raises what refuses new money in a wallet: Closing, WalletFrozen, LimitExceeded."""
        self.check_open()
        if payee.state != "open":
            raise WalletFrozen(who=self.named(payee.owner or payee.kind))
        issued = -issuer.balance if (issuer := self.issuers.get(payee.currency)) else 0
        if max(payee.balance, issued) + amount.minor > BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)

    def receipt_of(
        self, key: str, *, debit: int, credit: int, amount: Money, kind: str, memo: str, subject: Subject | None = None
    ) -> Receipt:
        """The receipt of the same wish made earlier under this key; raises KeyReused for another wish (G5)."""
        done = self.receipts[key]
        did = (done.debit, done.credit, done.amount, done.kind, done.memo, done.subject)
        if did != (debit, credit, amount, kind, memo, subject):
            raise KeyReused(key)
        return done

    # -- finding ---------------------------------------------------------------------------------------------------

    def wallet(self, wallet_id: int) -> WalletRow:
        """Raises WalletNotFound."""
        try:
            return self.wallets[wallet_id]
        except KeyError:
            raise WalletNotFound(who=str(wallet_id)) from None

    def wallet_of(self, person: str) -> WalletRow:
        """The person's wallet; raises WalletNotFound, which names them as people do."""
        if (row := self.owned.get(person)) is None:
            raise WalletNotFound(who=self.named(person))
        return row

    def named(self, person: str) -> str:
        """As people name them; those who were not loaded by their id."""
        known = self.people.get(person)
        return person if known is None else (f"@{known.handle}" if known.handle else known.name or person)

    # -- making ----------------------------------------------------------------------------------------------------

    def fresh_code(self) -> str:
        """An unguessable code."""
        return codes.new_code(self.entropy)

    def fresh_key_code(self, row: type) -> str:
        """An unguessable code that becomes a key; it sorts behind all of these records if their newest was asked for.

        So it does when the clock was put back, and within one batch.
        """
        time_us = codes.next_time_us(self.newest[row], self.now_us)
        code = self.newest[row] = codes.new_key_code(self.entropy, now_us=time_us)
        return code

    def new_wallet(self, *, owner: str | None, kind: WalletKind, currency: str) -> WalletRow:
        """An empty wallet."""
        floors = {WalletKind.PERSON: -self.rules.credit_limit_minor, WalletKind.ESCROW: 0}
        floor = floors.get(kind)
        wallet_id = WalletId(next(self.wallet_ids))
        row = WalletRow(wallet_id, owner, kind, currency, 0, floor, 0, "open", None, None, 0, 0)
        self.wallets[row.id] = row
        self.changes.wallets_new.append(row)
        return row

    def issuer(self, currency: str) -> WalletRow:
        """The wallet that a currency is issued from, opened when first used."""
        if (row := self.issuers.get(currency)) is None:
            row = self.issuers[currency] = self.new_wallet(owner=None, kind=WalletKind.ISSUER, currency=currency)
        return row

    # -- views: frozen values for the caller --------------------------------------------------------------------------

    def money(self, minor: int) -> Money:
        """An amount in the community's currency."""
        return Money(minor, self.rules.currency)

    def person_view(self, person_id: str) -> Person:
        """The person as a frozen value."""
        row = self.people[person_id]
        return Person(row.id, row.handle, row.name, row.code, row.language_chosen or row.language_said)

    def payment_view(
        self, receipt: Receipt, *, payer: str | None, payee: str | None, refund_of: str | None = None
    ) -> Payment:
        """The receipt with its people."""
        payer_view = None if payer is None else self.person_view(payer)
        payee_view = None if payee is None else self.person_view(payee)
        return Payment(receipt, payer=payer_view, payee=payee_view, refund_of=refund_of)

    def wallet_view(self, row: WalletRow) -> Wallet:
        """A person's wallet as a frozen value."""
        assert row.owner is not None
        return wallet_view(row, owner=self.person_view(row.owner), rules=self.rules)
