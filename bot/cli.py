"""The command line: what is wrong is one line on stderr; exit status 2 for a wrong setting or argument."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import log
from bot.command import command, counted
from bot.loading import loading
from bot.reasons import hint_of_backup, reason, reason_of_backup
from bot.setting_values import TELEGRAM
from bot.settings import Settings, SettingsError, read_settings
from bot.words.language import ENGLISH, languages, understood
from wallet_core import AuditReport, BackupUnsound, BooksInUse, CoreStopped, StorageFull, WalletCore, WrongBooks

if TYPE_CHECKING:
    from bot.run import Clock

SOUND, NOT_SOUND, FAILED, WRONG = 0, 1, 1, 2
DIGITS_MAX = 19  # of a number on the command line
TERMINATED = 143  # as a shell says: 128 and SIGTERM
NO_TOKEN = (
    "BOT_TOKEN is not set: @BotFather on Telegram gives one (/newbot); put it into .env. "
    "To see everything without a token: {demo}"
)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="tuppence", description="A QR-payment chat bot for Telegram.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot")
    sandbox = commands.add_parser("sandbox", help="bot and a Telegram of its own on this machine; no token needed")
    sandbox.add_argument("--port", type=_port, default=8081, help="of the page (default 8081; 0: any that is free)")
    sandbox.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    sandbox.add_argument("--story", action="store_true", help="fill a new world: a flat, a café, a gift")
    sandbox.add_argument("--env", action="store_true", help="with the look, currency, limits, language of your .env")
    known = ", ".join(languages())
    sandbox.add_argument("--language", type=_language, metavar="TAG", help=f"of the people and the group: {known}")
    demo = commands.add_parser("demo", help="a conversation with the real bot, printed; ends by itself")
    held = f"in which it is held (default en): {known}"
    demo.add_argument("--language", type=_language, default=ENGLISH, metavar="TAG", help=held)
    audit = commands.add_parser("audit", help="verify the books: status 0 when sound, 1 when not")
    audit.add_argument("--from", dest="start", type=_number, default=0, metavar="ID", help="after this transfer")
    backup = commands.add_parser("backup", help="copy the books into a new file, while the bot runs")
    backup.add_argument("file", type=_file)
    restore = commands.add_parser("restore", help="put a backup where the books are, while no bot runs")
    restore.add_argument("file", type=_file)
    commands.add_parser("doctor", help="check settings, token, database, clock and backups")
    commands.add_parser("status", help="whether the bot that runs is well: status 0 when it is, 1 when not")
    deploy = commands.add_parser("deploy", help="write out what it takes to run the bot for long")
    kinds = ("systemd", "docker", "compose", "constraints", "sbom", "advisories")
    deploy.add_argument("kind", choices=kinds, help="a service, containers; what is installed, and is known against it")
    deploy.add_argument("--to", type=Path, default=Path("deploy"), metavar="FOLDER", help="default: deploy")
    deploy.add_argument("--source", type=Path, metavar="FOLDER", help="of a clone, for images")
    return top


def _file(text: str) -> Path:
    try:
        text.encode()
    except UnicodeEncodeError:  # SQLite knows no other
        raise argparse.ArgumentTypeError("expected a name in UTF-8") from None
    return Path(text)


def _port(text: str) -> int:
    return _number(text, 65_535)


def _number(text: str, largest: int = 2**63 - 1) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > DIGITS_MAX or int(text) > largest:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {largest}, not {text}")
    return int(text)


def _language(text: str) -> str:
    if (language := understood(text)) is None:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(languages())}, not {text}")
    return language


def main(arguments: Sequence[str] | None = None, *, clock: Clock | None = None) -> int:
    """Run one command; returns the exit status. No argument and no setting gives the bot another clock: its caller."""
    given = parser().parse_args(arguments, argparse.Namespace(clock=clock))
    try:
        Path.cwd()
    except FileNotFoundError:
        return _failed("the folder in which this was started is gone: go to another one", FAILED)
    settings: Settings | None = None
    try:
        if given.command in ("demo", "sandbox"):
            return _sandbox(given)
        if given.command == "deploy":
            return _deploy(given)
        settings = read_settings()
        log.set_up(level=settings.log_level, json=settings.log_format == "json", secrets=settings.secrets)
        return _COMMANDS[given.command](settings, given)
    except SettingsError as error:
        if settings is None and given.command in ("run", "doctor"):
            error = _all_wrong(error)
        if given.command == "doctor" and settings is None:
            return _doctor_of_settings(error)
        return _failed(error, WRONG)
    except Exception as error:
        if settings is not None:  # else nobody has said yet where a log goes
            log.get_log(__name__).debug("failed", exc_info=error)
        return _failed(_words(error, settings), FAILED)


def _words(error: Exception, settings: Settings | None) -> str:
    if settings is not None and (known := reason(error, settings)) is not None:
        return log.redacted(known, settings.secrets)
    text = " ".join(str(error).split())
    text = text if type(error).__module__.startswith("bot") and text else f"{type(error).__name__}: {text}"
    return log.redacted(text, () if settings is None else settings.secrets)


def _failed(error: object, status: int) -> int:
    for line in str(error).splitlines():
        print(f"tuppence: {line}", file=sys.stderr)
    return status


def _run(settings: Settings, given: argparse.Namespace) -> int:
    if settings.bot_token is None:
        return _failed(NO_TOKEN.format(demo=command("demo")), WRONG)
    with loading():
        from bot.run import run_until_signal

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run_until_signal(settings, clock=given.clock))
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of the bot: uvloop's where it is installed, else Python's own."""
    try:
        import uvloop  # there is none for Windows, nor for Pythons other than CPython
    except ImportError:
        return None
    return uvloop.new_event_loop


