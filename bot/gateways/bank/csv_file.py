"""CSV as banks give it out: no two alike, so columns are known by their names, and what may be read in two ways is not.

A CSV tells neither opening nor closing; where it has a column of balances, each line must lead to the next.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.gateways.bank.references import plain
from bot.gateways.bank.statements import LINES_MAX, BadStatement, Flaw, Line, Statement, reference_said

NAMES = {  # of columns, without anything but letters; the first that fits counts
    "booked_on": ("BUCHUNGSTAG", "BUCHUNGSDATUM", "BOOKINGDATE", "BOOKDATE", "BUCHUNG", "DATUM", "DATE"),
    "amount": ("BETRAG", "BETRAGEUR", "BETRAGINEUR", "AMOUNT", "AMOUNTEUR", "UMSATZ", "UMSATZINEUR"),
    "currency": ("WAEHRUNG", "WÄHRUNG", "WHRUNG", "CURRENCY"),
    "text": ("VERWENDUNGSZWECK", "REMITTANCEINFORMATION", "PAYMENTREFERENCE", "REFERENCE", "PURPOSE", "DESCRIPTION",
             "DETAILS", "BUCHUNGSTEXT", "TEXT"),
    "name": ("BEGUENSTIGTERZAHLUNGSPFLICHTIGER", "NAMEZAHLUNGSBETEILIGTER", "AUFTRAGGEBEREMPFÄNGER",
             "ZAHLUNGSPFLICHTIGER", "ZAHLUNGSPFLICHTIGE", "COUNTERPARTYNAME", "PAYER", "PARTNERNAME", "NAME"),
    "iban": ("KONTONUMMERIBAN", "IBANZAHLUNGSBETEILIGTER", "COUNTERPARTYIBAN", "PARTNERIBAN"),
    "account": ("AUFTRAGSKONTO", "IBANAUFTRAGSKONTO", "ACCOUNT", "ACCOUNTIBAN", "KONTO"),
    "own_reference": ("BANKREFERENZ", "BANKREFERENCE", "TRANSACTIONID", "UMSATZID"),
    "sender_reference": ("KUNDENREFERENZENDTOEND", "ENDTOENDREFERENZ", "ENDTOENDID", "KUNDENREFERENZ"),
    "balance": ("SALDONACHBUCHUNG", "BALANCE", "SALDO"),
    "state": ("STATUS", "INFO", "STATE"),
}  # fmt: skip
NEEDED = ("booked_on", "amount", "text")
LINES_BEFORE_MAX = 30  # of what banks write above the names of the columns
CELL_MAX = 5_000
COLUMNS_MAX = 200
_NOT_BOOKED = ("VORGEMERKT", "VORMERKUNG", "PENDING", "DECLINED", "REVERTED", "FAILED", "CANCELLED")  # anywhere in it
_WENT_OUT = {"S": "H", "D": "C", "SOLL": "HABEN", "DEBIT": "CREDIT", "DBIT": "CRDT", "DR": "CR"}  # and what came in
_SIDES = ("SOLL/HABEN", "S/H", "DEBIT/CREDIT", "CREDIT/DEBIT", "D/C", "C/D", "DR/CR", "CR/DR")  # how it is called
_AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,3}(?:[.,' ][0-9]{3})*|[0-9]+)(?:[.,](?P<part>[0-9]{1,2}))?")
_MINUS = ("-", "−")
_IN_CENTS = re.compile(r"[.,][0-9]{2}$", re.ASCII)
_MONEY = re.compile(r"^(?:EUR|€) *| *(?:EUR|€)$")
_BLANKS = str.maketrans("\u00a0\u202f\u2009", "   ")  # between the digits, and before the currency
_ENDS = ("\n", "\r", '"')  # of a line, of a cell
_DAY_FIRST, _DAY_FIRST_SHORT = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}")

Row = Sequence[str]


def read(text: str, *, currency: str) -> tuple[Statement, ...]:
    """The lines, in one statement for each account; without a column for it they are taken to be in our currency.

    Raises BadStatement.
    """
    rows = _rows(text)
    at, columns = _columns(rows)
    width = len(rows[at])
    side = _side_of(rows[at:], columns)
    if not text.endswith(_ENDS):
        _check_end(rows[-1], columns, width)
        if _side_of(rows[at:-1], columns) == width - 1 != side:
            raise BadStatement(Flaw.CUT_OFF)
    found: dict[str | None, list[tuple[Line, str, Decimal | None]]] = {}
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if not any(cell.strip() for cell in row):
            continue
        is_short = len(row) <= max(columns[name] for name in NEEDED)
        if is_short or len(row) < width - 1 or len(row) > width + 1:  # banks end lines with a separator, or don't
            raise BadStatement(Flaw.CUT_OFF if number == len(rows) else Flaw.DAMAGED, str(number))
        cells = {name: row[column].strip() for name, column in columns.items() if column < len(row)}
        if any(each in plain(cells.get("state", "")) for each in _NOT_BOOKED):
            continue
        account = cells.get("account") or None
        balance = _amount(cells["balance"], number) if cells.get("balance") else None
        line = _line(cells, number)
        if side is not None:
            if not row[side:] or not row[side].strip():
                raise BadStatement(Flaw.DAMAGED, str(number))
            line = replace(line, amount=-line.amount) if row[side].strip().upper() in _WENT_OUT else line
        found.setdefault(account, []).append((line, cells.get("currency") or currency, balance))
    if not found:
        raise BadStatement(Flaw.UNKNOWN)
    return tuple(_statement(account, lines) for account, lines in found.items())


def _side_of(rows: Sequence[Row], columns: dict[str, int]) -> int | None:
    """The column that says what went out, where no amount has a sign; some banks give it no name.

    The first of the rows has the names. What others write is none: a column with a meaning of its own, or with gaps.
    """
    names, *below = rows
    below = [row for row in below if any(cell.strip() for cell in row)]
    named = [column for column, name in enumerate(names) if name.strip().upper() in _SIDES]
    others = sorted(set(range(len(names))) - set(columns.values()) - set(named))
    if any(row[columns["amount"]].strip().startswith(_MINUS) for row in below if len(row) > columns["amount"]):
        return None
    for column in (*named, *others):
        said = {row[column].strip().upper() for row in below if len(row) > column}
        said -= {""} if column in named else set()
        if any(said <= {out, came_in} for out, came_in in _WENT_OUT.items()) and (said or column in named):
            return column
    return None


def _check_end(row: Row, columns: dict[str, int], width: int) -> None:
    """A last line without an end may go on: what counts must stand before its last cell, or be an amount in cents.

    Raises BadStatement.
    """
    last = [name for name, column in columns.items() if column == len(row) - 1 and name != "balance"]
    is_sure = last == ["amount"] and _IN_CENTS.search(row[-1].strip()) is not None
    if len(row) < width or (last and not is_sure):
        raise BadStatement(Flaw.CUT_OFF)


def _rows(text: str) -> list[Row]:
    separator = max(";,\t", key=text[:4_000].count)
    try:
        rows: list[Row] = []
        for row in csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True):
            rows.append(row)
            if len(rows) > LINES_MAX + LINES_BEFORE_MAX:
                raise BadStatement(Flaw.TOO_BIG)
            if len(row) > COLUMNS_MAX:
                raise BadStatement(Flaw.UNKNOWN)
            if any(len(cell) > CELL_MAX for cell in row):
                raise BadStatement(Flaw.DAMAGED, str(len(rows)))
    except csv.Error as error:
        raise BadStatement(Flaw.CUT_OFF if "unexpected end" in str(error) else Flaw.DAMAGED) from None
    return rows


def _columns(rows: list[Row]) -> tuple[int, dict[str, int]]:
    """In which line the columns are named, and where each is. Raises BadStatement."""
    best: set[str] = set()
    for at, row in enumerate(rows[:LINES_BEFORE_MAX]):
        names = [re.sub(r"[^A-ZÄÖÜ]", "", cell.upper()) for cell in row]
        found = {
            what: names.index(name)
            for what, known in NAMES.items()
            if (name := next((name for name in known if name in names), None)) is not None
        }
        if all(what in found for what in NEEDED):
            return at, found
        best = max(best, set(found), key=len)
    if len(best) >= 2:
        raise BadStatement(Flaw.COLUMNS, ", ".join(NAMES[what][0].capitalize() for what in NEEDED if what not in best))
    raise BadStatement(Flaw.UNKNOWN)


def _line(cells: dict[str, str], number: int) -> Line:
    said = (cells["text"], cells.get("sender_reference", ""))
    return Line(
        booked_on=_date(cells["booked_on"], number),
        amount=_amount(cells["amount"], number),
        text=" ".join(" ".join(said).split()),
        name=" ".join(cells.get("name", "").split()),
        iban=plain(cells.get("iban", "")),
        reference=reference_said(cells.get("own_reference")),
    )


def _statement(account: str | None, rows: list[tuple[Line, str, Decimal | None]]) -> Statement:
    currencies = {currency.upper() for _, currency, _ in rows}
    if len(currencies) > 1:
        raise BadStatement(Flaw.OTHER_CURRENCY, ", ".join(sorted(currencies)))
    amounts, balances = [line.amount for line, _, _ in rows], [balance for _, _, balance in rows]
    if None not in balances and len(rows) > 1:
        known = [balance for balance in balances if balance is not None]
        upward = all(known[at] - amounts[at] == known[at + 1] for at in range(len(known) - 1))  # the newest first
        downward = all(known[at] + amounts[at + 1] == known[at + 1] for at in range(len(known) - 1))
        if not upward and not downward:
            raise BadStatement(Flaw.DOES_NOT_ADD_UP)
    lines = tuple(line for line, _, _ in rows)
    return Statement(account, currencies.pop(), lines)


def _date(text: str, number: int) -> date:
    try:
        if _DAY_FIRST.fullmatch(text):
            return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  # a day, and no time
        if _DAY_FIRST_SHORT.fullmatch(text):
            return datetime.strptime(text, "%d.%m.%y").date()  # noqa: DTZ007  # likewise
        if "/" in text:  # 03/04/2026: March or April?
            raise BadStatement(Flaw.DATES, text[:20])
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadStatement(Flaw.DAMAGED, str(number)) from None


def _amount(text: str, number: int) -> Decimal:
    """`1.234,56`, `1,234.56`, `-20`, `20,00 EUR`, `€20`.

    Three digits behind one separator are thousands in no bank's file.
    """
    said = _MONEY.sub("", text.upper().replace("−", "-").translate(_BLANKS))
    match = _AMOUNT.fullmatch(said)
    if match is None or not said.isascii():
        raise BadStatement(Flaw.DAMAGED, str(number))
    whole = re.sub(r"[^0-9]", "", match["whole"])
    if match["part"] is None and re.search(r"[.,]", match["whole"]):
        raise BadStatement(Flaw.DAMAGED, str(number))
    return Decimal(f"{match['sign']}{whole}.{match['part'] or 0}")
