"""Which updates are not what they seem: who wrote them, and whether they did."""

from __future__ import annotations

from telegram import Message, Update
from telegram.ext import filters

from bot.gateways.bank.statements import looks_like_statement
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


class _CalledStatement(filters.MessageFilter):
    """Files that are called as banks call their statements."""

    def filter(self, message: Message) -> bool:
        """No picture is called so."""
        document = message.document
        return document is not None and looks_like_statement(document.file_name, document.mime_type)


class _PickedForBank(filters.MessageFilter):
    """Somebody was picked whose is what came in at the bank: the number of that question is below zero."""

    def filter(self, message: Message) -> bool:
        """All other questions have one above."""
        return message.users_shared is not None and message.users_shared.request_id < 0


hidden = _Hidden()
own_card = _OwnCard()
another_bot = _AnotherBot()
own_words = _OwnWords()
called_statement = _CalledStatement()
picked_for_bank = _PickedForBank()
issue_file = filters.Document.ALL & filters.CaptionRegex(r"(?i)^/issue(@|\s|$)")  # a list of who gets new money
