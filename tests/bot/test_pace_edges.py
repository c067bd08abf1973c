"""Who speaks when, at the edges: who overtakes nobody, whom a refusal holds up, what is forgotten and when."""

import pytest

from bot.transport import pace as pace_module
from bot.transport.pace import CROWDED, Pace
from bot.transport.rates import CHAT, LIVE_IN_GROUP, OVERALL, Kind
from tests.bot.test_pace import ANN, ANNOUNCEMENT, BOB, CAFE, CLUB, LIVE, PRESS, RECEIPT, TALK, Call, Telegram

BEGIN = 1_000.0


def begun(count: int, *, among: int = 1) -> Telegram:
    """So much was said just now, each in a chat of its own."""
    telegram = Telegram()
    telegram.pace.share(among)
    for number in range(count):
        telegram.call(f"{number + 100}")
    return telegram


def call(chat: str, *, urgency: object = TALK) -> Call:
    return Call(urgency, chat, chat=chat)  # type: ignore[arg-type]


# -- several processes


def test_when_another_process_begins_what_was_said_before_counts_against_the_share() -> None:
    telegram = begun(0)
    for _ in range(2):
        telegram.call(ANN)
    for _ in range(3):
        telegram.call(CLUB)
        telegram.call(CAFE, LIVE)
    telegram.run(BEGIN + 1)
    telegram.pace.share(3)  # a chat: one in three seconds; a group: six in 54; live: one in 12
    for chat in (ANN, CLUB, CAFE, BOB):
        telegram.call(chat)
    telegram.run()
    assert telegram.times(BOB) == [BEGIN + 1]
    assert telegram.times(ANN)[2:] == telegram.times(CLUB)[3:] == telegram.times(CAFE)[3:] == [BEGIN + 3]
    assert telegram.pace.wait_s(CAFE, Kind.GROUP, LIVE, BEGIN + 4) == pytest.approx(12.3 - 4)
    telegram.run(BEGIN + 200)
    telegram.pace.share(1)
    for _ in range(3):
        telegram.call(ANN)
    assert telegram.times(ANN)[-3:] == [BEGIN + 200] * 3


def test_in_all_each_of_three_says_a_third_and_after_a_refusal_as_little() -> None:
    telegram = begun(4, among=3)
    assert telegram.times() == [BEGIN] * 3
    telegram.run()
    assert telegram.now == pytest.approx(BEGIN + OVERALL.period_s * 0.9)
    telegram = begun(0, among=3)
    telegram.pace.hold(CLUB, Kind.GROUP, BEGIN + 9, BEGIN)
    telegram.call(BOB)
    telegram.run(BEGIN + 1)
    assert telegram.times() == [pytest.approx(BEGIN + OVERALL.period_s * 0.9)]


# -- nobody overtakes


def test_in_a_chat_nobody_overtakes_who_waits_and_a_press_does() -> None:
    telegram = begun(0)
    first = [telegram.call(ANN) for _ in range(CHAT.most + 1)]
    telegram.now += 3
    assert not telegram.pace.passes(ANN, Kind.CHAT, TALK, telegram.now), "its turn has come, and it was first"
    press = telegram.call(ANN, PRESS)
    telegram.run()
    said = [each for _, each in telegram.said]
    assert said == [*first[:-1], press, first[-1]]


def test_who_begins_while_others_wait_for_the_limit_in_all_waits_behind_them() -> None:
    telegram = begun(OVERALL.most + 3)
    telegram.now = BEGIN + OVERALL.period_s
    assert telegram.pace.next_at() == telegram.now
    late = telegram.call("7")
    assert [each.chat for _, each in telegram.said[OVERALL.most :]] == ["110", "111", "112", "7"]
    assert telegram.said[-1] == (telegram.now, late)


def test_who_has_many_waiting_stands_behind_who_has_few_and_what_is_over_counts_no_more() -> None:
    telegram = begun(OVERALL.most)
    eves = [telegram.call(f"{number}", who="eve") for number in range(200, 203)]
    bobs = telegram.call(BOB, who="bob")
    telegram.run(BEGIN + OVERALL.period_s)
    assert [each for _, each in telegram.said[OVERALL.most :]] == [eves[0], bobs, *eves[1:]]
    telegram.run(BEGIN + 100)
    for number in range(OVERALL.most):
        telegram.call(f"{number + 100}")
    again = [telegram.call("300", who="eve"), telegram.call("301", who="bob")]
    telegram.run()
    assert [each for _, each in telegram.said[-2:]] == again, "nobody is held to what they had sent before"


# -- who waits no more


def test_who_left_is_counted_as_waiting_no_longer_once_the_line_moves() -> None:
    telegram = begun(0)
    calls = [telegram.call(ANN) for _ in range(CHAT.most + 3)]
    pace = telegram.pace
    assert (pace.waiting_in(ANN), pace.waiting_in(BOB), pace.waiting[TALK]) == (3, 0, 3)
    for each in calls[CHAT.most :]:
        pace.leave(each)
    telegram.run()
    assert len(telegram.said) == CHAT.most and pace.waiting_in(ANN) == 0
    assert not pace.waiting.total() and not pace._ahead
    assert pace.next_at() is None


def test_who_leaves_when_the_turn_has_come_uses_up_no_room() -> None:
    telegram = begun(OVERALL.most)
    waits = [telegram.call(f"{number}") for number in range(200, 200 + OVERALL.most + 1)]
    for each in waits[:-1]:
        telegram.pace.leave(each)
    telegram.run()
    assert telegram.said[-1] == (pytest.approx(BEGIN + OVERALL.period_s), waits[-1])
    assert len(telegram.said) == OVERALL.most + 1


