"""What banks really write into statements, beside what the standards say: sums."""

from __future__ import annotations

import pytest

from bot.gateways.bank.booked import book_statements
from bot.gateways.bank.files import read_statements
from tests.bot.test_bank_booked import ANN, EUR, TODAY, balance, core, top_up
from tests.e2e.bank_statements import IBAN, Booked, camt
from wallet_core import LineNote, WalletCore

__all__ = ["core"]

DETAIL = "<TxDtls>{amount}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
AMOUNT = '<AmtDtls><TxAmt><Amt Ccy="EUR">{}</Amt></TxAmt></AmtDtls>'


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
