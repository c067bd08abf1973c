"""What a process had in hand when it died: where nobody else can have anything in hand, its leases need not end first.

An announcement is gone on with by whoever is alone, and a withdrawal is left to its lease: the gateway may be at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, update

from wallet_core.features.inbox import inbox
from wallet_core.ledger.books import Books
from wallet_core.ledger.loaded import AT_ONCE
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import outbox, places, transfers
from wallet_core.ledger.sql import Statement, param
from wallet_core.ledger.values import MICROSECOND

_at_once: ColumnElement[int] = literal_column(str(AT_ONCE))
_newest_at = select(transfers.c.created_at).order_by(transfers.c.id.desc()).limit(literal_column("1")).scalar_subquery()
_MESSAGES = Statement(
    update(outbox)
    .values(due_at=_at_once)
    .where(or_(outbox.c.due_at <= param("until"), _newest_at > param("now"))),  # the clock was put back
    columns=[],
)
_later = outbox.alias("later")
_waiting = (
    select(_later.c.recipient, func.min(_later.c.id).label("first"), func.max(_later.c.due_at).label("due_at"))
    .where(_later.c.due_at > param("until"))
    .group_by(_later.c.recipient)
    .subquery("waiting")
)
_BEHIND = Statement(  # somebody's first message waits longer, and what comes after it waits with it (G8)
    update(outbox)
    .values(due_at=_waiting.c.due_at)
    .where(
        outbox.c.recipient == _waiting.c.recipient,
        outbox.c.id > _waiting.c.first,
        outbox.c.due_at < _waiting.c.due_at,
    ),
    columns=[],
)
_PLACES = Statement(
    update(places)
    .values(due_at=_at_once)
    .where(
        places.c.attempts > 0,  # else it is due when its record lapses
        or_(places.c.due_at <= param("until"), places.c.told_at > param("now")),
    ),
    columns=[],
)
_INBOX = Statement(
    update(inbox)
    .values(held_until=literal_column("1"))  # long ago; and still the first of its lane
    .where(and_(inbox.c.done_at.is_(None), inbox.c.held_until > 0)),
    columns=[],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """What a dead process had in hand is due now, as is what it had put off for no longer than a `lease`.

    Only for who alone has these books (`WalletCore.is_alone`). What has to wait longer waits on, and how often it was
    tried stays known.
    """

    lease: timedelta

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """End the leases."""
        now_us = books.now_us
        until_us = now_us + self.lease // MICROSECOND
        books.write(_MESSAGES, now=now_us, until=until_us)
        books.write(_BEHIND, until=until_us)
        books.write(_PLACES, now=now_us, until=until_us)
        books.write(_INBOX)
