"""The HTTP client behind the Bot API: one aiohttp session for all calls and for the poll.

The errors of aiohttp quote the address, and the token is in it: of what they say no more than their kind leaves this
file (G14). Nothing that was sent is sent again here: a POST whose connection broke may have arrived, and whoever called
knows what a repeat would do.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from typing import Any

import aiohttp
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.transport.meter import Meter

CONNECTIONS_MAX = 64  # more than all that is sent at once
TIMEOUT_S = 10.0
BODY_BYTES_MAX = 21_000_000  # of an answer: the greatest file that Telegram hands out has 20 MiB
UPLOAD_S = 20.0  # for a file to be written, as in PTB's own client
OK, BAD_GATEWAY = 200, 502
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_NOTHING = URL()  # yarl writes a form in a sixth of the time that urllib takes

_QUOTED = re.compile(r"(/file/bot\d+)%3A")  # PTB quotes the token where it fetches a file, and nowhere else
_REFUSED = re.compile(rb'\s*\{\s*"ok"\s*:\s*false')

Timeout = Any  # seconds, None for none, or PTB's own sign for "as usual"


class NotSent(TimedOut):
    """No connection, or none in time: Telegram has not seen the request."""


class Client(BaseRequest):
    """What python-telegram-bot sends its requests with, and with what errors it wants to hear of trouble."""

    def __init__(
        self, *, proxy: str | None = None, connections_max: int = CONNECTIONS_MAX, meter: Meter | None = None
    ) -> None:
        self._proxy, self._meter = proxy, meter
        self._slots = asyncio.Semaphore(connections_max)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds."""
        return TIMEOUT_S

    async def initialize(self) -> None:
        """Open the session, once; after a shutdown a new one."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # the slots are the limit: waiting for one has its own timeout
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make the request; returns status and body. Raises TimedOut and NetworkError."""
        has_files = request_data is not None and request_data.contains_files
        limits = _limits(connect_timeout, write_timeout, read_timeout, is_upload=has_files)
        try:
            await self._slot(_seconds(pool_timeout))
        except TimeoutError:
            raise TimedOut("Pool timeout: all connections are in use, and nothing was sent") from None
        status, began = None, time.monotonic()
        try:
            status, body = await self._exchange(url, method, request_data, limits)
            if status == OK and method == "POST" and _REFUSED.match(body):
                status = self.parse_json_payload(body).get("error_code", BAD_GATEWAY)  # what came in between says OK
            return status, body
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failure: NetworkError = NotSent(f"aiohttp.{type(error).__name__}")
        except TimeoutError:
            failure = TimedOut()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = NetworkError(f"aiohttp.{type(error).__name__}")
        finally:
            self._slots.release()
            if self._meter is not None:
                self._meter.called(url, status=status, took_s=time.monotonic() - began)
        raise failure  # here, where no error that quotes the address can hang on to it

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer of the Bot API. Raises TelegramError for anything else: a proxy's page, or JSON of another form.

        PTB would write a page into the log, and it may quote what was sent (G14).
        """
        try:
            said = json.loads(payload.decode(errors="replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None
        if not isinstance(said, dict) or not isinstance(said.get("ok"), bool):
            raise NetworkError("no answer of Telegram's")
        return {"result": True} | said if said["ok"] else said  # a simple server says no more than that it took it

    async def _slot(self, timeout_s: float | None) -> None:
        if not self._slots.locked():
            await self._slots.acquire()  # at once, and a timeout costs more
            return
        async with asyncio.timeout(timeout_s):
            await self._slots.acquire()

    async def _exchange(
        self, url: str, method: str, data: RequestData | None, limits: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NetworkError("the client is closed")
        has_files = data is not None and data.contains_files
        async with self._session.request(
            method,
            URL(_QUOTED.sub(r"\1:", url), encoded=True),  # a simple server compares the token letter by letter
            data=_body(data) if data is not None else None,
            headers=FORM if data is not None and not has_files else None,
            timeout=limits,
            allow_redirects=False,  # the token stays where it was sent to
        ) as response:
            if self._meter is not None:
                self._meter.dated(response.headers.get("Date"))
            return response.status, await _read(response)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """All of it, whatever length it says it has. Raises BadRequest when that is too much, in Telegram's own words."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            response.close()
            raise BadRequest("file is too big")
    return bytes(body)


def _limits(connect: Timeout, write: Timeout, read: Timeout, *, is_upload: bool) -> aiohttp.ClientTimeout:
    """aiohttp has no limit for writing: what is small is written at once, and an upload is limited as a whole."""
    connect_s, write_s, read_s = _seconds(connect), _seconds(write, UPLOAD_S), _seconds(read)
    total_s = None
    if is_upload and connect_s is not None and write_s is not None and read_s is not None:
        total_s = connect_s + write_s + read_s
    return aiohttp.ClientTimeout(total=total_s, connect=connect_s, sock_read=read_s)


def _seconds(timeout: Timeout, usual_s: float = TIMEOUT_S) -> float | None:
    if timeout is BaseRequest.DEFAULT_NONE:
        return usual_s
    return None if timeout is None else float(timeout)


def _body(data: RequestData) -> bytes | aiohttp.FormData:
    if not data.contains_files:
        return _NOTHING.with_query(data.json_parameters).raw_query_string.encode()
    form = aiohttp.FormData(quote_fields=False)  # names of files as they are, as Telegram takes them
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime_type) in data.multipart_data.items():
        readable = io.BytesIO(content) if isinstance(content, bytes) else content  # written in pieces
        form.add_field(name, readable, filename=file_name, content_type=mime_type)
    return form
