"""Random wishes about limits, blocks and the words of groups: a part of wishes.py."""

from __future__ import annotations

from typing import Any

LIMIT_WEIGHTS = {"SetOwnLimit": 3, "SetWalletLimit": 3, "Block": 3, "BlockAsker": 3, "Unblock": 2,
                 "ChooseGroupLanguage": 1, "MoveGroup": 1}  # fmt: skip
GROUPS = ("-100", "-200", "-300", "-1001")


class LimitWishes:
    """What a wisher says about limits and blocks."""

    chance: Any
    model: Any
    person: Any
    amount: Any
    in_charge: Any

    def span(self) -> str:
        return str(self.chance.choice(("payment", "day")))

    def most(self) -> Any:
        return None if self.chance.random() < 0.4 else self.amount()

    def SetOwnLimit(self) -> dict[str, Any]:
        return {"person": self.person(), "span": self.span(), "most": self.most()}

    def KeepOwnLimit(self) -> dict[str, Any]:
        return {"person": self.person(), "span": self.span()}

    def SetWalletLimit(self) -> dict[str, Any]:
        return {"by": self.in_charge(), "person": self.person(), "span": self.span(), "most": self.most()}

    def RaiseLimit(self) -> dict[str, Any]:
        return {"code": str(self.chance.choice([*self.model.limits, f"{self.span()}-tg:404"]))}

    def ChooseGroupLanguage(self) -> dict[str, Any]:
        language = self.chance.choice(("en", "de", "pt_BR"))
        return {"chat": self.chance.choice(GROUPS), "person": self.person(), "language": language}

    def MoveGroup(self) -> dict[str, Any]:
        chat, new = self.chance.sample(GROUPS, 2)
        return {"chat": chat, "new": new}

    def Block(self) -> dict[str, Any]:
        return {"person": self.person(), "other": self.person()}

    def BlockAsker(self) -> dict[str, Any]:
        asked = [row for row in self.model.requests.values() if row.payer][-4:]
        row = self.chance.choice(asked) if asked and self.chance.random() < 0.8 else None
        code = row.code if row else str(self.chance.choice([*list(self.model.requests)[-3:], "0" * 16]))
        person = row.payer if row and self.chance.random() < 0.8 else self.person()
        place = self.chance.choice((None, f"{person}/{code}"))
        return {"code": code, "person": person, "place": place}

    def Unblock(self) -> dict[str, Any]:
        blocked = list(self.model.blocks)
        if blocked and self.chance.random() < 0.7:
            person, other = self.chance.choice(blocked)
            return {"person": person, "other": other}
        return self.Block()
