"""Statements of the club's bank, written for tests: CAMT.053 and MT940 of the same lines, each with its sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

IBAN = "DE02120300000000202051"
OPENING = Decimal("1000.00")
DAY = date(2026, 1, 15)


@dataclass(frozen=True)
class Booked:
    """A line as the bank has it; `reference` is the bank's own."""

    amount: str
    text: str
    reference: str = ""
    name: str = "Ann Smith"
    day: date = DAY
    is_reversal: bool = False

    @property
    def decimal(self) -> Decimal:
        """With its sign."""
        return Decimal(self.amount)


def camt(
    lines: Sequence[Booked],
    *,
    iban: str = IBAN,
    currency: str = "EUR",
    closing: Decimal | None = None,
    opening: Decimal = OPENING,
    days: tuple[date, date] = (DAY, DAY),
) -> bytes:
    """CAMT.053, version 8."""
    total = sum((line.decimal for line in lines), opening) if closing is None else closing
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>',
        f"</GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>",
        _balance("OPBD", opening, currency, days[0]), _balance("CLBD", total, currency, days[1]),
        *(_entry(line, currency) for line in lines), "</Stmt></BkToCstmrStmt></Document>",
    ]).encode()  # fmt: skip


def _balance(kind: str, amount: Decimal, currency: str, day: date) -> str:
    side = "DBIT" if amount < 0 else "CRDT"
    return (f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{abs(amount)}</Amt>'
            f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>")  # fmt: skip


def _entry(line: Booked, currency: str) -> str:
    out = line.decimal < 0
    party = "Cdtr" if out else "Dbtr"
    reference = f"<AcctSvcrRef>{line.reference}</AcctSvcrRef>" if line.reference else ""
    back = "<RvslInd>true</RvslInd>" if line.is_reversal else ""
    return (f'<Ntry><Amt Ccy="{currency}">{abs(line.decimal)}</Amt><CdtDbtInd>{"DBIT" if out else "CRDT"}</CdtDbtInd>'
            f"{back}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{line.day}</Dt></BookgDt>{reference}<NtryDtls><TxDtls><RltdPties>"
            f"<{party}><Pty><Nm>{escape(line.name)}</Nm></Pty></{party}></RltdPties><RmtInf><Ustrd>{escape(line.text)}"
            "</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>")  # fmt: skip


def mt940(lines: Sequence[Booked], *, account: str = "12030000/0000202051") -> bytes:
    """MT940 as German banks write it: the text in parts of 27 characters."""
    total = sum((line.decimal for line in lines), OPENING)
    written = [":20:STARTUMS", f":25:{account}", ":28C:00001/001", f":60F:C260114EUR{_comma(OPENING)}"]
    for line in lines:
        mark = "D" if (line.decimal < 0) != line.is_reversal else "C"
        mark = f"R{mark}" if line.is_reversal else mark  # RC takes back what had come in
        written.append(
            f":61:{line.day:%y%m%d%m%d}{mark}R{_comma(abs(line.decimal))}NTRFNONREF//{line.reference or 'NONREF'}"
        )
        parts = [line.text[at : at + 27] for at in range(0, len(line.text), 27)][:9]
        said = "".join(f"?2{number}{part}" for number, part in enumerate(parts))
        written.append(f":86:166?00GUTSCHRIFT{said}?32{line.name[:27]}")
    written += [f":62F:C260115EUR{_comma(total)}", "-"]
    return "\r\n".join(written).encode()


def _comma(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",")
