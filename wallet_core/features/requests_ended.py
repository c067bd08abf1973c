"""What happens to a payment request when its time has come, and to the dialogs that would have paid it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, exists

from wallet_core.features.agenda import when_due
from wallet_core.features.dialogs import WAITING, intents
from wallet_core.features.intents import IntentRow, IntentState, change
from wallet_core.features.picks import picks
from wallet_core.features.requests import REQUEST, RequestRow, RequestState, close_request, requests, subject_of
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import REQUESTS_KEPT, Clearing
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import param
from wallet_core.ledger.values import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRequest:
    """The agenda has come to a request: it has expired, or was closed, and its open dialogs end. Twice is as once.

    Of one that was put to somebody only the dialogs of others end.
    """

    code: str

    def needs(self, needs: Needs) -> None:
        """The request and the dialogs that would pay it."""
        needs.record(RequestRow, code=self.code)
        needs.record(IntentRow, paying=self.code)

    def apply(self, books: Books) -> None:
        """End what is over; a request whose time has not come (the clock was put back) stays in the agenda."""
        request = books.find(RequestRow, self.code)
        if request is not None and request.state == "open":
            if books.now_us < request.expires_at:
                books.hasten(subject_of(request), due_us=request.expires_at)
                if request.payer is not None:
                    self._end_dialogs(books, IntentState.CANCELLED, besides=request.payer)
                return
            close_request(request, RequestState.EXPIRED, books=books)
        books.unschedule(Subject(REQUEST, self.code))
        was_expired = request is not None and request.state == RequestState.EXPIRED
        self._end_dialogs(books, IntentState.EXPIRED if was_expired else IntentState.CANCELLED)

    def _end_dialogs(self, books: Books, state: IntentState, *, besides: str | None = None) -> None:
        for row in books.every(IntentRow):
            if row.request == self.code and row.state in WAITING and row.payer != besides:
                change(books, row, state)


when_due(REQUEST, lambda code: EndRequest(code=code))

CLEARED = (
    Clearing(
        REQUEST,
        requests.c.code,
        over=and_(
            requests.c.state.in_(("cancelled", "expired")),
            requests.c.payers == 0,
            requests.c.expires_at < param("before"),
            ~exists().where(intents.c.request == requests.c.code),  # a question of later: it goes first
            ~exists().where(picks.c.request == requests.c.code),
        ),
        kept_for=REQUESTS_KEPT,
    ),
)
