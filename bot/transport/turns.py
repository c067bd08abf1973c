"""The turn of an update: what it holds up while it is worked on, and from when on it holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from telegram import Update

ANSWER_S = 0.5  # for an answer to get through; then nobody waits for it any more
ANSWERS = ("send", "edit", "answer", "copy", "forward", "delete")  # how the methods begin that speak to people


@dataclass(eq=False, slots=True)
class Turn:
    """One update under way. Handlers answer after the commit, so from its first answer on nothing else is lacking."""

    update: Update
    person: int
    chat: int
    is_press: bool
    is_picture: bool
    step_aside: Callable[[Turn], None]  # the person's next update begins, others get the place
    let_go: Callable[[Turn], None]  # besides, Telegram may forget it
    is_answering: bool = False
    is_aside: bool = False
    is_let_go: bool = False
    is_over: bool = False
    has_slot: bool = False
    is_press_answered: bool = False
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    @property
    def is_urgent(self) -> bool:
        """Whether it waits for nothing, neither for what the person did before nor for a place."""
        return is_urgent(self.update)

    def begin(self) -> None:
        """It is worked on; a picture may wait long for its reader, and the person's next message need not."""
        TURN.set(self)
        if self.is_picture:
            self._timer = asyncio.get_running_loop().call_later(ANSWER_S, self.step_aside, self)

    def answers(self, method: str) -> bool:
        """Whether this call of the Bot API is an answer; note that it is under way."""
        if self.is_over or not method.startswith(ANSWERS):
            return False
        if self.is_let_go:
            self.step_aside(self)  # a repeat, which has a slot again
        elif not self.is_answering:
            self.is_answering = True
            self._cancel()
            self._timer = asyncio.get_running_loop().call_later(ANSWER_S, self.let_go, self)
        return True

    def answered_in(self, chat: int) -> None:
        """It is answered elsewhere than where it was asked: what waits there is no more for it."""
        if not self.is_let_go:  # else it is counted already
            self.chat = chat

    def end(self) -> None:
        """It is done, or comes again later."""
        self.is_over = True
        self._cancel()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def is_picture(update: Update) -> bool:
    """Whether this is something to be read."""
    message = update.message
    return message is not None and message.chat.type == "private" and bool(message.photo or message.document)


def is_urgent(update: Update) -> bool:
    """Whether Telegram waits for the answer with somebody's payment, ten seconds and no longer."""
    return update.pre_checkout_query is not None


TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)
