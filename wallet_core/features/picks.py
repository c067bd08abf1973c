""" "Whom?": what somebody said without a name, kept until they have picked a person. One a person, the newest.

What is picked for is a payment, or a request of theirs that is to be put to somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, cast, delete, select

from wallet_core.features.history import HistoryOf
from wallet_core.features.intents import Intent, IntentRow, MakeIntent, intent_view
from wallet_core.features.requests import PaymentRequest, RequestRow, check_request_open, request_of, request_view
from wallet_core.features.requests_put import PutRequest, RequestTaken
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import Conflict, KeyReused, NotFound, NotYourRequest, PersonNotFound
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.schema import WHOLE, partial_index, places, table
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Rules, Subject

PICK = "pick"  # the subject of where the question is shown
NUMBER_BYTES = 4
NUMBER_MAX = 2**31 - 1  # what a messenger's keyboard gives back with the person is a number of 32 bits
LOOKED_BACK_MAX = 200  # entries in which the last people are looked for

picks = table(
    "picks",
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("key", Text, nullable=False),
    Column("number", WHOLE, nullable=False),  # of the question: an older keyboard has another one
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE),
    Column("memo", Text, nullable=False),
    Column("request", Text, ForeignKey("payment_requests.code")),
    Column("state", Text, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    CheckConstraint("amount >= 1"),
    CheckConstraint("number >= 1"),
    CheckConstraint("state IN ('open', 'answered', 'cancelled')"),
    partial_index("picks_request", "request", where="request IS NOT NULL"),
)


class PickNotFound(NotFound):
    """The person was not asked whom they mean, or has been asked anew since."""


@dataclass(eq=False)
class PickNotOpen(Conflict):
    """The question whom somebody means is `answered`, `cancelled` or `expired`."""

    state: str


class PayerUnknown(NotFound):
    """Nobody knows the person to whom a request is to be put: they have to be shown its link."""


class PickState(StrEnum):
    """Of the question; expired is open past its time."""

    OPEN = "open"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@record(
    picks,
    by=("person",),
    changes=("key", "number", "currency", "amount", "memo", "request", "state", "expires_at"),
)
@dataclass(slots=True)
class PickRow:
    """A question whom somebody means, as loaded or made."""

    person: str
    key: str
    number: int
    currency: str
    amount: int | None
    memo: str
    request: str | None
    state: str
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """The person, and the request that is to be put to somebody."""
        needs.person(self.person)
        if self.request is not None:
            needs.record(RequestRow, code=self.request)


@dataclass(frozen=True, slots=True)
class Pick:
    """One question "whom do you mean?"; with a `request`, its code: to whom is it to be put?"""

    number: int
    amount: Money | None
    memo: str
    request: str | None
    state: PickState


def _state(row: PickRow, now_us: int) -> PickState:
    if row.state == "open" and now_us >= row.expires_at:
        return PickState.EXPIRED
    return PickState(row.state)


def _value(row: PickRow, *, rules: Rules, now_us: int) -> Pick:
    amount = None if row.amount is None else Money(row.amount, rules.currency_of(row.currency))
    return Pick(row.number, amount, row.memo, row.request, _state(row, now_us))


def _subject(row: PickRow) -> Subject:
    return Subject(PICK, str(row.number))


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePick:
    """Ask somebody whom they want to pay, or to whom their `request` is to be put; an older such question is over.

    Raises InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, RequestNotFound, NotYourRequest,
    RequestNotOpen, RequestTaken.
    """

    person: PersonId
    key: str
    amount: Money | None = None
    memo: str = ""
    request: str | None = None

    def needs(self, needs: Needs) -> None:
        """The person's last question, and the request."""
        needs.record(PickRow, person=self.person)
        needs.person(self.person)
        if self.request is not None:
            needs.record(RequestRow, code=self.request)

    def apply(self, books: Books) -> Pick:
        """Ask once."""
        row = books.find(PickRow, self.person)
        if row is not None and row.key == self.key:
            return _value(row, rules=books.rules, now_us=books.now_us)
        memo = clean_memo(self.memo)
        if self.amount is not None:
            books.check_amount(self.amount)
        books.wallet_of(self.person)
        if self.request is not None:
            self._check_request(books, self.request)
        # From here on it must succeed.
        new = PickRow(
            person=self.person,
            key=self.key,
            number=1 + int.from_bytes(books.entropy(NUMBER_BYTES)) % NUMBER_MAX,
            currency=books.rules.currency.code,
            amount=None if self.amount is None else self.amount.minor,
            memo=memo,
            request=self.request,
            state="open",
            expires_at=books.now_us + books.rules.intent_lifetime // MICROSECOND,
        )
        if row is None:
            books.add(new)
        else:
            _end(books, row, PickState.CANCELLED)
            for name in PickRow.__slots__:
                setattr(row, name, getattr(new, name))
        return _value(new, rules=books.rules, now_us=books.now_us)

    def _check_request(self, books: Books, code: str) -> None:
        request = request_of(books, code)
        if request.payee != self.person:
            raise NotYourRequest
        check_request_open(request, books)
        if request.payer is not None or request.payers_max != 1:
            raise RequestTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPick:
    """The person has picked somebody: gives the question whether to pay them, or the request as it is put to them.

    `number` names the question, None is the newest. What is refused leaves it open.
    Raises PickNotFound, PickNotOpen, PayerUnknown, and what MakeIntent and PutRequest raise.
    """

    person: PersonId
    to: Payee
    key: str
    number: int | None = None

    def needs(self, needs: Needs) -> None:
        """The question, and what a question whether to pay needs."""
        needs.record(PickRow, person=self.person)
        MakeIntent(payer=self.person, to=self.to, amount=None, key=self.key).needs(needs)

    def apply(self, books: Books) -> Intent | PaymentRequest:
        """Answer it once."""
        done = books.find(IntentRow, key=self.key)
        if done is not None:
            if done.payer != self.person:
                raise KeyReused(self.key)
            return intent_view(done, books)
        row = books.find(PickRow, self.person)
        if row is None or self.number not in (None, row.number):
            raise PickNotFound
        if row.request is not None:
            return self._put(books, row, row.request)
        _check_open(books, row)
        amount = None if row.amount is None else Money(row.amount, books.currency(row.currency))
        made = MakeIntent(payer=self.person, to=self.to, amount=amount, key=self.key, memo=row.memo).apply(books)
        _end(books, row, PickState.ANSWERED)
        return made

    def _put(self, books: Books, row: PickRow, code: str) -> PaymentRequest:
        try:
            payer = self.to.find(books).id
        except PersonNotFound:
            raise PayerUnknown from None
        request = request_of(books, code)
        if row.state == "answered" and request.payer == payer:
            return request_view(request, books)
        _check_open(books, row)
        put = PutRequest(code=code, person=self.person, payer=self.to).apply(books)
        _end(books, row, PickState.ANSWERED)
        return put


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePick:
    """Remember where the question is shown, so that it does not keep dead buttons. Raises PickNotFound."""

    person: PersonId
    number: int
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(PickRow, person=self.person)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        row = books.find(PickRow, self.person)
        if row is None or row.number != self.number:
            raise PickNotFound
        books.show(_subject(row), place=self.place, chat=self.chat, is_stale=row.state != "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPick:
    """The person means nobody any more; gives the question, if one was open."""

    person: PersonId
    number: int | None = None

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(PickRow, person=self.person)

    def apply(self, books: Books) -> Pick | None:
        """Cancel it."""
        row = books.find(PickRow, self.person)
        if row is None or self.number not in (None, row.number) or _state(row, books.now_us) is not PickState.OPEN:
            return None
        _end(books, row, PickState.CANCELLED)
        return _value(row, rules=books.rules, now_us=books.now_us)


def _check_open(books: Books, row: PickRow) -> None:
    state = _state(row, books.now_us)
    if state is not PickState.OPEN:
        raise PickNotOpen(state)


def _end(books: Books, row: PickRow, state: PickState) -> None:
    """It is over; where it is shown it says so."""
    row.state = state.value
    books.changed(row)
    books.shown_changed(_subject(row))


# -- questions ---------------------------------------------------------------------------------------------------------

_BY_PERSON = Statement(select(*picks.columns).where(picks.c.person == param("person")))


@dataclass(frozen=True, slots=True)
class PickOf:
    """What somebody was asked last, whatever has become of it."""

    person: PersonId

    async def answer(self, read: Reader) -> Pick | None:
        """One row."""
        row = await read.row(_BY_PERSON, person=self.person)
        return None if row is None else _value(PickRow(*row), rules=read.rules, now_us=read.now_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPeople:
    """Whom somebody paid or was paid by, the last first. Raises WalletNotFound."""

    person: PersonId
    limit: int

    async def answer(self, read: Reader) -> tuple[Person, ...]:
        """A page of their history."""
        page = await HistoryOf(person=self.person, limit=LOOKED_BACK_MAX).answer(read)
        found: dict[PersonId, Person] = {}
        for line in page.lines:
            for each in (line.payment.payer, line.payment.payee):
                if each is not None and each.id != self.person:
                    found.setdefault(each.id, each)
        return tuple(found.values())[: self.limit]


_over = picks.c.expires_at < param("before")
_numbers = select(cast(picks.c.number, Text)).where(picks.c.person == param("at"), _over)  # what its places say
CLEARED = (
    Clearing(
        PICK,
        picks.c.person,
        over=_over,
        kept_for=QUESTIONS_KEPT,
        parts=(delete(places).where(places.c.kind == PICK, places.c.subject.in_(_numbers)),),
    ),
)
