"""The application: every handler on one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import BotCommand, Update
from telegram.error import TelegramError
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.handlers import balance, cancel, help, history, operator, pay, qr, request, scan, start, verify
from bot.handlers.people import NOBODY, Acquaintances
from bot.log import get_log
from bot.settings import Settings
from bot.transport.client import Client
from bot.transport.context import BotContext, Services, Tuppence
from bot.transport.patience import Patience
from bot.transport.proxy import proxy_for
from bot.words import texts
from bot.words.links import Action

log = get_log(__name__)

Handle = Callable[[Update, BotContext], Coroutine[Any, Any, None]]

COMMANDS: dict[str, Handle] = {
    "start": start.start,
    "help": help.help_,
    "balance": balance.balance,
    "pay": pay.pay,
    "send": pay.pay,
    "request": request.request,
    "invoice": request.request,
    "receive": request.request,
    "qr": qr.qr,
    "history": history.history,
    "cancel": cancel.cancel,
    "verify": verify.verify,
    "issue": operator.issue,
    "audit": operator.audit,
}
NOT_HERE_YET = ["tip", "split", "gift", "statement", "refund", "topup", "withdraw", "freeze", "unfreeze", "stats"]
BUTTONS: dict[Action, Handle] = {
    Action.CONFIRM: pay.confirm,
    Action.DISMISS: pay.dismiss,
    Action.PAY: request.pay,
    Action.WITHDRAW: request.withdraw,
    Action.HISTORY: history.turn,
}


def build(settings: Settings, services: Services) -> Tuppence:
    """The application with all its handlers; nothing is sent yet. Raises SettingsError for a proxy of no use."""
    assert settings.bot_token is not None
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # `RetryAfter.retry_after` as what it is, without a warning
    client = Client(proxy=proxy_for(settings.telegram_api_url))
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
    add_handlers(app, Acquaintances(services.core))
    return app


def add_handlers(app: Tuppence, acquaintances: Acquaintances) -> None:
    """In order: the first that fits has the update."""
    private = filters.ChatType.PRIVATE
    app.add_handler(TypeHandler(Update, acquaintances.meet), group=-1)
    app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, help.edited))
    app.add_handler(MessageHandler(filters.COMMAND & hidden, help.hidden_sender))
    for command, handle in COMMANDS.items():
        app.add_handler(CommandHandler(command, handle))
    app.add_handler(CommandHandler(NOT_HERE_YET, help.not_here_yet))
    app.add_handler(MessageHandler(filters.COMMAND, help.unknown_command))
    for action, handle in BUTTONS.items():
        app.add_handler(CallbackQueryHandler(handle, pattern=f"^{action}:"))
    app.add_handler(CallbackQueryHandler(help.dead_button))
    app.add_handler(MessageHandler(private & filters.TEXT, scan.text))
    app.add_handler(MessageHandler(private & (filters.PHOTO | filters.Document.ALL), scan.picture))
    app.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, help.something_else))


class _Hidden(filters.UpdateFilter):
    """Messages of which it cannot be told which person wrote them."""

    def filter(self, update: Update) -> bool:
        """A channel's post, or written as an anonymous administrator or as a channel."""
        message = update.effective_message
        user = update.effective_user
        return message is not None and (user is None or user.id in NOBODY or message.sender_chat is not None)


hidden = _Hidden()


async def show_commands(app: Tuppence) -> None:
    """Fill the menu beside the input field; without it the bot works as well."""
    try:
        await app.bot.set_my_commands([BotCommand(name, what) for name, what in texts.COMMANDS.items()])
    except TelegramError as error:
        log.warning("menu_not_set", error=type(error).__name__)
