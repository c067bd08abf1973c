"""The edges of what the bot writes and reads back: the last letter that counts, and the first that does not."""

import pytest

from bot.words.links import (
    CALLBACK_BYTES_MAX,
    DISABLED,
    GO,
    STOP,
    DeepLink,
    LinkKind,
    Place,
    _plain,
    below,
    chat_id_of,
    find_link,
    handle_in,
    hello_url,
    person_id_of,
    read_callback,
    read_place,
)
from bot.words.mistakes import OtherBot

CODE = "4Y9ZfJTiYoeezb-_"
REQUEST = DeepLink(LinkKind.REQUEST, CODE)
URL = f"https://t.me/TestBot?start=r_{CODE}"


def test_telegrams_own_words_are_what_they_are() -> None:
    assert (GO, STOP, DISABLED, CALLBACK_BYTES_MAX) == ("success", "danger", {"disabled": {}}, 64)
    assert hello_url("TestBot") == "https://t.me/TestBot?start=hi"
    assert [f"{kind}" for kind in LinkKind] == ["r", "p", "g", "s"]
    assert REQUEST.url("TestBot") == URL


def test_a_link_is_looked_for_in_twice_as_much_as_a_message_can_hold_and_no_further() -> None:
    for length, found in ((8_192, REQUEST), (8_193, None)):
        assert find_link(" " * (length - len(URL)) + URL, "TestBot") == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"https://t.me/OtherBot?start=r_{CODE}", "OtherBot"),
        (f"tg://resolve?domain=OtherBot&start=r_{CODE}", "OtherBot"),
        (f"https://otherbot.t.me?start=r_{CODE}", "otherbot"),
        (f"t.me/OtherBot?start=hi t.me/ThirdBot?start=r_{CODE}", "OtherBot"),
    ],
)
def test_another_bot_is_named_as_it_stands_there(text: str, name: str) -> None:
    with pytest.raises(OtherBot) as caught:
        find_link(text, "TestBot")
    assert caught.value.name == name


@pytest.mark.parametrize(
    "text",
    ["https://t.me/OtherBot?x=1", "https://t.me/TestBot?x=1", f"tg://resolve?start=r_{CODE}", "t.me/OtherBot?start=!"],
)
def test_an_address_that_says_nothing_is_nobodys(text: str) -> None:
    assert find_link(text, "TestBot") is None


def test_a_link_in_capitals_is_one() -> None:
    assert find_link(f"TG://RESOLVE?DOMAIN=TESTBOT&START=r_{CODE}", "TestBot") == REQUEST


@pytest.mark.parametrize(
    ("word", "handle"),
    [
        ("@bob", "bob"),
        ("(@alex)", "alex"),
        ("@Alexx,", "Alexx"),
        ("t.me/bob", "bob"),
        ("HTTPS://T.ME/BOB/", "BOB"),
        ("https://telegram.me/@bob", "bob"),
        ("bob.t.me", "bob"),
        ("＠bob", "bob"),
        ("﹫bob", "bob"),
        ("@b\u200bob", "bob"),
        ("bob", None),
        ("@bo", None),
        ("@bøb", None),
        ("www.t.me", None),
        ("t.me/bob/5", None),
        ("t.me/Share", None),
        *(
            (f"t.me/{room}", None)
            for room in ("addlist", "addstickers", "boost", "contact", "joinchat", "login", "proxy")
        ),
    ],
)
def test_a_username_is_read_in_each_of_its_forms(word: str, handle: str | None) -> None:
    assert handle_in(word) == handle


def test_wide_letters_are_read_as_narrow_ones_and_no_others_are() -> None:
    assert _plain("！＠ｂｏｂ～﹫") == "!@bob~@"
    assert _plain("\uff00\uff5f") == "\uff00\uff5f"


def test_a_press_without_words_means_nothing() -> None:
    assert read_callback(None) is None and read_callback("zap") is None


def test_places_are_of_a_person_of_a_group_or_of_nobody_known() -> None:
    mine, ours, posted, first = Place(1001, 5), Place(-1, 5), Place.inline("AbC"), Place(1, 5)
    assert [(place.is_private, place.is_in_group) for place in (mine, ours, posted, first)] == [
        (True, False), (False, True), (False, False), (True, False),
    ]  # fmt: skip
    assert [place.chat for place in (mine, ours, posted)] == ["1001", "-1", "AbC"]
    assert mine.address == {"chat_id": 1001, "message_id": 5}
    assert posted == Place(0, 0, inline_id="AbC") and str(posted) == "i/AbC"
    assert below(5, 7) == Place(5, 0, "7") and below(5, 7, 8) == Place(5, 0, "7.8")
    assert str(below(5, 7, 8)) == "5/0.7.8"
    assert read_place("5/6") == Place(5, 6) and read_place(None) is None


def test_wallets_belong_to_numbers() -> None:
    assert person_id_of(1001) == "tg:1001" and chat_id_of(person_id_of(1001)) == 1001
