"""What every form of a statement is given, and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.statements.period import Period
from wallet_core import Currency, Money, Person, StatementLine


@dataclass(frozen=True, slots=True)
class File:
    """What is sent; a picture is shown."""

    name: str
    data: bytes
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """Whose statement it is, of which time, and what its balances are."""

    person: Person
    period: Period
    zone: tzinfo
    opening: Money
    closing: Money
    count: int

    @property
    def unit(self) -> Currency:
        """The currency."""
        return self.closing.currency

    @property
    def name(self) -> str:
        """What its files are called, without an ending."""
        return f"tuppence-{self.period.first}-{self.period.last}"


class Form(ABC):
    """Takes a statement's lines in portions, the newest first, and gives its files. Runs beside the event loop."""

    def __init__(self, person: Person, zone: tzinfo) -> None:
        self.person, self.zone = person, zone

    @abstractmethod
    def add(self, lines: Sequence[StatementLine]) -> None:
        """The next portion, from new to old."""

    @abstractmethod
    def files(self, about: About) -> list[File]:
        """All of it."""

    def local(self, moment: datetime) -> datetime:
        """A time in the operator's time zone."""
        return moment.astimezone(self.zone)

    def written(self, moment: datetime) -> tuple[str, str]:
        """Its day and its time there, as ISO 8601 has them; `strftime` takes five times as long."""
        text = moment.astimezone(self.zone).isoformat(timespec="seconds")
        return text[:10], text[11:19]


class Pieces(Form):
    """A form that is a text: portions are put together at the end."""

    def __init__(self, person: Person, zone: tzinfo) -> None:
        super().__init__(person, zone)
        self._pieces: list[bytes] = []

    def add(self, lines: Sequence[StatementLine]) -> None:
        """From old to new."""
        self._pieces.append(self.piece(lines[::-1]).encode())

    @abstractmethod
    def piece(self, lines: Sequence[StatementLine]) -> str:
        """Lines from old to new."""

    def whole(self, head: str, foot: str) -> bytes:
        """All pieces from old to new."""
        return b"".join((head.encode(), *reversed(self._pieces), foot.encode()))
