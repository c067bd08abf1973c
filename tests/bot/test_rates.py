"""Telegram's limits themselves: when one more may be said, after whatever was said before."""

from math import inf

import pytest

from bot.transport.rates import CHAT, GROUP, OVERALL, Kind, Rate, Urgency, Window, rates_of

FOUR = Rate(4, 3.0)


def window(*said: float) -> Window:
    made = Window(FOUR)
    for at in said:
        made.note(at)
    return made


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((10.0,), [-inf] * 3 + [13] * 4 + [16] * 4 + [19]),
        ((10.0, 11.0, 12.0), [-inf, 13, 14, 15, 15, 16, 17, 18, 18, 19]),
        ((10.0, 11.0, 12.0, 12.5), [13, 14, 15, 15.5, 16, 17, 18, 18.5, 19]),
        ((9.0, 10.0, 11.0, 12.0, 12.5), [13, 14, 15, 15.5, 16]),
        ((), [-inf] * 12),
    ],
)
def test_it_is_known_when_one_more_may_be_said_after_so_many_others(
    said: tuple[float, ...], expected: list[float]
) -> None:
    assert [window(*said).next_at(ahead) for ahead in range(len(expected))] == expected


def test_what_was_said_just_as_long_ago_as_counts_counts_no_more() -> None:
    assert window(10.0, 11.0, 12.0).count(10.0) == 2
    assert window(10.0, 11.0, 12.0).count(9.9) == 3
    assert window(10.0, 11.0, 12.0).count(12.0) == 0


def test_a_chat_is_quiet_once_nothing_counts_any_more_that_was_said_there() -> None:
    assert window().is_quiet(0.0)
    assert not window(10.0, 11.0).is_quiet(13.9)
    assert window(10.0, 11.0).is_quiet(14.0) and window(10.0, 11.0).is_quiet(14.1)


def test_a_group_is_a_chat_with_a_limit_more_and_what_telegram_does_not_count_has_none() -> None:
    assert [rates_of(kind) for kind in (Kind.FREE, Kind.CHAT, Kind.GROUP)] == [(), (CHAT,), (CHAT, GROUP)]


def test_two_processes_may_say_half_each_and_of_twenty_each_half_as_much_half_as_often() -> None:
    assert OVERALL.shared(2) == Rate(5, OVERALL.period_s)
    assert OVERALL.shared(1) == OVERALL
    assert OVERALL.shared(20) == Rate(1, pytest.approx(2 * OVERALL.period_s))  # type: ignore[arg-type]


def test_what_was_begun_is_ended_before_more_is_begun() -> None:
    assert list(Urgency) == sorted(Urgency) and len(set(Urgency)) == 5
    assert Urgency.PRESS < Urgency.RECEIPT < Urgency.TALK < Urgency.LIVE < Urgency.NEWS
