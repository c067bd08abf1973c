"""What banks really write into statements, beside what the standards say: sums, signs in a column, pending lines."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from bot.gateways.bank.booked import Report, book_statements
from bot.gateways.bank.files import read_statements
from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw, Line
from tests.bot.test_bank_booked import ANN, EUR, TODAY, balance, core, top_up
from tests.e2e.bank_statements import IBAN, Booked, camt
from wallet_core import LineNote, WalletCore

__all__ = ["core"]

DETAIL = "<TxDtls>{amount}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
AMOUNT = '<AmtDtls><TxAmt><Amt Ccy="EUR">{}</Amt></TxAmt></AmtDtls>'


def lines_of(data: bytes) -> list[Line]:
    return [line for each in read_statements(data, iban=IBAN, unit=EUR) for line in each.lines]


def batch(whole: str, *parts: str) -> bytes:
    """A booking of one sum, with these parts, and as many as it says."""
    data = camt([Booked(whole, "sum", "B1")]).decode()
    start, end = data.index("<TxDtls>"), data.index("</TxDtls>") + len("</TxDtls>")
    return (data[:start] + "".join(parts) + data[end:]).encode()


def detail(text: str, amount: str | None = None) -> str:
    return DETAIL.format(text=text, amount="" if amount is None else AMOUNT.format(amount))


@pytest.mark.parametrize(
    "parts",
    [
        (detail("{named}"), detail("the rent")),  # no amounts
        (detail("{named}", "20.00"), detail("the rent", "30.00")),  # a fee is off: 49.50 came in
        ("<Btch><NbOfTxs>3</NbOfTxs></Btch>", detail("{named}", "20.00")),  # one of three
    ],
)
async def test_of_a_sum_whose_parts_are_not_said_nobody_gets_all(core: WalletCore, parts: tuple[str, ...]) -> None:
    named = await top_up(core, ANN, 2_000, "a")
    data = batch("49.50", *(part.format(named=named) for part in parts))
    for known in (0, 1):
        found = read_statements(data, iban=IBAN, unit=EUR)
        report = await book_statements(core, "bank", found, file="f", today=TODAY)
        assert [line.note for line in report.open] == [LineNote.SUM], known
        assert (await balance(core, ANN), report.booked) == ("0.00", [])


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("Buchungstag;Verwendungszweck;Betrag;Soll/Haben", "15.01.2026;{text};{amount},00;{mark}"),
        ("Buchungstag;Verwendungszweck;Umsatz; ", '15.01.2026;{text};"{amount},00";{mark}'),
        ("Date,Description,Amount,Debit/Credit", "2026-01-15,{text},{amount}.00,{mark}"),
        ("Date,Type,Description,Amount,Status", "2026-01-15,{mark},{text},{amount}.00,booked"),
    ],
)
@pytest.mark.parametrize("marks", [("S", "H"), ("D", "C"), ("Debit", "Credit"), ("DBIT", "CRDT"), ("Soll", "Haben")])
def test_where_a_csv_says_in_a_column_of_its_own_what_went_out_it_has_not_come_in(
    names: str, row: str, marks: tuple[str, str]
) -> None:
    out, came_in = marks
    rows = [row.format(text="out", amount=20, mark=out), row.format(text="in", amount=30, mark=came_in)]
    found = lines_of("\r\n".join([names, *rows, ""]).encode())
    assert [(line.text, line.amount) for line in found] == [("out", Decimal(-20)), ("in", Decimal(30))]
    rows[0] = row.format(text="out", amount=-20, mark=out)  # it says so twice
    found = lines_of("\r\n".join([names, *rows, ""]).encode())
    assert [line.amount for line in found] == [Decimal(-20), Decimal(30)]


@pytest.mark.parametrize("state", ["Umsatz vorgemerkt", "vorgemerkt", "PENDING", "Pending", "DECLINED", "REVERTED"])
def test_what_a_csv_calls_pending_in_whatever_words_is_not_booked_yet(state: str) -> None:
    rows = [f"15.01.2026;{text};20,00;{info}" for text, info in (("booked", "Umsatz gebucht"), ("pending", state))]
    data = "\r\n".join(["Buchungstag;Verwendungszweck;Betrag;Info", *rows, ""]).encode()
    assert [line.text for line in lines_of(data)] == ["booked"]


@pytest.mark.parametrize("amount", ["1.234,56 €", "1.234,56\u00a0€", "1\u202f234,56", "€1,234.56", "1.234,56 EUR"])
def test_an_amount_is_read_with_the_sign_of_its_money_and_with_narrow_blanks(amount: str) -> None:
    data = f'Buchungstag;Verwendungszweck;Betrag\r\n15.01.2026;x;"{amount}"\r\n'.encode()
    assert [line.amount for line in lines_of(data)] == [Decimal("1234.56")]
    with pytest.raises(BadStatement) as refused:
        lines_of(data.replace(amount.encode(), b"1.23.456"))
    assert refused.value.flaw is Flaw.DAMAGED


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_statements_of_several_days_are_read_out_of_one_zip() -> None:
    days = [
        camt([Booked("20.00", "one", day=day)], opening=opening, days=(day, day))
        for day, opening in ((date(2026, 1, 14), Decimal(100)), (date(2026, 1, 15), Decimal(120)))
    ]
    packed = zipped({"camt/": b"", "camt/1.xml": days[0], "camt/2.xml": days[1], "__MACOSX/._1.xml": b"\0"})
    assert lines_of(packed) == [line for day in days for line in lines_of(day)]
    for data, flaw in (
        (packed[:-30], Flaw.DAMAGED),
        (
            packed.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0"),
            Flaw.DAMAGED,
        ),  # says that it is encrypted
        (zipped({"1.xml": days[0][:-50]}), Flaw.CUT_OFF),
        (zipped({"1.xml": days[0], "rules.pdf": b"%PDF-1.7\0"}), Flaw.UNKNOWN),
        (zipped({"1.zip": packed}), Flaw.UNKNOWN),
        (zipped({}), Flaw.UNKNOWN),
        (zipped({"1.xml": days[0]}, zipfile.ZIP_BZIP2), Flaw.DAMAGED),
        (zipped({"1.xml": days[0]}, zipfile.ZIP_LZMA), Flaw.DAMAGED),
        (zipped({"1.xml": b" " * (FILE_BYTES_MAX + 1)}), Flaw.TOO_BIG),
        (zipped({f"{number}.xml": b"" for number in range(501)}), Flaw.TOO_BIG),
    ):
        with pytest.raises(BadStatement) as refused:
            lines_of(data)
        assert refused.value.flaw is flaw, data[:80]


def test_a_statement_in_pages_goes_on_by_its_balances_between() -> None:
    page = camt([Booked("20.00", "one", "R1")])
    for names in (("OPBD", "ITBD"), ("ITBD", "ITBD"), ("ITBD", "CLBD")):
        data = page.replace(b"OPBD", names[0].encode()).replace(b"CLBD", names[1].encode())
        [statement] = read_statements(data, iban=IBAN, unit=EUR)
        assert (statement.opening, statement.closing) == (Decimal(1000), Decimal(1020)), names
    with pytest.raises(BadStatement) as refused:
        lines_of(page.replace(b"OPBD", b"ITBD").replace(b"CLBD", b"CLAV"))
    assert refused.value.flaw is Flaw.NO_BALANCES


def test_what_another_account_in_the_file_says_of_itself_is_no_matter() -> None:
    data, other = camt([Booked("20.00", "one", "R1")]), camt([Booked("5.00", "x", "R2")], iban="DE89370400440532013000")
    start, end = other.index(b"<Stmt>"), other.index(b"</Stmt>") + len(b"</Stmt>")
    theirs = other[start:end]
    at = data.index(b"<Stmt>")
    for said in (
        theirs,
        theirs.replace(b"CLBD", b"CLAV"),
        theirs.replace(b'Ccy="EUR">5.00', b'Ccy="USD">5.00'),
        theirs.replace(b"CLBD", b"CLAV").replace(b"OPBD", b"OPAV"),
    ):
        assert [line.text for line in lines_of(data[:at] + said + data[at:])] == ["one"]
    for said, flaw in (
        (theirs.replace(b"CLBD", b"CLAV"), Flaw.NO_BALANCES),
        (theirs.replace(b'Ccy="EUR">5.00', b'Ccy="USD">5.00'), Flaw.OTHER_CURRENCY),
    ):
        with pytest.raises(BadStatement) as refused:
            lines_of(data[:at] + said.replace(b"DE89370400440532013000", IBAN.encode()) + data[at:])
        assert refused.value.flaw is flaw


HEAD = "Buchungstag;Betrag;Verwendungszweck;Name Zahlungsbeteiligter;Kundenreferenz\n"
DAY = TODAY.strftime("%d.%m.%Y")


async def book(core: WalletCore, data: bytes) -> Report:
    """As a file that somebody in charge sends: what is in it names it."""
    found = read_statements(data, iban=IBAN, unit=EUR)
    return await book_statements(core, "bank", found, file=hashlib.sha256(data).hexdigest()[:16], today=TODAY)


@pytest.mark.parametrize("is_zip", [False, True])
async def test_what_stands_in_two_files_is_credited_once_be_they_zipped_or_not(core: WalletCore, is_zip: bool) -> None:
    named = await top_up(core, ANN, 2_000, "a")
    week = (HEAD + f"{DAY};20,00;{named};Ann;\n").encode()
    month = (HEAD + f"{DAY};20,00;{named};Ann;\n{DAY};6,00;rent;Bob;\n").encode()
    for data in [zipped({"1.csv": week, "2.csv": month})] if is_zip else [week, month]:
        await book(core, data)
    assert await balance(core, ANN) == "20.00"


@pytest.mark.parametrize("row", ["{named};S;", "{named};Debit;", "{named};Ann;\n{day};0,01;hi;Eve;S"])
async def test_what_others_write_turns_and_stops_no_file(core: WalletCore, row: str) -> None:
    named = await top_up(core, ANN, 2_000, "a")
    await book(core, (HEAD + f"{DAY};20,00;{row.format(named=named, day=DAY)}\n").encode())
    assert await balance(core, ANN) == "20.00"


def test_two_blanks_before_the_currency_are_read() -> None:
    [line] = lines_of((HEAD + f"{DAY};5,00  EUR;x;Ann;\n").encode())
    assert line.amount == Decimal("5.00")
