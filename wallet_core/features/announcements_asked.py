"""What is announced, how far it is, and who is next to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from wallet_core.features.announcements import (
    ANNOUNCEMENT,
    Announcement,
    AnnouncementNotFound,
    AnnouncementRow,
    announcement_value,
    announcements,
)
from wallet_core.ledger.clearing import QUESTIONS_KEPT, Clearing
from wallet_core.ledger.errors import Closing
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import books as books_table
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Reader, Statement, param
from wallet_core.ledger.values import Person, WalletKind, moment_of

_ANNOUNCEMENT = select(*person_columns(people), *announcements.columns).join_from(
    announcements, people, people.c.id == announcements.c.operator
)
_BY_CODE = Statement(_ANNOUNCEMENT.where(announcements.c.code == param("value")))
_oldest = select(func.min(announcements.c.code)).where(announcements.c.state == "telling").scalar_subquery()
_TELLING = Statement(_ANNOUNCEMENT.where(announcements.c.code == _oldest))
_TO_TELL = Statement(
    select(wallets.c.id, *person_columns(people))
    .join_from(wallets, people, people.c.id == wallets.c.owner)
    .join(announcements, announcements.c.code == _oldest)
    .where(wallets.c.kind == WalletKind.PERSON.value, wallets.c.id > announcements.c.told_to)
    .order_by(wallets.c.id)
    .limit(param("limit"))
)
CLOSES_AT = Statement(select(books_table.c.closes_at))


@dataclass(frozen=True, slots=True)
class AnnouncementByCode:
    """Whatever has become of it. Raises AnnouncementNotFound."""

    code: str

    async def answer(self, read: Reader) -> Announcement:
        """One row."""
        row = await read.row(_BY_CODE, value=self.code)
        if row is None:
            raise AnnouncementNotFound(self.code)
        return announcement_value(
            AnnouncementRow(*row[PERSON_WIDTH:]), person_of(row[:PERSON_WIDTH]), now_us=read.now_us
        )


@dataclass(frozen=True, slots=True)
class ToTell:
    """An announcement that is being told, and who is next, by their wallets."""

    announcement: Announcement
    people: tuple[tuple[int, Person], ...]


@dataclass(frozen=True, slots=True)
class NextToTell:
    """The oldest announcement that is being told; None: there is none."""

    limit: int = 20

    async def answer(self, read: Reader) -> ToTell | None:
        """One snapshot."""
        found, next_ = await read.together((_TELLING, {}), (_TO_TELL, {"limit": self.limit}))
        if not found:
            return None
        row = AnnouncementRow(*found[0][PERSON_WIDTH:])
        announcement = announcement_value(row, person_of(found[0][:PERSON_WIDTH]), now_us=read.now_us)
        return ToTell(announcement, tuple((each[0], person_of(each[1:])) for each in next_))


@dataclass(frozen=True, slots=True)
class ClosesAt:
    """Until when money can be taken out; None: the community is not being wound down."""

    async def answer(self, read: Reader) -> datetime | None:
        """One row."""
        row = await read.row(CLOSES_AT)
        return None if row is None or row[0] is None else moment_of(row[0])


@dataclass(frozen=True, slots=True)
class StillOpen:
    """Whether something new may begin. Raises Closing."""

    async def answer(self, read: Reader) -> None:
        """One row; what changes the books looks once more."""
        closes_at = await ClosesAt().answer(read)
        if closes_at is not None:
            raise Closing(closes_at)


CLEARED = (
    Clearing(
        ANNOUNCEMENT,
        announcements.c.code,
        over=and_(announcements.c.state.in_(["open", "cancelled"]), announcements.c.expires_at < param("before")),
        kept_for=QUESTIONS_KEPT,
    ),
)
