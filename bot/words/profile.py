"""What the bot says of itself: above an empty chat, and on its page; in each language."""

from __future__ import annotations

from bot.words.language import gettext as _
from bot.words.wording import lines, sentences


def description() -> str:
    """Above an empty chat."""
    return lines(
        short_description(),
        "",
        sentences(
            _("Scan a code or send me its picture to pay it."),
            _("Ask for money with a code of your own, share a bill, tip a message, give a gift."),
            _("I ask before I pay; only a tip goes at once."),
        ),
        "",
        _("Press Start to open your wallet."),
    )


def short_description() -> str:
    """On the bot's page, and beside a link to it."""
    return _("🪙 Pay and be paid by QR code, here and in your groups.")


def is_ours(text: str) -> bool:
    """Whether the text begins as these do, in whatever version: any other is the operator's own."""
    return text[:1] == short_description()[:1]
