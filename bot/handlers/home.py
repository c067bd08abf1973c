"""The buttons below the input field: each is as its command."""

from __future__ import annotations

from telegram import Message, Update
from telegram.ext import filters

from bot.handlers import people, picks
from bot.transport.acquaintances import is_own_words
from bot.transport.answers import message_of
from bot.transport.context import BotContext
from bot.words import home as words

_DOES = {words.PAY: picks.guide_to_pay, words.ASK: picks.guide_to_ask, words.QR: people.own_qr,
         words.BALANCE: people.balance}  # fmt: skip


class _HomeButton(filters.MessageFilter):
    """What a button below the input field writes; somebody else's words that say the same are none."""

    def filter(self, message: Message) -> bool:
        """In any language: the keyboard may be from before another one was chosen."""
        return is_own_words(message) and words.pressed(message.text or "") is not None


home_button = _HomeButton()


async def pressed(update: Update, context: BotContext) -> None:
    """Do what the button says."""
    action = words.pressed(message_of(update).text or "")
    assert action is not None
    await _DOES[action](update, context)
