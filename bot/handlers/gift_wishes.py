"""What stands behind /gift: the amount, for how many or for whom, and the note. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.handlers.arguments import Word, memo_of, take_amount, words_of
from bot.words.gifts import GiftForOne, GiftUnnamed, GiftWords, LuckyAlone, SharesUnread
from bot.words.links import handle_in
from bot.words.mistakes import BotPayee, SeveralPayees
from bot.words.typed import Typed, means
from wallet_core import Currency, Money, changes_amount, with_plain_digits

DIGITS_MAX = 9  # of the number of shares
TEXT_SHOWN_MAX = 24


@dataclass(frozen=True, slots=True)
class GiftWish:
    """How much is given to how many, or to whom."""

    amount: Money
    shares: int
    is_lucky: bool
    for_handle: str | None
    memo: str


def read_gift(message: Message, unit: Currency, *, bot_name: str) -> GiftWish:
    """`10`, `10 for 5`, `10 for 5 lucky`, `10 @bob`, `@bob 10`, with a note anywhere behind.

    Whoever is named anywhere is who it is for: a gift that everybody could claim instead cannot be undone.
    Raises NotUnderstood, InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    if not words:
        raise GiftWords
    handle = _take_handle(words, bot_name)
    amount = take_amount(words, unit)
    shares = _take_shares(words, unit)
    is_lucky = _take_lucky(words, is_shared=shares is not None)
    if handle is not None and shares not in (None, 1):
        raise GiftForOne
    if words and means(Typed.SO_MANY, words[-1].text):  # `for @bob`, `@bob` being taken
        del words[-1]
    return GiftWish(amount, 1 if shares is None else shares, is_lucky, handle, memo_of(words))


def _take_handle(words: list[Word], bot_name: str) -> str | None:
    if any(word.user is not None for word in words):
        raise GiftUnnamed
    named = [word for word in words if handle_in(word.text) is not None]
    if len(named) > 1 or any(word.text.count("@") > 1 for word in words):
        raise SeveralPayees
    if not named:
        return None
    words.remove(named[0])
    handle = handle_in(named[0].text)
    assert handle is not None
    if handle.lower() == bot_name.lower():
        raise BotPayee
    return handle


def _take_shares(words: list[Word], unit: Currency) -> int | None:
    """The number behind `for`; raises SharesUnread for one that is no plain number of people, or is said twice."""
    found = [
        at for at, word in enumerate(words[:-1]) if means(Typed.SO_MANY, word.text) and _counts(words[at + 1].text)
    ]
    if not found:
        return None
    at, number = found[0], with_plain_digits(words[found[0] + 1].text)
    behind = [word.text for word in words[at + 2 : at + 3]]
    is_amount = any(changes_amount(text, unit) for text in behind)  # `for 5 euros`
    if len(found) > 1 or is_amount or not (number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX):
        end = found[-1] + (3 if is_amount else 2)  # `for 5 for 3`: which of them?
        said = " ".join(word.text for word in words[at + 1 : end])
        raise SharesUnread(said[:TEXT_SHOWN_MAX])
    del words[at : at + 2]
    return int(number)


def _counts(word: str) -> bool:
    """Whether a reader would take it for a number, or for something that begins with one."""
    return means(Typed.COUNTED, word.rstrip(".,!")) or word.lstrip("+-−–.,")[:1].isnumeric()


def _take_lucky(words: list[Word], *, is_shared: bool) -> bool:
    said = next((word for word in words if means(Typed.LUCKY, word.text)), None)
    if said is None:
        return False
    if not is_shared:
        if len(words) == 1:
            raise LuckyAlone
        return False  # `lucky you`: a note
    words.remove(said)
    return True
