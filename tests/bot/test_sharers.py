"""What stands behind /split: the amount, the people on one side of the note, the note."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram import MessageEntity, User

from bot.handlers.sharers import SplitWish, read_split
from bot.words.mistakes import BotPayee, NotUnderstood
from bot.words.splits import NamesApart, SplitWords
from tests.bot.test_arguments import EUR, said
from wallet_core import CurrencyMismatch, InvalidAmount, Money, ToHandle, ToPerson

BOB, CID = ToHandle("bob"), ToHandle("cid_1")
SIXTY = Money(6_000, EUR)


def read(words: str, **more: object) -> SplitWish:
    return read_split(said(f"/split {words}", **more), EUR, bot_name="tuppence_bot")


@pytest.mark.parametrize(
    ("words", "people", "memo"),
    [
        ("60", (), ""),
        ("60 dinner", (), "dinner"),
        ("60 @bob @cid_1", (BOB, CID), ""),
        ("60 @bob @cid_1 dinner out", (BOB, CID), "dinner out"),
        ("60 dinner out @bob @cid_1", (BOB, CID), "dinner out"),
        ("@bob @cid_1 60 dinner", (BOB, CID), "dinner"),
        ("@bob 60 @cid_1 dinner", (BOB, CID), "dinner"),
        ("60 EUR @bob, @cid_1: dinner", (BOB, CID), "dinner"),
        ("60 @bob and @cid_1 dinner", (BOB, CID), "dinner"),
        ("60 @bob,@cid_1 dinner", (BOB, CID), "dinner"),
        ("60 dinner (@bob & @cid_1)", (BOB, CID), "dinner"),
        ("60 cake for @bob today", (), "cake for @bob today"),
        ("60 @bob cake for @cid_1 today", (BOB,), "cake for @cid_1 today"),
        ("60 dinner @bob+", (), "dinner @bob+"),
        ("60 @bob,dinner,@cid_1", (), "@bob,dinner,@cid_1"),
        ("60 and", (), "and"),
        ("60 and @bob", (BOB,), "and"),
        ("60 @bob and", (BOB,), "and"),
        ("60 @bob and @cid_1", (BOB, CID), ""),
        ("60 t.me/bob dinner", (BOB,), "dinner"),
    ],
)  # fmt: skip
def test_people_stand_before_or_behind_the_note(words: str, people: tuple[ToHandle, ...], memo: str) -> None:
    memo = memo.removeprefix(": ")
    found = read(words)
    assert (found.total, found.people) == (SIXTY, people)
    assert found.memo.lstrip(": ") == memo


def test_somebody_without_a_username_is_mentioned() -> None:
    mention = MessageEntity(MessageEntity.TEXT_MENTION, 10, 3, user=User(7, "Zoe", False))
    assert read("60 Zoe dinner", entities=(mention,)).people == (ToPerson("tg:7"),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("", SplitWords),
        ("@bob", SplitWords),
        ("dinner 60", InvalidAmount),
        ("0 dinner", InvalidAmount),
        ("-5", InvalidAmount),
        ("1,000", InvalidAmount),
        ("60 50 dinner", InvalidAmount),
        ("60 3x", InvalidAmount),
        ("@bob dinner 60", InvalidAmount),
        ("60 @bob dinner @cid_1", NamesApart),
        ("60 @bob @tuppence_bot", BotPayee),
        ("60 @Tuppence_Bot", BotPayee),
    ],
)
def test_what_cannot_be_meant_is_asked_back(words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(words)


@given(words=st.text(st.sampled_from("@bobcid 605,.&und\u200b😀"), max_size=40))
@example(words="0bnb")  # another currency
def test_any_words_are_read_or_refused(words: str) -> None:
    try:
        found = read(words)
    except (NotUnderstood, InvalidAmount, CurrencyMismatch):
        return
    assert found.total.minor > 0
