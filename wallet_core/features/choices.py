"""Lists to choose from, in somebody's chat: a time, an amount, a language. The newest can be dropped with all the rest.

Nothing waits for the choice: all that it is about stands in its buttons. So the books know its place alone, and what it
is about, in the front end's words.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from wallet_core.ledger.books import Books
from wallet_core.ledger.loaded import SHOWN_CHANGED
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import places
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import MICROSECOND, Subject

CHOICE = "choice"  # the subject of where a list stands
CHOICE_DROPPED = "choicex"  # the subject of where one stood

_at = places.c.place == param("at")
_NO_OTHER = Statement(delete(places).where(places.c.chat == param("chat"), places.c.kind == CHOICE))
_CHOSEN = Statement(delete(places).where(_at, places.c.kind == CHOICE))
_DROPPED = Statement(
    update(places).values(**SHOWN_CHANGED, kind=CHOICE_DROPPED).where(_at, places.c.kind == CHOICE), columns=[]
)
_NEWEST = Statement(
    select(places.c.subject, places.c.place).where(
        places.c.chat == param("chat"), places.c.kind == CHOICE, places.c.changes > param("since")
    )
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a list is about, and where it stands."""

    about: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceIn:
    """The list that stands in a chat, unless it is as old as a question that nobody has answered in time."""

    chat: str

    async def answer(self, read: Reader) -> Choice | None:
        """One row."""
        since = read.now_us - read.rules.intent_lifetime // MICROSECOND
        row = await read.row(_NEWEST, chat=self.chat, since=since)
        return None if row is None else Choice(about_of(row[0]), row[1])


def about_of(code: str) -> str:
    """What the list is about whose place shows this."""
    return code.partition(":")[0]


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferChoice:
    """A list stands in a chat; one that stood there before is none to be dropped any more."""

    about: str
    place: str
    chat: str

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Keep the place."""
        assert ":" not in self.about
        books.write(_NO_OTHER, chat=self.chat)
        subject = Subject(CHOICE, f"{self.about}:{self.chat}")
        books.show(subject, place=self.place, chat=self.chat, is_stale=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeChoice:
    """Something was chosen; twice is as once."""

    place: str

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """The place shows it no longer."""
        books.write(_CHOSEN, at=self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropChoice:
    """Nothing is chosen; where the list stands it says so. Twice is as once."""

    place: str

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """The place is told."""
        books.write(_DROPPED, at=self.place)
