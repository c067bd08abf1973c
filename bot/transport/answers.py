"""How the bot speaks: sending, editing and answering presses, in the one form that all handlers use."""

from __future__ import annotations

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.transport.context import BotContext
from bot.words import wording
from bot.words.links import Place, Press, chat_id_of, person_id_of, read_callback
from bot.words.mistakes import DeadButton
from wallet_core import NotOperator, PersonId, is_code

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
GONE = ("query is too old", "query id is invalid", "message is not modified", "message to edit not found",
        "message can't be edited", "message_id_invalid", "chat not found")  # fmt: skip


def is_private(update: Update) -> bool:
    """Whether one person alone reads the answer; a press under an inline message is read by many."""
    chat = update.effective_chat
    return chat is not None and chat.type == ChatType.PRIVATE


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


def anchor_of(update: Update) -> MaybeInaccessibleMessage:
    """The message that is answered; of an old one whose button is pressed Telegram tells no more than the place."""
    query = update.callback_query
    anchor = query.message if query is not None else update.effective_message
    assert anchor is not None
    return anchor


def key_of(message: MaybeInaccessibleMessage) -> str:
    """The key of a wish made by a message: the same when the update comes again; the time first."""
    return f"{int(message.date.timestamp()):x}.{message.chat.id}.{message.message_id}"


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


def _reply_to(message: MaybeInaccessibleMessage) -> ReplyParameters | None:
    """In a group the answer hangs below the question."""
    if message.chat.type == ChatType.PRIVATE:
        return None
    return ReplyParameters(message.message_id, allow_sending_without_reply=True)


async def answer(
    update: Update, context: BotContext, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Answer a message, or below the message of a press."""
    message = anchor_of(update)
    return await context.bot.send_message(
        message.chat.id,
        text,
        parse_mode=ParseMode.HTML,
        link_preview_options=NO_PREVIEW,
        reply_markup=keyboard,
        reply_parameters=_reply_to(message),
    )


async def answer_photo(
    update: Update, context: BotContext, png: bytes, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """Answer with a picture."""
    message = anchor_of(update)
    return await context.bot.send_photo(
        message.chat.id,
        InputFile(png, filename="qr.png"),
        caption=text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        reply_parameters=_reply_to(message),
    )


async def answer_document(update: Update, context: BotContext, data: bytes, file_name: str, text: str) -> Message:
    """Answer with a file."""
    message = message_of(update)
    return await context.bot.send_document(
        message.chat_id,
        InputFile(data, filename=file_name),
        caption=text,
        parse_mode=ParseMode.HTML,
        reply_parameters=_reply_to(message),
    )


async def tell_privately(context: BotContext, person: PersonId, text: str) -> bool:
    """Write to a person in private; False when they have never started the bot, or blocked it."""
    try:
        await context.bot.send_message(
            chat_id_of(person), text, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW
        )
    except Forbidden:
        return False
    except BadRequest as error:
        if "chat not found" in error.message.lower():
            return False
        raise
    return True


async def toast(query: CallbackQuery, text: str = "", *, alert: bool = False, url: str | None = None) -> None:
    """Answer a press, so that the button stops spinning; too late is no mistake."""
    try:
        await query.answer(wording.toast(text) or None, show_alert=alert or None, url=url)
    except BadRequest as error:
        if not is_gone(error):
            raise


async def edit_text(bot: ExtBot[int], place: Place, text: str, keyboard: InlineKeyboardMarkup | None = None) -> bool:
    """Change a message of the bot; False when it is no longer there, or never was a text."""
    try:
        await bot.edit_message_text(
            text,
            place.chat_id,
            place.message_id,
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
        )
    except BadRequest as error:
        return is_unchanged(error)
    return True


def place_of(message: Message) -> Place:
    """Where a message stands."""
    return Place(message.chat_id, message.message_id)


def is_unchanged(error: BadRequest) -> bool:
    """Whether the message says this already."""
    return "not modified" in error.message.lower()


def is_gone(error: BadRequest) -> bool:
    """Whether Telegram says that there is nothing left to answer or to change."""
    return any(words in error.message.lower() for words in GONE)
