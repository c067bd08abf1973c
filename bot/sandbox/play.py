"""`demo` and `sandbox`: the real bot and a Telegram of this machine, for a terminal and for a browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

from babel.numbers import format_decimal

from bot.command import command
from bot.sandbox.box import Sandbox
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_cast import OPERATOR_ID, Cast, WentWrong
from bot.sandbox.demo_print import BOLD, GREEN, YELLOW, Terminal, Watch
from bot.sandbox.demo_process import BotProcess
from bot.sandbox.demo_story import EXPECTED, TRANSFERS, Story
from bot.words.language import gettext as _
from bot.words.language import locale, speak, spoken
from bot.words.wording import amount
from wallet_core import PersonId, Rules, WalletCore, WalletOf, currency

PICTURE = "tuppence-demo-qr.png"
DATABASE = "tuppence-sandbox.db"
DEMO_S_MAX = 60.0
RESTART_S = 3.0  # a bot that ends by itself sooner would do so again


async def demo(language: str) -> int:
    """A scripted conversation through the real bot, printed; 0 when everything went as told."""
    speak(own=language, house=language, zone=UTC, privately=True)
    terminal = Terminal()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tuppence-demo-") as folder:
        database = Path(folder, "books.db")
        try:
            async with asyncio.timeout(DEMO_S_MAX):
                picture = await _talk(terminal, Path(folder), database)
                await _reckon(terminal, database)
        except WentWrong as error:
            sys.stderr.write(f"\nThe demo failed: {error}\n")
            return 1
        except TimeoutError:
            sys.stderr.write(f"\nThe demo failed: it was not done after {DEMO_S_MAX:.0f} seconds.\n")
            return 1
    taken = format_decimal(f"{time.monotonic() - began:.1f}", format="0.0", locale=locale(spoken()))
    _row(terminal, _("QR picture"), picture)
    _row(terminal, _("Time"), _("{count} seconds").format(count=taken))
    terminal.line()
    hint = _("Try it yourself in a browser: {command}").format(command=command("sandbox"))
    terminal.line(f" {hint}", BOLD)
    return 0


def _row(terminal: Terminal, name: str, value: object, *colours: str) -> None:
    terminal.line(f" {name:<12} {value}", *colours)


async def _talk(terminal: Terminal, folder: Path, database: Path) -> Path:
    """Let everybody talk; the file with the QR picture."""
    picture = _writable(Path.cwd()) / PICTURE
    clock = MovedClock(folder / "clock")
    async with Sandbox(clock=clock.seconds) as box, _asked_to_stop() as stop:
        bot = BotProcess.beside(
            box,
            database=database,
            folder=folder,
            log=folder / "bot.log",
            clock=clock,
            ADMIN_IDS=str(OPERATOR_ID),
            LANGUAGE=spoken(),
        )
        await bot.start()
        begins = _("The real bot (process {pid}) talks to a Telegram of this machine at {url}")
        terminal.line(begins.format(pid=bot.pid, url=box.url), BOLD)
        watch = Watch(box, terminal)
        try:
            story = Story(Cast(box, terminal), terminal, picture=picture, clock=clock)
            await _unless_it_ends(bot, story, stop)
        finally:
            watch.stop()
            status = await bot.stop()
    if status != 0:
        raise WentWrong(f"the bot ended with status {status} when it was told to stop:\n{bot.last_lines()}")
    return picture


async def _unless_it_ends(bot: BotProcess, story: Story, stop: asyncio.Event) -> None:
    telling, ended = asyncio.create_task(story.tell()), asyncio.create_task(bot.ended())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({telling, ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            raise WentWrong("it was interrupted.")
        if not telling.done():
            raise WentWrong(f"the bot ended with status {ended.result()}:\n{bot.last_lines()}")
        try:
            telling.result()
        except WentWrong as error:
            raise WentWrong(f"{error} The bot's log ends with:\n{bot.last_lines()}") from error
    finally:
        for task in (telling, ended, stopping):
            task.cancel()
        await asyncio.gather(telling, ended, stopping, return_exceptions=True)


async def _reckon(terminal: Terminal, database: Path) -> None:
    """Balances and audit, from the file that the bot has left."""
    terminal.line()
    title = _("The books, after the bot has ended")
    terminal.line(f"── {title} ".ljust(98, "─"), BOLD)
    async with WalletCore.session(f"sqlite+aiosqlite:///{database}", rules=Rules(currency("EUR"))) as core:
        for number, expected in EXPECTED.items():
            wallet = await core.ask(WalletOf(PersonId(f"tg:{number}")))
            if wallet.balance != expected:
                raise WentWrong(f"{wallet.owner.name} has {wallet.balance} instead of {expected}.")
            _row(terminal, wallet.owner.name, f"{amount(wallet.balance):>12}")
        report = await core.audit()
    if not report.sound:
        raise WentWrong(f"the books are not sound: {report.problem}.")
    if report.transfers != TRANSFERS:
        raise WentWrong(f"there are {report.transfers} transfers in the books instead of {TRANSFERS}.")
    [(code, total)] = report.sums.items()
    sound = _(
        "sound: {transfers} transfers, {entries} entries, {wallets} wallets; all balances in {currency} sum to {total}"
    ).format(transfers=report.transfers, entries=report.entries, wallets=report.wallets, currency=code, total=total)
    _row(terminal, _("Audit"), sound, GREEN)


def _writable(folder: Path) -> Path:
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


async def serve(port: int) -> int:
    """Telegram, bot and chat page until Ctrl-C; the books stay in a file of the current folder."""
    terminal = Terminal()
    database = Path.cwd() / DATABASE
    with tempfile.TemporaryDirectory(prefix="tuppence-sandbox-") as folder:
        try:
            async with Sandbox(port=port) as box, _asked_to_stop() as stop:
                people = [box.person(1001 + n, name, username=name.lower()) for n, name in enumerate(_NAMES)]
                box.group(-1002003, "Flat 3", members=people)
                bot = BotProcess.beside(
                    box,
                    database=database,
                    folder=Path(folder),
                    log=Path(folder, "bot.log"),
                    ADMIN_IDS=str(OPERATOR_ID),
                )
                terminal.line(f"Chat page   {box.url}", BOLD)
                terminal.line("People      Alice, Bob, and Carol, who is the operator: /issue 20 @alice")
                terminal.line(f"Books       {database}")
                terminal.line("Ctrl-C ends both.")
                return await _keep_running(terminal, bot, stop)
        except OSError as error:
            sys.stderr.write(f"Cannot listen on port {port}: {error.strerror or error}\n")
            return 1


_NAMES = ("Alice", "Bob", "Carol")


async def _keep_running(terminal: Terminal, bot: BotProcess, stop: asyncio.Event) -> int:
    """Start the bot again whenever it dies; one that ends by itself at once is not worth it."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while True:
            began = time.monotonic()
            await bot.start()
            terminal.line(f"The bot runs (process {bot.pid}).")
            ended = asyncio.create_task(bot.ended())
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                break
            status = ended.result()
            terminal.line(f"The bot ended with status {status}:\n{bot.last_lines()}", YELLOW)
            if status > 0 and time.monotonic() - began < RESTART_S:
                return 1
            terminal.line("It is started again; nothing that was paid is lost.", YELLOW)
    finally:
        stopping.cancel()
        await bot.stop()
    terminal.line("The bot has ended; so has its Telegram.")
    return 0


@contextlib.asynccontextmanager
async def _asked_to_stop() -> AsyncIterator[asyncio.Event]:
    """Set by Ctrl-C, SIGTERM or a closed terminal."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = []
    for number in signals:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels this task instead
            loop.add_signal_handler(number, stop.set)
            taken.append(number)
    try:
        yield stop
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
