"""How the bot speaks: sending, editing and answering presses, in the one form that all handlers use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResult,
    InlineQueryResultsButton,
    MaybeInaccessibleMessage,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatType, MessageLimit, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.context import BotContext
from bot.transport.patience import NO_WAITING
from bot.transport.posting import (
    NO_PREVIEW,
    Keyboard,
    Said,
    Unheard,
    anchor_of,
    ephemeral_number,
    is_gone,
    is_unchanged,
    post,
)
from bot.words import wording
from bot.words.language import speaking
from bot.words.links import HELLO, Place, Press, chat_id_of, hello_url, person_id_of, read_callback
from bot.words.mistakes import DeadButton
from bot.words.people import told_alone, untold_alone
from wallet_core import Command, NotOperator, PersonId, PlacesOf, Subject, is_code

log = get_log(__name__)


def is_private(update: Update) -> bool:
    """Whether one person alone reads the answer; a press under an inline message is read by many."""
    chat = update.effective_chat
    return chat is not None and chat.type == ChatType.PRIVATE


def is_alone(update: Update) -> bool:
    """Whether one person alone reads the answer: in private, above what they type for a chat, in a payment's form."""
    asked = (update.inline_query, update.chosen_inline_result, update.pre_checkout_query)
    return is_private(update) or any(each is not None for each in asked)


def person_of(update: Update) -> PersonId:
    """Who writes or presses."""
    assert update.effective_user is not None
    return person_id_of(update.effective_user.id)


def check_operator(update: Update, context: BotContext) -> None:
    """Raises NotOperator."""
    if person_of(update) not in context.core.rules.operators:
        raise NotOperator


def message_of(update: Update) -> Message:
    """The message that is answered."""
    assert update.effective_message is not None
    return update.effective_message


def key_of(message: MaybeInaccessibleMessage) -> str:
    """The key of a wish made by a message: the same when the update comes again; the time first.

    The number of an ephemeral message is its reader's own, and is used again once the message is gone.
    """
    if (number := ephemeral_number(message)) is not None and isinstance(message, Message) and message.from_user:
        return f"{int(message.date.timestamp()):x}.{message.chat.id}.{message.from_user.id}.{number}"
    return f"{int(message.date.timestamp()):x}.{message.chat.id}.{message.message_id}"


def press_key(update: Update) -> str:
    """The key of a wish made by a press, where each press is one of its own; the same when the update comes again."""
    query = update.callback_query
    assert query is not None
    message = query.inline_message_id
    return f"{message if message is not None else key_of(anchor_of(update))}.{query.id}"


def pressed(update: Update) -> tuple[CallbackQuery, Press]:
    """The press and what its button means. Raises DeadButton for what no button of this bot says."""
    query = update.callback_query
    assert query is not None
    press = read_callback(query.data)
    if press is None:
        raise DeadButton
    return query, press


def pressed_code(update: Update) -> tuple[CallbackQuery, str]:
    """The press, and the code of what it is about. Raises DeadButton for what no button of this bot says."""
    query, press = pressed(update)
    if not is_code(press.rest):
        raise DeadButton
    return query, press.rest


def inline_place(query: CallbackQuery) -> Place | None:
    """The message whose button was pressed, when somebody posted it through the bot: no more is known of it.

    That it has such a button is not known either: whoever can press there can make one up.
    """
    return None if query.inline_message_id is None else Place.inline(query.inline_message_id)


def chat_of_answer(update: Update) -> int:
    """Where a press is answered: below its message, or in private when nobody knows where that stands."""
    query = update.callback_query
    assert query is not None
    return query.from_user.id if query.inline_message_id is not None else anchor_of(update).chat.id


def place_of_button(query: CallbackQuery) -> Place | None:
    """The message whose button was pressed; None when it has no such button: made up, gone, or pressed before.

    In private a server may leave the keyboard out: there is nobody whose message could be changed.
    """
    message = query.message
    if not isinstance(message, Message):
        return None
    if message.reply_markup is None:
        return place_of(message) if message.chat.type == ChatType.PRIVATE else None
    buttons = (button.callback_data for row in message.reply_markup.inline_keyboard for button in row)
    return place_of(message) if query.data in buttons else None


class KeepsPlace(Protocol):
    """The command that keeps where a thing is shown; each feature has its own."""

    def __call__(self, *, code: str, place: str, chat: str) -> Command[object]: ...


async def keep_place(context: BotContext, query: CallbackQuery, subject: Subject, command: KeepsPlace) -> None:
    """The message whose button was pressed shows its thing from now on, if it did not yet.

    It was posted, perhaps, just before the process died.
    """
    place = place_of_button(query)
    if place is None or not isinstance(query.message, Message) or query.message.reply_markup is None:
        return
    if str(place) not in await context.core.ask(PlacesOf(subject)):
        await context.core.run(command(code=subject.code, place=str(place), chat=place.chat))


