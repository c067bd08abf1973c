"""What an audit asks of operators' records: each has the act of whoever is named in it, and such acts their records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select

from wallet_core.features.acts import ActKind, acts
from wallet_core.features.agenda import unattended
from wallet_core.features.announcements import announcements
from wallet_core.features.issue_lists import issue_lists
from wallet_core.features.moves import ASKED_FOR, MOVE, NOTICE, moves
from wallet_core.features.pin_resets import RESET_AFTER, pin_resets
from wallet_core.ledger.schema import books, wallets
from wallet_core.ledger.sql import Check
from wallet_core.ledger.values import MICROSECOND

Condition = ColumnElement[bool]


def _acted(kind: ColumnElement[str] | ActKind, operator: Any, *more: Condition) -> Condition:
    return and_(acts.c.kind == kind, acts.c.operator == operator, *more)


def _us(span: timedelta) -> ColumnElement[int]:
    return literal_column(str(span // MICROSECOND))


_asked = _acted(
    ActKind.MOVE_ASKED, moves.c.asked_by, acts.c.person == moves.c.old, acts.c.created_at == moves.c.created_at
)
_agreed_at = acts.c.created_at == moves.c.due_at - _us(NOTICE)
_agreed = _acted(ActKind.MOVE_AGREED, moves.c.agreed_by, acts.c.person == moves.c.old, _agreed_at)
_stopped = _acted(ActKind.MOVE_STOPPED, moves.c.stopped_by, acts.c.person == moves.c.old)
_later, _wallet, _other = moves.alias("later"), wallets.alias("moved"), wallets.alias("other_wallet")


def _moved_on(wallet: Any) -> Condition:
    """Whether a move behind this one has changed whose it is."""
    named = or_(_later.c.wallet == wallet, _later.c.other == wallet)
    return exists().where(_later.c.state == "done", _later.c.code > moves.c.code, named)


_is_told = announcements.c.state.in_(["telling", "told", "stopped"])
_kinds = {"text": ActKind.ANNOUNCED.value, "close": ActKind.CLOSED.value, "open": ActKind.OPENED.value}
_kind = case(_kinds, value=announcements.c.kind)
_announced = and_(
    _is_told,
    _acted(_kind, announcements.c.operator, or_(announcements.c.kind != "text", acts.c.note == announcements.c.text)),
)
_hushed = and_(
    announcements.c.state == "stopped",
    acts.c.kind == ActKind.ANNOUNCEMENT_STOPPED.value,
    acts.c.note == announcements.c.text,
)
_listed = and_(
    issue_lists.c.state == "issued",
    _acted(ActKind.ISSUED_TO_MANY, issue_lists.c.operator, acts.c.amount == issue_lists.c.total),
)
_reset = _acted(ActKind.PIN_RESET, pin_resets.c.by, acts.c.created_at == pin_resets.c.created_at)
_resets = acts.alias("resets")  # those of before they were acts have none
_first_reset = select(func.min(_resets.c.created_at)).where(_resets.c.kind == ActKind.PIN_RESET.value)
_turns = acts.alias("turns")
_last_turn = (
    select(_turns.c.kind)
    .where(_turns.c.kind.in_([ActKind.CLOSED.value, ActKind.OPENED.value]))
    .order_by(_turns.c.code.desc())
    .limit(literal_column("1"))
)
_is_closing = func.coalesce(_last_turn.scalar_subquery(), "") == ActKind.CLOSED.value
_day_announced = exists().where(
    _is_told, announcements.c.kind == "close", announcements.c.closes_at == books.c.closes_at
)

_RECORDS: tuple[tuple[ActKind, Condition], ...] = (  # what such an act has changed
    (ActKind.MOVE_ASKED, _asked),
    (ActKind.MOVE_AGREED, _agreed),
    (ActKind.MOVE_STOPPED, _stopped),
    (ActKind.ANNOUNCED, _announced),
    (ActKind.CLOSED, _announced),
    (ActKind.OPENED, _announced),
    (ActKind.ANNOUNCEMENT_STOPPED, _hushed),
    (ActKind.ISSUED_TO_MANY, _listed),
    (ActKind.PIN_RESET, _reset),
)


def _wrong(table: Any, *conditions: Condition) -> Any:
    return select(table.c.code).where(or_(*conditions)).order_by(table.c.code)


AUDIT = (
    Check(
        "move {} was asked for by nobody, or is open for longer than a day",
        _wrong(
            moves,
            ~exists().where(_asked),
            and_(moves.c.agreed_by.is_(None), moves.c.due_at != moves.c.created_at + _us(ASKED_FOR)),
        ),
    ),
    Check(
        "move {} was agreed to by nobody else, or its notice is not a day",
        _wrong(
            moves,
            and_(moves.c.agreed_by.is_(None), moves.c.state.in_(["waiting", "done", "failed"])),
            moves.c.agreed_by == moves.c.asked_by,
            and_(moves.c.agreed_by.is_not(None), ~exists().where(_agreed)),
        ),
    ),
    Check(
        "move {} was stopped by nobody who may",
        _wrong(
            moves,
            (moves.c.state == "stopped") != moves.c.stopped_by.is_not(None),
            and_(moves.c.stopped_by != moves.c.old, ~exists().where(_stopped)),
        ),
    ),
    Check(
        "move {} is done, and whose the wallets are is not what it says",
        select(moves.c.code)
        .select_from(
            moves.outerjoin(_wallet, _wallet.c.id == moves.c.wallet).outerjoin(_other, _other.c.id == moves.c.other)
        )
        .where(
            moves.c.state == "done",
            or_(
                and_(_wallet.c.owner.is_distinct_from(moves.c.new), ~_moved_on(moves.c.wallet)),
                and_(_other.c.owner.is_distinct_from(moves.c.old), ~_moved_on(moves.c.other)),
            ),
        )
        .order_by(moves.c.code),
    ),
    unattended("move {} waits, and nothing will do it", MOVE, moves.c.code, moves.c.state.in_(["asked", "waiting"])),
    Check(
        "announcement {} is told by nobody's word", _wrong(announcements, and_(_is_told, ~exists().where(_announced)))
    ),
    Check(
        "announcement {} was stopped by nobody",
        _wrong(announcements, and_(announcements.c.state == "stopped", ~exists().where(_hushed))),
    ),
    Check(
        "list {} was issued by nobody's word",
        _wrong(issue_lists, and_(issue_lists.c.state == "issued", ~exists().where(_listed))),
    ),
    Check(
        "the PIN reset {} was asked for by nobody, or is not a day away",
        _wrong(
            pin_resets,
            pin_resets.c.due_at != pin_resets.c.created_at + _us(RESET_AFTER),
            and_(pin_resets.c.created_at >= _first_reset.scalar_subquery(), ~exists().where(_reset)),
        ),
    ),
    *(
        Check(
            "act {} says what is not so",
            _wrong(acts, and_(acts.c.kind == kind.value, ~exists().where(record).correlate(acts))),
        )
        for kind, record in _RECORDS
    ),
    Check(
        "the community is wound down otherwise than its operators said",
        select(books.c.id).where(
            or_(
                books.c.closes_at.is_not(None) != _is_closing,
                and_(books.c.closes_at.is_not(None), ~_day_announced),
            )
        ),
    ),
)
