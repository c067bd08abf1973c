"""What a bank has taken back that had come in: whose loss it is, a person in charge decides."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.bank import bank_of
from bot.transport.answers import person_of, pressed, pressed_code, toast
from bot.transport.context import BotContext
from bot.words import bank_reversals as words
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton
from bot.words.tellings import Face
from wallet_core import DecideReversal, PersonById, ReversalByCode, ReversalState, WalletCore


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What it says, whatever has become of it."""
    reversal, candidates = await core.ask(ReversalByCode(code))
    reader = await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(words.shown, reversal),
        buttons=partial(words.buttons, reversal, candidates),
        is_kept=reversal.state is ReversalState.OPEN,
        is_final=reversal.state is not ReversalState.OPEN,
    )


async def take(update: Update, context: BotContext) -> None:
    """Whoever had it pays it back, as far as they can."""
    await _choose(update, context, ReversalState.TAKEN)


async def lose(update: Update, context: BotContext) -> None:
    """They keep it."""
    await _choose(update, context, ReversalState.LOST)


async def ignore(update: Update, context: BotContext) -> None:
    """It had never come into a wallet."""
    bank_of(update, context)
    query, code = pressed_code(update)
    wish = DecideReversal(code=code, decision=ReversalState.IGNORED, arrival=None, by=person_of(update))
    await toast(query, words.decided_toast(await context.core.run(wish)))


async def _choose(update: Update, context: BotContext, decision: ReversalState) -> None:
    bank_of(update, context)
    query, press = pressed(update)
    choice = words.read_choice(press.rest)
    if choice is None:
        raise DeadButton
    wish = DecideReversal(code=choice[0], decision=decision, arrival=choice[1], by=person_of(update))
    await toast(query, words.decided_toast(await context.core.run(wish)))
