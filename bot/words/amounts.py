"""Words about amounts that cannot be read, and commands without one."""

from __future__ import annotations

import wallet_core as core
from bot.words import mistakes as own
from bot.words.language import gettext as _
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, safe, sentences
from wallet_core import AmountProblem, Money


def _unread(error: core.InvalidAmount, seen: Seen) -> str:
    said = safe(error.text)
    unit = seen.currency
    text = (_reckoned(error) or _with_text(error.problem)) if said else None
    return (text or _without_text(error.problem)).format(
        said=said,
        example=seen.example,
        smallest=amount(Money(1, unit)),
        thousand=amount(Money(1000 * 10**unit.decimals, unit)),
        meant=amount(error.meant) if error.meant else "",
        currency=unit.code,
    )


def _reckoned(error: core.InvalidAmount) -> str | None:
    """A number with a word beside it that makes another one of it: nobody guesses which."""
    match error.problem:
        case AmountProblem.IN_PARTS if error.meant is not None:
            return _("“{said}”: do you mean {meant}? Please write it so. Nothing was moved.")
        case AmountProblem.IN_PARTS:
            return _("“{said}”: please write the amount in {currency}, such as {example}. Nothing was moved.")
        case AmountProblem.MULTIPLIED:
            return _("“{said}”: please write the amount with all its digits, such as {thousand}. Nothing was moved.")
        case AmountProblem.WORKED_OUT:
            return _("“{said}”: please say the one amount that comes of it, such as {example}. Nothing was moved.")
        case _:
            return None


def _with_text(problem: AmountProblem) -> str | None:
    match problem:
        case AmountProblem.NEGATIVE | AmountProblem.SIGNED:
            return _("“{said}”: please leave out the sign. An amount is just a number, such as {example}.")
        case AmountProblem.ZERO:
            return _("“{said}” is nothing. The smallest amount is {smallest}.")
        case AmountProblem.AMBIGUOUS:
            return _("“{said}” could mean two things. Please write thousands without a separator, such as {thousand}.")
        case AmountProblem.TWO_NUMBERS:
            return _("“{said}” looks like two amounts. Please say one, such as {example}.")
        case AmountProblem.TOO_PRECISE:
            return _("“{said}” is finer than {currency} gets. The smallest amount is {smallest}.")
        case AmountProblem.FOREIGN_DIGITS:
            return _("“{said}”: please write the amount with the digits 0 to 9, such as {example}.")
        case AmountProblem.NOT_A_NUMBER:
            return _("“{said}” is no amount that I can read. Please write it like {example}.")
        case _:
            return None


def _without_text(problem: AmountProblem) -> str:
    match problem:
        case AmountProblem.EMPTY:
            return _("Please say an amount, such as {example}.")
        case AmountProblem.NEGATIVE | AmountProblem.SIGNED:
            return _("Please leave out the sign. An amount is just a number, such as {example}.")
        case AmountProblem.ZERO:
            return _("That is nothing. The smallest amount is {smallest}.")
        case AmountProblem.TOO_LARGE:
            return _("That's more money than I can count. Please say a smaller amount.")
        case AmountProblem.INVISIBLE:
            return _("Your amount holds characters that can't be seen. Please type it again, such as {example}.")
        case _:
            return _("That is no amount that I can read. Please write it like {example}.")


def like_this(command: str) -> str:
    """How somebody is paid by this command."""
    return _(
        "Like this: /{command} 5 @bob coffee. In a group you can also answer somebody's message with /{command} 5."
    ).format(command=safe(command))


def _missing(error: own.AmountMissing, seen: Seen) -> str:
    like = (
        _("Like this: /request 5 coffee. If the payer is to choose the amount: /request any coffee, or /qr.")
        if error.command == "request"
        else like_this(error.command)
    )
    return sentences(_("How much?"), like)


REFUSALS: Refusals = {
    core.InvalidAmount: _unread,
    core.CurrencyMismatch: lambda e, s: _("Here we use {expected}, not {given}. Nothing was moved.").format(
        expected=safe(e.expected), given=safe(e.given)
    ),
    own.AmountMissing: _missing,
}
