"""Processes whose clocks differ by minutes live in one time: the server's."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import pytest
from sqlalchemy import text

from bot.doctor import doctor
from bot.settings import read_settings
from tests.campaigns.bank import EUR, RULES, postgresql
from wallet_core import BooksInUse, ClaimOutbox, Issue, Money, OpenWallet, PersonId, ToPerson, WalletCore, utc_now
from wallet_core.storage import open_database
from wallet_core.storage.clock import SharedClock
from wallet_core.storage.migrations import VERSION
from wallet_core.storage.processes import Process

APART = timedelta(minutes=10)
LEASE = timedelta(minutes=1)
MOMENT = timedelta(seconds=3)  # a clock that is off by less than one is left alone, and a process may have to wait


class OwnClock:
    """A machine's, which may be set anew."""

    def __init__(self, off: timedelta) -> None:
        self.off = off

    def __call__(self) -> datetime:
        return utc_now() + self.off


async def said(core: WalletCore) -> None:
    """Somebody has something to hear."""
    for person in ("tg:1", "tg:2"):
        await core.run(OpenWallet(person=PersonId(person), handle=None, name=person))
    issue = Issue(by=PersonId("tg:1"), to=ToPerson(PersonId("tg:2")), amount=Money(500, EUR), key="k", memo="")
    await core.run(issue)


@pytest.mark.parametrize("apart", [APART, -APART])
async def test_a_process_whose_clock_differs_by_minutes_is_not_taken_for_dead(apart: timedelta) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=RULES.real(), alone=True),
            WalletCore.session(url, rules=RULES.real(), clock=lambda: utc_now() + apart, alone=True) as other,
        ):
            assert other.processes == 2


async def test_books_are_not_migrated_beside_a_process_whose_clock_is_minutes_behind() -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=RULES.real(), alone=True):
            database = open_database(url)
            newer = Process(lambda: utc_now() + APART, "here")
            older = text(f"UPDATE {VERSION} SET version_num = 'm0001_books'")
            await database.write(lambda connection: connection.execute(older))
            try:
                with pytest.raises(BooksInUse):
                    await database.write(newer.refuse_beside)
            finally:
                await database.close()


@pytest.mark.parametrize("apart", [APART, -APART, timedelta(days=1)])
async def test_what_one_process_has_in_hand_is_not_over_where_a_clock_is_minutes_off(
    apart: timedelta,
) -> None:
    claim = ClaimOutbox(limit=64, lease=LEASE)
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=RULES.real(), alone=True) as one,
            WalletCore.session(url, rules=RULES.real(), clock=SharedClock(OwnClock(apart))) as other,
        ):
            await said(one)
            assert len(await one.run(claim)) == 1
            assert await other.run(claim) == ()
            assert abs(other.now() - one.now()) < MOMENT


@pytest.mark.parametrize("apart", [APART, -APART])
async def test_a_clock_that_is_set_anew_is_compared_with_the_servers_at_the_next_sign_of_life(
    apart: timedelta,
) -> None:
    own = OwnClock(timedelta())
    clock = SharedClock(own)
    with postgresql() as url:
        async with WalletCore.session(url, rules=RULES.real(), clock=clock, alone=True):
            database = open_database(url)
            process = Process(clock, "here")
            try:
                own.off = apart
                assert abs(clock() - utc_now()) > APART - MOMENT
                await database.write(process.sign_in)
                assert abs(clock() - utc_now()) < MOMENT
                own.off = timedelta()
                await database.write(process.sign_in)
                assert clock.behind == timedelta()
            finally:
                await database.close()


async def test_clocks_that_are_a_part_of_a_second_off_go_on_as_they_are() -> None:
    clock = SharedClock(OwnClock(timedelta(milliseconds=300)))
    with postgresql() as url:
        async with WalletCore.session(url, rules=RULES.real(), clock=clock):
            assert clock.behind == timedelta()


async def test_a_server_that_takes_long_to_say_its_time_moves_no_clock_by_that() -> None:
    """It looked at its clock at any time between the question and the answer."""
    own = OwnClock(timedelta())
    clock = SharedClock(own)

    class Slow:
        """A connection whose answer comes late."""

        def execute(self, _: object) -> Slow:
            own.off += timedelta(seconds=20)
            return self

        def scalar_one(self) -> datetime:
            return utc_now()

    clock.compare(Slow())  # type: ignore[arg-type]  # as far as it is used
    assert clock.behind == timedelta()


async def test_a_clock_that_a_test_or_a_play_moves_is_the_books_own_on_a_server_too() -> None:
    with postgresql() as url:
        async with WalletCore.session(url, rules=RULES.real(), clock=OwnClock(APART), alone=True) as core:
            assert core.now() - utc_now() > APART - MOMENT


@pytest.mark.parametrize(("apart", "how"), [(APART, "600 s behind"), (-APART, "600 s ahead of")])
async def test_doctor_says_when_the_server_keeps_another_time(
    apart: timedelta, how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Machine(datetime):
        """Its clock is off."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Machine:
            return super().now(tz) + apart

    monkeypatch.setattr("bot.doctor.datetime", Machine)
    with postgresql() as url:
        await doctor(read_settings(_env_file=None, database_url=url))
        assert how in capsys.readouterr().out
