"""What stands behind /pay and /issue: an amount, who gets it, a note. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.handlers.arguments import (
    Word,
    author_of,
    is_name_first,
    is_numeric,
    memo_of,
    names_another,
    take_amount,
    take_payee,
    words_of,
)
from bot.handlers.asking import take_last_person
from bot.words.mistakes import AmountMissing, PayeeMissing, PayWords, SeveralPayees
from bot.words.typed import Typed, means
from wallet_core import Currency, Money, Payee, ToRequest


@dataclass(frozen=True, slots=True)
class PayWish:
    """Who is to be paid how much, as far as it was said, and what for."""

    to: Payee
    amount: Money | None
    memo: str


def read_pay(message: Message, unit: Currency, *, bot_name: str, command: str = "pay") -> PayWish:
    """Amount and person in either order, then the note; without a person the author of the message replied to.

    Where nothing is replied to, the person may stand behind the note too; and `to` before them anywhere.

    Raises NotUnderstood, InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    said_nothing = not words
    to = _take_payee_to(words, bot_name)
    if to is not None and names_another(words):
        raise SeveralPayees
    if to is None and message.reply_to_message is None and is_name_first(words, unit):
        raise PayeeMissing(command)
    amount = None
    if words and (not isinstance(to, ToRequest) or is_numeric(words[0].text)):
        amount = take_amount(words, unit)
    to = to or _take_payee_to(words, bot_name) or author_of(message)
    if to is None and amount is not None:
        to = take_last_person(words, bot_name, behind=Typed.PAID_TO)
    if to is None:
        raise PayWords(command) if said_nothing else PayeeMissing(command)
    if names_another(words):
        raise SeveralPayees
    return PayWish(to, amount, memo_of(words))


def _take_payee_to(words: list[Word], bot_name: str) -> Payee | None:
    """Take the person, code or link off the front of the words, and `to` before them. Raises SeveralPayees."""
    if len(words) > 1 and means(Typed.PAID_TO, words[0].text):
        rest = words[1:]
        if (to := take_payee(rest, bot_name)) is not None:
            words[:] = rest
            return to
    return take_payee(words, bot_name)


def needed_amount(wish: PayWish, command: str) -> Money:
    """The amount of a wish that cannot do without. Raises AmountMissing."""
    if wish.amount is None:
        raise AmountMissing(command)
    return wish.amount
