"""What stands behind /split: an amount, a note, and the people on one side of the note. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import Message

from bot.handlers.arguments import Word, memo_of, person_meant, take_amount, words_of
from bot.words.links import handle_in
from bot.words.mistakes import BotPayee
from bot.words.splits import NamesApart, SplitWords
from bot.words.typed import Typed, means
from wallet_core import Currency, Money, ToHandle, ToPerson

_BETWEEN = re.compile(r"[,;&+/]")  # @bob,@carol

Named = ToHandle | ToPerson


@dataclass(frozen=True, slots=True)
class SplitWish:
    """Which bill is shared, with whom if anybody was named, and what it was for."""

    total: Money
    people: tuple[Named, ...]
    memo: str


def read_split(message: Message, unit: Currency, *, bot_name: str) -> SplitWish:
    """The amount, and the people before or behind the note; somebody in the middle of it is part of it.

    Raises NotUnderstood, InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    people = _take_people(words, bot_name)
    if not words:
        raise SplitWords
    total = take_amount(words, unit)
    people += _take_people(words, bot_name)
    behind = _take_people_behind(words, bot_name)
    if people and behind:
        raise NamesApart
    return SplitWish(total, tuple(people or behind), memo_of(words))


def _take_people(words: list[Word], bot_name: str) -> list[Named]:
    """Take the people off the front of the words."""
    people: list[Named] = []
    while words:
        at = int(bool(people) and _joins(words[0]) and len(words) > 1)
        found = _people_in(words[at], bot_name)
        if not found:
            break
        people += found
        del words[: at + 1]
    return people


def _take_people_behind(words: list[Word], bot_name: str) -> list[Named]:
    """Take the people off the end of the words."""
    people: list[Named] = []
    while words and (found := _people_in(words[-1], bot_name)):
        people[:0] = found
        words.pop()
        if len(words) > 1 and _joins(words[-1]) and _people_in(words[-2], bot_name):
            words.pop()
    return people


def _joins(word: Word) -> bool:
    return word.user is None and means(Typed.JOINING, word.text)


def _people_in(word: Word, bot_name: str) -> list[Named]:
    """Everybody whom a word names, if it names nothing else. Raises BotPayee, DeletedPayee."""
    if word.user is not None:
        return [person_meant(word.user)]
    parts = [part for part in _BETWEEN.split(word.text) if part] if word.text.count("@") > 1 else [word.text]
    handles = [handle for part in parts if (handle := handle_in(part)) is not None]
    if any(handle.lower() == bot_name.lower() for handle in handles):
        raise BotPayee
    return [ToHandle(handle) for handle in handles] if len(handles) == len(parts) else []
