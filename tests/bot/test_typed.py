"""Words that people type and that mean something, such as `for`: each is understood in every language, and one way."""

from collections.abc import Callable
from datetime import date

import pytest
from telegram import Chat, Message, MessageEntity, User

from bot.handlers.arguments import words_of
from bot.handlers.asking import read_request, read_tag
from bot.handlers.gift_wishes import GiftWish, read_gift
from bot.handlers.limits import read_limit
from bot.handlers.pay_wishes import read_pay
from bot.statements.period import read_period
from bot.words.gifts import SharesUnread
from bot.words.language import ENGLISH, languages
from bot.words.typed import _SIGNS_AND_OTHERS, _WORDS, Typed, means, typed
from tests.bot.spoken import spoken_to
from wallet_core import AmountProblem, InvalidAmount, Span, ToHandle, currency, utc_now

EUR = currency("EUR")
TOGETHER = (  # what may stand behind one command, where a word can mean one of these
    (Typed.SO_MANY, Typed.LUCKY, Typed.COUNTED),
    (Typed.SO_MANY, Typed.JOINING),
    (Typed.A_DAY, Typed.A_PAYMENT, Typed.EACH),
    (Typed.A_DAY, Typed.A_PAYMENT, Typed.NO_LIMIT),
    (Typed.PRINT, Typed.ANY),
    (Typed.ASKED_FROM, Typed.BESIDE),
    (Typed.PAID_TO, Typed.BESIDE),
)


def said(text: str) -> Message:
    chat, ann = Chat(1001, "private"), User(1001, "Ann", is_bot=False)
    handles = [MessageEntity(MessageEntity.MENTION, text.index("@"), 4)] if "@" in text else []
    return Message(7, utc_now(), chat, from_user=ann, text=text, entities=handles)


def gift(text: str) -> GiftWish:
    return read_gift(said(f"/gift 10 {text}"), EUR, bot_name="B")


def request(text: str) -> tuple[object, ...]:
    wish = read_request(said(f"/request {text}"), EUR, bot_name="B")
    return wish.payer, wish.amount and wish.amount.number, wish.memo


def pays(words: str) -> tuple[object, ...]:
    wish = read_pay(said(f"/pay {words}"), EUR, bot_name="B")
    return wish.to, wish.amount and wish.amount.number, wish.memo


def names_who_is_paid(word: str) -> bool:
    bob = ToHandle("bob")
    return (
        pays(f"5 {word} @bob tea") == (bob, "5.00", "tea")
        and pays(f"{word} @bob 5 tea") == (bob, "5.00", "tea")
        and pays(f"5 tea {word} @bob") == (bob, "5.00", "tea")
    )


def limit(text: str) -> tuple[object, ...]:
    most, spans = read_limit(words_of(said(f"/limits {text}")), EUR, command="limits")
    return (most and most.number, *spans)


def is_asked_back(word: str) -> bool:
    with pytest.raises(SharesUnread):
        gift(f"for {word}")
    return True


def joins_two_numbers(word: str) -> bool:
    with pytest.raises(InvalidAmount) as caught:
        request(f"5 {word} 6")
    return caught.value.problem is AmountProblem.TWO_NUMBERS


def parts_two_days(word: str) -> bool:
    found = read_period(["1.1.2026", word, "31.3.2026"], date(2026, 4, 1))
    return (found.first, found.last) == (date(2026, 1, 1), date(2026, 3, 31))


UNDERSTOOD: dict[Typed, Callable[[str], bool]] = {  # by whoever reads the command that it belongs to
    Typed.SO_MANY: lambda word: gift(f"{word} 5").shares == 5,
    Typed.LUCKY: lambda word: gift(f"for 5 {word}").is_lucky,
    Typed.COUNTED: is_asked_back,
    Typed.ANY: lambda word: request(f"{word} tea") == (None, None, "tea"),
    Typed.PRINT: lambda word: read_tag(said(f"/qr {word}"), EUR) == (None, True),
    Typed.SEARCH: lambda word: means(Typed.SEARCH, word),
    Typed.PAID_TO: names_who_is_paid,
    Typed.ASKED_FROM: lambda word: request(f"5 tea {word} @bob") == (ToHandle("bob"), "5.00", "tea"),
    Typed.BESIDE: lambda word: request(f"5 tea {word} @bob") == (None, "5.00", f"tea {word} @bob"),
    Typed.JOINING: joins_two_numbers,
    Typed.NO_LIMIT: lambda word: limit(word) == (None, Span.PAYMENT, Span.DAY),
    Typed.A_DAY: lambda word: limit(f"5 {word}") == ("5.00", Span.DAY),
    Typed.A_PAYMENT: lambda word: limit(f"5 {word}") == ("5.00", Span.PAYMENT),
    Typed.EACH: lambda word: limit(f"5 {word} day") == ("5.00", Span.DAY),
    Typed.UNTIL: parts_two_days,
    Typed.ABOVE: lambda word: means(Typed.ABOVE, word),
}


def in_catalogue(language: str, meaning: Typed) -> list[str]:
    with spoken_to(language):
        return _WORDS[meaning]().split("|")


@pytest.mark.parametrize("language", languages())
def test_every_typed_word_of_a_language_is_understood_from_whoever_types_it(language: str) -> None:
    for speaker in {language, ENGLISH}:
        with spoken_to(speaker):
            for meaning in Typed:
                for word in in_catalogue(language, meaning):
                    for written in {word, word.capitalize()}:
                        assert UNDERSTOOD[meaning](written), (speaker, meaning, written)


@pytest.mark.parametrize("language", languages())
def test_english_words_are_understood_in_every_language(language: str) -> None:
    english = {meaning: in_catalogue(ENGLISH, meaning) for meaning in Typed}
    with spoken_to(language):
        assert all(UNDERSTOOD[meaning](word) for meaning, words in english.items() for word in words)


def test_signs_and_words_of_languages_without_a_catalogue_are_understood_too() -> None:
    for meaning, words in _SIGNS_AND_OTHERS.items():
        for word in words.split("|"):
            if word not in {"+", "/", ".", ",", "-", "–", "—", "..", "…"}:
                assert UNDERSTOOD[meaning](word), (meaning, word)


@pytest.mark.parametrize("meanings", TOGETHER, ids=str)
def test_no_typed_word_means_two_things_behind_one_command(meanings: tuple[Typed, ...]) -> None:
    for at, one in enumerate(meanings):
        for other in meanings[at + 1 :]:
            assert not typed()[one] & typed()[other], (one, other)


def test_a_typed_word_is_one_word_and_nothing_that_cannot_be_seen() -> None:
    for meaning, words in typed().items():
        for word in words:
            assert word.split() == [word] and (word.isprintable() or "\u200d" in word), (meaning, word)
            assert word == word.casefold()
