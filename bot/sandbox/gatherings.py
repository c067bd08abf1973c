"""What happens to groups, asked for over HTTP: people come and go, rights are taken, one becomes a supergroup."""

from __future__ import annotations

from typing import Any

from bot.sandbox.actions import Action, Body, named, person_of
from bot.sandbox.happenings import shown
from bot.sandbox.stage import Stage

TITLE_MAX = 128


async def _add_group(stage: Stage, body: Body) -> Any:
    members = [stage.people[person] for person in body.get("members", [])]
    admins = [stage.people[person] for person in body.get("admins", [])]
    sees_all = bool(body.get("sees_all"))
    number = int(body.get("id") or min([-1002002, *stage.groups]) - 1)
    title = named(body["title"], TITLE_MAX)
    group = stage.group(number, title, members=members, admins=admins, sees_all=sees_all)
    stage.world.notice("world")
    return group.chat.raw


async def _join(stage: Stage, body: Body) -> Any:
    message = stage.groups[int(body["group"])].add(person_of(stage, body))
    stage.world.notice("world")
    return shown(stage, message)


async def _leave(stage: Stage, body: Body) -> Any:
    message = stage.groups[int(body["group"])].remove(person_of(stage, body))
    stage.world.notice("world")
    return shown(stage, message)


async def _rights(stage: Stage, body: Body) -> Any:
    """Whether members, and so the bot, may write and send files; whether the bot is in at all."""
    group = stage.groups[int(body["group"])]
    group.forbid(writing=not body.get("may_write", True), files=not body.get("may_send_files", True))
    if (is_in := bool(body.get("bot_is_in", group.chat.bot_is_in))) != group.chat.bot_is_in:
        group.let_bot(person_of(stage, body), is_in=is_in)
    stage.world.notice("world")
    return True


async def _upgrade(stage: Stage, body: Body) -> Any:
    group = stage.groups[int(body["group"])]
    if group.chat.moved_to is not None or group.chat.raw["type"] != "group":
        raise ValueError("It is a supergroup already.")
    number = min([-1_000_000_000_000, *stage.groups]) - 1
    supergroup = stage.upgrade(group, number, by=person_of(stage, body))
    stage.world.notice("world")
    return supergroup.chat.raw


GATHERINGS: dict[str, Action] = {
    "group": _add_group,
    "join": _join,
    "leave": _leave,
    "rights": _rights,
    "upgrade": _upgrade,
}
