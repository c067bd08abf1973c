"""/announce, /close, /open: what everybody is told once an operator has seen it; transport/announcing.py tells it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from telegram import Update

from bot.handlers.acts import check_alone
from bot.handlers.arguments import memo_of, words_of
from bot.statements.period import read_until
from bot.transport.answers import (
    answer,
    keep_place,
    key_of,
    message_of,
    person_of,
    place_of,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.words import announcements as words
from bot.words.links import Place
from bot.words.tellings import Face
from bot.words.wording import safe_lines
from wallet_core import (
    ANNOUNCEMENT,
    Announcement,
    AnnouncementByCode,
    AnnouncementKind,
    AnnouncementState,
    ConfirmAnnouncement,
    MakeAnnouncement,
    PlaceAnnouncement,
    PlacesOf,
    StopAnnouncement,
    Subject,
    WalletCore,
    WalletCount,
)

CLOSES_AFTER = timedelta(days=30)  # where no day is named
LAST_MINUTE = time(23, 59)  # of the day


async def announce(update: Update, context: BotContext) -> None:
    """Show the operator what everybody would read, and ask."""
    check_alone(update, context)
    message = message_of(update)
    text = "".join((message.text or "").split(maxsplit=1)[1:])  # its own lines stay
    wish = MakeAnnouncement(by=person_of(update), key=key_of(message), text=text)
    await _ask(update, context, await context.core.run(wish))


async def close(update: Update, context: BotContext) -> None:
    """Ask whether to wind down until the end of a day."""
    check_alone(update, context)
    message, zone = message_of(update), context.settings.timezone
    said = memo_of(words_of(message))
    day = read_until(said) if said else (message.date + CLOSES_AFTER).astimezone(zone).date()
    if day is None:
        raise words.CloseWords
    closes_at = datetime.combine(day, LAST_MINUTE, tzinfo=zone)
    wish = MakeAnnouncement(by=person_of(update), key=key_of(message), kind=AnnouncementKind.CLOSE, closes_at=closes_at)
    await _ask(update, context, await context.core.run(wish))


async def reopen(update: Update, context: BotContext) -> None:
    """Ask whether everything is to be as before."""
    check_alone(update, context)
    wish = MakeAnnouncement(by=person_of(update), key=key_of(message_of(update)), kind=AnnouncementKind.OPEN)
    await _ask(update, context, await context.core.run(wish))


async def begin(update: Update, context: BotContext) -> None:
    """Tell everybody. The question says how far it is."""
    query, code = pressed_code(update)
    await context.core.run(ConfirmAnnouncement(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ANNOUNCEMENT, code), PlaceAnnouncement)
    await toast(query, words.begun_toast())


async def end(update: Update, context: BotContext) -> None:
    """Don't, or not the others."""
    query, code = pressed_code(update)
    await context.core.run(StopAnnouncement(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ANNOUNCEMENT, code), PlaceAnnouncement)
    await toast(query, words.ended_toast())


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What the operator sees of it."""
    seen, people = await core.ask(AnnouncementByCode(code)), await core.ask(WalletCount())
    return Face(
        own=seen.operator.language,
        text=partial(words.dialog, seen, safe_lines(seen.text), people),
        buttons=partial(words.buttons, seen),
        is_final=seen.state in (AnnouncementState.CANCELLED, AnnouncementState.STOPPED, AnnouncementState.EXPIRED),
    )


async def _ask(update: Update, context: BotContext, made: Announcement) -> None:
    """A repeated update asks once."""
    if await context.core.ask(PlacesOf(Subject(ANNOUNCEMENT, made.code))):
        return
    text = words.dialog(made, safe_lines(made.text), await context.core.ask(WalletCount()))
    place = place_of(await answer(update, context, text, words.buttons(made)))
    await context.core.run(PlaceAnnouncement(code=made.code, place=str(place), chat=place.chat))
