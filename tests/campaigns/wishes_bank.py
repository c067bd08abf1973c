"""Random wishes about a bank's statements and files: a part of wishes.py."""

from __future__ import annotations

from datetime import date
from typing import Any

BANK_WEIGHTS = {"BookLine": 6, "GiveLine": 5, "IgnoreLine": 2, "MakePaymentFile": 4, "BookDebit": 4,
                "RefusePaymentFile": 2, "BeginWithdrawal": 4, "SayTarget": 6, "BookReversal": 3,
                "DecideReversal": 4}  # fmt: skip
UNKNOWN = "0000000000000000"
TARGETS = ("DE89 … 3000|sealed", "DE02 … 2051|sealed", "invoice 1")


class BankWishes:
    """What a wisher says about lines of a statement and files of payments."""

    chance: Any
    model: Any
    person: Any
    amount: Any
    key: Any
    place: Any
    in_charge: Any
    one_of: Any

    def line_code(self) -> str:
        lines = self.model.lines
        still = [code for code, row in lines.items() if row.state != "booked"][-5:]
        return str(self.chance.choice([*list(lines)[-8:], *still * 5, UNKNOWN]))

    def file_code(self) -> str:
        return str(self.chance.choice([*list(self.model.files)[-4:] * 4, UNKNOWN]))

    def BookLine(self) -> dict[str, Any]:
        code = self.one_of(self.model.top_ups, ("waiting",), "bank")
        amount = self.amount()
        if code in self.model.top_ups and self.chance.random() < 0.6:
            amount = (self.model.top_ups[code].amount, "EUR")
        kind, number = self.chance.choice(("ref", "ref", "sha")), self.chance.randint(1, 12)
        reference = f"{kind}:{number}{self.chance.choice(('', '', ':2'))}"
        day, file = date(2026, 9, self.chance.choice((14, 15))), f"f{self.chance.randint(1, 3)}"
        note = self.chance.choice(("unmatched", "unmatched", "several", "came_back"))
        top_up = None if self.chance.random() < 0.3 else code
        wish = {"gateway": "bank", "reference": reference, "amount": amount, "booked_on": day, "text": "words"}
        return {**wish, "name": "Ann A.", "top_up": top_up, "file": file, "note": note}

    def GiveLine(self) -> dict[str, Any]:
        return {"code": self.line_code(), "person": self.person(), "by": self.in_charge()}

    def IgnoreLine(self) -> dict[str, Any]:
        return {"code": self.line_code(), "by": self.in_charge()}

    def AskWhose(self) -> dict[str, Any]:
        return {"code": self.line_code(), "by": self.in_charge()}

    def ShowLine(self) -> dict[str, Any]:
        return {"code": self.line_code(), "to": self.in_charge(), "again": self.chance.random() < 0.5}

    def MakePaymentFile(self) -> dict[str, Any]:
        codes = {self.one_of(self.model.withdrawals, ("held",), "bank") for _ in range(self.chance.randint(1, 4))}
        return {"gateway": "bank", "codes": tuple(sorted(codes)), "by": self.in_charge(), "key": self.key()}

    def RefusePaymentFile(self) -> dict[str, Any]:
        return {"code": self.file_code(), "by": self.in_charge()}

    def BookDebit(self) -> dict[str, Any]:
        code = self.one_of(self.model.withdrawals, ("held", "sent"), "bank")
        amount = self.amount()
        if code in self.model.withdrawals and self.chance.random() < 0.8:
            amount = (self.model.withdrawals[code].amount, "EUR")
        reference = f"{self.chance.choice(('ref', 'ref', 'sha'))}:{self.chance.randint(50, 60)}"
        return {"code": code, "reference": reference, "amount": amount}

    # -- where to

    def BeginWithdrawal(self) -> dict[str, Any]:
        fee = self.chance.choice((None, None, (0, "EUR"), (25, "EUR"), (5, "USD")))
        wish = {"person": self.person(), "gateway": self.chance.choice(("bank", "net")), "amount": self.amount()}
        return {**wish, "key": self.key(), "fee": fee}

    def SayTarget(self) -> dict[str, Any]:
        asked = [person for person, row in self.model.where_to.items() if row.state == "open"]
        person = self.chance.choice(asked) if asked and self.chance.random() < 0.8 else self.person()
        row = self.model.where_to.get(person)
        begun, gateway, amount = (row.key, row.gateway, (row.amount, "EUR")) if row else ("none", "bank", (5, "EUR"))
        if self.chance.random() < 0.1:
            amount = self.amount()
        key = row.answer if row and row.answer and self.chance.random() < 0.3 else self.key()
        fee = self.chance.choice((None, None, (25, "EUR")))
        target = self.chance.choice(TARGETS)
        wish = {"begun": begun, "person": person, "gateway": gateway, "amount": amount, "target": target}
        return {**wish, "key": key, "fee": fee, "is_once": self.chance.random() < 0.3}

    # -- what a bank takes back, and what the account held

    def reversal_code(self) -> str:
        return str(self.chance.choice([*list(self.model.reversals)[-6:] * 4, UNKNOWN]))

    def BookReversal(self) -> dict[str, Any]:
        brought = [row.row.code for row in self.model.arrivals.values() if row.row.gateway == "bank"][-4:]
        top_up = self.chance.choice([None, UNKNOWN, *brought * 3])
        reference = f"{self.chance.choice(('ref', 'sha'))}:{self.chance.randint(1, 9)}"
        day, file = date(2026, 9, self.chance.choice((14, 15))), f"f{self.chance.randint(1, 3)}"
        wish = {"gateway": "bank", "reference": reference, "amount": self.amount(), "booked_on": day, "text": "words"}
        return {**wish, "name": "Ann A.", "top_up": top_up, "file": file}

    def DecideReversal(self) -> dict[str, Any]:
        known = [row.transfer for row in self.model.arrivals.values() if row.row.gateway == "bank"][-4:]
        others = [row.transfer for row in self.model.arrivals.values()][-1:]
        decision = self.chance.choice(("taken", "taken", "lost", "ignored"))
        arrival = self.chance.choice([None if decision == "ignored" else 10**9, *others, *known * 3])
        return {"code": self.reversal_code(), "decision": decision, "arrival": arrival, "by": self.in_charge()}

    def ShowReversal(self) -> dict[str, Any]:
        return {"code": self.reversal_code(), "to": self.in_charge(), "again": self.chance.random() < 0.5}

    def KeepStatement(self) -> dict[str, Any]:
        days = [date(2026, 9, self.chance.randint(1, 5)) for _ in range(2)]
        opened_on = None if self.chance.random() < 0.2 else days[0]
        opening, closing = ((self.chance.randint(-3, 3), "EUR") for _ in range(2))
        wish = {"gateway": "bank", "opened_on": opened_on, "closed_on": days[1], "file": "f1"}
        return {**wish, "opening": opening, "closing": closing}

    def PlacePaymentFile(self) -> dict[str, Any]:
        return {"code": self.file_code(), **self.place()}
