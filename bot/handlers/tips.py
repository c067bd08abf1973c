"""/tip: pay the author of a message at once; what a message got, and the button below it; the usual tip."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers import choices
from bot.handlers.arguments import author_of, read_tip, words_of
from bot.transport.answers import (
    edit_text,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of_button,
    press_key,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.notifier import Gathered
from bot.words import tips as words
from bot.words.dropped import About
from bot.words.links import Place, below, chat_id_of, message_above, read_place
from bot.words.mistakes import DeadButton
from bot.words.tellings import Face, Told, told
from wallet_core import (
    AnswerTip,
    ChooseTip,
    Money,
    NoteTold,
    OutboxMessage,
    PlacesOf,
    PlaceTips,
    StillOpen,
    Tip,
    TipAgain,
    TipNoteOf,
    TipQuestionByCode,
    TipQuestionState,
    TipsOf,
    UsualTipOf,
    WalletCore,
    WalletOf,
)


async def tip(update: Update, context: BotContext) -> None:
    """Tip the author of the message that is answered. What it got is shown below it by the core's own places."""
    message = message_of(update)
    if is_private(update):
        await _ask_usual(update, context)
        return
    author, tipped = author_of(message), message.reply_to_message
    if author is None or tipped is None:
        raise words.TipWords
    wish = Tip(
        payer=person_of(update),
        payee=author.id,
        amount=read_tip(message, context.settings.currency),
        key=key_of(message),
        spot=str(below(message.chat_id, tipped.message_id)),
        chat=str(message.chat_id),
        ask_at=str(below(message.chat_id, tipped.message_id, message.message_id)),
    )
    await context.core.run(wish)


async def again(update: Update, context: BotContext) -> None:
    """Whoever presses tips as much; a line that a crash has left behind is kept up to date from now on."""
    query, code = pressed_code(update)
    payment = await context.core.run(TipAgain(code=code, person=person_of(update), key=press_key(update)))
    await toast(query, words.tipped_toast(payment))
    place, line = place_of_button(query), payment.receipt.subject
    if place is None or place.is_private or line is None:
        return
    if str(place) not in await context.core.ask(PlacesOf(line)):
        await context.core.run(PlaceTips(code=code, place=str(place), chat=place.chat))


async def choose_and_give(update: Update, context: BotContext) -> None:
    """The person asked chooses their usual tip, and gives it. The question says so wherever it stands."""
    query, press = pressed(update)
    choice = words.read_choice(press.rest)
    if choice is None or choice[0] is None:
        raise DeadButton
    amount = Money(choice[1], context.settings.currency)
    payment = await context.core.run(AnswerTip(code=choice[0], person=person_of(update), amount=amount))
    await toast(query, words.tipped_toast(payment))


async def _ask_usual(update: Update, context: BotContext) -> None:
    if words_of(message_of(update)):
        raise words.TipWords
    await context.core.ask(WalletOf(person_of(update)))
    await context.core.ask(StillOpen())
    usual = await context.core.ask(UsualTipOf(person_of(update)))
    await choices.offer(update, context, About.USUAL_TIP, words.usual(usual), words.usual_buttons(context.core.rules))


async def choose(update: Update, context: BotContext) -> None:
    """What /tip alone gives from now on."""
    query, press = pressed(update)
    choice = words.read_choice(press.rest)
    if choice is None or choice[0] is not None:
        raise DeadButton
    await context.core.ask(StillOpen())
    wish = ChooseTip(person=person_of(update), amount=Money(choice[1], context.settings.currency))
    chosen = await context.core.run(wish)
    await choices.taken(update, context)
    await toast(query)
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.chosen(chosen))


# -- what is shown and told -------------------------------------------------------------------------------------------


async def shown(core: WalletCore, tipped: str, place: Place, _bot_name: str) -> Face:
    """What stands below a message that was tipped."""
    got = await core.ask(TipsOf(tipped))
    spot = read_place(tipped)
    is_here = spot is not None and spot.chat_id == place.chat_id  # not in the supergroup that its group became
    return Face(
        own=None,
        text=partial(words.gathered, got),
        buttons=partial(words.gathered_buttons, got),
        below=message_above(spot) if spot is not None and is_here else None,
        is_kept=True,
    )


async def question_shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """The question for somebody's usual tip."""
    asked = await core.ask(TipQuestionByCode(code))
    return Face(
        own=asked.person.language,
        text=partial(words.question, asked),
        buttons=partial(words.question_buttons, asked, core.rules),
        is_final=asked.state is not TipQuestionState.OPEN,
        below=message_above(place) if place.spot else None,
        alone=chat_id_of(asked.person.id),
    )


async def gather(core: WalletCore, message: OutboxMessage) -> Gathered:
    """The tips of a minute are one message to whoever got them: sent with the first, changed with the others."""
    note = await core.ask(TipNoteOf(message.payment.receipt.transfer_id))
    last = note.tips[-1].receipt.transfer_id

    def noted(place: Place) -> NoteTold:
        return NoteTold(note=note.id, place=str(place), told=last)

    if note.told is not None and message.payment.receipt.transfer_id <= note.told:
        return Gathered(None, noted)
    if len(note.tips) == 1:
        return Gathered(told(message), noted)
    text = words.note(note)
    return Gathered(Told(place=read_place(note.place), text=text, privately=text), noted)
