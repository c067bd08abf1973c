"""/pin and its keypad, and /pinreset: a PIN is entered with buttons, and what waited for it is done at once."""

from __future__ import annotations

import json
from functools import partial

from telegram import Update
from telegram.error import RetryAfter

from bot.handlers.arguments import is_nothing, take_amount, words_of
from bot.handlers.asking import take_anybody
from bot.transport.answers import (
    answer,
    check_operator,
    edit_text,
    is_alone,
    is_private,
    message_of,
    person_of,
    place_of,
    place_of_button,
    pressed,
    take_away,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.keypads import keys, show_here
from bot.words import keypads as pads
from bot.words import pin_resets as resets
from bot.words import pins as words
from bot.words.language import speaking
from bot.words.links import Place, chat_id_of
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.tellings import Face
from bot.words.typed import Typed, means
from wallet_core import (
    AskPinFor,
    ChangePin,
    DropKeypad,
    KeepPin,
    Keypad,
    KeypadByCode,
    KeypadState,
    Money,
    OpenKeypadOf,
    PersonId,
    PersonMeant,
    PinOf,
    PinResetByCode,
    PlaceReset,
    PressKey,
    ResetPin,
    SetPin,
    WalletCore,
    WalletOf,
    enter_pin,
)


async def pin(update: Update, context: BotContext) -> None:
    """Show when somebody is asked for their PIN, with what can be changed; or set above which amount."""
    said, person = words_of(message_of(update)), person_of(update)
    if words.has_pin([word.text for word in said]) and not means(Typed.ABOVE, said[0].text):
        await typed(update, context)  # also in a group, where others read it
    if not is_private(update):
        raise PrivateOnly
    if not said:
        await context.core.ask(WalletOf(person))
        seen = await context.core.ask(PinOf(person))
        await answer(update, context, words.shown(seen), words.choices(seen, context.core.rules))
        return
    if not means(Typed.ABOVE, said[0].text):
        raise words.PinWords
    while said and means(Typed.ABOVE, said[0].text):  # "more than" is two words in many a language
        del said[0]
    above = Money(0, context.settings.currency)  # for every payment
    if len(said) != 1 or not is_nothing(said[0].text):
        above = take_amount(said, context.settings.currency)
        if said:
            raise words.PinWords
    await _ask_above(update, context, above)


async def typed(update: Update, context: BotContext) -> None:
    """A PIN was typed: the message goes, as far as Telegram lets it. Raises PinTyped."""
    try:
        gone = await take_away(context.bot, place_of(message_of(update)))
    except RetryAfter:  # whoever wrote it can, at once
        gone = False
    raise words.PinTyped(is_gone=gone)


async def is_typed(update: Update, context: BotContext) -> bool:
    """Whether a text is a PIN rather than an amount: a keypad waits for one."""
    text = message_of(update).text or ""
    return words.is_like_pin(text) and await context.core.ask(OpenKeypadOf(person_of(update))) is not None


async def choose(update: Update, context: BotContext) -> None:
    """A press in /pin's dialog."""
    query, press = pressed(update)
    person, (what, _, minor) = person_of(update), press.rest.partition(".")
    done: object
    if what == words.SET and minor.isdecimal():
        done = await context.core.run(SetPin(person=person, above=Money(int(minor), context.settings.currency)))
    elif what == words.ABOVE and minor.isdecimal():
        above = Money(int(minor), context.settings.currency)
        done = await context.core.run(AskPinFor(person=person, above=above))
    elif what == words.FOR_NEW and minor in ("0", "1"):
        done = await context.core.run(AskPinFor(person=person, for_new=minor == "1"))
    elif what in (words.CHANGE, words.REMOVE):
        done = await context.core.run(ChangePin(person=person, remove=what == words.REMOVE))
    else:
        raise DeadButton
    if isinstance(done, Keypad):
        await show_here(context, done)
    elif (place := place_of_button(query)) is not None:
        await _show_choices(context, place, person)
    await toast(query)


async def _ask_above(update: Update, context: BotContext, above: Money) -> None:
    person = person_of(update)
    seen = await context.core.ask(PinOf(person))
    wish = AskPinFor(person=person, above=above) if seen.is_set else SetPin(person=person, above=above)
    done = await context.core.run(wish)
    if isinstance(done, Keypad):
        await show_here(context, done)
    else:
        seen = await context.core.ask(PinOf(person))
        await answer(update, context, words.shown(seen), words.choices(seen, context.core.rules))


async def _show_choices(context: BotContext, place: Place, person: PersonId) -> None:
    seen = await context.core.ask(PinOf(person))
    await edit_text(context.bot, place, words.shown(seen), words.choices(seen, context.core.rules))


async def press_key(update: Update, context: BotContext) -> None:
    """A key of a keypad: only its person's press counts, and each press once."""
    query, press = pressed(update)
    code, _, token = press.rest.partition(".")
    person = person_of(update)
    tokens = keys(context.services, code)
    if token == pads.OK:
        digits = {each: digit for digit, each in tokens.items()}
        pad = await enter_pin(context.core, code=code, person=person, press=query.id, read=lambda key: digits[key])
        await _entered(update, context, pad)
        return
    if token == pads.DROP:
        pad = await context.core.run(DropKeypad(code=code, person=person))
    elif token == pads.BACK or token in tokens.values():
        key = None if token == pads.BACK else token
        pad = await context.core.run(PressKey(code=code, person=person, press=query.id, token=key))
    else:
        raise DeadButton
    await toast(query)
    await _redraw(update, context, pad)


async def _entered(update: Update, context: BotContext, pad: Keypad) -> None:
    """Say what has come of it; what waited for the PIN is done now, as if it were wished once more."""
    query, _ = pressed(update)
    if pad.state is KeypadState.DONE and pad.wish is not None:
        wish = Update.de_json(json.loads(pad.wish), context.bot)
        with speaking(privately=is_alone(wish)):
            await context.application.process_update(wish)  # what refuses it answers this press
    await toast(query, pads.entered_toast(pad), alert=pad.state is KeypadState.LOCKED)
    await _redraw(update, context, pad)


async def _redraw(update: Update, context: BotContext, pad: Keypad) -> None:
    query, _ = pressed(update)
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, pads.keypad(pad), pads.keys(pad, keys(context.services, pad.code)))


