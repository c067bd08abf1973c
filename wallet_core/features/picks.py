"""What somebody is asked one thing at a time: whom, and when they said nothing yet, how much and what for.

One a person, the newest. What is put together is a payment or a request; or a request of theirs that is there already
is put to somebody. The further questions are answered in `picks_guided.py`, looked at in `picks_asked.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, case, cast, delete, select

from wallet_core.features.intents import Intent, IntentRow, MakeIntent, intent_view
from wallet_core.features.requests import (
    PaymentRequest,
    RequestRow,
    ToRequest,
    check_request_open,
    known,
    request_of,
    request_view,
)
from wallet_core.features.requests_put import PutRequest, RequestTaken
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import Conflict, KeyReused, NotFound, NotYourRequest, PersonNotFound, SameWallet
from wallet_core.ledger.hashes import clean_memo
from wallet_core.ledger.money import Money
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, Payee
from wallet_core.ledger.schema import WHOLE, partial_index, places, table
from wallet_core.ledger.sql import param
from wallet_core.ledger.values import MICROSECOND, Person, PersonId, Rules, Subject, moment_of

PICK = "pick"  # the subject of where the question is shown
NUMBER_BYTES = 4
NUMBER_MAX = 2**31 - 1  # what a messenger's keyboard gives back with the person is a number of 32 bits

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
    Column("guide", Text),  # what is put together from answers alone; without one only "whom?" is asked
    Column("step", Text),  # what is asked now
    Column("payee", Text, ForeignKey("people.id")),  # who was picked: to be paid, or to be asked
    Column("answers", Text),  # the keys of the answers so far, so that none counts twice
    CheckConstraint("amount >= 1"),
    CheckConstraint("number >= 1"),
    CheckConstraint("state IN ('open', 'answered', 'cancelled')"),
    CheckConstraint("guide IN ('pay', 'ask')"),
    CheckConstraint("step IN ('whom', 'amount', 'memo')"),
    CheckConstraint("(guide IS NULL) = (step IS NULL)"),
    CheckConstraint("guide <> 'pay' OR step = 'whom' OR payee IS NOT NULL"),
    CheckConstraint("guide <> 'pay' OR step <> 'memo' OR amount IS NOT NULL"),
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


class Guide(StrEnum):
    """What is put together, question by question."""

    PAY = "pay"
    ASK = "ask"


class Step(StrEnum):
    """What is asked, in this order."""

    WHOM = "whom"
    AMOUNT = "amount"
    MEMO = "memo"


@record(
    picks,
    by=("person",),
    changes=(
        *("key", "number", "currency", "amount", "memo", "request", "state", "expires_at"),
        *("guide", "step", "payee", "answers"),
    ),
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
    guide: str | None = None
    step: str | None = None
    payee: str | None = None
    answers: str | None = None

    def follow(self, needs: Needs) -> None:
        """The person, who was picked, and the request that is to be put to somebody."""
        needs.person(self.person)
        if self.payee is not None:
            needs.person(self.payee)
        if self.request is not None:
            needs.record(RequestRow, code=self.request)


@dataclass(frozen=True, slots=True)
class Pick:
    """Whom somebody is asked for; with a `request`, its code, to whom it is to be put; of a `guide` at which `step`.

    Of a guide's answers an amount of None is any, a person of None anybody, once their step is over.
    """

    number: int
    amount: Money | None
    memo: str
    request: str | None
    state: PickState
    asked_until: datetime
    guide: Guide | None = None
    step: Step | None = None
    payee: Person | None = None
    answers: tuple[str, ...] = ()  # their keys

    @property
    def code(self) -> str:
        """What names the question of this step, where it is shown."""
        return question_code(self.number, self.step)


def question_code(number: int, step: str | None) -> str:
    """What names the question of a step, where it is shown."""
    return str(number) if step is None else f"{number}.{step}"


def pick_state(row: PickRow, now_us: int) -> PickState:
    """The stored state, or expired by now."""
    if row.state == "open" and now_us >= row.expires_at:
        return PickState.EXPIRED
    return PickState(row.state)


def pick_value(row: PickRow, *, payee: Person | None, rules: Rules, now_us: int) -> Pick:
    """The question as a frozen value."""
    return Pick(
        number=row.number,
        amount=None if row.amount is None else Money(row.amount, rules.currency_of(row.currency)),
        memo=row.memo,
        request=row.request,
        state=pick_state(row, now_us),
        asked_until=moment_of(row.expires_at),
        guide=None if row.guide is None else Guide(row.guide),
        step=None if row.step is None else Step(row.step),
        payee=payee,
        answers=tuple((row.answers or "").split()),
    )


def pick_view(row: PickRow, books: Books) -> Pick:
    """The question of a command as a frozen value."""
    payee = None if row.payee is None else books.person_view(row.payee)
    return pick_value(row, payee=payee, rules=books.rules, now_us=books.now_us)


def _subject(row: PickRow) -> Subject:
    return Subject(PICK, question_code(row.number, row.step))


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePick:
    """Ask somebody whom they want to pay, or to whom their `request` is to be put; an older such question is over.

    With a `guide` nothing was said yet: how much and what for are asked next.

    Raises InvalidAmount, CurrencyMismatch, MemoTooLong, WalletNotFound, RequestNotFound, NotYourRequest,
    RequestNotOpen, RequestTaken.
    """

    person: PersonId
    key: str
    amount: Money | None = None
    memo: str = ""
    request: str | None = None
    guide: Guide | None = None

    def needs(self, needs: Needs) -> None:
        """The person's last question, and the request."""
        needs.record(PickRow, person=self.person)
        needs.person(self.person)
        if self.request is not None:
            needs.record(RequestRow, code=self.request)

    def apply(self, books: Books) -> Pick:
        """Ask once."""
        assert self.guide is None or (self.amount, self.memo, self.request) == (None, "", None)
        row = books.find(PickRow, self.person)
        if row is not None and row.key == self.key:
            return pick_view(row, books)
        memo = clean_memo(self.memo)
        if self.amount is not None:
            books.check_amount(self.amount)
        books.wallet_of(self.person)
        books.check_open()
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
            guide=None if self.guide is None else self.guide.value,
            step=None if self.guide is None else Step.WHOM.value,
        )
        if row is None:
            books.add(new)
        else:
            end_pick(books, row, PickState.CANCELLED)
            for name in PickRow.__slots__:
                setattr(row, name, getattr(new, name))
        return pick_view(new, books)

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

    Of a guide it gives what is asked next; `to` is None for whoever asks anybody. `number` names the question, None is
    the newest. What is refused leaves it open.
    Raises PickNotFound, PickNotOpen, PayerUnknown, and what MakeIntent and PutRequest raise.
    """

    person: PersonId
    to: Payee | None
    key: str
    number: int | None = None

    def needs(self, needs: Needs) -> None:
        """The question, and what a question whether to pay needs."""
        needs.record(PickRow, person=self.person)
        needs.record(IntentRow, key=self.key)
        if self.to is not None:
            MakeIntent(payer=self.person, to=self.to, amount=None, key=self.key).needs(needs)

    def apply(self, books: Books) -> Intent | PaymentRequest | Pick:
        """Answer it once."""
        done = books.find(IntentRow, key=self.key)
        if done is not None:
            if done.payer != self.person:
                raise KeyReused(self.key)
            return intent_view(done, books)
        row = books.find(PickRow, self.person)
        if row is None or self.number not in (None, row.number) or (self.to is None and row.guide != Guide.ASK):
            raise PickNotFound
        if self.key in (row.answers or "").split():
            return pick_view(row, books)
        if row.request is not None:
            assert self.to is not None
            return self._put(books, row, self.to, row.request)
        check_asked(books, row, None if row.guide is None else Step.WHOM)
        if row.guide == Guide.ASK or (row.guide is not None and not isinstance(self.to, ToRequest)):
            return self._go_on(books, row)
        assert self.to is not None
        amount = None if row.amount is None else Money(row.amount, books.currency(row.currency))
        made = MakeIntent(payer=self.person, to=self.to, amount=amount, key=self.key, memo=row.memo).apply(books)
        row.answers = self.key
        end_pick(books, row, PickState.ANSWERED)
        return made

    def _go_on(self, books: Books, row: PickRow) -> Pick:
        """A guide asks how much next."""
        payee = None
        if self.to is not None:
            payee = known(self.to, books) if row.guide == Guide.ASK else self.to.find(books).id
            if payee is None:
                raise PayerUnknown
            if payee == self.person:
                raise SameWallet
            books.wallet_of(payee)
        row.payee = payee
        ask_next(books, row, Step.AMOUNT, key=self.key)
        return pick_view(row, books)

    def _put(self, books: Books, row: PickRow, to: Payee, code: str) -> PaymentRequest:
        try:
            payer = to.find(books).id
        except PersonNotFound:
            raise PayerUnknown from None
        request = request_of(books, code)
        if row.state == "answered" and request.payer == payer:
            return request_view(request, books)
        check_asked(books, row, None)
        put = PutRequest(code=code, person=self.person, payer=to).apply(books)
        end_pick(books, row, PickState.ANSWERED)
        return put


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePick:
    """Remember where the question is shown, so that it does not keep dead buttons. Raises PickNotFound."""

    person: PersonId
    number: int
    place: str
    chat: str
    step: Step | None = None

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(PickRow, person=self.person)

    def apply(self, books: Books) -> None:
        """Keep the place."""
        row = books.find(PickRow, self.person)
        if row is None or row.number != self.number:
            raise PickNotFound
        is_over = row.state != "open" or row.step != self.step
        subject = Subject(PICK, question_code(row.number, self.step))
        lapses_us = None if is_over else row.expires_at
        books.show(subject, place=self.place, chat=self.chat, is_stale=is_over, lapses_us=lapses_us)


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
        if row is None or self.number not in (None, row.number) or pick_state(row, books.now_us) is not PickState.OPEN:
            return None
        end_pick(books, row, PickState.CANCELLED)
        return pick_view(row, books)


def check_asked(books: Books, row: PickRow, step: Step | None) -> None:
    """Raises Closing, and PickNotOpen when the question is over, or this step of it."""
    books.check_open()
    state = pick_state(row, books.now_us)
    if state is PickState.OPEN and row.step != step:
        state = PickState.ANSWERED
    if state is not PickState.OPEN:
        raise PickNotOpen(state)


def ask_next(books: Books, row: PickRow, step: Step, *, key: str) -> None:
    """The next question, with as much time as the first; where the last one is shown it says what was answered."""
    books.shown_changed(_subject(row))
    row.step = step.value
    row.answers = " ".join(filter(None, (row.answers, key)))
    row.expires_at = books.now_us + books.rules.intent_lifetime // MICROSECOND
    books.changed(row)


def end_pick(books: Books, row: PickRow, state: PickState) -> None:
    """It is over; where it is shown it says so."""
    row.state = state.value
    books.changed(row)
    books.shown_changed(_subject(row))


_over = picks.c.expires_at < param("before")
_number = cast(picks.c.number, Text)
_codes = select(  # what its places say: see `question_code`
    case((picks.c.step.is_(None), _number), else_=_number.concat(".").concat(picks.c.step))
).where(picks.c.person == param("at"), _over)
CLEARED = (
    Clearing(
        PICK,
        picks.c.person,
        over=_over,
        kept_for=QUESTIONS_KEPT,
        parts=(delete(places).where(places.c.kind == PICK, places.c.subject.in_(_codes)),),
    ),
)
