"""pain.001.001.09 (ISO 20022): the file that a bank is told to pay by. The same rows give the same bytes.

`BtchBookg` is false: each payment is to be a line of its own in the statement, where we look for its reference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wallet_core import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_MAX = 70
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o",
                          "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})  # fmt: skip
_FORBIDDEN = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")  # EPC217-08: what every bank of SEPA takes


@dataclass(frozen=True, slots=True)
class Payee:
    """One payment of a file; the reference is also its end-to-end id."""

    name: str
    iban: str
    amount: Money
    reference: str
    text: str


def payment_file(payees: Sequence[Payee], *, name: str, iban: str, file_id: str, made_at: datetime) -> bytes:
    """The file. `file_id` is the bank's guard against the same file sent twice."""
    assert payees
    total = f"{Money(sum(each.amount.minor for each in payees), payees[0].amount.currency).number}"
    root = Element("Document", xmlns=NAMESPACE)
    order = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(order, "GrpHdr")
    _add(header, "MsgId", file_id)
    _add(header, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%S"))
    _add(header, "NbOfTxs", str(len(payees)))
    _add(header, "CtrlSum", total)
    _add(header, "InitgPty/Nm", _name(name))
    batch = SubElement(order, "PmtInf")
    _add(batch, "PmtInfId", file_id)
    _add(batch, "PmtMtd", "TRF")
    _add(batch, "BtchBookg", "false")
    _add(batch, "NbOfTxs", str(len(payees)))
    _add(batch, "CtrlSum", total)
    _add(batch, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _add(batch, "ReqdExctnDt/Dt", made_at.strftime("%Y-%m-%d"))
    _add(batch, "Dbtr/Nm", _name(name))
    _add(batch, "DbtrAcct/Id/IBAN", iban)
    _add(batch, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _add(batch, "ChrgBr", "SLEV")
    for payee in payees:
        one = SubElement(batch, "CdtTrfTxInf")
        _add(one, "PmtId/EndToEndId", payee.reference)
        amount = _add(one, "Amt/InstdAmt", payee.amount.number)
        amount.set("Ccy", payee.amount.currency.code)
        _add(one, "Cdtr/Nm", _name(payee.name))
        _add(one, "CdtrAcct/Id/IBAN", payee.iban)
        _add(one, "RmtInf/Ustrd", sepa_text(payee.text, length_max=140))
    indent(root)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def sepa_text(text: str, *, length_max: int = NAME_MAX) -> str:
    """In the letters that every bank takes: ä becomes ae, é becomes e, the rest is left out."""
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(_FORBIDDEN.sub(" ", letters).split()).lstrip("/-:")[:length_max].strip()


def _name(text: str) -> str:
    """Also of somebody whose alphabet has none of these letters: the bank goes by the IBAN."""
    return sepa_text(text) or "-"


def _add(parent: Element, path: str, text: str) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent
