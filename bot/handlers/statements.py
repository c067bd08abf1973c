"""/statement: of which time, as what, and the file or picture itself. In private only."""

from __future__ import annotations

from datetime import date
from functools import partial

from telegram import InlineKeyboardMarkup, Update

from bot.handlers import choices
from bot.handlers.arguments import words_of
from bot.statements.apart import made_for
from bot.statements.making import Job, Made
from bot.statements.period import Period, checked, day_of, month, read_period, take_form, whole_year
from bot.statements.programs import COMMAND
from bot.transport.answers import answer, edit_text, is_private, message_of, person_of, place_of_button, pressed, toast
from bot.transport.context import BotContext
from bot.transport.deliveries import Delivery, deliver
from bot.words import statement_buttons as buttons
from bot.words import statements as words
from bot.words.dropped import About
from bot.words.language import spoken
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.statement_buttons import As, Chosen, Step
from wallet_core import PersonId, WalletOf


async def statement(update: Update, context: BotContext) -> None:
    """Ask for the time, or with days behind the command for the form; with its name, too, there it is."""
    if not is_private(update):
        raise PrivateOnly
    person, today = person_of(update), _today(context)
    await context.core.ask(WalletOf(person))
    said = [word.text for word in words_of(message_of(update))]
    if not said:
        await choices.offer(update, context, About.STATEMENT, words.which_time(), buttons.times(person, today))
        return
    form, days = take_form(said)
    period = read_period(days, today) if days else checked(whole_year(today.year), today)
    place = await choices.offer(update, context, About.STATEMENT, *_as_what(person, period))
    if form is not None and not await _sent(update, context, place, period, form):
        await answer(update, context, words.still_making())


async def choose(update: Update, context: BotContext) -> None:
    """Go on with what was chosen, for its owner."""
    query, press = pressed(update)
    person, place, chosen = person_of(update), place_of_button(query), buttons.read_chosen(press.rest)
    if chosen is None or person_id_of(chosen.owner) != person or not is_private(update) or place is None:
        raise DeadButton
    if chosen.step is not Step.MAKE or chosen.form is None:
        await edit_text(context.bot, place, *_next(chosen, person, _today(context)))
        await toast(query)
        return
    period = checked(Period(*chosen.days), _today(context))
    is_sent = await _sent(update, context, place, period, chosen.form)
    if is_sent:
        await choices.taken(update, context)
    await toast(query, "" if is_sent else words.still_making())


async def _sent(update: Update, context: BotContext, place: Place, period: Period, form: As) -> bool:
    """Make it and send it, while the question says so; False for who is having one made already."""
    person = person_of(update)
    choice = _as_what(person, period)
    now = words.making(period.first, period.last), choice[1]
    say = partial(edit_text, context.bot, place)
    async with context.services.deliveries.turn(person, say, now=now, then=choice) as is_free:
        if is_free:
            made = await made_for(context.core, _job(context, person, period, form))
            await deliver(context.bot, update, _deliveries(made))
    return is_free


def _job(context: BotContext, person: PersonId, period: Period, form: As) -> Job:
    settings = context.settings
    return Job(
        person=person, period=period, form=form, language=spoken(), zone=settings.timezone, url=settings.database_url,
        rules=context.core.rules, style=settings.style,
    )  # fmt: skip


def _deliveries(made: Made) -> list[Delivery]:
    """What is sent of it: its files, of which the first says what is in them."""
    about, time = made.about, (made.about.period.first, made.about.period.last)
    if not made.files:
        return [Delivery(words.nothing_there(*time, about.closing))]
    below = [
        words.below_file(*time, about.opening, about.closing, about.count),
        words.below_rules(COMMAND.format(name=about.name)),
    ]
    return [
        Delivery(text, file.name, file.data, file.is_picture)
        for text, file in zip(below[: len(made.files)], made.files, strict=True)
    ]


def _today(context: BotContext) -> date:
    return day_of(context.core.now(), context.settings.timezone)


def _as_what(person: PersonId, period: Period) -> tuple[str, InlineKeyboardMarkup]:
    return words.as_what(period.first, period.last), buttons.forms(person, period.first, period.last)


def _next(chosen: Chosen, person: PersonId, today: date) -> tuple[str, InlineKeyboardMarkup]:
    """What is asked next."""
    match chosen.step:
        case Step.TIME:
            return words.which_time(), buttons.times(person, today)
        case Step.THIS_MONTH:
            return _as_what(person, checked(month(today.year, today.month), today))
        case Step.LAST_MONTH:
            return _as_what(person, month(today.year, today.month - 1))
        case Step.YEAR:
            return _as_what(person, checked(whole_year(chosen.days[0].year), today))
        case Step.FROM:
            shown = buttons.within(chosen.days[0], date(buttons.YEAR_FIRST, 1, 1), today)
            return words.from_when(), buttons.first_days(person, shown, today)
        case Step.UNTIL:
            first = min(chosen.days[0], today)
            shown = buttons.within(chosen.days[1], first, today)
            return words.until_when(first), buttons.last_days(person, first, shown, today)
        case _:
            return _as_what(person, checked(Period(*chosen.days), today))
