"""What only the one who paid a bill can do: in private a button for each person, and everybody reminded."""

from __future__ import annotations

from telegram import Update

from bot.handlers.splits import numbered, pressed_split, stands_alone
from bot.transport.answers import (
    edit_text,
    is_private,
    person_of,
    place_of_button,
    post_below,
    post_privately,
    pressed,
    toast,
)
from bot.transport.context import BotContext
from bot.words import shares as words
from bot.words import splits as list_words
from bot.words.language import speaking, speaking_to
from bot.words.links import read_place
from bot.words.mistakes import DeadButton
from wallet_core import (
    SPLIT,
    HasBlocked,
    PlaceShare,
    PlacesOf,
    PlaceSplit,
    RemindShare,
    SettleInCash,
    Share,
    ShareShown,
    ShareState,
    Split,
    SplitShown,
    Subject,
    TakeOut,
)


async def manage(update: Update, context: BotContext) -> None:
    """Show the asker, in private, a button for each person."""
    query, code = await pressed_split(update, context)
    person = person_of(update)
    found, shares = await context.core.ask(SplitShown(code, by=person))
    with speaking(privately=True):
        text, keyboard = list_words.shown(found, shares), list_words.manage_buttons(found, shares)
        if await stands_alone(context, person, Subject(SPLIT, code), text, keyboard):
            await toast(query, words.managed_toast(), alert=True)
            return
        place = await post_privately(context.bot, person, text, keyboard)
    if place is None:
        await toast(query, url=words.link(found, context.bot_name))
        return
    await context.core.run(PlaceSplit(code=code, place=str(place), chat=place.chat))
    await toast(query, words.managed_toast(), alert=True)


async def turn(update: Update, context: BotContext) -> None:
    """Show another part of the people."""
    query, press = pressed(update)
    said, place = numbered(list_words.read_nth(press.rest)), place_of_button(query)
    if place is None or not is_private(update):
        raise DeadButton
    found, shares = await context.core.ask(SplitShown(said.code, by=person_of(update)))
    keyboard = list_words.manage_buttons(found, shares, said.number)
    await edit_text(context.bot, place, list_words.shown(found, shares), keyboard)
    await toast(query)


async def take_out(update: Update, context: BotContext) -> None:
    """Somebody has no share any more."""
    query, press = pressed(update)
    said = numbered(list_words.read_nth(press.rest))
    out = await context.core.run(TakeOut(code=said.code, nth=said.number, person=person_of(update)))
    await toast(query, words.taken_out_toast(out))


async def cash(update: Update, context: BotContext) -> None:
    """A share was paid in cash."""
    await _cash(update, context, is_settled=True)


async def no_cash(update: Update, context: BotContext) -> None:
    """It was not."""
    await _cash(update, context, is_settled=False)


async def _cash(update: Update, context: BotContext, *, is_settled: bool) -> None:
    query, press = pressed(update)
    said, person = numbered(list_words.read_nth(press.rest)), person_of(update)
    wish = SettleInCash(code=said.code, nth=said.number, person=person, is_settled=is_settled)
    await toast(query, words.cash_toast(await context.core.run(wish)))


async def remind(update: Update, context: BotContext) -> None:
    """Remind everybody who has not paid, in private where that is possible, else together in one line in the group."""
    query, code = await pressed_split(update, context)
    person = person_of(update)
    found, shares = await context.core.ask(SplitShown(code, by=person))
    reminded, untold = 0, []
    for share in shares:
        is_open = share.state is ShareState.OPEN
        if is_open and await context.core.run(RemindShare(code=code, nth=share.nth, person=person)):
            reminded += 1
            if not await _remind_privately(context, share):
                untold.append(share)
    if untold:
        await _remind_there(context, found, untold)
    await toast(query, words.reminded_toast(reminded), alert=True)


async def _remind_privately(context: BotContext, share: Share) -> bool:
    """Whether they could be written to; who has come under their name since they were named is known by now."""
    found, now = await context.core.ask(ShareShown(share.code))
    if now.person is None:
        return False
    if await context.core.ask(HasBlocked(person=now.person.id, other=found.asker.id)):
        return True  # the asker is not told, and the group hears no name
    with speaking_to(now.person.language):
        text, keyboard = words.reminder(found, now), words.buttons(found, now)
    place = await post_privately(context.bot, now.person.id, text, keyboard)
    if place is None:
        return False
    await context.core.run(PlaceShare(code=now.code, place=str(place), chat=place.chat))
    return True


async def _remind_there(context: BotContext, found: Split, shares: list[Share]) -> None:
    """One line below the bill in the group where it is shown."""
    places = map(read_place, await context.core.ask(PlacesOf(Subject(SPLIT, found.code))))
    place = next((place for place in places if place is not None and not place.is_private), None)
    if place is not None:
        with speaking(privately=False):
            text = words.reminded_here(found, shares)
        await post_below(context.bot, place, text)
