"""Questions about tips, and what an audit looks for in them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select

from wallet_core.features.tips import NOTE_TIPS_MAX, TIP, TipNotFound, tip_notes, tipped, tips
from wallet_core.features.tips_usual import TipQuestion, TipQuestionRow, question_value, tip_questions, usual_tips
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.errors import IntentNotFound, TransferNotFound
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import (
    CREDIT,
    PAYMENT_COLUMNS,
    PAYMENT_WIDTH,
    PERSON_WIDTH,
    payment_joins,
    payment_of,
    person_columns,
    person_of,
)
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Statement, param
from wallet_core.ledger.values import Payment, Person, PersonId

NAMED_MAX = 2  # of those who tipped a message; the others are counted

_back = transfers.alias("back")
_back_of = select(func.coalesce(func.sum(_back.c.amount), 0)).where(_back.c.refunds == transfers.c.id).scalar_subquery()
_kept = (
    select(
        tips.c.payer,
        func.min(tips.c.nth).label("first"),
        func.sum(transfers.c.amount - _back_of).label("kept"),
    )
    .join_from(tips, transfers, transfers.c.id == tips.c.transfer)
    .where(tips.c.tipped == param("spot"))
    .group_by(tips.c.payer)
    .subquery()
)
_payee, _asked = people.alias("payee"), people.alias("asked")
_TIPPED = Statement(
    select(tipped.c.amount, tipped.c.code, *person_columns(_payee))
    .join_from(tipped, _payee, _payee.c.id == tipped.c.payee)
    .where(tipped.c.spot == param("spot"))
)
_SUMMED = Statement(select(func.count(), func.coalesce(func.sum(_kept.c.kept), 0)).where(_kept.c.kept > 0))
_FIRST = Statement(
    select(*person_columns(people))
    .join_from(_kept, people, people.c.id == _kept.c.payer)
    .where(_kept.c.kept > 0)
    .order_by(_kept.c.first)
    .limit(NAMED_MAX)
)
_this = tips.alias("this")
_NOTE = Statement(
    select(*PAYMENT_COLUMNS, CREDIT.c.balance_after, tip_notes.c.first, tip_notes.c.place, tip_notes.c.told)
    .select_from(
        payment_joins(
            _this.join(tip_notes, tip_notes.c.first == _this.c.note)
            .join(tips, tips.c.note == _this.c.note)
            .join(transfers, transfers.c.id == tips.c.transfer)
        )
    )
    .where(_this.c.transfer == param("transfer"))
    .order_by(transfers.c.id)
)
_USUAL = Statement(select(usual_tips.c.amount).where(usual_tips.c.person == param("person")))
_QUESTION = Statement(
    select(*person_columns(_asked), *person_columns(_payee), *tip_questions.columns)
    .join_from(tip_questions, _asked, _asked.c.id == tip_questions.c.person)
    .join(tipped, tipped.c.spot == tip_questions.c.tipped)
    .join(_payee, _payee.c.id == tipped.c.payee)
    .where(tip_questions.c.code == param("code"))
)


@dataclass(frozen=True, slots=True)
class TipsGathered:
    """What a message got and kept: of whom, the first ones by name, `payers` in all; `again` is what a press gives."""

    spot: str
    code: str
    payee: Person
    again: Money
    total: Money
    payers: int
    first: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class TipNote:
    """The tips of a minute to one person, oldest first; `told` up to which transfer `place` says them."""

    id: int
    tips: tuple[Payment, ...]
    balance: Money  # of whoever was tipped, right after the last of them
    place: str | None
    told: int | None


@dataclass(frozen=True, slots=True)
class TipsOf:
    """What a message got. Raises TipNotFound."""

    spot: str

    async def answer(self, read: Reader) -> TipsGathered:
        """The message, the sums, the first names: one snapshot."""
        asked: dict[str, object] = {"spot": self.spot}
        found, sums, first = await read.together((_TIPPED, asked), (_SUMMED, asked), (_FIRST, asked))
        if not found or found[0][0] is None:  # it got nothing yet
            raise TipNotFound(self.spot)
        again, code, *payee = found[0]
        payers, total = sums[0]
        unit = read.rules.currency
        return TipsGathered(
            spot=self.spot,
            code=code,
            payee=person_of(payee),
            again=Money(again, unit),
            total=Money(int(total), unit),
            payers=int(payers),
            first=tuple(map(person_of, first)),
        )


@dataclass(frozen=True, slots=True)
class TipNoteOf:
    """The note that tells the tip of this transfer. Raises TransferNotFound."""

    transfer: int

    async def answer(self, read: Reader) -> TipNote:
        """A row for each of its tips."""
        rows = await read.rows(_NOTE, transfer=self.transfer)
        if not rows:
            raise TransferNotFound(str(self.transfer))
        balance, first, place, told = rows[-1][PAYMENT_WIDTH:]
        payments = tuple(payment_of(row, read.rules) for row in rows)
        return TipNote(first, payments, Money(balance, payments[-1].receipt.amount.currency), place, told)


@dataclass(frozen=True, slots=True)
class UsualTipOf:
    """What the person gives without saying how much; None before they have chosen it."""

    person: PersonId

    async def answer(self, read: Reader) -> Money | None:
        """One row."""
        row = await read.row(_USUAL, person=self.person)
        return None if row is None else Money(row[0], read.rules.currency)


@dataclass(frozen=True, slots=True)
class TipQuestionByCode:
    """The question how much somebody's usual tip is. Raises IntentNotFound."""

    code: str

    async def answer(self, read: Reader) -> TipQuestion:
        """One row, with both people."""
        row = await read.row(_QUESTION, code=self.code)
        if row is None:
            raise IntentNotFound(self.code)
        return question_value(
            TipQuestionRow(*row[2 * PERSON_WIDTH :]),
            person=person_of(row[:PERSON_WIDTH]),
            payee=person_of(row[PERSON_WIDTH : 2 * PERSON_WIDTH]),
            rules=read.rules,
            now_us=read.now_us,
        )


