"""The application: every handler on one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    Update,
)
from telegram.error import BadRequest, TelegramError
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.handlers import (
    audit,
    gateways,
    gifts,
    groups,
    help,
    history,
    inline,
    intents,
    issues,
    people,
    picks,
    refunds,
    requests,
    scan,
    splits,
    splits_managed,
    tips,
    top_ups,
    transfers,
    withdrawals,
)
from bot.log import get_log
from bot.settings import Settings
from bot.transport.client import Client
from bot.transport.context import BotContext, Services, Tuppence
from bot.transport.filters import another_bot, hidden, own_card, own_words
from bot.transport.notifier import Gather
from bot.transport.patience import Patience
from bot.transport.places import Show
from bot.transport.proxy import proxy_for
from bot.words import asks as asks_words
from bot.words import gateways as gateways_words
from bot.words import gifts as gifts_words
from bot.words import history as history_words
from bot.words import intents as intents_words
from bot.words import issues as issues_words
from bot.words import offers as offers_words
from bot.words import people as people_words
from bot.words import picks as picks_words
from bot.words import refunds as refunds_words
from bot.words import requests as requests_words
from bot.words import splits as splits_words
from bot.words import tips as tips_words
from bot.words import top_ups as top_ups_words
from bot.words import withdrawals as withdrawals_words
from bot.words.language import languages, locale, speak
from bot.words.menu import Where, menu
from wallet_core import (
    GIFT,
    INTENT,
    ISSUING,
    PICK,
    REFUND,
    REQUEST,
    SHARE,
    SPLIT,
    TIP,
    TIP_QUESTION,
    TOP_UP,
    TOP_UP_DESK,
    WITHDRAWAL,
    WITHDRAWAL_DESK,
    Telling,
)

log = get_log(__name__)

Handle = Callable[[Update, BotContext], Coroutine[Any, Any, None]]

COMMANDS: dict[str, Handle] = {  # in the order of the menu
    "start": people.start,
    "balance": people.balance,
    "pay": picks.pay,
    "send": picks.pay,
    "tip": tips.tip,
    "request": requests.request,
    "invoice": requests.request,
    "receive": requests.request,
    "requests": requests.requests,
    "qr": people.qr,
    "history": history.history,
    "cancel": requests.cancel,
    "verify": transfers.verify,
    "refund": refunds.refund,
    "gift": gifts.gift,
    "split": splits.split,
    "topup": top_ups.top_up,
    "withdraw": withdrawals.withdraw,
    "issue": issues.issue,
    "gateways": gateways.gateways,
    "desk": gateways.desk,
    "audit": audit.audit,
    "id": people.id_,
    "language": people.language,
    "help": help.help_,
}
THROUGH_GATEWAYS = ("topup", "withdraw", *gateways_words.MENU)  # unknown to a bot that has none
NOT_HERE_YET = ["statement", "freeze", "unfreeze", "stats"]
BUTTONS: dict[str, Handle] = {
    intents_words.CONFIRM: intents.confirm,
    intents_words.DISMISS: intents.dismiss,
    requests_words.PAY: requests.pay,
    requests_words.WITHDRAW: requests.withdraw,
    asks_words.DECLINE: requests.decline,
    requests_words.WHOM: picks.whom,
    picks_words.CHOOSE: picks.choose,
    picks_words.DROP: picks.drop,
    requests_words.TURN: requests.turn,
    requests_words.TAKE_BACK: requests.take_back,
    history_words.PAGE: history.turn,
    people_words.LANGUAGE: people.choose_language,
    refunds_words.ASK: refunds.ask,
    refunds_words.CONFIRM: refunds.confirm,
    refunds_words.DISMISS: refunds.dismiss,
    tips_words.AGAIN: tips.again,
    tips_words.ANSWER: tips.choose_and_give,
    tips_words.CHOOSE: tips.choose,
    gifts_words.CLAIM: gifts.claim,
    gifts_words.TAKE_BACK: gifts.take_back,
    offers_words.GIVE: gifts.give,
    splits_words.JOIN: splits.join,
    splits_words.LEAVE: splits.leave,
    splits_words.ASK: splits.ask,
    splits_words.COUNT: splits.count,
    splits_words.MINE: splits.mine,
    splits_words.CONFIRM: splits.confirm,
    splits_words.MANAGE: splits_managed.manage,
    splits_words.TURN: splits_managed.turn,
    splits_words.TAKE_OUT: splits_managed.take_out,
    splits_words.CASH: splits_managed.cash,
    splits_words.NO_CASH: splits_managed.no_cash,
    splits_words.REMIND: splits_managed.remind,
    splits_words.CLOSE: splits.close,
    issues_words.CONFIRM: issues.confirm,
    issues_words.DISMISS: issues.dismiss,
    top_ups_words.CHOOSE: top_ups.choose,
    top_ups_words.FOR: top_ups.choose_for,
    top_ups_words.TAKE: top_ups.take,
    top_ups_words.REFUSE: top_ups.refuse,
    top_ups_words.DROP: top_ups.drop,
    withdrawals_words.CHOOSE: withdrawals.choose,
    withdrawals_words.CONFIRM: withdrawals.confirm,
    withdrawals_words.DROP: withdrawals.drop,
    withdrawals_words.GIVE: withdrawals.give,
    withdrawals_words.REFUSE: withdrawals.refuse,
}
SHOWN: dict[str, Show] = {  # what a message says that shows such a thing
    INTENT: intents.shown,
    REFUND: refunds.shown,
    ISSUING: issues.shown,
    REQUEST: requests.shown,
    PICK: picks.shown,
    SHARE: splits.share_shown,
    SPLIT: splits.shown,
    GIFT: gifts.shown,
    TIP: tips.shown,
    TIP_QUESTION: tips.question_shown,
    TOP_UP: top_ups.shown,
    TOP_UP_DESK: top_ups.shown_at_desk,
    WITHDRAWAL: withdrawals.shown,
    WITHDRAWAL_DESK: withdrawals.shown_at_desk,
}
GATHERED: dict[tuple[str, Telling], Gather] = {  # what is told together: by what it belongs to, and the telling
    (TIP, Telling.RECEIVED): tips.gather,
}


def build(settings: Settings, services: Services) -> Tuppence:
    """The application with all its handlers; nothing is sent yet. Raises SettingsError for a proxy of no use."""
    assert settings.bot_token is not None
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # `RetryAfter.retry_after` as what it is, without a warning
    client = Client(proxy=proxy_for(settings.telegram_api_url), meter=services.meter)
    app = (
        ApplicationBuilder()
        .token(settings.bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .application_class(Tuppence, {"services": services, "client": client})
        .context_types(ContextTypes(context=BotContext))
        .updater(None)
        .job_queue(None)
        .rate_limiter(Patience())
        .request(client)
        .get_updates_request(client)
        .build()
    )
    assert isinstance(app, Tuppence)
    add_handlers(app)
    return app


def add_handlers(app: Tuppence) -> None:
    """In order: the first that fits has the update."""
    private = filters.ChatType.PRIVATE
    app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, help.edited))
    app.add_handler(InlineQueryHandler(inline.offer))
    app.add_handler(ChosenInlineResultHandler(inline.posted))
    app.add_handler(MessageHandler(own_card, inline.came_back))
    app.add_handler(MessageHandler(filters.COMMAND & hidden, help.hidden_sender))
    app.add_handler(MessageHandler(another_bot, help.another_bot))
    app.add_handler(MessageHandler(filters.COMMAND & ~own_words, help.not_own_words))
    for command, handle in COMMANDS.items():
        app.add_handler(CommandHandler(command, handle))
    app.add_handler(CommandHandler("start", greet_operator, filters=private), group=1)  # besides
    app.add_handler(CommandHandler(NOT_HERE_YET, help.not_here_yet))
    app.add_handler(MessageHandler(filters.COMMAND, help.unknown_command))
    below_picture = filters.ChatType.GROUPS & filters.CaptionRegex(rf"(?i)^/({'|'.join(COMMANDS)})(@|\s|$)") & own_words
    app.add_handler(MessageHandler(below_picture, help.below_picture))
    for action, handle in BUTTONS.items():
        app.add_handler(CallbackQueryHandler(handle, pattern=f"^{action}:"))
    app.add_handler(CallbackQueryHandler(help.dead_button))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, groups.moved))
    app.add_handler(MessageHandler(private & filters.StatusUpdate.USERS_SHARED, picks.shared))
    app.add_handler(MessageHandler(private & filters.TEXT, scan.text))
    app.add_handler(
        MessageHandler(private & (filters.PHOTO | filters.Document.ALL | filters.Sticker.STATIC), scan.picture)
    )
    app.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, scan.something_else))


async def show_commands(app: Tuppence) -> None:
    """Fill the menus beside the input field, of each place in each language; without them the bot works as well."""
    settings = app.services.settings
    everywhere = (
        (BotCommandScopeDefault(), Where.PRIVATE),
        (BotCommandScopeAllPrivateChats(), Where.PRIVATE),
        (BotCommandScopeAllGroupChats(), Where.GROUPS),
    )
    try:
        for scope, where in everywhere:
            await _show(app.bot, settings, scope, where)
        for operator in sorted(settings.admin_ids):
            await _show_operator(app.bot, settings, operator)
    except TelegramError as error:
        log.warning("menu_not_set", error=type(error).__name__)


async def greet_operator(update: Update, context: BotContext) -> None:
    """An operator's menu can be filled once they have written to the bot."""
    user = update.effective_user
    if user is not None and user.id in context.settings.admin_ids:
        context.services.later(_show_operator(context.bot, context.settings, user.id))


async def _show_operator(bot: ExtBot[int], settings: Settings, operator: int) -> None:
    try:
        await _show(bot, settings, BotCommandScopeChat(operator), Where.OPERATORS)
    except BadRequest as error:  # they have not written to this bot yet
        log.info("menu_not_set", operator=operator, error=type(error).__name__)


async def _show(bot: ExtBot[int], settings: Settings, scope: BotCommandScope, where: Where) -> None:
    """One menu: in every language, and in the operator's for all others."""
    for language in (None, *languages()):
        code = None if language is None else locale(language).language
        speak(own=language, house=settings.language, zone=settings.timezone, privately=True)
        offered = [command for command in COMMANDS if settings.gateways or command not in THROUGH_GATEWAYS]
        commands = [
            BotCommand(command, line.words(), api_kwargs={"is_ephemeral": True} if line.is_alone_in(where) else None)
            for command, line in menu(offered, where)
        ]
        await bot.set_my_commands(commands, scope=scope, language_code=code)
