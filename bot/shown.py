"""What messages show that show a thing, and what is told together."""

from __future__ import annotations

from bot.handlers import (
    bank,
    gifts,
    intents,
    issues,
    limits,
    picks,
    pins,
    refunds,
    requests,
    splits,
    tips,
    top_ups,
    withdrawals,
)
from bot.transport.notifier import Gather
from bot.transport.places import Show
from wallet_core import (
    BANK_LINE,
    GIFT,
    INTENT,
    ISSUING,
    KEYPAD,
    LIMIT,
    PAYMENT_FILE,
    PICK,
    PIN,
    PIN_RESET,
    REFUND,
    REQUEST,
    SHARE,
    SPLIT,
    TIP,
    TIP_QUESTION,
    TOP_UP,
    TOP_UP_DESK,
    WITHDRAWAL,
    WITHDRAWAL_DESK,
    Telling,
)

SHOWN: dict[str, Show] = {  # what a message says that shows such a thing
    INTENT: intents.shown,
    REFUND: refunds.shown,
    ISSUING: issues.shown,
    LIMIT: limits.shown,
    KEYPAD: pins.shown,
    PIN: pins.lock_shown,
    PIN_RESET: pins.reset_shown,
    REQUEST: requests.shown,
    PICK: picks.shown,
    SHARE: splits.share_shown,
    SPLIT: splits.shown,
    GIFT: gifts.shown,
    TIP: tips.shown,
    TIP_QUESTION: tips.question_shown,
    TOP_UP: top_ups.shown,
    TOP_UP_DESK: top_ups.shown_at_desk,
    WITHDRAWAL: withdrawals.shown,
    WITHDRAWAL_DESK: withdrawals.shown_at_desk,
    BANK_LINE: bank.line_shown,
    PAYMENT_FILE: bank.file_shown,
}
# What is told together: by what it belongs to, and the telling.
GATHERED: dict[tuple[str, Telling], Gather] = {(TIP, Telling.RECEIVED): tips.gather}
