"""`doctor`: looks at settings, token, database and clock, and says what to fix."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.settings import Settings, SettingsError
from bot.transport.proxy import proxy_for
from wallet_core import OutboxDueIn, WalletCore

CLOCK_S_MAX = 30.0
SECRET_LENGTH_ADVISED = 16
TIMEOUT_S = 10.0


async def doctor(settings: Settings) -> int:
    """Print a line for each thing; returns 0 when the bot can run."""
    checks = [_settings(settings), await _telegram(settings), await _database(settings)]
    return 0 if all(checks) else 1


def _line(problem: str | None, subject: str, good: str) -> bool:
    sys.stdout.write(f"ok    {subject}: {good}\n" if problem is None else f"FIX   {subject}: {problem}\n")
    return problem is None


def _settings(settings: Settings) -> bool:
    operators = f"{len(settings.admin_ids)} operators" if settings.admin_ids else "no operators: /issue is nobody's"
    secret = settings.webhook_secret
    if settings.webhook_url and secret and len(secret.get_secret_value()) < SECRET_LENGTH_ADVISED:
        return _line("WEBHOOK_SECRET is short: make it 16 characters or more", "settings", "")
    return _line(None, "settings", f"currency {settings.currency.code}, {operators}")


async def _telegram(settings: Settings) -> bool:
    if settings.bot_token is None:
        return _line("BOT_TOKEN is not set: @BotFather gives one (/newbot)", "token", "")
    url = f"{settings.telegram_api_url}/bot{settings.bot_token.get_secret_value()}/getMe"
    try:
        proxy = proxy_for(settings.telegram_api_url)
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        async with aiohttp.request("GET", url, proxy=proxy, timeout=timeout, allow_redirects=False) as answer:
            body = await answer.json(content_type=None)
    except SettingsError as error:
        return _line(str(error), "token", "")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _line(f"{settings.telegram_api_url} cannot be reached ({type(error).__name__})", "token", "")
    if not body.get("ok"):
        return _line("Telegram does not know BOT_TOKEN: copy it anew from @BotFather", "token", "")
    name = body["result"].get("username")
    return _line(None, "token", f"@{name}") & _clock(answer.headers.get("date"))


def _clock(date: str | None) -> bool:
    if date is None:
        return True
    off_s = abs((datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds())
    problem = f"{off_s:.0f} s off Telegram's: set it by NTP" if off_s > CLOCK_S_MAX else None
    return _line(problem, "clock", "right")


async def _database(settings: Settings) -> bool:
    try:
        async with WalletCore.session(settings.database_url, rules=settings.rules) as core:
            await core.ask(OutboxDueIn())
    except Exception as error:
        return _line(f"DATABASE_URL cannot be used ({type(error).__name__})", "database", "")
    return _line(None, "database", "can be read and written")
