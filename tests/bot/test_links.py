"""Links, callback data and places are read strictly: what this bot did not write means nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words.language import languages
from bot.words.links import (
    CALLBACK_BYTES_MAX,
    Action,
    DeepLink,
    LinkKind,
    Place,
    Press,
    find_link,
    history_data,
    read_callback,
    read_link,
    read_payload,
    read_place,
)
from bot.words.mistakes import OtherBot
from wallet_core import PersonId

CODE = "4Y9ZfJTiYoeezb-_"
REQUEST = DeepLink(LinkKind.REQUEST, CODE)
codes = st.text("ABCxyz019-_", min_size=16, max_size=32)


@pytest.mark.parametrize(
    "text",
    [
        f"https://t.me/TestBot?start=r_{CODE}",
        f"http://t.me/testbot?start=r_{CODE}",
        f"t.me/TestBot?start=r_{CODE}",
        f"  https://telegram.me/TestBot?start=r_{CODE}\n",
        f"https://t.me/TestBot/?start=r_{CODE}",
        f"HTTPS://T.ME/TESTBOT?START=r_{CODE}",
        f"https://TestBot.t.me?start=r_{CODE}",
        f"tg://resolve?domain=TestBot&start=r_{CODE}",
        f"r_{CODE}",
    ],
)
def test_every_form_of_a_link_is_read(text: str) -> None:
    assert read_link(text, "TestBot") == REQUEST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        CODE,
        "r_short",
        f"x_{CODE}",
        f"r_{CODE}é",
        "https://t.me/TestBot",
        "https://t.me/TestBot?start=hi",
        f"https://example.org/TestBot?start=r_{CODE}",
        f"https://t.me.example.org/TestBot?start=r_{CODE}",
        f"https://t.me/TestBot?start=r_{CODE}&x=1",
        f"https://t.me/TestBot?start=r_{CODE}" + "A" * 400,
    ],
)
def test_anything_else_is_no_link(text: str) -> None:
    assert read_link(text, "TestBot") is None


def test_another_bots_link_names_it() -> None:
    with pytest.raises(OtherBot) as caught:
        read_link(f"https://t.me/OtherBot?start=r_{CODE}", "TestBot")
    assert caught.value.name == "OtherBot"


def test_a_link_is_found_among_words() -> None:
    assert find_link(f"please pay: https://t.me/TestBot?start=r_{CODE} thanks", "TestBot") == REQUEST


@given(kind=st.sampled_from(list(LinkKind)), code=codes)
def test_links_are_read_back(kind: LinkKind, code: str) -> None:
    link = DeepLink(kind, code)
    assert read_link(link.url("TestBot"), "TestBot") == link
    assert read_payload(link.payload) == link
    assert len(link.payload) <= 64


@given(
    action=st.sampled_from([action for action in Action if action not in (Action.HISTORY, Action.LANGUAGE)]), code=codes
)
def test_presses_are_read_back(action: Action, code: str) -> None:
    press = Press(action, code)
    assert len(press.data.encode()) <= CALLBACK_BYTES_MAX
    assert read_callback(press.data) == press


@pytest.mark.parametrize("language", languages())
def test_the_press_for_a_language_is_read_back(language: str) -> None:
    assert read_callback(Press(Action.LANGUAGE, language).data) == Press(Action.LANGUAGE, language)


@given(owner=st.integers(1, 10**15), older=st.lists(st.integers(0, 2**62), max_size=20))
def test_the_way_through_a_history_always_fits_and_keeps_its_end(owner: int, older: list[int]) -> None:
    starts = [None, *older]
    data = history_data(PersonId(f"tg:{owner}"), starts)
    press = read_callback(data)
    assert len(data.encode()) <= CALLBACK_BYTES_MAX
    assert press is not None
    assert (press.owner, press.starts[-1]) == (str(owner), starts[-1])
    assert list(press.starts) == starts[-len(press.starts) :]


@given(st.none() | st.text(max_size=80))
def test_made_up_callback_data_never_raises(data: str | None) -> None:
    press = read_callback(data)
    assert press is None or isinstance(press.action, Action)


@pytest.mark.parametrize(
    "data",
    ["ok:", "ok:short", "lang:xx", f"lang:{CODE}", "hist:", "hist:x:", "hist:1:!", f"zap:{CODE}", f"ok:{CODE} ", "ok"],
)
def test_damaged_callback_data_means_nothing(data: str) -> None:
    assert read_callback(data) is None


@given(chat=st.integers(-(10**13), 10**13), message=st.integers(1, 10**9))
def test_places_are_read_back(chat: int, message: int) -> None:
    assert read_place(str(Place(chat, message))) == Place(chat, message)


@pytest.mark.parametrize("text", [None, "", "1", "1/", "a/b", "1/2/3", "1/-2", "１/２"])
def test_anything_else_is_no_place(text: str | None) -> None:
    assert read_place(text) is None
