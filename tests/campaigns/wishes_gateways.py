"""Random wishes about money that comes in and goes out: a part of wishes.py."""

from __future__ import annotations

from typing import Any

from tests.campaigns.wishes_bank import TARGETS

MINUTE = 60_000_000
UNKNOWN = "0000000000000000"

GATEWAY_WEIGHTS = {"MakeTopUp": 4, "BookArrival": 4, "ConfirmTopUp": 3, "MakeWithdrawal": 8, "ConfirmWithdrawal": 14,
                   "SendWithdrawal": 4, "SettleWithdrawal": 4, "PaidOut": 3}  # fmt: skip


class GatewayWishes:
    """What a wisher says about top-ups and withdrawals."""

    chance: Any
    model: Any
    person: Any
    person_of: Any
    somebody: Any
    amount: Any
    key: Any
    place: Any

    def gateway_name(self) -> str:
        return str(self.chance.choice(("net", "operator", "bank")))

    def in_charge(self) -> str:
        return str(self.chance.choice((*self.model.rules.operators * 6, "tg:2")))

    def one_of(self, rows: Any, states: tuple[str, ...], gateway: str = "") -> str:
        """Mostly one that is in such a state, and goes through such a gateway."""
        fit = [code for code, row in rows.items() if row.state in states and gateway in ("", row.gateway)][-6:]
        return str(self.chance.choice([*list(rows)[-6:], *fit * 5, UNKNOWN]))

    def asked_about(self) -> Any:
        """Withdrawals whose gateway can be asked: a bank cannot."""
        return {code: row for code, row in self.model.withdrawals.items() if row.gateway != "bank"}

    def MakeTopUp(self) -> dict[str, Any]:
        by, of = self.person(), self.chance.random()
        own = ("person", by)
        to = own if of < 0.7 else self.somebody()
        if of > 0.85:
            by = self.in_charge()
        return {"by": by, "to": to, "gateway": self.gateway_name(), "amount": self.amount(), "key": self.key()}

    def BookArrival(self) -> dict[str, Any]:
        code = self.one_of(self.model.top_ups, ("waiting",), "net")
        amount = self.amount()
        if code in self.model.top_ups and self.chance.random() < 0.6:
            amount = (self.model.top_ups[code].amount, "EUR")
        fee = self.chance.choice((None, None, (0, "EUR"), (30, "EUR"), (99_999, "EUR"), (-1, "EUR"), (5, "USD")))
        reference = f"p{self.chance.randint(1, 30)}"
        return {"gateway": "net", "reference": reference, "code": code, "amount": amount, "fee": fee}

    def ConfirmTopUp(self) -> dict[str, Any]:
        return {"code": self.one_of(self.model.top_ups, ("waiting",), "operator"), "by": self.in_charge()}

    def CancelTopUp(self) -> dict[str, Any]:
        code = self.one_of(self.model.top_ups, ("waiting",))
        return {"code": code, "person": self.person_of(self.model.top_ups, code, "person")}

    def PlaceTopUp(self) -> dict[str, Any]:
        at_desk = self.chance.random() < 0.3
        return {"code": self.one_of(self.model.top_ups, ("waiting",)), **self.place(), "at_desk": at_desk}

    def BookChargeback(self) -> dict[str, Any]:
        known = [key.removeprefix("in:net:") for key in self.model.arrivals if key.startswith("in:net:")]
        arrival = self.chance.choice([*known * 3, "nothing"])
        reference = f"b{self.chance.randint(1, 20)}"
        return {"gateway": "net", "reference": reference, "arrival": arrival, "amount": self.amount()}

    def MakeWithdrawal(self) -> dict[str, Any]:
        fee = self.chance.choice((None, None, (0, "EUR"), (25, "EUR"), (5, "USD")))
        wish = {"person": self.person(), "gateway": self.gateway_name(), "amount": self.amount()}
        target, is_once = self.chance.choice((None, *TARGETS)), self.chance.random() < 0.3
        return {**wish, "key": self.key(), "fee": fee, "target": target, "is_once": is_once and target is not None}

    def ConfirmWithdrawal(self) -> dict[str, Any]:
        code = self.one_of(self.model.withdrawals, ("open",))
        target = None if self.chance.random() < 0.5 else f"bound to {code}"
        return {"code": code, "person": self.person_of(self.model.withdrawals, code, "person"), "target": target}

    def CancelWithdrawal(self) -> dict[str, Any]:
        code = self.one_of(self.model.withdrawals, ("open", "held"))
        person = self.person_of(self.model.withdrawals, code, "person")
        return {"code": code, "person": person if self.chance.random() < 0.8 else self.in_charge()}

    def PlaceWithdrawal(self) -> dict[str, Any]:
        at_desk = self.chance.random() < 0.3
        return {"code": self.one_of(self.model.withdrawals, ("open",)), **self.place(), "at_desk": at_desk}

    def SendWithdrawal(self) -> dict[str, Any]:
        return {"code": self.one_of(self.asked_about(), ("held", "sent"), "net"), "lease": MINUTE}

    def SettleWithdrawal(self) -> dict[str, Any]:
        outcome = self.chance.choice(("done", "refused", "unknown"))
        code = self.one_of(self.asked_about(), ("sent",), "net")
        return {"code": code, "outcome": outcome, "again": self.chance.choice((0, MINUTE))}

    def PaidOut(self) -> dict[str, Any]:
        return {"code": self.one_of(self.model.withdrawals, ("held",), "operator"), "by": self.in_charge()}

    def EndWithdrawal(self) -> dict[str, Any]:
        """As the clerk says it: too early, late, or twice."""
        return {"code": self.one_of(self.model.withdrawals, ("held",))}

    def LapseTopUp(self) -> dict[str, Any]:
        """As EndWithdrawal."""
        return {"code": self.one_of(self.model.top_ups, ("waiting",))}

    def DropMoves(self) -> dict[str, Any]:
        return {"person": self.person()}
