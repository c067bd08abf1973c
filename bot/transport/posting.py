"""How an answer gets to whoever asked: where they asked if Telegram takes it there, in some form, and else in private.

A group may forbid the bot to write or to send pictures, close a topic, become a supergroup under another number. What
was asked there is committed already when the answer is posted, so the person has to hear of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatType, MessageLimit, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.patience import NO_WAITING
from bot.transport.turns import TURN
from bot.transport.waiting import is_crowded
from bot.words import wording
from bot.words.language import speaking
from bot.words.trouble import crowded_here, told_here

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
GONE = ("query is too old", "query id is invalid", "query_id_invalid", "message is not modified",
        "message to edit not found", "message can't be edited", "message_id_invalid", "chat not found")  # fmt: skip
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid")

log = get_log(__name__)


class Unheard(Exception):
    """The person can be told neither where they asked nor in private."""


class Unreadable(Exception):
    """Telegram took the message, and what it said about it cannot be read."""


Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `photo` is a picture, `file` any other file with its name: the text stands below it.

    `text_alone` is said where the picture is not taken, if that is something else.
    """

    text: str
    keyboard: Keyboard | None = None
    photo: bytes | None = None
    file: tuple[bytes, str] | None = None
    text_alone: str = ""


Say = Callable[[bool], Said]  # what is said, once it is known whether one person alone reads it


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a message goes: a chat, a topic in it, below another message; `more` is what the library does not know."""

    chat_id: int
    topic: int | None = None
    below: ReplyParameters | None = None
    more: dict[str, Any] | None = None


def anchor_of(update: Update) -> MaybeInaccessibleMessage:
    """The message that is answered; of an old one whose button is pressed Telegram tells no more than the place."""
    query = update.callback_query
    anchor = query.message if query is not None else update.effective_message
    assert anchor is not None
    return anchor


async def post(
    bot: ExtBot[int], update: Update, say: Say, *, only_here: bool = False, for_one: bool = False
) -> Message:
    """Answer a message, or below the message of a press; `only_here`: what nobody needs to hear in private instead.

    `for_one`: what matters to whoever asked alone is told them in private when too much is said in the group, so that
    neither they nor the group wait for minutes. Raises Unheard, Unreadable, and what Telegram says.
    """
    query = update.callback_query
    if query is not None and query.inline_message_id is not None:  # in which chat nobody knows
        return await post_alone(bot, query.from_user.id, say)
    anchor = anchor_of(update)
    if anchor.chat.type == ChatType.PRIVATE:
        return await _post(bot, _spot(anchor), say(True))
    if for_one and is_crowded(bot, anchor.chat.id) and update.effective_user and not update.effective_user.is_bot:
        if (turn := TURN.get()) is not None:
            turn.answered_in(update.effective_user.id)
        try:
            return await post_alone(bot, update.effective_user.id, say, above=crowded_here(anchor.chat.title or ""))
        except Unheard:
            log.info("waits_in_group", update=update.update_id, chat=anchor.chat.id)
            if turn is not None:
                turn.answered_in(anchor.chat.id)
    try:
        return await _post(bot, _spot(anchor), say(False))
    except (BadRequest, Forbidden) as error:
        refused = error
    log.info("not_answered_there", update=update.update_id, chat=anchor.chat.id, reason=refused.message)
    if only_here or update.effective_user is None or update.effective_user.is_bot:
        raise Unheard from refused
    return await post_alone(bot, update.effective_user.id, say, above=told_here(anchor.chat.title or ""))


async def post_alone(bot: ExtBot[int], person: int, say: Say, *, above: str | None = None) -> Message:
    """Say it in private, and `above` it why there. Raises Unheard without such a chat."""
    with speaking(privately=True):
        said = say(True)
        if above is not None:
            said = replace(said, text=wording.lines(above, "", said.text))
        try:
            return await _post(bot, _Spot(person), said)
        except Forbidden as error:
            raise Unheard from error
        except BadRequest as error:
            if is_gone(error):
                raise Unheard from error
            raise


def ephemeral_number(message: MaybeInaccessibleMessage) -> int | None:
    """Of a message that one person alone sees in a group: it has no `message_id`."""
    number = message.api_kwargs.get("ephemeral_message_id")
    return number if isinstance(number, int) else None


async def post_ephemeral(
    bot: ExtBot[int],
    anchor: MaybeInaccessibleMessage,
    said: Said,
    *,
    receiver: int,
    reason: dict[str, str],
    number: int | None,
) -> Message:
    """Say it to one person of a group, who pressed or whose ephemeral command has this number; nobody waits for it."""
    more: dict[str, Any] = {"ephemeral_message_parameters": {"receiver_user_id": receiver, **reason}}
    if number is not None:
        more["reply_parameters"] = {"ephemeral_message_id": number}
    return await _sent(bot, replace(_spot(anchor), more=more), said, rate_limit_args=NO_WAITING)


def _spot(anchor: MaybeInaccessibleMessage) -> _Spot:
    """In a group the answer hangs below the question; in a topic it stays there, also when the question is deleted.

    Outside of topics the number of a thread is that of a row of answers, and no place to write to.
    """
    in_topic = isinstance(anchor, Message) and anchor.is_topic_message
    is_hung = anchor.chat.type != ChatType.PRIVATE and ephemeral_number(anchor) is None
    return _Spot(
        anchor.chat.id,
        anchor.message_thread_id if in_topic and isinstance(anchor, Message) else None,
        ReplyParameters(anchor.message_id, allow_sending_without_reply=True) if is_hung else None,
    )


async def _post(bot: ExtBot[int], spot: _Spot, said: Said) -> Message:
    """Post it in the first form that Telegram takes; raises what it says to the last."""
    while True:
        try:
            return await _sent(bot, spot, said)
        except ChatMigrated as moved:
            if moved.new_chat_id == spot.chat_id:
                raise
            spot = replace(spot, chat_id=moved.new_chat_id, topic=None)
        except BadRequest as error:
            if spot.topic is not None and any(words in error.message.lower() for words in NO_TOPIC):
                spot = replace(spot, topic=None)
            elif said.photo is not None and not is_gone(error):
                log.info("picture_refused", chat=spot.chat_id, reason=error.message)
                said = replace(said, photo=None, text=said.text_alone or said.text)
            else:
                raise


async def _sent(bot: ExtBot[int], spot: _Spot, said: Said, *, rate_limit_args: int | None = None) -> Message:
    where: dict[str, Any] = {
        "chat_id": spot.chat_id,
        "message_thread_id": spot.topic,
        "reply_parameters": spot.below,
        "reply_markup": said.keyboard,
        "parse_mode": ParseMode.HTML,
        "api_kwargs": spot.more,
        "rate_limit_args": rate_limit_args,
    }
    try:
        if said.photo is not None:
            caption = wording.fitted(said.text, MessageLimit.CAPTION_LENGTH)
            return await bot.send_photo(photo=InputFile(said.photo, filename="qr.png"), caption=caption, **where)
        if said.file is not None:
            caption = wording.fitted(said.text, MessageLimit.CAPTION_LENGTH)
            return await bot.send_document(document=InputFile(said.file[0], said.file[1]), caption=caption, **where)
        text = wording.fitted(said.text, MessageLimit.MAX_TEXT_LENGTH)
        return await bot.send_message(text=text, link_preview_options=NO_PREVIEW, **where)
    except TelegramError:
        raise
    except Exception as error:  # it said "ok", and then something that this library does not know
        raise Unreadable from error


def is_gone(error: BadRequest) -> bool:
    """Whether Telegram says that there is nothing left to answer or to change."""
    return any(words in error.message.lower() for words in GONE)


def is_unchanged(error: BadRequest) -> bool:
    """Whether the message says this already."""
    return "not modified" in error.message.lower()