# -- audit -------------------------------------------------------------------------------------------------------------

_counted = (
    select(
        tips.c.tipped,
        func.count().label("n"),
        func.min(tips.c.nth).label("first"),
        func.max(tips.c.nth).label("last"),
    )
    .group_by(tips.c.tipped)
    .subquery()
)
_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_before = tips.alias("before")
_newer = tip_notes.alias("newer")
_noted = (
    select(tips.c.note, func.count().label("n"), func.min(tips.c.transfer).label("first")).group_by(tips.c.note)
).subquery()
AUDIT = (
    Check(
        "tipped message {} does not have as many tips as it counts",
        select(tipped.c.spot)
        .outerjoin_from(tipped, _counted, _counted.c.tipped == tipped.c.spot)
        .where(
            or_(
                tipped.c.tips != func.coalesce(_counted.c.n, 0),
                tipped.c.tips != func.coalesce(_counted.c.last, 0),
                _counted.c.first != 1,
            )
        )
        .order_by(tipped.c.spot),
    ),
    Check(
        "transfer {} is not the tip that it is noted for",
        select(tips.c.transfer)
        .select_from(
            tips.outerjoin(
                tipped.join(
                    transfers,
                    and_(
                        transfers.c.subject == tipped.c.spot,
                        transfers.c.subject_kind == TIP,
                        transfers.c.kind == PAYMENT,
                    ),
                )
                .join(_debit, _debit.c.id == transfers.c.debit)
                .join(_credit, and_(_credit.c.id == transfers.c.credit, _credit.c.owner == tipped.c.payee))
                .join(tip_notes, tip_notes.c.payee == tipped.c.payee),
                and_(
                    tipped.c.spot == tips.c.tipped,
                    transfers.c.id == tips.c.transfer,
                    _debit.c.owner == tips.c.payer,
                    tip_notes.c.first == tips.c.note,
                ),
            ).outerjoin(_before, and_(_before.c.tipped == tips.c.tipped, _before.c.nth == tips.c.nth - 1))
        )
        .where(
            or_(
                tipped.c.spot.is_(None),
                _before.c.transfer > tips.c.transfer,
                # A note tells all tips to its payee, one after the other, until the next one begins.
                exists().where(
                    _newer.c.payee == tip_notes.c.payee,
                    _newer.c.first > tips.c.note,
                    _newer.c.first <= tips.c.transfer,
                ),
            )
        )
        .order_by(tips.c.transfer),
    ),
    Check(
        "transfer {} says that it is a tip, which is not noted",
        select(transfers.c.id)
        .outerjoin_from(transfers, tips, tips.c.transfer == transfers.c.id)
        .where(transfers.c.subject_kind == TIP, tips.c.transfer.is_(None))
        .order_by(transfers.c.id),
    ),
    Check(
        "note {} of tips does not tell as many tips as it counts",
        select(tip_notes.c.first)
        .outerjoin_from(tip_notes, _noted, _noted.c.note == tip_notes.c.first)
        .where(
            or_(
                _noted.c.n.is_(None),
                tip_notes.c.tips != _noted.c.n,
                tip_notes.c.first != _noted.c.first,
                tip_notes.c.tips > NOTE_TIPS_MAX,
            )
        )
        .order_by(tip_notes.c.first),
    ),
    Check(
        "the usual tip {} was not given as it was chosen",
        select(tip_questions.c.code)
        .outerjoin_from(
            tip_questions,
            transfers.join(tipped, and_(tipped.c.spot == transfers.c.subject, transfers.c.subject_kind == TIP)),
            and_(
                transfers.c.id == tip_questions.c.transfer,
                transfers.c.key == tip_questions.c.code,
                transfers.c.amount == tip_questions.c.amount,
                tipped.c.spot == tip_questions.c.tipped,
            ),
        )
        .where(tip_questions.c.transfer.is_not(None), transfers.c.id.is_(None))
        .order_by(tip_questions.c.code),
    ),
)
