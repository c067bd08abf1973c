"""Where Telegram has said no: for how long nothing is said there, who goes first then, and what waits elsewhere."""

from math import inf

import pytest

from bot.transport.rates import OVERALL, Kind
from tests.bot.test_pace import ANN, BOB, PRESS, TALK
from tests.bot.test_pace_edges import BEGIN, begun, call


def test_whose_turn_telegram_refused_keeps_the_place_before_who_came_later() -> None:
    telegram = begun(0)
    pace = telegram.pace
    pace.hold(ANN, Kind.CHAT, BEGIN + 5, BEGIN)
    first, second = call(ANN), call(ANN)
    for each in (first, second):
        assert pace.stand(ANN, Kind.CHAT, each, BEGIN)
    assert list(pace.take(BEGIN + 5)) == [first]
    pace.hold(ANN, Kind.CHAT, BEGIN + 9, BEGIN + 5)
    pace.done(ANN, BEGIN + 5)
    assert pace.stand(ANN, Kind.CHAT, first, BEGIN + 5)
    assert list(pace.take(BEGIN + 9)) == [first]
    pace.done(ANN, BEGIN + 9)
    assert list(pace.take(BEGIN + 9)) == [second]


def test_what_telegram_does_not_count_waits_for_no_limit_but_for_what_was_refused_there() -> None:
    telegram = begun(OVERALL.most)
    pace, besides = telegram.pace, f"besides {ANN}"
    for _ in range(50):
        assert pace.passes(besides, Kind.FREE, TALK, BEGIN)
    assert not pace.is_held(besides, BEGIN) and len(pace) == OVERALL.most
    pace.hold(besides, Kind.FREE, BEGIN + 5, BEGIN)
    waits = [call(besides) for _ in range(2)]
    for each in waits:
        assert not pace.passes(besides, Kind.FREE, TALK, BEGIN)
        assert pace.stand(besides, Kind.FREE, each, BEGIN)
    assert pace.next_at() == BEGIN + 5
    telegram.now = BEGIN + 4.9
    for number in range(OVERALL.most):
        telegram.call(f"{number + 200}")
    assert len(telegram.said) == 2 * OVERALL.most
    assert list(pace.take(BEGIN + 5)) == waits[:1], "also while all that is counted waits"
    pace.done(besides, BEGIN + 5)
    assert pace.next_at() == -inf
    assert list(pace.take(BEGIN + 5)) == waits[1:]
    pace.done(besides, BEGIN + 5)
    assert len(pace) == 2 * OVERALL.most, "and is forgotten"
    telegram.now = BEGIN + 5.3
    for number in range(OVERALL.most):
        telegram.call(f"{number + 400}")
    assert len(telegram.said) == 3 * OVERALL.most, "what is not counted takes nobody's place"


def test_a_refusal_of_what_telegram_does_not_count_makes_nobody_else_wait() -> None:
    telegram = begun(0)
    telegram.pace.hold(f"besides {ANN}", Kind.FREE, BEGIN + 5, BEGIN)
    for chat in (BOB, ANN):
        telegram.call(chat)
    assert telegram.times() == [BEGIN] * 2


def test_what_nobody_waits_for_any_more_is_forgotten_with_all_else_of_its_line() -> None:
    pace, besides = begun(0).pace, f"besides {ANN}"
    pace.hold(besides, Kind.FREE, BEGIN + 5, BEGIN)
    waits = call(besides)
    assert pace.stand(besides, Kind.FREE, waits, BEGIN)
    pace.leave(waits)
    pace.done(besides, BEGIN + 6)  # another that was under way
    assert list(pace.take(BEGIN + 6)) == [] and pace.next_at() is None and not len(pace)


def test_after_a_refusal_nothing_is_tried_while_anything_else_is_under_way_there() -> None:
    telegram = begun(0)
    pace = telegram.pace
    for _ in range(3):
        assert pace.passes(ANN, Kind.CHAT, TALK, BEGIN)
    pace.hold(ANN, Kind.CHAT, BEGIN + 5, BEGIN)
    waits = call(ANN)
    pace.stand(ANN, Kind.CHAT, waits, BEGIN)
    pace.done(ANN, BEGIN)
    for now in (BEGIN + 5, BEGIN + 6):
        assert list(pace.take(now)) == []
        pace.done(ANN, now)
    assert list(pace.take(BEGIN + 6)) == [waits]


def test_after_a_refusal_nobody_elsewhere_is_told_at_once_and_what_waits_there_goes_on_one_by_one() -> None:
    telegram = begun(0)
    telegram.pace.hold(ANN, Kind.CHAT, BEGIN + 5, BEGIN)
    bobs = telegram.call(BOB)
    assert telegram.said == []
    telegram.run(BEGIN + 1)
    assert telegram.said == [(pytest.approx(BEGIN + OVERALL.period_s), bobs)]


def test_what_waits_for_the_limit_in_all_while_telegram_refuses_its_chat_waits_for_that_as_well() -> None:
    telegram = begun(OVERALL.most - 1)
    first, second = telegram.call(ANN), telegram.call(ANN)
    telegram.pace.hold(ANN, Kind.CHAT, BEGIN + 9, BEGIN)
    telegram.run(BEGIN + 8.9)
    assert telegram.said[-1] == (BEGIN, first)
    telegram.run()
    assert telegram.said[-1] == (BEGIN + 9, second)


def test_a_shorter_pause_that_is_said_later_does_not_shorten_the_longer_one() -> None:
    telegram = begun(0)
    pace = telegram.pace
    pace.hold(ANN, Kind.CHAT, BEGIN + 9, BEGIN)
    pace.hold(ANN, Kind.CHAT, BEGIN + 2, BEGIN)
    assert pace.wait_s(ANN, Kind.CHAT, PRESS, BEGIN) == 9
    assert list(pace.full(BEGIN + 8.9)) == [ANN] and list(pace.full(BEGIN + 9)) == []


def test_a_chat_is_held_until_what_waited_there_is_through() -> None:
    telegram = begun(0)
    pace = telegram.pace
    assert not pace.is_held(ANN, BEGIN)
    pace.hold(ANN, Kind.CHAT, BEGIN + 5, BEGIN)
    waits = [call(ANN) for _ in range(2)]
    for each in waits:
        pace.stand(ANN, Kind.CHAT, each, BEGIN)
    for each in waits:
        assert pace.is_held(ANN, BEGIN + 5)
        assert list(pace.take(BEGIN + 5)) == [each]
        assert not pace.passes(ANN, Kind.CHAT, PRESS, BEGIN + 5), "one at a time"
        pace.done(ANN, BEGIN + 5)
    assert not pace.is_held(ANN, BEGIN + 5)
    assert pace.passes(ANN, Kind.CHAT, TALK, BEGIN + 5)
    pace.hold(ANN, Kind.CHAT, BEGIN + 20, BEGIN + 10)
    for _ in range(3):
        pace.done(ANN, BEGIN + 10)
    assert pace.is_held(ANN, BEGIN + 10), "what ends during the pause does not end it"
    assert pace.passes(ANN, Kind.CHAT, TALK, BEGIN + 20)
    assert not pace.passes(ANN, Kind.CHAT, TALK, BEGIN + 20), "whatever was over before, one is under way"


def test_what_is_over_in_a_chat_that_nobody_knows_changes_nothing() -> None:
    telegram = begun(0)
    telegram.pace.done(ANN, BEGIN)
    assert not len(telegram.pace) and telegram.pace.next_at() is None
