"""What each gateway says in a chat. Each has its own in its file's `WAYS`, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from telegram import InlineKeyboardButton

from bot.qr import Style
from bot.words import collected
from wallet_core import TopUp, Withdrawal


def _nothing(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Each is asked for when the language is known.

    `bring` is what a top-up says while it waits: how much, and what to do; before the gateway has said where to pay
    (`page` is None) `is_started` is not set and it says that it comes. `pay` is the button that leads there. `picture`
    draws what is to be scanned. `take` asks whether to take money out, `held` says who pays it out and how.
    """

    title: Callable[[], str]  # on its button, and above what it holds
    bring: Callable[[TopUp], str]
    take: Callable[[Withdrawal], str]
    held: Callable[[Withdrawal], str]
    bring_alone: Callable[[TopUp], str] | None = None  # the same where the picture is not taken
    pay: Callable[[TopUp], InlineKeyboardButton | None] = _nothing
    picture: Callable[[TopUp], Callable[[Style], bytes] | None] = _nothing
    sent: Callable[[Withdrawal], str] | None = None  # once it was asked to pay out, if more is known than that
    desk: Callable[[Withdrawal], str] | None = None  # what people in charge see who carry its payments
    back: Callable[[TopUp], InlineKeyboardButton | None] = _nothing  # under what came in: gives it back
    target_missing: Callable[[], str] | None = None  # how to say where to pay out, if it has to be said


@cache
def ways() -> dict[str, Way]:
    """All that are known."""
    return collected("WAYS")


def way(name: str) -> Way:
    """The words of a gateway."""
    return ways()[name]
