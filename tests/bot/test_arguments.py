"""What stands behind /pay: amount and person in either order, read exactly or refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from telegram import Chat, Message, MessageEntity, User

from bot.handlers.arguments import read_answer, read_code
from bot.handlers.asking import AskWish, TagWish, read_request, read_tag, read_unnamed
from bot.handlers.pay_wishes import PayWish, read_pay
from bot.words.mistakes import AnonymousPayee, BotPayee, OtherBot, PayeeMissing, PayWords, SeveralPayees
from wallet_core import (
    AmountProblem,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    PersonId,
    ToHandle,
    ToPerson,
    ToPersonCode,
    ToRequest,
    changes_amount,
    currency,
)

EUR = currency("EUR")
BEER = currency("BEER")
GROUP = Chat(-100, "supergroup")
ANN = User(1001, "Ann", is_bot=False)
CODE = "4Y9ZfJTiYoeezb-_"
BOB = ToHandle("bob")


def said(text: str, *, reply: Message | None = None, entities: tuple[MessageEntity, ...] = ()) -> Message:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return Message(2, now, GROUP, from_user=ANN, text=text, reply_to_message=reply, entities=entities)


def written_by(user: User | None, **more: Any) -> Message:
    return Message(1, datetime(2026, 11, 22, tzinfo=UTC), GROUP, from_user=user, text="hi", **more)


def pay(text: str, **more: Any) -> PayWish:
    return read_pay(said(f"/pay {text}".strip(), **more), EUR, bot_name="TestBot")


FIVE = Money(500, EUR)


@pytest.mark.parametrize(
    "words",
    [
        "5 @bob",
        "@bob 5",
        "5.00 @bob",
        "€5 @bob",
        "5 EUR @bob",
        "5 eur @bob",
        "EUR 5 @bob",
        "€ 5 @bob",
        "@bob 5 €",
        "5,00 @bob",
        "@bob, 5",
    ],
)
def test_amount_and_person_come_in_either_order(words: str) -> None:
    assert pay(words) == PayWish(BOB, FIVE, "")
    assert pay(f"{words} coffee  and cake") == PayWish(BOB, FIVE, "coffee and cake")


@given(minor=st.integers(1, 10**12), memo=st.text("abc xyz", max_size=20))
def test_every_amount_is_read_exactly(minor: int, memo: str) -> None:
    assume(not any(changes_amount(word, EUR) for word in memo.split()[:1]))
    amount = Money(minor, EUR)
    expected = PayWish(BOB, amount, " ".join(memo.split()))
    assert pay(f"{amount.number} @bob {memo}") == pay(f"@bob {amount.number} {memo}") == expected


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("-5 @bob", AmountProblem.NEGATIVE),
        ("+5 @bob", AmountProblem.SIGNED),
        ("0 @bob", AmountProblem.ZERO),
        ("0.00 @bob", AmountProblem.ZERO),
        ("NaN @bob", AmountProblem.NOT_A_NUMBER),
        ("inf @bob", AmountProblem.NOT_A_NUMBER),
        ("1e3 @bob", AmountProblem.NOT_A_NUMBER),
        ("1_000 @bob", AmountProblem.NOT_A_NUMBER),
        ("1,000 @bob", AmountProblem.AMBIGUOUS),
        ("1,000.50 @bob", AmountProblem.AMBIGUOUS),
        ("1.000,50 @bob", AmountProblem.AMBIGUOUS),
        ("5.001 @bob", AmountProblem.AMBIGUOUS),
        ("5.0001 @bob", AmountProblem.TOO_PRECISE),
        ("1٢٣ @bob", AmountProblem.FOREIGN_DIGITS),
        ("１۲ @bob", AmountProblem.FOREIGN_DIGITS),
        ("၁၂ @bob", AmountProblem.FOREIGN_DIGITS),
        ("١٬٠٠٠ @bob", AmountProblem.NOT_A_NUMBER),
        ("१,००० @bob", AmountProblem.AMBIGUOUS),
        ("1,00,000 @bob", AmountProblem.AMBIGUOUS),
        ("१,००,०००.५० @bob", AmountProblem.AMBIGUOUS),
        ("² @bob", AmountProblem.FOREIGN_DIGITS),
        (f"{2**63} @bob", AmountProblem.TOO_LARGE),
        ("9" * 16 + " @bob", AmountProblem.TOO_LARGE),
        ("9" * 20 + " @bob", AmountProblem.TOO_LARGE),
        ("9" * 400 + " @bob", AmountProblem.TOO_LARGE),
        ("5 5 @bob", AmountProblem.TWO_NUMBERS),
        ("5 000 @bob", AmountProblem.TWO_NUMBERS),
        ("5 .50 @bob", AmountProblem.TWO_NUMBERS),
        ("5 ½ @bob", AmountProblem.TWO_NUMBERS),
        ("5 ٥ @bob", AmountProblem.TWO_NUMBERS),
        ("€5 5 @bob", AmountProblem.TWO_NUMBERS),
        ("5 €5 @bob", AmountProblem.TWO_NUMBERS),
        ("5 EUR 5 @bob", AmountProblem.TWO_NUMBERS),
        ("@bob 5 5", AmountProblem.TWO_NUMBERS),
        ("5\u00a05 @bob", AmountProblem.TWO_NUMBERS),
        ("\u200b5 @bob", AmountProblem.INVISIBLE),
        ("5\u200f5 @bob", AmountProblem.INVISIBLE),
        ("@bob \u202e5", AmountProblem.INVISIBLE),
        ("five @bob", AmountProblem.NOT_A_NUMBER),
        ("@bob coffee", AmountProblem.NOT_A_NUMBER),
    ],
)
def test_a_bad_amount_is_refused_with_its_reason(words: str, problem: AmountProblem) -> None:
    with pytest.raises(InvalidAmount) as caught:
        pay(words)
    assert caught.value.problem is problem


@pytest.mark.parametrize(
    ("words", "minor"),
    [
        ("٥ @bob", 500),
        ("٥٫٥٠ @bob", 550),
        ("٥،٥ @bob", 550),
        ("۵٫۵ @bob", 550),
        ("१२.५० € @bob", 1250),
        ("１２．５０ @bob", 1250),
        ("12，50 @bob", 1250),
        ("@bob €٥ شاي ٣", 500),
        ("\u20685.00\u00a0EUR\u2069 \u2068@bob\u2069", 500),
        ("\u200f5\u200e @bob", 500),
    ],
)
def test_an_amount_is_read_in_the_digits_and_as_the_bot_itself_shows_it_in_a_text_from_right_to_left(
    words: str, minor: int
) -> None:
    wish = pay(words)
    assert wish.amount == Money(minor, EUR) and wish.to == ToHandle("bob")


@pytest.mark.parametrize("words", ["5 USD @bob", "$5 @bob", "USD 5 @bob", "@bob 5 USD"])
def test_another_currency_is_refused(words: str) -> None:
    with pytest.raises(CurrencyMismatch):
        pay(words)


def test_a_word_that_is_a_currency_somewhere_may_be_a_note() -> None:
    assert pay("5 @bob all") == PayWish(BOB, FIVE, "all")


@pytest.mark.parametrize(("words", "error"), [("", PayWords), ("5", PayeeMissing), ("5 coffee", PayeeMissing)])
def test_who_is_to_be_paid_must_be_said(words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        pay(words)


@pytest.mark.parametrize(
    ("words", "memo"),
    [
        ("5 to @bob", ""), ("to @bob 5", ""), ("5 to @bob coffee", "coffee"), ("5 € an @bob für Kaffee", "für Kaffee"),
        ("5 coffee @bob", "coffee"), ("5 coffee to @bob", "coffee"), ("5 to go @bob", "to go"),
        ("5 the way to @bob", "the way"), ("@bob 5 to go", "to go"), ("5 @bob to go", "to go"),
    ],
)  # fmt: skip
def test_who_is_paid_may_stand_behind_to_and_behind_the_note(words: str, memo: str) -> None:
    assert pay(words) == PayWish(BOB, FIVE, memo)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("5 coffee with @bob", PayeeMissing), ("5 coffee @bob @carol", SeveralPayees), ("coffee @bob", InvalidAmount),
        ("5 coffee @bob,@carol", PayeeMissing), ("5 to @bob and @carol", SeveralPayees), ("5 to bob", PayeeMissing),
        ("5 coffee @TestBot", BotPayee), ("5 to to @bob @carol", SeveralPayees), ("to", InvalidAmount),
    ],
)  # fmt: skip
def test_a_note_that_names_nobody_for_certain_pays_nobody(words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        pay(words)


def test_a_note_below_somebodys_message_may_name_another() -> None:
    bob = User(1002, "Bob", is_bot=False)
    assert pay("5 coffee for @carol", reply=written_by(bob)) == PayWish(
        ToPerson(PersonId("tg:1002")), FIVE, "coffee for @carol"
    )


def test_a_reply_pays_the_author() -> None:
    assert pay("5 tea", reply=written_by(User(1002, "Bob", is_bot=False))) == PayWish(
        ToPerson(PersonId("tg:1002")), FIVE, "tea"
    )


def test_a_named_person_is_paid_rather_than_the_author() -> None:
    assert pay("5 @bob", reply=written_by(User(1003, "Eve", is_bot=False))).to == BOB


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (written_by(User(1087968824, "Group", is_bot=True), sender_chat=GROUP), AnonymousPayee),
        (written_by(User(136817688, "Channel", is_bot=True), sender_chat=Chat(-5, "channel")), AnonymousPayee),
        (written_by(User(777000, "Telegram", is_bot=False), sender_chat=Chat(-5, "channel")), AnonymousPayee),
        (written_by(User(42, "Robot", is_bot=True)), BotPayee),
    ],
)
def test_a_reply_to_nobody_pays_nobody(reply: Message, error: type[Exception]) -> None:
    with pytest.raises(error):
        pay("5", reply=reply)


def test_this_bot_is_no_payee() -> None:
    with pytest.raises(BotPayee):
        pay("5 @testbot")


def test_somebody_without_a_username_is_mentioned_by_name_behind_an_emoji() -> None:
    text = "/pay 5 Zoë 🎉 Q cake 🍰"
    offset = 7
    mention = MessageEntity(
        MessageEntity.TEXT_MENTION, offset, len("Zoë 🎉 Q".encode("utf-16-le")) // 2, user=User(7, "Zoë", False)
    )
    assert read_pay(said(text, entities=(mention,)), EUR, bot_name="TestBot") == PayWish(
        ToPerson(PersonId("tg:7")), FIVE, "cake 🍰"
    )


def test_codes_and_links_name_the_payee() -> None:
    assert pay(f"r_{CODE}") == PayWish(ToRequest(CODE), None, "")
    assert pay(f"https://t.me/TestBot?start=r_{CODE}") == PayWish(ToRequest(CODE), None, "")
    assert pay(f"p_{CODE} 5") == PayWish(ToPersonCode(CODE), FIVE, "")
    assert pay(CODE) == PayWish(ToRequest(CODE), None, "")
    with pytest.raises(OtherBot):
        pay(f"https://t.me/OtherBot?start=r_{CODE}")


@pytest.mark.parametrize(
    "word", ["9" * 16, "internationalization", "Internationalization", "INTERNATIONALIZATION", "5.00", "r_x"]
)
def test_large_numbers_and_long_words_are_no_codes(word: str) -> None:
    assert read_code(word, "TestBot") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("any", (None, "")),
        ("Any tea", (None, "tea")),
        ("5", (FIVE, "")),
        ("5 coffee", (FIVE, "coffee")),
        ("€5 a b", (FIVE, "a b")),
    ],
)
def test_a_request_is_an_amount_and_a_note(words: str, expected: tuple[Money | None, str]) -> None:
    assert read_request(said(f"/request {words}".strip()), EUR, bot_name="TestBot") == AskWish(None, *expected)


@pytest.mark.parametrize(
    ("words", "amount", "memo"),
    [
        ("5 @alice coffee", FIVE, "coffee"),
        ("@alice 5 coffee", FIVE, "coffee"),
        ("5 coffee @alice", FIVE, "coffee"),
        ("5 coffee from @alice", FIVE, "coffee"),
        ("5 von @alice", FIVE, ""),
        ("€5 two words (@alice)", FIVE, "two words"),
        ("any @alice tea", None, "tea"),
        ("@alice any", None, ""),
        ("5 EUR t.me/alice", FIVE, ""),
    ],
)
def test_who_is_asked_stands_before_or_behind_the_words(words: str, amount: Money | None, memo: str) -> None:
    wish = read_request(said(f"/request {words}"), EUR, bot_name="TestBot")
    assert wish == AskWish(ToHandle("alice"), amount, memo)


@pytest.mark.parametrize("memo", ["lunch with @bob", "for @bob and me", "Essen mit @bob", "bob@example.com", "@"])
def test_a_name_within_the_note_asks_nobody(memo: str) -> None:
    assert read_request(said(f"/request 5 {memo}"), EUR, bot_name="TestBot") == AskWish(None, FIVE, memo)


@pytest.mark.parametrize("words", ["5 @alice @bob", "@alice 5 @bob", "5 tea @alice @bob", "@alice @bob 5"])
def test_a_request_is_put_to_one_person(words: str) -> None:
    with pytest.raises((SeveralPayees, InvalidAmount)):
        read_request(said(f"/request {words}"), EUR, bot_name="TestBot")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", (None, "")),
        ("5", (FIVE, "")),
        ("€5 two words", (FIVE, "two words")),
        ("5 bob", (FIVE, "bob")),
        ("@bob", None),
        ("5 @bob", None),
        ("5 coffee @bob", None),
        ("bob 5", None),
        (f"r_{CODE}", None),
        (f"5 p_{CODE}", None),
    ],
)
def test_a_payment_that_names_nobody_asks_whom(words: str, expected: tuple[Money | None, str] | None) -> None:
    assert read_unnamed(said(f"/pay {words}".strip()), EUR, "TestBot") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", (None, False)),
        ("print", (None, True)),
        ("PRINT", (None, True)),
        ("5", (TagWish(FIVE, ""), False)),
        ("5 print", (TagWish(FIVE, "print"), False)),
        ("print 5 two words", (TagWish(FIVE, "two words"), True)),
        ("any tips", (TagWish(None, "tips"), False)),
    ],
)
def test_a_price_tag_is_an_amount_and_a_note(words: str, expected: tuple[TagWish | None, bool]) -> None:
    assert read_tag(said(f"/qr {words}".strip()), EUR) == expected


@pytest.mark.parametrize("text", ["5", " 5.00 ", "€5", "5 EUR", "5,00"])
def test_an_answer_is_an_amount(text: str) -> None:
    assert read_answer(text, EUR) == FIVE


@pytest.mark.parametrize("text", ["", "five", "5 bananas", "5 5", "5.00" + " " * 40 + "x", "-5", "\u200b5", "5\n5"])
def test_an_answer_is_nothing_else(text: str) -> None:
    with pytest.raises(InvalidAmount):
        read_answer(text, EUR)


def test_beers_are_counted_whole() -> None:
    assert read_answer("3 beer", BEER) == Money(3, BEER)
    with pytest.raises(InvalidAmount):
        read_answer("0.5", BEER)


@given(st.text(max_size=60))
def test_any_words_are_read_or_refused(words: str) -> None:
    try:
        wish = pay(words)
    except (InvalidAmount, CurrencyMismatch, PayWords, PayeeMissing, OtherBot, BotPayee, SeveralPayees):
        return
    assert wish.amount is None or wish.amount.minor > 0
