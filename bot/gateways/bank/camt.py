"""CAMT.053 (ISO 20022), any version: read as it streams by, without DTDs and entities, and only so much of it."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import iterparse

from bot.gateways.bank.statements import LINES_MAX, BadStatement, Flaw, Line, Statement, reference_said

if TYPE_CHECKING:
    Balance = tuple[Decimal, date | None]

ELEMENTS_MAX = 600_000
DEPTH_MAX = 60
# PRCD: what it closed with the day before; ITBD: what a page of several begins or ends with.
_OPENING, _CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")
_UNKNOWN = None, None
# Subfamilies of bank transaction codes (ISO 20022): a payment that returns, was recalled, or is unpaid.
_RETURNS = ("RRTN", "RPCR", "PRDD", "UPDD")
_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,5})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_DATES = ("BookgDt/Dt", "BookgDt/DtTm")
_TEXTS = (
    "RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf", "Refs/EndToEndId", "Refs/InstrId",
    "Refs/PmtInfId", "AddtlTxInf",
)  # fmt: skip


def read(data: bytes) -> tuple[Statement, ...]:
    """The statements of a file. Raises BadStatement."""
    try:
        return tuple(_statements(data))
    except DTDForbidden:
        raise BadStatement(Flaw.DOCTYPE) from None
    except (DefusedXmlException, ParseError) as error:
        is_short = isinstance(error, ParseError) and ("no element" in str(error) or "unclosed" in str(error))
        raise BadStatement(Flaw.CUT_OFF if is_short else Flaw.DAMAGED) from None
    except (LookupError, ValueError):  # an encoding that nobody knows, a null in the text
        raise BadStatement(Flaw.DAMAGED) from None


def _statements(data: bytes) -> Iterator[Statement]:
    path: list[str] = []
    lines: list[Line] = []
    currencies: set[str] = set()  # of the lines of one statement
    seen = 0
    for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
        name = _bare(element)
        if event == "start":
            path.append(name)
            seen += 1
            if seen > ELEMENTS_MAX or len(path) > DEPTH_MAX:
                raise BadStatement(Flaw.TOO_BIG)
            if len(path) == 2 and name != "BkToCstmrStmt":
                raise BadStatement(Flaw.NOT_BOOKED if name.startswith("BkToCstmr") else Flaw.UNKNOWN)
            continue
        path.pop()
        if name == "Ntry" and path[-1:] == ["Stmt"]:
            currencies |= {amount.get("Ccy", "") for amount in _all(element, "Amt")}
            lines += _lines(element)
            if len(lines) > LINES_MAX:
                raise BadStatement(Flaw.TOO_BIG)
            element.clear()
        elif name == "Stmt" and path[1:] == ["BkToCstmrStmt"]:
            yield _statement(element, tuple(lines), currencies)
            lines, currencies = [], set()
            element.clear()
    if seen < 2:
        raise BadStatement(Flaw.UNKNOWN)


def _statement(element: Element, lines: tuple[Line, ...], currencies: set[str]) -> Statement:
    account = _text(element, "Acct/Id/IBAN") or _text(element, "Acct/Id/Othr/Id")
    balances: dict[str, list[Balance]] = {}
    for balance in _all(element, "Bal"):
        kind = _text(balance, "Tp/CdOrPrtry/Cd")
        amount = next(_all(balance, "Amt"), None)
        if amount is None or kind not in (*_OPENING, *_CLOSING):
            continue
        currencies = currencies | {amount.get("Ccy", "")}
        day = _text(balance, "Dt/Dt") or _text(balance, "Dt/DtTm")
        of_day = date.fromisoformat(day[:10]) if day else None
        balances.setdefault(kind, []).append((_signed(balance, _amount(amount)), of_day))
    begins = next((balances[kind][0] for kind in _OPENING if kind in balances), None)
    ends = next((balances[kind][-1] for kind in _CLOSING if kind in balances), None)
    currency = "" if len(currencies) != 1 else next(iter(currencies))
    wrong = None
    if begins is None or ends is None or begins is ends:
        wrong = BadStatement(Flaw.NO_BALANCES)
    elif not currency:
        wrong = BadStatement(Flaw.OTHER_CURRENCY, ", ".join(sorted(currencies)))
    (opening, opened_on), (closing, closed_on) = begins or _UNKNOWN, ends or _UNKNOWN
    return Statement(account or "", currency, lines, opening, closing, opened_on, closed_on, wrong)


def _lines(line: Element) -> Iterator[Line]:
    """One, or each part of one that the bank has booked as a sum, if the parts add up to it."""
    status = _text(line, "Sts/Cd") or _text(line, "Sts")
    if status != "BOOK":
        return
    amount = next(_all(line, "Amt"), None)
    booked = next(filter(None, (_text(line, path) for path in _DATES)), "")
    if amount is None or not booked:
        raise BadStatement(Flaw.DAMAGED)
    signed, booked_on = _signed(line, _amount(amount)), date.fromisoformat(booked[:10])
    is_reversal = _text(line, "RvslInd") in ("true", "1") or _is_return(line)
    reference = reference_said(_text(line, "AcctSvcrRef"))
    parts = list(_all(line, "NtryDtls/TxDtls"))
    amounts = [_part(part, signed, amount.get("Ccy", "")) for part in parts]
    if len(parts) > 1 and None not in amounts and sum(filter(None, amounts), Decimal(0)) == signed:
        for number, (part, of_it) in enumerate(zip(parts, amounts, strict=True), 1):
            own = reference_said(_text(part, "Refs/AcctSvcrRef"))
            if reference and own in ("", reference):
                own = f"{reference} {number}"
            name, iban = _party(part, is_in=signed > 0)
            assert of_it is not None
            yield Line(booked_on, of_it, _said(part), name, iban, own, is_reversal or _is_return(part))
        return
    said = " ".join(filter(None, (*map(_said, parts), _text(line, "AddtlNtryInf"))))
    name, iban = _party(parts[0], is_in=signed > 0) if len(parts) == 1 else ("", "")
    if not reference and len(parts) == 1:
        reference = reference_said(_text(parts[0], "Refs/AcctSvcrRef"))
    is_reversal = is_reversal or any(map(_is_return, parts))
    yield Line(booked_on, signed, said, name, iban, reference, is_reversal, is_sum=_payments(line, len(parts)) > 1)


def _payments(line: Element, parts: int) -> int:
    """Of how many payments it is the sum: it may tell of some of them only."""
    said = (_text(batch, "NbOfTxs") for batch in _all(line, "NtryDtls/Btch"))
    return max(parts, sum(int(number) for number in said if _NUMBER.fullmatch(number)))


def _is_return(part: Element) -> bool:
    """Whether it says why something is sent back, or by its code that it is."""
    return any(True for _ in _all(part, "RtrInf")) or _text(part, "BkTxCd/Domn/Fmly/SubFmlyCd") in _RETURNS


def _part(part: Element, whole: Decimal, currency: str) -> Decimal | None:
    """What of an line belongs to one payment of it; None where that is not said in its own currency."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        amount = next(_all(part, path), None)
        if amount is not None and amount.get("Ccy") == currency:
            said = _amount(amount)
            is_out = (_text(part, "CdtDbtInd") or ("DBIT" if whole < 0 else "CRDT")) == "DBIT"
            return -said if is_out else said
    return None


