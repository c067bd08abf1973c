"""/split and its buttons: a bill that is shared, shown live in the group, paid by each person in private."""

from __future__ import annotations

from functools import partial

from telegram import CallbackQuery, InlineKeyboardMarkup, Update

from bot.handlers.sharers import read_split
from bot.transport.answers import (
    edit_text,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of,
    place_of_button,
    post_privately,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.posting import Said, post
from bot.words import shares as words
from bot.words import splits as list_words
from bot.words.language import speaking
from bot.words.links import Place, chat_id_of, person_id_of, read_place
from bot.words.mistakes import DeadButton, GroupOnly
from bot.words.splits import Numbered
from bot.words.tellings import Face
from bot.words.transfers import paid_toast
from wallet_core import (
    SHARE,
    SPLIT,
    AskSplit,
    CloseSplit,
    CountAsker,
    JoinSplit,
    LeaveSplit,
    MakeSplit,
    PayShare,
    PersonById,
    PersonId,
    PlaceShare,
    PlacesOf,
    PlaceSplit,
    Share,
    ShareOf,
    ShareShown,
    Split,
    SplitShown,
    SplitState,
    StillOpen,
    Subject,
    TakeShare,
    WalletCore,
)


async def split(update: Update, context: BotContext) -> None:
    """Post the live message; once it was posted, a repeated update posts no other."""
    if is_private(update):
        raise GroupOnly
    message = message_of(update)
    wish = read_split(message, context.settings.currency, bot_name=context.bot_name)
    made = await context.core.run(
        MakeSplit(asker=person_of(update), total=wish.total, people=wish.people, key=key_of(message), memo=wish.memo)
    )
    if not await context.core.ask(PlacesOf(Subject(SPLIT, made.code))):
        await _post(update, context, made.code)


async def _post(update: Update, context: BotContext, code: str) -> None:
    """Show the split where the person is, or in private where the bot may not write."""
    found, shares = await context.core.ask(SplitShown(code))
    is_askers = found.asker.id == person_of(update)
    buttons = partial(_buttons, found, shares)
    posted = await post(
        context.bot,
        update,
        lambda privately: Said(list_words.shown(found, shares), buttons(is_managed=privately and is_askers)),
    )
    await _place(context, found, place_of(posted))


async def _place(context: BotContext, shown: Split, place: Place) -> None:
    await context.core.run(PlaceSplit(code=shown.code, place=str(place), chat=place.chat))


def _buttons(shown: Split, shares: tuple[Share, ...], *, is_managed: bool) -> InlineKeyboardMarkup | None:
    """For everybody; in private the asker has a list of the people once the money is asked for."""
    is_managed = is_managed and shown.state is not SplitState.GATHERING
    return list_words.manage_buttons(shown, shares) if is_managed else list_words.buttons(shown, shares)


async def shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What the live message says now; in the asker's private chat it has a button for each person."""
    found, shares = await core.ask(SplitShown(code))
    reader = await core.ask(PersonById(person_id_of(place.chat_id))) if place.is_private else None
    return Face(
        own=reader.language if reader else None,
        text=partial(list_words.shown, found, shares),
        buttons=partial(_buttons, found, shares, is_managed=place.chat_id == chat_id_of(found.asker.id)),
        is_final=found.is_over,
        is_kept=True,
    )


async def share_shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What the question to one person says, whatever has become of it."""
    found, share = await core.ask(ShareShown(code))
    return Face(
        own=share.person.language if share.person else None,
        text=partial(words.dialog, found, share),
        buttons=partial(words.buttons, found, share),
        is_final=found.is_over,
    )


async def join(update: Update, context: BotContext) -> None:
    """Somebody is in. Every message that shows the bill says so."""
    query, code = await pressed_split(update, context)
    await context.core.run(JoinSplit(code=code, person=person_of(update)))
    await toast(query, words.joined_toast())


async def leave(update: Update, context: BotContext) -> None:
    """Somebody is out, or says that this is not theirs."""
    query, code = await pressed_split(update, context)
    await context.core.run(LeaveSplit(code=code, person=person_of(update)))
    await toast(query, words.left_toast())


async def ask(update: Update, context: BotContext) -> None:
    """The asker asks those who are in."""
    query, code = await pressed_split(update, context)
    await context.core.run(AskSplit(code=code, person=person_of(update)))
    await toast(query, words.asked_toast())


async def count(update: Update, context: BotContext) -> None:
    """The asker has a share too, or has none."""
    query, press = pressed(update)
    said = numbered(list_words.read_nth(press.rest))
    wish = CountAsker(code=said.code, person=person_of(update), is_in=bool(said.number))
    await toast(query, words.counted_toast(await context.core.run(wish)))


async def close(update: Update, context: BotContext) -> None:
    """Nobody is asked any more."""
    query, code = await pressed_split(update, context)
    await context.core.run(CloseSplit(code=code, person=person_of(update)))
    await toast(query, words.closed_toast())


async def pressed_split(update: Update, context: BotContext) -> tuple[CallbackQuery, str]:
    """The press and the code of its bill, which the message in the group shows from now on if it did not yet.

    It was posted just before the process died, perhaps. Raises DeadButton, SplitNotFound.
    """
    query, code = pressed_code(update)
    place = place_of_button(query)
    if place is not None and not place.is_private:
        places = await context.core.ask(PlacesOf(Subject(SPLIT, code)))
        if str(place) not in places:
            await context.core.run(PlaceSplit(code=code, place=str(place), chat=place.chat))
    return query, code


# -- one's own share ---------------------------------------------------------------------------------------------------


async def mine(update: Update, context: BotContext) -> None:
    """Ask the one who pressed for their share, in private: a question of theirs that stands there is enough."""
    query, code = await pressed_split(update, context)
    found, share = await _own_share(update, context, code)
    if not words.is_asked(found, share):
        await toast(query, words.share_toast(found, share), alert=True)
        return
    await context.core.ask(StillOpen())
    person, subject = person_of(update), Subject(SHARE, share.code)
    with speaking(privately=True):
        text, keyboard = words.dialog(found, share), words.buttons(found, share)
        if await stands_alone(context, person, subject, text, keyboard):
            await toast(query, words.stands_toast(), alert=True)
            return
        place = await post_privately(context.bot, person, text, keyboard)
    if place is None:
        await toast(query, url=words.link(found, context.bot_name))
        return
    await context.core.run(PlaceShare(code=share.code, place=str(place), chat=place.chat))
    await toast(query, words.alone_toast(), alert=not is_private(update))


async def _own_share(update: Update, context: BotContext, code: str) -> tuple[Split, Share]:
    """The person's share; one that they were named for before we knew them is theirs from now on."""
    found, share = await context.core.ask(ShareOf(code, person_of(update)))
    if share.person is None:
        share = await context.core.run(TakeShare(code=code, person=person_of(update)))
    return found, share


async def stands_alone(
    context: BotContext, person: PersonId, subject: Subject, text: str, keyboard: InlineKeyboardMarkup | None
) -> bool:
    """Whether it is shown in their private chat already, and was not deleted there; it says this now."""
    for place in map(read_place, await context.core.ask(PlacesOf(subject))):
        is_theirs = place is not None and place.chat_id == chat_id_of(person)
        if place is not None and is_theirs and await edit_text(context.bot, place, text, keyboard):
            return True
    return False


async def open_split(update: Update, context: BotContext, code: str) -> None:
    """Somebody has opened the link in private: the bill for the asker and while it gathers, else their share."""
    found, _ = await context.core.ask(SplitShown(code))
    person = person_of(update)
    is_gathering = found.state is SplitState.GATHERING
    if is_gathering and person != found.asker.id:
        await context.core.ask(StillOpen())
    if is_gathering or person == found.asker.id:
        await _post(update, context, code)
        return
    found, share = await _own_share(update, context, code)
    if words.is_asked(found, share):
        await context.core.ask(StillOpen())
    said = Said(words.dialog(found, share), words.buttons(found, share))
    place = place_of(await post(context.bot, update, lambda _: said))
    await context.core.run(PlaceShare(code=share.code, place=str(place), chat=place.chat))


async def confirm(update: Update, context: BotContext) -> None:
    """Pay the share. The notifier turns the question into the receipt."""
    query, press = pressed(update)
    said, place = numbered(list_words.read_payment(press.rest)), place_of_button(query)
    wish = PayShare(code=said.code, payments=said.number, person=person_of(update), place=str(place) if place else None)
    await toast(query, paid_toast(await context.core.run(wish)))


def numbered(read: Numbered | None) -> Numbered:
    """What a button says. Raises DeadButton for what no button of this bot says."""
    if read is None:
        raise DeadButton
    return read
