"""What one person alone reads in a group (Bot API 10.3): within 15 s of a press, or of a command as private as that.

DANGER: a server that does not know it ignores what it does not know, and shows the message to everybody. So what is
nobody else's business goes this way only once this process has proof, and the proof is Telegram's answer to a message
that anybody may read: it carries `ephemeral_message_id`. An incoming command that carries one is no proof, since Bot
API 10.2 had such commands, and another form for the answer. Without proof, or a reason that Telegram takes, it is told
as ever: in private, or in the answer to the press.
"""

from __future__ import annotations

import asyncio

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.patience import NO_WAITING
from bot.transport.posting import Said, ephemeral_number, post_ephemeral

CLOSED_S = 3600.0  # where the bot is no administrator, it is not tried again so soon without a press or such a command
PAUSE_S = 10.0  # for one person in one chat: who presses on and on uses up what the bot may say there
PAUSED_MAX = 1_000
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)

log = get_log(__name__)


class Ephemeral:
    """Says what one person alone reads in a group; remembers whether this process's server can."""

    def __init__(self) -> None:
        self._is_proven = False
        self._closed: dict[int, float] = {}  # chats, and until when; loop time
        self._paused: dict[tuple[int, int], float] = {}  # chats and people

    async def say(self, bot: ExtBot[int], update: Update, text: str, *, for_all: bool = False) -> bool:
        """Whether whoever wrote or pressed was told alone, there; `for_all`: it is no harm if everybody reads it.

        What is `for_all` is said in any case when there was such a command: it is what proof is got from.
        """
        user, query = update.effective_user, update.callback_query
        anchor = update.message if query is None else query.message
        if user is None or user.is_bot or anchor is None or anchor.chat.type not in GROUPS:
            return False
        number = ephemeral_number(anchor) if query is None else None
        is_tried = self._is_proven or (for_all and number is not None)
        if not is_tried or (number is None and not self._may(anchor.chat.id, user.id, is_press=query is not None)):
            return False
        reason = {"callback_query_id": query.id} if query is not None else {}
        try:
            posted = await post_ephemeral(bot, anchor, Said(text), receiver=user.id, reason=reason, number=number)
        except TelegramError as error:
            log.info("not_said_alone", chat=anchor.chat.id, reason=error.message)
            if query is None and number is None and not isinstance(error, RetryAfter):
                self._closed[anchor.chat.id] = asyncio.get_running_loop().time() + CLOSED_S
            return False
        if ephemeral_number(posted) is not None:
            self._is_proven = True
            return True
        self._is_proven = False  # everybody reads it
        if for_all:
            return True
        log.error("said_to_all", chat=anchor.chat.id, hint="the server has become an older one")
        await _take_back(bot, posted)
        return False

    def _may(self, chat: int, person: int, *, is_press: bool) -> bool:
        now = asyncio.get_running_loop().time()
        if not is_press:
            self._closed = {each: until for each, until in self._closed.items() if until > now}
            return chat not in self._closed
        self._paused = {each: until for each, until in self._paused.items() if until > now}
        if (chat, person) in self._paused or len(self._paused) >= PAUSED_MAX:
            return False
        self._paused[chat, person] = now + PAUSE_S
        return True


async def _take_back(bot: ExtBot[int], posted: Message) -> None:
    try:
        await bot.delete_message(posted.chat_id, posted.message_id, rate_limit_args=NO_WAITING)
    except TelegramError as error:
        log.error("not_taken_back", chat=posted.chat_id, reason=error.message)
