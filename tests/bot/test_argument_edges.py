"""The edges of what is read behind commands: mentions cut in half, words that join, and what is shown of a refusal."""

from typing import Any

import pytest
from telegram import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageEntity, User

from bot.handlers.arguments import (
    Word,
    author_of,
    gift_in,
    is_numeric,
    linked,
    memo_of,
    payee_of,
    read_answer,
    read_card,
    read_code,
    read_tip,
    read_top_up,
    take_amount,
    words_in,
    words_of,
)
from bot.handlers.pay_wishes import PayWish, needed_amount, read_pay
from bot.words.links import DeepLink, LinkKind
from bot.words.mistakes import (
    AmountMissing,
    BotPayee,
    DeletedPayee,
    GiftInPay,
    PayeeMissing,
    PayWords,
    SeveralPayees,
    SplitLink,
)
from bot.words.tips import TipNamed, TipNotAlone
from tests.bot.test_arguments import BOB, CODE, EUR, FIVE, pay, said, written_by
from wallet_core import AmountProblem, InvalidAmount, Money, PersonId, ToHandle, ToPerson, ToPersonCode, ToRequest

ZOE, KIM = User(7, "Zoë", False), User(8, "Kim", False)
A_BOT = User(42, "Robot", is_bot=True)


def mention(offset: int, length: int, user: User = ZOE) -> MessageEntity:
    return MessageEntity(MessageEntity.TEXT_MENTION, offset, length, user=user)


def parts(text: str, *entities: MessageEntity) -> list[tuple[str, int | None]]:
    return [(word.text, word.user.id if word.user else None) for word in words_of(said(text, entities=entities))]


# -- words


def test_mentions_are_words_of_their_own_wherever_they_stand() -> None:
    assert parts("/pay 5 Zoë Q tea", mention(7, 5)) == [("5", None), ("Zoë Q", 7), ("tea", None)]
    assert parts("/pay ZoëKim 5", mention(5, 3), mention(8, 3, KIM)) == [("Zoë", 7), ("Kim", 8), ("5", None)]
    assert parts("/pay a b Zoë c d Kim e f", mention(9, 3), mention(17, 3, KIM)) == [
        ("a", None), ("b", None), ("Zoë", 7), ("c", None), ("d", None), ("Kim", 8), ("e", None), ("f", None),
    ]  # fmt: skip
    assert parts("/pay Zoë 5", mention(5, 3), mention(5, 3, KIM)) == [("Zoë", 7), ("5", None)]
    bold = MessageEntity(MessageEntity.BOLD, 5, 3)
    assert parts("/pay Zoë 5", bold) == [("Zoë", None), ("5", None)]
    assert words_of(Message(1, None, Chat(1, "private"))) == []  # type: ignore[arg-type]


def test_a_mention_that_cuts_a_letter_in_half_breaks_nothing() -> None:
    assert parts("/pay 🍰🍰🍰 5", mention(6, 2)) == [
        ("\ufffd", None),
        ("\ufffd\ufffd", 7),
        ("\ufffd🍰", None),
        ("5", None),
    ]
    assert parts("/pay 🍰 5", mention(6, 1)) == [("\ufffd", None), ("\ufffd", 7), ("5", None)]


def test_marks_of_direction_at_the_ends_of_words_are_no_part_of_them() -> None:
    assert words_in("\u20685\u2069  \u200f @bob\u200e") == [Word("5"), Word("@bob")]
    assert memo_of([Word("two"), Word("words")]) == "two words"


def test_links_are_looked_for_in_words_captions_addresses_and_buttons() -> None:
    def link(url: str) -> tuple[MessageEntity, ...]:
        return (MessageEntity(MessageEntity.TEXT_LINK, 0, 1, url=url), MessageEntity(MessageEntity.BOLD, 0, 1))

    rows = [[InlineKeyboardButton("a", url="x://1"), InlineKeyboardButton("b", callback_data="b")]]
    chat: Any = Chat(1, "private")
    message = Message(1, None, chat, text="text", caption="caption", entities=link("x://2"),  # type: ignore[arg-type]
                      caption_entities=link("x://3"), reply_markup=InlineKeyboardMarkup(rows))  # fmt: skip
    assert linked(message) == "text\ncaption\nx://2\nx://3\nx://1"
    assert linked(Message(1, None, chat, text="text")) == "text"  # type: ignore[arg-type]


# -- whom


@pytest.mark.parametrize(
    ("words", "error", "command"),
    [
        ("", PayWords, "pay"),
        ("5", PayeeMissing, "pay"),
        ("bob 5", PayeeMissing, "pay"),
        ("bob 5 tea", PayeeMissing, "pay"),
    ],
)
def test_a_refusal_names_the_command(words: str, error: type[Exception], command: str) -> None:
    with pytest.raises(error) as caught:
        pay(words)
    assert caught.value.command == "pay"  # type: ignore[attr-defined]
    with pytest.raises(error) as caught:
        read_pay(said(f"/issue {words}".strip()), EUR, bot_name="TestBot", command="issue")
    assert caught.value.command == "issue"  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["EUR 5", "bob1 5", "bob five", "bob"])
