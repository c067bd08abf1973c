"""What people do, asked for over HTTP: they write, press, scan, and change their names."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.chats import Message
from bot.sandbox.happenings import shown
from bot.sandbox.invoices import forwarded_invoice
from bot.sandbox.people import Person, Press
from bot.sandbox.stage import Stage

NAME_MAX = 64  # characters, as in Telegram
PEOPLE_MAX = 200
WAIT_FOR_ANSWER_S = 30.0
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}", re.ASCII)

Body = dict[str, Any]
Action = Callable[[Stage, Body], Awaitable[Any]]


def person_of(stage: Stage, body: Body) -> Person:
    """Who acts."""
    return stage.people[int(body["person"])]


def message_of(stage: Stage, body: Body, name: str = "message") -> Message:
    """The message that is meant."""
    chat = stage.chat(int(body.get("chat") or body["person"]))
    message = chat.messages_by_id.get(int(body[name]))
    if message is None:
        raise ValueError("that message is not there any more")
    return message


def place_of(body: Body) -> Body:
    """The chat, as the people's methods take it."""
    return {"chat": int(body["chat"])} if body.get("chat") else {}


def _where(stage: Stage, body: Body) -> Body:
    reply = {"reply_to": message_of(stage, body, "reply_to")} if body.get("reply_to") else {}
    return {**place_of(body), **reply}


# -- who there is ------------------------------------------------------------------------------------------------------


def named(name: str, longest: int = NAME_MAX) -> str:
    """A name that can be one, without blanks around it."""
    if not isinstance(name, str):
        raise TypeError("a name is a text")
    name = " ".join(name.split())
    if not any(letter.isprintable() and not letter.isspace() for letter in name):
        raise ValueError("A name needs at least one letter.")
    if len(name) > longest:
        raise ValueError(f"This name is too long: at most {longest} characters.")
    return name


def _username(stage: Stage, name: str, owner: int | None) -> str:
    name = name.removeprefix("@")
    if _USERNAME.fullmatch(name) is None:
        raise ValueError("A username has 3 to 32 letters, digits or underscores, a letter first.")
    taken = [p for p in stage.people.values() if (p.username or "").lower() == name.lower() and p.id != owner]
    if taken or name.lower() == stage.world.bot["username"].lower():
        raise ValueError(f"@{name} is taken.")
    return name


async def _add_person(stage: Stage, body: Body) -> Any:
    if len(stage.people) >= PEOPLE_MAX:
        raise ValueError(f"There are {PEOPLE_MAX} people: that is enough.")
    number = int(body.pop("id", None) or max([1000, *stage.people]) + 1)
    if body.get("username"):
        body["username"] = _username(stage, body["username"], number)
    person = stage.person(number, named(body.pop("name")), **body)
    stage.world.notice("world")
    return person.raw


async def _rename(stage: Stage, body: Body) -> Any:
    person = person_of(stage, body)
    name, username = body.get("name"), body.get("username", "")
    person.rename(
        name=named(name) if name is not None else None,
        username=_username(stage, username, person.id) if username else username,
    )
    stage.world.notice("world")
    return True


async def _block(stage: Stage, body: Body) -> Any:
    person_of(stage, body).block()
    stage.world.notice("world")
    return True


async def _unblock(stage: Stage, body: Body) -> Any:
    person_of(stage, body).unblock()
    stage.world.notice("world")
    return True


async def _delete_account(stage: Stage, body: Body) -> Any:
    person_of(stage, body).delete_account()
    stage.world.notice("world")
    return True


# -- what they say -----------------------------------------------------------------------------------------------------


async def _start(stage: Stage, body: Body) -> Any:
    message = await person_of(stage, body).start(body.get("payload", ""))
    stage.world.notice("world")
    return shown(stage, message)


async def _open(stage: Stage, body: Body) -> Any:
    return shown(stage, await person_of(stage, body).open(body["link"]))


async def _send(stage: Stage, body: Body) -> Any:
    return shown(stage, await person_of(stage, body).send(body["text"], **_where(stage, body)))


async def _say(stage: Stage, body: Body) -> Any:
    """Anything else, as the Bot API has it: a contact, a place, people that were picked."""
    return shown(stage, await person_of(stage, body).say(body["content"], **place_of(body)))


def _data(body: Body) -> bytes:
    data = body["data"]
    data = data if isinstance(data, bytes) else base64.b64decode(data)
    if not data:
        raise ValueError("This file is empty.")
    return data


async def _photo(stage: Stage, body: Body) -> Any:
    """A photo, or the picture of another message (`scan`)."""
    data = _picture(stage, body["scan"]) if "scan" in body else _data(body)
    where = _where(stage, body)
    return shown(stage, await person_of(stage, body).send_photo(data, caption=body.get("caption", ""), **where))


