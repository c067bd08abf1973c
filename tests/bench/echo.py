"""A bare python-telegram-bot that echoes: what the bot benchmark measures ours against. `echo.py [AT_ONCE]`."""

from __future__ import annotations

import os
import sys

from telegram import Update
from telegram.ext import ApplicationBuilder, CallbackContext, MessageHandler, filters


async def echo(update: Update, context: CallbackContext) -> None:  # type: ignore[type-arg]
    assert update.message is not None and update.message.text is not None
    await update.message.reply_text(update.message.text)


def main() -> None:
    url = os.environ["TELEGRAM_API_URL"]
    at_once = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    builder = ApplicationBuilder().token(os.environ["BOT_TOKEN"]).base_url(f"{url}/bot")
    app = (builder.concurrent_updates(at_once) if at_once else builder).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main()
