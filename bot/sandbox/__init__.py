"""A Telegram Bot API server for this machine, for tests, the demo and a chat page."""

from bot.sandbox.api import Call
from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Button, Chat, Message
from bot.sandbox.faults import Limits
from bot.sandbox.groups import Group
from bot.sandbox.inline import InlineQuery
from bot.sandbox.payments import Card, Checkout, Outcome
from bot.sandbox.people import Answer, Person, Press
from bot.sandbox.stage import TOKEN
from bot.sandbox.updates import Update

__all__ = [
    "TOKEN",
    "Answer",
    "Button",
    "Call",
    "Card",
    "Chat",
    "Checkout",
    "Group",
    "InlineQuery",
    "Limits",
    "Message",
    "Outcome",
    "Person",
    "Press",
    "Sandbox",
    "Update",
]
