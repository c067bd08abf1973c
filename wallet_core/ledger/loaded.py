"""What a batch has loaded and what it changed, before any rule: the base of the books. Pure.

The store fills it, commands find in it what they asked for, and the store writes what they changed. Places and the
agenda are written without being loaded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, cast, delete, exists, func, insert, literal_column, select, update

from wallet_core.ledger import codes
from wallet_core.ledger.errors import Closing
from wallet_core.ledger.records import KINDS, Kind, Tally
from wallet_core.ledger.rows import Changes, PersonRow, WalletRow
from wallet_core.ledger.schema import agenda, places
from wallet_core.ledger.sql import Row, Statement, insert_once, one_of, param
from wallet_core.ledger.values import Receipt, Rules, Subject, moment_of

R = TypeVar("R")

DAY_US = 86_400_000_000
FIRST_MAX = 20  # places of one thing: more are named by made-up presses only
FORGOTTEN_AT_ONCE = 10  # old places of one thing, whenever it is shown in one more
AT_ONCE = 0  # when something is due: not the time of now, which a clock that is put back would wait for

SHOWN_CHANGED = {  # of a place whose record has changed; one that is in hand, or put off, keeps its time
    "changes": places.c.changes + 1,
    "due_at": case((places.c.attempts == 0, literal_column(str(AT_ONCE))), else_=places.c.due_at),
}
_PLACE = ["place", "chat", "kind", "subject", "changes", "due_at", "told_at", "attempts", "lapses_at"]
_SHOW = Statement(insert_once(places, key=_PLACE[0], replaced=_PLACE[1:]), columns=_PLACE)


def _show_where(condition: ColumnElement[bool]) -> Statement:
    shown = select(*(cast(param(name), places.c[name].type) for name in _PLACE)).where(condition)
    return Statement(insert(places).from_select(_PLACE, shown))


_alike = (places.c.kind == param("kind"), places.c.subject == param("subject"))
_SHOW_UNLESS_SHOWN = _show_where(~exists().where(*_alike))
_SHOW_FIRST = _show_where(
    and_(
        ~exists().where(places.c.place == param("place")),
        select(func.count()).select_from(places).where(*_alike).scalar_subquery() < literal_column(str(FIRST_MAX)),
    )
)
_newer = places.alias("newer")
_crowded = (
    select(_newer.c.place)
    .where(_newer.c.kind == param("at_kind"), _newer.c.subject == param("at_subject"), _newer.c.place != param("at"))
    .order_by(_newer.c.changes.desc(), _newer.c.place)
    .limit(literal_column(str(FORGOTTEN_AT_ONCE)))
    .offset(param("most"))
)
_SHOW_NOT_TOO_MANY = Statement(delete(places).where(places.c.place.in_(_crowded)))
_SHOW_NO_LONGER = Statement(delete(places).where(places.c.place == param("at")))
_CHANGED = Statement(
    update(places)
    .values(SHOWN_CHANGED)
    .where(places.c.kind == param("at_kind"), places.c.subject == param("at_subject"))
)
_AGENDA_NEW = Statement(insert(agenda), columns=["id", "due_at", "attempts"])
_AGENDA_MOVED = Statement(update(agenda).where(agenda.c.id == param("at")), columns=["due_at"])
_AGENDA_DONE = Statement(delete(agenda).where(one_of(agenda.c.id)))


class Loaded:
    """Rows by their names, the time of the batch, and the changes so far."""

    def __init__(self, *, now_us: int, rules: Rules, entropy: codes.Entropy) -> None:
        self.now_us = now_us
        self.day = now_us // DAY_US
        self.rules = rules
        self.is_limited = rules.transfer_max_minor > 0 or rules.daily_max_minor > 0
        self.currency = rules.currency_of
        self.entropy = entropy
        self.receipts: dict[str, Receipt] = {}  # transfers by key
        self.transfers: dict[int, Receipt] = {}  # those asked for by their ids
        self.wallets: dict[int, WalletRow] = {}
        self.owned: dict[str, WalletRow] = {}  # the wallet of a person in the rules' currency
        self.issuers: dict[str, WalletRow] = {}
        self.closes_at: int | None = None  # until when the community is wound down
        self.people: dict[str, PersonRow] = {}
        self.by_handle: dict[str, PersonRow] = {}
        self.by_code: dict[str, PersonRow] = {}
        self.records: defaultdict[type, defaultdict[str, dict[Any, Any]]] = defaultdict(lambda: defaultdict(dict))
        self.found: defaultdict[type, dict[Any, Row]] = defaultdict(dict)  # by their keys, as they are in the database
        self.newest: defaultdict[type, str] = defaultdict(str)  # the greatest keys of the records asked for
        self.tallies: defaultdict[Tally, dict[Any, int]] = defaultdict(dict)
        self.portions: dict[Statement, list[Row]] = {}
        self.transfer_ids: Iterator[int] = iter(())  # what this batch may give to new rows
        self.wallet_ids: Iterator[int] = iter(())
        self.changes = Changes()
        self.is_over = False  # what was done says that all behind it was loaded too early
        self.let: set[str] = set()  # keys of payments out of people's wallets that a PIN was looked for (pins.py)

    def check_open(self) -> None:
        """Raises Closing: nothing new begins, but what is one's own goes back and out."""
        if self.closes_at is not None:
            raise Closing(moment_of(self.closes_at))

    def find(self, row: type[R], key: object = None, /, **by: object) -> R | None:
        """The record with this key, or this value of another column that names one."""
        if by:
            ((column, key),) = by.items()
        else:
            column = KINDS[row].by[0]
        found: R | None = self.records[row][column].get(key)
        return found

    def every(self, row: type[R]) -> list[R]:
        """All records of this kind that are loaded, or made in this batch."""
        return list(self.records[row][KINDS[row].by[0]].values())

    def taken(self, statement: Statement, limit: int) -> list[Row]:
        """The next rows of those that commands share; nobody else in this batch gets them."""
        rows = self.portions[statement]
        self.portions[statement] = rows[limit:]
        return rows[:limit]

    def count(self, tally: Tally, value: object) -> int:
        """How many, or which sum, there is for this value, with what this batch did."""
        return self.tallies[tally].get(value, 0)

    # -- records, places, agenda ------------------------------------------------------------------------------------

    def load(self, kind: Kind, found: Row) -> Any:
        """Keep a record under every column that names it; None where it is there already, however it was found."""
        key = found[kind.names[0][1]]
        as_found = self.found[kind.row]
        if key in as_found:
            return None
        as_found[key] = found
        row, kept = kind.row(*found), self.records[kind.row]
        for column, at in kind.names:
            kept[column][found[at]] = row
        return row

    def add(self, row: Any) -> None:
        """A new record."""
        kind = KINDS[type(row)]
        kept, key = self.records[kind.row], getattr(row, kind.by[0])
        assert key not in kept[kind.by[0]], "a record with this key is there"
        for column in kind.by:
            kept[column][getattr(row, column)] = row
        self.changes.records_new[kind.row][key] = row

    def changed(self, row: Any) -> None:
        """A record was changed; one made in this batch is written as it is at its end."""
        kind = type(row)
        key = getattr(row, KINDS[kind].by[0])
        if key not in self.changes.records_new[kind]:
            self.changes.records[kind][key] = row

    def counted(self, tally: Tally, value: object, more: int) -> None:
        """There is so much more of it; what was not counted for this batch stays so."""
        if value in self.tallies[tally]:
            self.tallies[tally][value] += more

    def write(self, statement: Statement, **values: object) -> None:
        """Say a statement at the end of the batch, after the records; those of one line in order."""
        self.changes.written[statement.line].append((statement, values))

    def write_many(self, statement: Statement, value: object) -> None:
        """As `write`, a statement that takes many values at once: those that follow each other become one."""
        said = self.changes.written[statement.line]
        if said and said[-1][0] is statement:
            said[-1][1]["many"].append(value)
        else:
            said.append((statement, {"many": [value]}))

    def tell_payer(self, receipt: Receipt, person: str) -> None:
        """Leave an outbox message, due at once, of a transfer out of a wallet that is nobody's own."""
        self.changes.outbox += (2 * receipt.transfer_id - 1, person)

    def show(self, subject: Subject, *, place: str, chat: str, is_stale: bool, lapses_us: int | None = None) -> None:
        """Remember that a place shows a record; what it showed before it shows no longer.

        Changes are counted from the time on, so that a settlement of what was shown before fits nothing. `lapses_us`:
        when the record changes by itself. Where it was shown longest ago is forgotten once there are too many.
        """
        due_at = AT_ONCE if is_stale else lapses_us
        self.write(_SHOW, **self._shown(subject, place, chat, due_at=due_at, lapses_at=lapses_us))
        most = self.rules.places_max - 1
        self.write(_SHOW_NOT_TOO_MANY, at_kind=subject.kind, at_subject=subject.code, at=place, most=most)

    def show_unless_shown(self, subject: Subject, *, place: str, chat: str) -> None:
        """A place has to show a record that is shown nowhere."""
        self.write(_SHOW_UNLESS_SHOWN, **self._shown(subject, place, chat, due_at=AT_ONCE))

    def show_first(self, subject: Subject, *, place: str, chat: str, is_stale: bool) -> None:
        """As `show`, unless the place shows something already: that stays, for who says otherwise may make it up."""
        self.write(_SHOW_FIRST, **self._shown(subject, place, chat, due_at=AT_ONCE if is_stale else None))

    def _shown(
        self, subject: Subject, place: str, chat: str, *, due_at: int | None, lapses_at: int | None = None
    ) -> dict[str, object]:
        return {
            "place": place, "chat": chat, "kind": subject.kind, "subject": subject.code, "changes": self.now_us,
            "due_at": due_at, "told_at": 0, "attempts": 0, "lapses_at": lapses_at,
        }  # fmt: skip

    def show_no_longer(self, place: str) -> None:
        """The place shows something else from now on, or is gone."""
        self.write(_SHOW_NO_LONGER, at=place)

    def shown_changed(self, subject: Subject) -> None:
        """The record has changed: every place that shows it will be told its newest state."""
        self.write(_CHANGED, at_kind=subject.kind, at_subject=subject.code)

    def schedule(self, subject: Subject, *, due_us: int) -> None:
        """Something has to happen to this thing at a time; it has no entry in the agenda yet."""
        self.write(_AGENDA_NEW, id=f"{subject.kind}:{subject.code}", due_at=due_us, attempts=0)

    def hasten(self, subject: Subject, *, due_us: int = AT_ONCE) -> None:
        """It has to happen at another time; without an entry in the agenda nothing will."""
        self.write(_AGENDA_MOVED, at=f"{subject.kind}:{subject.code}", due_at=due_us)

    def unschedule(self, subject: Subject) -> None:
        """It has happened, or need not any more."""
        self.write_many(_AGENDA_DONE, f"{subject.kind}:{subject.code}")
