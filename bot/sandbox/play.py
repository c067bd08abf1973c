"""`sandbox`: the real bot, a Telegram of this machine, and a page where one plays the people."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from bot.sandbox.backstage import Backstage
from bot.sandbox.box import Sandbox
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_cast import OPERATOR_ID
from bot.sandbox.demo_print import BOLD, YELLOW, Terminal
from bot.sandbox.demo_process import BotProcess
from bot.sandbox.demo_stop import asked_to_stop
from bot.sandbox.gateway import MockGateway
from bot.sandbox.journal import Journal
from bot.sandbox.lively import tell_story
from bot.settings import Settings
from bot.words.language import ENGLISH
from wallet_core import Rules, WalletCore, WalletError, currency

DATABASE, WORLD = "tuppence-sandbox{}.db", "tuppence-sandbox{}.world"
USUAL = "EUR"
# What of the operator's settings counts here; token, address, books, operators and webhook are the sandbox's own.
OF_ENV = (
    *("WELCOME_CREDIT", "CREDIT_LIMIT", "TRANSFER_MAX", "DAILY_MAX", "TIP_MAX", "ISSUE_MAX"),
    *("LANGUAGE", "TIMEZONE", "QR_COLOR", "QR_SHAPE"),
)
_NAMES = ("Alice", "Bob", "Carol")


async def serve(
    port: int,
    *,
    own: Settings | None = None,
    story: bool = False,
    language: str | None = None,
    browser: bool = True,
) -> int:
    """Telegram, bot and chat page until Ctrl-C; books and world stay in files of the current folder.

    With the operator's `own` settings it looks and counts as their bot does. A `language` is that of all.
    """
    unit = own.currency.code if own else USUAL
    mark = "" if unit == USUAL else f"-{unit.lower()}"
    database, world = Path.cwd() / DATABASE.format(mark), Path.cwd() / WORLD.format(mark)
    if story and (database.exists() or world.exists()):
        sys.stderr.write(
            f"tuppence: there is a world in {database.name} already, and --story fills a new one: "
            "leave it out, move that file away, or go to another folder\n"
        )
        return 2
    spoken = language or (own.language if own else ENGLISH)
    clock = MovedClock(world.with_suffix(".clock"))
    async with contextlib.AsyncExitStack() as stack:
        try:
            box = await stack.enter_async_context(Sandbox(port=port, clock=clock.seconds))
        except OSError as error:
            sys.stderr.write(f"Cannot listen on port {port}: {error.strerror or error}; --port names another\n")
            return 1
        stack.enter_context(_world(box, world, has_books=database.exists(), language=spoken))
        for person in box.people.values() if language else ():
            person.raw["language_code"] = language
        stop = await stack.enter_async_context(asked_to_stop())
        try:
            gateway = MockGateway(clock=clock.seconds, port=port and port + 1, file=world.with_suffix(".gateway"))
            await stack.enter_async_context(gateway)
            return await _play(
                box, gateway, stop, database, clock=clock, own=own, language=language, story=story, browser=browser
            )
        except WalletError as error:
            sys.stderr.write(f"tuppence: {database.name} cannot be used: {error!r}\n")
            return 1


@contextlib.contextmanager
def _world(box: Sandbox, path: Path, *, has_books: bool, language: str) -> Iterator[None]:
    """A Telegram that is what it was, or a new one with three people and a group; what happens is written down."""
    journal = Journal(box, path)
    if not journal.load():
        named = enumerate(_NAMES, OPERATOR_ID - len(_NAMES) + 1)  # the last one is the operator
        people = [box.person(n, name, username=name.lower(), language_code=language) for n, name in named]
        box.group(-1002003, "Flat 3", members=people)
        if has_books:
            journal.count_from_now()
    box.operator_id = OPERATOR_ID
    journal.begin()
    try:
        yield
    finally:
        journal.close()


async def _play(
    box: Sandbox,
    gateway: MockGateway,
    stop: asyncio.Event,
    database: Path,
    *,
    clock: MovedClock,
    own: Settings | None,
    language: str | None,
    story: bool,
    browser: bool,
) -> int:
    terminal = Terminal()
    rules = own.rules if own else Rules(currency(USUAL))
    with tempfile.TemporaryDirectory(prefix="tuppence-sandbox-") as folder:
        named = {"ADMIN_IDS": str(OPERATOR_ID), "GATEWAYS": "mock,operator", **gateway.told_at_once()}
        named |= _settings(own, Path(folder)) | ({"LANGUAGE": language} if language else {})
        bot = BotProcess.beside(
            box, database=database, folder=Path(folder), log=Path(folder, "bot.log"), clock=clock, **named
        )
        bot.is_tied = True
        async with WalletCore.session(f"sqlite+aiosqlite:///{database}", rules=rules, clock=clock) as core:
            backstage = Backstage(box, bot, core, terminal, clock=clock)
            box.behind = backstage
            terminal.line(f"Chat page   {box.url}", BOLD)
            terminal.line("People      Alice, Bob, and Carol, who is the operator: /issue 20 @alice")
            terminal.line(f"Play money  /topup 20, paid at {gateway.url}")
            terminal.line(f"Books       {database}")
            terminal.line("Ctrl-C ends both.")
            if browser:
                _open(box.url)
            telling = asyncio.create_task(_tell(box, terminal)) if story else None
            try:
                return await backstage.keep_running(stop)
            finally:
                box.behind = None
                if telling is not None:
                    telling.cancel()
                    await asyncio.gather(telling, return_exceptions=True)


async def _tell(box: Sandbox, terminal: Terminal) -> None:
    for left_out in await tell_story(box):
        terminal.line(f"The story goes on without this: {left_out}", YELLOW)
    terminal.line("The story is told: look around.")


def _settings(own: Settings | None, folder: Path) -> dict[str, str]:
    """What the bot's process is told of the operator's settings, as they were written."""
    if own is None:
        return {}
    named = {name: value for name in OF_ENV if (value := _written(own, name.lower()))}
    if own.qr_logo is not None:
        logo = folder / "logo"
        logo.write_bytes(own.qr_logo)
        named["QR_LOGO"] = str(logo)
    coin = own.currency
    return {**named, "CURRENCY": coin.code if len(coin.code) == 3 else f"{coin.code}/{coin.decimals}"}


def _written(own: Settings, name: str) -> str:
    value = getattr(own, name, None)
    return "" if value is None else str(getattr(value, "number", value))


def _open(url: str) -> None:
    """In the browser of this machine's screen, if it has one; a browser of the terminal would take it from us."""
    has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    if has_screen or os.environ.get("BROWSER"):
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, url)
