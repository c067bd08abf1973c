"""Amounts in texts are read exactly or refused (G13); codes hold what they promise."""

from __future__ import annotations

import secrets
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core import (
    AMOUNT_MAX_MINOR,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    currency,
    is_code,
    read_amount,
    with_plain_digits,
)
from wallet_core.ledger.codes import base32, new_code, new_key_code, read_receipt_code, receipt_code

CURRENCIES = [currency(code) for code in ("EUR", "JPY", "KWD", "BEER")]

REFUSED = {
    "-5": "negative", "−5": "negative", "+5": "signed", "0": "zero", "0.00": "zero", "NaN": "not_a_number",
    "inf": "not_a_number", "1e3": "not_a_number", "1_000": "not_a_number", "0x10": "not_a_number",
    "1,000": "ambiguous", "1.000": "ambiguous", "1,000.50": "ambiguous", "1.000,50": "ambiguous",
    "5.001": "ambiguous", "12345.678": "too_precise", "0.005": "too_precise", "١2٣": "foreign_digits",
    "１٢": "foreign_digits", "𝟙𝟚": "foreign_digits", "²": "foreign_digits", str(2**63): "too_large",
    "9" * 400: "too_large", "5 5": "two_numbers", "5\u200b": "invisible", "5\u200f5": "invisible",
    "\u202e5": "invisible", "": "empty", "   ": "empty", "5.": "not_a_number", ".5": "not_a_number",
    "5..5": "not_a_number", "five": "not_a_number", "5 apples": "not_a_number",
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), REFUSED.items(), ids=repr)
def test_a_text_that_is_no_exact_amount_is_refused_with_its_problem(text: str, problem: str) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        read_amount(text, currency("EUR"))
    assert refusal.value.problem == problem
    assert len(refusal.value.text) <= 24


@pytest.mark.parametrize(
    "text", ["5", "5.00", "5,00", "5.0", "€5", "5€", "5 EUR", "EUR 5", "5eur", "€ 5", "05", "٥٫٠٠", "५ €", "５，０"]
)
def test_the_usual_ways_to_write_five_euros_are_read(text: str) -> None:
    assert read_amount(text, currency("EUR")) == Money(500, currency("EUR"))


@pytest.mark.parametrize("text", ["$5", "5 USD", "5 usd", "£5"])
def test_another_currency_is_refused_by_name(text: str) -> None:
    with pytest.raises(CurrencyMismatch):
        read_amount(text, currency("EUR"))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *(("EUR", text) for text in ("5 euro", "5 Euros", "5.-", "5,-", "5:-", "5,--", "5.–", "5.— €", "5 евро")),
        *(("CAD", "$5"), ("AUD", "$5"), ("MXN", "$ 5"), ("CNY", "¥5"), ("JPY", "5 円"), ("EGP", "£5"), ("USD", "US$5")),
        *(("SEK", "5 kr"), ("DKK", "kr. 5"), ("NOK", "kr.5"), ("ISK", "5 krónur".replace("ó", "o")), ("CZK", "5 Kč")),
        *(("PLN", "5zł"), ("HUF", "5 Ft"), ("CHF", "Fr. 5.–"), ("INR", "Rs.5"), ("TRY", "5 TL"), ("RUB", "5 руб.")),
        *(("JPY", "5.00"), ("HUF", "5,00"), ("BEER", "5.0"), ("BEER", "5 beers"), ("XOF", "5 FCFA"), ("XCG", "Cg.5")),
        *(
            ("USD", "5 bucks"),
            ("GBP", "5 quid"),
            ("PHP", "5 pesos"),
            ("THB", "5 บาท"),
            ("ILS", "5 ₪"),
            ("EUR", "5 EUR."),
            ("XTR", "⭐5"),
            ("XTR", "5 stars"),
            ("SAT", "5 sats"),
            ("SAT", "5 SAT"),
        ),
    ],
)
def test_names_and_local_signs_of_ones_own_currency_are_read(code: str, text: str) -> None:
    unit = currency(code)
    assert read_amount(text, unit) == Money(5 * 10**unit.decimals, unit)


@pytest.mark.parametrize("text", ["€.5", "EUR.5", "EUR,5", "5.-5", "5-.", "5 eur eur", "-5.-", "0.-", "5.00.-", "5;-"])
def test_what_only_resembles_them_is_not(text: str) -> None:
    with pytest.raises(InvalidAmount):
        read_amount(text, currency("EUR"))


@pytest.mark.parametrize(
    ("text", "problem", "meant"),
    [
        ("50 cents", "in_parts", "0.50 EUR"),
        ("50ct", "in_parts", "0.50 EUR"),
        ("5 euro cents", "in_parts", "0.05 EUR"),
        ("1 centime", "in_parts", "0.01 EUR"),
        ("0.5 cents", "in_parts", None),
        ("5 k", "multiplied", None),
        ("5k", "multiplied", None),
        ("2 Mio. €", "multiplied", None),
        ("3 тысячи", "multiplied", None),
        ("5 +", "worked_out", None),
        ("5+3", "worked_out", None),
        ("10/2", "worked_out", None),
        ("50 %", "worked_out", None),
        ("2 mal", "worked_out", None),
    ],
)
def test_a_number_that_its_word_changes_is_asked_back(text: str, problem: str, meant: str | None) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        read_amount(text, currency("EUR"))
    assert refusal.value.problem == problem
    assert (refusal.value.meant and str(refusal.value.meant)) == meant


