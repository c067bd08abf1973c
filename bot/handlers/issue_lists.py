"""/issue for many at once, as a file or a list in the message: ask the operator, confirm, cancel."""

from __future__ import annotations

import asyncio
from functools import partial

from telegram import Message, Update

from bot.handlers.arguments import Word, memo_of, person_meant, take_amount, words_of
from bot.handlers.issue_lines import FILE_BYTES_MAX, read_lines, read_table
from bot.transport.answers import (
    answer,
    check_operator,
    keep_place,
    key_of,
    message_of,
    person_of,
    place_of,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.fetching import fetched
from bot.words import issue_lists as words
from bot.words.issues import cancelled_toast
from bot.words.links import Place, handle_in
from bot.words.tellings import Face
from wallet_core import (
    ISSUE_LIST,
    CancelIssueList,
    ConfirmIssueList,
    Currency,
    IssueLine,
    IssueListByCode,
    IssueListState,
    MakeIssueList,
    Payee,
    PlaceIssueList,
    PlacesOf,
    Subject,
    ToHandle,
    WalletCore,
)


def read_many(message: Message, unit: Currency) -> tuple[tuple[IssueLine, ...], str] | None:
    """The lines below the command, or an amount for several people, and the note; None: it is for one person.

    Raises ListUnreadable, InvalidAmount, CurrencyMismatch.
    """
    if len((message.text or "").strip().splitlines()) > 1 and not words_of_first(message):
        return read_lines(message.text or "", unit), ""
    said = words_of(message)
    if sum(_payee(word) is not None for word in said[:3]) < 2:
        return None
    first = _taken(said)
    amount = take_amount(said, unit)
    payees = first + _taken(said)
    return tuple(IssueLine(nth, to, amount) for nth, to in enumerate(payees, start=1)), memo_of(said)


def words_of_first(message: Message) -> list[str]:
    """What stands behind the command in its own line."""
    return (message.text or "").strip().splitlines()[0].split()[1:]


def _taken(said: list[Word]) -> list[Payee]:
    """Takes the people off the front."""
    taken = []
    while said and (to := _payee(said[0])) is not None:
        taken.append(to)
        del said[0]
    return taken


def _payee(word: Word) -> Payee | None:
    if word.user is not None:
        return person_meant(word.user)
    handle = handle_in(word.text)
    return None if handle is None else ToHandle(handle)


async def from_file(update: Update, context: BotContext) -> None:
    """A table with the caption /issue; what stands behind the command is the note."""
    check_operator(update, context)
    document, caption = message_of(update).document, message_of(update).caption or ""
    assert document is not None
    if (document.file_size or 0) > FILE_BYTES_MAX:
        raise words.ListTooBig
    data = await fetched(context.bot, document.file_id, lost=words.ListLost(), too_big=words.ListTooBig())
    lines = await asyncio.to_thread(read_table, data, context.settings.currency)
    await ask(update, context, lines, " ".join(caption.split()[1:]))


async def ask(update: Update, context: BotContext, lines: tuple[IssueLine, ...], memo: str) -> None:
    """Ask whether to issue all of it; a repeated update asks once."""
    key = key_of(message_of(update))
    made = await context.core.run(MakeIssueList(by=person_of(update), lines=lines, key=key, memo=memo))
    if await context.core.ask(PlacesOf(Subject(ISSUE_LIST, made.code))):
        return
    asked = await context.core.ask(IssueListByCode(made.code))
    place = place_of(await answer(update, context, words.dialog(asked), words.buttons(asked)))
    await context.core.run(PlaceIssueList(code=made.code, place=str(place), chat=place.chat))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What the question says, whatever has become of it."""
    asked = await core.ask(IssueListByCode(code))
    return Face(
        own=asked.operator.language,
        text=partial(words.dialog, asked),
        buttons=partial(words.buttons, asked),
        is_final=asked.state is not IssueListState.OPEN,
    )


async def confirm(update: Update, context: BotContext) -> None:
    """Issue all of it. The question says so wherever it is shown."""
    query, code = pressed_code(update)
    issued = await context.core.run(ConfirmIssueList(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ISSUE_LIST, code), PlaceIssueList)
    await toast(query, words.issued_toast(issued))


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't. The question says so wherever it is shown."""
    query, code = pressed_code(update)
    await context.core.run(CancelIssueList(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ISSUE_LIST, code), PlaceIssueList)
    await toast(query, cancelled_toast())
