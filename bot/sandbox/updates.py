"""Updates that wait for the bot: numbered, kept until acknowledged, handed out by long polling."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import ApiError

LIMIT_MAX = 100
WAIT_S_MAX = 50
REMEMBERED_MAX = 1_000
PRESS_LASTS_S = 150.0  # then a press that nobody took is gone
UPDATE_LASTS_S = 86_400.0
KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
    }
)
ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_CLOSING = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, eq=False)
class Update:
    """One update; `body` is its JSON, made once."""

    id: int
    kind: str
    raw: dict[str, Any]
    body: bytes
    lane: int  # the chat or person: a webhook gets the updates of one lane in order
    made_s: float = 0.0


def encoded(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Updates:
    """The queue of one bot."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: deque[Update] = deque()
        self._again: deque[Update] = deque()  # handed out once more, whatever was acknowledged
        self.past: deque[Update] = deque(maxlen=REMEMBERED_MAX)  # the last ones made, delivered or not
        self._handed_again = 0
        self._posting_again = 0
        self._poll: asyncio.Future[ApiError | None] | None = None
        self._empty: list[asyncio.Future[None]] = []
        self.next_id = 100_000_001
        self.allowed: frozenset[str] = KINDS - ONLY_ON_REQUEST
        self.deliver_twice = False
        self.on_new: Callable[[], None] | None = None  # the webhook's worker
        self.noted: Callable[[Update, bool], None] | None = None  # who writes down what comes (True) and is taken

    def __len__(self) -> int:
        return len(self._kept) + len(self._again) + self._posting_again

    def __iter__(self) -> Any:
        self._lapse()
        return iter(list(self._kept))

    def _lapse(self) -> None:
        """Forget what nobody took in time."""
        now_s = self._clock()
        while self._kept and now_s - self._kept[0].made_s > UPDATE_LASTS_S:
            self._done(self._kept.popleft())
        for update in [update for update in self._kept if now_s - update.made_s > PRESS_LASTS_S]:
            if update.kind == "callback_query":
                self._kept.remove(update)
                self._done(update)

    def add(self, kind: str, payload: dict[str, Any], *, update_id: int | None = None) -> Update | None:
        """Queue an update, unless the bot does not want this kind."""
        if kind not in self.allowed:
            return None
        if update_id is None:
            update_id = self.next_id
        self.next_id = max(self.next_id, update_id + 1)
        raw = {"update_id": update_id, kind: payload}
        update = Update(update_id, kind, raw, encoded(raw), _lane(payload), self._clock())
        self._kept.append(update)
        self.past.append(update)
        if self.noted is not None:
            self.noted(update, True)
        self._wake()
        return update

    def again(self, update: Update) -> None:
        """Hand an update out once more, as Telegram does when it missed the acknowledgement."""
        self._again.append(update)
        self._wake()

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        if self.on_new is not None:
            self.on_new()

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which kinds the bot wants; an empty list means the usual ones."""
        if kinds is None:
            return
        known = frozenset(kinds) & KINDS  # a typing mistake is skipped without a word, as Telegram does
        self.allowed = known or KINDS - ONLY_ON_REQUEST

    def acknowledge(self, update: Update) -> None:
        """Forget an update that was delivered; with `deliver_twice` it comes once more."""
        if update in self._kept:
            self._kept.remove(update)
            self._done(update)

    def forget(self, update_id: int) -> None:
        """This one was taken before a restart."""
        self._kept = deque(update for update in self._kept if update.id != update_id)

    def _done(self, update: Update) -> None:
        if self.noted is not None:
            self.noted(update, False)
        if self.deliver_twice:
            self._again.append(update)
        self._tell_empty()

    def _tell_empty(self) -> None:
        if not self:
            waiting, self._empty = self._empty, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def idle(self) -> None:
        """Wait until nothing is unacknowledged."""
        while self:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._empty.append(future)
            await future

    def clear(self) -> None:
        """Drop all that waits."""
        self._kept.clear()
        self._again.clear()
        self._handed_again = 0
        self._tell_empty()

    def take_again(self) -> Update | None:
        """The next repeated update, for the webhook; `posted_again` follows."""
        if not self._again:
            return None
        self._posting_again += 1
        return self._again.popleft()

    def posted_again(self) -> None:
        """A repeated update was delivered."""
        self._posting_again -= 1
        self._tell_empty()

    def terminate(self, error: ApiError | None) -> None:
        """End a poll that is under way."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(error)

    async def poll(self, *, offset: int, limit: int, timeout_s: float) -> bytes:
        """The body of a getUpdates answer; what is below the offset is acknowledged for good."""
        error = ApiError(409)
        error.description = _CLOSING
        self.terminate(error)
        self._forget(offset)
        self._lapse()
        if not self and timeout_s > 0:
            mine: asyncio.Future[ApiError | None] = asyncio.get_running_loop().create_future()
            self._poll = mine
            handle = asyncio.get_running_loop().call_later(min(timeout_s, WAIT_S_MAX), _end, mine)
            try:
                ended = await mine
            finally:
                handle.cancel()
                if self._poll is mine:
                    self._poll = None
            if ended is not None:
                raise ended
        return b'{"ok":true,"result":[' + b",".join(self._batch(limit)) + b"]}"

    def _forget(self, offset: int) -> None:
        for _ in range(self._handed_again):
            self._again.popleft()
        self._handed_again = 0
        if offset < 0:
            while len(self._kept) > -offset:
                self._kept.popleft()
        else:
            while self._kept and self._kept[0].id < offset:
                self._done(self._kept.popleft())
        self._tell_empty()

    def _batch(self, limit: int) -> list[bytes]:
        self._handed_again = min(len(self._again), limit)
        bodies = [self._again[index].body for index in range(self._handed_again)]
        for update in self._kept:
            if len(bodies) >= limit:
                break
            bodies.append(update.body)
        return bodies


def _lane(payload: dict[str, Any]) -> int:
    person = payload.get("from") or payload.get("chat") or {}
    identity = person.get("id", 0)
    return identity if isinstance(identity, int) else 0


def _end(poll: asyncio.Future[ApiError | None]) -> None:
    if not poll.done():
        poll.set_result(None)
