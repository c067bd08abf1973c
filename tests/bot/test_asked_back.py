"""What stands beside an amount is its currency, its note, or asked back: the bare number is never paid for it."""

from collections.abc import Callable

import pytest
from telegram import MessageEntity, User

from bot.handlers.arguments import read_answer
from bot.handlers.asking import AskWish, read_request
from bot.handlers.pay_wishes import PayWish
from bot.words.language import ENGLISH, languages
from bot.words.mistakes import PayeeMissing, SeveralPayees
from tests.bot.test_arguments import BEER, BOB, EUR, FIVE, pay, said, written_by
from wallet_core import AmountProblem, CurrencyMismatch, InvalidAmount, Money, currency

PARTS, TIMES, SUM = AmountProblem.IN_PARTS, AmountProblem.MULTIPLIED, AmountProblem.WORKED_OUT
ASKED_BACK = {
    "50 cents": PARTS, "50 ct": PARTS, "50 Cent": PARTS, "50 centimes": PARTS, "50 centavos,": PARTS, "€5 cents": PARTS,
    "5 euro cents": PARTS, "50 eurocent": PARTS, "50 Eurocents": PARTS, "5 k": TIMES,
    "5 mio": TIMES, "5 million": TIMES, "5 thousand": TIMES, "5 tausend": TIMES,
    "5 mil": TIMES, "5 EUR k": TIMES, "5 lakh": TIMES, "5 + 3 tip": SUM, "5 - 3": SUM, "5 − 3": SUM, "5 * 2": SUM,
    "10 / 2": SUM, "2 x 5 beers": SUM, "2 × 5": SUM, "50 %": SUM, "5 plus 3": SUM, "5 EUR + 3": SUM,
    "€5 x 3": SUM, "5 and 50 cents": AmountProblem.TWO_NUMBERS, "5 or 6": AmountProblem.TWO_NUMBERS,
    "5 euro 50": AmountProblem.TWO_NUMBERS, "5€ 50ct": AmountProblem.TWO_NUMBERS, "5 3x": AmountProblem.TWO_NUMBERS,
    "5 x3": AmountProblem.NOT_A_NUMBER, "5 20%": AmountProblem.TWO_NUMBERS,
}  # fmt: skip
IN_OTHER_LANGUAGES = {  # at least one part, one multiplier, one way to work it out in each that the bot speaks
    "de": ("50 Cent", "5 tausend", "5 geteilt 2"), "es": ("50 céntimos", "5 docenas", "5 más 3"),
    "pt_BR": ("50 centavos", "5 mil", "5 dúzias", "5 vezes 2"), "fr": ("50 centimes", "5 mille", "5 fois 2"),
    "ru": ("50 центов", "5 тысяч", "5 тыс.", "5 плюс 3"), "id": ("50 sen", "5 ribu", "5 rb", "5 jt", "5 kali 2"),
    "hi": ("50 सेंट", "5 हज़ार", "5 लाख", "5 करोड़", "5 प्रतिशत"), "zh_Hans": ("50 美分", "5 千", "5 万", "5 乘 2"),
    "ar": ("50 سنت", "5 ألف", "5 الف", "5 مليون", "5 ضرب 2"),
}  # fmt: skip
OTHER_MONEY = (
    "5 usd",
    "5 dollars",
    "5 BTC",
    "5 sats",
    "5 pence",
    "5 копеек",
    "5 paise",
    "5 kr.",
    "5 Dollar",
    "5 zł tip",
    "5 rupiah",
    "5 डॉलर",
    "5 جنيه",
    "5 人民币",
)
NOTES = (
    "each",
    "for tea",
    "kebab",
    "all",
    "top up",
    "pour le café",
    "para café",
    "2nd round",
    "cup",
    "try it",
    "c0ffee",
)
READ: tuple[Callable[[str], object], ...] = (
    lambda words: pay(f"{words} @bob"),
    lambda words: pay(f"@bob {words}"),
    lambda words: pay(words, reply=written_by(User(1002, "Bob", is_bot=False))),
    lambda words: read_request(said(f"/request {words}"), EUR, bot_name="TestBot"),
    lambda words: read_answer(words, EUR),
)


@pytest.mark.parametrize("language", sorted(set(languages()) - {ENGLISH}))
def test_what_people_say_in_each_language_behind_an_amount_is_asked_back(language: str) -> None:
    for words in IN_OTHER_LANGUAGES[language]:
        for read in READ:
            with pytest.raises(InvalidAmount):
                read(words)


@pytest.mark.parametrize(
    "words",
    [
        *("5 thou", "5 Hunderter", "5 Zehner", "5 TEUR", "5 millares", "5 centenas", "5 centaines", "5 milliers"),
        *("5 centinaia", "5 honderd", "5 miljard", "5 setek", "5 yüz", "5 тыщ", "5 косарей", "5 milhares", "5 مئة"),
        *("5 दर्जन", "5 十", "5 打", "5 puluh", "5 ribuan", "50 евроцентов", "50 eurocenten", "50 سنتيم", "5 角钱"),
        *("5 multiplied by 2", "5 dividido 2", "5 multiplié par 2", "5 diviso 2", "5 gedeeld door 2", "5 çarpı 2"),
        *("5 разделить на 2", "5 गुणा 2", "5 प्लस 2", "5 除以 2", "5 乘以 2", "5 dibagi 2", "5 قسمة 2", "5 più 2", "5 ٪"),
    ],
)
def test_more_of_what_people_say_behind_an_amount_is_asked_back(words: str) -> None:
    for read in READ:
        with pytest.raises(InvalidAmount):
            read(words)


