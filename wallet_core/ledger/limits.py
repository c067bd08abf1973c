"""How much a person may pay at once and in a day, in whichever way: the least of all limits counts. Pure; one check."""

from __future__ import annotations

from wallet_core.ledger.errors import LimitExceeded
from wallet_core.ledger.money import Money
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.values import Rules

NEAR_SHARE = 5  # one is near one's day's limit when no more than a fifth of it is left


def check_limits(payer: WalletRow, amount: Money, *, rules: Rules, day: int) -> None:
    """Raises LimitExceeded for more than the rules allow everybody, or a person's wallet allows itself.

    0 in the rules is no limit, None in the wallet's row neither.
    """
    minor, most, own = amount.minor, rules.transfer_max_minor, payer.transfer_max
    if own is not None and (own < most or most == 0):
        if minor > own:
            raise LimitExceeded("wallet_transfer_max", Money(own, amount.currency))
    elif 0 < most < minor:
        raise LimitExceeded("transfer_max", Money(most, amount.currency))
    most, own = rules.daily_max_minor, payer.daily_max
    is_own = own is not None and (own < most or most == 0)
    if own is not None and is_own:
        most = own
    if most and minor > (left := max(0, most - spent_on(payer, day))):
        limit = "wallet_daily_max" if is_own else "daily_max"
        raise LimitExceeded(limit, Money(left, amount.currency), until_tomorrow=minor <= most)


def most_now(payer: WalletRow, *, rules: Rules, day: int) -> int | None:
    """How much may be paid at once just now, in minor units; None: as much as there is."""
    at_once = [most for most in (rules.transfer_max_minor, payer.transfer_max) if most]
    in_a_day = [most for most in (rules.daily_max_minor, payer.daily_max) if most]
    return min([*at_once, *(max(0, most - spent_on(payer, day)) for most in in_a_day)], default=None)


def spent_on(payer: WalletRow, day: int) -> int:
    """In minor units, this day so far; a clock that was put back begins no new day."""
    return payer.spent if payer.spent_on >= day else 0


def near_on(payer: WalletRow, *, rules: Rules, day: int, more: int = 0) -> int | None:
    """What is left of a person's day once they have paid so much more, in minor units; None while it is far."""
    return near_left(payer.spent_on, payer.spent, payer.daily_max, rules=rules, day=day, more=more)


def near_left(spent_on: int, spent: int, daily_max: int | None, *, rules: Rules, day: int, more: int = 0) -> int | None:
    """The same in the columns of a wallet."""
    limits = [most for most in (rules.daily_max_minor, daily_max) if most]
    if not limits:
        return None
    left = max(0, min(limits) - (spent if spent_on >= day else 0) - more)
    return left if left * NEAR_SHARE <= min(limits) else None
