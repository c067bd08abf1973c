"""/limits shows and sets one's own limits, /limit those that an operator sets for somebody."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers.arguments import Word, is_nothing, take_amount, words_of
from bot.handlers.asking import take_anybody
from bot.transport.answers import (
    answer,
    check_operator,
    edit_text,
    is_private,
    message_of,
    person_of,
    place_of_button,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.words import limits as words
from bot.words.links import Place
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.tellings import Face
from bot.words.typed import Typed, means
from wallet_core import (
    Currency,
    KeepOwnLimit,
    LimitShown,
    LimitsOf,
    Money,
    PersonMeant,
    SetOwnLimit,
    SetWalletLimit,
    Span,
    WalletCore,
)

SPANS = {Span.DAY: Typed.A_DAY, Span.PAYMENT: Typed.A_PAYMENT}
BOTH = (Span.PAYMENT, Span.DAY)


async def limits(update: Update, context: BotContext) -> None:
    """Show one's own limits, or set one of them."""
    if not is_private(update):
        raise PrivateOnly
    said, person = words_of(message_of(update)), person_of(update)
    if not said:
        seen = await context.core.ask(LimitsOf(person=person))
        await answer(update, context, words.shown(seen), words.buttons(seen))
        return
    most, spans = read_limit(said, context.settings.currency, command="limits")
    for span in spans:
        seen = await context.core.run(SetOwnLimit(person=person, span=span, most=most))
    await answer(update, context, words.owned(seen, spans[-1]), words.buttons(seen))


async def limit(update: Update, context: BotContext) -> None:
    """An operator looks at somebody's limits, or sets one."""
    check_operator(update, context)
    if not is_private(update):
        raise PrivateOnly
    said, by = words_of(message_of(update)), person_of(update)
    to = take_anybody(said, context.bot_name)
    if to is None or (said and _is_of_spans(said[0].text)):  # an amount stands where the person should
        raise words.LimitWords("limit")
    person = (await context.core.ask(PersonMeant(to))).id
    most, spans = read_limit(said, context.settings.currency, command="limit") if said else (None, ())
    for span in spans:
        await context.core.run(SetWalletLimit(by=by, person=person, span=span, most=most))
    await answer(update, context, words.given(await context.core.ask(LimitsOf(person=person, by=by))))


async def keep(update: Update, context: BotContext) -> None:
    """What was to be raised stays as it is."""
    query, press = pressed(update)
    if press.rest not in (Span.PAYMENT, Span.DAY):
        raise DeadButton
    seen = await context.core.run(KeepOwnLimit(person=person_of(update), span=Span(press.rest)))
    await toast(query)
    if (place := place_of_button(query)) is not None:
        await edit_text(context.bot, place, words.kept(seen), words.buttons(seen))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What somebody is told when a limit of theirs is another one."""
    seen, span = await core.ask(LimitShown(code))
    return Face(own=seen.person.language, text=partial(words.told, seen, span), buttons=lambda: None)


def read_limit(said: list[Word], unit: Currency, *, command: str) -> tuple[Money | None, tuple[Span, ...]]:
    """How much (None: no limit any more) and of what; `off` alone is of both.

    Raises LimitWords, LimitOfNothing, InvalidAmount, CurrencyMismatch.
    """
    said = [part for word in said for part in _parted(word)]
    if means(Typed.NO_LIMIT, said[0].text):
        del said[0]
        return None, _spans(said, command) if said else BOTH
    if is_nothing(said[0].text):
        raise words.LimitOfNothing(command)
    most = take_amount(said, unit)
    return most, _spans(said, command)


def _parted(word: Word) -> list[Word]:
    """`50/day` and `EUR/day` are two."""
    before, _, behind = word.text.partition("/")
    return [Word(before), Word(f"/{behind}")] if before and behind else [word]


def _spans(said: list[Word], command: str) -> tuple[Span, ...]:
    """`a day`, `a payment`, and nothing else."""
    named = [word for each in said if (word := each.text.strip("/."))]
    found = {span for span, meaning in SPANS.items() if any(means(meaning, word) for word in named)}
    if len(found) != 1 or not all(map(_is_of_spans, named)):
        raise words.LimitWords(command)
    return (found.pop(),)


def _is_of_spans(word: str) -> bool:
    """Whether it belongs to `a day`, `per payment`."""
    return any(means(meaning, word) for meaning in (*SPANS.values(), Typed.EACH))
