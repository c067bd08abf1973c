"""The bank's small parts: references as people retype them, IBANs, the code, the file for the bank, the seal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import zxingcpp
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.gateways.bank.iban import (
    LENGTHS,
    IbanMistyped,
    NoIban,
    begins_with_iban,
    grouped,
    is_right,
    masked,
    read_iban,
    read_iban_and_name,
)
from bot.gateways.bank.pain import Payee, payment_file, sepa_text
from bot.gateways.bank.references import IN, OUT, plain, reference_of, references_in
from bot.gateways.bank.sealed import Holder, Seal, Unsealable, shown
from bot.qr import PLAIN, Kind, Shape, Style, Transfer, epc_png, kind_of
from tests.e2e.bank_statements import IBAN
from wallet_core import Money, currency

EUR = currency("EUR")
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = "1M8C3ZQ2XAbCdEfGhIjKlMnO"
CODES = st.builds(
    lambda head, tail: f"1{head}{tail}",
    st.text(DIGITS, min_size=8, max_size=8),
    st.text(DIGITS + DIGITS.lower() + "_-", min_size=16, max_size=16),
)
BETWEEN = st.text(" -./:\n\t", max_size=2)
IBANS = st.sampled_from([
    "DE02120300000000202051", "NL91ABNA0417164300", "GB29NWBK60161331926819", "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947", "AT611904300234573201", "FR1420041010050500013M02606",
])  # fmt: skip


@given(CODES, st.sampled_from([IN, OUT]), st.data())
def test_a_reference_is_found_in_any_case_with_blanks_and_hyphens_anywhere(
    code: str, kind: str, data: st.DataObject
) -> None:
    written = plain(reference_of(code, kind))
    swap = {"0": "0Oo", "1": "1IiLl"}
    same = [each + each.lower() if at < 3 else swap.get(each, each + each.lower()) for at, each in enumerate(written)]
    signs = [data.draw(st.sampled_from(each)) for each in same]
    retyped = "".join(f"{sign}{data.draw(BETWEEN)}" for sign in signs)
    text = f"{data.draw(st.text(max_size=30))} {retyped} {data.draw(st.text(max_size=30))}"
    found = [each for each in references_in(text) if each.prefix == kind]
    assert any(each.names(code) for each in found)


@given(CODES, st.integers(0, 11), st.sampled_from(DIGITS))
def test_a_reference_with_a_wrong_sign_names_nothing(code: str, at: int, sign: str) -> None:
    written = plain(reference_of(code))
    wrong = written[: 3 + at] + sign + written[4 + at :]
    assert any(each.names(code) for each in references_in(wrong)) == (wrong == written)


@given(st.text(max_size=200))
def test_whatever_somebody_writes_is_no_error(text: str) -> None:
    references_in(text, text)
    begins_with_iban(text)
    sepa_text(text)
    for read in (read_iban, read_iban_and_name):
        with pytest.raises((NoIban, IbanMistyped)):
            read(text)


def test_two_references_in_one_text_are_two_and_one_written_twice_is_one() -> None:
    one, two = reference_of("1M8C3ZQ2XAbCdEfGhIjKlMnO"), reference_of("1M8C3ZQ2YAbCdEfGhIjKlMnO")
    assert len(references_in(f"{one}{two} {one}")) == 2
    assert references_in("TUP", "", "TUP 1234", "TUP UUUUUUUUUUUU") == ()


@given(IBANS, st.data())
def test_a_right_iban_is_read_as_written_and_no_single_slip_or_swap_passes(iban: str, data: st.DataObject) -> None:
    assert len(iban) == LENGTHS[iban[:2]] and is_right(iban)
    assert read_iban(f" iban: {grouped(iban).lower()} ".strip()) == iban
    assert read_iban_and_name(f"{grouped(iban)} Ann  Smith-Jones 3") == (iban, "Ann Smith-Jones 3")
    at = data.draw(st.integers(2, len(iban) - 1))
    sign = data.draw(st.sampled_from("0123456789"))
    wrong = iban[:at] + sign + iban[at + 1 :]
    if wrong != iban and iban[at].isdigit():
        with pytest.raises(IbanMistyped):
            read_iban(wrong)
    swapped = iban[:at] + iban[at : at + 2][::-1] + iban[at + 2 :]
    if swapped != iban and iban[at : at + 2].isdigit():
        with pytest.raises(IbanMistyped):
            read_iban(swapped)
    for other in (iban[:-1], iban + "0"):
        with pytest.raises(IbanMistyped):
            read_iban(other)


@pytest.mark.parametrize(
    "text",
    [
        "DE02 1203 0000 0000 2020 51",
        "de02120300000000202051",
        " DE02\u00a01203\u00a00000\u202f0000 2020-51 ",
        "IBAN: DE02 1203 0000 0000 2020 51",
        "iban:\u00a0de02 1203 0000 0000 2020 51",
        "IBAN DE02\n1203 0000\n0000 2020 51",
        "IBAN = DE02.1203.0000.0000.2020.51",
        "\u200e\u2066IBAN:\u2069 DE02\u200b1203\ufeff 0000 0000 2020 51\u200f",
    ],
)
def test_an_iban_is_read_however_it_was_typed_or_copied(text: str) -> None:
    assert begins_with_iban(text)
    assert read_iban_and_name(text) == (IBAN, "")
    assert read_iban_and_name(f"{text}\u00a0Ann Smith") == (IBAN, "Ann Smith")


@pytest.mark.parametrize("text", ["an DE02 of mine", "my bank", "DE", "XX02 1203 0000 0000 2020 51", "IBAN", "20", ""])
def test_what_does_not_begin_like_an_iban_is_not_taken_for_one(text: str) -> None:
    assert not begins_with_iban(text)


@pytest.mark.parametrize(
    "text", ["", "x", "US64SVBKUS6S3300958879", "XX00", "DE", "DEAA12030000000020205", "ＤＥ02120300000000202051"]
)
def test_what_is_no_iban_of_sepa_is_none(text: str) -> None:
    with pytest.raises(NoIban):
        read_iban(text)
    with pytest.raises((NoIban, IbanMistyped)):
        read_iban_and_name(text)


@pytest.mark.parametrize("style", [PLAIN, Style(ink="#123a6b", shape=Shape.ROUNDED)])
@pytest.mark.parametrize(
    ("name", "euros"), [("Café Müller e.V.", "20.00"), ("x" * 70, "999999999.99"), ("Ж" * 70, "0.01")]
)
def test_the_code_of_a_transfer_is_read_back_as_the_standard_has_it(style: Style, name: str, euros: str) -> None:
    reference = reference_of("1M8C3ZQ2XAbCdEfGhIjKlMnO")
    png = epc_png(Transfer(name, IBAN, euros, reference), title=name, amount=euros, memo=reference, style=style)
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    amount = f"EUR{euros}".rstrip("0").rstrip(".")
    assert code.text.split("\n") == ["BCD", "002", "1", "SCT", "", name, IBAN, amount, "", "", reference]
    assert kind_of(code.text) is Kind.EPC
    assert len(code.text.encode()) <= 331


def test_the_file_for_the_bank_adds_up_and_holds_what_every_bank_takes() -> None:
    payees = [
        Payee("Jörg Ößel <&> 💶", IBAN, Money(2_001, EUR), "TUW1M8C3ZQ2XABC", "TUW 1M8C-3ZQ2-XABC"),
        Payee("Нина", IBAN, Money(99, EUR), "TUW1M8C3ZQ2YABC", "TUW 1M8C-3ZQ2-YABC"),
    ]
    made_at = datetime(2026, 11, 26, 21, 0, tzinfo=UTC)
    data = payment_file(payees, name="Café", iban=IBAN, file_id="TUP1", made_at=made_at)
    assert data == payment_file(payees, name="Café", iban=IBAN, file_id="TUP1", made_at=made_at)
    texts: dict[str, list[str]] = {}
    for each in fromstring(data).iter():
        texts.setdefault(each.tag.rpartition("}")[2], []).append(each.text or "")
    assert texts["CtrlSum"] == ["21.00", "21.00"] and texts["NbOfTxs"] == ["2", "2"]
    assert texts["InstdAmt"] == ["20.01", "0.99"] and texts["EndToEndId"] == [each.reference for each in payees]
    assert texts["Nm"] == ["Cafe", "Cafe", "Joerg Oessel", "-"] and texts["BtchBookg"] == ["false"]


@pytest.mark.parametrize(
    ("sealed", "code"),
    [
        (
            "Ty8Z1CZJl8-ttijQjJZMzsi5PJ2Om0YtoSvIhb57_gCAde8zddbiY_FmQjVieojwzRXZiw==",
            "XYZ",
        ),
        ("-uKlvQPk2zfrmx-LA3lO7aJy8IjoB0YujMsHhScKGs5kieLIUCHcKgUYfrfHKv_0FVX8VQ==", "ABC"),
    ],
)
def test_an_account_is_opened_that_another_library_has_sealed_by_the_same_standard(sealed: str, code: str) -> None:
    iban = "DE89370400440532013000"
    assert Seal("secret word").open(f"{masked(iban)}|{sealed}", code) == Holder(iban, "Ann B.")


def test_an_account_is_sealed_the_same_each_time_and_opened_with_the_same_secret_only() -> None:
    seal, holder = Seal("a secret of sixteen"), Holder(IBAN, "Ann Smith")
    asked = seal.close(holder)
    target = seal.bound(asked, CODE)
    again = Seal("a secret of sixteen")
    assert (asked, target) == (again.close(holder), again.bound(asked, CODE)) and again.open(target, CODE) == holder
    assert shown(asked) == shown(target)
    for wrong in (asked, seal.bound(asked, CODE[::-1])):  # not confirmed, of another withdrawal
        with pytest.raises(Unsealable):
            seal.open(wrong, CODE)
    others = seal.close(Holder("DE89370400440532013000", "Eve"))
    for wrong in (target, f"{shown(asked)}|{others.partition('|')[2]}"):  # bound already, and not what the person sees
        with pytest.raises(Unsealable):
            seal.bound(wrong, CODE)
    assert shown(target) == "DE02 … 2051" and "20300000" not in target and "Ann" not in target
    for other in (
        target[:-3] + "AA=",
        "DE02 … 2051|",
        "",
        "DE02 … 2051|####",
        "DE02 … 2051|AAAA",
        "DE02 … 2051|AAAAAAAAAAAAAAAAAAAAAA==",
    ):
        with pytest.raises(Unsealable):
            seal.open(other, CODE)
    with pytest.raises(Unsealable):
        Seal("another secret 16").open(target, CODE)
