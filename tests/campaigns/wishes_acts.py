"""Random wishes of operators: a part of wishes.py."""

from __future__ import annotations

from typing import Any

ACT_WEIGHTS = {"FreezeWallet": 2, "UnfreezeWallet": 4}


class ActWishes:
    """What a wisher says about what operators do."""

    chance: Any
    model: Any
    person: Any
    memo: Any
    key: Any
    in_charge: Any

    def FreezeWallet(self) -> dict[str, Any]:
        reason = self.chance.choice(("coffee", self.memo()))
        return {"by": self.in_charge(), "person": self.person(), "reason": reason, "key": self.key()}

    def UnfreezeWallet(self) -> dict[str, Any]:
        frozen = [w.owner for w in self.model.wallets.values() if w.state == "frozen" and w.kind == "person"]
        person = self.chance.choice(frozen) if frozen and self.chance.random() < 0.8 else self.person()
        return {"by": self.in_charge(), "person": person, "reason": self.memo(), "key": self.key()}
