"""The application as python-telegram-bot has it, with our client, our patience and all handlers of app.py."""

from __future__ import annotations

import os

from telegram.ext import ApplicationBuilder, ContextTypes

from bot.app import add_handlers
from bot.gateways import open_gateways
from bot.settings import Settings
from bot.transport.client import Client
from bot.transport.context import BotContext, Services, Tuppence
from bot.transport.patience import Patience
from bot.transport.proxy import proxy_for
from bot.transport.rounds import Rounds
from bot.transport.spinning import stop_spinning


def build(settings: Settings, services: Services) -> Tuppence:
    """The application with all its handlers; nothing is sent yet. Raises SettingsError for a proxy of no use."""
    assert settings.bot_token is not None
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # `RetryAfter.retry_after` as what it is, without a warning
    patience = Patience(
        is_on=settings.keeps_limits,
        is_learning=settings.telegram_limits == "auto",
        processes=lambda: services.core.processes,
        stop_spinning=stop_spinning,
    )
    services.meter.waiting = patience.pace.waiting
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
        .rate_limiter(patience)
        .request(client)
        .get_updates_request(client)
        .build()
    )
    assert isinstance(app, Tuppence)
    opened = open_gateways(settings, services.core, app.bot)
    services.rounds.update((name, Rounds(services.core, gateway)) for name, gateway in opened.items())
    add_handlers(app)
    return app
