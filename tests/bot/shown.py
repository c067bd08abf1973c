"""Places in memory, and things that are shown there, as the transport meets the real ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.settings import read_settings
from bot.transport.context import Services
from bot.transport.meter import Meter
from bot.transport.patience import Patience
from bot.transport.places import Places
from bot.words.language import spoken
from bot.words.links import Place
from bot.words.tellings import Face
from tests.bot.instant import TOKEN, Telegram, bot_at, now
from wallet_core import ClaimPlaces, GroupLanguage, SettlePlaces, Shown, Subject, utc_now

ANN, CLUB = 1001, -100


def face(text: str = "{language}", **more: Any) -> Face:
    """It says in which language it is said."""
    usual: dict[str, Any] = {"own": "de", "buttons": lambda: None}
    return Face(text=lambda: text.format(language=spoken()), **usual | more)


@dataclass
class Shelf:
    """The core, as far as places know it."""

    is_alone: ClassVar[bool] = True
    due: list[Shown] = field(default_factory=list)
    claims: list[ClaimPlaces] = field(default_factory=list)
    settled: list[tuple[float, SettlePlaces]] = field(default_factory=list)
    heard: list[object] = field(default_factory=list)
    fails: dict[type, list[Exception]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, _: object) -> None:
        """Nobody."""

    async def ask(self, question: Any) -> str | None:
        assert isinstance(question, GroupLanguage)
        return "fr" if question.chat == str(CLUB) else None

    async def run(self, command: Any) -> Any:
        await asyncio.sleep(0)
        if failures := self.fails.get(type(command)):
            raise failures.pop(0)
        if isinstance(command, ClaimPlaces):
            self.claims.append(command)
            taken, self.due = self.due[: command.limit], self.due[command.limit :]
            return tuple(taken)
        if isinstance(command, SettlePlaces):
            self.settled.append((now(), command))
            self.changed.set()
        else:
            self.heard.append(command)
        return None


@dataclass
class Wall:
    """Places, and what is shown there: a face, or what is raised instead."""

    shelf: Shelf
    telegram: Telegram
    places: Places
    faces: dict[str, Any]
    seen: list[tuple[str, Place, str]]

    def put(self, code: str, place: Place | str, what: Any, *, changes: int = 1, attempts: int = 0) -> None:
        self.faces[code] = what
        self.shelf.due.append(Shown(str(place), Subject("tea", code), changes, attempts))

    async def show(self, what: Any, place: Place | str, **more: Any) -> SettlePlaces:
        """What becomes of one."""
        before = len(self.shelf.settled)
        self.put("x", place, what, **more)
        assert await self.places.claim()
        while len(self.shelf.settled) == before:
            self.shelf.changed.clear()
            await self.shelf.changed.wait()
        return self.shelf.settled[-1][1]


@asynccontextmanager
async def wall(patience: Patience | None = None, **settings: str) -> AsyncIterator[Wall]:
    telegram, shelf, faces, seen = Telegram(), Shelf(), dict[str, Any](), list[tuple[str, Place, str]]()

    async def show(_: Any, code: str, place: Place, bot_name: str) -> Face | None:
        seen.append((code, place, bot_name))
        what = faces[code]
        if isinstance(what, Exception):
            raise what
        if isinstance(what, asyncio.Event):
            await what.wait()
            what = face(code)
        assert what is None or isinstance(what, Face)
        return what

    services = Services(
        shelf, read_settings(_env_file=None, bot_token=TOKEN, **settings), Meter(utc_now)  # type: ignore[arg-type]
    )  # fmt: skip
    async with bot_at(telegram, patience) as bot:
        yield Wall(shelf, telegram, Places(bot, services, {"tea": show}), faces, seen)
    await services.close()
