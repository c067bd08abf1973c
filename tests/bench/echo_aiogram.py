"""A bare aiogram bot that echoes, beside the bare python-telegram-bot: what the bot benchmark measures ours against."""

from __future__ import annotations

import os

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    assert message.text is not None
    await message.answer(message.text)


def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    dispatcher = Dispatcher()
    dispatcher.message.register(echo, F.text)
    dispatcher.run_polling(Bot(os.environ["BOT_TOKEN"], session=session), allowed_updates=["message"])  # with uvloop


if __name__ == "__main__":
    main()