def _picture(stage: Stage, body: Body) -> bytes:
    data = message_of(stage, body).photo_bytes
    if data is None:
        raise ValueError("that message has no picture")
    return data


async def _document(stage: Stage, body: Body) -> Any:
    data = _data(body)
    named = {key: body[key] for key in ("file_name", "mime_type", "caption") if key in body}
    return shown(stage, await person_of(stage, body).send_document(data, **named, **_where(stage, body)))


async def _scan(stage: Stage, body: Body) -> Any:
    """A phone's camera on a picture: it is read from its pixels, and its link opened; `data`: what a camera sees."""
    from bot.qr import UnreadablePicture, read_qr  # 25 MB that a test's server does without

    data = _data(body) if "data" in body else _picture(stage, body)
    try:
        texts = (await asyncio.to_thread(read_qr, data)).texts
    except UnreadablePicture as error:
        raise ValueError("No QR code can be read here.") from error
    if not texts:
        raise ValueError("No QR code can be read here.")
    try:
        return shown(stage, await person_of(stage, body).open(texts[0]))
    except ValueError as error:
        raise ValueError(f"This code is no link to the bot. It says: {texts[0][:200]}") from error


async def _edit(stage: Stage, body: Body) -> Any:
    return shown(stage, await person_of(stage, body).edit(message_of(stage, body), body["text"]))


async def _forward(stage: Stage, body: Body) -> Any:
    """Into the chat `to`: everything but the buttons, and from whom it was."""
    message, person = message_of(stage, body), person_of(stage, body)
    raw = message.raw
    content = {key: raw[key] for key in _CONTENT if key in raw} | forwarded_invoice(stage.world, message)
    origin = {"type": "user", "sender_user": raw["from"], "date": raw["date"]}
    content["forward_origin"] = raw.get("forward_origin", origin)
    forwarded = await person.say(content, chat=int(body["to"]))
    if message.invoice is not None and not raw["invoice"]["start_parameter"]:
        forwarded.invoice = message.invoice
    return shown(stage, forwarded)


_CONTENT = ("text", "entities", "photo", "document", "caption", "caption_entities", "invoice")


async def _delete(stage: Stage, body: Body) -> Any:
    """Delete a message for all; Telegram tells no bot."""
    message = message_of(stage, body)
    message.chat.remove(message)
    return True


async def _press(stage: Stage, body: Body) -> Any:
    message = message_of(stage, body)
    press = await person_of(stage, body).press(message, body["button"])
    if wait_s := float(body.get("wait_s", 0)):
        return (await press.answer(wait_s))._asdict()
    if body.get("tell"):
        asking = asyncio.ensure_future(_tell_answer(stage, press, int(body["person"])))
        stage.tasks.add(asking)
        asking.add_done_callback(stage.tasks.discard)
    return {"query": press.query.id}


async def _tell_answer(stage: Stage, press: Press, person: int) -> None:
    """To the page, which so holds no connection open meanwhile: a browser has six."""
    try:
        answer = (await press.answer(WAIT_FOR_ANSWER_S))._asdict()
    except TimeoutError:
        answer = {}
    stage.world.notice("answer", query=press.query.id, person=person, answer=answer)


async def _pick(stage: Stage, body: Body) -> Any:
    """People from the list that the button below the input field opens."""
    return shown(stage, await person_of(stage, body).pick(*(stage.people[int(number)] for number in body["people"])))


async def _inline(stage: Stage, body: Body) -> Any:
    """What the bot offers after `@bot text`; `choose` takes one of it."""
    person = person_of(stage, body)
    query = await person.inline(body["text"], offset=body.get("offset", ""))
    answer = await query.answer()
    stage.inline_queries[person.id] = query
    return {"query": query.query.id, "results": answer["results"], "button": answer.get("button")}


async def _choose(stage: Stage, body: Body) -> Any:
    query = stage.inline_queries[person_of(stage, body).id]
    if query.query.id != body["query"]:
        raise ValueError("this list is old")
    return shown(stage, await query.choose(int(body["number"]), **place_of(body)))


async def _wait(stage: Stage, body: Body) -> Any:
    wanted, timeout_s = str(body.get("contains", "")), float(body.get("timeout_s", 10))
    message = await person_of(stage, body).wait(wanted, timeout_s=timeout_s, **place_of(body))
    return shown(stage, message)


ACTIONS: dict[str, Action] = {
    "person": _add_person,
    "rename": _rename,
    "block": _block,
    "unblock": _unblock,
    "delete_account": _delete_account,
    "start": _start,
    "open": _open,
    "send": _send,
    "say": _say,
    "photo": _photo,
    "document": _document,
    "scan": _scan,
    "edit": _edit,
    "forward": _forward,
    "delete": _delete,
    "press": _press,
    "pick": _pick,
    "inline": _inline,
    "choose": _choose,
    "wait": _wait,
}
