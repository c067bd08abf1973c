"""A server of the Bot API that shares nothing with the sandbox and says no more than the documentation asks for."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from typing import Any

from aiohttp import web

TOKEN = "42:TEST"  # as tests name one
OK = "application/json"


class Bare:
    """Answers every call with what is required of it alone, on a connection of its own, in pieces.

    Most methods are unknown to it. `broken` are bodies that a method answers first, with status 200. One that `mumbles`
    says of a message no more than its number.
    """

    def __init__(self, *, mumbles: bool = False) -> None:
        self._mumbles = mumbles
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken: defaultdict[str, list[bytes]] = defaultdict(list)
        self.acknowledged = 0
        self._updates: list[dict[str, Any]] = []
        self._numbers = itertools.count(100)
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Bare:
        app = web.Application()
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def send(self, **update: Any) -> int:
        """An update; its number."""
        number = next(self._numbers)
        async with self._changed:
            self._updates.append({"update_id": number, **update})
            self._changed.notify_all()
        return number

    async def see(self, words: str, *, method: str = "sendMessage", chat: int | None = None) -> dict[str, Any]:
        """The first call with these words, when it comes; afterwards it counts no more."""

        def found() -> tuple[str, dict[str, Any]] | None:
            for call in self.calls:
                text = str(call[1].get("text") or call[1].get("caption"))
                if call[0] == method and words in text and chat in (None, int(call[1].get("chat_id", 0))):
                    return call
            return None

        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(found)
            call = found()
        assert call is not None
        self.calls.remove(call)
        return call[1]

    async def done(self, number: int) -> None:
        """Until an update is acknowledged."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self.acknowledged >= number)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], dict[str, Any](await request.post())
        if self.broken[method]:
            return web.Response(body=self.broken[method].pop(0), content_type=OK)
        result = await self._result(method, params)
        async with self._changed:
            self.calls.append((method, params))
            self._changed.notify_all()
        if result is None:
            said = {"ok": False, "error_code": 404, "description": "Not Found"}
            return web.json_response(said, status=404)
        response = web.StreamResponse(headers={"Content-Type": OK, "Connection": "close"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        body = json.dumps({"ok": True, "result": result}).encode()
        for start in range(0, len(body), 7):
            await response.write(body[start : start + 7])
        await response.write_eof()
        return response

    async def _result(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "getMe":
                return {"id": 42, "is_bot": True, "first_name": "Bare", "username": "BareBot"}
            case "getUpdates":
                return await self._polled(int(params.get("offset", 0)), float(params.get("timeout", 0)))
            case "sendMessage" | "sendPhoto" | "editMessageText":
                chat = int(params["chat_id"])
                kind = "private" if chat > 0 else "supergroup"
                number = params.setdefault("message_id", next(self._numbers))
                more = {"date": 1_700_000_000, "chat": {"id": chat, "type": kind}}
                return {"message_id": int(number)} | ({} if self._mumbles else more)
            case "getFile":
                return {"file_id": params["file_id"], "file_unique_id": "U"}  # without a path, which is optional
            case "answerCallbackQuery":
                return True
        return None

    async def _polled(self, offset: int, timeout_s: float) -> list[dict[str, Any]]:
        async with self._changed:
            self.acknowledged = max(self.acknowledged, offset - 1)
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            self._changed.notify_all()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._changed.wait_for(lambda: self._updates)
            except TimeoutError:
                pass
            return list(self._updates)
