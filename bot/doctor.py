"""`doctor`: looks at settings, token, database and clock, and says what to fix."""

from __future__ import annotations

import glob
import os
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot import log
from bot.backups import copies, is_late
from bot.command import command, counted
from bot.env_file import ENV_FILE, misspelt, secret_files
from bot.health.checks import CLOCK_S_MAX, hours
from bot.reasons import reason
from bot.settings import Settings, SettingsError
from bot.transport.meter import off_by
from bot.transport.proxy import proxy_for
from wallet_core import BooksProblem, ServerConcern, TryWriting, WalletCore, WalletCount, WrongBooks

SECRET_LENGTH_ADVISED = 16
TIMEOUT_S = 10.0
OTHERS = 0o077  # of a file's mode

CONCERNS = {
    ServerConcern.ASYNCHRONOUS: "its standbys are asynchronous: when the leader is lost, payments may be"
    " lost with it that people have seen confirmed; set synchronous_standby_names (Patroni: synchronous_mode)",
    ServerConcern.UNFLUSHED: "synchronous_commit is off: what was confirmed may be lost with the power; set it to on",
    ServerConcern.SHUFFLED: "a pooler hands its connections round by transaction: PgBouncer needs pool_mode = session",
}


async def doctor(settings: Settings) -> int:
    """Print a line for each thing; returns 0 when the bot can run."""
    checks = [_settings(settings), await _telegram(settings), await _database(settings), _backups(settings)]
    for name, meant in misspelt(Settings.model_fields).items():
        sys.stdout.write(f"note  {name}: no setting has this name, and it is not looked at; {meant} has one like it\n")
    for file in _private(settings):
        _look_at(file)
    return 0 if all(checks) else 1


def of_settings(error: SettingsError) -> int:
    """As `doctor`, of settings that are wrong: nothing else can be looked at before they are right."""
    for line in error.lines:
        name, _, problem = line.partition(": ")
        _line(problem, name, "")
    sys.stdout.write("      the rest is checked once these are right\n")
    return 1


def _line(problem: str | None, subject: str, good: str) -> bool:
    said = f"ok    {subject}: {good}\n" if problem is None else f"FIX   {subject}: {problem}\n"
    sys.stdout.write(log.redacted(said, ()))  # an address may hold a password
    return problem is None


def _settings(settings: Settings) -> bool:
    admins = len(settings.admin_ids)
    operators = counted(admins, "operator", "operators") if admins else "no operators: /issue is nobody's"
    secret = settings.webhook_secret
    if settings.webhook_url and secret and len(secret.get_secret_value()) < SECRET_LENGTH_ADVISED:
        return _line("WEBHOOK_SECRET is short: make it 16 characters or more", "settings", "")
    return _line(None, "settings", f"currency {settings.currency.code}, {operators}")


async def _telegram(settings: Settings) -> bool:
    if settings.bot_token is None:
        return _line("BOT_TOKEN is not set: @BotFather gives one (/newbot); put it into .env", "token", "")
    url = f"{settings.telegram_api_url}/bot{settings.bot_token.get_secret_value()}/getMe"
    try:
        proxy = proxy_for(settings.telegram_api_url)
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        async with aiohttp.request("GET", url, proxy=proxy, timeout=timeout, allow_redirects=False) as answer:
            body = await answer.json(content_type=None)
    except SettingsError as error:
        for line in error.lines:
            _line(line, "token", "")
        return False
    except (aiohttp.ClientError, OSError, ValueError) as error:
        said = log.redacted(f"{type(error).__name__}: {error}".rstrip(": "), settings.secrets)
        what = f"{settings.telegram_api_url} cannot be reached ({said})"
        help_ = "look at the network, and at TELEGRAM_API_URL and HTTPS_PROXY where they are set"
        return _line(f"{what}: {help_}", "token", "")
    if not isinstance(body, dict) or not isinstance(body.get("result", {}), dict):
        return _line(f"{settings.telegram_api_url} is no Bot API server: look at TELEGRAM_API_URL", "token", "")
    if not body.get("ok") and body.get("error_code", 401) not in (401, 404):
        return _line(f"{settings.telegram_api_url} answers with an error just now: try again in a while", "token", "")
    if not body.get("ok"):
        return _line("Telegram does not know BOT_TOKEN: copy it anew from @BotFather", "token", "")
    name = body["result"].get("username")
    for note in inline_notes(body["result"], settings):
        sys.stdout.write(f"note  {note}\n")
    return _line(None, "token", f"@{name}") & _clock(answer.headers.get("date"))


