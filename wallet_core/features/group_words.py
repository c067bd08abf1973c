"""In which language a group is spoken to, where its administrators chose one.

Nothing is loaded for it: a choice is written over the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, Index, Text, cast, delete, insert, literal_column, select

from wallet_core.features.people import LANGUAGE_MAX
from wallet_core.features.sightings import CHAT_MAX
from wallet_core.ledger.books import Books
from wallet_core.ledger.errors import PersonNotFound
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.schema import WHOLE, table
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import PersonId

GROUPS_MAX = 100  # for which one person has chosen; those of longest ago speak the operator's language again

group_languages = table(
    "group_languages",
    Column("chat", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("chosen_at", WHOLE, nullable=False),
    Index("group_languages_person", "person", "chosen_at"),
)

_other, _newest = group_languages.alias("other"), group_languages.alias("newest")
_CHOSEN = Statement(insert(group_languages), columns=["chat", "language", "person", "chosen_at"])
_GONE = Statement(delete(group_languages).where(group_languages.c.chat == param("at")))
_last = (
    select(_newest.c.chat)
    .where(_newest.c.person == param("at"))
    .order_by(_newest.c.chosen_at.desc(), _newest.c.chat)
    .limit(literal_column(str(GROUPS_MAX)))
)
_BOUND = Statement(
    delete(group_languages).where(group_languages.c.person == param("at"), group_languages.c.chat.not_in(_last))
)
_COPIED = Statement(
    insert(group_languages).from_select(
        ["chat", "language", "person", "chosen_at"],
        select(cast(param("new"), Text), _other.c.language, _other.c.person, _other.c.chosen_at).where(
            _other.c.chat == param("at"),
            ~select(_newest.c.chat).where(_newest.c.chat == param("new")).exists(),
        ),
    )
)
_OF = Statement(select(group_languages.c.language).where(group_languages.c.chat == param("chat")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseGroupLanguage:
    """A group is spoken to in this language from now on; that the person may say so is the front end's to know.

    Raises PersonNotFound.
    """

    chat: str
    person: PersonId
    language: str

    def needs(self, needs: Needs) -> None:
        """The person."""
        needs.people.append(self.person)

    def apply(self, books: Books) -> None:
        """Keep it."""
        assert len(self.chat) <= CHAT_MAX and 0 < len(self.language) <= LANGUAGE_MAX
        if self.person not in books.people:
            raise PersonNotFound(who=self.person)
        books.write(_GONE, at=self.chat)
        books.write(_CHOSEN, chat=self.chat, language=self.language, person=self.person, chosen_at=books.now_us)
        books.write(_BOUND, at=self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveGroup:
    """A group has another number from now on, and what stands in the old one speaks as ever; twice is as once."""

    chat: str
    new: str

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Keep what was chosen, unless something was chosen under the new number already."""
        assert len(self.new) <= CHAT_MAX and self.new != self.chat
        books.write(_COPIED, at=self.chat, new=self.new)


@dataclass(frozen=True, slots=True)
class GroupLanguage:
    """The language that was chosen for a group; None: none was."""

    chat: str

    async def answer(self, read: Reader) -> str | None:
        """One look into an index."""
        rows = await read.rows(_OF, chat=self.chat)
        return rows[0][0] if rows else None
