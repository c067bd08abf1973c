"""Statements as files: what others have published, what we have written in their shape, and what is not to be read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.gateways.bank import camt, mt940_file
from bot.gateways.bank.files import read_statements
from bot.gateways.bank.references import reference_of, references_in
from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw, is_account
from tests.e2e.bank_statements import DAY, IBAN, Booked
from tests.e2e.bank_statements import camt as camt_of
from tests.e2e.bank_statements import mt940 as mt940_of
from wallet_core import currency

EUR = currency("EUR")
CODE = "1M8C3ZQ2XAbCdEfGhIjKlMnO"
TEXT = f"Thanks {reference_of(CODE)} and bye"
LINES = [Booked("20.00", TEXT, "R1"), Booked("-7.50", "rent", "R2"), Booked("0.01", "a cent", "R3", name="Bö <&>")]
PUBLISHED = Path(__file__).parent / "statements"
HEAD = "Buchungstag;Verwendungszweck;Name Zahlungsbeteiligter;Betrag;Waehrung;IBAN Auftragskonto;Saldo nach Buchung\r\n"


def csv_of(lines: list[Booked], *, iban: str = IBAN) -> bytes:
    """As German banks write it: the newest first, with what it held after each."""
    held, rows = Decimal("1000.00"), []
    for line in lines:
        held += line.decimal
        cells = (f"{line.day:%d.%m.%Y}", line.text, line.name, _german(line.decimal), "EUR", iban, _german(held))
        rows.append(";".join(cells) + "\r\n")
    return (HEAD + "".join(reversed(rows))).encode("cp1252")


def _german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(".,", ",."))


def flaw_of(data: bytes, *, iban: str = IBAN) -> Flaw:
    with pytest.raises(BadStatement) as refused:
        read_statements(data, iban=iban, unit=EUR)
    return refused.value.flaw


FORMATS = pytest.mark.parametrize("write", [camt_of, mt940_of, csv_of])


@FORMATS
def test_the_same_lines_are_read_from_every_format(write: object) -> None:
    assert callable(write)
    [statement] = read_statements(write(LINES), iban=IBAN, unit=EUR)
    found = sorted(statement.lines, key=lambda line: line.amount)
    assert [line.amount for line in found] == [Decimal("-7.50"), Decimal("0.01"), Decimal("20.00")]
    assert {line.booked_on for line in found} == {date(2026, 1, 15)}
    assert [each.names(CODE) for each in references_in(found[-1].text)] == [True]
    assert found[1].name == "Bö <&>"


@pytest.mark.parametrize("write", [camt_of, mt940_of])
def test_what_takes_something_back_is_known_by_its_sign_in_both_directions(write: object) -> None:
    assert callable(write)
    lines = [
        Booked("20.00", TEXT, "R1"), Booked("-20.00", TEXT, "R1", is_reversal=True),
        Booked("-8.00", "x", "R2"), Booked("8.00", "x", "R2", is_reversal=True),
    ]  # fmt: skip
    [statement] = read_statements(write(lines), iban=IBAN, unit=EUR)
    assert [(line.amount, line.is_reversal, line.key) for line in statement.lines] == [
        (Decimal("20.00"), False, "ref:R1"), (Decimal("-20.00"), True, "ref:R1-reversed"),
        (Decimal("-8.00"), False, "ref:R2"), (Decimal("8.00"), True, "ref:R2-reversed"),
    ]  # fmt: skip
    assert (statement.opened_on, statement.closed_on) in ((DAY, DAY), (date(2026, 1, 14), DAY))


@pytest.mark.parametrize(
    "said",
    [
        "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>",
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>",
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>",
    ],
)
def test_a_return_is_known_by_its_reason_or_its_code(said: str) -> None:
    data = camt_of([Booked("-20.00", TEXT, "R1")])
    for marked in (
        data.replace(b"</TxDtls>", said.encode() + b"</TxDtls>"),
        data.replace(b"<NtryDtls>", said.encode() + b"<NtryDtls>"),
    ):
        if b"<RtrInf>" in marked and b"</RtrInf></TxDtls>" not in marked:
            continue  # only a payment has a reason
        [line] = read_statements(marked, iban=IBAN, unit=EUR)[0].lines
        assert line.is_reversal
    [line] = read_statements(data, iban=IBAN, unit=EUR)[0].lines
    assert not line.is_reversal


def test_the_banks_own_reference_is_the_key_in_every_format_that_has_one() -> None:
    keys = [
        [line.key for line in read_statements(data, iban=IBAN, unit=EUR)[0].lines]
        for data in (camt_of(LINES), mt940_of(LINES))
    ]
    assert keys[0] == keys[1] == ["ref:R1", "ref:R2", "ref:R3"]


@FORMATS
def test_lines_that_say_the_same_are_numbered_and_keep_their_keys_when_more_come(write: object) -> None:
    assert callable(write)
    same = [Booked("20.00", TEXT) for _ in range(3)]
    few = [line.key for line in read_statements(write(same[:2]), iban=IBAN, unit=EUR)[0].lines]
    many = [line.key for line in read_statements(write(same), iban=IBAN, unit=EUR)[0].lines]
    assert len(set(many)) == 3 and many[:2] == few and all(key.startswith("sha:") for key in many)


def test_a_statement_that_stands_twice_in_a_file_is_one_and_a_reference_of_several_lines_is_several() -> None:
    data = camt_of([Booked("20.00", TEXT)])
    start, end = data.index(b"<Stmt>"), data.index(b"</Stmt>") + len(b"</Stmt>")
    [statement] = read_statements(data[:end] + data[start:end] + data[end:], iban=IBAN, unit=EUR)
    assert len(statement.lines) == 1
    twice = mt940_of([Booked("20.00", TEXT)])
    assert len(read_statements(twice + b"\r\n" + twice, iban=IBAN, unit=EUR)) == 1
    shared = [Booked("20.00", TEXT, "R1"), Booked("20.00", TEXT, "R1"), Booked("20.00", "another", "R1")]
    [statement] = read_statements(camt_of(shared), iban=IBAN, unit=EUR)
    keys = [line.key for line in statement.lines]
    assert keys[:2] == ["ref:R1", "ref:R1"] and keys[2].startswith("ref:R1:")


def test_what_is_no_sound_statement_of_ours_is_not_read_at_all() -> None:
    good, swift, table = camt_of(LINES), mt940_of(LINES), csv_of(LINES)
    too_much = [Booked("99999999999999.00", TEXT)]  # the books would refuse it in the middle of a file
    doctype = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document'
    for data, flaw in (
        (b"", Flaw.UNKNOWN),
        (b"hello", Flaw.UNKNOWN),
        (b"\x89PNG\r\n\x1a\n\0\0", Flaw.UNKNOWN),
        (b"<html></html>", Flaw.UNKNOWN),
        (b"<a>" * 5_000, Flaw.UNKNOWN),
        (b"<Document><BkToCstmrStmt>" + b"<a>" * 5_000, Flaw.TOO_BIG),
        (b" " * (FILE_BYTES_MAX + 1), Flaw.TOO_BIG),
        (good[:-100], Flaw.CUT_OFF),
        (good[:700], Flaw.CUT_OFF),
        (good.replace(b"<Document", doctype, 1), Flaw.DOCTYPE),
        (good.replace(b"<Document", doctype, 1).decode().replace("UTF-8", "UTF-16").encode("utf-16"), Flaw.DOCTYPE),
        (good.replace(b'encoding="UTF-8"', b'encoding="x-unknown"'), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">20.00x<"), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">-20.00<"), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">NaN<"), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">2e1<"), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">20.001<"), Flaw.DAMAGED),
        (good.replace(b">20.00<", b">21.00<"), Flaw.DOES_NOT_ADD_UP),
        (good.replace(b"2026-01-15", b"2026-13-15"), Flaw.DAMAGED),
        (good.replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt"), Flaw.NOT_BOOKED),
        (good.replace(b"OPBD", b"OPAV"), Flaw.NO_BALANCES),
        (camt_of(LINES, iban="DE89370400440532013000"), Flaw.OTHER_ACCOUNT),
        (camt_of(LINES, currency="SEK"), Flaw.OTHER_CURRENCY),
        (swift[: swift.index(b":62F:")], Flaw.CUT_OFF),
        (swift.replace(b"CR20,00", b"CR20,01"), Flaw.DOES_NOT_ADD_UP),
        (swift.replace(b":61:2601150115CR20,00NTRF", b":61:nonsense"), Flaw.DAMAGED),
        (mt940_of(LINES, account="12030000/0000202052"), Flaw.OTHER_ACCOUNT),
        (swift.replace(b"EUR", b"DEM"), Flaw.OTHER_CURRENCY),
        (table.replace(b"-7,50;EUR", b"-8,50;EUR"), Flaw.DOES_NOT_ADD_UP),
        (table[:-60], Flaw.CUT_OFF),
        (table.replace(b"15.01.2026", b"01/02/2026"), Flaw.DATES),
        (table.replace(b"Betrag", b"Summe"), Flaw.COLUMNS),
        (table.replace(b"20,00;EUR", b"20.000;EUR"), Flaw.DAMAGED),
        (table.replace(b";EUR;", b";USD;"), Flaw.OTHER_CURRENCY),
        (good.replace(b'<Ntry><Amt Ccy="EUR">', b'<Ntry><Amt Ccy="USD">'), Flaw.OTHER_CURRENCY),
        (good.replace(b'<Ntry><Amt Ccy="EUR">', b"<Ntry><Amt>", 1), Flaw.OTHER_CURRENCY),
        (mt940_of(too_much), Flaw.DAMAGED),
        (csv_of(too_much), Flaw.DAMAGED),
        (b"a;b" + b";" * 300_000, Flaw.UNKNOWN),
    ):
        try:
            found: object = read_statements(data, iban=IBAN, unit=EUR)
        except BadStatement as refused:
            found = refused.flaw
        assert found is flaw, (flaw, data[:80])


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("Datum;Verwendungszweck;Betrag", "15.01.2026;{text};1234,56"),
        ("Datum;Verwendungszweck;Betrag;Waehrung", "15.01.2026;{text};1234,56;EUR"),
        ("Datum;Betrag;Verwendungszweck", "15.01.2026;1234,56;{text}"),
        ("Datum;Betrag;Verwendungszweck;Saldo", "15.01.2026;1234,56;{text};{held}"),
        ("Datum;Verwendungszweck;Betrag;Soll/Haben", "15.01.2026;{text};1234,56;Soll"),
        ('"Datum";"Verwendungszweck";"Betrag"', '"15.01.2026";"{text}";"1234,56"'),
    ],
)
@pytest.mark.parametrize("before", [0, 2])
def test_wherever_a_csv_is_cut_off_nothing_is_read_wrongly(names: str, line: str, before: int) -> None:
    held = [_german(number * Decimal("1234.56")) for number in range(1, before + 2)]
    lines = [line.format(text=f"{TEXT} {number}", held=each) for number, each in enumerate(held)]
    whole = "\r\n".join([names, *lines, ""]).encode()
    [statement] = read_statements(whole, iban=IBAN, unit=EUR)
    said = [(each.amount, each.text) for each in statement.lines]
    for length in range(len(names) + 2, len(whole)):
        try:
            [found] = read_statements(whole[:length], iban=IBAN, unit=EUR)
        except BadStatement:
            continue
        read = [(each.amount, each.text) for each in found.lines]
        assert read == said[: len(read)], whole[:length]


def test_a_null_is_in_no_statement_wherever_it_stands() -> None:
    lines = [Booked("1.00", f"{TEXT} {number}") for number in range(200)]
    for write, at in ((csv_of, 0), (mt940_of, 200)):  # a CSV has the newest first
        data = write([*lines[:at], Booked("1.00", "last\0"), *lines[at:]])
        assert data.index(b"\0") > 4_000 and flaw_of(data) is Flaw.UNKNOWN
    assert flaw_of(camt_of([Booked("1.00", "last\0")])) is Flaw.DAMAGED


@pytest.mark.timeout(20)
def test_a_file_of_many_elements_or_lines_ends_soon() -> None:
    many = b"<Document><BkToCstmrStmt><Stmt>" + b"<a/>" * 1_200_000 + b"</Stmt></BkToCstmrStmt></Document>"
    assert flaw_of(many) is Flaw.TOO_BIG
    assert flaw_of(HEAD.encode() + b"15.01.2026;a;b;1,00;EUR;;\n" * 11_000) is Flaw.TOO_BIG


def test_parts_that_a_bank_booked_as_a_sum_are_lines_of_their_own() -> None:
    parts = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
        for amount, text in (("12.00", "one"), ("8.00", "two"))
    )
    whole = camt_of([Booked("20.00", "both", "SUM")]).decode()
    start, end = whole.index("<TxDtls>"), whole.index("</TxDtls>") + len("</TxDtls>")
    [statement] = read_statements((whole[:start] + parts + whole[end:]).encode(), iban=IBAN, unit=EUR)
    assert [(line.amount, line.text, line.key) for line in statement.lines] == [
        (Decimal("12.00"), "one", "ref:SUM1"), (Decimal("8.00"), "two", "ref:SUM2"),
    ]  # fmt: skip
    short = (whole[:start] + parts.replace("12.00", "11.00") + whole[end:]).encode()
    [statement] = read_statements(short, iban=IBAN, unit=EUR)
    assert [(line.amount, line.text) for line in statement.lines] == [(Decimal("20.00"), "one two")]


def test_what_is_not_booked_yet_is_left_out() -> None:
    pending = camt_of([Booked("20.00", "x", "R1")], closing=Decimal("1000.00")).replace(b"<Cd>BOOK", b"<Cd>PDNG")
    [statement] = read_statements(pending, iban=IBAN, unit=EUR)
    assert statement.lines == ()


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        (IBAN, True),
        ("DE02 1203 0000 0000 2020 51", True),
        (f"{IBAN}EUR", True),
        ("12030000/0000202051", True),
        ("12030000/202051", True),
        ("12030000/20205", False),
        ("12030000/51", False),
        ("0000202051", True),
        ("51", False),
        ("", False),
        ("SOMEBANK/0000202051", True),
        ("SOMEBANK/51", False),
        (f"BYLADEM1001/{IBAN}", True),
        (f"BYLADEM1001/{IBAN}EUR", True),
        (f"{IBAN}/EUR", True),
        ("BYLADEM1001/DE89370400440532013000", False),
        ("DE89370400440532013000", False),
        ("12030001/0000202051", False),
    ],
)
def test_an_account_is_ours_by_its_iban_or_as_older_files_say_it(said: str, is_ours: bool) -> None:
    assert is_account(said, IBAN) is is_ours


def test_statements_that_others_published_are_read_or_refused_for_what_they_are() -> None:
    multi = camt.read((PUBLISHED / "camt053.v2.multi.statement.xml").read_bytes())
    assert [(each.account, each.opening, each.closing) for each in multi] == [
        ("NL26VAYB8060476890", Decimal("18.15"), Decimal("27.00")),
        ("NL26VAYB8060476890", Decimal("27.00"), Decimal("20.00")),
    ]
    assert [line.amount for each in multi for line in each.lines] == [Decimal("8.85"), Decimal("-7.00")]
    for name, flaw in (
        ("camt052.v6.Amt-zero.xml", Flaw.NOT_BOOKED),
        ("camt053.v2.wrong.xml", Flaw.OTHER_ACCOUNT),  # it has no statement at all
        ("camt053.v8.xml", Flaw.OTHER_CURRENCY),  # opens in euros and closes in kronor
    ):
        assert flaw_of((PUBLISHED / name).read_bytes(), iban="NL26VAYB8060476890") is flaw, name
    bank = mt940_file.read((PUBLISHED / "betterplace-sepa_mt9401.sta").read_text("utf-8", "replace"))
    for each in bank:
        assert each.opening is not None and each.closing is not None
        assert each.opening + sum(line.amount for line in each.lines) == each.closing
    assert [line.is_reversal for line in bank[0].lines].count(True) == 1
    [rabo, _] = mt940_file.read((PUBLISHED / "jejik-rabobank-iban.sta").read_text("utf-8"))
    assert rabo.account == "NL71RABO0123456789" and "Reference 201301234" in rabo.lines[1].text
    [generic, *_] = mt940_file.read((PUBLISHED / "jejik-triodos.sta").read_text("utf-8"))
    assert "KANTOOR - FEB 2010" in generic.lines[1].text and ">21" not in generic.lines[1].text
