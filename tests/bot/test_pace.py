"""Telegram's limits, with a clock that the test drives: what may go, when, and in what order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport import pace as pace_module
from bot.transport.pace import CHAT_WAITING_MAX, CROWDED, Pace, Waiting
from bot.transport.rates import CHAT, GROUP, LIVE_IN_GROUP, OVERALL, Kind, Rate, Urgency, Window

ANN, BOB, CLUB, CAFE = "1", "2", "-1", "-2"
PRESS, RECEIPT, TALK, LIVE, ANNOUNCEMENT = Urgency
MINUTE = 60.0


def kind_of(chat: str) -> Kind:
    return Kind.GROUP if chat.startswith("-") else Kind.CHAT


@dataclass(eq=False, slots=True)
class Call(Waiting):
    chat: str = ""


@dataclass
class Telegram:
    """What was said, and when."""

    pace: Pace = field(default_factory=lambda: Pace(is_on=True))
    now: float = 1_000.0
    said: list[tuple[float, Call]] = field(default_factory=list)

    def call(self, chat: str, urgency: Urgency = TALK, *, who: object = None) -> Call:
        """It goes at once, or stands in line."""
        call = Call(urgency, chat if who is None else who, chat=chat)
        if self.pace.passes(chat, kind_of(chat), urgency, self.now):
            self.note(call)
        else:
            assert self.pace.stand(chat, kind_of(chat), call, self.now)
            self.look()
        return call

    def note(self, call: Call) -> None:
        self.said.append((self.now, call))
        self.pace.done(call.chat, self.now)

    def look(self) -> None:
        for waiting in list(self.pace.take(self.now)):
            assert isinstance(waiting, Call)
            self.note(waiting)

    def run(self, until: float = float("inf")) -> None:
        """Time goes on, from one moment at which something may go to the next."""
        while (at := self.pace.next_at()) is not None and at <= until:
            self.now = max(self.now, at)
            self.look()
        if until < float("inf"):
            self.now = until

    def times(self, *chats: str) -> list[float]:
        return [at for at, call in self.said if not chats or call.chat in chats]


def most_within(times: Iterable[float], period_s: float) -> int:
    """The most that were said within any so long."""
    times = list(times)
    return max((sum(begin <= at < begin + period_s for at in times) for begin in times), default=0)


def check(said: list[tuple[float, Call]]) -> None:
    """None of Telegram's limits is broken anywhere."""
    assert most_within((at for at, _ in said), 1.0) <= 30
    for chat in {call.chat for _, call in said}:
        times = [at for at, call in said if call.chat == chat]
        for seconds in range(1, 20):
            assert most_within(times, seconds) <= seconds + CHAT.most
        if kind_of(chat) is Kind.GROUP:
            assert most_within(times, MINUTE) <= 20


wishes = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.1, 0.34, 1.0, 3.0, 20.0, 61.0]),
        st.sampled_from([ANN, BOB, CLUB, CAFE, *map(str, range(10, 60))]),
        st.sampled_from(Urgency),
    ),
    max_size=150,
)


@given(wishes)
def test_no_schedule_breaks_a_limit_and_all_is_said(asked: list[tuple[float, str, Urgency]]) -> None:
    telegram = Telegram()
    for pause_s, chat, urgency in asked:
        telegram.run(telegram.now + pause_s)
        telegram.call(chat, urgency)
    telegram.run()
    check(telegram.said)
    assert len(telegram.said) == len(asked)
    assert not telegram.pace.waiting.total()


@given(wishes, st.integers(2, 5))
def test_several_processes_together_break_no_limit(asked: list[tuple[float, str, Urgency]], count: int) -> None:
    processes = [Telegram() for _ in range(count)]
    for each in processes:
        each.pace.share(count)
    for number, (pause_s, chat, urgency) in enumerate(asked):
        until = processes[0].now + pause_s
        for each in processes:
            each.run(until)
        processes[number % count].call(chat, urgency)
    for each in processes:
        each.run()
    said = sorted((entry for each in processes for entry in each.said), key=lambda entry: entry[0])
    assert most_within((at for at, _ in said), 1.0) <= 30
    for chat in (CLUB, CAFE):
        assert most_within((at for at, call in said if call.chat == chat), MINUTE) <= 20


