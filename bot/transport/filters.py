"""Which updates are not what they seem: who wrote them, and whether they did."""

from __future__ import annotations

from telegram import Message, Update
from telegram.ext import filters

from bot.transport.acquaintances import NOBODY, is_own_words, is_posted_through


class _Hidden(filters.UpdateFilter):
    """Messages of which it cannot be told which person wrote them."""

    def filter(self, update: Update) -> bool:
        """A channel's post, or written as an anonymous administrator or as a channel."""
        message = update.effective_message
        user = update.effective_user
        return message is not None and (user is None or user.id in NOBODY or message.sender_chat is not None)


class _AnotherBot(filters.UpdateFilter):
    """Messages that another bot wrote under its own name."""

    def filter(self, update: Update) -> bool:
        """Not one that stands for a hidden person."""
        user = update.effective_user
        return user is not None and user.is_bot and user.id not in NOBODY


class _OwnWords(filters.MessageFilter):
    """Messages that the person who sends them wrote."""

    def filter(self, message: Message) -> bool:
        """Neither forwarded nor through another bot."""
        return is_own_words(message)


class _OwnCard(filters.MessageFilter):
    """Messages that somebody posted through this bot."""

    def filter(self, message: Message) -> bool:
        """They come back where the bot is, too."""
        return is_posted_through(message, message.get_bot().id)


hidden = _Hidden()
own_card = _OwnCard()
another_bot = _AnotherBot()
own_words = _OwnWords()
