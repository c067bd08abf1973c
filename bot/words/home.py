"""The keyboard below the input field, in private: what is done most; a press writes its words, in any language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from telegram import KeyboardButton, ReplyKeyboardMarkup

from bot.words.language import ENGLISH, in_passing, languages, pgettext, speaking_to
from bot.words.language import gettext as _
from bot.words.typed import CONTEXT

PAY, ASK, QR, BALANCE = "pay", "ask", "qr", "balance"  # what the buttons do

_WORDS: dict[str, Callable[[], str]] = {  # each context begins as those of words that are typed by hand
    PAY: lambda: pgettext("typed with a button", "💶 Pay"),
    ASK: lambda: pgettext("typed with a button", "🧾 Ask"),
    QR: lambda: pgettext("typed with a button", "📲 My QR"),
    BALANCE: lambda: pgettext("typed with a button", "💰 Balance"),
}
_ROWS = ((PAY, ASK), (QR, BALANCE))


def keyboard(*above: KeyboardButton) -> ReplyKeyboardMarkup:
    """The four buttons; above them what a question needs for its answer."""
    rows = [[KeyboardButton(_WORDS[each]()) for each in row] for row in _ROWS]
    return ReplyKeyboardMarkup([[*above], *rows] if above else rows, resize_keyboard=True)


def spoken() -> str:
    """With the buttons in another language."""
    return _("👇 Your buttons speak it too.")


def pressed(text: str) -> str | None:
    """Which button wrote this, in whatever language it was shown: the one of now first, all others for its sign."""
    text = text.strip()
    if not text.startswith(_signs()):
        return None
    return next((action for action, words in _WORDS.items() if words() == text), None) or known().get(text)


@cache
def _signs() -> tuple[str, ...]:
    """With what the words of the buttons begin, in each language."""
    with speaking_to(ENGLISH):
        return tuple(words().split()[0] for words in _WORDS.values())


@cache
def known() -> dict[str, str]:
    """What the buttons write in every language, and what they do."""
    found: dict[str, str] = {}
    for language in languages():
        with in_passing(language, only=CONTEXT):
            found |= {words(): action for action, words in _WORDS.items()}
    return found
