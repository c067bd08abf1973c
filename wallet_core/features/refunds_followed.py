"""Who wants to know that a payment was given back: a feature names the kind of its subjects, refunds name none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wallet_core.features.agenda import when_due
from wallet_core.ledger.books import Books, Command
from wallet_core.ledger.loaded import AT_ONCE
from wallet_core.ledger.values import Receipt, Subject

_FOLLOWED: set[str] = set()


def when_refunded(kind: str, command: Callable[[int], Command[Any]]) -> None:
    """What to run once money of a payment about such a subject has gone back, in part or whole, given the payment's id.

    The agenda runs it right after the refund: it is committed with it or not at all. It ends with `refund_seen`.
    """
    when_due(_kind(kind), lambda code: command(int(code)))
    _FOLLOWED.add(kind)


def tell_followers(books: Books, payment: Receipt) -> None:
    """Money of this payment has gone back."""
    if payment.subject is not None and payment.subject.kind in _FOLLOWED:
        entry = _entry(payment.subject.kind, payment.transfer_id)
        books.unschedule(entry)  # of a part that went back just before
        books.schedule(entry, due_us=AT_ONCE)


def refund_seen(books: Books, kind: str, payment: int) -> None:
    """Whoever wanted to know has done what had to be done."""
    books.unschedule(_entry(kind, payment))


def _entry(kind: str, payment: int) -> Subject:
    return Subject(_kind(kind), str(payment))


def _kind(kind: str) -> str:
    return f"refunded_{kind}"
