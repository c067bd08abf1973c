"""The file for the bank, held against ISO 20022's own schema of pain.001.001.09, which banks check it with."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmlschema import XMLSchema, XMLSchemaValidationError

from bot.gateways.bank.pain import Payee, payment_file
from bot.gateways.bank.references import OUT, plain, reference_of
from tests.e2e.bank_statements import IBAN
from wallet_core import Money, currency

EUR = currency("EUR")
CODE = "0123456789ABCDEF"
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema() -> XMLSchema:
    return XMLSchema((files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_text("utf-8"))


def file_of(*payments: tuple[str, int], holder: str = "Café Müller e.V.") -> str:
    reference = reference_of(CODE, OUT)
    payees = [
        Payee(name, "DE89370400440532013000", Money(minor, EUR), plain(reference), reference)
        for name, minor in payments
    ]
    return payment_file(payees, name=holder, iban=IBAN, file_id=f"TUP{CODE[:9]}", made_at=AT).decode()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=90), st.integers(1, 99_999_999_999)), min_size=1, max_size=3), st.text())
def test_whatever_people_are_called_the_file_is_one_that_a_bank_can_read(
    schema: XMLSchema, payments: list[tuple[str, int]], holder: str
) -> None:
    schema.validate(file_of(*payments, holder=holder))


def test_the_schema_is_one_that_finds_what_is_wrong(schema: XMLSchema) -> None:
    good = file_of(("Ann", 800))
    for part, other in (
        ("<IBAN>DE89370400440532013000</IBAN>", "<IBAN>DE 89</IBAN>"),
        ('Ccy="EUR">8.00<', 'Ccy="EUR">8.000001<'),
        ("<PmtMtd>TRF</PmtMtd>", ""),
        ("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>MINE</ChrgBr>"),
    ):
        assert part in good, part
        with pytest.raises(XMLSchemaValidationError):
            schema.validate(good.replace(part, other, 1))
