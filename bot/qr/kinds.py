"""Which kind of code a foreign text is, so that the answer can say what to do with it instead."""

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a text from a QR code is for."""

    PIX = "pix"
    EMVCO = "emvco"
    EPC = "epc"
    SWISS = "swiss"
    UPI = "upi"
    BITCOIN = "bitcoin"
    LIGHTNING = "lightning"
    TON = "ton"
    WIFI = "wifi"
    CONTACT = "contact"
    OTP = "otp"
    PHONE = "phone"
    MAIL = "mail"
    SMS = "sms"
    PLACE = "place"
    WEB = "web"
    TEXT = "text"


TEXT_LENGTH_MAX = 7_089  # what the largest QR code holds, in digits

_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_BECH32 = "[02-9ac-hj-np-z]"
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.ASCII))
    for kind, pattern in (
        # EMVCo Merchant-Presented Mode: tag 00 is the version, 01 the point of initiation, 63 the checksum
        (Kind.PIX, r"000201.*br\.gov\.bcb\.pix"),
        (Kind.EMVCO, r"0002\d\d.*63\s?04[0-9a-f]{4}$"),
        (Kind.EPC, r"BCD\r?\n00[12]\r?\n[1-8]\r?\n(SCT|INST)"),  # EPC069-12
        (Kind.SWISS, r"SPC\r?\n02\d\d\r?\n1\r?\n"),  # SIX, Swiss payment standards
        (Kind.UPI, r"upi://"),
        (
            Kind.LIGHTNING,
            rf"(lightning:|lnurlp?:|lnurlw:|keyauth:|lnurl1{_BECH32}{{20}}|ln(bc|tb|bcrt)\d*[munp]?1{_BECH32}{{50}})",
        ),
        (Kind.BITCOIN, rf"(bitcoin:|bc1{_BECH32}{{20,87}}$|[13]{_BASE58}{{25,34}}$)"),
        (
            Kind.TON,
            r"(ton://|tonkeeper://|tc://|(EQ|UQ|kQ|0Q)[A-Za-z0-9_-]{46}$|https://(app\.)?(tonkeeper\.com|tonhub\.com)/)",
        ),
        (Kind.WIFI, r"WIFI:"),
        (Kind.CONTACT, r"(BEGIN:VCARD|MECARD:|BIZCARD:)"),
        (Kind.OTP, r"otpauth(-migration)?://"),
        (Kind.PHONE, r"tel:"),
        (Kind.MAIL, r"(mailto:|MATMSG:|SMTP:)"),
        (Kind.SMS, r"(sms|smsto|mms|mmsto):"),
        (Kind.PLACE, r"geo:"),
        (Kind.WEB, r"(https?://|urlto:|MEBKM:|www\.)\S"),
    )
)


def kind_of(text: str) -> Kind:
    """The kind of a text; TEXT when nothing else fits."""
    text = text[:TEXT_LENGTH_MAX].strip("\ufeff \t\r\n")
    for kind, pattern in _PATTERNS:
        if pattern.match(text):
            return kind
    return Kind.TEXT
