"""A statement's forms: opening + entries = closing in each, every text cell safe, read back by foreign programs.

hledger and ledger are Debian's (`apt-get install hledger ledger`), beancount comes with the test dependencies.
"""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statements import apart
from bot.statements.apart import StatementLost, made_for
from bot.statements.cells import FORMULAS, cell, plain, visible
from bot.statements.form import About, File
from bot.statements.making import Job, form_of
from bot.statements.period import Period, day_of, read_period
from bot.transport.deliveries import Deliveries
from bot.words.statement_buttons import As, Chosen, Step, first_days, last_days, read_chosen
from bot.words.statements import DateUnclear, NoSuchDay, PeriodBackwards, PeriodInFuture, PeriodTooLong, TooManyEntries
from tests.bot.spoken import spoken_to
from tests.bot.test_readers import children
from tests.core.story import Storyteller
from wallet_core import Currency, Money, Person, PersonId, StatementLine, WalletCore, WalletKind, currency

BERLIN = ZoneInfo("Europe/Berlin")
ANN = Person(PersonId("tg:1"), "ann", "Ann", "A" * 16)
PERIOD = Period(date(2026, 1, 1), date(2026, 12, 31))
TODAY = date(2026, 11, 26)
HOSTILE = ["=1+1", "+49 30", "-5", "@bob", "\t=x", " =x", "'x", "a;b,c\"d", "x\n=y", "\u202eevil", "; date:2026-13-99",
           "[2026-13-99]", "a | b", "\\", "\\\"", "ノート", "חשבון", "＝x", "", "!", "*", "(x)", "#tag ^link",
           "key: \"v\""]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
units = st.sampled_from([currency("EUR"), currency("JPY"), currency("KWD"), currency("BEER"), currency("TOKEN/2")])


@st.composite
def wallets(draw: st.DrawFn) -> tuple[Currency, int, list[StatementLine]]:
    """A currency, an opening balance, and a year's lines from new to old."""
    unit, opening = draw(units), draw(st.integers(-(10**6), 10**15))
    balance, lines = opening, []
    moments = sorted(draw(st.lists(st.integers(0, 365 * 86_400 - 1), max_size=12)))
    for number, second in enumerate(moments):
        delta = draw(st.integers(-(10**15), 10**15).filter(bool))
        balance += delta
        who = draw(st.sampled_from([None, "tg:1", "tg:7", "tg:8"]))
        other = who and Person(PersonId(who), draw(st.none() | st.just("bob")), draw(texts), "B" * 16)
        lines.append(
            StatementLine(
                number + 1,
                PERIOD.since(BERLIN) + timedelta(seconds=second),
                Money(delta, unit),
                Money(balance, unit),
                draw(st.sampled_from(["payment", "issue", "refund"])),
                draw(st.sampled_from([None, "tip", "gift"])),
                draw(texts),
                f"0123456789AB{number}",
                other or None,
                draw(st.sampled_from(list(WalletKind))) if other else WalletKind.ISSUER,
                draw(st.booleans()),
            )
        )
    return unit, opening, lines[::-1]


def written(wallet: tuple[Currency, int, list[StatementLine]], chosen: As, *, language: str = "en") -> list[File]:
    """A form's files, its lines given in two portions."""
    unit, opening, lines = wallet
    closing = lines[0].balance_after if lines else Money(opening, unit)
    about = About(ANN, PERIOD, BERLIN, Money(opening, unit), closing, len(lines))
    with spoken_to(language):
        form = form_of(chosen, ANN, BERLIN)
        for portion in (lines[:5], lines[5:]):
            if portion:
                form.add(portion)
        return form.files(about)


def minor(text: str, sign: str, unit: Currency) -> int:
    whole, _, fraction = text.partition(sign)
    assert len(fraction) == unit.decimals and text.lstrip("-").replace(sign, "").isdigit(), text
    return int(whole + fraction)


