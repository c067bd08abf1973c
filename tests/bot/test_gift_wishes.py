"""What stands behind /gift: read exactly, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, Message, MessageEntity, User

from bot.handlers.gift_wishes import GiftWish, read_gift
from bot.words.gifts import GiftForOne, GiftUnnamed, GiftWords, LuckyAlone, SharesUnread
from bot.words.mistakes import BotPayee, NotUnderstood, SeveralPayees
from wallet_core import CurrencyMismatch, InvalidAmount, Money, currency, utc_now

EUR = currency("EUR")


def read(words: str, *entities: MessageEntity) -> GiftWish:
    chat, ann = Chat(-5, "group"), User(1001, "Ann", is_bot=False)
    message = Message(7, utc_now(), chat, from_user=ann, text=f"/gift {words}", entities=entities)
    return read_gift(message, EUR, bot_name="TestBot")


@pytest.mark.parametrize(
    ("words", "minor", "shares", "is_lucky", "handle", "memo"),
    [
        ("10", 1000, 1, False, None, ""),
        ("10 for 5", 1000, 5, False, None, ""),
        ("10 for 5 lucky", 1000, 5, True, None, ""),
        ("10 für 5 zufällig", 1000, 5, True, None, ""),
        ("10 for 5 GELOST pizza", 1000, 5, True, None, "pizza"),
        ("10 zufällig getroffen", 1000, 1, False, None, "zufällig getroffen"),
        ("10 lucky for 5", 1000, 5, True, None, ""),
        ("10 para 5", 1000, 5, False, None, ""),
        ("١٠ على ٥ عشوائي", 1000, 5, True, None, ""),
        ("१० for ५", 1000, 5, False, None, ""),
        ("10,50 FÜR 5 Lucky pizza", 1050, 5, True, None, "pizza"),
        ("10 euros for 5 pizza night", 1000, 5, False, None, "pizza night"),
        ("10 pizza for 5", 1000, 5, False, None, "pizza"),
        ("10 for coffee", 1000, 1, False, None, "for coffee"),
        ("10 for coffee for 5", 1000, 5, False, None, "for coffee"),
        ("10 lucky you", 1000, 1, False, None, "lucky you"),
        ("10 for tennis", 1000, 1, False, None, "for tennis"),
        ("10 @bob", 1000, 1, False, "bob", ""),
        ("@bob 10", 1000, 1, False, "bob", ""),
        ("10 for @Bob", 1000, 1, False, "Bob", ""),
        ("10 thanks @bob", 1000, 1, False, "bob", "thanks"),
        ("10 @bob for the ride", 1000, 1, False, "bob", "for the ride"),
        ("10 for 1 @bob", 1000, 1, False, "bob", ""),
        ("10 t.me/bob", 1000, 1, False, "bob", ""),
        ("10 for 0", 1000, 0, False, None, ""),
        ("10 for 5 coffee euros", 1000, 5, False, None, "coffee euros"),
        ("10 for x5", 1000, 1, False, None, "for x5"),
        ("10 for 123456789", 1000, 123_456_789, False, None, ""),
    ],
)
def test_a_gift_is_read(words: str, minor: int, shares: int, is_lucky: bool, handle: str | None, memo: str) -> None:
    assert read(words) == GiftWish(Money(minor, EUR), shares, is_lucky, handle, memo)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("", GiftWords),
        ("10 for -5", SharesUnread),
        ("10 for 5.0", SharesUnread),
        ("10 for 1000000000", SharesUnread),
        ("10 for ५5", SharesUnread),
        ("10 for five", SharesUnread),
        ("10 für Zwei lucky", SharesUnread),
        ("10 for ten, please", SharesUnread),
        ("10 for 5x", SharesUnread),
        ("10 for 5 EUR", SharesUnread),
        ("10 for 5 for 5", SharesUnread),
        ("10 lucky", LuckyAlone),
        ("10 for 5 @bob", GiftForOne),
        ("10 @bob @cid", SeveralPayees),
        ("10 @bob thanks @cid", SeveralPayees),
        ("10 @TESTBOT", BotPayee),
        ("for 5", InvalidAmount),
        ("10 20", InvalidAmount),
        ("10 USD", CurrencyMismatch),
    ],
)
def test_what_could_mean_something_else_is_refused(words: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(words)


def test_somebody_without_a_username_is_nobody_a_gift_could_be_for() -> None:
    bob = User(1002, "Bob", is_bot=False)
    with pytest.raises(GiftUnnamed):
        read("10 Bob", MessageEntity(MessageEntity.TEXT_MENTION, 9, 3, user=bob))


@given(st.lists(st.sampled_from(["10", "for", "5", "lucky", "@bob", "@cid", "coffee", "0.5", "-3", "€", "x5", "٣"])))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        wish = read(" ".join(words))
    except (InvalidAmount, CurrencyMismatch, NotUnderstood):
        return
    assert wish.amount.minor > 0 and wish.shares >= 0
    assert ("@bob" in words or "@cid" in words) == (wish.for_handle is not None)
    assert not wish.is_lucky or ("lucky" in words and wish.shares >= 0)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("10 for 5 for 3", "5 for 3"),
        ("10 for 5 EUR now", "5 EUR"),
        ("10 for 5 EUR", "5 EUR"),
        ("10 for -5 please", "-5"),
        ("10 for five", "five"),
        ("10 for 5 for 12345678901234567890", "5 for 123456789012345678"),
    ],
)
def test_what_is_no_number_of_people_is_said_as_it_was_written(words: str, text: str) -> None:
    with pytest.raises(SharesUnread) as refused:
        read(words)
    assert refused.value.text == text
