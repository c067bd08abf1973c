"""What the bot says of itself: above an empty chat, and on its page; in each language."""

from __future__ import annotations

from bot.words.language import gettext as _

OURS = "🪙"  # what these texts begin with: another one is the operator's own, and stays


def description() -> str:
    """Above an empty chat."""
    return _(
        "🪙 Pay and be paid by QR code, here and in your groups.\n\n"
        "Scan a code or send me its picture to pay it. Ask for money with a code of your own, share a bill, tip a "
        "message, give a gift. I always ask before money moves.\n\n"
        "Press Start to open your wallet."
    )


def short_description() -> str:
    """On the bot's page, and beside a link to it."""
    return _("🪙 Pay and be paid by QR code, here and in groups. I always ask before money moves.")