# -- a PIN that was forgotten ------------------------------------------------------------------------------------------


async def reset(update: Update, context: BotContext) -> None:
    """An operator takes somebody's PIN away, a day later."""
    check_operator(update, context)
    if not is_private(update):
        raise PrivateOnly
    said = words_of(message_of(update))
    to = take_anybody(said, context.bot_name)
    if to is None or said:
        raise resets.ResetWords
    person = (await context.core.ask(PersonMeant(to))).id
    asked = await context.core.run(ResetPin(by=person_of(update), person=person))
    place = place_of(await answer(update, context, resets.reset_for_operator(asked)))
    await context.core.run(PlaceReset(code=asked.code, place=str(place), chat=place.chat))


async def keep(update: Update, context: BotContext) -> None:
    """The owner keeps the PIN."""
    query, press = pressed(update)
    await context.core.run(KeepPin(code=press.rest, person=person_of(update)))
    await toast(query, resets.kept_toast())


# -- what is shown -----------------------------------------------------------------------------------------------------


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face | None:
    """A keypad that is over says so; one that waits stays as its presses have left it."""
    pad = await core.ask(KeypadByCode(code))
    if pad.state is KeypadState.OPEN:
        return None
    return Face(own=pad.person.language, text=partial(pads.keypad, pad), buttons=lambda: None, is_final=True)


async def lock_shown(core: WalletCore, person: str, _place: Place, _bot_name: str) -> Face:
    """What somebody is told when nothing can be paid for an hour, and when that is over."""
    seen = await core.ask(PinOf(PersonId(person)))
    return Face(own=seen.person.language, text=partial(words.lock, seen), buttons=lambda: None)


async def reset_shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What is to become of a PIN: to its owner with a button that stops it, to the operator without."""
    asked = await core.ask(PinResetByCode(code))
    if place.chat_id == chat_id_of(asked.person.id):
        text, buttons = partial(resets.reset_for_owner, asked), partial(resets.reset_buttons, asked)
        return Face(own=asked.person.language, text=text, buttons=buttons)
    return Face(own=asked.by.language, text=partial(resets.reset_for_operator, asked), buttons=lambda: None)