@pytest.mark.parametrize("text", ["5 pence", "5 kr", "5 BTC", "5 sats", "5 dollars", "5 zł", "5 stars", "5 ៛", "₿ 5"])
def test_other_money_is_refused_by_whatever_name_people_have_for_it(text: str) -> None:
    with pytest.raises(CurrencyMismatch):
        read_amount(text, currency("EUR"))


@pytest.mark.parametrize("name", ["EURO", "EUROS", "DOLLAR", "YUAN", "PESO", "FRANC"])
def test_the_name_of_an_iso_currency_is_no_coin_of_ones_own(name: str) -> None:
    with pytest.raises(ValueError, match=r"such as [A-Z]{3}$"):
        currency(name)


def test_a_coin_of_ones_own_may_say_its_decimals() -> None:
    token = currency("TOKEN/2")
    assert (token.code, token.decimals, str(Money(1250, token))) == ("TOKEN", 2, "12.50 TOKEN")
    assert read_amount("12.50 token", token) == Money(1250, token)
    assert (currency("TOKEN").decimals, currency("TOKEN/0").decimals) == (0, 0)
    for wrong in ("TOKEN/", "TOKEN/9", "EUR/2", "TOKEN/2/2", "TOKEN/-1"):
        with pytest.raises(ValueError, match="neither"):
            currency(wrong)


@pytest.mark.parametrize("code", ["XTR", "SAT"])
def test_stars_and_sats_are_whole_whatever_a_library_says(code: str) -> None:
    unit = currency(code)
    assert (unit.code, unit.decimals, unit.is_coin, unit.setting, str(Money(100, unit))) == (
        code,
        0,
        True,
        code,
        f"100 {code}",
    )
    with pytest.raises(InvalidAmount):
        read_amount("1.5", unit)


def test_currencies_carry_their_own_decimals() -> None:
    assert [(c.code, c.decimals) for c in CURRENCIES] == [("EUR", 2), ("JPY", 0), ("KWD", 3), ("BEER", 0)]
    assert str(Money(-5, currency("EUR"))) == "-0.05 EUR"
    assert str(Money(1250, currency("KWD"))) == "1.250 KWD"
    for wrong in ("XYZ", "eur", "BEERBEERB", "", "B33R"):
        with pytest.raises(ValueError, match="neither"):
            currency(wrong)


@given(st.integers(1, AMOUNT_MAX_MINOR), st.sampled_from(CURRENCIES))
def test_every_amount_reads_back_as_it_was_written(minor: int, money: object) -> None:
    amount = Money(minor, money)  # type: ignore[arg-type]
    assert read_amount(str(amount), amount.currency) == amount


@given(st.text(max_size=40) | st.text(alphabet="0123456789.,- €EUR_e+", max_size=12), st.sampled_from(CURRENCIES))
def test_a_text_is_read_as_exactly_what_it_says_or_refused(text: str, money: object) -> None:
    try:
        amount = read_amount(text, money)  # type: ignore[arg-type]
    except (InvalidAmount, CurrencyMismatch):
        return
    digits = "".join(c for c in with_plain_digits(text) if c in "0123456789.,").replace(",", ".")
    assert Fraction(amount.minor, 10**amount.currency.decimals) == Fraction(digits)
    assert 1 <= amount.minor <= AMOUNT_MAX_MINOR


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_key_codes_sort_by_their_time(one: int, other: int) -> None:
    early, late = sorted((one, other))
    if early // 1000 != late // 1000:
        entropy = secrets.token_bytes
        assert new_key_code(entropy, now_us=early) < new_key_code(entropy, now_us=late)


def test_codes_are_url_safe_and_hold_96_random_bits() -> None:
    codes = {new_code(secrets.token_bytes) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(is_code(code) and len(code) * 6 >= 96 for code in codes)


@given(st.integers(1, 2**62), st.binary(min_size=32, max_size=32))
def test_a_receipt_code_carries_its_transfer_and_survives_sloppy_typing(transfer: int, entry_hash: bytes) -> None:
    code = receipt_code(transfer, entry_hash)
    typed = code.lower().replace("0", "o").replace("1", "l")
    assert read_receipt_code(f" {typed[:5]}-{typed[5:]}") == (code, transfer)


@given(st.integers(0, 2**70), st.integers(0, 2**70))
def test_base32_texts_of_equal_length_sort_as_numbers_do(one: int, other: int) -> None:
    width = 15
    assert (base32(one).rjust(width, "0") < base32(other).rjust(width, "0")) == (one < other)
