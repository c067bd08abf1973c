"""MT940 (SWIFT), through `mt-940`. It reads a text that is a file's name as that file, so it is given parsed blocks."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from mt940 import Options
from mt940.models import Transactions

from bot.gateways.bank.statements import LINES_MAX, BadStatement, Flaw, Line, Statement, reference_said

BLOCKS_MAX = 500
_STATEMENT = re.compile(r"^(?=:20:)", re.MULTILINE)
_LINE = re.compile(r"^:61:", re.MULTILINE)
_STRUCTURED = re.compile(r"[0-9]{3}(?P<mark>[?>])[0-9]{2}")  # how an :86: begins that has numbered parts
_TEXTS = (
    "purpose", "end_to_end_reference", "additional_purpose", "transaction_details", "non_swift_text",
    "customer_reference", "extra_details",
)  # fmt: skip
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", re.ASCII)


def looks_like(text: str) -> bool:
    """Whether it is one of these."""
    return re.search(r"^:20:", text[:4_000], re.MULTILINE) is not None and ":25:" in text[:4_000]


def read(text: str) -> tuple[Statement, ...]:
    """The statements of a file. Raises BadStatement."""
    blocks = [block for block in _STATEMENT.split(text) if block.startswith(":20:")]
    if len(blocks) > BLOCKS_MAX or len(_LINE.findall(text)) > LINES_MAX:
        raise BadStatement(Flaw.TOO_BIG)
    return tuple(map(_statement, blocks))


def _statement(block: str) -> Statement:
    if re.search(r"^:34F:|^:90[CD]:", block, re.MULTILINE) and ":60F:" not in block:
        raise BadStatement(Flaw.NOT_BOOKED)  # MT942
    found = Transactions(options=Options.all())
    try:
        found.parse(block)
        lines = tuple(_line(each.data) for each in found if "amount" in each.data)
    except BadStatement:
        raise
    except Exception as error:  # whatever the library says of a damaged line, it says in many ways
        raise BadStatement(Flaw.DAMAGED) from error
    opening = _balance(found.data, "opening")
    closing = _balance(found.data, "closing")
    if len(lines) != len(_LINE.findall(block)):
        raise BadStatement(Flaw.DAMAGED)
    if opening is None:
        raise BadStatement(Flaw.NO_BALANCES)
    if closing is None:
        raise BadStatement(Flaw.CUT_OFF)
    first, last = opening.amount, closing.amount
    if first.currency != last.currency:
        raise BadStatement(Flaw.OTHER_CURRENCY, f"{first.currency}, {last.currency}")
    account = str(found.data.get("account_identification") or "").strip()
    return Statement(
        account, str(first.currency), lines, _exact(first.amount), _exact(last.amount),
        _day(opening.date), _day(closing.date),
    )  # fmt: skip


def _balance(data: dict[str, Any], side: str) -> Any:
    """Of the whole, or of a page of it."""
    for kind in ("final", "intermediate"):
        balance = data.get(f"{kind}_{side}_balance")
        if balance is not None:
            return balance
    return None


def _day(found: Any) -> date | None:
    return None if found is None else date(found.year, found.month, found.day)


def _line(data: dict[str, Any]) -> Line:
    amount = _exact(data["amount"].amount)
    booked_on = data.get("guessed_entry_date") or data["date"]
    said = dict.fromkeys(_clean(str(data[key])) for key in _TEXTS if data.get(key))
    iban = str(data.get("gvc_applicant_iban") or data.get("applicant_iban") or "")
    booked = _day(booked_on)
    assert booked is not None
    return Line(
        booked_on=booked,
        amount=amount,
        text=" ".join(filter(None, said)),
        name=_clean(str(data.get("applicant_name") or "")),
        iban=iban if _IBAN.fullmatch(iban) else "",
        reference=reference_said(data.get("bank_reference")),
        is_reversal=str(data.get("status") or "").upper().startswith("R"),
    )


def _exact(amount: Any) -> Decimal:
    assert isinstance(amount, Decimal)
    return amount


def _clean(text: str) -> str:
    """In one line; what the library leaves of numbered parts is put together: a reference may go on in the next."""
    begun = _STRUCTURED.match(text)
    text = text.replace("\r", "").replace("\n", "")
    if begun is not None:
        text = re.sub(rf"\{begun['mark']}[0-9]{{2}}", "", text[3:])
    return " ".join(text.split())
