"""`demo`: a scripted conversation through the real bot and a Telegram of this machine, for a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

from babel.numbers import format_decimal

from bot.command import command
from bot.sandbox.box import Sandbox
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_cast import OPERATOR_ID, Cast, WentWrong
from bot.sandbox.demo_print import BOLD, GREEN, Terminal, Watch
from bot.sandbox.demo_process import BotProcess
from bot.sandbox.demo_stop import asked_to_stop
from bot.sandbox.demo_story import EXPECTED, TRANSFERS, Story
from bot.sandbox.gateway import MockGateway
from bot.words.language import gettext as _
from bot.words.language import locale, speak, spoken
from bot.words.wording import amount
from wallet_core import PersonId, Rules, WalletCore, WalletOf, currency

PICTURE = "tuppence-demo-qr.png"
DEMO_S_MAX = 60.0


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
        except OSError as error:
            if error.filename is None:  # none of its files
                raise
            sys.stderr.write(f"\nThe demo failed: {error.filename} cannot be written: {error.strerror}\n")
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
    async with (
        Sandbox(clock=clock.seconds) as box,
        MockGateway(clock=clock.seconds) as gateway,
        asked_to_stop() as stop,
    ):
        bot = BotProcess.beside(
            box,
            database=database,
            folder=folder,
            log=folder / "bot.log",
            clock=clock,
            ADMIN_IDS=str(OPERATOR_ID),
            LANGUAGE=spoken(),
            GATEWAYS="mock",
            **gateway.told_at_once(),
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
