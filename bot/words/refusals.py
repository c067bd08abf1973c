"""What is said when something is refused: why, and what to do next. Each thing has its own in its file's `REFUSALS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.words import collected
from bot.words.links import hello_url
from bot.words.wording import amount
from wallet_core import Currency, LimitExceeded, Money, usual_one


@dataclass(frozen=True)
class Seen:
    """Who reads a text: in a group nobody's balance is shown."""

    bot_name: str
    is_private: bool
    currency: Currency

    @property
    def hello(self) -> str:
        """The address at which somebody starts the bot."""
        return hello_url(self.bot_name)

    @property
    def example(self) -> str:
        """An amount."""
        return amount(Money(5 * usual_one(self.currency), self.currency))


Refusals = dict[type[Exception], Callable[[Any, Seen], str]]
Limits = dict[str, Callable[[LimitExceeded, Seen], str]]  # by the name of the limit; each thing has its own in `LIMITS`


@cache
def refusals() -> Refusals:
    """The text for every kind of error that a person can cause."""
    return collected("REFUSALS")


def refusal(error: Exception, seen: Seen) -> str | None:
    """The text for an error; None when it is none that a person can have caused."""
    text = refusals().get(type(error))
    return None if text is None else text(error, seen)
