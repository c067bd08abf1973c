"""Links, callback data and places are read strictly: what this bot did not write means nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words.history_views import (
    KINDS,
    SEARCH_BYTES_MAX,
    Opened,
    Spot,
    View,
    page_data,
    read_receipt,
    read_spot,
    receipt_data,
)
from bot.words.links import (
    CALLBACK_BYTES_MAX,
    DeepLink,
    LinkKind,
    Place,
    Press,
    below,
    find_link,
    message_above,
    read_callback,
    read_payload,
    read_place,
)
from bot.words.mistakes import OtherBot
from wallet_core import HistoryKind

CODE = "4Y9ZfJTiYoeezb-_"
REQUEST = DeepLink(LinkKind.REQUEST, CODE)
codes = st.text("ABCxyz019-_", min_size=16, max_size=32)
short = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(
    lambda text: len(text.encode()) <= SEARCH_BYTES_MAX
) | st.one_of(*(st.text(alphabet, max_size=SEARCH_BYTES_MAX - 2) for alphabet in ("абвя ё-1", "ابي ة", "रेस्त a")))


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
    assert find_link(text, "TestBot") == REQUEST


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
        f"https://t.me/TestBot?start=R_{CODE}",
        f"https://example.org/TestBot?start=r_{CODE}",
        f"https://t.me.example.org/TestBot?start=r_{CODE}",
        f"https://t.me/TestBot?start=r_{CODE}" + "A" * 400,
    ],
)
def test_anything_else_is_no_link(text: str) -> None:
    assert find_link(text, "TestBot") is None


def test_another_bots_link_names_it() -> None:
    with pytest.raises(OtherBot) as caught:
        find_link(f"https://t.me/OtherBot?start=r_{CODE}", "TestBot")
    assert caught.value.name == "OtherBot"


def test_a_link_is_found_among_words() -> None:
    assert find_link(f"please pay: https://t.me/TestBot?start=r_{CODE} thanks", "TestBot") == REQUEST


URL = f"https://t.me/TestBot?start=r_{CODE}"


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.t.me/TestBot?start=r_{CODE}",
        f"www.telegram.me/TestBot?start=r_{CODE}",
        f"https://t.me/@TestBot?start=r_{CODE}",
        f"https://t.me/TestBot?x=1&start=r_{CODE}",
        f"https://t.me/TestBot?x=1&amp;start=r_{CODE}",
        f"{URL}&fbclid=IwAR0x",
        f"https://t.me/TestBot?start=r%5F{CODE.replace('_', '%5F')}",
        f"tg://resolve?domain=TestBot&start=r_{CODE}&x=1",
        f"tg://resolve?start=r_{CODE}&domain=TestBot",
        *(URL + end for end in ("#", ".", ")", "”", "」", "**", "?", "!", "…", "»", "'", "&", "#x", "\u200b", ".)")),
        *(start + URL for start in ("pay:", "(", "„", "«", "「", "**", "URL:", "\ufeff", "\u200b", "Link=", "<")),
        f"[pay]({URL})",
        f'<a href="{URL}">pay</a>',
        f"URL:{URL}\r\n",
        f"urlto:{URL}",
        f"“r_{CODE}”.",
        f"code:r_{CODE},",
        f"https://t\u200b.me/TestBot?start=r_{CODE[:8]}\u2060{CODE[8:]}",
        f"see https://t.me/OtherBot?start=r_{CODE} or {URL}",
        f"https://example.org/a?b=c {URL}",
    ],
)
def test_a_link_is_found_in_whatever_company(text: str) -> None:
    assert find_link(text, "TestBot") == REQUEST


@pytest.mark.parametrize(
    "text",
    [
        f"{URL}é",
        f"{URL}" + "A" * 60,
        f"https://example.org/t.me/TestBot?start=r_{CODE}",
        f"https://somebody@t.me/TestBot?start=r_{CODE}",
        f"https://xt.me/TestBot?start=r_{CODE}",
        f"https://www.t.me?start=r_{CODE}",
        f"https://t.me/TestBot?startapp=r_{CODE}",
        f"https://t.me/TestBot#start=r_{CODE}",
        f"https://example.org/r_{CODE}",
        f"bar_{CODE}",
    ],
)
def test_a_code_is_exact_and_its_address_is_telegrams(text: str) -> None:
    assert find_link(text, "TestBot") is None


@given(kind=st.sampled_from(list(LinkKind)), code=codes)
def test_links_are_read_back(kind: LinkKind, code: str) -> None:
    link = DeepLink(kind, code)
    assert find_link(link.url("TestBot"), "TestBot") == link
    assert read_payload(link.payload) == link
    assert len(link.payload) <= 64


@given(action=st.from_regex(r"[a-z]{2,6}", fullmatch=True), code=codes)
def test_presses_are_read_back(action: str, code: str) -> None:
    press = Press(action, code)
    assert len(press.data.encode()) <= CALLBACK_BYTES_MAX
    assert read_callback(press.data) == press


kinds = st.sampled_from([None, *HistoryKind])
views = st.builds(View, kind=kinds, other=codes) | st.builds(View, kind=kinds, words=short)


@given(view=views, older=st.lists(st.integers(0, 2**62), max_size=20), nth=st.integers(1, 9))
def test_the_way_through_a_history_always_fits_and_keeps_its_end(view: View, older: list[int], nth: int) -> None:
    starts = [None, *older]
    data = page_data(view, starts, action=KINDS)
    press = read_callback(data)
    assert len(data.encode()) <= CALLBACK_BYTES_MAX
    assert press is not None and press.action == KINDS
    page = read_spot(press.rest)
    assert page is not None and (page.view, page.starts[-1]) == (view, starts[-1])
    assert list(page.starts) == starts[-len(page.starts) :]
    for start in older:
        press = read_callback(receipt_data(view, start, nth))
        assert press is not None and read_receipt(press.rest) == Opened(view, start, nth)


@given(st.none() | st.text(max_size=80))
def test_made_up_callback_data_never_raises(data: str | None) -> None:
    press = read_callback(data)
    assert press is None or (read_spot(press.rest), read_receipt(press.rest)) == (None, None) or press.rest


@pytest.mark.parametrize("data", ["ok:", f"ok:{CODE} ", "ok", ":x", f"OK:{CODE}", "ok:ä"])
def test_damaged_callback_data_means_nothing(data: str) -> None:
    assert read_callback(data) is None


@pytest.mark.parametrize("rest", ["", "x", "z:", "as:", "as_8:", "ap:", "1:!", "1:zzzzzzzzzzzzz", f"{'9' * 17}:", "1"])
def test_a_damaged_page_of_a_history_means_nothing(rest: str) -> None:
    assert read_spot(rest) is None and read_receipt(f"{rest}1.1") is None


def test_a_button_of_a_history_from_before_there_were_views_shows_all() -> None:
    assert read_spot("1001:.a") == Spot(View(), (None, 10))


@given(chat=st.integers(-(10**13), 10**13), message=st.integers(1, 10**9))
def test_places_are_read_back(chat: int, message: int) -> None:
    assert read_place(str(Place(chat, message))) == Place(chat, message)


@given(chat=st.integers(-(10**13), 10**13), message=st.integers(1, 10**9), wish=st.integers(1, 10**9))
def test_places_to_be_are_read_back_with_the_message_above(chat: int, message: int, wish: int) -> None:
    for place in (below(chat, message), below(chat, message, wish)):
        assert read_place(str(place)) == place != Place(chat, 0)
        assert message_above(place) == message


def test_what_is_still_to_be_shown_to_a_person_is_a_place_without_a_message() -> None:
    place = read_place(f"tg:1001/{CODE}")
    assert place == Place(1001, 0, CODE) and place is not None and place.is_private


@given(inline_id=st.from_regex(r"[A-Za-z0-9_-]{1,126}", fullmatch=True))
def test_places_of_what_was_posted_through_the_bot_are_read_back(inline_id: str) -> None:
    place = Place.inline(inline_id)
    assert read_place(str(place)) == place
    assert place.address == {"inline_message_id": inline_id}
    assert (place.chat, place.is_private, len(str(place)) <= 128) == (inline_id, False, True)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "1",
        "1/",
        "a/b",
        "1/2/3",
        "1/-2",
        "１/２",
        "1/0.",
        "1/0..1",
        "1/0.1.",
        "1/0.1.2.3",
        "1/1.2",
        "tg:1/",
        "tg:-1/x",
        "tg:1/a/b",
        "i/",
        "i/a/b",
        "i/ä",
        "i/" + 127 * "a",
    ],
)
def test_anything_else_is_no_place(text: str | None) -> None:
    assert read_place(text) is None
