"""The edges of what is read behind /request and /pay: who is asked, and what is a note all the same."""

import pytest
from telegram import MessageEntity, User

from bot.handlers.arguments import is_nothing
from bot.handlers.asking import AskWish, read_request, read_unnamed, read_withdrawal
from bot.words.mistakes import AmountMissing
from tests.bot.test_arguments import CODE, EUR, FIVE, said
from wallet_core import PersonId, ToPerson

ZOE = User(7, "Zoë", is_bot=False)


def asked(words: str, *entities: MessageEntity) -> AskWish:
    return read_request(said(f"/request {words}".strip(), entities=entities), EUR, bot_name="TestBot")


def mention(offset: int) -> MessageEntity:
    return MessageEntity(MessageEntity.TEXT_MENTION, offset, 3, user=ZOE)


@pytest.mark.parametrize(
    ("words", "offset"), [("Zoë 5 tea", 9), ("5 Zoë tea", 11), ("5 tea Zoë", 15), ("5 tea from Zoë", 20)]
)
def test_who_has_no_username_is_asked_wherever_they_are_named(words: str, offset: int) -> None:
    assert asked(words, mention(offset)) == AskWish(ToPerson(PersonId("tg:7")), FIVE, "tea")


@pytest.mark.parametrize("memo", ["with @bob", f"p_{CODE}", f"https://t.me/TestBot?start=p_{CODE}"])
def test_whom_it_is_shared_with_and_a_code_are_notes(memo: str) -> None:
    assert asked(f"5 {memo}") == AskWish(None, FIVE, memo)


@pytest.mark.parametrize("words", ["", "@bob"])
def test_a_request_without_an_amount_is_told_how_requests_are_written(words: str) -> None:
    with pytest.raises(AmountMissing) as caught:
        asked(words)
    assert caught.value.command == "request"


@pytest.mark.parametrize("words", ["5 @", "5 a@b.org", "5 @bo!", "5 tea @"])
def test_whoever_tries_to_name_somebody_is_not_asked_whom_they_mean(words: str) -> None:
    assert read_unnamed(said(f"/pay {words}"), EUR, "TestBot") is None


def test_where_to_pay_out_may_be_as_long_as_any_invoice_and_what_is_longer_is_cut_off() -> None:
    for length, read in ((2_048, 2_048), (2_049, 2_048)):
        assert read_withdrawal(said(f"/withdraw 5 {'x' * length}"), EUR) == (FIVE, "x" * read)


@pytest.mark.parametrize(("word", "is_so"), [("0", True), ("0.00", True), ("0,0", True), ("٠", True), ("x", False),
                                             ("0x", False), ("1", False), ("10", False), ("0€", False)])  # fmt: skip
def test_only_zeros_are_nothing(word: str, is_so: bool) -> None:
    assert is_nothing(word) is is_so