def _said(part: Element) -> str:
    return " ".join(text for path in _TEXTS for each in _all(part, path) if (text := _words(each.text)))


def _party(part: Element, *, is_in: bool) -> tuple[str, str]:
    """The name and the IBAN of the other side; since version 8 the name stands one deeper."""
    side = "Dbtr" if is_in else "Cdtr"
    name = _text(part, f"RltdPties/{side}/Nm") or _text(part, f"RltdPties/{side}/Pty/Nm")
    return name, _text(part, f"RltdPties/{side}Acct/Id/IBAN")


def _signed(element: Element, amount: Decimal) -> Decimal:
    direction = _text(element, "CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        raise BadStatement(Flaw.DAMAGED)
    return amount if direction == "CRDT" else -amount


def _amount(element: Element) -> Decimal:
    """Of plain digits: a Decimal would also be read from `2e1` and `NaN`."""
    text = (element.text or "").strip()
    if _AMOUNT.fullmatch(text) is None:
        raise BadStatement(Flaw.DAMAGED, text[:20])
    return Decimal(text)


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path, whatever their namespace: each version has one of its own."""
    found = iter([element])
    for name in path.split("/"):
        found = itertools.chain.from_iterable(
            (child for child in each if _bare(child) == name)
            for each in found  # read at once
        )
        found = iter(list(found))
    return found


def _text(element: Element, path: str) -> str:
    return _words(next((each.text for each in _all(element, path)), ""))


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
