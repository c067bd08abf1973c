"""What banks really write into statements, beside what the standards say: sums, signs in a column, pending lines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.gateways.bank.booked import book_statements
from bot.gateways.bank.files import read_statements
from bot.gateways.bank.statements import BadStatement, Flaw, Line
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
