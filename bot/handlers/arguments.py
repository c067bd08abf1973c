"""What stands behind a command: amounts, people, codes and notes. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Message, MessageEntity, User

from bot.transport.acquaintances import is_deleted, is_hidden, is_service, is_somebody
from bot.words.links import DeepLink, LinkKind, find_link, handle_in, person_id_of
from bot.words.mistakes import (
    AnonymousPayee,
    BotPayee,
    DeletedPayee,
    GiftInPay,
    PayeeMissing,
    SeveralPayees,
    SplitLink,
)
from bot.words.tips import TipNamed, TipNotAlone
from bot.words.typed import Typed, means
from wallet_core import (
    MARKS,
    AmountProblem,
    Currency,
    InvalidAmount,
    Money,
    Payee,
    ToHandle,
    ToPerson,
    ToPersonCode,
    ToRequest,
    changes_amount,
    is_code,
    looks_like_number,
    read_amount,
    with_plain_digits,
)

TEXT_SHOWN_MAX = 24
AMOUNT_WORDS_MAX = 5  # `US $ 5 million dollars`

_IN_NUMBERS = frozenset(".,_'’+-−/")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a message; `user` when it mentions somebody without a username."""

    text: str
    user: User | None = None


def words_of(message: Message) -> list[Word]:
    """The words behind the command; a mention of somebody without a username is one word (offsets are UTF-16)."""
    text = (message.text or "").encode("utf-16-le")
    words: list[Word] = []
    position = 0
    for entity in message.entities:
        if entity.type == MessageEntity.TEXT_MENTION and entity.offset >= position:
            end = entity.offset + entity.length
            words += words_in(text[2 * position : 2 * entity.offset].decode("utf-16-le", "replace"))
            words.append(Word(text[2 * entity.offset : 2 * end].decode("utf-16-le", "replace"), entity.user))
            position = end
    return (words + words_in(text[2 * position :].decode("utf-16-le", "replace")))[1:]


def linked(message: Message) -> str:
    """All of a message in which a link may stand: its words, what is linked from them, and its buttons."""
    entities = (*message.entities, *message.caption_entities)
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    urls = [*(entity.url for entity in entities), *(button.url for row in rows for button in row)]
    return "\n".join(filter(None, (message.text, message.caption, *urls)))


def words_in(text: str) -> list[Word]:
    """The words of a text, without the marks of direction at their ends: what is copied from the bot may have some."""
    return [Word(word) for word in (word.strip(MARKS) for word in text.split()) if word]


def memo_of(words: Sequence[Word]) -> str:
    """What is left over, as a note."""
    return " ".join(word.text for word in words)


def read_tip(message: Message, unit: Currency) -> Money | None:
    """The amount and nothing else, for a tip is given at once; None without any.

    Raises TipNamed, TipNotAlone, InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    if not words:
        return None
    if any(word.user is not None or "@" in word.text or handle_in(word.text) is not None for word in words):
        raise TipNamed
    amount = take_amount(words, unit)
    if words:
        raise TipNotAlone
    return amount


def read_card(text: str, unit: Currency) -> tuple[Money, str]:
    """The amount and the note of what is typed behind the bot's name. Raises InvalidAmount, CurrencyMismatch."""
    words = words_in(text)
    return take_amount(words, unit), memo_of(words)


def read_top_up(message: Message, unit: Currency, *, bot_name: str) -> tuple[Payee | None, Money | None]:
    """Whom to top up, if somebody is named, and how much, as far as it was said; nothing else.

    Raises NotUnderstood, InvalidAmount, CurrencyMismatch.
    """
    words = words_of(message)
    to = take_payee(words, bot_name)
    amount = take_amount(words, unit) if words else None
    to = to or take_payee(words, bot_name)
    if isinstance(to, ToRequest):
        raise PayeeMissing("topup")
    if words:
        raise InvalidAmount(AmountProblem.NOT_A_NUMBER, _cut(memo_of(words)), unit.decimals)
    return to, amount


def read_answer(text: str, unit: Currency) -> Money:
    """A whole message as an amount. Raises InvalidAmount, CurrencyMismatch."""
    words = words_in(text)
    amount = take_amount(words, unit)
    if words:
        raise InvalidAmount(AmountProblem.NOT_A_NUMBER, _cut(text), unit.decimals)
    return amount


def _cut(text: str) -> str:
    """A refused text, short enough to be shown; one that goes on does not look like another number."""
    return text if len(text) <= TEXT_SHOWN_MAX else text[: TEXT_SHOWN_MAX - 1] + "…"


def payee_of(link: DeepLink) -> Payee:
    """Whom a deep link pays. Raises GiftInPay for a gift, SplitLink for a split, which has an own dialog."""
    if link.kind is LinkKind.SPLIT:
        raise SplitLink(link.code)
    if link.kind is LinkKind.GIFT:
        raise GiftInPay
    return ToRequest(link.code) if link.kind is LinkKind.REQUEST else ToPersonCode(link.code)


