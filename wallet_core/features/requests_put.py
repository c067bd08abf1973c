"""A request is put to one person: theirs alone to pay. They are asked in private if they know the asker; may say no.

They are asked through a place: "this request is shown to that person", named before there is a message of it. So
nothing is lost between the commit and the telling, and the message changes as the request does.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, literal_column, or_, select

from wallet_core.features.blocks import blocks_other, is_blocked
from wallet_core.features.requests import (
    Asked,
    NotAskedOfYou,
    PaymentRequest,
    RequestRow,
    RequestState,
    check_request_open,
    close_request,
    request_of,
    request_view,
    requests,
    subject_of,
)
from wallet_core.features.sightings import seen_together
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import Conflict, NotYourRequest, SameWallet
from wallet_core.ledger.records import Tally
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.schema import entries, transfers, wallets
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import PersonId, WalletKind

LOOKED_BACK_MAX = 500  # entries of each of the two: somebody whom both paid or were paid by longer ago has not met them

ASKED_MAX = 10  # requests that one person put to another within a week, all unpaid: then nobody is written to any more
WEEK_US = 7 * 86_400_000_000  # a request is open no longer

# One walk from entry to entry for the wallets of both people of each request, as in the history.
_first = (
    select(
        *(requests.c.code, requests.c.payee, requests.c.payer, entries.c.previous, entries.c.transfer),
        literal_column("1").label("line"),
    )
    .join_from(requests, wallets, or_(wallets.c.owner == requests.c.payee, wallets.c.owner == requests.c.payer))
    .join(entries, entries.c.id == wallets.c.last_entry)
    .where(
        one_of(requests.c.code),
        requests.c.payer.is_not(None),
        wallets.c.kind == WalletKind.PERSON.value,
        wallets.c.currency == requests.c.currency,
    )
    .cte("met", recursive=True)
)
_walk = _first.union_all(
    select(*(_first.c.code, _first.c.payee, _first.c.payer, entries.c.previous, entries.c.transfer), _first.c.line + 1)
    .join_from(_first, entries, entries.c.id == _first.c.previous)
    .where(_first.c.line < literal_column(str(LOOKED_BACK_MAX)))
)
_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_paid = (
    select(_walk.c.code)
    .join_from(_walk, transfers, transfers.c.id == _walk.c.transfer)
    .join(_debit, _debit.c.id == transfers.c.debit)
    .join(_credit, _credit.c.id == transfers.c.credit)
    .where(
        or_(
            and_(_debit.c.owner == _walk.c.payee, _credit.c.owner == _walk.c.payer),
            and_(_debit.c.owner == _walk.c.payer, _credit.c.owner == _walk.c.payee),
        )
    )
)
# Whether the two people of a request have met: in a group, or one has paid the other.
MET = Tally(
    of=requests.c.code,
    where=or_(seen_together(requests.c.payee, requests.c.payer), requests.c.code.in_(_paid)),
)
_others = requests.alias("others")
# How many requests the one person of a request has put to the other of late, of which they were written to and none
# was paid: taking back and asking anew is no way to write to somebody for ever.
ASKED_LATELY = Tally(
    of=requests.c.code,
    where=and_(
        _others.c.payee == requests.c.payee,
        _others.c.payer == requests.c.payer,
        _others.c.asked.is_not(None),
        _others.c.state != "paid",
        _others.c.created_at + literal_column(str(WEEK_US)) > param("now"),
    ),
)

# Whether the one person of a request wants to hear nothing of the other.
SHUT_OUT = Tally(of=requests.c.code, where=is_blocked(requests.c.payer, requests.c.payee))


@dataclass(eq=False)
class RequestTaken(Conflict):
    """The request was paid by somebody, may be paid by many, or is put to somebody else already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRequest:
    """The payee puts a request that anybody could pay to one person; twice is as once. Dialogs of others end soon.

    Raises RequestNotFound, PersonNotFound, SameWallet, NotYourRequest, RequestNotOpen, RequestTaken.
    """

    code: str
    person: PersonId
    payer: Payee

    def needs(self, needs: Needs) -> None:
        """The request and the person."""
        needs.record(RequestRow, code=self.code)
        self.payer.needs(needs)

    def apply(self, books: Books) -> PaymentRequest:
        """Put it to them."""
        row = request_of(books, self.code)
        payer = self.payer.find(books).id
        if payer == row.payee:
            raise SameWallet
        if row.payee != self.person:
            raise NotYourRequest
        if row.payer == payer:
            return request_view(row, books)
        books.check_open()
        check_request_open(row, books)
        if row.payer is not None or row.payers_max != 1:
            raise RequestTaken
        # From here on it must succeed.
        row.payer = payer
        books.changed(row)
        books.shown_changed(subject_of(row))
        books.hasten(subject_of(row))  # the agenda sees to the dialogs of others
        return request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPayer:
    """Whom a request is put to is asked in private, if they have met the payee, who does not ask them all the time.

    Twice is as once.
    The request says whether they are. Raises RequestNotFound.
    """

    code: str

    def needs(self, needs: Needs) -> None:
        """The request, whether its people have met, and how often one has asked the other."""
        needs.record(RequestRow, code=self.code)
        needs.tally(MET, self.code)
        needs.tally(ASKED_LATELY, self.code)
        needs.tally(SHUT_OUT, self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Leave it to be told, at a place that has no message yet."""
        row = request_of(books, self.code)
        if row.payer is not None and row.asked is None and row.state == "open" and _may_ask(books, row, row.payer):
            row.asked = Asked.TOLD.value
            books.changed(row)
            for other in books.every(RequestRow):
                if (other.payee, other.payer) == (row.payee, row.payer):
                    books.counted(ASKED_LATELY, other.code, 1)
            books.shown_changed(subject_of(row))
            books.show(subject_of(row), place=_to_come(row), chat=row.payer, is_stale=True)
        return request_view(row, books)


def _may_ask(books: Books, row: RequestRow, payer: str) -> bool:
    """Strangers are not written to, nor who never came to us, nor who wants to hear nothing of the payee."""
    if books.count(SHUT_OUT, row.code) or blocks_other(books, payer, row.payee):  # said in this batch
        return False
    return payer in books.owned and books.count(MET, row.code) > 0 and books.count(ASKED_LATELY, row.code) < ASKED_MAX


def _to_come(row: RequestRow) -> str:
    """The place before it has a message."""
    return f"{row.payer}/{row.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveUnheard:
    """Whom a request is put to cannot be written to: where it is shown its payee learns so. Raises RequestNotFound."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.record(RequestRow, code=self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Note it, of one that waits for them."""
        row = request_of(books, self.code)
        if row.asked == Asked.TOLD and row.state == "open":
            row.asked = Asked.UNHEARD.value
            books.changed(row)
            books.show_no_longer(_to_come(row))
            books.shown_changed(subject_of(row))
        return request_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRequest:
    """The person whom it is put to says no, and it is over; twice is as once.

    Raises RequestNotFound, NotAskedOfYou, RequestNotOpen.
    """

    code: str
    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The request."""
        needs.record(RequestRow, code=self.code)

    def apply(self, books: Books) -> PaymentRequest:
        """Decline it."""
        row = request_of(books, self.code)
        if row.payer != self.person:
            raise NotAskedOfYou
        if row.asked != Asked.DECLINED:
            check_request_open(row, books)
            row.asked = Asked.DECLINED.value
            close_request(row, RequestState.CANCELLED, books=books)
        return request_view(row, books)
