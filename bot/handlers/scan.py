"""What comes in without a command, in private: pictures of codes, links, codes, and amounts that were asked for."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from telegram import Update

from bot.handlers import picks, pins, withdrawals
from bot.handlers.arguments import linked, read_answer, read_code
from bot.handlers.intents import ask
from bot.handlers.opened import open_link
from bot.qr import NotAPicture, PictureTooBig, kind_of
from bot.transport.acquaintances import is_own_words
from bot.transport.answers import key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.transport.fetching import fetched
from bot.words.links import DeepLink, find_link, handle_in
from bot.words.mistakes import ForeignCode, NothingAsked, NotOwnWords, OtherBot, Reason, SeveralCodes
from wallet_core import (
    AnswerIntent,
    IntentByKey,
    IntentState,
    OpenIntents,
    Pick,
    PickOf,
    PickState,
    Step,
    StillOpen,
    looks_like_number,
)

FILE_BYTES_MAX = 20_000_000  # the Bot API gives a bot no larger one


async def picture(update: Update, context: BotContext) -> None:
    """Read the QR code of a photo, an image file or a sticker that stands still, and treat it as its link.

    A link in the words below it, or behind a button, is what the sender points to: the picture need not be read.
    """
    message = message_of(update)
    if (link := find_link(linked(message), context.bot_name)) is not None:
        await _opened(update, context, link)
        return
    if message.photo:
        file_id, size = message.photo[-1].file_id, message.photo[-1].file_size
    elif message.sticker is not None:
        file_id, size = message.sticker.file_id, message.sticker.file_size
    else:
        document = message.document
        assert document is not None
        if not (document.mime_type or "image/").startswith(("image/", "application/octet-stream")):
            raise NotAPicture
        file_id, size = document.file_id, document.file_size
    if size is not None and size > FILE_BYTES_MAX:
        raise PictureTooBig(byte_count=size)
    reading = await context.services.readers.read(partial(fetched, context.bot, file_id, bytes_max=FILE_BYTES_MAX))
    await _opened(update, context, chosen(reading.texts, context.bot_name))


async def _opened(update: Update, context: BotContext, link: DeepLink) -> None:
    """The answer to "whom?", if that is asked; or else what a link is behind /start."""
    if not await picks.scanned(update, context, link):
        await open_link(update, context, link)


def chosen(texts: tuple[str, ...], bot_name: str) -> DeepLink:
    """The link that is meant by the codes of one picture. Raises SeveralCodes, OtherBot, ForeignCode."""
    ours, others = [], []
    for text in texts:
        try:
            link = find_link(text, bot_name)
        except OtherBot as other:
            others.append(other)
        else:
            if link is not None:
                ours.append(link)
    if len(ours) == 1:
        return ours[0]
    if len(texts) > 1:
        raise SeveralCodes
    raise others[0] if others else ForeignCode(kind_of(texts[0]), texts[0])


async def text(update: Update, context: BotContext) -> None:
    """A pasted link or code, or the amount that was asked for."""
    message = message_of(update)
    words = message.text or ""
    link = read_code(words.strip(), context.bot_name) or find_link(linked(message), context.bot_name)
    if link is not None:
        await _opened(update, context, link)
        return
    if not is_own_words(message):  # an amount counts when the person says it
        raise NotOwnWords
    if await pins.is_typed(update, context):
        await pins.typed(update, context)
    person, begun = person_of(update), await withdrawals.begun_by(update, context)
    if begun is not None and withdrawals.says_where(update, context, begun):
        await withdrawals.target_said(update, context, begun, words)
        return
    pick, waiting = await context.core.ask(PickOf(person)), await context.core.ask(OpenIntents(person))
    asking = [intent.expires_at for intent in waiting if intent.state is IntentState.ASKING]
    if pick is not None and await _answers(update, context, pick, max(asking, default=None)):
        return
    if not asking:
        if (made := await context.core.ask(IntentByKey(key_of(message)))) is not None:  # the update comes again
            await ask(update, context, made)
            return
        if begun is not None:  # nothing else is asked
            await withdrawals.target_said(update, context, begun, words)
            return
        first = words.split(maxsplit=1)[:1]
        raise NothingAsked(Reason.NUMBER if first and looks_like_number(first[0]) else Reason.WORDS)
    await context.core.ask(StillOpen())
    amount = read_answer(words, context.settings.currency)
    await ask(update, context, await context.core.run(AnswerIntent(payer=person, amount=amount, key=key_of(message))))


async def _answers(update: Update, context: BotContext, pick: Pick, asked_until: datetime | None) -> bool:
    """Whether the words answer what somebody is asked one thing at a time; of two questions they answer the newer."""
    message = message_of(update)
    is_open = pick.state is PickState.OPEN
    handle = handle_in((message.text or "").strip())
    if handle is not None and is_open and pick.step in (None, Step.WHOM) and key_of(message) not in pick.answers:
        await picks.named(update, context, handle, pick)
        return True
    is_newer = asked_until is None or (pick.step not in (None, Step.WHOM) and pick.asked_until >= asked_until)
    if (is_open and is_newer) or key_of(message) in pick.answers:
        await picks.said(update, context, pick)
        return True
    return False


async def something_else(update: Update, context: BotContext) -> None:
    """A voice message, a film, a place: anything but text and pictures, but for a link that comes with it."""
    link = find_link(linked(message_of(update)), context.bot_name)
    if link is None:
        raise NothingAsked(Reason.OTHER)
    await open_link(update, context, link)
