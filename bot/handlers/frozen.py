"""/freeze and /unfreeze: an operator lets nothing in or out of a wallet. The core knows who may."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.acts import check_alone
from bot.handlers.arguments import Word, memo_of, names_another, words_of
from bot.handlers.asking import take_anybody
from bot.transport.answers import answer, key_of, message_of, person_of
from bot.transport.context import BotContext
from bot.words import frozen as words
from bot.words.links import Place
from bot.words.tellings import Face
from wallet_core import FreezeWallet, FreezingOf, PersonId, PersonMeant, UnfreezeWallet, WalletCore


async def freeze(update: Update, context: BotContext) -> None:
    """Freeze somebody's wallet; they are told, with what stands behind the name as the reason."""
    check_alone(update, context)
    said, message = words_of(message_of(update)), message_of(update)
    whose, reason = await _whose(said, context, command="freeze"), memo_of(said)
    wish = FreezeWallet(by=person_of(update), person=whose, reason=reason, key=key_of(message))
    await answer(update, context, words.frozen(await context.core.run(wish), reason))


async def unfreeze(update: Update, context: BotContext) -> None:
    """Open it again; they are told."""
    check_alone(update, context)
    said, message = words_of(message_of(update)), message_of(update)
    whose, reason = await _whose(said, context, command="unfreeze"), memo_of(said)
    wish = UnfreezeWallet(by=person_of(update), person=whose, reason=reason, key=key_of(message))
    await answer(update, context, words.opened(await context.core.run(wish)))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What its owner is told, as it is now."""
    seen = await core.ask(FreezingOf(PersonId(code)))
    return Face(own=seen.wallet.owner.language, text=partial(words.told, seen), buttons=lambda: None)


async def _whose(said: list[Word], context: BotContext, *, command: str) -> PersonId:
    """Takes the person off the front. Raises FreezeWords, also for two of them; PersonNotFound, SeveralPayees."""
    to = take_anybody(said, context.bot_name)
    if to is None or names_another(said):
        raise words.FreezeWords(command)
    return (await context.core.ask(PersonMeant(to))).id
