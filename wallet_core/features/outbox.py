"""The outbox: facts to tell after commit, leased to one process at a time; and the places that show a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from wallet_core.ledger.books import Books
from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.errors import LimitExceeded
from wallet_core.ledger.limits import near_left
from wallet_core.ledger.loaded import AT_ONCE
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import (
    PAYER_WALLET,
    PAYMENT_COLUMNS,
    PAYMENT_WIDTH,
    language_of,
    payment_joins,
    payment_of,
)
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, entries, outbox, parked, people, places, transfers
from wallet_core.ledger.sql import Reader, Row, Statement, one_of, param
from wallet_core.ledger.values import MICROSECOND, Payment, PersonId, Subject, WalletKind

CHAT_PAUSE_US = 1_000_000  # between two changes in one chat: Telegram allows about one message a second there
WAIT_MAX_US = 3_600_000_000  # no message is put off for longer: what is due later was, by a clock put back since
PARKED_FOR = timedelta(days=180)  # then nobody is told any more: /history has it

_told, _place = entries.alias("told"), places.c
_at_once: ColumnElement[int] = literal_column(str(AT_ONCE))
_recipient = people.alias("recipient")
_DUE = Statement(
    select(
        *PAYMENT_COLUMNS,
        *(outbox.c.id, outbox.c.recipient, outbox.c.place, outbox.c.attempts),
        *(_told.c.delta, _told.c.balance_after, language_of(_recipient), outbox.c.cause),
        *(PAYER_WALLET.c.kind, PAYER_WALLET.c.spent_on, PAYER_WALLET.c.spent, PAYER_WALLET.c.daily_max),
    )
    .select_from(
        payment_joins(
            outbox.join(_told, _told.c.id == outbox.c.id)
            .join(_recipient, _recipient.c.id == outbox.c.recipient)
            .join(transfers, transfers.c.id == _told.c.transfer)
        )
    )
    .where(
        or_(outbox.c.due_at <= param("now"), outbox.c.due_at > param("now") + WAIT_MAX_US),
        not_(one_of(outbox.c.recipient, "besides")),
    )
    .order_by(outbox.c.id)
    .limit(param("limit"))
    .with_for_update(of=outbox, skip_locked=True)  # those that no other process holds
)
_CLAIMED = Statement(
    update(outbox).values(attempts=outbox.c.attempts + 1).where(outbox.c.id == param("at")), columns=["due_at"]
)
_SET = Statement(update(outbox).where(outbox.c.id == param("at")), columns=["due_at"])
_RETURNED = Statement(
    update(outbox).values(attempts=outbox.c.attempts - 1).where(outbox.c.id == param("at"), outbox.c.attempts > 0),
    columns=["due_at"],
)
_DONE = Statement(delete(outbox).where(outbox.c.id == param("at")))
_KEPT = ("id", "recipient", "place", "attempts", "cause")  # of a message that is parked
_PARK = Statement(
    insert(parked).from_select(
        [*_KEPT, "parked_at"],
        select(*(outbox.c[name] for name in _KEPT), cast(param("now"), WHOLE)).where(outbox.c.id == param("at")),
    ),
    in_line_of=outbox,
)
_NO_LONGER_PARKED = Statement(delete(parked).where(parked.c.id == param("at")), in_line_of=outbox)
_UNPARK = (
    Statement(
        insert(outbox).from_select(
            [*_KEPT, "due_at"],
            select(*(parked.c[name] for name in _KEPT), _at_once).where(parked.c.recipient == param("at")),
        )
    ),
    Statement(delete(parked).where(parked.c.recipient == param("at")), in_line_of=outbox),
)

_other = places.alias("other")


def _turn(place: FromClause) -> tuple[ColumnElement[object], ...]:
    """By what they are told in turn: the one that was told longest ago first; of new ones the one that came first."""
    return place.c.told_at, place.c.changes, place.c.place


_PLACES_DUE = Statement(
    select(places.c.place, places.c.kind, places.c.subject, places.c.changes, places.c.attempts)
    .where(
        places.c.due_at <= param("now"),
        # One in each chat, the one that was told longest ago, and none where something was told just now: also by a
        # process that looked at its clock a little later.
        ~exists().where(
            _other.c.chat == places.c.chat,
            or_(
                and_(_other.c.told_at > param("now") - CHAT_PAUSE_US, _other.c.told_at < param("now") + CHAT_PAUSE_US),
                and_(_other.c.due_at <= param("now"), tuple_(*_turn(_other)) < tuple_(*_turn(places))),
            ),
        ),
    )
    .order_by(*_turn(places))
    .limit(param("limit"))
    .with_for_update(of=places, skip_locked=True)
)
_PLACE_CLAIMED = Statement(
    update(places).values(attempts=places.c.attempts + 1).where(places.c.place == param("at")),
    columns=["due_at", "told_at"],
)
_PLACE_SHOWN = Statement(
    update(places)
    .values(
        # One that has told that it lapsed waits for nothing but a change.
        due_at=case(
            (_place.changes != param("shown"), _at_once), (_place.lapses_at > _place.told_at, _place.lapses_at)
        ),
        attempts=literal_column("0"),
    )
    .where(places.c.place == param("at"))
)
_PLACE_MOVED = Statement(update(places).where(places.c.place == param("at")), columns=["place", "chat"])
_PLACE_POSTPONED = Statement(update(places).where(places.c.place == param("at")), columns=["due_at"])
_PLACE_RETURNED = Statement(
    update(places).values(attempts=places.c.attempts - 1).where(places.c.place == param("at"), places.c.attempts > 0),
    columns=["due_at"],
)
_PLACES_OF = Statement(
    select(places.c.place)
    .where(places.c.kind == param("kind"), places.c.subject == param("subject"))
    .order_by(places.c.place)
)
_SHOWN_AT = Statement(select(places.c.kind, places.c.subject).where(places.c.place == param("at")))
_NEWEST_IN = (
    select(places.c.place)
    .where(
        places.c.chat == param("at"),
        or_(places.c.due_at.is_(None), and_(places.c.attempts == 0, places.c.due_at != AT_ONCE)),  # due once it lapses
    )
    .order_by(places.c.told_at.desc(), places.c.place.desc())
    .limit(param("limit"))
)
_CHAT_DUE = Statement(update(places).values(due_at=_at_once).where(places.c.place.in_(_NEWEST_IN)), columns=[])
_PLACE_DONE = Statement(delete(places).where(places.c.place == param("at"), places.c.changes == param("shown")))
_DUE_AT = Statement(select(func.min(outbox.c.due_at), func.max(outbox.c.due_at) > param("now") + WAIT_MAX_US))
_PLACE_DUE_AT = Statement(select(func.min(places.c.due_at)).where(places.c.due_at.is_not(None)))
# Of the chats where something is due, when the one that has been quiet for longest was told last.
_told_last = (
    select(func.max(_other.c.told_at).label("at"))
    .where(
        _other.c.chat.in_(select(places.c.chat).where(places.c.due_at <= param("now"))),
        _other.c.told_at < param("now") + CHAT_PAUSE_US,
    )
    .group_by(_other.c.chat)
    .subquery()
)
_CHAT_TOLD_AT = Statement(select(func.min(_told_last.c.at)))


class Telling(StrEnum):
    """What an outbox message tells its recipient."""

    PAID = "paid"  # your payment went through
    RECEIVED = "received"  # you were paid


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A fact to tell `recipient` after commit; `place` is where, when it belongs to something shown already."""

    id: int
    recipient: PersonId
    telling: Telling
    place: str | None
    attempts: int
    payment: Payment
    balance: Money  # of the recipient's wallet, right after this payment
    language: str | None  # of the recipient
    cause: str | None = None  # what the front end's log calls that from which the payment came
    left: Money | None = None  # of what the payer may pay today, when that is little by now