def test_an_idle_chat_is_answered_at_once_and_then_once_a_second() -> None:
    telegram = Telegram()
    for _ in range(9):
        telegram.call(ANN)
    assert telegram.times() == [1_000.0] * CHAT.most
    telegram.run()
    assert telegram.times()[-1] == 1_000 + 2 * CHAT.period_s
    telegram.run(telegram.now + CHAT.period_s)
    telegram.call(ANN)
    assert telegram.times()[-1] == telegram.now


def test_to_many_people_it_is_29_a_second_and_to_a_group_20_a_minute() -> None:
    telegram = Telegram()
    for person in range(300):
        telegram.call(str(person + 1))
    telegram.run()
    assert 300 / 31 < telegram.now - 1_000 < 300 / 29
    telegram = Telegram()
    for _ in range(100):
        telegram.call(CLUB)
    telegram.run()
    assert telegram.now - 1_000 == pytest.approx(4 * GROUP.period_s, abs=20)


def test_presses_go_first_then_receipts_then_answers_then_live_messages_then_announcements() -> None:
    telegram = Telegram()
    for person in range(OVERALL.most):
        telegram.call(f"{person + 100}")
    for number, urgency in enumerate([ANNOUNCEMENT, LIVE, TALK, RECEIPT, PRESS, ANNOUNCEMENT, PRESS]):
        telegram.call(f"{number + 1}", urgency)
    telegram.run()
    said = [call.urgency for _, call in telegram.said[OVERALL.most :]]
    assert said == [PRESS, PRESS, RECEIPT, TALK, LIVE, ANNOUNCEMENT, ANNOUNCEMENT]


def test_people_are_served_in_turns_however_many_chats_one_floods() -> None:
    telegram = Telegram()
    for number in range(60):
        telegram.call(f"-{number + 100}", who="eve")
    bob = telegram.call(BOB)
    telegram.run()
    assert [call for _, call in telegram.said].index(bob) == OVERALL.most + 1


def test_what_is_said_in_one_chat_stays_in_order() -> None:
    telegram = Telegram()
    calls = [telegram.call(ANN) for _ in range(20)]
    telegram.run()
    assert [call for _, call in telegram.said] == calls


def test_a_chat_that_is_full_keeps_no_other_waiting() -> None:
    telegram = Telegram()
    for _ in range(50):
        telegram.call(CLUB)
    bob = telegram.call(BOB)
    assert telegram.said[-1] == (1_000.0, bob)


def test_live_messages_leave_room_in_a_group_for_answers() -> None:
    telegram = Telegram()
    for _ in range(60):
        telegram.call(CLUB, LIVE)
        telegram.run(telegram.now + 1)
    live = len(telegram.said)
    assert live <= LIVE_IN_GROUP.most * 3
    answer = telegram.call(CLUB)
    assert telegram.said[-1] == (telegram.now, answer)


def test_what_telegram_refuses_is_left_alone_for_as_long_as_it_says_and_then_tried_one_at_a_time() -> None:
    telegram = Telegram()
    pace = telegram.pace
    assert pace.passes(ANN, Kind.CHAT, TALK, telegram.now)
    pace.hold(ANN, Kind.CHAT, telegram.now + 7, telegram.now)
    pace.done(ANN, telegram.now)
    calls = [Call(TALK, ANN, chat=ANN) for _ in range(2)]
    for call in calls:
        assert pace.stand(ANN, Kind.CHAT, call, telegram.now)
    assert not list(pace.take(telegram.now + 6.9))
    assert list(pace.take(telegram.now + 7)) == calls[:1]
    assert not list(pace.take(telegram.now + 10))
    pace.done(ANN, telegram.now + 10)
    assert list(pace.take(telegram.now + 10)) == calls[1:]


def test_without_limits_nothing_waits_but_where_telegram_has_said_no() -> None:
    telegram = Telegram(Pace(is_on=False))
    for _ in range(500):
        telegram.call(CLUB)
    assert telegram.times() == [1_000.0] * 500
    assert not len(telegram.pace)
    telegram.pace.hold(CLUB, Kind.GROUP, telegram.now + 5, telegram.now)
    telegram.call(CLUB)
    telegram.call(ANN)
    assert telegram.said[-1][1].chat == ANN
    telegram.run()
    assert telegram.now == 1_005
    assert not len(telegram.pace)


