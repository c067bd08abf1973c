"""A statement's lines as they are booked: each to what it names, none guessed, none from tomorrow, none twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.gateways.bank.booked import Report, book_statements
from bot.gateways.bank.files import read_statements
from bot.gateways.bank.references import OUT, plain, reference_of
from bot.gateways.bank.statements import BadStatement
from tests.bot.test_bank_files import csv_of
from tests.e2e.bank_statements import IBAN, Booked, camt, mt940
from wallet_core import (
    BreakKind,
    ConfirmWithdrawal,
    Debit,
    Issue,
    LineNote,
    MakeTopUp,
    MakeWithdrawal,
    Money,
    OpenWallet,
    PersonId,
    ReversalsOpen,
    Rules,
    ToPerson,
    WalletCore,
    WalletOf,
    WhatBankSays,
    currency,
)

EUR = currency("EUR")
ANN, BOB, OLGA = PersonId("tg:11"), PersonId("tg:12"), PersonId("tg:1")
TODAY = date(2026, 1, 15)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[WalletCore]:
    rules = Rules(EUR, operators=frozenset({OLGA}))
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=rules) as opened:
        for person, name in ((ANN, "Ann"), (BOB, "Bob"), (OLGA, "Olga")):
            await opened.run(OpenWallet(person=person, handle=name.lower(), name=name))
        yield opened
        assert (await opened.audit()).sound


async def top_up(core: WalletCore, person: PersonId, minor: int, key: str) -> str:
    wish = MakeTopUp(by=person, to=ToPerson(person), gateway="bank", amount=Money(minor, EUR), key=key)
    return reference_of((await core.run(wish)).code)


async def booked(core: WalletCore, data: bytes, file: str, today: date = TODAY) -> Report:
    found = read_statements(data, iban=IBAN, unit=EUR)
    return await book_statements(core, "bank", found, file=file, today=today)


async def balance(core: WalletCore, person: PersonId) -> str:
    return (await core.ask(WalletOf(person))).balance.number


async def test_each_line_goes_to_what_it_names_and_none_is_guessed(core: WalletCore) -> None:
    first, second = await top_up(core, ANN, 2_000, "a"), await top_up(core, BOB, 2_000, "b")
    typo = first[:-1] + ("0" if first[-1] != "0" else "2")
    lines = [
        Booked("20.00", f"pay {first.lower().replace('-', '')}", "1"),
        Booked("3.00", "thanks", "2", name=second),  # in the wrong field
        Booked("4.00", f"{first} and {second}", "3"),
        Booked("5.00", typo, "4"),
        Booked("6.00", first.removeprefix("TUP "), "5"),
        Booked("-7.00", "rent", "6"),
        Booked("-8.00", f"back {first}", "7"),
    ]
    report = await booked(core, camt(lines), "f1")
    assert [(each.person and each.person.name, each.amount.minor) for each in report.booked] == [
        ("Ann", 2_000), ("Bob", 300),
    ]  # fmt: skip
    assert [(each.amount.minor, each.note) for each in report.open] == [
        (400, LineNote.SEVERAL), (500, LineNote.UNMATCHED), (600, LineNote.UNMATCHED),
    ]  # fmt: skip
    assert report.other_debits == 1 and [each.what for each in report.gone] == [None]
    assert report.closing == Money(102_300, EUR) and report.closing_on == TODAY
    again = await booked(core, mt940(lines), "f2")
    assert (again.known, len(again.booked), len(again.open)) == (1 + 1 + 1, 0, 3)
    assert (await balance(core, ANN), await balance(core, BOB)) == ("20.00", "3.00")


async def test_what_the_bank_takes_back_moves_nothing_and_is_asked_about_once(core: WalletCore) -> None:
    reference = await top_up(core, ANN, 2_000, "a")
    await booked(core, camt([Booked("20.00", reference, "1")]), "f1")
    lines = [
        Booked("-20.00", reference, "1", is_reversal=True),  # with the reference of the first, as some banks do
        Booked("-5.00", "of somebody", "2", is_reversal=True),
        Booked("-4.00", f"return {reference}", "3"),
        Booked("7.00", reference, "4", is_reversal=True),
    ]
    for number, data in enumerate(
        (camt(lines), camt(lines), mt940(lines), camt([Booked("20.00", reference, "1"), *lines]))
    ):
        report = await booked(core, data, f"g{number}")
        assert [(each.amount.minor, each.is_repeat) for each in report.reversals] == [
            (2_000, number > 0), (500, number > 0), (400, number > 0),
        ]  # fmt: skip
        assert [(each.amount.minor, each.note) for each in report.open] == [(700, LineNote.REVERSAL)]
        assert report.known == (0 if number == 0 else 3 if number < 3 else 4) and report.booked == []
        assert len(report.gone) == (3 if number == 0 else 0)
    assert await balance(core, ANN) == "20.00"
    _, count = await core.ask(ReversalsOpen(gateway="bank", limit=1))
    assert count == 3


async def test_what_the_account_held_is_kept_of_every_statement_but_not_of_tomorrow(core: WalletCore) -> None:
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    line = Booked("1.00", "x", "1", day=yesterday)
    await booked(core, camt([line], days=(yesterday, yesterday)), "f1")
    report = await booked(core, camt([], opening=Decimal("900.00")), "f2")
    assert (report.closing, report.closing_on) == (Money(90_000, EUR), TODAY)
    await booked(core, camt([Booked("2.00", "y", "2", day=tomorrow)], days=(TODAY, tomorrow)), "f3")
    await booked(core, csv_of([line]), "f4")  # says nothing of it
    says = await core.ask(WhatBankSays("bank"))
    assert says.last is not None and (says.last.closing, says.last.closed_on) == (Money(90_000, EUR), TODAY)
    assert [each.kind for each in says.breaks] == [BreakKind.GAP]


async def test_a_balance_in_parts_of_a_cent_is_refused_before_anything_is_booked(core: WalletCore) -> None:
    reference = await top_up(core, ANN, 2_000, "a")
    with pytest.raises(BadStatement):
        await booked(core, camt([Booked("20.00", reference, "1")], opening=Decimal("1000.005")), "f")
    assert await balance(core, ANN) == "0.00"


async def test_a_line_dated_tomorrow_waits_for_its_day(core: WalletCore) -> None:
    reference = await top_up(core, ANN, 2_000, "a")
    data = camt([Booked("20.00", reference, "1", day=TODAY + timedelta(days=1))])
    report = await booked(core, data, "f")
    assert (report.to_come, report.booked, report.open) == (1, [], [])
    assert await balance(core, ANN) == "0.00"
    assert len((await booked(core, data, "f", TODAY + timedelta(days=1))).booked) == 1


async def test_without_the_banks_reference_another_format_is_asked_about_and_the_same_is_known(
    core: WalletCore,
) -> None:
    reference = await top_up(core, ANN, 2_000, "a")
    line = Booked("20.00", f"my reference is {reference}, all the best from Ann")
    assert len((await booked(core, csv_of([line]), "f1")).booked) == 1
    assert (await booked(core, csv_of([line, Booked("1.00", "x")]), "f2")).known == 1
    for number, data in enumerate((camt([line]), mt940([Booked("20.00", line.text, "R1")])), 3):
        report = await booked(core, data, f"f{number}")
        assert (report.booked, report.known, [each.note for each in report.open]) in (
            ([], 0, [LineNote.ALIKE]),
            ([], 1, []),
        )
    assert await balance(core, ANN) == "20.00"


async def test_many_lines_of_one_day_are_each_booked_once_however_often_the_file_comes(core: WalletCore) -> None:
    reference = await top_up(core, ANN, 100, "a")
    lines = [Booked("1.00", f"{reference} no {number}") for number in range(150)] + [Booked("1.00", reference)] * 3
    report = await booked(core, csv_of(lines), "f1")
    assert (len(report.booked), report.open) == (153, [])
    assert (await booked(core, csv_of(lines), "f1")).known == 153
    assert await balance(core, ANN) == "153.00"


async def test_what_went_out_settles_what_it_names_in_the_right_amount_only(core: WalletCore) -> None:
    await core.run(Issue(by=OLGA, to=ToPerson(ANN), amount=Money(10_000, EUR), key="i"))
    wish = MakeWithdrawal(person=ANN, gateway="bank", amount=Money(800, EUR), key="w", target="DE02 … 2051|sealed")
    made = await core.run(wish)
    reference = plain(reference_of(made.code, OUT))
    await core.run(ConfirmWithdrawal(code=made.code, person=ANN))
    steps = (("-7.99", "1", Debit.OTHER_AMOUNT), ("-8.00", "2", Debit.DONE), ("-8.00", "3", Debit.TWICE))
    for number, (amount, bank, what) in enumerate(steps):
        report = await booked(core, camt([Booked(amount, f"EREF+{reference}", bank)]), f"f{number}")
        assert [each.what for each in report.gone] == [what]
    wrong = reference.replace("TUW", "TUP")
    report = await booked(core, camt([Booked("8.00", reference, "4"), Booked("9.00", wrong, "5")]), "f9")
    assert [each.note for each in report.open] == [LineNote.CAME_BACK, LineNote.UNMATCHED]
    assert await balance(core, ANN) == "92.00"
