"""What stands behind /request and /qr: an amount, perhaps a person, a note. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import Message

from bot.handlers.arguments import (
    Word,
    is_name_first,
    memo_of,
    names_another,
    read_code,
    take_amount,
    take_payee,
    words_of,
)
from bot.words.links import handle_in, person_id_of
from bot.words.mistakes import AmountMissing, SeveralPayees
from bot.words.typed import Typed, means
from wallet_core import Currency, Money, Payee, ToPerson

TARGET_LENGTH_MAX = 2_048  # of where to pay out
_NUMBER = re.compile(r"[0-9]{4,16}", re.ASCII)  # of somebody in Telegram


@dataclass(frozen=True, slots=True)
class AskWish:
    """How much is asked for (None: the payer chooses), from whom (None: from anybody), and what for."""

    payer: Payee | None
    amount: Money | None
    memo: str


@dataclass(frozen=True, slots=True)
class TagWish:
    """What a price tag says (None: it is one's own QR), in a picture or on a sheet."""

    amount: Money | None
    memo: str


def read_unnamed(message: Message, unit: Currency, bot_name: str) -> tuple[Money | None, str] | None:
    """The amount and the note of a `/pay` that names nobody; None for one that names somebody, or tries to.

    Raises InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    if not words:
        return None, ""
    if any(word.user is not None or "@" in word.text or handle_in(word.text) is not None for word in words):
        return None
    if read_code(words[0].text, bot_name) is not None or is_name_first(words, unit):
        return None
    amount = take_amount(words, unit)
    if words and read_code(words[0].text, bot_name) is not None:
        return None
    return amount, memo_of(words)


def read_request(message: Message, unit: Currency, *, bot_name: str) -> AskWish:
    """The amount (None for `any`: the payer chooses), who is asked, and the note.

    A person stands before the amount, behind it, or behind the note. Raises NotUnderstood, InvalidAmount,
    CurrencyMismatch.
    """
    words = words_of(message)
    payer = take_person(words, bot_name)
    if not words:
        raise AmountMissing("request")
    amount = _take_some_amount(words, unit)
    if payer is None:
        payer = take_person(words, bot_name) or take_last_person(words, bot_name, behind=Typed.ASKED_FROM)
    if names_another(words):
        raise SeveralPayees
    return AskWish(payer, amount, memo_of(words))


def take_person(words: list[Word], bot_name: str) -> Payee | None:
    """Take a person off the front of the words; a code or link is none."""
    if not words or (words[0].user is None and handle_in(words[0].text) is None):
        return None
    return take_payee(words, bot_name)


def take_anybody(words: list[Word], bot_name: str) -> Payee | None:
    """As `take_person`, for operators: also by the number, for who has no @username, or has lost theirs to another."""
    if words and (to := numbered(words[0].text)) is not None:
        del words[0]
        return to
    return take_person(words, bot_name)


def numbered(text: str) -> Payee | None:
    """Whoever has this number in Telegram."""
    return ToPerson(person_id_of(int(text))) if _NUMBER.fullmatch(text) else None


def take_last_person(words: list[Word], bot_name: str, *, behind: Typed) -> Payee | None:
    """Take a person off the end of the words, and `from` or `to` before them; `lunch with @bob` is a note.

    Raises SeveralPayees for two.
    """
    if len(words) > 1 and means(Typed.BESIDE, words[-2].text):
        return None
    last = words[-1:]
    person = take_person(last, bot_name)
    if person is not None:
        del words[-1]
        if words and (words[-1].user is not None or handle_in(words[-1].text) is not None):
            raise SeveralPayees
        if words and means(behind, words[-1].text):
            del words[-1]
    return person


def read_tag(message: Message, unit: Currency) -> tuple[TagWish | None, bool]:
    """The amount and the note of a price tag, None for one's own QR; and whether it is to be printed.

    Raises InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    is_printed = bool(words) and means(Typed.PRINT, words[0].text)
    if is_printed:
        del words[0]
    if not words:
        return None, is_printed
    amount = _take_some_amount(words, unit)
    return TagWish(amount, memo_of(words)), is_printed


def _take_some_amount(words: list[Word], unit: Currency) -> Money | None:
    if means(Typed.ANY, words[0].text):
        del words[0]
        return None
    return take_amount(words, unit)


def read_withdrawal(message: Message, unit: Currency) -> tuple[Money | None, str]:
    """How much to take out, if that was said, and the words behind it. Raises InvalidAmount, CurrencyMismatch."""
    words = words_of(message)
    amount = take_amount(words, unit) if words else None
    return amount, memo_of(words)[:TARGET_LENGTH_MAX]
