"""Tips by word and the usual tip: what somebody gives without saying how much, for which they are asked once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, and_, exists

from wallet_core.features.agenda import when_due
from wallet_core.features.intents import wish_of
from wallet_core.features.people import ToPerson
from wallet_core.features.pins import need_pin
from wallet_core.features.tips import (
    TIP,
    TippedRow,
    check_heard,
    check_tip,
    check_tip_max,
    give_tip,
    given_tip,
    need_payee,
    tipped,
    tipped_row,
)
from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import (
    Conflict,
    IntentExpired,
    IntentNotFound,
    KeyReused,
    LimitExceeded,
    NotYourIntent,
    SameWallet,
)
from wallet_core.ledger.money import Money, usual_one
from wallet_core.ledger.records import Tally, record
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, partial_index, table
from wallet_core.ledger.sql import one_of, param
from wallet_core.ledger.values import MICROSECOND, Payment, Person, PersonId, Rules, Subject, moment_of

TIP_QUESTION = "tipask"  # the subject of where somebody is asked for their usual tip

usual_tips = table(
    "usual_tips",
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("amount", WHOLE, nullable=False),
    CheckConstraint("amount >= 1"),
)

tip_questions = table(
    "tip_questions",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),  # who is asked
    Column("tipped", Text, ForeignKey("tipped.spot"), nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("amount", WHOLE),  # that was chosen
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("transfer"),
    CheckConstraint("(amount IS NULL) = (transfer IS NULL)"),
    partial_index("tip_questions_open", "person", "expires_at", where="transfer IS NULL"),
    Index("tip_questions_tipped", "tipped"),
)

OPEN = Tally(
    of=tip_questions.c.person, where=and_(tip_questions.c.transfer.is_(None), tip_questions.c.expires_at > param("now"))
)


class TipAnswered(Conflict):
    """The usual tip was chosen already, and paid, with this question."""


class TipQuestionState(StrEnum):
    """Expired is open past its time."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"


@record(usual_tips, by=("person",), changes=("amount",))
@dataclass(slots=True)
class UsualTipRow:
    """What somebody gives without saying how much."""

    person: str
    amount: int

    def follow(self, needs: Needs) -> None:
        """Nothing."""


@record(
    tip_questions,
    by=("code", "key"),
    changes=("transfer", "amount", "expires_at"),
    among={
        "waiting": and_(
            one_of(tip_questions.c.person),
            tip_questions.c.transfer.is_(None),
            tip_questions.c.expires_at > param("now"),
        )
    },
)
@dataclass(slots=True)
class TipQuestionRow:
    """The question how much somebody's usual tip is, as loaded or made."""

    code: str
    key: str
    wish: str
    person: str
    tipped: str
    transfer: int | None
    amount: int | None
    expires_at: int

    def follow(self, needs: Needs) -> None:
        """Who is asked, how often they are, and the message."""
        needs.tally(OPEN, self.person)
        needs.person(self.person)
        needs.record(TippedRow, spot=self.tipped)


@dataclass(frozen=True, slots=True)
class TipQuestion:
    """One durable question "how much is your usual tip?"; its answer is given to `payee` at once."""

    code: str
    person: Person
    payee: Person
    amount: Money | None  # that was chosen
    state: TipQuestionState
    expires_at: datetime


