"""The loaded part of the books, and the one way to move money in it. Pure: no I/O, no clock of its own.

The store fills a `Books` with what the commands of a batch need, the commands decide on it in their order of arrival,
and the store writes what they changed. A command that refuses leaves the books untouched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from wallet_core import codes
from wallet_core.errors import (
    AmountProblem,
    CurrencyMismatch,
    InsufficientFunds,
    InvalidAmount,
    KeyReused,
    LimitExceeded,
    MemoTooLong,
    PersonNotFound,
    RequestNotFound,
    SameWallet,
    WalletFrozen,
    WalletNotFound,
)
from wallet_core.models import (
    MEMO_MAX,
    Intent,
    OutboxMessage,
    Payment,
    PaymentRequest,
    Person,
    Receipt,
    Rules,
    Telling,
    TransferKind,
    Wallet,
    WalletId,
    WalletKind,
)
from wallet_core.money import AMOUNT_MAX_MINOR, BALANCE_MAX_MINOR, Money, currency
from wallet_core.rows import (
    Changes,
    IntentRow,
    Payee,
    PersonRow,
    RequestRow,
    ToHandle,
    ToPerson,
    ToPersonCode,
    ToRequest,
    WalletRow,
)
from wallet_core.views import intent_view, person_view, request_view, wallet_view

DAY_US = 86_400_000_000
AT_ONCE = 0  # when an outbox message is due: not the time of now, which a clock that is put back would wait for
MICROSECOND = timedelta(microseconds=1)
# Exact texts: sqlite3 adapts the members of an enum one by one, slowly.
PAYMENT, ISSUE, WELCOME = (kind.value for kind in (TransferKind.PAYMENT, TransferKind.ISSUE, TransferKind.WELCOME))
PAID, RECEIVED, REQUEST_PAID = (telling.value for telling in (Telling.PAID, Telling.RECEIVED, Telling.REQUEST_PAID))
TELLINGS = {PAID: 1, RECEIVED: 2, REQUEST_PAID: 3}  # below 8: the last digit, so to say, of a message's id


class Books:
    """What a batch has loaded, the time of the batch, and the changes so far."""

    def __init__(self, *, now_us: int, rules: Rules, entropy: codes.Entropy) -> None:
        self.now_us = now_us
        self.day = now_us // DAY_US
        self.rules = rules
        self.currency = currency
        self.intent_lifetime_us = rules.intent_lifetime // MICROSECOND
        self.request_lifetime_us = rules.request_lifetime // MICROSECOND
        self.entropy = entropy
        self.receipts: dict[str, Receipt] = {}  # transfers by key
        self.requests_paid: dict[int, str | None] = {}  # by the id of the transfer that paid them
        self.wallets: dict[int, WalletRow] = {}
        self.owned: dict[str, WalletRow] = {}  # the wallet of a person in the rules' currency
        self.issuers: dict[str, WalletRow] = {}
        self.people: dict[str, PersonRow] = {}
        self.by_handle: dict[str, PersonRow] = {}
        self.by_code: dict[str, PersonRow] = {}
        self.requests: dict[str, RequestRow] = {}
        self.requests_by_key: dict[str, RequestRow] = {}
        self.requests_open: dict[str, int] = {}
        self.intents: dict[str, IntentRow] = {}
        self.intents_by_key: dict[str, IntentRow] = {}
        self.outbox_due: list[OutboxMessage] = []
        self.transfer_ids: Iterator[int] = iter(())  # what this batch may give to new rows
        self.wallet_ids: Iterator[int] = iter(())
        self.changes = Changes()

    # -- the one way to move money ------------------------------------------------------------------------------

    def move(self, *, debit: WalletRow, credit: WalletRow, amount: Money, key: str, kind: str, memo: str) -> Receipt:
        """Move an amount that has been checked, once; the only function that writes entries.

        A transfer's entries have the ids 2n-1 (debit) and 2n (credit). The credit entry's hash covers the debit
        entry's, so that the receipt code binds both wallets' histories (G12).
        """
        minor, now_us = amount.minor, self.now_us
        assert minor >= 1 and debit is not credit and debit.currency == credit.currency, "checked by the command"
        # From here on it must succeed.
        transfer_id = next(self.transfer_ids)
        entry_id = 2 * transfer_id - 1
        debit_after = debit.balance = debit.balance - minor
        credit_after = credit.balance = credit.balance + minor
        debit_version = debit.version = debit.version + 1
        credit_version = credit.version = credit.version + 1
        debit_id, credit_id = debit.id, credit.id
        wish = wish_text(transfer_id, debit_id, credit_id, minor, debit.currency, kind, now_us, None, key, memo)
        debit_hash, credit_hash = entry_hashes(
            wish, debit.head, debit_version, debit_after, credit.head, credit_version, credit_after
        )
        changes = self.changes
        changes.transfers += (transfer_id, key, debit_id, credit_id, debit.currency, minor, kind, memo, now_us)
        # Bytearrays for the columns: sqlite3 takes them in a third of the time of bytes, which it tries to adapt first.
        debit_head = debit.head = bytearray(debit_hash)
        credit_head = credit.head = bytearray(credit_hash)
        changes.entries += (
            entry_id, debit_id, debit_version, debit.last_entry, -minor, debit_after, transfer_id, debit_head,
            entry_id + 1, credit_id, credit_version, credit.last_entry, minor, credit_after, transfer_id, credit_head,
        )  # fmt: skip
        debit.last_entry, credit.last_entry = entry_id, entry_id + 1
        changes.wallets[debit_id] = debit
        changes.wallets[credit_id] = credit
        receipt = Receipt(transfer_id, key, debit_id, credit_id, amount, kind, memo, now_us, credit_hash)
        self.receipts[key] = receipt
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
        place: str | None = None,
    ) -> Receipt:
        """Move an amount between people after `check_payment`, and leave a message for both (G8)."""
        # From here on it must succeed.
        if payer.floor is not None:
            payer.floor = -self.rules.credit_limit_minor  # the operator may have changed the limit since
            payer.spent = amount.minor + (payer.spent if payer.spent_on == self.day else 0)
            payer.spent_on = self.day
        receipt = self.move(debit=payer, credit=payee, amount=amount, key=key, kind=kind, memo=memo)
        transfer = receipt.transfer_id
        if payer.owner is not None:
            self.tell(payer.owner, PAID, transfer, place)
        if payee.owner is not None:
            self.tell(payee.owner, RECEIVED, transfer)
        return receipt

    def tell(self, recipient: str, telling: str, transfer: int, place: str | None = None) -> None:
        """Leave an outbox message about a transfer, due at once; one of each kind, for its id says both (G8)."""
        message = (8 * transfer + TELLINGS[telling], recipient)
        if place is None:  # most have none, and sqlite3 takes five times as long for None as for a number
            self.changes.outbox += message
        else:
            self.changes.outbox_placed.append((*message, place))

    def tell_request_paid(self, request: RequestRow, *, transfer: int) -> None:
        """Leave an outbox message for the place where the request is shown."""
        self.tell(request.payee, REQUEST_PAID, transfer, request.place)

    def meet(self, person_id: str, *, handle: str | None, name: str, language: str | None) -> None:
        """Remember somebody as they are now, and take the handle from whoever had it; a chosen language stays."""
        row = self.people.get(person_id)
        if row is None:
            row = PersonRow(person_id, None, "", self.fresh_code(), self.now_us)
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
        if language is None or row.language_chosen:
            language = row.language
        if (row.handle, row.name, row.language) != (handle, name, language):
            row.handle, row.name, row.language = handle, name, language
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
        if payer is payee:
            raise SameWallet
        if payer.currency != payee.currency or amount.currency.code != payer.currency:
            raise CurrencyMismatch(expected=payer.currency, given=amount.currency.code)
        for wallet in (payer, payee):
            if wallet.state != "open":
                raise WalletFrozen(who=wallet.owner or wallet.kind)
        minor = amount.minor
        rules = self.rules
        if payer.floor is not None:
            if 0 < rules.transfer_max_minor < minor:
                raise LimitExceeded("transfer_max", Money(rules.transfer_max_minor, amount.currency))
            if rules.daily_max_minor:
                left = max(0, rules.daily_max_minor - (payer.spent if payer.spent_on == self.day else 0))
                if minor > left:
                    raise LimitExceeded("daily_max", Money(left, amount.currency))
        if payee.balance + minor > BALANCE_MAX_MINOR or payer.balance - minor < -BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)
        if payer.floor is not None and payer.balance - minor < -rules.credit_limit_minor:
            available = max(0, payer.balance + rules.credit_limit_minor)
            raise InsufficientFunds(available=Money(available, amount.currency), required=amount)

    def check_receiving(self, payee: WalletRow, amount: Money) -> None:
        """Raises what refuses new money in a wallet: WalletFrozen, LimitExceeded."""
        if payee.state != "open":
            raise WalletFrozen(who=payee.owner or payee.kind)
        issued = -issuer.balance if (issuer := self.issuers.get(payee.currency)) else 0
        if max(payee.balance, issued) + amount.minor > BALANCE_MAX_MINOR:
            raise LimitExceeded("balance_max", None)

    def receipt_of(
        self, key: str, *, debit: int, credit: int, amount: Money, kind: str, memo: str, request: str | None = None
    ) -> Receipt:
        """The receipt of the same wish made earlier under this key; raises KeyReused for another wish (G5)."""
        done = self.receipts[key]
        did = (done.debit, done.credit, done.amount, done.kind, done.memo, self.requests_paid.get(done.transfer_id))
        if did != (debit, credit, amount, kind, memo, request):
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
        row = self.owned.get(person)
        if row is None:
            known = self.people.get(person)
            raise WalletNotFound(who=(known.handle and f"@{known.handle}") or known.name if known else person)
        return row

    def request(self, code: str) -> RequestRow:
        """Raises RequestNotFound."""
        try:
            return self.requests[code]
        except KeyError:
            raise RequestNotFound(code) from None

    def payee(self, to: Payee) -> PersonRow:
        """Who is meant; raises PersonNotFound or RequestNotFound."""
        match to:
            case ToPerson(id):
                found, who = self.people.get(id), str(id)
            case ToHandle(handle):
                found, who = self.by_handle.get(handle.lower()), f"@{handle}"
            case ToPersonCode(code):
                found, who = self.by_code.get(code), code
            case ToRequest(code):
                found, who = self.people[self.request(code).payee], code
        if found is None:
            raise PersonNotFound(who=who)
        return found

    # -- making ----------------------------------------------------------------------------------------------------

    def fresh_code(self) -> str:
        """An unguessable code."""
        return codes.new_code(self.entropy)

    def fresh_key_code(self) -> str:
        """An unguessable code that becomes a key."""
        return codes.new_key_code(self.entropy, now_us=self.now_us)

    def new_wallet(self, *, owner: str | None, kind: WalletKind, currency: str) -> WalletRow:
        """An empty wallet."""
        floor = None if kind in (WalletKind.ISSUER, WalletKind.GATEWAY) else -self.rules.credit_limit_minor
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
        return person_view(self.people[person_id])

    def payment_view(self, receipt: Receipt, *, payer: str | None, payee: str | None) -> Payment:
        """The receipt with its people."""
        return Payment(
            receipt,
            payer=None if payer is None else self.person_view(payer),
            payee=None if payee is None else self.person_view(payee),
        )

    def wallet_view(self, row: WalletRow) -> Wallet:
        """A person's wallet as a frozen value."""
        assert row.owner is not None
        return wallet_view(row, owner=self.person_view(row.owner), rules=self.rules)

    def request_view(self, row: RequestRow) -> PaymentRequest:
        """The payment request as a frozen value."""
        return request_view(row, payee=self.person_view(row.payee), now_us=self.now_us)

    def intent_view(self, row: IntentRow) -> Intent:
        """The intent as a frozen value."""
        return intent_view(
            row,
            payer=self.person_view(row.payer),
            payee=self.person_view(row.payee),
            now_us=self.now_us,
        )


