"""The page, and the HTTP control API: other processes and a browser play the people."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Limits
from bot.sandbox.people import Person
from bot.sandbox.stage import Stage

WATCHERS_MAX = 100
HAPPENINGS_WAITING_MAX = 1_000  # for one browser; a slower one is cut off
MESSAGES_SHOWN_MAX = 200

Body = dict[str, Any]
Action = Callable[[Stage, Body], Awaitable[Any]]


def pages(stage: Stage) -> Starlette:
    """Everything that is not the Bot API."""
    html = files("bot.sandbox").joinpath("page.html").read_text("utf-8")
    happenings = Happenings(stage)

    async def page(request: Request) -> Response:
        return HTMLResponse(html)

    async def world(request: Request) -> Response:
        return JSONResponse(_world(stage))

    async def messages(request: Request) -> Response:
        chat = stage.world.chats.get(int(request.query_params["chat"]))
        if chat is None:
            return JSONResponse({"error": "no such chat"}, 404)
        return JSONResponse([shown(stage, message) for message in chat.messages[-MESSAGES_SHOWN_MAX:]])

    async def events(request: Request) -> Response:
        return StreamingResponse(happenings.stream(), media_type="text/event-stream")

    async def act(request: Request) -> Response:
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return JSONResponse({"error": "no such action"}, 404)
        try:
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(await action(stage, body))
        except (KeyError, TypeError, ValueError, ApiError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        except TimeoutError as error:
            return JSONResponse({"error": str(error) or "timeout"}, 408)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/sandbox/world", world),
            Route("/sandbox/messages", messages),
            Route("/sandbox/events", events),
            Route("/sandbox/{action}", act, methods=["POST"]),
        ]
    )


def _world(stage: Stage) -> Body:
    groups = [
        {"id": group.id, "title": group.chat.raw["title"], "members": sorted(group.chat.members)}
        for group in stage.groups.values()
    ]
    people = [
        person.raw | {"started": person.private.bot_is_in, "blocked": person.private.blocked}
        for person in stage.people.values()
    ]
    return {"bot": stage.world.bot, "people": people, "groups": groups, "pending": stage.pending}


def shown(stage: Stage, message: Message) -> Body:
    """A message for the page: as the Bot API has it, with the address of its picture or file."""
    found: Body = {"raw": message.raw, "bot": message.from_bot, "edits": len(message.edits)}
    media = (message.raw.get("photo") or [None])[-1] or message.raw.get("document")
    file = stage.world.files.get(media["file_id"]) if media else None
    if file is not None:
        found["file"] = f"/file/bot{stage.token}/{file.path}"
    return found


class Happenings:
    """New, changed and deleted messages, for every browser that looks on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._watching: set[asyncio.Queue[str | None]] = set()

    def _tell(self, chat: Chat, what: str, message: Message) -> None:
        line = json.dumps({"chat": chat.id, "what": what, "message": shown(self._stage, message)})
        for queue in list(self._watching):
            if queue.full():
                self._forget(queue)
            else:
                queue.put_nowait(line)

    def _forget(self, queue: asyncio.Queue[str | None]) -> None:
        self._watching.discard(queue)
        if not self._watching:
            self._stage.world.watch = None

    async def stream(self) -> AsyncIterator[str]:
        """Server-Sent Events until the browser or the server goes."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(HAPPENINGS_WAITING_MAX)
        if len(self._watching) >= WATCHERS_MAX:
            return
        self._watching.add(queue)
        self._stage.world.watch = self._tell
        closed = asyncio.ensure_future(self._stage.closed.wait())
        try:
            yield ": hello\n\n"
            while queue in self._watching:
                item = asyncio.ensure_future(queue.get())
                await asyncio.wait({item, closed}, return_when=asyncio.FIRST_COMPLETED)
                if not item.done():
                    item.cancel()
                    return
                yield f"data: {item.result()}\n\n"
        finally:
            closed.cancel()
            self._forget(queue)


def _person(stage: Stage, body: Body) -> Person:
    return stage.people[int(body["person"])]


def _message(stage: Stage, body: Body, name: str = "message") -> Message:
    return stage.chat(int(body.get("chat") or body["person"])).messages_by_id[int(body[name])]


def _place(body: Body) -> Body:
    return {"chat": int(body["chat"])} if body.get("chat") else {}


def _where(stage: Stage, body: Body) -> Body:
    reply = {"reply_to": _message(stage, body, "reply_to")} if body.get("reply_to") else {}
    return {**_place(body), **reply}


async def _add_person(stage: Stage, body: Body) -> Any:
    return stage.person(int(body.pop("id")), body.pop("name"), **body).raw


async def _add_group(stage: Stage, body: Body) -> Any:
    members = [stage.people[person] for person in body.get("members", [])]
    admins = [stage.people[person] for person in body.get("admins", [])]
    sees_all = bool(body.get("sees_all"))
    group = stage.group(int(body["id"]), body["title"], members=members, admins=admins, sees_all=sees_all)
    return group.chat.raw


async def _start(stage: Stage, body: Body) -> Any:
    return shown(stage, await _person(stage, body).start(body.get("payload", "")))


async def _open(stage: Stage, body: Body) -> Any:
    return shown(stage, await _person(stage, body).open(body["link"]))


async def _send(stage: Stage, body: Body) -> Any:
    return shown(stage, await _person(stage, body).send(body["text"], **_where(stage, body)))


async def _photo(stage: Stage, body: Body) -> Any:
    """A photo given as base64, or the picture of another message ("scan")."""
    if "scan" in body:
        data = _message(stage, body["scan"]).photo_bytes
        if data is None:
            raise ValueError("that message has no picture")
    else:
        data = base64.b64decode(body["data"])
    where = _where(stage, body)
    return shown(stage, await _person(stage, body).send_photo(data, caption=body.get("caption", ""), **where))


async def _document(stage: Stage, body: Body) -> Any:
    data = base64.b64decode(body["data"])
    named = {key: body[key] for key in ("file_name", "mime_type", "caption") if key in body}
    return shown(stage, await _person(stage, body).send_document(data, **named, **_where(stage, body)))


async def _edit(stage: Stage, body: Body) -> Any:
    return shown(stage, await _person(stage, body).edit(_message(stage, body), body["text"]))


async def _press(stage: Stage, body: Body) -> Any:
    press = await _person(stage, body).press(_message(stage, body), body["button"])
    wait_s = float(body.get("wait_s", 0))
    return (await press.answer(wait_s))._asdict() if wait_s else {"query": press.query.id}


async def _pick(stage: Stage, body: Body) -> Any:
    """People from the list that the button below the input field opens."""
    return shown(stage, await _person(stage, body).pick(*(stage.people[int(number)] for number in body["people"])))


async def _block(stage: Stage, body: Body) -> Any:
    _person(stage, body).block()
    return True


async def _unblock(stage: Stage, body: Body) -> Any:
    _person(stage, body).unblock()
    return True


async def _rename(stage: Stage, body: Body) -> Any:
    _person(stage, body).rename(name=body.get("name"), username=body.get("username", ""))
    return True


async def _wait(stage: Stage, body: Body) -> Any:
    wanted, timeout_s = str(body.get("contains", "")), float(body.get("timeout_s", 10))
    message = await _person(stage, body).wait(wanted, timeout_s=timeout_s, **_place(body))
    return shown(stage, message)


async def _update(stage: Stage, body: Body) -> Any:
    update = stage.inject(body)
    return update.raw if update else None


async def _again(stage: Stage, body: Body) -> Any:
    update = next(update for update in reversed(stage.updates) if update.id == body["update_id"])
    await stage.redeliver(update)
    return True


async def _idle(stage: Stage, body: Body) -> Any:
    await stage.idle(timeout_s=float(body.get("timeout_s", 10)))
    return True


async def _fail(stage: Stage, body: Body) -> Any:
    stage.fail(body.pop("method"), **body)
    return True


async def _options(stage: Stage, body: Body) -> Any:
    for name in ("deliver_twice", "callbacks_twice", "record_calls", "inline_feedback"):
        if name in body:
            setattr(stage, name, bool(body[name]))
    if "limits" in body:
        stage.limit(Limits(**body["limits"]) if isinstance(body["limits"], dict) else None)
    return True


async def _calls(stage: Stage, body: Body) -> Any:
    wanted = body.get("method")
    calls = [call for call in stage.calls if wanted in (None, call.method)]
    return [{"method": call.method, "status": call.status, "description": call.description} for call in calls]


ACTIONS: dict[str, Action] = {
    "person": _add_person,
    "group": _add_group,
    "start": _start,
    "open": _open,
    "send": _send,
    "photo": _photo,
    "document": _document,
    "edit": _edit,
    "press": _press,
    "pick": _pick,
    "block": _block,
    "unblock": _unblock,
    "rename": _rename,
    "wait": _wait,
    "update": _update,
    "again": _again,
    "idle": _idle,
    "fail": _fail,
    "options": _options,
    "calls": _calls,
}