def rows_of(file: File, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"), newline=""), delimiter=separator))


@given(wallets(), st.sampled_from([("en", ".", ","), ("de", ",", ";")]))
@settings(max_examples=60, deadline=None)
def test_a_spreadsheet_adds_up_and_no_text_in_it_is_a_formula(
    wallet: tuple[Currency, int, list[StatementLine]], spoken: tuple[str, str, str]
) -> None:
    language, sign, separator = spoken
    unit, opening, lines = wallet
    [file] = written(wallet, As.SPREADSHEET, language=language)
    assert file.data.startswith(b"\xef\xbb\xbf")
    _, first, *rows, last = rows_of(file, separator)
    assert minor(first[7], sign, unit) == opening
    balance = opening
    for row, line in zip(rows, lines[::-1], strict=True):
        balance += minor(row[6], sign, unit)
        assert minor(row[7], sign, unit) == balance
        assert plain(row[5]) == visible(line.memo)
        for text in (*row[2:6], row[8]):
            assert text[:1] not in (*FORMULAS, "\t", "\r", "\n") or not text
            assert text == " ".join(text.split())
    assert minor(last[7], sign, unit) == balance


@given(wallets())
@settings(max_examples=60, deadline=None)
def test_a_table_for_programs_adds_up_and_is_read_back_whole(wallet: tuple[Currency, int, list[StatementLine]]) -> None:
    unit, _, lines = wallet
    table, _ = written(wallet, As.PROGRAMS)
    assert not table.data.startswith(b"\xef\xbb\xbf")
    head, *rows = rows_of(table, ",")
    found = [dict(zip(head, row, strict=True)) for row in rows]
    total = 0
    for row in found:
        total += minor(row["amt"], ".", unit)
        assert minor(row["bal"], ".", unit) == total
        assert row["note"][:1] not in FORMULAS or not row["note"]
    for row, line in zip(found[1:-1], lines[::-1], strict=True):
        assert plain(row["note"]) == visible(line.memo) and row["code"] == line.code
        assert datetime.fromisoformat(row["time"]) == line.booked_at
        assert row["date"] == str(line.booked_at.astimezone(BERLIN).date())


@given(st.text())
def test_a_cell_is_one_visible_line_no_formula_and_read_back(text: str) -> None:
    found = cell(text)
    assert plain(found) == visible(text) == visible(visible(text))
    assert found[:1] not in FORMULAS or not found
    assert found.isprintable() or any(c in "\u200c\u200d" or not c.isascii() for c in found)
    found.encode()


# -- foreign programs -------------------------------------------------------------------------------------------------


def year(unit: Currency) -> tuple[Currency, int, list[StatementLine]]:
    """A generated year with every hostile text, both hours of the night in which the clocks go back, and debts."""
    balance, lines = 12_345, []
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    moments = [PERIOD.since(BERLIN) + timedelta(hours=61 * number) for number in range(120)]
    moments += [night, night + timedelta(hours=1), PERIOD.until(BERLIN) - timedelta(microseconds=1)]
    for number, moment in enumerate(sorted(moments)):
        delta = (-1) ** number * (number * 37 % 991 + 1)
        balance += delta
        text, name = HOSTILE[number % len(HOSTILE)], HOSTILE[number * 5 % len(HOSTILE)]
        other = None if number % 9 == 0 else Person(PersonId(f"tg:{number % 4 + 1}"), None, name, "C" * 16)
        kind = WalletKind.ISSUER if other is None else WalletKind.PERSON
        amounts = Money(delta, unit), Money(balance, unit)
        code = f"0123456789AB{number:X}"
        lines.append(
            StatementLine(number + 1, moment, *amounts, "payment", None, text, code, other, kind, number % 7 == 0)
        )
    return unit, 12_345, lines[::-1]


def said_by(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def installed(program: str) -> str:
    if (path := shutil.which(program)) is None:
        pytest.skip(f"apt-get install {program}")
    return path


@pytest.fixture(params=["JPY", "EUR", "KWD", "BEER"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Money]:
    """The files of a year on the disk, and what its closing balance is."""
    wallet = year(currency(request.param))
    for chosen in (As.JOURNAL, As.PROGRAMS):
        for file in written(wallet, chosen):
            (tmp_path / file.name).write_bytes(file.data)
    return tmp_path / "tuppence-2026-01-01-2026-12-31.journal", wallet[2][0].balance_after


def test_hledger_accepts_the_ledger_and_knows_the_closing_balance(kept: tuple[Path, Money]) -> None:
    hledger, (journal, closing) = installed("hledger"), kept
    said_by(hledger, "-f", journal, "check")
    assert str(closing) in said_by(hledger, "-f", journal, "balance", "Assets:Tuppence", "--no-total")


def test_ledger_accepts_the_ledger_and_knows_the_closing_balance(kept: tuple[Path, Money]) -> None:
    ledger, (journal, closing) = installed("ledger"), kept
    assert str(closing) in said_by(ledger, "-f", journal, "balance", "Assets:Tuppence")


def test_beancount_accepts_the_ledger_and_would_not_with_another_closing_balance(kept: tuple[Path, Money]) -> None:
    journal, closing = kept
    bean_check = Path(sys.executable).with_name("bean-check")
    assert bean_check.exists(), "pip install -e '.[test]'"
    said_by(bean_check, journal)
    other = Money(closing.minor + 1, closing.currency)
    text = journal.read_text("utf-8")
    assert text.count(f"balance Assets:Tuppence  {closing.number} ") == 1
    journal.write_text(text.replace(f"Tuppence  {closing.number} ~", f"Tuppence  {other.number} ~"), "utf-8")
    with pytest.raises(AssertionError, match="Balance failed"):
        said_by(bean_check, journal)


def test_hledger_reads_the_table_by_its_rules_and_proves_every_balance(kept: tuple[Path, Money]) -> None:
    hledger, (journal, closing) = installed("hledger"), kept
    table = journal.with_suffix(".csv")
    again = table.with_suffix(".again")

    def check() -> None:
        """The command that stands below the rules."""
        again.write_text(said_by(hledger, "-f", table, "--rules-file", table.with_suffix(".rules"), "print", "-x"))
        said_by(hledger, "-f", f"journal:{again}", "check")

    check()  # and no note in it is taken for more than a note
    assert str(closing) in said_by(hledger, "-f", f"journal:{again}", "balance", "Assets:Tuppence", "--no-total")
    text = table.read_text("utf-8")
    last = text.rindex(closing.number)
    table.write_text(f"{text[:last]}9{text[last:]}", "utf-8")
    with pytest.raises(AssertionError, match="balance assertion"):
        check()


# -- the time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2026-01-01 2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-01-01 - 2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
        ("from 2026-01-01 to 2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-01-01–2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
        ("1.1.2026 31.3.2026", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026/01/01..2026/03/31", date(2026, 1, 1), date(2026, 3, 31)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("٢٠٢٦-٠١-٠١ २०२६-०३-३१", date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2025 2026", date(2025, 1, 1), TODAY),
        ("2026-11-26 2999-12-31", TODAY, TODAY),
        ("2016-11-27 2026-11-26", date(2016, 11, 27), TODAY),
    ],
)
def test_days_months_and_years_are_read(said: str, first: date, last: date) -> None:
    assert read_period(said.split(), TODAY) == Period(first, last)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("2026-03-31 2026-01-01", PeriodBackwards),
        ("2026-02-31", NoSuchDay),
        ("2025-02-29", NoSuchDay),
        ("2026-00-10", NoSuchDay),
        ("2026-13", NoSuchDay),
        ("0000", NoSuchDay),
        ("9999", NoSuchDay),
        ("1926-01-01 2026-01-01", PeriodTooLong),
        ("2016-11-26 2026-11-26", PeriodTooLong),
        ("2026-11-27", PeriodInFuture),
        ("2027 2028", PeriodInFuture),
        ("03/04/2026", DateUnclear),
        ("٢٠٢٦-02-٠١", DateUnclear),
        ("2026-1-1-1", DateUnclear),
        ("1 2 3", DateUnclear),
        ("to", DateUnclear),
        ("x" * 4_000, DateUnclear),
    ],
)
def test_what_is_no_time_is_refused(said: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_period(said.split(), TODAY)


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{4}-[0-9]{2}-[0-9]{2}"))
def test_whatever_is_typed_is_a_time_or_refused(said: str) -> None:
    try:
        period = read_period(said.split(), TODAY)
    except (DateUnclear, NoSuchDay, PeriodBackwards, PeriodInFuture, PeriodTooLong):
        return
    assert period.first <= period.last <= TODAY and period.since(BERLIN) < period.until(BERLIN)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Asia/Kolkata"])
def test_days_follow_each_other_without_a_gap_when_the_clocks_change(name: str) -> None:
    zone = ZoneInfo(name)
    for first in (date(2011, 12, 25), date(2018, 10, 28), date(2026, 3, 20), date(2026, 10, 20)):
        period = Period(first, first + timedelta(days=14))
        days = period.days(zone)
        assert list(days) == sorted(set(days)) or name == "Pacific/Apia"  # where one day of 2011 never was
        assert days[0] == period.since(zone) and days[-1] == period.until(zone)
        for begins in days[:-1]:
            assert day_of(begins, zone) >= first


@given(st.text(max_size=60))
def test_no_made_up_button_is_taken_for_more(rest: str) -> None:
    found = read_chosen(rest)
    assert found is None or len(found.days) <= 2


def test_every_button_of_the_calendar_is_read_back_and_fits() -> None:
    owner = PersonId("tg:1234567890123456")
    first = date(2024, 2, 29)
    for keyboard in (first_days(owner, date(2026, 11, 1), TODAY), last_days(owner, first, date(2024, 2, 1), TODAY)):
        for button in (button for row in keyboard.inline_keyboard for button in row):
            data = str(button.callback_data)
            assert len(data) <= 64 and isinstance(read_chosen(data.partition(":")[2]), Chosen), data
    assert read_chosen("1:k.20260101.20260331.s") == Chosen(
        1, Step.MAKE, (date(2026, 1, 1), date(2026, 3, 31)), As.SPREADSHEET
    )
    wrongs = ("k.20260101.20260231.s", "k.20260101.20260331", "k.20260101.s", "r.20260101", "q", "m.1", "y.00010101")
    for wrong in (f"1:{each}" for each in wrongs):
        assert read_chosen(wrong) is None, wrong


# -- the picture -------------------------------------------------------------------------------------------------------


@given(wallets())
@settings(max_examples=6, deadline=None)
def test_a_picture_is_drawn_of_any_year(wallet: tuple[Currency, int, list[StatementLine]]) -> None:
    [file] = written(wallet, As.PICTURE)
    assert file.is_picture and file.data.startswith(b"\x89PNG") and len(file.data) < 1_000_000


def test_a_name_is_whole_on_a_picture_where_the_time_beside_it_leaves_it_the_room() -> None:
    day = Period(TODAY, TODAY)
    about = About(ANN, day, BERLIN, Money(0, currency("EUR")), Money(0, currency("EUR")), 0)
    with spoken_to("ru"):
        names = ("Екатерина Преображенская", "Екатерина Преображенский")
        form = form_of(As.PICTURE, ANN, BERLIN)
        drawn = {form.files(replace(about, person=ANN._replace(name=name)))[0].data for name in names}
    assert len(drawn) == 2, "a name that was cut looks like another"


# -- the making -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def job(core: WalletCore, teller: Storyteller, books_url: str) -> Job:
    """Ann's last month, in German."""
    await teller.tell("transfer ann bob 1.50 k1")
    period = Period(teller.clock.now.date().replace(day=1), teller.clock.now.date())
    return Job(
        person=teller.person("ann"), period=period, form=As.SPREADSHEET, language="de", zone=BERLIN, url=books_url,
        rules=core.rules,
    )  # fmt: skip


@pytest.mark.parametrize("short_max", [4_000, 0])
async def test_it_is_made_in_the_persons_language_and_refused_when_it_is_too_much_here_and_in_a_process(
    core: WalletCore, job: Job, monkeypatch: pytest.MonkeyPatch, short_max: int
) -> None:
    monkeypatch.setattr(apart, "SHORT_MAX", short_max)
    with spoken_to("de"):
        made = await made_for(core, job)
    text = made.files[0].data.decode("utf-8-sig")
    assert text.startswith("Datum;Uhrzeit;") and ";-1,50;8,50;" in text and made.about.count == 2
    with pytest.raises(TooManyEntries) as refused:
        await made_for(core, replace(job, entries_max=1))
    assert refused.value.entries_max == 1
    if short_max:
        long_ago = Period(date(2020, 1, 1), date(2020, 1, 31))
        nothing = await made_for(core, replace(job, form=As.PICTURE, period=long_ago))
        assert nothing.files == [] and nothing.about.closing == Money(0, currency("EUR"))
        return
    with pytest.raises(StatementLost):
        await made_for(core, replace(job, url="sqlite+aiosqlite:////nowhere/at/all.db"))


async def test_a_process_that_nobody_waits_for_is_ended(
    core: WalletCore, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "SHORT_MAX", 0)
    before = children()
    making = asyncio.create_task(made_for(core, job))
    while children() == before:  # noqa: ASYNC110  # the system tells nobody
        await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert children() == before


async def test_one_is_made_at_a_time_and_the_message_says_what_it_said_before_whatever_happens() -> None:
    deliveries, said = Deliveries(), []

    async def say(text: str, _: object) -> None:
        said.append(text)

    words = {"now": ("making", None), "then": ("as what?", None)}
    with pytest.raises(ValueError, match="in the middle"):
        async with deliveries.turn(ANN.id, say, **words) as is_free:
            async with deliveries.turn(ANN.id, say, **words) as is_free_again:
                assert (is_free, is_free_again, said) == (True, False, ["making"])
            raise ValueError("in the middle")
    assert said == ["making", "as what?"]
    async with deliveries.turn(ANN.id, say, **words) as is_free:
        assert is_free
    assert said == ["making", "as what?"] * 2
