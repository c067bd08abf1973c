"""Lightning's invoices are read as BOLT 11 says, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateways.bolt11 import NoInvoice, read_invoice

HASH = "0001020304050607080900010203040506070809000102030405060708090102"
# Of the examples in BOLT 11 itself: without an amount; 2,500 µBTC, in a minute; and one that LNbits has made.
ANY = (
    "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rq"
    "wzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fx"
    "dwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql"
)
COFFEE = (
    "lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcy"
    "q5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv"
    "3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh"
)
LNBITS = (
    "lnbc1u1p4s3yawdq2w3hhqtt4wqxqrrsssp5gcjt2clg6hkpq9amk7767ps0u85ddx9ea45reflmevtu8g8p9rhspp55q0hzw7tx2c58r2wmp2pwsh"
    "zzp4ku4grf8d0hn36t68r6067udps3mznys4s29cnaugsm8j23yt0nma4z4qx7lz3ww4wcgmclkw6apjqqcuxy28wma7skjk3meqt3xwpj6v8hyl4f"
    "hphnttlca38tn8xsasp6fenql"
)


def test_invoices_say_what_those_who_made_them_meant() -> None:
    any_amount, coffee, made = read_invoice(ANY), read_invoice(COFFEE), read_invoice(f"lightning:{LNBITS.upper()}")
    assert (any_amount.amount_msat, any_amount.payment_hash, any_amount.net) == (None, HASH, "bc")
    assert any_amount.expires_at == datetime(2017, 6, 1, 11, 57, 38, tzinfo=UTC)  # an hour, where it says nothing
    assert (coffee.amount_msat, coffee.payment_hash) == (250_000_000, HASH)
    assert coffee.expires_at == datetime(2017, 6, 1, 10, 58, 38, tzinfo=UTC)
    assert (made.amount_msat, made.text) == (100_000, LNBITS)
    assert made.payment_hash == "a01f713bcb32b1438d4ed8541742e2106b6e550349dafbce3a5e8e3d3f5ee343"


@given(at=st.integers(0, len(COFFEE) - 1), letter=st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l1bio"))
def test_a_single_wrong_letter_is_noticed(at: int, letter: str) -> None:
    wrong = COFFEE[:at] + letter + COFFEE[at + 1 :]
    if wrong != COFFEE:
        with pytest.raises(NoInvoice):
            read_invoice(wrong)


@given(text=st.text(max_size=60) | st.from_regex(r"ln(bc|tb)[0-9]{0,4}[munp]?1[02-9ac-hj-np-z]{0,80}", fullmatch=True))
def test_any_other_text_is_no_invoice_and_nothing_worse(text: str) -> None:
    with pytest.raises(NoInvoice):
        read_invoice(text)


@pytest.mark.parametrize(
    "text", ["", "lnbc", "lnbc1", COFFEE[:-1], COFFEE + "q", COFFEE[:9] + COFFEE[9:].upper(), "x" * 9000]
)
def test_what_is_cut_off_too_long_or_in_mixed_case_is_none(text: str) -> None:
    with pytest.raises(NoInvoice):
        read_invoice(text)
