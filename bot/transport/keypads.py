"""The keys of a keypad, and a keypad for whatever was refused because it wants a PIN.

Digits stand in order, not shuffled: they can be pressed without looking for them and read out by a phone for the blind,
and three tries protect them. A key's callback says a token of this one keypad, made with a secret that the bot alone
has: a log of presses, a redelivered update or a copy of the books does not say which digit it was.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from telegram import Update

from bot.transport.answers import edit_text, person_of, place_of, toast
from bot.transport.context import BotContext, Services, Tuppence
from bot.transport.posting import Said, Unheard, post_alone
from bot.words import keypads as words
from bot.words.language import speaking
from bot.words.links import chat_id_of, read_place
from wallet_core import KEYPAD, AskForPin, Keypad, PinNeeded, PlaceKeypad, PlacesOf, Subject

TOKEN_LENGTH = 8  # characters of base 64: 48 bits
DIGITS = "0123456789"


@cache
def keys_of(secret: str, code: str) -> dict[str, str]:
    """The token of each digit of one keypad."""
    seed = sha256(b"keypads of " + secret.encode()).digest()
    digests = {digit: hmac.digest(seed, f"{code} {digit}".encode(), "sha256") for digit in DIGITS}
    return {digit: urlsafe_b64encode(digest).decode()[:TOKEN_LENGTH] for digit, digest in digests.items()}


def keys(services: Services, code: str) -> dict[str, str]:
    """The same, with this bot's secret."""
    token = services.settings.bot_token
    assert token is not None
    return keys_of(token.get_secret_value(), code)


async def ask_for_pin(app: Tuppence, update: Update, needed: PinNeeded) -> bool:
    """What was wished waits for the PIN, which is asked for in private; False when nobody can be written to there."""
    person = person_of(update)
    keypad = await app.services.core.run(
        AskForPin(person=person, key=needed.key, amount=needed.amount, wish=update.to_json())
    )
    try:
        await show(app, keypad)
    except Unheard:
        return False
    if update.callback_query is not None:
        await toast(update.callback_query, words.asked_toast())
    return True


async def show(app: Tuppence, keypad: Keypad) -> None:
    """Post it to its person alone, wherever they are, and remember where it stands; once, unless it is gone there."""
    core, tokens = app.services.core, keys(app.services, keypad.code)
    for stands in map(read_place, await core.ask(PlacesOf(Subject(KEYPAD, keypad.code)))):
        with speaking(privately=True):
            text, buttons = words.keypad(keypad), words.keys(keypad, tokens)
        if stands is not None and await edit_text(app.bot, stands, text, buttons):
            return
    posted = await post_alone(
        app.bot, chat_id_of(keypad.person.id), lambda _: Said(words.keypad(keypad), words.keys(keypad, tokens))
    )
    place = place_of(posted)
    await core.run(PlaceKeypad(code=keypad.code, place=str(place), chat=place.chat))


async def show_here(context: BotContext, keypad: Keypad) -> None:
    """The same, from a handler."""
    app = context.application
    assert isinstance(app, Tuppence)
    await show(app, keypad)
