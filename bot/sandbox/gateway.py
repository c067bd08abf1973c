"""A mock of a payment gateway, a server of its own: a page to pay at, an API for the merchant, knobs for trouble.

It is what the gateway `mock` of the bot talks to. No money is real.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import random
import secrets
import socket
import time
from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.gate import LOOPBACK, refusal
from bot.sandbox.gateway_books import Checkout, GatewayBooks, KeyTaken
from bot.sandbox.gateway_hooks import Hooks, Knobs
from bot.sandbox.gateway_page import ACTIONS, left, shown, unknown
from bot.sandbox.server import Listener

BODY_BYTES_MAX = 10_000
LIMIT_MAX = 1_000


class MockGateway:
    """`async with MockGateway() as gateway:` serves it at `gateway.url`; `hooks.url` is where it sends webhooks."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, seed: int = 0, port: int = 0, file: Path | None = None
    ) -> None:
        self.key = secrets.token_urlsafe(24)
        self.secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        self.knobs, self.chance = Knobs(), random.Random(seed)
        self.hooks = Hooks(secret=self.secret, knobs=self.knobs, clock=clock, chance=self.chance)
        self.books = GatewayBooks(moved=self.hooks.say)
        self.url = ""
        self._clock, self._port, self._file = clock, port, file
        if file is not None and file.exists():
            self.books.read(file.read_text("utf-8"))
        self._listener: Listener | None = None

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a bot that uses it."""
        return {"MOCK_URL": self.url, "MOCK_KEY": self.key, "MOCK_SECRET": self.secret}

    def told_at_once(self) -> dict[str, str]:
        """The same, of a bot on this machine that hears of each payment by a webhook."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.hooks.url = f"http://127.0.0.1:{port}/gateways/mock"
        return {**self.settings, "GATEWAY_PORT": str(port)}

    async def __aenter__(self) -> MockGateway:
        routes = [
            Route("/v1/checkouts", self._checkout, methods=["POST"]),
            Route("/v1/checkouts/{reference}", self._payments, methods=["GET"]),
            Route("/v1/payouts", self._payout, methods=["POST"]),
            Route("/v1/payouts/{reference}", self._payout_known, methods=["GET"]),
            Route("/v1/entries", self._entries, methods=["GET"]),
            Route("/pay/{id}", self._page, methods=["GET"]),
            Route("/pay/{id}/{action}", self._press, methods=["POST"]),
        ]
        self._listener = Listener(_Guarded(Starlette(routes=routes)))  # type: ignore[arg-type]  # it has transports too
        try:
            self._port = await self._listener.start("127.0.0.1", self._port)
        except OSError:  # somebody has this one
            self._port = await self._listener.start("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hooks.close()
        assert self._listener is not None
        await self._listener.stop()

    # -- the API ------------------------------------------------------------------------------------------------------

    async def _checkout(self, request: Request) -> Response:
        wish = await self._wish(request)
        if isinstance(wish, Response):
            return wish
        try:
            made = self.books.checkout(**wish)
        except KeyTaken:
            return _problem(409, "this key belongs to another payment")
        return await self._booked(JSONResponse({"id": made.id, "url": f"{self.url}/pay/{made.id}"}, 201))

    async def _payments(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        paid = self.books.payments_for(request.path_params["reference"])
        return JSONResponse({"payments": [entry.said for entry in paid]})

    async def _payout(self, request: Request) -> Response:
        wish = await self._wish(request)
        if isinstance(wish, Response):
            return wish
        try:
            made = self.books.payout(**wish)
        except KeyTaken:
            return _problem(409, "this key belongs to another payment")
        if made.state == "pending" and self.chance.random() >= self.knobs.pending:
            self.books.settle(made, is_paid=self.chance.random() >= self.knobs.refused)
        return await self._booked(JSONResponse(made.said, 201))

    async def _payout_known(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        known = self.books.payouts.get(request.path_params["reference"])
        return _problem(404, "no such payout") if known is None else JSONResponse(known.said)

    async def _entries(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        try:
            after, limit = (int(request.query_params[name]) for name in ("after", "limit"))
        except (KeyError, ValueError):
            return _problem(422, "after and limit are numbers")
        found = self.books.entries[max(0, after) :][: min(LIMIT_MAX, max(1, limit))]
        return JSONResponse({"entries": [entry.said for entry in found], "balance": self.books.balance})

    async def _wish(self, request: Request) -> dict[str, Any] | Response:
        """What is to be done once, or why not."""
        if (refused := await self._refused(request)) is not None:
            return refused
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    return _problem(413, "too long")
        except ClientDisconnect:
            return _problem(400, "gone")
        key = request.headers.get("idempotency-key", "").strip('"')
        try:
            said = json.loads(bytes(body))
            wish = {name: said[name] for name in ("reference", "amount", "fee", "currency")}
        except (ValueError, KeyError, TypeError):
            return _problem(400, "reference, amount, fee and currency are needed")
        if not key or key != wish["reference"]:
            return _problem(400, "the Idempotency-Key must be the reference")
        if type(wish["amount"]) is not int or type(wish["fee"]) is not int or wish["amount"] < 1 or wish["fee"] < 0:
            return _problem(422, "no such amount")
        return wish

    async def _refused(self, request: Request) -> Response | None:
        """Why nothing is done: a wrong key, or trouble."""
        if self.chance.random() < self.knobs.slow:
            await asyncio.sleep(self.knobs.slow_s)
        if self._clock() < self.knobs.down_until:
            return _problem(503, "down")
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.key}".encode()):
            return _problem(401, "wrong key")
        return _problem(500, "out of luck") if self.chance.random() < self.knobs.before else None

    async def _booked(self, answer: Response) -> Response:
        """The answer, or none although it was done."""
        self._keep()
        if self.chance.random() < self.knobs.after:
            return _problem(500, "done, and you don't know")
        if self.chance.random() < self.knobs.broken:
            return Response("{", 201, media_type="application/json")
        return answer

    # -- the page -----------------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        found = self.books.checkouts.get(request.path_params["id"])
        return HTMLResponse(unknown(), 404) if found is None else HTMLResponse(shown(found))

    async def _press(self, request: Request) -> Response:
        found = self.books.checkouts.get(request.path_params["id"])
        action = request.path_params["action"]
        if found is None or action not in ACTIONS:
            return HTMLResponse(unknown(), 404)
        self.press(found, action)
        self._keep()
        if action == "leave":
            return HTMLResponse(left())
        return RedirectResponse(f"/pay/{found.id}", 303)

    def _keep(self) -> None:
        """In its file, if it has one."""
        if self._file is not None:
            new = self._file.with_suffix(".new")  # nobody reads half of it
            new.write_text(self.books.written, "utf-8")
            new.replace(self._file)

    def press(self, found: Checkout, action: str) -> None:
        """What the buttons of the page do."""
        if action in ("pay", "twice"):
            for _ in range(2 if action == "twice" else 1):
                changed = self.chance.random() < self.knobs.changed
                self.books.pay(found, amount=self.chance.randint(1, 2 * found.amount) if changed else None)
        elif action == "decline" and found.state == "open":
            found.state = "declined"
        elif action == "back":
            taken = {entry.of for entry in self.books.entries}
            for payment in self.books.payments_for(found.reference):
                if payment.id not in taken:
                    self.books.take_back(payment)
                    break


class _Guarded:
    """Only this machine's own pages and programs."""

    def __init__(self, pages: Any) -> None:
        self._pages = pages
        self.transports: dict[tuple[str, int], asyncio.Transport] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        is_page = scope["path"].startswith("/pay/") and scope["method"] == "GET"  # a chat's button leads there
        if reason := refusal(scope["method"], "/" if is_page else scope["path"], scope["headers"], LOOPBACK):
            await HTMLResponse(escape(reason), 403)(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def _problem(status: int, title: str) -> JSONResponse:
    return JSONResponse({"title": title, "status": status}, status, media_type="application/problem+json")
