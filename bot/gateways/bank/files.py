"""A statement file: which format it is in, read by the reader of that, and checked. Slow and pure: not in the loop."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace

from bot.gateways.bank import camt, csv_file, mt940_file
from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw, Statement, checked
from wallet_core import Currency

FILES_MAX = 500  # in one that is zipped: more than a year of days
_ZIP_MARK = b"PK"
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # how banks and their customers' machines do it
_NO_FILE = "__MACOSX/"  # what a Mac puts beside them
_XML_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"<")


def read_statements(data: bytes, *, iban: str, unit: Currency) -> tuple[Statement, ...]:
    """What a file says of our account; one that is zipped, all the files in it. Raises BadStatement.

    Then nothing of it is to be booked.
    """
    if len(data) > FILE_BYTES_MAX:
        raise BadStatement(Flaw.TOO_BIG)
    files = _unzipped(data) if data.startswith(_ZIP_MARK) else (data,)
    found = (replace(each, part=part) for part, file in enumerate(files) for each in _read(file, unit))
    return checked(found, iban=iban, unit=unit)


def _unzipped(data: bytes) -> Iterator[bytes]:
    """The files, together no bigger than one may be: how big they are is seen when they are read."""
    left = FILE_BYTES_MAX
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [
                each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith(_NO_FILE)
            ]
            if len(names) > FILES_MAX:
                raise BadStatement(Flaw.TOO_BIG)
            if not names:
                raise BadStatement(Flaw.UNKNOWN)
            if any(each.compress_type not in _PACKED for each in names):  # the others' errors are not those below
                raise BadStatement(Flaw.DAMAGED)
            for name in names:
                with archive.open(name) as file:
                    found = file.read(left + 1)
                if (left := left - len(found)) < 0:
                    raise BadStatement(Flaw.TOO_BIG)
                yield found
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):  # also one with a password
        raise BadStatement(Flaw.DAMAGED) from None


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
