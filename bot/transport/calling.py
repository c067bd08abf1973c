"""Webhook mode: Telegram is told to call us, and is asked now and then whether it does."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.meter import Meter
from bot.transport.poller import ALLOWED_UPDATES

CONNECTIONS = 40
AGAIN_S = 5.0
LOOK_S = 60.0
FAILED_S = 120.0  # what failed so long ago was brought since, or is tried seldom
# What the library raises where a simple server says `true` to all, or a time that is none.
UNREADABLE = AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError

log = get_log(__name__)


async def keep_called(bot: ExtBot[int], meter: Meter, *, url: str, secret: str) -> None:
    """Until cancelled. Raises InvalidToken."""
    while True:
        await _set(bot, meter, url=url, secret=secret)
        is_set = True
        while is_set:
            await asyncio.sleep(LOOK_S)
            is_set = await _is_set(bot, meter, url)


async def _set(bot: ExtBot[int], meter: Meter, *, url: str, secret: str) -> None:
    while True:
        try:
            await bot.set_webhook(
                url,
                allowed_updates=ALLOWED_UPDATES,
                secret_token=secret,
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            )
        except InvalidToken:
            raise
        except TelegramError as error:
            log.error("webhook_not_set", error=type(error).__name__, reason=error.message)
            await asyncio.sleep(AGAIN_S)
        else:
            meter.is_called, meter.call_problem = True, None
            meter.heard()
            return


async def _is_set(bot: ExtBot[int], meter: Meter, url: str) -> bool:
    """Whether Telegram has an address, be it another one: whose it is, is not ours to say."""
    try:
        seen = await bot.get_webhook_info()
        problem = what_is_wrong(seen, url, meter.now())
    except (TelegramError, *UNREADABLE):
        return True  # as far as is known
    if problem is not None and problem != meter.call_problem:
        log.error("not_called", reason=problem)
    meter.call_problem, meter.is_called = problem, seen.url == url
    return bool(seen.url)


def what_is_wrong(seen: WebhookInfo, url: str, now: datetime) -> str | None:
    """Why updates do not come to us, in one line; None: they do, as far as Telegram says."""
    if not seen.url:
        return "somebody has taken the webhook away: it is set again"
    if seen.url != url:
        return "Telegram calls another address: all processes need the same WEBHOOK_URL, and no other bot this token"
    failed_at = seen.last_error_date
    if seen.pending_update_count and failed_at is not None and now - failed_at < timedelta(seconds=FAILED_S):
        return f"{seen.pending_update_count} updates wait, for Telegram cannot bring them: {seen.last_error_message}"
    return None