def test_what_is_no_name_before_an_amount_is_no_name(words: str) -> None:
    with pytest.raises((PayeeMissing, InvalidAmount)) as caught:
        pay(words)
    assert isinstance(caught.value, PayeeMissing) is (words == "EUR 5")


def test_a_name_first_is_read_as_an_amount_where_the_author_is_paid() -> None:
    with pytest.raises(InvalidAmount):
        pay("bob 5", reply=written_by(User(1002, "Bob", False)))
    assert pay("EUR 5", reply=written_by(User(1002, "Bob", False))).amount == FIVE
    with pytest.raises(InvalidAmount):
        pay("EUR", reply=written_by(User(1002, "Bob", False)))
    assert pay("", reply=written_by(User(1002, "Bob", False))).amount is None


@pytest.mark.parametrize(
    ("words", "amount", "memo"),
    [("", None, ""), ("tea", None, "tea"), ("5 tea", FIVE, "tea"), ("tea 5", None, "tea 5")],
)
def test_a_request_may_be_paid_without_an_amount(words: str, amount: Money | None, memo: str) -> None:
    assert pay(f"r_{CODE} {words}") == PayWish(ToRequest(CODE), amount, memo)


@pytest.mark.parametrize(
    "words",
    ["@bob @carol 5", "@bob and @carol 5", "5 @bob @carol", "5 @bob & @carol", "5 @bob,@carol", "@bob,@carol 5",
     "@bob t.me/carol 5"],
)  # fmt: skip
def test_two_people_are_not_paid_at_once(words: str) -> None:
    with pytest.raises(SeveralPayees):
        pay(words)


def test_somebody_without_a_username_is_one_of_several_too() -> None:
    for words, offset in (("/pay 5 @bob Zoë", 12), ("/pay @bob Zoë 5", 10), ("/pay 5 @bob and Zoë", 16)):
        with pytest.raises(SeveralPayees):
            read_pay(said(words, entities=(mention(offset, 3),)), EUR, bot_name="TestBot")


@pytest.mark.parametrize("memo", ["tea for @carol", "and tea", "and", "bob@example.org", "and tea @carol"])
def test_a_note_may_name_somebody_further_on(memo: str) -> None:
    assert pay(f"5 @bob {memo}") == PayWish(BOB, FIVE, memo)


def test_links_of_other_things_are_not_paid() -> None:
    assert payee_of(DeepLink(LinkKind.REQUEST, CODE)) == ToRequest(CODE)
    assert payee_of(DeepLink(LinkKind.PERSON, CODE)) == ToPersonCode(CODE)
    with pytest.raises(GiftInPay):
        payee_of(DeepLink(LinkKind.GIFT, CODE))
    with pytest.raises(SplitLink) as caught:
        payee_of(DeepLink(LinkKind.SPLIT, CODE))
    assert caught.value.code == CODE


def test_a_gift_is_found_behind_a_command_and_nothing_else_is() -> None:
    assert gift_in(said(f"/pay g_{CODE} tea"), "TestBot") == CODE
    for text in ("/pay", f"/pay r_{CODE}", f"/pay tea g_{CODE}", f"/pay {CODE}", "/pay tea"):
        assert gift_in(said(text), "TestBot") is None


@pytest.mark.parametrize("word", [CODE, "abcdefghijklmnoP", "ABCDEFGHIJKLMNOp"])
def test_a_bare_code_is_a_request(word: str) -> None:
    assert read_code(word, "TestBot") == DeepLink(LinkKind.REQUEST, word)
    assert read_code(f"p_{CODE}", "TestBot") == DeepLink(LinkKind.PERSON, CODE)
    assert read_code("tea", "TestBot") is None


def test_the_author_of_what_is_answered_is_somebody_or_nobody() -> None:
    bob = User(1002, "Bob", False)
    assert author_of(said("x")) is None
    assert author_of(said("x", reply=written_by(bob))) == ToPerson(PersonId("tg:1002"))
    assert author_of(said("x", reply=written_by(None))) is None
    joined = Message(1, None, Chat(-100, "supergroup"), from_user=bob, new_chat_members=(bob,))  # type: ignore[arg-type]
    assert author_of(said("x", reply=joined)) is None
    alone = Message(2, None, Chat(1001, "private"), from_user=bob, text="x", reply_to_message=written_by(bob))  # type: ignore[arg-type]
    assert author_of(alone) is None
    for user, error in ((A_BOT, BotPayee), (User(9, "", False), DeletedPayee)):
        with pytest.raises(error):
            author_of(said("x", reply=written_by(user)))
        with pytest.raises(error):
            read_pay(said("/pay 5 Zoë", entities=(mention(7, 3, user),)), EUR, bot_name="TestBot")


# -- how much