def _sandbox(given: argparse.Namespace) -> int:
    from bot.sandbox import demo, play

    if given.command == "demo":
        return asyncio.run(demo.demo(given.language))
    own = read_settings() if given.env else None
    how = {"story": given.story, "language": given.language, "browser": not given.no_open}
    return asyncio.run(play.serve(given.port, own=own, **how))


def _deploy(given: argparse.Namespace) -> int:
    from bot.deploy import DeployError, deploy

    try:
        return deploy(given.kind, given.to, given.source)
    except DeployError as error:
        return _failed(error, FAILED)


def _done(work: Coroutine[Any, Any, int]) -> int:
    """Its status; SIGTERM ends it as Ctrl-C does, and it takes away what it was making."""

    async def ended() -> int:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(ended())
    except asyncio.CancelledError:
        return TERMINATED


def _audit(settings: Settings, given: argparse.Namespace) -> int:
    return _done(_audited(settings, given.start))


async def _audited(settings: Settings, start: int) -> int:
    is_screen = sys.stderr.isatty()  # elsewhere nobody looks on, and stderr is for what is wrong

    def progress(done: int, total: int) -> None:
        print(f"{done} of {total} entries", end="\r", file=sys.stderr, flush=True)

    async with _books(settings) as core:
        report = await core.audit(start=start, progress=progress if is_screen else None)
    if is_screen:
        print("\033[K", end="", file=sys.stderr, flush=True)
    transfers, wallets = _counts(report)
    print(f"{transfers}, {counted(report.entries, 'entry', 'entries')}, {wallets} verified")
    for code, total in sorted(report.sums.items()):
        print(f"sum of all {code} wallets: {total}")
    print("the books are sound" if report.sound else f"NOT SOUND: {report.problem}")
    return SOUND if report.sound else NOT_SOUND


def _backup(settings: Settings, given: argparse.Namespace) -> int:
    return _done(_backed_up(settings, given.file))


async def _backed_up(settings: Settings, file: Path) -> int:
    async with _books(settings) as core:
        try:
            await core.backup(file)
        except FileExistsError:
            return _failed(f"{file} exists already; name a new file", FAILED)
        except BooksInUse:
            return _failed(f"{file} is just being made by another backup; name a new file", FAILED)
        except StorageFull:
            return _failed(f"the disk of {file} is full; make room, or name another", FAILED)
        except FileNotFoundError:
            return _failed(f"there is no folder {file.parent}; make it, or name another", FAILED)
        except OSError as error:
            return _failed(f"{file} cannot be written: {error.strerror}", FAILED)
        except ValueError as error:
            return _failed(f"DATABASE_URL: {error}", FAILED)
    print(f"copied to {file}")
    return 0


def _restore(settings: Settings, given: argparse.Namespace) -> int:
    return _done(_restored(settings, given.file))


async def _restored(settings: Settings, file: Path) -> int:
    try:
        done = await WalletCore.restore(settings.database_url, file, rules=settings.rules)
    except FileNotFoundError as error:
        return _failed(f"there is no file {error}", FAILED)
    except CoreStopped as error:
        return _failed(f"{file} cannot be used: {error.reason}{hint_of_backup(error)}; nothing was changed", FAILED)
    except StorageFull:
        folder = Path(WalletCore.where(settings.database_url)).parent
        return _failed(f"DATABASE_URL: the disk of {folder} is full: make room; nothing was changed", FAILED)
    except BackupUnsound as error:
        return _failed(f"{file} is not sound: {error.problem}; nothing was changed", FAILED)
    except WrongBooks as error:
        return _failed(f"{file} {reason_of_backup(error, settings)}; nothing was changed", FAILED)
    except ValueError as error:
        return _failed(f"DATABASE_URL: {error}", FAILED)
    print(f"{file} is sound: {', '.join(_counts(done.report))}")
    if done.kept is not None:
        print(f"the books that were there before are kept as {done.kept}")
    print(f"the books at {done.file} are now a copy of {file}")
    return 0


def _counts(report: AuditReport) -> tuple[str, str]:
    return counted(report.transfers, "transfer", "transfers"), counted(report.wallets, "wallet", "wallets")


def _books(settings: Settings) -> AbstractAsyncContextManager[WalletCore]:
    """The books that are there already: looking at them must not make new ones under a mistyped name."""
    return WalletCore.session(settings.database_url, rules=settings.rules, create=False)


def _all_wrong(error: SettingsError) -> SettingsError:
    from bot.transport.proxy import and_proxies

    return and_proxies(error, os.environ.get("TELEGRAM_API_URL", "").strip() or TELEGRAM)


def _doctor_of_settings(error: SettingsError) -> int:
    from bot.doctor import of_settings

    return of_settings(error)


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    from bot.doctor import doctor

    return _done(doctor(settings))


def _status(settings: Settings, _: argparse.Namespace) -> int:
    from bot.health.status import status

    return _done(status(settings))


_COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "run": _run,
    "audit": _audit,
    "backup": _backup,
    "restore": _restore,
    "doctor": _doctor,
    "status": _status,
}
