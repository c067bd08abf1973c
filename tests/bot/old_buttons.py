"""A button where the bot would not put it today: an older version did, or somebody with the bot's token."""

from bot.sandbox import Message
from bot.sandbox.chats import Chat
from tests.bot.club import Club

DEAD = "This button doesn't work any more. Please start again; /help shows how."


def old_button(club: Club, chat: Chat, data: str) -> Message:
    """A message of the bot with one button."""
    world = club.box.world
    keyboard = {"inline_keyboard": [[{"text": "old", "callback_data": data}]]}
    return world.post(chat, world.bot, {"text": "as it was", "reply_markup": keyboard})
