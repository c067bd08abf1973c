"""The menu beside the input field. Each thing has its own lines in its file's `MENU`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Flag, auto
from functools import cache

from bot.words import collected


class Where(Flag):
    """Whose menu has a line."""

    PRIVATE = auto()
    GROUPS = auto()
    ADMINISTRATORS = auto()  # in groups, besides what everybody has there
    OPERATORS = auto()  # in private
    ALL = PRIVATE | GROUPS | OPERATORS
    ALONE = PRIVATE | OPERATORS


@dataclass(frozen=True, slots=True)
class Line:
    """What a command does, in the language that is spoken, and where it is offered."""

    words: Callable[[], str]
    where: Where
    is_ephemeral: bool = False  # in groups the command is for the bot's eyes only, in apps that know that

    def is_alone_in(self, where: Where) -> bool:
        """Whether nobody else sees the command; in private there is nobody else."""
        return self.is_ephemeral and where in (Where.GROUPS, Where.ADMINISTRATORS)

    def is_offered(self, where: Where) -> bool:
        """Whether the menu of such a place has it."""
        return where in self.where or (where is Where.ADMINISTRATORS and Where.GROUPS in self.where)


Menu = dict[str, Line]


@cache
def _lines() -> Menu:
    return collected("MENU")


def menu_of(where: Where) -> list[tuple[str, str]]:
    """The commands that are offered there and nowhere else."""
    return [(command, line.words()) for command, line in _lines().items() if line.where == where]


def words_of(command: str) -> str:
    """What the menu says of a command."""
    return _lines()[command].words()


def menu(commands: Iterable[str], where: Where) -> list[tuple[str, Line]]:
    """The commands that are offered there, in the order of `commands`."""
    known = _lines()
    return [(command, known[command]) for command in commands if command in known and known[command].is_offered(where)]
