"""Files that take a while to make: one at a time for each person, few in all, and it is said that they are coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import ExtBot

from bot.transport.posting import Said, post
from wallet_core import PersonId

AT_ONCE_MAX = 2  # each takes a connection, a long one a process with 160 MiB


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message: a text, below a file or a picture if there is one."""

    text: str
    name: str = ""
    data: bytes | None = None
    is_picture: bool = False


Words = tuple[str, InlineKeyboardMarkup | None]
Say = Callable[[str, InlineKeyboardMarkup | None], Awaitable[object]]


class Deliveries:
    """Who is having something made now; it is not kept: after a restart the buttons are still there."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)
        self._busy: set[PersonId] = set()

    @asynccontextmanager
    async def turn(self, person: PersonId, say: Say, *, now: Words, then: Words) -> AsyncIterator[bool]:
        """The message says `now` at once and, whatever comes of it, `then`; False for who is having one made already.

        When the process ends meanwhile it still says `now`, and has its buttons.
        """
        if person in self._busy:
            yield False
            return
        self._busy.add(person)
        try:
            await say(*now)
            async with self._slots:
                yield True
        except Exception:
            await say(*then)
            raise
        else:
            await say(*then)
        finally:
            self._busy.discard(person)


async def deliver(bot: ExtBot[int], update: Update, deliveries: Sequence[Delivery]) -> None:
    """Send them, one after the other, to where they were asked for."""
    for each in deliveries:
        photo = each.data if each.is_picture else None
        file = (each.data, each.name) if each.data is not None and not each.is_picture else None
        said = Said(each.text, photo=photo, file=file)
        await post(bot, update, partial(_either_way, said))


def _either_way(said: Said, _privately: bool) -> Said:
    return said
