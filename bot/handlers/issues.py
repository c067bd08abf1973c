"""/issue and its dialog: ask the operator, confirm, cancel."""

from __future__ import annotations

from functools import partial

from telegram import Update

from bot.handlers import issue_lists
from bot.handlers.pay_wishes import needed_amount, read_pay
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
from bot.words import issues as words
from bot.words.links import Place
from bot.words.tellings import Face
from wallet_core import (
    ISSUING,
    CancelIssue,
    ConfirmIssue,
    IssueByCode,
    IssueState,
    MakeIssue,
    PaymentByKey,
    PlaceIssue,
    PlacesOf,
    Subject,
    WalletCore,
)


async def issue(update: Update, context: BotContext) -> None:
    """Ask whether to put new money into somebody's wallet; a repeated update asks once."""
    check_operator(update, context)  # the core checks too; here, so that a stranger learns nothing about the words
    message = message_of(update)
    if (many := issue_lists.read_many(message, context.settings.currency)) is not None:
        await issue_lists.ask(update, context, *many)
        return
    wish = read_pay(message, context.settings.currency, bot_name=context.bot_name, command="issue")
    made = await context.core.run(
        MakeIssue(
            by=person_of(update),
            to=wish.to,
            amount=needed_amount(wish, "issue"),
            key=key_of(message),
            memo=wish.memo,
        )
    )
    if await context.core.ask(PlacesOf(Subject(ISSUING, made.code))):
        return
    place = place_of(await answer(update, context, words.dialog(made), words.buttons(made)))
    await context.core.run(PlaceIssue(code=made.code, place=str(place), chat=place.chat))


async def shown(core: WalletCore, code: str, _place: Place, _bot_name: str) -> Face:
    """What the question says, whatever has become of it."""
    issuing = await core.ask(IssueByCode(code))
    payment = await core.ask(PaymentByKey(code)) if issuing.state is IssueState.ISSUED else None
    return Face(
        own=issuing.operator.language,
        text=partial(words.dialog, issuing, payment),
        buttons=partial(words.buttons, issuing),
        is_final=issuing.state is not IssueState.OPEN,
    )


async def confirm(update: Update, context: BotContext) -> None:
    """Issue it. The question becomes the receipt wherever it is shown."""
    query, code = pressed_code(update)
    payment = await context.core.run(ConfirmIssue(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ISSUING, code), PlaceIssue)
    await toast(query, words.issued_toast(payment))


async def dismiss(update: Update, context: BotContext) -> None:
    """Don't. The question says so wherever it is shown."""
    query, code = pressed_code(update)
    await context.core.run(CancelIssue(code=code, person=person_of(update)))
    await keep_place(context, query, Subject(ISSUING, code), PlaceIssue)
    await toast(query, words.cancelled_toast())
