"""Hours in milliseconds: a loop whose time passes as soon as nothing else happens, and a Telegram that answers at once.

For tests of what waits, tries again and gives up. Nothing here opens a socket.
"""

import asyncio
import functools
import itertools
import json
import os
import selectors
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.transport.client import Client
from bot.transport.patience import Patience

os.environ.setdefault("PTB_TIMEDELTA", "1")  # as the application does: `RetryAfter` warns of the future without it
BEGIN_S = 1_000.0
ROUNDS_MAX = 20_000  # of the loop: what goes round for ever fails at once
TOKEN = "1234567:" + "x" * 35


class _Impatient(selectors.DefaultSelector):
    """Nobody waits for a timer; what a thread does takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.threads, self.rounds = BEGIN_S, 0, 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads:
            return super().select(0.05)
        found = super().select(0)
        self.rounds += 1
        if not found and (timeout is None or self.rounds > ROUNDS_MAX):
            self.rounds = 0
            raise AssertionError("everybody waits for what never comes" if timeout is None else "it never ends")
        if not found and timeout is not None:
            self.now += timeout
        return found


class Hours(asyncio.SelectorEventLoop):
    """Its clock shows what was waited for."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.now

    def run_in_executor(self, *args: Any) -> Any:
        self._impatient.threads += 1
        future = super().run_in_executor(*args)
        future.add_done_callback(self._back)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        self._impatient.threads += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._impatient.threads -= 1

    def _back(self, _: object) -> None:
        self._impatient.threads -= 1


def in_hours(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in such a loop; no task may end with an exception that nobody hears of."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        unheard: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=Hours) as runner:
            runner.get_loop().set_exception_handler(lambda _, context: unheard.append(context))
            runner.run(test(*args, **kwargs))
        assert unheard == []

    return run


def now() -> float:
    """Seconds since the test began."""
    return asyncio.get_running_loop().time() - BEGIN_S


async def turns(count: int = 30) -> None:
    """All that can happen without time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Call:
    """One call of the Bot API, and when it came."""

    method: str
    params: dict[str, Any]
    at: float
    files: tuple[tuple[str, bytes], ...] = ()  # by their names
    read_timeout_s: float | None = None


def refusal(code: int, description: str, **parameters: int) -> dict[str, Any]:
    """A refusal as Telegram says it."""
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return said | ({"parameters": parameters} if parameters else {})


def too_many(retry_after_s: int) -> dict[str, Any]:
    return refusal(429, f"Too Many Requests: retry after {retry_after_s}", retry_after=retry_after_s)


BLOCKED = refusal(403, "Forbidden: bot was blocked by the user")
UNCHANGED = refusal(400, "Bad Request: message is not modified")
NO_MESSAGE = refusal(400, "Bad Request: message to edit not found")
GONE = refusal(400, "Bad Request: chat not found")
REFUSED = refusal(400, "Bad Request: can't parse entities")


class Telegram(BaseRequest):
    """Answers the next calls of a method as the test says, and then as usual; notes all of them."""

    parse_json_payload = staticmethod(Client.parse_json_payload)

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.serves: dict[str, Callable[[Call], Awaitable[Any]]] = {}  # what a method does instead of the usual
        self._next: defaultdict[str, list[Any]] = defaultdict(list)
        self._numbers = itertools.count(100)

    def says(self, method: str, *answers: Any) -> None:
        """A refusal, an exception (no answer), something to be awaited before the usual answer, a result, or what
        stands there literally: a status with a body."""
        self._next[method] += answers

    def of(self, *methods: str) -> list[Call]:
        return [call for call in self.calls if call.method in methods]

    def texts(self, *methods: str) -> list[str]:
        return [call.params.get("text") or call.params.get("caption") or "" for call in self.of(*methods)]

    @property
    def read_timeout(self) -> float | None:
        return 10.0

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **how: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        params = dict(request_data.parameters) if request_data is not None else {}
        parts = (request_data.multipart_data or {}).values() if request_data is not None else ()
        files = tuple((file_name, content) for file_name, content, _ in parts)
        call = Call(name, params, now(), files, how.get("read_timeout"))
        self.calls.append(call)
        answer = self._next[name].pop(0) if self._next[name] else None
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Awaitable):
            await answer
            answer = None
        elif callable(answer):
            answer = answer(call)
        if isinstance(answer, tuple) and isinstance(answer[1], bytes):
            return answer
        if isinstance(answer, dict) and answer.get("ok") is False:
            return answer["error_code"], json.dumps(answer).encode()
        if answer is None and name in self.serves:
            answer = await self.serves[name](call)
        result = self._usual(call) if answer is None else answer
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _usual(self, call: Call) -> Any:
        if call.method == "getMe":
            return {"id": 7, "is_bot": True, "first_name": "Tuppence", "username": "TestBot"}
        if call.method == "getUpdates":
            return []
        if call.method.startswith(("send", "edit")) and "inline_message_id" not in call.params:
            chat = int(call.params["chat_id"])
            kind = {"type": "private"} if chat > 0 else {"type": "supergroup", "title": "Club"}
            number = call.params.get("message_id") or next(self._numbers)
            return {"message_id": number, "date": 1, "chat": {"id": chat} | kind, "text": "x"}
        return True


@asynccontextmanager
async def bot_at(telegram: Telegram, patience: Patience | None = None) -> AsyncIterator[ExtBot[int]]:
    """A bot that has just begun."""
    waiting = Patience() if patience is None else patience
    bot: ExtBot[int] = ExtBot(TOKEN, request=telegram, get_updates_request=telegram, rate_limiter=waiting)
    async with bot:
        telegram.calls.clear()
        yield bot
