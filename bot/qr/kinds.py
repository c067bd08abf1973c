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
    (kind, re.compile("|".join(patterns), re.ASCII))
    for kind, patterns in (
        # EMVCo Merchant-Presented Mode: tag 00 is the version, tag 63 at the end the checksum
        (Kind.PIX, (r"000201.*(?i:br\.gov\.bcb\.pix)",)),
        (Kind.EMVCO, (r"0002\d\d.*6304[0-9A-Fa-f]{4}$",)),
        (Kind.EPC, (r"BCD\r?\n00[12]\r?\n[1-8]\r?\n(SCT|INST)",)),  # EPC069-12
        (Kind.SWISS, (r"SPC\r?\n02\d\d\r?\n1\r?\n",)),  # SIX, Swiss payment standards
        (Kind.UPI, (r"(?i:upi)://",)),
        (
            Kind.LIGHTNING,
            (
                r"(?i:lightning:|lnurl[pwc]?:|keyauth:)",
                rf"(?i:lnurl1{_BECH32}{{20}}|ln(bc|tb|bcrt)\d*[munp]?1{_BECH32}{{50}})",
                r"https?://\S+[?&](?i:lightning=lnurl1)",  # LUD-01
            ),
        ),
        (
            Kind.BITCOIN,
            (r"(?i:bitcoin:)", rf"(?i:bc1{_BECH32}{{20,87}})$", rf"(?=.*[A-Za-z])[13]{_BASE58}{{25,34}}$"),
        ),
        (
            Kind.TON,
            (
                r"(?i:ton|tonkeeper|tc)://",
                r"[EUk0]Q[A-Za-z0-9_-]{46}$",
                r"https://(app\.)?(tonkeeper\.com|tonhub\.com)/transfer/",
            ),
        ),
        (Kind.WIFI, (r"(?i:WIFI):",)),
        (Kind.CONTACT, (r"(?i:BEGIN:VCARD|MECARD:|BIZCARD:)",)),
        (Kind.OTP, (r"(?i:otpauth|otpauth-migration)://",)),
        (Kind.PHONE, (r"(?i:tel):",)),
        (Kind.MAIL, (r"(?i:mailto|MATMSG|SMTP):",)),
        (Kind.SMS, (r"(?i:sms|smsto|mms|mmsto):",)),
        (Kind.PLACE, (r"(?i:geo):",)),
        (Kind.WEB, (r"(?i:https?://|urlto:|MEBKM:|www\.)\S",)),
    )
)


def kind_of(text: str) -> Kind:
    """The kind of a text; TEXT when nothing else fits."""
    text = text[:TEXT_LENGTH_MAX].strip("\ufeff \t\r\n")
    for kind, pattern in _PATTERNS:
        if pattern.match(text):
            return kind
    return Kind.TEXT
