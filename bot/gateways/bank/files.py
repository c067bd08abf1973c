"""A statement file: which format it is in, read by the reader of that, and checked. Slow and pure: not in the loop."""

from __future__ import annotations

from bot.gateways.bank import camt, csv_file, mt940_file
from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw, Statement, checked
from wallet_core import Currency

_XML_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"<")


def read_statements(data: bytes, *, iban: str, unit: Currency) -> tuple[Statement, ...]:
    """What a file says of our account. Raises BadStatement; then nothing of it is to be booked."""
    if len(data) > FILE_BYTES_MAX:
        raise BadStatement(Flaw.TOO_BIG)
    return checked(_read(data, unit), iban=iban, unit=unit)


def _read(data: bytes, unit: Currency) -> tuple[Statement, ...]:
    head = data[:200].replace(b"\0", b"").lstrip()
    if head.startswith(b"<") or (head.startswith(_XML_MARKS) and b"<?xml" in head):
        return camt.read(data)
    if b"\0" in data:  # in no text, and PostgreSQL keeps none
        raise BadStatement(Flaw.UNKNOWN)
    text = _text(data)
    return mt940_file.read(text) if mt940_file.looks_like(text) else csv_file.read(text, currency=unit.code)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what German banks' files are in if they are not in UTF-8
