"""What happens in the world, told at once to every browser that looks on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.stage import Stage

WATCHERS_MAX = 100
HAPPENINGS_WAITING_MAX = 1_000  # for one browser; a slower one is cut off, comes again and reads all anew
STILL_THERE_S = 15.0  # a line that says nothing, so that a browser that has gone is noticed

_Happening = dict[str, Any] | tuple[Chat, str, Message]


def shown(stage: Stage, message: Message) -> dict[str, Any]:
    """A message for the page: as the Bot API has it, with the address of its picture or file."""
    found: dict[str, Any] = {"raw": message.raw, "bot": message.from_bot, "edits": len(message.edits)}
    media = (message.raw.get("photo") or [None])[-1] or message.raw.get("document")
    if message.is_paid:
        found["paid"] = True
    file = stage.world.files.get(media["file_id"]) if media else None
    if file is not None:
        found["file"] = f"/sandbox/file/{file.path}"
    return found


class Happenings:
    """New, changed and deleted messages, answers to presses, and that somebody or something is not as it was."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._watching: set[asyncio.Queue[_Happening]] = set()
        stage.world.watchers.append(self._message)
        stage.world.listeners.append(self.tell)

    def _message(self, chat: Chat, what: str, message: Message) -> None:
        self._put((chat, what, message))

    def tell(self, happening: dict[str, Any]) -> None:
        """Tell everybody who looks on."""
        self._put(happening)

    def _put(self, happening: _Happening) -> None:
        for queue in list(self._watching):
            if queue.full():
                self._watching.discard(queue)
            else:
                queue.put_nowait(happening)

    def _line(self, happening: _Happening) -> str:
        """Made when it is sent: by then whatever caused it is done."""
        if isinstance(happening, dict):
            return json.dumps(happening)
        chat, what, message = happening
        told = {"chat": chat.id, "what": what, "message": shown(self._stage, message)}
        return json.dumps(told | {"keyboard": getattr(chat, "keyboard", None)})

    async def stream(self) -> AsyncIterator[str]:
        """Server-Sent Events until the browser or the server goes."""
        if len(self._watching) >= WATCHERS_MAX:
            return
        queue: asyncio.Queue[_Happening] = asyncio.Queue(HAPPENINGS_WAITING_MAX)
        self._watching.add(queue)
        closed = asyncio.ensure_future(self._stage.closed.wait())
        item = asyncio.ensure_future(queue.get())
        try:
            yield ": hello\n\n"
            while queue in self._watching:
                done, _ = await asyncio.wait({item, closed}, timeout=STILL_THERE_S, return_when=asyncio.FIRST_COMPLETED)
                if closed in done:
                    return
                if item in done:
                    line = self._line(item.result())
                    item = asyncio.ensure_future(queue.get())
                    yield f"data: {line}\n\n"
                else:
                    yield ": still there\n\n"
        finally:
            self._watching.discard(queue)
            for task in (item, closed):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