async def answer(
    update: Update, context: BotContext, text: str, keyboard: Keyboard | None = None, *, for_all: bool = False
) -> Message:
    """Answer a message, or below the message of a press; `for_all`: also in a group where too much is said."""
    return await post(context.bot, update, lambda _: Said(text, keyboard), for_one=not for_all)


async def answer_document(update: Update, context: BotContext, data: bytes, file_name: str, text: str) -> Message:
    """Answer with a file."""
    return await post(context.bot, update, lambda _: Said(text, file=(data, file_name)))


async def answer_alone(update: Update, context: BotContext, text: Callable[[], str]) -> None:
    """Answer so that only they read it: there if Telegram can, or in private; a group learns only that it was done."""
    if is_private(update):
        await answer(update, context, text())
        return
    alone = context.services.ephemeral
    with speaking(privately=True):
        said = text()
        is_asked_alone = ephemeral_number(message_of(update)) is not None
        if is_asked_alone and await alone.say(context.bot, update, said):
            return
        told = await tell_privately(context, person_of(update), said)
    note = told_alone() if told else untold_alone(hello_url(context.bot_name))
    if is_asked_alone and await alone.say(context.bot, update, note, for_all=True):
        return
    with suppress(Unheard):
        await post(context.bot, update, lambda _: Said(note), only_here=True)


async def tell_privately(context: BotContext, person: PersonId, text: str) -> bool:
    """Write to a person in private; False when they have never started the bot, or blocked it."""
    return await post_privately(context.bot, person, text) is not None


async def post_privately(
    bot: ExtBot[int], person: PersonId, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Place | None:
    """Where it stands now in their private chat; None when they have never started the bot, or blocked it."""
    try:
        posted = await bot.send_message(
            chat_id_of(person),
            wording.fitted(text, MessageLimit.MAX_TEXT_LENGTH),
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
        )
    except Forbidden:
        return None
    except BadRequest as error:
        if is_gone(error):
            return None
        raise
    return place_of(posted)


async def post_below(bot: ExtBot[int], place: Place, text: str) -> bool:
    """Say something below a message of the bot; False where that is not possible any more."""
    try:
        await bot.send_message(
            place.chat_id,
            wording.fitted(text, MessageLimit.MAX_TEXT_LENGTH),
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_parameters=ReplyParameters(place.message_id, allow_sending_without_reply=True),
        )
    except (BadRequest, Forbidden, ChatMigrated) as error:
        log.info("not_said_below", place=str(place), reason=error.message)
        return False
    return True


async def toast(query: CallbackQuery, text: str = "", *, alert: bool = False, url: str | None = None) -> None:
    """Answer a press, so that the button stops spinning; too late is no mistake."""
    try:
        await query.answer(wording.toast(text) or None, show_alert=alert or None, url=url)
    except BadRequest as error:
        if not is_gone(error):
            raise
    except InvalidToken as error:  # a server without this method: what the press did is done, and shown in its message
        log.info("press_not_answered", reason=error.message)


async def answer_query(
    query: InlineQuery, results: Sequence[InlineQueryResult], *, said: str = "", payload: str = HELLO
) -> None:
    """Answer what is typed behind the bot's name: to this person, at this moment; too late is no mistake.

    `said` stands on the button above the list, which leads to the private chat.
    """
    button = InlineQueryResultsButton(wording.toast(said), start_parameter=payload) if said else None
    try:
        await query.answer(results, cache_time=0, is_personal=True, button=button)
    except BadRequest as error:
        if not is_gone(error):
            raise


async def edit_text(bot: ExtBot[int], place: Place, text: str, keyboard: InlineKeyboardMarkup | None = None) -> bool:
    """Change a message of the bot; False when it is no longer there, or never was a text."""
    try:
        await bot.edit_message_text(
            text,
            **place.address,
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
        )
    except BadRequest as error:
        return is_unchanged(error)
    except (Forbidden, ChatMigrated):
        return False
    return True


async def remove_buttons(bot: ExtBot[int], place: Place) -> None:
    """Nothing can come of these buttons any more; where they are gone already, that is no mistake."""
    try:
        await bot.edit_message_reply_markup(**place.address, reply_markup=None)
    except (BadRequest, Forbidden, ChatMigrated) as error:
        log.info("buttons_not_removed", place=str(place), reason=error.message)


async def take_away(bot: ExtBot[int], place: Place) -> bool:
    """Whether nothing stands there any more, or nothing that could be changed: the group has moved."""
    try:
        await bot.delete_message(place.chat_id, place.message_id, rate_limit_args=NO_WAITING)
    except BadRequest as error:
        return "not found" in error.message.lower()  # it went the time before
    except (Forbidden, ChatMigrated) as error:
        log.info("not_taken_away", place=str(place), reason=error.message)
    except InvalidToken:  # a server without this method
        return False
    return True


def place_of(message: Message) -> Place:
    """Where a message stands."""
    return Place(message.chat_id, message.message_id)
