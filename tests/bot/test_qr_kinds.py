"""Foreign codes are recognised by what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.qr import Kind, kind_of

TON = "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N"
INVOICE = "lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4js"
EXAMPLES = (
    (Kind.EMVCO, "00020101021126360009SG.PAYNOW0101203080000000052040000530370254045.005802SG6304ABCD"),
    (Kind.PIX, "00020126580014BR.GOV.BCB.PIX0136123e4567-e12b-12d1-a456-42665544000052040000530398663041D3D"),
    (Kind.PIX, "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-42665544000052040000530398663041D3D"),
    (Kind.EPC, "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund"),
    (Kind.EPC, "BCD\r\n001\r\n1\r\nSCT\r\n\r\nRed Cross\r\nBE72000000001616"),
    (Kind.SWISS, "SPC\r\n0200\r\n1\r\nCH4431999123000889012\r\nS\r\nRobert Schneider AG"),
    (Kind.UPI, "upi://pay?pa=ann@bank&pn=Ann&am=10&cu=INR"),
    (Kind.UPI, "UPI://PAY?pa=ann@bank"),
    (Kind.BITCOIN, "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount=0.01"),
    (Kind.BITCOIN, "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W"),
    (Kind.BITCOIN, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    (Kind.BITCOIN, "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ"),
    (Kind.LIGHTNING, f"lightning:{INVOICE}"),
    (Kind.LIGHTNING, INVOICE),
    (Kind.LIGHTNING, INVOICE.upper()),
    (Kind.LIGHTNING, "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34"),
    (Kind.LIGHTNING, "https://shop.example/x?lightning=LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKV"),
    (Kind.TON, f"ton://transfer/{TON}?amount=1000000000"),
    (Kind.TON, TON),
    (Kind.TON, f"https://app.tonkeeper.com/transfer/{TON}"),
    (Kind.WIFI, "WIFI:T:WPA;S:cafe;P:secret;;"),
    (Kind.CONTACT, "BEGIN:VCARD\nVERSION:3.0\nN:Ann\nEND:VCARD"),
    (Kind.CONTACT, "MECARD:N:Ann;TEL:123;;"),
    (Kind.OTP, "otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP"),
    (Kind.PHONE, "tel:+4930123456"),
    (Kind.PHONE, "TEL:+4930123456"),
    (Kind.MAIL, "mailto:ann@example.com"),
    (Kind.MAIL, "MATMSG:TO:ann@example.com;SUB:x;BODY:y;;"),
    (Kind.SMS, "SMSTO:+4930123456:hello"),
    (Kind.PLACE, "geo:52.5,13.4"),
    (Kind.WEB, "https://example.com/menu"),
    (Kind.WEB, "HTTP://EXAMPLE.COM"),
    (Kind.WEB, "\ufeff www.example.com"),
    (Kind.TEXT, "Table 5"),
    (Kind.TEXT, "7005000043141806"),
    (Kind.TEXT, "1111111111111111111111111111111"),
    (Kind.TEXT, "telephone"),
    (Kind.TEXT, "https://"),
    (Kind.TEXT, ""),
)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_each_kind_of_code_is_recognised(kind: Kind, text: str) -> None:
    assert kind_of(text) is kind


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _ in EXAMPLES} == set(Kind)


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    assert kind_of(text) in Kind
