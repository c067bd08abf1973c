"""Random wishes of operators: a part of wishes.py."""

from __future__ import annotations

from typing import Any

ACT_WEIGHTS = {"NoteAct": 1, "FreezeWallet": 2, "UnfreezeWallet": 4, "MakeIssueList": 3, "ConfirmIssueList": 4}


class ActWishes:
    """What a wisher says about what operators do."""

    chance: Any
    model: Any
    person: Any
    memo: Any
    key: Any
    in_charge: Any
    somebody: Any
    amount: Any
    code_of: Any
    person_of: Any
    place: Any

    def FreezeWallet(self) -> dict[str, Any]:
        reason = self.chance.choice(("coffee", self.memo()))
        return {"by": self.in_charge(), "person": self.person(), "reason": reason, "key": self.key()}

    def UnfreezeWallet(self) -> dict[str, Any]:
        frozen = [w.owner for w in self.model.wallets.values() if w.state == "frozen" and w.kind == "person"]
        person = self.chance.choice(frozen) if frozen and self.chance.random() < 0.8 else self.person()
        return {"by": self.in_charge(), "person": person, "reason": self.memo(), "key": self.key()}

    def NoteAct(self) -> dict[str, Any]:
        note = self.chance.choice(("", "all"))
        return {"by": self.in_charge(), "kind": "reconciled", "key": self.key(), "note": note}

    def MakeIssueList(self) -> dict[str, Any]:
        people = [self.somebody() for _ in range(self.chance.choice((0, 1, 2, 3)))]
        likely = [("person", person) for person in ("tg:2", "tg:3")]
        people = likely if self.chance.random() < 0.6 else people
        amounts = [self.amount() for _ in people] if self.chance.random() < 0.5 else [(5, "EUR")] * len(people)
        lines = tuple((n, to, much) for n, (to, much) in enumerate(zip(people, amounts, strict=True), start=1))
        by = self.chance.choice((*self.model.rules.operators * 12, "tg:2"))
        return {"by": by, "lines": lines, "key": self.key(), "memo": self.memo()}

    def ConfirmIssueList(self) -> dict[str, Any]:
        code = self.code_of(self.model.issue_lists)
        return {"code": code, "person": self.person_of(self.model.issue_lists, code, "operator")}

    def CancelIssueList(self) -> dict[str, Any]:
        return self.ConfirmIssueList()

    def PlaceIssueList(self) -> dict[str, Any]:
        return {"code": self.code_of(self.model.issue_lists), **self.place()}
