"""`status`: what /readyz says of the bot that runs, in the terminal; and what the books say, also when none runs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot import log
from bot.backups import copies, is_late
from bot.command import counted
from bot.health.checks import UNTOLD_MAX, hours
from bot.reasons import reason
from bot.setting_values import EVERYWHERE, LOOPBACK
from bot.settings import Settings
from wallet_core import AskVitals, WalletCore

TIMEOUT_S = 5.0


async def status(settings: Settings) -> int:
    """Print a line for each thing; returns 0 when all is well."""
    if settings.health_port is None:
        sys.stdout.write("note  HEALTH_PORT is not set: a bot that runs cannot be asked, only its books\n")
        answers = [True]
    else:
        answers = [await _asked(settings)]
    return 0 if all([*answers, await _books(settings), _copies(settings)]) else 1


def _line(is_ok: bool, subject: str, said: str) -> bool:
    sys.stdout.write(f"{'ok   ' if is_ok else 'FIX  '} {subject}: {said}\n")
    return is_ok


async def _asked(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.health_host in (LOOPBACK, EVERYWHERE) else settings.health_host
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.health_port}/readyz"
    try:
        async with aiohttp.request("GET", url, timeout=aiohttp.ClientTimeout(TIMEOUT_S)) as answer:
            said: dict[str, Any] = await answer.json()
            checks = [(name, check["ok"], str(check["said"])) for name, check in said["checks"].items()]
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
        return _line(False, "bot", f"nobody says anything useful at {url} ({type(error).__name__}): it does not run")
    for name, is_ok, line in checks:
        _line(is_ok, name, line)
    return _line(bool(said["ready"]), "bot", "ready" if said["ready"] else "not ready")


async def _books(settings: Settings) -> bool:
    where = WalletCore.where(settings.database_url)
    try:
        async with WalletCore.session(settings.database_url, rules=settings.rules, create=False) as core:
            vitals = await core.ask(AskVitals())
    except Exception as error:
        known = reason(error, settings) or f"{where} cannot be used ({type(error).__name__})"
        return _line(False, "books", log.redacted(known, settings.secrets))
    oldest = vitals.oldest_untold
    untold = counted(vitals.untold, "notice waits", "notices wait")
    waits = "everybody is told" if oldest is None else f"{untold}, the oldest for {hours(oldest)}"
    said = f"{where}: the newest transfer is number {vitals.newest_transfer}; {waits}"
    return _line(oldest is None or oldest < UNTOLD_MAX, "books", said)


def _copies(settings: Settings) -> bool:
    if settings.backup_dir is None:
        return True
    found = copies(settings)
    if not found:
        return _line(False, "backups", f"there is none in {settings.backup_dir} yet")
    age = datetime.now(UTC) - found[-1].made_at
    said = f"{len(found)} in {settings.backup_dir}, the newest is {hours(age)} old"
    return _line(not is_late(age, settings.backup_every), "backups", said)
