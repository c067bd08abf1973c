"""Statements: opening + entries = closing, whatever the portions and the clock; people as they were called then."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller
from wallet_core import (
    Beside,
    CoreStopped,
    Money,
    PeopleWithMoney,
    PersonId,
    Rules,
    StatementEnd,
    StatementEntries,
    StatementLine,
    StatementOf,
    Stats,
    WalletCore,
    WalletNotFound,
    currency,
)
from wallet_core.features.names import NAMES_MAX

EUR = currency("EUR")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Read:
    """A statement as it was read, from new to old."""

    end: StatementEnd
    lines: list[StatementLine]
    portions: int

    @property
    def opening(self) -> int:
        oldest = self.lines[-1] if self.lines else None
        return oldest.balance_after.minor - oldest.delta.minor if oldest else self.end.closing.minor


async def read(core: WalletCore, person: PersonId, since: datetime, until: datetime, *, limit: int = 2_000) -> Read:
    """All portions, on a connection of their own; the sums fit."""
    async with core.apart() as ask:
        end = await ask(StatementOf(person=person, until=until))
        lines: list[StatementLine] = []
        start, portions = end.newest, 0
        while start is not None:
            latest = lines[-1].booked_at if lines else until
            found = await ask(StatementEntries(person=person, start=start, since=since, until=latest, limit=limit))
            lines += found.lines
            start, portions = found.older, portions + 1
    seen = Read(end, lines, portions)
    assert seen.opening + sum(line.delta.minor for line in lines) == end.closing.minor
    for new, old in itertools.pairwise(lines):
        assert new.balance_after.minor - new.delta.minor == old.balance_after.minor
        assert since <= old.booked_at <= new.booked_at < until
    return seen


async def test_it_reads_a_time_from_the_newest_back_in_portions_that_fit(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    begin = clock.now
    for number in range(25):
        clock.now += timedelta(hours=1)
        await teller.tell(f"transfer ann bob 0.{number + 1:02} k{number}")
    whole = await read(core, teller.person("ann"), begin - DAY, clock.now + DAY)
    assert len(whole.lines) == 26 and whole.opening == 0 and whole.portions == 1
    assert [line.delta.minor for line in whole.lines] == [*range(-25, 0), 1000]
    for limit in (1, 2, 7, 26):
        again = await read(core, teller.person("ann"), begin - DAY, clock.now + DAY, limit=limit)
        assert again.lines == whole.lines and again.end == whole.end
    part = await read(core, teller.person("ann"), begin + timedelta(hours=5), begin + timedelta(hours=10), limit=2)
    assert part.lines == whole.lines[16:21]
    assert part.opening == whole.lines[21].balance_after.minor


async def test_one_times_closing_is_the_next_ones_opening_though_the_clock_was_put_back(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    begin = clock.now
    for number, hours in enumerate((1, 30, -20, 5, 26, -40, 60, 1)):
        clock.now += timedelta(hours=hours)
        await teller.tell(f"transfer ann bob 0.0{number + 1} k{number}")
    days = [begin - DAY + number * DAY for number in range(10)]
    parts = [await read(core, teller.person("ann"), *time, limit=3) for time in itertools.pairwise(days)]
    for before, after in itertools.pairwise(parts):
        assert before.end.closing.minor == after.opening
    whole = await read(core, teller.person("ann"), days[0], days[-1])
    assert [line.id for part in reversed(parts) for line in part.lines] == [line.id for line in whole.lines]
    assert len(whole.lines) == 9


async def test_people_are_called_as_they_were_called_when_the_money_moved(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    begin = clock.now
    await teller.tell("transfer ann bob 1.00 k1")
    await teller.meet("bob", "robert")
    await teller.tell("transfer ann bob 1.00 k2")
    clock.now += timedelta(hours=1)
    await teller.meet("cid", "robert")  # takes the handle that Bob had
    await teller.tell("transfer ann bob 1.00 k3")
    seen = await read(core, teller.person("ann"), begin - DAY, clock.now + DAY)
    handles = [line.other.handle if line.other else None for line in seen.lines]
    assert handles == [None, "robert", "robert", None]  # k1 and the rename are of one moment
    assert (await core.audit()).sound


async def test_a_time_before_everything_or_after_it_has_no_entry_and_fits(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    person = teller.person("ann")
    before = await read(core, person, clock.now - 2 * DAY, clock.now - DAY)
    assert before.lines == [] and before.end.closing == Money(0, EUR)
    after = await read(core, person, clock.now + DAY, clock.now + 2 * DAY)
    assert after.lines == [] and after.end.closing == Money(1000, EUR) and after.opening == 1000


async def test_an_entry_of_somebody_elses_wallet_gives_nothing(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    until = clock.now + DAY
    theirs = (await core.ask(StatementOf(person=teller.person("ann"), until=until))).newest
    assert theirs is not None
    found = await core.ask(
        StatementEntries(person=teller.person("bob"), start=theirs, since=clock.now - DAY, until=until)
    )
    assert found.lines == () and found.older is None
    with pytest.raises(WalletNotFound):
        await core.ask(StatementOf(person=PersonId("tg:404"), until=until))


async def test_of_a_persons_names_the_newest_are_kept_and_whoever_moved_none_is_called_as_now(
    core: WalletCore, teller: Storyteller, clock: Clock, tmp_path: Path
) -> None:
    for number in range(NAMES_MAX + 20):
        clock.now += timedelta(minutes=1)
        await teller.meet("bob", f"bob{number}")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        kept = file.execute(
            "SELECT handle FROM names WHERE person = ? ORDER BY since", (teller.person("bob"),)
        ).fetchall()
    assert [handle for (handle,) in kept] == [f"bob{number}" for number in range(20, NAMES_MAX + 20)]
    assert (await core.audit()).sound


async def test_a_clock_that_was_put_back_names_people_as_they_are_called_now(
    core: WalletCore, teller: Storyteller, clock: Clock
) -> None:
    begin = clock.now
    clock.now += DAY
    await teller.meet("bob", "later")
    clock.now = begin + timedelta(hours=1)
    await teller.meet("bob", "now")
    await teller.tell("transfer ann bob 1.00 k1")
    clock.now = begin + 2 * DAY
    await teller.tell("transfer ann bob 1.00 k2")
    seen = await read(core, teller.person("ann"), begin - DAY, clock.now + DAY)
    assert [line.other.handle if line.other else "" for line in seen.lines] == ["now", "now", ""]
    assert (await core.audit()).sound


async def test_a_name_changed_behind_the_cores_back_is_found(
    core: WalletCore, teller: Storyteller, tmp_path: Path
) -> None:
    for change in ("DELETE FROM names WHERE person = ?", "UPDATE names SET name = 'Eve' WHERE person = ?"):
        with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as file:
            before = file.execute("SELECT * FROM names").fetchall()
            file.execute(change, (teller.person("bob"),))
            report = await core.audit()
            file.execute("DELETE FROM names")
            file.executemany("INSERT INTO names VALUES (?, ?, ?, ?)", before)
        assert report.problem == f"{teller.person('bob')} is not called what was noted last"
    assert (await core.audit()).sound


async def test_a_core_that_closes_ends_what_reads_apart(core: WalletCore, teller: Storyteller, clock: Clock) -> None:
    async with core.apart() as ask:
        await ask(StatementOf(person=teller.person("ann"), until=clock.now + DAY))
        await core.close()
        with pytest.raises(CoreStopped):
            await ask(StatementOf(person=teller.person("ann"), until=clock.now + DAY))
    with pytest.raises(CoreStopped):
        async with core.apart():
            pass


async def test_postgresql_gives_the_same(rules: Rules, clock: Clock) -> None:
    begin = clock.now
    with postgresql() as url:
        async with WalletCore.session(url, rules=rules, clock=clock) as core:
            teller = Storyteller(core, clock)
            await teller.tell("""
                open ann
                open bob
                issue ann 10.00 first""")
            for number in range(7):
                clock.now += timedelta(hours=5)
                await teller.meet("bob", f"bob{number}")
                await teller.tell(f"transfer ann bob 0.0{number + 1} k{number}")
            seen = await read(core, teller.person("ann"), begin + DAY, clock.now + DAY, limit=2)
            handles = [line.other.handle if line.other else "" for line in seen.lines]
            assert handles == ["bob6", "bob5", "bob4"] and seen.portions > 1
            stats = await core.ask(Stats(days=(begin - DAY, begin + DAY, begin + 2 * DAY)))
            assert [(day.transfers, day.moved.minor) for day in stats.days] == [(5, 1010), (3, 18)]
            page = await core.ask(PeopleWithMoney(beside=Beside(972, 0), limit=1))
            assert [each.wallet.balance.minor for each in page.holdings] == [972] and page.has_poorer
            assert (await core.audit()).sound