def test_what_nobody_waits_for_any_more_takes_nobody_elses_place() -> None:
    telegram = Telegram()
    calls = [telegram.call(ANN) for _ in range(CHAT.most + 2)]
    telegram.pace.leave(calls[CHAT.most])
    telegram.run()
    assert [call for _, call in telegram.said] == [*calls[: CHAT.most], calls[-1]]
    assert telegram.times()[-1] == 1_000 + CHAT.period_s
    assert not telegram.pace.waiting.total()


def test_only_so_much_waits_for_one_chat() -> None:
    telegram = Telegram()
    for _ in range(CHAT.most + CHAT_WAITING_MAX):
        telegram.call(ANN)
    assert not telegram.pace.stand(ANN, Kind.CHAT, Call(TALK, ANN, chat=ANN), telegram.now)
    assert telegram.pace.stand(BOB, Kind.CHAT, Call(TALK, BOB, chat=BOB), telegram.now)


def test_it_is_known_how_long_one_more_waits() -> None:
    telegram = Telegram()
    for number in range(50):
        wait_s = telegram.pace.wait_s(CLUB, Kind.GROUP, TALK, telegram.now)
        call = telegram.call(CLUB)
        if number < 20:
            assert wait_s == pytest.approx(number // CHAT.most * CHAT.period_s, abs=CHAT.period_s)
        del call
    assert telegram.pace.wait_s(BOB, Kind.CHAT, TALK, telegram.now) < 2
    assert telegram.pace.wait_s(CLUB, Kind.GROUP, TALK, telegram.now) > GROUP.period_s
    assert telegram.pace.wait_s(CLUB, Kind.GROUP, RECEIPT, telegram.now) <= CHAT.period_s  # it goes before all of these


def test_a_group_is_crowded_while_the_rest_of_its_minute_is_needed() -> None:
    telegram = Telegram()
    for _ in range(CHAT.most):
        telegram.call(CAFE)
    assert telegram.pace.is_crowded(CAFE, telegram.now)
    assert not telegram.pace.is_crowded(CAFE, telegram.now + CHAT.period_s)
    for _ in range(CROWDED):
        assert not telegram.pace.is_crowded(CLUB, telegram.now)
        telegram.call(CLUB)
        telegram.run(telegram.now + 1)
    assert telegram.pace.is_crowded(CLUB, telegram.now)
    assert telegram.pace.is_crowded(CLUB, telegram.now + 50)
    assert not telegram.pace.is_crowded(CLUB, telegram.now + GROUP.period_s)
    assert not telegram.pace.is_crowded(ANN, telegram.now)


def test_chats_where_all_is_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace_module, "CHATS_MAX", 50)
    telegram = Telegram()
    for person in range(1_000):
        telegram.call(str(person + 1))
        telegram.run(telegram.now + 0.1)
    telegram.run()
    assert len(telegram.pace) <= 60


@pytest.mark.parametrize("among", range(1, 40))
def test_a_share_of_a_rate_is_no_more_than_its_part(among: int) -> None:
    for rate in (OVERALL, CHAT, GROUP, LIVE_IN_GROUP):
        part = rate.shared(among)
        assert part.most / part.period_s * among == pytest.approx(rate.most / rate.period_s)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.5]), max_size=40), st.integers(0, 12))
def test_a_window_knows_when_one_more_may_come(pauses: list[float], ahead: int) -> None:
    window, now, said = Window(Rate(4, 3.0)), 0.0, []
    for pause_s in pauses:
        now = max(now + pause_s, window.next_at())
        window.note(now)
        said.append(now)
    assert most_within(said, 3.0) <= 4
    expected = window.next_at(ahead)
    for _ in range(ahead):
        now = max(now, window.next_at())
        window.note(now)
    assert expected <= max(now, window.next_at()) + 3.0
    assert all(later >= earlier for earlier, later in pairwise(said))


def test_a_rate_that_changes_counts_what_was_said_before() -> None:
    window = Window(Rate(3, 3.0))
    for now in (0.0, 1.0):
        window.note(now)
    assert window.next_at() == float("-inf")
    window.change(Rate(1, 3.0))
    assert window.next_at() == 4.0
    window.change(Rate(3, 3.0))
    assert window.next_at() == float("-inf") and window.next_at(2) == 4.0


def test_the_rates_are_within_telegrams() -> None:
    assert [rate.most for rate in (OVERALL, CHAT, GROUP, LIVE_IN_GROUP)] == [10, 3, 20, 5]
    assert OVERALL.most / OVERALL.period_s < 30 and GROUP.period_s > 60 and 3 * LIVE_IN_GROUP.period_s > 60