@dataclass(frozen=True, slots=True)
class Shown:
    """A place that does not show the newest state of its record; `changes` names that state when it is settled."""

    place: str
    subject: Subject
    changes: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutbox:
    """Take up to `limit` messages that are due, in order, for `lease`; unsettled ones become due again after it.

    At most `each` for one recipient, and none for those `besides` whom: who has much to hear keeps nobody waiting.
    """

    limit: int
    lease: timedelta
    each: int | None = None
    besides: frozenset[PersonId] = frozenset()

    def needs(self, needs: Needs) -> None:
        """The messages that are due."""
        needs.portion(_DUE, self.limit, self.besides)

    def apply(self, books: Books) -> tuple[OutboxMessage, ...]:
        """Lease them."""
        until_us = books.now_us + min(self.lease // MICROSECOND, WAIT_MAX_US)
        claimed = [row for row in books.taken(_DUE, self.limit) if row[PAYMENT_WIDTH + 1] not in self.besides]
        if self.each is not None:
            claimed = _few_of_each(claimed, self.each)
        for row in claimed:
            books.write(_CLAIMED, at=row[PAYMENT_WIDTH], due_at=until_us)
        return tuple(_message(row, books) for row in claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOutbox:
    """Say what became of claimed messages: delivered ones go, postponed ones wait, parked ones wait for `unpark`.

    Returned ones wait as well; they were not tried, and that is no attempt.
    """

    delivered: tuple[int, ...] = ()
    postponed: tuple[tuple[int, timedelta], ...] = ()
    parked: tuple[int, ...] = ()
    returned: tuple[tuple[int, timedelta], ...] = ()

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Note it."""
        for message in self.delivered:
            books.write(_DONE, at=message)
            books.write(_NO_LONGER_PARKED, at=message)
        for later, waiting in ((_SET, self.postponed), (_RETURNED, self.returned)):
            for message, delay in waiting:
                books.write(later, at=message, due_at=books.now_us + min(delay // MICROSECOND, WAIT_MAX_US))
        for message in self.parked:
            books.write(_PARK, at=message, now=books.now_us)
            books.write(_DONE, at=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPlaces:
    """Take up to `limit` places that do not show the newest state, one in each chat, for `lease`."""

    limit: int
    lease: timedelta

    def needs(self, needs: Needs) -> None:
        """The places that are due."""
        needs.portion(_PLACES_DUE, self.limit)

    def apply(self, books: Books) -> tuple[Shown, ...]:
        """Lease them."""
        until_us = books.now_us + self.lease // MICROSECOND
        claimed = books.taken(_PLACES_DUE, self.limit)
        for row in claimed:
            books.write(_PLACE_CLAIMED, at=row[0], due_at=until_us, told_at=books.now_us)
        return tuple(Shown(place, Subject(kind, code), *more) for place, kind, code, *more in claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePlaces:
    """Say what became of claimed places: shown ones wait for the next change, ended ones show their record no longer.

    Each with the `changes` that it was told; one that has changed since is due again. Before that, `moved` ones (from,
    to, in which chat) get another name, under which the others name them. Postponed ones were tried, returned ones not.
    """

    moved: tuple[tuple[str, str, str], ...] = ()
    shown: tuple[tuple[str, int], ...] = ()
    ended: tuple[tuple[str, int], ...] = ()
    postponed: tuple[tuple[str, timedelta], ...] = ()
    returned: tuple[tuple[str, timedelta], ...] = ()

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Note it."""
        for place, now, chat in self.moved:
            books.show_no_longer(now)  # somebody pressed there already, and it was found to be shown
            books.write(_PLACE_MOVED, at=place, place=now, chat=chat)
        for place, changes in self.shown:
            books.write(_PLACE_SHOWN, at=place, shown=changes)
        for place, changes in self.ended:
            books.write(_PLACE_SHOWN, at=place, shown=changes)
            books.write(_PLACE_DONE, at=place, shown=changes)
        for later, waiting in ((_PLACE_POSTPONED, self.postponed), (_PLACE_RETURNED, self.returned)):
            for place, delay in waiting:
                books.write(later, at=place, due_at=books.now_us + delay // MICROSECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellAnew:
    """What a chat shows is told once more, also what has not changed: the newest `limit` places of it."""

    chat: str
    limit: int

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Make them due."""
        books.write(_CHAT_DUE, at=self.chat, limit=self.limit)


@dataclass(frozen=True, slots=True)
class DueIn:
    """How long until a message, and until a place, is to be told: 0 when one is, None when nothing waits.

    A place is to be told once its chat was quiet for a second.
    """

    message: timedelta | None
    place: timedelta | None


@dataclass(frozen=True, slots=True)
class OutboxDueIn:
    """When there is something to tell."""

    async def answer(self, read: Reader) -> DueIn:
        """Two looks into the indexes, and one more at the chats where something is due."""
        messages, due = await read.together((_DUE_AT, {}), (_PLACE_DUE_AT, {}))
        place_at = due[0][0]
        if place_at is not None and place_at <= read.now_us:
            [(told_at,)] = await read.rows(_CHAT_TOLD_AT)
            place_at = place_at if told_at is None else max(place_at, told_at + CHAT_PAUSE_US)
        first_at, is_put_back = messages[0]
        return DueIn(_until(AT_ONCE if is_put_back else first_at, read.now_us), _until(place_at, read.now_us))


@dataclass(frozen=True, slots=True)
class RoomFor:
    """Whether a record may be shown in one more place. Raises LimitExceeded for one that stands in many already."""

    subject: Subject

    async def answer(self, read: Reader) -> None:
        """One look into an index."""
        if len(await PlacesOf(self.subject).answer(read)) >= read.rules.places_max:
            raise LimitExceeded("places_max", None)


@dataclass(frozen=True, slots=True)
class PlacesOf:
    """Where a record is shown, in the front end's own words."""

    subject: Subject

    async def answer(self, read: Reader) -> tuple[str, ...]:
        """A row for each place."""
        kind, code = self.subject
        return tuple(row[0] for row in await read.rows(_PLACES_OF, kind=kind, subject=code))


@dataclass(frozen=True, slots=True)
class ShownAt:
    """What a place shows; None: nothing that changes any more, or nothing known."""

    place: str

    async def answer(self, read: Reader) -> Subject | None:
        """One row."""
        row = await read.row(_SHOWN_AT, at=self.place)
        return None if row is None else Subject(*row)


def unpark(books: Books, person: PersonId) -> None:
    """They can be told again: what is parked for them becomes due."""
    for statement in _UNPARK:
        books.write(statement, at=person)


def _few_of_each(rows: list[Row], each: int) -> list[Row]:
    """The first ones of each recipient."""
    counts: Counter[str] = Counter()
    few = []
    for row in rows:
        counts[row[PAYMENT_WIDTH + 1]] += 1
        if counts[row[PAYMENT_WIDTH + 1]] <= each:
            few.append(row)
    return few


def _until(due_at: int | None, now_us: int) -> timedelta | None:
    return None if due_at is None else timedelta(microseconds=max(0, due_at - now_us))


def _message(row: Row, books: Books) -> OutboxMessage:
    message_id, recipient, place, attempts, delta, balance, language, cause, *spent = row[PAYMENT_WIDTH:]
    payment = payment_of(row, books.rules)
    return OutboxMessage(
        id=message_id,
        recipient=PersonId(recipient),
        telling=Telling.PAID if delta < 0 else Telling.RECEIVED,
        place=place,
        attempts=attempts,
        payment=payment,
        balance=Money(balance, payment.receipt.amount.currency),
        language=language,
        cause=cause,
        left=_left(spent, books) if delta < 0 else None,
    )


def _left(payer: Sequence[Any], books: Books) -> Money | None:
    """As it is now: the message tells what somebody may still pay."""
    kind, spent_on, spent, daily_max = payer
    if kind != WalletKind.PERSON.value:
        return None
    near = near_left(spent_on, spent, daily_max, rules=books.rules, day=books.day)
    return None if near is None else books.money(near)


CLEARED = (Clearing(None, parked.c.id, over=parked.c.parked_at < param("before"), kept_for=PARKED_FOR),)
