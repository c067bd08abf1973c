"""The keyboard below the input field, in private: what is done most; a press writes its words, in any language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from telegram import KeyboardButton, ReplyKeyboardMarkup

from bot.words.language import ENGLISH, in_passing, languages, speaking_to
from bot.words.language import gettext as _

PAY, ASK, QR, BALANCE = "pay", "ask", "qr", "balance"  # what the buttons do

_WORDS: dict[str, Callable[[], str]] = {
    PAY: lambda: _("💶 Pay"),
    ASK: lambda: _("🧾 Ask"),
    QR: lambda: _("📲 My QR"),
    BALANCE: lambda: _("💰 Balance"),
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
    return next((action for action, words in _WORDS.items() if words() == text), None) or _actions().get(text)


@cache
def _signs() -> tuple[str, ...]:
    """With what the words of the buttons begin, in each language."""
    with speaking_to(ENGLISH):
        return tuple(words().split()[0] for words in _WORDS.values())


@cache
def _actions() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in languages():
        with in_passing(language):
            found |= {words(): action for action, words in _WORDS.items()}
    return found