def tip_amounts(rules: Rules) -> tuple[Money, ...]:
    """What can be chosen as the usual tip: small sums of the currency, within the limits of a tip."""
    one = usual_one(rules.currency)
    sums = [one // 5, one // 2, one, 2 * one, 5 * one]
    limits = [most for most in (rules.tip_max_minor, rules.transfer_max_minor, rules.daily_max_minor) if most]
    offered = [minor for minor in sums if minor >= 1 and (not limits or minor <= min(limits))]
    return tuple(Money(minor, rules.currency) for minor in offered or (limits and [min(limits)]))


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """Tip the author of a message at once; without an amount their usual tip, for which they are asked the first time.

    `spot` in `chat` is below the message: it names it, and there its tips are shown. `ask_at` is where to ask.
    Raises KeyReused, PersonNotFound, and what Transfer raises.
    """

    payer: PersonId
    payee: PersonId
    amount: Money | None
    key: str
    spot: str
    chat: str
    ask_at: str

    def needs(self, needs: Needs) -> None:
        """Both people, what the message got already, the usual tip, and whether it was given or asked before."""
        needs.keys.append(self.key)
        needs.record(TipQuestionRow, key=self.key)
        needs.record(TippedRow, spot=self.spot)
        needs.record(UsualTipRow, person=self.payer)
        needs.tally(OPEN, self.payer)
        needs.person(self.payer)
        need_pin(needs, self.payer)
        need_payee(needs, self.payee)

    def apply(self, books: Books) -> Payment | TipQuestion:
        """Give it once, or ask once."""
        wish = wish_of(self.payer, (self.payee, self.spot), self.amount, "")
        if (asked := books.find(TipQuestionRow, key=self.key)) is not None:
            if asked.wish != wish:
                raise KeyReused(self.key)
            return question_view(asked, books)
        if self.key in books.receipts:
            return given_tip(
                books, key=self.key, payer=self.payer, payee=self.payee, amount=self.amount, spot=self.spot
            )
        if self.amount is not None:
            books.check_amount(self.amount)
        payee = ToPerson(self.payee).find(books).id
        books.wallet_of(self.payer)
        if payee == self.payer:
            raise SameWallet
        books.wallet_of(payee)
        check_heard(books, payer=self.payer, payee=payee)
        row = books.find(TippedRow, self.spot)
        if row is not None and row.payee != payee:
            raise KeyReused(self.spot)
        amount = self.amount
        if amount is None and (usual := books.find(UsualTipRow, self.payer)) is not None:
            amount = books.money(usual.amount)
        if amount is None:
            return self._ask(books, wish)
        check_tip(books, payer=self.payer, payee=payee, amount=amount, key=self.key)
        row = tipped_row(books, spot=self.spot, chat=self.chat, payee=payee)
        return give_tip(books, row, key=self.key, payer=self.payer, payee=payee, amount=amount)

    def _ask(self, books: Books, wish: str) -> TipQuestion:
        books.check_open()
        if books.count(OPEN, self.payer) >= books.rules.intents_open_max:
            raise LimitExceeded("tips_open_max", None)
        # From here on it must succeed.
        row = TipQuestionRow(
            code=books.fresh_key_code(TipQuestionRow),
            key=self.key,
            wish=wish,
            person=self.payer,
            tipped=tipped_row(books, spot=self.spot, chat=self.chat, payee=self.payee).spot,
            transfer=None,
            amount=None,
            expires_at=books.now_us + books.rules.intent_lifetime // MICROSECOND,
        )
        books.add(row)
        books.counted(OPEN, self.payer, 1)
        books.show(Subject(TIP_QUESTION, row.code), place=self.ask_at, chat=self.chat, is_stale=True)
        books.schedule(Subject(TIP_QUESTION, row.code), due_us=row.expires_at)
        return question_view(row, books)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTip:
    """The person asked chooses their usual tip, and gives it; the same press again gives the same receipt.

    Raises IntentNotFound, NotYourIntent, TipAnswered for another amount, IntentExpired, and what Transfer raises.
    """

    code: str
    person: PersonId
    amount: Money

    def needs(self, needs: Needs) -> None:
        """The question, which is followed to the message, and the usual tip that it replaces."""
        needs.keys.append(self.code)
        need_pin(needs, self.person)
        needs.record(UsualTipRow, person=self.person)
        needs.record(TipQuestionRow, code=self.code)

    def apply(self, books: Books) -> Payment:
        """Choose and give once."""
        question = books.find(TipQuestionRow, self.code)
        if question is None:
            raise IntentNotFound(self.code)
        if question.person != self.person:
            raise NotYourIntent
        row = books.find(TippedRow, question.tipped)
        assert row is not None, "a foreign key"
        people = {"payer": question.person, "payee": row.payee}
        if (done := books.receipts.get(question.code)) is not None:
            if done.amount != self.amount:
                raise TipAnswered
            return books.payment_view(done, **people)
        books.check_amount(self.amount)
        if books.now_us >= question.expires_at:
            raise IntentExpired(expired_at=moment_of(question.expires_at))
        check_tip(books, amount=self.amount, key=question.code, **people)
        # From here on it must succeed.
        payment = give_tip(books, row, key=question.code, amount=self.amount, **people)
        _choose(books, self.person, self.amount)
        question.amount, question.transfer = self.amount.minor, payment.receipt.transfer_id
        books.changed(question)
        books.counted(OPEN, self.person, -1)
        books.shown_changed(Subject(TIP_QUESTION, question.code))
        books.unschedule(Subject(TIP_QUESTION, question.code))
        return payment


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTipQuestion:
    """The agenda has come to a question: one that was not answered in time says so. Twice is as once."""

    code: str

    def needs(self, needs: Needs) -> None:
        """The question."""
        needs.record(TipQuestionRow, code=self.code)

    def apply(self, books: Books) -> None:
        """End it; one whose time has not come (the clock was put back) stays in the agenda."""
        row, subject = books.find(TipQuestionRow, self.code), Subject(TIP_QUESTION, self.code)
        if row is not None and row.transfer is None and books.now_us < row.expires_at:
            books.hasten(subject, due_us=row.expires_at)
            return
        books.unschedule(subject)
        books.shown_changed(subject)


when_due(TIP_QUESTION, lambda code: EndTipQuestion(code=code))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTip:
    """What the person gives from now on when they say no amount.

    Raises InvalidAmount, CurrencyMismatch, WalletNotFound, LimitExceeded.
    """

    person: PersonId
    amount: Money

    def needs(self, needs: Needs) -> None:
        """The person, and what it was."""
        needs.person(self.person)
        needs.record(UsualTipRow, person=self.person)

    def apply(self, books: Books) -> Money:
        """Keep it."""
        books.check_amount(self.amount)
        books.wallet_of(self.person)
        check_tip_max(books, self.amount)
        _choose(books, self.person, self.amount)
        return self.amount


def _choose(books: Books, person: PersonId, amount: Money) -> None:
    row = books.find(UsualTipRow, person)
    if row is None:
        books.add(UsualTipRow(person, amount.minor))
    elif row.amount != amount.minor:
        row.amount = amount.minor
        books.changed(row)


def drop_questions(books: Books, person: PersonId) -> list[TipQuestionRow]:
    """Whoever is asked says no to all of them: their time is over now, and nobody was tipped."""
    waiting = [
        row
        for row in books.every(TipQuestionRow)
        if row.person == person and row.transfer is None and books.now_us < row.expires_at
    ]
    for row in waiting:
        row.expires_at = books.now_us
        books.changed(row)
        books.counted(OPEN, person, -1)
        books.shown_changed(Subject(TIP_QUESTION, row.code))
        books.unschedule(Subject(TIP_QUESTION, row.code))
    return waiting


def question_value(row: TipQuestionRow, *, person: Person, payee: Person, rules: Rules, now_us: int) -> TipQuestion:
    """The question as a frozen value."""
    state = TipQuestionState.OPEN if now_us < row.expires_at else TipQuestionState.EXPIRED
    return TipQuestion(
        code=row.code,
        person=person,
        payee=payee,
        amount=None if row.amount is None else Money(row.amount, rules.currency),
        state=state if row.transfer is None else TipQuestionState.PAID,
        expires_at=moment_of(row.expires_at),
    )


def question_view(row: TipQuestionRow, books: Books) -> TipQuestion:
    """The question of a command as a frozen value."""
    tipped = books.find(TippedRow, row.tipped)
    assert tipped is not None, "a foreign key"
    person, payee = books.person_view(row.person), books.person_view(tipped.payee)
    return question_value(row, person=person, payee=payee, rules=books.rules, now_us=books.now_us)


CLEARED = (
    Clearing(
        TIP_QUESTION,
        tip_questions.c.code,
        over=and_(tip_questions.c.transfer.is_(None), tip_questions.c.expires_at < param("before")),
        kept_for=QUESTIONS_KEPT,
    ),
    Clearing(  # a message about which somebody was asked, and which got nothing
        TIP,
        tipped.c.spot,
        over=and_(
            tipped.c.tips == 0,
            tipped.c.created_at < param("before"),
            ~exists().where(tip_questions.c.tipped == tipped.c.spot),
        ),
        kept_for=QUESTIONS_KEPT,
    ),
)
