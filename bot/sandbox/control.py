"""The page, and the HTTP control API: other processes and a browser play the people."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Limits

if TYPE_CHECKING:
    from bot.sandbox.box import Sandbox
    from bot.sandbox.people import Person

WATCHERS_MAX = 100
HAPPENINGS_WAITING_MAX = 1_000  # for one browser; a slower one is cut off
MESSAGES_SHOWN_MAX = 200

Body = dict[str, Any]
Action = Callable[["Sandbox", Body], Awaitable[Any]]


def pages(box: Sandbox) -> Starlette:
    """Everything that is not the Bot API."""
    html = files("bot.sandbox").joinpath("page.html").read_text("utf-8")
    happenings = Happenings(box)

    async def page(request: Request) -> Response:
        return HTMLResponse(html)

    async def world(request: Request) -> Response:
        return JSONResponse(_world(box))

    async def messages(request: Request) -> Response:
        chat = box.world.chats.get(int(request.query_params["chat"]))
        if chat is None:
            return JSONResponse({"error": "no such chat"}, 404)
        return JSONResponse([shown(box, message) for message in chat.messages[-MESSAGES_SHOWN_MAX:]])

    async def events(request: Request) -> Response:
        return StreamingResponse(happenings.stream(), media_type="text/event-stream")

    async def act(request: Request) -> Response:
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return JSONResponse({"error": "no such action"}, 404)
        try:
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(await action(box, body))
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


def _world(box: Sandbox) -> Body:
    groups = [
        {"id": group.id, "title": group.chat.raw["title"], "members": sorted(group.chat.members)}
        for group in box.groups.values()
    ]
    people = [
        person.raw | {"started": person.private.bot_is_in, "blocked": person.private.blocked}
        for person in box.people.values()
    ]
    return {"bot": box.world.bot, "people": people, "groups": groups, "pending": box.pending}


def shown(box: Sandbox, message: Message) -> Body:
    """A message for the page: as the Bot API has it, with the address of its picture or file."""
    found: Body = {"raw": message.raw, "bot": message.from_bot, "edits": len(message.edits)}
    media = (message.raw.get("photo") or [None])[-1] or message.raw.get("document")
    file = box.world.files.get(media["file_id"]) if media else None
    if file is not None:
        found["file"] = f"/file/bot{box.token}/{file.path}"
    return found


class Happenings:
    """New, changed and deleted messages, for every browser that looks on."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._watching: set[asyncio.Queue[str | None]] = set()

    def _tell(self, chat: Chat, what: str, message: Message) -> None:
        line = json.dumps({"chat": chat.id, "what": what, "message": shown(self._box, message)})
        for queue in list(self._watching):
            if queue.full():
                self._forget(queue)
            else:
                queue.put_nowait(line)

    def _forget(self, queue: asyncio.Queue[str | None]) -> None:
        self._watching.discard(queue)
        if not self._watching:
            self._box.world.watch = None

    async def stream(self) -> AsyncIterator[str]:
        """Server-Sent Events until the browser or the server goes."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(HAPPENINGS_WAITING_MAX)
        if len(self._watching) >= WATCHERS_MAX:
            return
        self._watching.add(queue)
        self._box.world.watch = self._tell
        closed = asyncio.ensure_future(self._box.closed.wait())
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


def _person(box: Sandbox, body: Body) -> Person:
    return box.people[int(body["person"])]


def _message(box: Sandbox, body: Body, name: str = "message") -> Message:
    return box.chat(int(body.get("chat") or body["person"])).messages_by_id[int(body[name])]


def _place(body: Body) -> Body:
    return {"chat": int(body["chat"])} if body.get("chat") else {}


def _where(box: Sandbox, body: Body) -> Body:
    reply = {"reply_to": _message(box, body, "reply_to")} if body.get("reply_to") else {}
    return {**_place(body), **reply}


async def _add_person(box: Sandbox, body: Body) -> Any:
    return box.person(int(body.pop("id")), body.pop("name"), **body).raw


async def _add_group(box: Sandbox, body: Body) -> Any:
    members = [box.people[person] for person in body.get("members", [])]
    admins = [box.people[person] for person in body.get("admins", [])]
    sees_all = bool(body.get("sees_all"))
    group = box.group(int(body["id"]), body["title"], members=members, admins=admins, sees_all=sees_all)
    return group.chat.raw


async def _start(box: Sandbox, body: Body) -> Any:
    return shown(box, await _person(box, body).start(body.get("payload", "")))


async def _open(box: Sandbox, body: Body) -> Any:
    return shown(box, await _person(box, body).open(body["link"]))


async def _send(box: Sandbox, body: Body) -> Any:
    return shown(box, await _person(box, body).send(body["text"], **_where(box, body)))


async def _photo(box: Sandbox, body: Body) -> Any:
    """A photo given as base64, or the picture of another message ("scan")."""
    if "scan" in body:
        data = _message(box, body["scan"]).photo_bytes
        if data is None:
            raise ValueError("that message has no picture")
    else:
        data = base64.b64decode(body["data"])
    where = _where(box, body)
    return shown(box, await _person(box, body).send_photo(data, caption=body.get("caption", ""), **where))


async def _document(box: Sandbox, body: Body) -> Any:
    data = base64.b64decode(body["data"])
    named = {key: body[key] for key in ("file_name", "mime_type", "caption") if key in body}
    return shown(box, await _person(box, body).send_document(data, **named, **_where(box, body)))


async def _edit(box: Sandbox, body: Body) -> Any:
    return shown(box, await _person(box, body).edit(_message(box, body), body["text"]))


async def _press(box: Sandbox, body: Body) -> Any:
    press = await _person(box, body).press(_message(box, body), body["button"])
    wait_s = float(body.get("wait_s", 0))
    return (await press.answer(wait_s))._asdict() if wait_s else {"query": press.query.id}


async def _block(box: Sandbox, body: Body) -> Any:
    _person(box, body).block()
    return True


async def _unblock(box: Sandbox, body: Body) -> Any:
    _person(box, body).unblock()
    return True


async def _rename(box: Sandbox, body: Body) -> Any:
    _person(box, body).rename(name=body.get("name"), username=body.get("username", ""))
    return True


async def _wait(box: Sandbox, body: Body) -> Any:
    wanted, timeout_s = str(body.get("contains", "")), float(body.get("timeout_s", 10))
    message = await _person(box, body).wait(wanted, timeout_s=timeout_s, **_place(body))
    return shown(box, message)


async def _update(box: Sandbox, body: Body) -> Any:
    update = box.inject(body)
    return update.raw if update else None


async def _again(box: Sandbox, body: Body) -> Any:
    update = next(update for update in reversed(box.updates) if update.id == body["update_id"])
    await box.redeliver(update)
    return True


async def _idle(box: Sandbox, body: Body) -> Any:
    await box.idle(timeout_s=float(body.get("timeout_s", 10)))
    return True


async def _fail(box: Sandbox, body: Body) -> Any:
    box.fail(body.pop("method"), **body)
    return True


async def _options(box: Sandbox, body: Body) -> Any:
    for name in ("deliver_twice", "callbacks_twice", "record_calls"):
        if name in body:
            setattr(box, name, bool(body[name]))
    if "limits" in body:
        box.limit(Limits(**body["limits"]) if isinstance(body["limits"], dict) else None)
    return True


async def _calls(box: Sandbox, body: Body) -> Any:
    wanted = body.get("method")
    calls = [call for call in box.calls if wanted in (None, call.method)]
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
