"""What people were called, and from when on: a statement names them as they were called when the money moved.

Noted when a name or a handle changes, beside the person's row, which holds what they are called now. Bounded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import (
    Column,
    ForeignKey,
    PrimaryKeyConstraint,
    Text,
    and_,
    delete,
    func,
    insert,
    literal_column,
    select,
)

from wallet_core.ledger.books import Books
from wallet_core.ledger.payments import person_columns, person_of
from wallet_core.ledger.rows import PersonRow
from wallet_core.ledger.schema import WHOLE, people, table
from wallet_core.ledger.sql import Check, Reader, Statement, one_of, param
from wallet_core.ledger.values import Person

NAMES_MAX = 100  # of one person that are kept: the newest

names = table(
    "names",
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("name", Text, nullable=False),
    Column("handle", Text),
    PrimaryKeyConstraint("person", "since"),
)

_newer = names.alias("newer")
_NEW = Statement(insert(names), columns=["person", "since", "name", "handle"])
_NOT_YET = Statement(delete(names).where(names.c.person == param("at"), names.c.since >= param("since")))
_kept = (
    select(_newer.c.since)
    .where(_newer.c.person == param("at"))
    .order_by(_newer.c.since.desc())
    .limit(literal_column(str(NAMES_MAX)))
)
_BOUND = Statement(delete(names).where(names.c.person == param("at"), names.c.since.not_in(_kept)))
_PEOPLE = Statement(select(*person_columns(people)).where(one_of(people.c.id)))
_NAMES = Statement(
    select(names.c.person, names.c.since, names.c.name, names.c.handle)
    .where(one_of(names.c.person))
    .order_by(names.c.person, names.c.since)
)


def called(books: Books, row: PersonRow) -> None:
    """Somebody is called like this from now on; what a clock that was put back since says of later is forgotten."""
    books.write(_NOT_YET, at=row.id, since=books.now_us)
    books.write(_NEW, person=row.id, since=books.now_us, name=row.name, handle=row.handle)
    books.write(_BOUND, at=row.id)


class Callings:
    """Some people, by what they were called when."""

    def __init__(self) -> None:
        self._people: dict[str, Person] = {}
        self._since: defaultdict[str, list[int]] = defaultdict(list)
        self._called: defaultdict[str, list[Person]] = defaultdict(list)

    async def know(self, read: Reader, persons: Sequence[str]) -> Callings:
        """Read what these people are and were called."""
        if persons:
            found, called_then = await read.together((_PEOPLE, {"many": persons}), (_NAMES, {"many": persons}))
            for row in found:
                self._people[row[0]] = person_of(row)
            for person, since, name, handle in called_then:
                now = self._people[person]
                self._since[person].append(since)
                self._called[person].append(Person(now.id, handle, name, now.code, now.language))
        return self

    def then(self, person: str, time_us: int) -> Person:
        """Somebody as they were called at a time, or as they were first called after it."""
        if not (since := self._since[person]):
            return self._people[person]
        return self._called[person][max(0, bisect_right(since, time_us) - 1)]


_last = select(names.c.person, func.max(names.c.since).label("since")).group_by(names.c.person).subquery()
AUDIT = (
    Check(
        "{} is not called what was noted last",
        select(people.c.id)
        .outerjoin_from(people, _last, _last.c.person == people.c.id)
        .outerjoin(names, and_(names.c.person == people.c.id, names.c.since == _last.c.since))
        .where(
            names.c.name.is_(None) | (names.c.name != people.c.name) | names.c.handle.is_distinct_from(people.c.handle)
        )
        .order_by(people.c.id),
    ),
)