def gift_in(message: Message, bot_name: str) -> str | None:
    """The code of the gift whose link stands behind a command. Raises OtherBot."""
    words = words_of(message)
    link = read_code(words[0].text, bot_name) if words else None
    return link.code if link is not None and link.kind is LinkKind.GIFT else None


def read_code(text: str, bot_name: str) -> DeepLink | None:
    """A deep link as address, as `r_CODE`, or the bare code of a request. Raises OtherBot."""
    link = find_link(text, bot_name)
    return DeepLink(LinkKind.REQUEST, text) if link is None and _is_bare_code(text) else link


def _is_bare_code(text: str) -> bool:
    """Large numbers and long words have the form of a code too; a random code has letters of both cases in it."""
    return is_code(text) and not is_numeric(text) and text not in (text.lower(), text.upper(), text.capitalize())


def author_of(message: Message) -> ToPerson | None:
    """The author of the message that is replied to. Raises AnonymousPayee, BotPayee, DeletedPayee."""
    reply = message.reply_to_message
    if reply is None or is_service(reply):  # every message of a topic replies to its first, which is of that kind
        return None
    if is_hidden(reply):
        raise AnonymousPayee
    if reply.from_user is None or message.chat.type == "private":
        return None
    return person_meant(reply.from_user)


def person_meant(user: User) -> ToPerson:
    if not is_somebody(user):
        raise BotPayee
    if is_deleted(user):
        raise DeletedPayee
    return ToPerson(person_id_of(user.id))


def take_payee(words: list[Word], bot_name: str) -> Payee | None:
    """Take the person, code or link off the front of the words, if one stands there. Raises SeveralPayees."""
    if not words:
        return None
    word = words[0]
    to: Payee
    if word.user is not None:
        to = person_meant(word.user)
    elif (handle := handle_in(word.text)) is not None:
        if handle.lower() == bot_name.lower():
            raise BotPayee
        to = ToHandle(handle)
    elif (link := read_code(word.text, bot_name)) is not None:
        to = payee_of(link)
    else:
        if word.text.count("@") > 1:  # @bob,@carol
            raise SeveralPayees
        return None
    del words[0]
    return to


def names_another(words: Sequence[Word]) -> bool:
    """Whether somebody else stands right behind a person, which is no note: `@carol`, `and @carol`."""
    behind = words[1:2] if words and means(Typed.JOINING, words[0].text) else words[:1]
    return any(word.user is not None or handle_in(word.text) is not None for word in behind)


def is_name_first(words: Sequence[Word], unit: Currency) -> bool:
    """`bob 5`: somebody named without @."""
    texts = [word.text for word in words[:2]]
    return len(texts) == 2 and not changes_amount(texts[0], unit) and texts[0].isalpha() and is_numeric(texts[1])


def take_amount(words: list[Word], unit: Currency) -> Money:
    """Take the amount off the front of the words: a number, and the words on either side that name or change it.

    Raises InvalidAmount, also when another number follows; CurrencyMismatch.
    """
    parts = [word.text for word in words[:AMOUNT_WORDS_MAX]]
    count = 1
    if len(parts) > 1 and changes_amount(parts[0], unit) and is_numeric(parts[1]):
        count = 2
    while count < len(parts) and changes_amount(parts[count], unit):
        if parts[count].lower() == "x" and not any(map(is_numeric, parts[count + 1 : count + 2])):
            break  # `5 x 3` is to be worked out; an `x` with no number behind it is a note
        count += 1
    amount = read_amount(" ".join(parts[:count]), unit)
    behind = parts[count + 1 :] if parts[count : count + 1] and means(Typed.JOINING, parts[count]) else parts[count:]
    if behind and _begins_with_number(behind[0], unit):
        raise InvalidAmount(AmountProblem.TWO_NUMBERS, _cut(" ".join(parts)), unit.decimals)
    del words[:count]
    return amount


def is_nothing(word: str) -> bool:
    """`0`, `0.00`, `٠`."""
    return not with_plain_digits(word).strip("0.,")


def _begins_with_number(word: str, unit: Currency) -> bool:
    """A number, or one with a unit: `50ct`, `3x`, `20%`; but not `2nd`."""
    rest = with_plain_digits(word).lstrip("0123456789.,")
    return is_numeric(word) or (rest not in ("", word) and changes_amount(rest, unit))


def is_numeric(word: str) -> bool:
    """Whether a hasty reader would take the word for a number, in whatever script."""
    if looks_like_number(word):
        return True
    return any(c.isnumeric() for c in word) and all(
        c.isnumeric() or c in _IN_NUMBERS or unicodedata.category(c) in ("Sc", "Cf") for c in word
    )
