"""What only looks at intents: questions, and the audit of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from wallet_core.features.dialogs import IS_WAITING, intents
from wallet_core.features.intents import INTENT, Intent, IntentRow, intent_value
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import IntentNotFound
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Row, Statement, param
from wallet_core.ledger.values import PersonId

OPEN_MAX = 50  # of one person's, that are shown

_payer, _payee = people.alias("payer"), people.alias("payee")
_INTENTS = (
    select(*person_columns(_payer), *person_columns(_payee), *intents.columns)
    .join_from(intents, _payer, _payer.c.id == intents.c.payer)
    .join(_payee, _payee.c.id == intents.c.payee)
)
_BY_CODE = Statement(_INTENTS.where(intents.c.code == param("value")))
_BY_KEY = Statement(_INTENTS.where(intents.c.key == param("value")))
WAITING_OF = Statement(
    _INTENTS.where(intents.c.payer == param("person"), IS_WAITING, intents.c.expires_at > param("now"))
    .order_by(intents.c.code.desc())  # codes grow
    .limit(OPEN_MAX)
)


def intent_of_row(row: Row, read: Reader) -> Intent:
    """The intent with its people in a row of one of these statements."""
    payer, payee = person_of(row[:PERSON_WIDTH]), person_of(row[PERSON_WIDTH : 2 * PERSON_WIDTH])
    intent = IntentRow(*row[2 * PERSON_WIDTH :])
    return intent_value(intent, payer=payer, payee=payee, rules=read.rules, now_us=read.now_us)


@dataclass(frozen=True, slots=True)
class IntentByCode:
    """The intent. Raises IntentNotFound."""

    code: str

    async def answer(self, read: Reader) -> Intent:
        """One row, with its people."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise IntentNotFound(self.code)
        return intent_of_row(row, read)


@dataclass(frozen=True, slots=True)
class IntentByKey:
    """What a wish to pay became: the intent made under its key."""

    key: str

    async def answer(self, read: Reader) -> Intent | None:
        """One row, with its people."""
        row = await read.row(_BY_KEY, value=self.key)
        return None if row is None else intent_of_row(row, read)


@dataclass(frozen=True, slots=True)
class OpenIntents:
    """What waits for the person's amount or press, newest first."""

    person: PersonId

    async def answer(self, read: Reader) -> tuple[Intent, ...]:
        """A row for each, with its people."""
        rows = await read.rows(WAITING_OF, person=self.person)
        return tuple(intent_of_row(row, read) for row in rows)


# -- audit -------------------------------------------------------------------------------------------------------------

_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
AUDIT = (
    Check(
        "intent {} is paid without the transfer that it asks for",
        select(intents.c.code)
        .select_from(
            intents.outerjoin(
                transfers.join(_debit, _debit.c.id == transfers.c.debit).join(
                    _credit, _credit.c.id == transfers.c.credit
                ),
                and_(
                    transfers.c.id == intents.c.transfer,
                    transfers.c.key == intents.c.code,
                    transfers.c.amount == intents.c.amount,
                    transfers.c.memo == intents.c.memo,
                    transfers.c.currency == intents.c.currency,
                    _debit.c.owner == intents.c.payer,
                    _credit.c.owner == intents.c.payee,
                ),
            )
        )
        .where(
            or_(intents.c.state == "paid", intents.c.transfer.is_not(None)),
            or_(
                transfers.c.id.is_(None),
                intents.c.state != "paid",
                func.coalesce(intents.c.request, "") != func.coalesce(transfers.c.subject, ""),
            ),
        )
        .order_by(intents.c.code),
    ),
)

CLEARED = (
    Clearing(
        INTENT,
        intents.c.code,
        over=and_(intents.c.state != "paid", intents.c.expires_at < param("before")),
        kept_for=QUESTIONS_KEPT,
    ),
)