@pytest.mark.parametrize("words", ["5 यूरो", "5 欧元", "5欧元", "5 يورو", "5 евро", "5 euro", "5 euros"])
def test_the_name_of_ones_own_money_is_read_in_each_language(words: str) -> None:
    assert read_answer(words, EUR).minor == 500


@pytest.mark.parametrize("read", READ, ids=["before the name", "behind it", "a reply", "a request", "an answer"])
@pytest.mark.parametrize(("words", "problem"), ASKED_BACK.items())
def test_a_unit_a_multiplier_or_arithmetic_behind_the_amount_is_asked_back(
    words: str, problem: AmountProblem, read: Callable[[str], object]
) -> None:
    with pytest.raises(InvalidAmount) as caught:
        read(words)
    assert caught.value.problem is problem


@pytest.mark.parametrize("read", READ, ids=["before the name", "behind it", "a reply", "a request", "an answer"])
@pytest.mark.parametrize("words", OTHER_MONEY)
def test_other_money_is_never_taken_for_ones_own(words: str, read: Callable[[str], object]) -> None:
    with pytest.raises(CurrencyMismatch):
        read(words)


@pytest.mark.parametrize("words", ["¥5", "5 元", "5 圆", "5 圓", "5 yuan"])
def test_yuan_are_read_however_they_are_written(words: str) -> None:
    assert read_answer(words, currency("CNY")).minor == 500


def test_euros_are_no_beers() -> None:
    with pytest.raises(CurrencyMismatch):
        read_answer("5 eur", BEER)
    assert read_answer("5 beers", BEER) == Money(5, BEER)


@pytest.mark.parametrize("note", NOTES)
def test_any_other_word_behind_the_amount_is_a_note(note: str) -> None:
    assert read_request(said(f"/request 5 {note}"), EUR, bot_name="TestBot") == AskWish(None, FIVE, note)
    assert pay(f"@bob 5 {note}") == PayWish(BOB, FIVE, note)
    assert pay(f"5 {note}", reply=written_by(User(1002, "Bob", is_bot=False))).memo == note


@pytest.mark.parametrize("note", ["2 beers", "bus 42", "50 cents", "x 2", "+ tip", "5 EUR back", "k"])
def test_what_stands_behind_amount_and_person_is_the_note_with_numbers_too(note: str) -> None:
    assert pay(f"5 @bob {note}") == PayWish(BOB, FIVE, note)


@pytest.mark.parametrize(
    "words", ["5 euro @bob", "5 euros @bob", "@bob 5 Euro", "5.- @bob", "€5,- @bob", "euro 5 @bob"]
)
def test_the_names_of_ones_own_currency_are_no_note(words: str) -> None:
    assert pay(words) == PayWish(BOB, FIVE, "")
    assert read_request(said("/request 5 euros coffee"), EUR, bot_name="TestBot") == AskWish(None, FIVE, "coffee")


@pytest.mark.parametrize(
    "words",
    [
        "5 @bob @carol",
        "5 @bob, @carol",
        "5 @bob and @carol",
        "5 @bob & @carol",
        "5 @bob und @carol thanks",
        "5 @bob,@carol",
        "@bob @carol 5",
        "@bob and @carol 5",
        "@bob 5 @carol",
        "5 t.me/bob (@carol)",
    ],
)
def test_two_people_are_asked_back(words: str) -> None:
    with pytest.raises(SeveralPayees):
        pay(words)


def test_two_people_are_asked_back_when_one_has_no_username() -> None:
    mention = MessageEntity(MessageEntity.TEXT_MENTION, 12, 3, user=User(7, "Zoe", False))
    with pytest.raises(SeveralPayees):
        pay("5 @bob Zoe", entities=(mention,))


def test_somebody_in_the_middle_of_a_note_is_part_of_it() -> None:
    assert pay("5 @bob cake for @carol") == PayWish(BOB, FIVE, "cake for @carol")


@pytest.mark.parametrize(
    "word",
    ["＠bob", "(@bob)", "“@bob”", "@bob…", "\u200b@bob\u200e", "t.me/bob", "https://t.me/bob", "HTTPS://T.ME/bob/",
     "www.t.me/bob", "telegram.me/@bob", "bob.t.me", "**@bob**"],
)  # fmt: skip
def test_a_person_is_read_however_they_are_named(word: str) -> None:
    assert pay(f"5 {word} tea") == PayWish(BOB, FIVE, "tea")
    assert pay(f"{word} 5 tea") == PayWish(BOB, FIVE, "tea")


@pytest.mark.parametrize("words", ["5 bob", "bob 5", "Bob 5 EUR", "5 t.me/joinchat", "5 @", "5 t.me/+abcdef"])
def test_a_name_without_an_at_sign_is_nobody(words: str) -> None:
    with pytest.raises(PayeeMissing):
        pay(words)
