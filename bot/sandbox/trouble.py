"""Trouble on demand, over HTTP: updates that come again, answers that get lost, a bot that dies, a clock that jumps."""

from __future__ import annotations

from typing import Any

from bot.sandbox.actions import Action, Body
from bot.sandbox.behind import Behind
from bot.sandbox.faults import Limits
from bot.sandbox.stage import Stage

_OPTIONS = ("deliver_twice", "callbacks_twice", "record_calls", "inline_feedback")


async def _update(stage: Stage, body: Body) -> Any:
    update = stage.inject(body)
    return update.raw if update else None


async def _again(stage: Stage, body: Body) -> Any:
    """Hand out an update once more, the last one if none is named; gives its number."""
    wanted = body.get("update_id")
    update = next((update for update in reversed(stage.updates) if wanted in (None, update.id)), None)
    if update is None:
        raise ValueError("There was no such update yet.")
    await stage.redeliver(update)
    return update.id


async def _idle(stage: Stage, body: Body) -> Any:
    await stage.idle(timeout_s=float(body.get("timeout_s", 10)))
    return True


async def _fail(stage: Stage, body: Body) -> Any:
    if body.pop("only", False):  # instead of what was ordered before
        stage.api.faults.clear()
    stage.fail(body.pop("method"), **body)
    return True


async def _options(stage: Stage, body: Body) -> Any:
    for name in _OPTIONS:
        if name in body:
            setattr(stage, name, bool(body[name]))
    if "limits" in body:
        given = body["limits"]
        stage.limit(Limits(**given) if isinstance(given, dict) else Limits() if given else None)
    stage.world.notice("world")
    return True


async def _cut(stage: Stage, body: Body) -> Any:
    stage.api.cut(is_cut=bool(body["cut"]))
    stage.world.notice("world")
    return True


async def _calm(stage: Stage, body: Body) -> Any:
    """No trouble any more."""
    stage.api.faults.clear()
    stage.api.cut(is_cut=False)
    stage.deliver_twice = stage.callbacks_twice = False
    stage.limit(None)
    stage.world.notice("world")
    return True


async def _kill(stage: Stage, body: Body) -> Any:
    await _behind(stage).kill()
    return True


async def _jump(stage: Stage, body: Body) -> Any:
    await _behind(stage).jump(int(body.get("days", 1)))
    stage.world.notice("world")
    return True


def _behind(stage: Stage) -> Behind:
    if stage.behind is None:
        raise ValueError("The bot is not started from here.")
    return stage.behind


async def _calls(stage: Stage, body: Body) -> Any:
    wanted = body.get("method")
    calls = [call for call in stage.calls if wanted in (None, call.method)]
    return [{"method": call.method, "status": call.status, "description": call.description} for call in calls]


TROUBLE: dict[str, Action] = {
    "update": _update,
    "again": _again,
    "idle": _idle,
    "fail": _fail,
    "options": _options,
    "cut": _cut,
    "calm": _calm,
    "kill": _kill,
    "jump": _jump,
    "calls": _calls,
}
