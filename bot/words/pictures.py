"""Words on pictures and sheets: who is paid, how much, and what to do with the code."""

from __future__ import annotations

from typing import TypedDict

from bot.words.language import gettext as _
from bot.words.language import locale, pgettext, spoken
from bot.words.wording import name_drawn, written
from wallet_core import Gift, GiftState, Money, PaymentRequest, Person, RequestState

THIN_SPACE = "\u2009"
GROUP = 3  # digits


class Caption(TypedDict):
    """What stands under a code."""

    title: str
    amount: str | None
    memo: str | None
    hint: str | None


def to_pay(payee: Person, value: Money | None, memo: str, bot_name: str) -> Caption:
    """Under a code that is paid."""
    hint = _("Scan to pay in Telegram · @{bot}").format(bot=bot_name)
    said = amount_drawn(value) if value else _("Any amount")
    return Caption(title=name_drawn(payee), amount=said, memo=memo or None, hint=hint)


def to_take(giver: Person, value: Money, memo: str, bot_name: str) -> Caption:
    """Under the code of a gift."""
    hint = _("Scan to take it in Telegram · @{bot}").format(bot=bot_name)
    return Caption(title=name_drawn(giver), amount=amount_drawn(value), memo=memo or None, hint=hint)


class Sheet(Caption):
    """What stands on a sheet."""

    headline: str
    steps: str


def on_sheet(payee: Person, value: Money | None, memo: str | None, bot_name: str) -> Sheet:
    """A code that strangers pay, and how: what is fixed they need not type."""
    how = _("1 Scan · 2 Check · 3 Confirm") if value else _("1 Scan · 2 Amount · 3 Confirm")
    return Sheet(
        title=name_drawn(payee),
        amount=amount_drawn(value) if value else _("Any amount"),
        memo=memo or None,
        hint=f"@{bot_name} · t.me/{bot_name}",
        headline=_("Scan to pay"),
        steps=how,
    )


def over(request: PaymentRequest) -> Caption:
    """Under the code of a request that can't be paid any more."""
    said = amount_drawn(request.amount) if request.amount else _("Any amount")
    return Caption(title=name_drawn(request.payee), amount=said, memo=request.memo or None, hint=None)


def stamp(request: PaymentRequest) -> str | None:
    """What is stamped across the picture of a request that can't be paid any more; None while it can."""
    match request.state:
        case RequestState.PAID:
            return pgettext("a stamp on a picture", "PAID")
        case RequestState.CANCELLED:
            return pgettext("a stamp on a picture", "TAKEN BACK")
        case RequestState.DECLINED:
            return pgettext("a stamp on a picture", "DECLINED")
        case RequestState.EXPIRED:
            return pgettext("a stamp on a picture", "EXPIRED")
        case _:
            return None


def gift_over(gift: Gift) -> Caption:
    """Under the code of a gift that nobody can claim any more."""
    return Caption(title=name_drawn(gift.giver), amount=amount_drawn(gift.amount), memo=gift.memo or None, hint=None)


def gift_stamp(gift: Gift) -> str | None:
    """What is stamped across the picture of a gift that nobody can claim any more; None while somebody can."""
    match gift.state:
        case GiftState.OPEN:
            return None
        case GiftState.CLAIMED:
            return pgettext("a stamp on a picture", "CLAIMED")
        case GiftState.RETURNED:
            return pgettext("a stamp on a picture", "TAKEN BACK")
        case _:
            return pgettext("a stamp on a picture", "EXPIRED")


def amount_drawn(money: Money) -> str:
    """An amount as people write it by hand: in groups of three digits, its sign on the side where the language has it.

    Nobody reads it back: `written` is for that.
    """
    unit, language = money.currency, locale(spoken())
    number = written(money, language).rpartition(" ")[0]
    whole = number[: len(number) - unit.decimals - 1] if unit.decimals else number
    first = len(whole) % GROUP or GROUP
    groups = (whole[:first], *(whole[at : at + GROUP] for at in range(first, len(whole), GROUP)))
    number = THIN_SPACE.join(groups) + number[len(whole) :]
    if unit.is_coin or not language.currency_formats["standard"].pattern.startswith("¤"):
        return f"{number} {unit.symbol}"
    return f"{unit.symbol} {number}" if unit.symbol[-1].isalpha() else f"{unit.symbol}{number}"