def inline_notes(me: dict[str, Any], settings: Settings) -> list[str]:
    """What is to be known about cards in other chats; what getMe does not say can only be asked."""
    if not me.get("supports_inline_queries"):
        return [f"@{me.get('username')} 5 offers nothing in other chats: @BotFather's /setinline switches that on"]
    if settings.storage_chat is None:
        return []
    return ["STORAGE_CHAT: pictures need @BotFather's /setinlinefeedback at 100%; whether it is cannot be read here"]


def _clock(date: str | None) -> bool:
    off_s = None if date is None else off_by(date, datetime.now(UTC))
    if off_s is None:
        return True
    problem = f"{abs(off_s):.0f} s off Telegram's: set it by NTP" if abs(off_s) > CLOCK_S_MAX else None
    return _line(problem, "clock", "right")


async def _database(settings: Settings) -> bool:
    where = WalletCore.where(settings.database_url)
    try:
        async with WalletCore.session(settings.database_url, rules=settings.rules, create=False) as core:
            found, kept = await core.ask(WalletCount()), core.rules.currency
            concerns, behind_s = await core.concerns(), (core.now() - datetime.now(UTC)).total_seconds()
            await core.run(TryWriting())  # a full disk, or one that is read-only by now, shows at nothing less
    except FileNotFoundError:
        return _new_books(Path(where))
    except Exception as error:
        known = reason(error, settings) or f"DATABASE_URL: {where} cannot be used ({type(error).__name__}: {error})"
        known = log.redacted(" ".join(known.split()), settings.secrets)
        if isinstance(error, WrongBooks) and error.problem is BooksProblem.EMPTY:
            return _line(None, "books", known.removeprefix("DATABASE_URL: "))
        return _line(known, "books", "")
    for concern in concerns:
        sys.stdout.write(f"note  DATABASE_URL: {CONCERNS[concern]}\n")
    if abs(behind_s) > CLOCK_S_MAX:
        how = f"{abs(behind_s):.0f} s {'ahead of' if behind_s > 0 else 'behind'} this machine's"
        sys.stdout.write(f"note  DATABASE_URL: the server's clock is {how}, and the books go by it: set both by NTP\n")
    wallets, decimals = counted(found, "wallet", "wallets"), counted(kept.decimals, "decimal", "decimals")
    return _line(None, "books", f"{where}: {wallets} in {kept.code} with {decimals}, can be read and written")


def _new_books(file: Path) -> bool:
    """There are none yet: nothing is made by looking."""
    if not file.parent.is_dir():
        return _line(f"DATABASE_URL: there is no folder {file.parent}: make it, or name another", "books", "")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return _line(f"DATABASE_URL: the folder {file.parent} cannot be written to", "books", "")
    return _line(None, "books", f"{file} is not there yet: {command('run')} makes it")


def _backups(settings: Settings) -> bool:
    """How old the newest copy is."""
    if settings.database_url.startswith("postgresql"):
        return True
    if settings.backup_dir is None:
        sys.stdout.write("note  BACKUP_DIR is not set: nobody copies the books; name a folder on another disk\n")
        return True
    found = copies(settings)
    where = f"{settings.backup_dir}: {counted(len(found), 'copy', 'copies')}"
    if not found:
        return _line(None, "backups", f"{where}; {command('run')} makes the first at once")
    age = datetime.now(UTC) - found[-1].made_at
    said = f"{where}, the newest is {hours(age)} old"
    problem = f"{said}, and BACKUP_EVERY says otherwise: the bot does not run, or its log says why not"
    return _line(problem if is_late(age, settings.backup_every) else None, "backups", said)


def _private(settings: Settings) -> list[Path]:
    """The files that nobody else should read; copies of the books lie beside them, as a rule."""
    files = [Path(ENV_FILE).absolute(), *secret_files(Settings.model_fields), *(copy.file for copy in copies(settings))]
    if not settings.database_url.startswith("postgresql"):
        books = Path(WalletCore.where(settings.database_url))
        files += sorted(books.parent.glob(f"{glob.escape(books.name)}*"))
    return [file for file in files if file.is_file()]


def _look_at(file: Path) -> None:
    """A word about a file that others can read; the bot can run all the same."""
    if file.stat().st_mode & OTHERS:
        sys.stdout.write(f"note  {file}: others on this machine can read it: chmod 600 {shlex.quote(str(file))}\n")
