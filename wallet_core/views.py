"""From rows to the frozen values that callers get. Pure."""

from __future__ import annotations

from wallet_core.models import (
    Intent,
    IntentState,
    PaymentRequest,
    Person,
    PersonId,
    RequestState,
    Rules,
    Wallet,
    WalletState,
    moment_of,
)
from wallet_core.money import Money, currency
from wallet_core.rows import IntentRow, PersonRow, RequestRow, WalletRow


def person_view(row: PersonRow) -> Person:
    """The person as a frozen value."""
    return Person(PersonId(row.id), row.handle, row.name, row.code, row.language)


def wallet_view(row: WalletRow, *, owner: Person, rules: Rules) -> Wallet:
    """A person's wallet as a frozen value."""
    return Wallet(
        id=row.id,
        owner=owner,
        balance=Money(row.balance, currency(row.currency)),
        available=Money(max(0, row.balance + rules.credit_limit_minor), rules.currency),
        state=WalletState(row.state),
        version=row.version,
    )


def request_state(row: RequestRow, now_us: int) -> RequestState:
    """Open, paid, cancelled, or expired by now."""
    if row.state == "open" and now_us >= row.expires_at:
        return RequestState.EXPIRED
    return RequestState(row.state)


def intent_state(row: IntentRow, now_us: int) -> IntentState:
    """The stored state, or expired by now."""
    if row.state in ("open", "asking") and now_us >= row.expires_at:
        return IntentState.EXPIRED
    return IntentState(row.state)


def request_view(row: RequestRow, *, payee: Person, now_us: int) -> PaymentRequest:
    """The payment request as a frozen value."""
    return PaymentRequest(
        code=row.code,
        payee=payee,
        amount=None if row.amount is None else Money(row.amount, currency(row.currency)),
        memo=row.memo,
        payers_max=row.payers_max,
        payers=row.payers,
        state=request_state(row, now_us),
        expires_at=moment_of(row.expires_at),
        place=row.place,
    )


def intent_view(row: IntentRow, *, payer: Person, payee: Person, now_us: int) -> Intent:
    """The intent as a frozen value."""
    return Intent(
        code=row.code,
        payer=payer,
        payee=payee,
        amount=None if row.amount is None else Money(row.amount, currency(row.currency)),
        memo=row.memo,
        request=row.request,
        state=intent_state(row, now_us),
        expires_at=moment_of(row.expires_at),
    )
