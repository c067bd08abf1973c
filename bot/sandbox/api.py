"""`/bot<token>/METHOD`: one call of the Bot API from bytes to bytes."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from bot.sandbox import answering, invoices, sending
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults, Limits
from bot.sandbox.older import without_new
from bot.sandbox.parameters import checked
from bot.sandbox.signatures import SIGNATURES
from bot.sandbox.telegram import Telegram
from bot.sandbox.updates import LIMIT_MAX, encoded
from bot.sandbox.webhook import Webhook
from bot.sandbox.wire import Upload, parameters_of

CALLS_KEPT_MAX = 10_000
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,100}")
Handler = Callable[[Telegram, dict[str, Any]], Any]
_CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def _handlers() -> dict[str, tuple[str, Handler | None]]:
    found: dict[str, tuple[str, Handler | None]] = {}
    for name in SIGNATURES:
        homes = (getattr(module, _snake(name), None) for module in (sending, answering, invoices))
        handler = next(filter(None, homes), None)
        found[name.lower()] = (name, handler)
    return found


HANDLERS = _handlers()


@dataclass(frozen=True)
class Call:
    """One call the bot made."""

    method: str
    params: dict[str, Any]
    status: int
    description: str = ""
    result: Any = None
    at_s: float = 0.0  # by the clock of the world


@dataclass(frozen=True)
class Reply:
    """What goes back; `drop` breaks the connection instead."""

    status: int
    body: bytes
    drop: bool = False


class BotApi:
    """The Bot API of one bot."""

    def __init__(self, world: Telegram, token: str) -> None:
        self.world = world
        self.token = token
        self.webhook = Webhook(world.updates, world.now)
        self.faults = Faults()
        self.limits: Limits | None = None
        self.lacks: frozenset[str] = frozenset()  # of an older server: see older.py
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT_MAX)
        self.record_calls = True
        self.is_cut = False  # the line between bot and server: nothing gets through
        self.waiting: list[tuple[Callable[[Call], bool], asyncio.Future[Call]]] = []
        self._prefix = f"/bot{token}/"

    async def answer(self, path: str, query: bytes, content_type: str, body: bytes) -> Reply:
        """One request, answered; refusals are answers too, and a cut line is none."""
        reply = Reply(0, b"", drop=True) if self.is_cut else await self._answered(path, query, content_type, body)
        return Reply(0, b"", drop=True) if self.is_cut else reply

    async def _answered(self, path: str, query: bytes, content_type: str, body: bytes) -> Reply:
        try:
            name, handler = self._route(path)
        except ApiError as error:
            return Reply(error.code, encoded(error.body()))
        method = name.lower()
        fault = self.faults.take(method)
        params: dict[str, Any] = {}
        result: Any = None
        try:
            if fault is not None:
                if fault.delay_s:
                    await asyncio.sleep(fault.delay_s)
                if fault.drop == "before":
                    return Reply(0, b"", drop=True)
                if fault.code == 200 and fault.drop != "after":
                    return Reply(200, fault.description.encode())
                if (failure := fault.error()) is not None:
                    params = _readable(query, content_type, body)
                    raise failure
            params = checked(SIGNATURES[name], parameters_of(query, content_type, body))
            without_new(params, self.lacks)
            if handler is not None:
                if self.limits is not None and name[:4] in {"send", "edit"} and name != "sendChatAction":
                    self.limits.check(params.get("chat_id", params.get("inline_message_id")))
                result = handler(self.world, params)
                reply = Reply(200, b'{"ok":true,"result":' + encoded(result) + b"}")
            else:
                reply = Reply(200, await self._own(name, params))
            self._record(name, params, 200, "", result)
        except ApiError as error:
            self._record(name, params, error.code, error.description, None)
            reply = Reply(error.code, encoded(error.body()))
        if fault is not None and fault.drop == "after":
            if fault.code == 200:
                return Reply(200, fault.description.encode())
            return Reply(0, b"", drop=True)
        return reply

    def cut(self, *, is_cut: bool) -> None:
        """Cut the line to the bot, or mend it; a poll that is under way breaks off."""
        self.is_cut = is_cut
        if is_cut:
            self.world.updates.terminate(ApiError(502))

    def _route(self, path: str) -> tuple[str, Handler | None]:
        if path.startswith(self._prefix):
            found = HANDLERS.get(path[len(self._prefix) :].lower())
            if found is not None:
                return found
            raise ApiError(404)
        token, slash, method = unquote(path[4:]).partition("/")
        if not slash or not _TOKEN.fullmatch(token):
            raise ApiError(404)
        if token != self.token:
            raise ApiError(401)
        found = HANDLERS.get(method.lower())
        if found is None:
            raise ApiError(404)
        return found

    def _record(self, name: str, params: dict[str, Any], status: int, description: str, result: Any) -> None:
        if not self.record_calls and not self.waiting:
            return
        kept = {key: _without_bytes(value) for key, value in params.items() if key != "uploads"}
        call = Call(name, kept, status, description, result, self.world.clock())
        if self.record_calls:
            self.calls.append(call)
        for entry in list(self.waiting):
            wanted, future = entry
            if not future.done() and wanted(call):
                self.waiting.remove(entry)
                future.set_result(call)

    async def _own(self, name: str, params: dict[str, Any]) -> bytes:
        """The methods that are about updates."""
        updates, webhook = self.world.updates, self.webhook
        if name == "getUpdates":
            if webhook.url:
                error = ApiError(409)
                error.description = _CONFLICT
                raise error
            updates.allow(params.get("allowed_updates"))
            limit = params.get("limit", LIMIT_MAX)
            return await updates.poll(
                offset=params.get("offset", 0),
                limit=limit if 1 <= limit <= LIMIT_MAX else LIMIT_MAX,
                timeout_s=params.get("timeout", 0),
            )
        if name in {"setWebhook", "deleteWebhook"}:
            given = params if name == "setWebhook" else {**params, "url": ""}
            return b'{"ok":true,"result":true,"description":' + encoded(webhook.set(given)) + b"}"
        if name == "getWebhookInfo":
            return b'{"ok":true,"result":' + encoded(webhook.info()) + b"}"
        assert name in {"logOut", "close"}, name
        return b'{"ok":true,"result":true}'


def _without_bytes(value: Any) -> Any:
    """Thousands of calls are kept; their pictures are with the messages."""
    return Upload(b"", value.file_name, value.mime_type) if isinstance(value, Upload) else value


def _readable(query: bytes, content_type: str, body: bytes) -> dict[str, Any]:
    try:
        return parameters_of(query, content_type, body)
    except ApiError:
        return {}
