"""A sandbox with the real bot in this process, and three people in it: what the bot's own tests talk to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.qr import qr_png
from bot.run import run
from bot.sandbox import Message, Person, Sandbox
from bot.settings import Settings, read_settings
from tests.fresh import begin_books
from wallet_core import currency

BOT = 7_000_000_001
CODE = "4Y9ZfJTiYoeezb-_"


def settings_for(box: Sandbox, tmp_path: Path, **more: str) -> Settings:
    return read_settings(
        _env_file=None,
        bot_token=box.token,
        telegram_api_url=box.url,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'books.db'}",
        admin_ids="1001",
        **more,
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await task


class Club:
    """Ann the operator with 20.00 EUR, Bob with nothing, Eve who never pressed start, and their group."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.ann = box.person(1001, "Ann", username="ann")
        self.bob = box.person(1002, "Bob <b>", username="bob")
        self.eve = box.person(1003, "Eve")
        self.group = box.group(-100200, "Club", members=[self.ann, self.bob, self.eve])

    async def begin(self) -> None:
        for person in (self.ann, self.bob):
            await person.start()
            await person.wait("balance")
        await self.issue("20", self.ann)

    async def issue(self, money: str, to: Person) -> None:
        """Ann issues money to somebody, who is told."""
        await self.box.idle()
        for person in (self.ann, to):
            person.skip()
        await self.ann.send(f"/issue {money} @{to.username}")
        asked = await self.ann.wait(lambda message: bool(message.buttons))
        to.skip()
        await self.ann.press(asked)
        await self.ann.see(asked, "🏦 ")
        await to.wait(lambda message: message.id != asked.id and "🏦 " in message.words)

    async def said(
        self, person: Person, text: str, *, in_group: bool = False, reply_to: Message | None = None
    ) -> Message:
        """What the bot says next to what somebody writes."""
        chat = self.group if in_group else None
        await self.box.idle()
        person.skip(chat=chat)
        await person.send(text, chat=chat, reply_to=reply_to)
        return await person.wait(lambda message: message.sender_id == BOT, chat=chat)

    async def scanned(self, person: Person, data: bytes, *, mime_type: str = "image/png") -> str:
        person.skip()
        await person.send_document(data, file_name="x.png", mime_type=mime_type)
        return (await person.next()).words


@asynccontextmanager
async def open_club(tmp_path: Path) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        yield club


def code_picture(text: str) -> bytes:
    return qr_png(text, title="x", amount=None, memo=None)