def test_so_much_waits_in_all_and_the_rest_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace_module, "WAITING_MAX", 5)
    telegram = begun(OVERALL.most + 5)
    assert not telegram.pace.stand("7", Kind.CHAT, call("7"), BEGIN)
    telegram.run(BEGIN + 1)
    for number in range(OVERALL.most):
        telegram.call(f"{number + 300}")
    assert telegram.pace.stand("7", Kind.CHAT, call("7"), telegram.now)


# -- how long, how crowded, how full


def test_what_is_more_urgent_does_not_count_what_is_less_urgent_among_those_before_it() -> None:
    telegram = begun(0)
    for _ in range(CHAT.most):
        telegram.call(ANN)
    for _ in range(CHAT.most):
        telegram.call(ANN, ANNOUNCEMENT)
    pace = telegram.pace
    waits_s = [pace.wait_s(ANN, Kind.CHAT, urgency, BEGIN) for urgency in (PRESS, LIVE, ANNOUNCEMENT)]
    assert waits_s == [3, 3, 6]
    assert pace.wait_s(ANN, Kind.CHAT, TALK, BEGIN + 50) == 0, "never less than nothing"
    assert pace.wait_s("9", Kind.CHAT, TALK, BEGIN + 1) == 0
    full = begun(2 * OVERALL.most)
    assert full.pace.wait_s("9", Kind.CHAT, TALK, BEGIN) == pytest.approx(2 * OVERALL.period_s)
    assert full.pace.wait_s("9", Kind.CHAT, RECEIPT, BEGIN) == pytest.approx(OVERALL.period_s)
    assert full.pace.wait_s("9", Kind.FREE, TALK, BEGIN) == 0


def test_a_group_is_crowded_when_one_more_would_wait_for_more_than_two_seconds() -> None:
    telegram = begun(0)
    for _ in range(CHAT.most):
        telegram.call(CLUB)
        telegram.call(ANN)
    assert telegram.pace.is_crowded(CLUB, BEGIN + 0.9) and not telegram.pace.is_crowded(CLUB, BEGIN + 1)
    assert not telegram.pace.is_crowded(ANN, BEGIN), "a person's chat is nobody else's"
    assert not telegram.pace.is_crowded(CAFE, BEGIN), "nothing was said there"
    telegram.call(CLUB)
    telegram.call(CLUB)
    telegram.call(CLUB)
    assert telegram.pace.is_crowded(CLUB, BEGIN + 1), "three wait, and the next one behind them"
    assert telegram.pace.is_crowded(CLUB, BEGIN + 3.5)


def test_a_group_is_crowded_by_what_was_said_within_a_minute_and_what_waits_each_process_by_its_share() -> None:
    for among, most, later_s in ((1, CROWDED, 3.5), (3, CROWDED // 3, 3.5), (9, 1, 7.5)):  # when one more would go soon
        telegram = begun(0)
        telegram.pace.share(among)
        for number in range(most):
            assert not telegram.pace.is_crowded(CLUB, telegram.now), (among, number)
            telegram.call(CLUB)
            telegram.run(telegram.now + 3.5 * among)
        assert telegram.pace.is_crowded(CLUB, telegram.times(CLUB)[-1] + later_s), among


def test_without_limits_no_chat_is_crowded_or_full() -> None:
    telegram = Telegram(Pace(is_on=False))
    telegram.pace.hold(CLUB, Kind.GROUP, BEGIN + 100, BEGIN)
    assert not telegram.pace.is_crowded(CLUB, BEGIN) and list(telegram.pace.full(BEGIN)) == []
    assert telegram.pace.is_held(CLUB, BEGIN)


def test_a_group_with_enough_live_messages_is_not_full() -> None:
    telegram = begun(0)
    for _ in range(LIVE_IN_GROUP.most):
        telegram.call(CLUB, LIVE)
        telegram.run(telegram.now + 1)
    pace = telegram.pace
    assert list(pace.full(telegram.now)) == []
    assert pace.wait_s(CLUB, Kind.GROUP, LIVE, telegram.now) == pytest.approx(LIVE_IN_GROUP.period_s - 5)
    assert pace.wait_s(CLUB, Kind.GROUP, TALK, telegram.now) == 0


def test_what_changes_in_a_persons_chat_is_held_to_no_more_than_what_a_chat_is() -> None:
    telegram = begun(0)
    for _ in range(2 * CHAT.most + 1):
        telegram.call(ANN, LIVE)
    telegram.run()
    assert telegram.times()[-1] == BEGIN + 2 * CHAT.period_s


# -- what is forgotten


def test_a_chat_in_which_anything_goes_on_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace_module, "CHATS_MAX", 5)
    telegram = begun(0)
    pace = telegram.pace
    pace.hold("held", Kind.CHAT, BEGIN + 50, BEGIN)
    telegram.run(BEGIN + 1)
    telegram.now = BEGIN + 1
    assert pace.passes("under way", Kind.CHAT, TALK, telegram.now)
    for _ in range(CHAT.most + 1):
        telegram.call("waits")
    telegram.now = BEGIN + 20
    telegram.call("spoken")
    telegram.now = BEGIN + 21
    telegram.call("quiet")
    assert sorted(pace._lines) == ["held", "quiet", "spoken", "under way", "waits"]
    telegram.now = BEGIN + 23
    telegram.call("new")
    assert sorted(pace._lines) == ["held", "new", "quiet", "under way", "waits"]
    telegram.now = BEGIN + 50
    telegram.call("newest")
    assert "held" not in pace._lines and "quiet" not in pace._lines and "waits" in pace._lines