def wish_text(
    transfer_id: int,
    debit: int,
    credit: int,
    amount: int,
    currency: str,
    kind: str,
    created_at: int,
    refunds: int | None,
    key: str,
    memo: str,
) -> str:
    """A transfer as the text that is hashed: the key with its length and the memo last, so no two read alike."""
    return f"{transfer_id}|{debit}|{credit}|{amount}|{currency}|{kind}|{created_at}|{refunds}|{len(key)}|{key}|{memo}"


def entry_hashes(
    wish: str,
    debit_head: bytes | bytearray,
    debit_version: int,
    debit_balance: int,
    credit_head: bytes | bytearray,
    credit_version: int,
    credit_balance: int,
) -> tuple[bytes, bytes]:
    """The hashes of a transfer's two entries, each chained to the last entry of its own wallet.

    The debit entry's covers the whole transfer (`wish_text`), the credit entry's covers the debit entry's. A wallet's
    first entry is chained to its `opening_hash`.
    """
    debit_hash = sha256(debit_head + b"%d|%d|%b" % (debit_version, debit_balance, wish.encode())).digest()
    return debit_hash, sha256(credit_head + debit_hash + b"%d|%d" % (credit_version, credit_balance)).digest()


def clean_memo(text: str) -> str:
    """The memo on one line, without control and direction characters; raises MemoTooLong."""
    if not text:
        return text
    text = " ".join("".join(c for c in text if c.isspace() or _is_plain(c)).split())
    if len(text) > MEMO_MAX:
        raise MemoTooLong(length=len(text), length_max=MEMO_MAX)
    return text


def _is_plain(character: str) -> bool:
    """No control, no direction mark, no lone surrogate; joiners stay, emoji and Indic scripts need them."""
    return character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
