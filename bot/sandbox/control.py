"""The page, and the HTTP control API: other processes and a browser play the people."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.actions import ACTIONS, Action, Body
from bot.sandbox.answering import commands_offered
from bot.sandbox.errors import ApiError
from bot.sandbox.gatherings import GATHERINGS
from bot.sandbox.happenings import Happenings, shown
from bot.sandbox.paying import PAYING
from bot.sandbox.stage import Stage
from bot.sandbox.trouble import TROUBLE

MESSAGES_SHOWN_MAX = 200
FILE_BYTES_MAX = 50 * 1024 * 1024  # what people may send, here and to the bot
BODY_BYTES_MAX = FILE_BYTES_MAX * 4 // 3 + 65_536  # the same as base64, and what it says about it
ONCE_KEPT_MAX = 10_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_SAFE = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_FRESH = _SAFE | {"cache-control": "no-cache"}  # no build step: a changed file is there at the next look

_ALL: dict[str, Action] = ACTIONS | GATHERINGS | PAYING | TROUBLE


_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class _TooLarge(Exception):
    """More was sent than is taken."""


def pages(stage: Stage) -> Starlette:
    """Everything that is not the Bot API."""
    happenings = Happenings(stage)

    async def page(request: Request) -> Response:
        return _file_of_page(request.path_params.get("name", "index.html"))

    async def file(request: Request) -> Response:
        return _file_of_chat(stage, request.path_params["path"])

    async def world(request: Request) -> Response:
        return JSONResponse(_world(stage))

    async def wall(request: Request) -> Response:
        if stage.behind is None:
            return JSONResponse({"error": "the books are not known here"}, 404)
        return JSONResponse(await stage.behind.wall())

    async def messages(request: Request) -> Response:
        number = request.query_params.get("chat", "")
        chat = stage.world.chats.get(int(number)) if _NUMBER.fullmatch(number) else None
        if chat is None:
            return JSONResponse({"error": "no such chat"}, 404)
        return JSONResponse([shown(stage, message) for message in chat.messages[-MESSAGES_SHOWN_MAX:]])

    async def events(request: Request) -> Response:
        return StreamingResponse(happenings.stream(), media_type="text/event-stream", headers=_FRESH)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/page/{name}", page),
            Route("/favicon.ico", lambda _: _file_of_page("favicon.svg")),
            Route("/sandbox/world", world),
            Route("/sandbox/wall", wall),
            Route("/sandbox/messages", messages),
            Route("/sandbox/events", events),
            Route("/sandbox/file/{path:path}", file),
            Route("/sandbox/{action}", _Acting(stage).act, methods=["POST"]),
        ]
    )


def _file_of_page(name: str) -> Response:
    there = files("bot.sandbox").joinpath("page").iterdir()
    path = next((each for each in there if each.name == name and each.is_file()), None)
    if name.startswith(".") or path is None:
        return Response("no such file", 404, media_type="text/plain")
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    return Response(path.read_bytes(), headers=_FRESH, media_type=kind)


def _file_of_chat(stage: Stage, path: str) -> Response:
    """A picture is shown; anything else is only saved, for a page of somebody's could be in it."""
    found = stage.world.files.at(path)
    if found is None:
        return Response("this file is not kept any more", 404, media_type="text/plain")
    headers = _SAFE | {"cache-control": "private, max-age=86400, immutable"}
    if path.startswith("photos/"):
        return Response(found.data, headers=headers, media_type="image/png" if path.endswith("png") else "image/jpeg")
    headers["content-disposition"] = "attachment"
    return Response(found.data, headers=headers, media_type="application/octet-stream")


async def _body(request: Request) -> Body:
    """A JSON object; or the bytes of a file, and the object in the address behind `body=`."""
    data = b"".join([chunk async for chunk in _bounded(request)])
    if request.headers.get("content-type") != "application/octet-stream":
        body = json.loads(data or b"{}")
    else:
        body = json.loads(request.query_params.get("body", "{}"))
        if len(data) > FILE_BYTES_MAX:
            raise _TooLarge
        if isinstance(body, dict):
            body["data"] = data
    if not isinstance(body, dict):
        raise TypeError("a JSON object is expected")
    return body


async def _bounded(request: Request) -> AsyncIterator[bytes]:
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > BODY_BYTES_MAX:
            raise _TooLarge
        yield chunk


class _Acting:
    """Actions, each answered; what comes with one `once` is done once: a browser that lost an answer asks again."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._done: OrderedDict[str, asyncio.Future[Any]] = OrderedDict()

    async def act(self, request: Request) -> Response:
        """One action."""
        status, answer = await self._answered(request)
        # A browser writes every refusal into its console: the page gets them as answers.
        return JSONResponse(answer, 200 if "x-page" in request.headers else status)

    async def _answered(self, request: Request) -> tuple[int, Any]:
        action = _ALL.get(request.path_params["action"])
        if action is None:
            return 404, {"error": "no such action"}
        try:
            return 200, await self._once(action, await _body(request))
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError, ApiError) as error:
            return 400, {"error": str(error) if type(error) is not KeyError else f"there is no {error}"}
        except TimeoutError as error:
            return 504, {"error": str(error) or "timeout"}  # after 408 a browser would ask again
        except _TooLarge:
            return 413, {"error": "This file is too large: at most 50 MB."}

    async def _once(self, action: Action, body: Body) -> Any:
        name = body.pop("once", None)
        if name is None:
            return await action(self._stage, body)
        if name not in self._done:
            self._done[name] = asyncio.ensure_future(action(self._stage, body))
            if len(self._done) > ONCE_KEPT_MAX:
                self._done.popitem(last=False)
        return await asyncio.shield(self._done[name])


def _world(stage: Stage) -> Body:
    world = stage.world
    people = []
    for person in stage.people.values():
        chat = person.private
        people.append(
            person.raw
            | {"started": chat.bot_is_in, "blocked": chat.blocked, "deleted": chat.is_deleted}
            | {"keyboard": getattr(chat, "keyboard", None), "last": chat.next_id - 1}
            | {"commands": commands_offered(world, person.id, in_group=False)}
            | {"group_commands": commands_offered(world, person.id, in_group=True)}
        )
    groups = [
        {"id": group.id, "title": group.chat.raw["title"], "members": sorted(group.chat.members)}
        | {"type": group.chat.raw["type"], "moved_to": group.chat.moved_to, "bot_is_in": group.chat.bot_is_in}
        | {"may_write": group.chat.may_write, "may_send_files": group.chat.may_send_files}
        | {"keyboard": getattr(group.chat, "keyboard", None), "last": group.chat.next_id - 1}
        for group in stage.groups.values()
    ]
    trouble = {"twice": stage.callbacks_twice, "limits": stage.api.limits is not None, "cut": stage.api.is_cut}
    found = {"bot": world.bot, "people": people, "groups": groups, "pending": stage.pending, "trouble": trouble}
    return found | {"wall": stage.behind is not None, "now": world.now(), "operator": stage.operator_id}