@pytest.mark.parametrize(
    ("words", "problem", "shown"),
    [
        ("5 6 a b c d e", AmountProblem.TWO_NUMBERS, "5 6 a b c"),
        ("5 and 6", AmountProblem.TWO_NUMBERS, "5 and 6"),
        ("5 EUR or 6", AmountProblem.TWO_NUMBERS, "5 EUR or 6"),
        ("5 50ct", AmountProblem.TWO_NUMBERS, "5 50ct"),
        ("5 3x", AmountProblem.TWO_NUMBERS, "5 3x"),
        ("5 20%", AmountProblem.TWO_NUMBERS, "5 20%"),
        ("5 ½€", AmountProblem.TWO_NUMBERS, "5 ½€"),
        ("5 this is a long note indeed", AmountProblem.NOT_A_NUMBER, "5 this is a long note i…"),
        ("5 twenty-four letters ok", AmountProblem.NOT_A_NUMBER, "5 twenty-four letters ok"),
        ("5 twenty-five letters oki", AmountProblem.NOT_A_NUMBER, "5 twenty-five letters o…"),
        ("", AmountProblem.EMPTY, ""),
    ],
)
def test_a_refusal_shows_what_was_written_as_far_as_it_is_short(words: str, problem: AmountProblem, shown: str) -> None:
    with pytest.raises(InvalidAmount) as caught:
        read_answer(words, EUR)
    assert (caught.value.problem, caught.value.text, caught.value.decimals) == (problem, shown, 2)


@pytest.mark.parametrize(
    ("words", "memo"),
    [("5 2nd round", "2nd round"), ("5 and 2nd", "and 2nd"), ("5 and", "and"), ("5 to Rome", "to Rome"),
     ("5 ., x", "., x"), ("5 tea 6", "tea 6"), ("EUR 5 tea", "tea"), ("5 € and tea", "and tea")],
)  # fmt: skip
def test_what_is_no_second_number_is_a_note(words: str, memo: str) -> None:
    assert read_card(words, EUR) == (FIVE, memo)


@pytest.mark.parametrize("words", ["EUR 5", "€ 5", "5 EUR", "€5"])
def test_a_currency_stands_on_either_side(words: str) -> None:
    assert read_answer(words, EUR) == FIVE


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("5", True), ("½", True), ("½€", True), ("½\u200f", True), ("٣/٤", True), ("½x", False), ("x", False),
     ("-", False), ("", False), ("5.", True), ("½-", True), ("5٫5", True), ("5،5", True)],
)  # fmt: skip
def test_a_hasty_reader_takes_it_for_a_number(word: str, is_one: bool) -> None:
    assert is_numeric(word) is is_one


@pytest.mark.parametrize("words", ["1 @bob", "@bob 1", "t.me/bob 1", "1 tea for a@b"])
def test_a_tip_names_nobody(words: str) -> None:
    with pytest.raises(TipNamed):
        read_tip(said(f"/tip {words}"), EUR)


@pytest.mark.parametrize("note", ["x", "X", "x tra large", "x @bob"])
def test_an_x_behind_an_amount_with_no_number_behind_it_is_a_note(note: str) -> None:
    words = words_in(f"5 {note}")
    assert take_amount(words, EUR) == Money(500, EUR) and memo_of(words) == note
    for sum_ in ("5 x 3", "5 X 3", "5 x3"):
        with pytest.raises(InvalidAmount):
            take_amount(words_in(sum_), EUR)


def test_a_tip_is_an_amount_and_nothing_else() -> None:
    assert read_tip(said("/tip"), EUR) is None
    assert read_tip(said("/tip 5 EUR"), EUR) == FIVE
    with pytest.raises(TipNotAlone):
        read_tip(said("/tip 5 tea"), EUR)
    with pytest.raises(TipNamed):
        read_tip(said("/tip 5 Zoë", entities=(mention(7, 3),)), EUR)


def test_a_top_up_is_an_amount_and_perhaps_a_person() -> None:
    def read(words: str) -> object:
        return read_top_up(said(f"/topup {words}".strip()), EUR, bot_name="TestBot")

    assert read("") == (None, None)
    assert read("5") == (None, FIVE)
    assert read("@bob") == (ToHandle("bob"), None)
    assert read("@bob 5") == read("5 @bob") == (ToHandle("bob"), FIVE)
    assert read(f"p_{CODE} 5") == (ToPersonCode(CODE), FIVE)
    for words in ("5 tea", "@bob 5 tea now", "5 @bob @carol"):
        with pytest.raises(InvalidAmount) as caught:
            read(words)
        assert caught.value.problem is AmountProblem.NOT_A_NUMBER
        assert caught.value.text == words.split(" ", words.count("@") + 1 - ("carol" in words))[-1] or "@bob" in words
    with pytest.raises(PayeeMissing) as missing:
        read(f"r_{CODE} 5")
    assert missing.value.command == "topup"


def test_what_needs_an_amount_says_for_which_command() -> None:
    assert needed_amount(PayWish(BOB, FIVE, ""), "issue") == FIVE
    with pytest.raises(AmountMissing) as caught:
        needed_amount(PayWish(BOB, None, ""), "issue")
    assert caught.value.command == "issue"
