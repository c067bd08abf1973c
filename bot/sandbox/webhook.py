"""Webhook: updates are posted to the bot, again and again until it answers 2xx."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.errors import bad_request
from bot.sandbox.updates import KINDS, ONLY_ON_REQUEST, Update, Updates

CONNECTIONS = 40  # Telegram's default
CONNECTIONS_MAX = 100
ANSWER_S_MAX = 60.0
RETRY_FIRST_S = 0.05
RETRY_S_MAX = 2.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook:
    """Posts the updates of one person or chat in order, those of several at once."""

    def __init__(self, updates: Updates, now: Callable[[], int]) -> None:
        self._updates, self._now = updates, now
        self.url = ""
        self._secret = ""
        self._connections = CONNECTIONS
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[int] = set()  # lanes that have an update under way
        self._client: aiohttp.ClientSession | None = None
        self._last_error: dict[str, Any] = {}

    def set(self, params: dict[str, Any]) -> str:
        """setWebhook and deleteWebhook (without a url); what Telegram says of it."""
        before = self.url
        url = params.get("url", "")
        if url:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise bad_request("bad webhook: invalid webhook URL specified")
        secret = params.get("secret_token", "")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = params.get("max_connections", CONNECTIONS)
        if not 1 <= connections <= CONNECTIONS_MAX:
            raise bad_request("max_connections must be between 1 and 100")
        self._updates.allow(params.get("allowed_updates"))
        if params.get("drop_pending_updates"):
            self._updates.clear()
        self._stop()
        self.url, self._secret, self._connections = url, secret, connections
        self._last_error = {}
        if url:
            self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_S_MAX))
            self._updates.on_new = self._more
            self._more()
            return "Webhook is already set" if url == before else "Webhook was set"
        return "Webhook was deleted" if before else "Webhook is already deleted"

    def info(self) -> dict[str, Any]:
        """WebhookInfo."""
        info = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
            **self._last_error,
        }
        if self.url:
            info["max_connections"] = self._connections
        if self._updates.allowed != KINDS - ONLY_ON_REQUEST:
            info["allowed_updates"] = sorted(self._updates.allowed)
        return info

    def _more(self) -> None:
        """Start as many posts as may run at once."""
        for update in self._updates:
            if len(self._tasks) >= self._connections:
                return
            if update.lane not in self._busy:
                self._start(update, again=False)
        while len(self._tasks) < self._connections:
            repeated = self._updates.take_again()
            if repeated is None:
                return
            self._start(repeated, again=True)

    def _start(self, update: Update, *, again: bool) -> None:
        if not again:
            self._busy.add(update.lane)
        task = asyncio.get_running_loop().create_task(self._deliver(update, again=again))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._ended(task, update, again=again))

    def _ended(self, task: asyncio.Task[None], update: Update, *, again: bool) -> None:
        self._tasks.discard(task)
        if again:
            self._updates.posted_again()
        if task.cancelled():
            return
        if not again:
            self._busy.discard(update.lane)
        if self.url:
            self._more()

    async def _deliver(self, update: Update, *, again: bool) -> None:
        assert self._client is not None
        headers = {"content-type": "application/json"}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        pause_s = RETRY_FIRST_S
        while True:
            try:
                async with self._client.post(
                    self.url, data=update.body, headers=headers, allow_redirects=False
                ) as answer:
                    if 200 <= answer.status < 300:
                        break
                    reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            except (aiohttp.ClientError, OSError) as error:
                reason = f"{type(error).__name__}"
            self._last_error = {"last_error_message": reason, "last_error_date": self._now()}
            await asyncio.sleep(pause_s)
            pause_s = min(RETRY_S_MAX, pause_s * 2)
        if not again:
            self._updates.acknowledge(update)

    def _stop(self) -> None:
        self._updates.on_new = None
        for task in self._tasks:
            task.cancel()
        self._tasks = set()
        self._busy = set()
        client, self._client = self._client, None
        if client is not None:
            self._closing = asyncio.get_running_loop().create_task(client.close())

    async def close(self) -> None:
        """Stop posting."""
        tasks = list(self._tasks)
        self._stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        closing = getattr(self, "_closing", None)
        if closing is not None:
            await closing
