"""Random wishes about bills that are shared: a part of wishes.py."""

from __future__ import annotations

from random import Random
from typing import Any

SPLIT_WEIGHTS = {"MakeSplit": 6, "JoinSplit": 6, "AskSplit": 3, "PayShare": 9, "SettleInCash": 2, "TakeShare": 2}
NOBODY = "0000000000000000"
MANY = tuple(("handle", f"n{number}") for number in range(51))


class SplitWishes:
    """What a wisher draws about splits."""

    chance: Random
    model: Any

    def first_splits(self) -> list[dict[str, Any]]:
        """One that is asked for, and one that waits for people."""
        made = {"do": "MakeSplit", "asker": "tg:1", "total": (301, "EUR"), "memo": ""}
        named = (("person", "tg:2"), ("person", "tg:3"), ("handle", "Zoe"))
        return [{**made, "people": named, "key": "named"}, {**made, "people": (), "key": "open"}]

    def share_receipts(self) -> list[str]:
        """Of the late payments of shares."""
        paid = [code for code, row in self.model.receipts.items() if isinstance(row.wish[5], tuple)]
        return paid[-4:]

    def split_code(self) -> str:
        """Mostly a late one, of those that wait for people or money."""
        codes = list(self.model.splits)
        waiting = [code for code in codes if self.model.split_state(self.model.splits[code]) in ("gathering", "asked")]
        return str(self.chance.choice([*codes[-6:], *waiting[-4:] * 5, NOBODY]))

    def split_of_asker(self) -> dict[str, Any]:
        """A split, mostly with the one who asks."""
        code = self.split_code()
        person = self.person()  # type: ignore[attr-defined]
        if code in self.model.splits and self.chance.random() < 0.85:
            person = self.model.splits[code].asker
        return {"code": code, "person": person}

    def share_of_asker(self) -> dict[str, Any]:
        """One share of it by its number."""
        wish = self.split_of_asker()
        known = len(self.model.splits[wish["code"]].shares) if wish["code"] in self.model.splits else 1
        return {**wish, "nth": self.chance.randint(1, known + (self.chance.random() < 0.1) or 1)}

    def someone_of(self, code: str) -> str:
        """Mostly somebody who has a share of it."""
        people = [p.person for p in self.model.splits[code].shares if p.person] if code in self.model.splits else []
        if people and self.chance.random() < 0.75:
            return str(self.chance.choice(people))
        return str(self.person())  # type: ignore[attr-defined]

    def share_code(self) -> str:
        """Mostly of one that is open."""
        asked = [
            code
            for code, share in self.model.shares.items()
            if share.state == "open" and self.model.splits[share.split].state == "asked"
        ]
        return str(self.chance.choice([*list(self.model.shares)[-8:], *asked[-6:] * 4, NOBODY]))

    def MakeSplit(self) -> dict[str, Any]:
        names = [("person", self.person()) for _ in range(3)]  # type: ignore[attr-defined]
        names += [("handle", name) for name in ("ann", "BOB", "cid", "Zoe")]
        people = tuple(self.chance.sample(names, self.chance.choice((0, 0, 1, 2, 3))))
        if self.chance.random() < 0.02:
            people = MANY
        asker, total = self.person(), self.amount()  # type: ignore[attr-defined]
        if self.chance.random() < 0.6:
            total = (self.chance.choice((1, 2, 100, 100, 301)), "EUR")
        return {"asker": asker, "total": total, "people": people, "key": self.key(), "memo": self.memo()}  # type: ignore[attr-defined]

    def JoinSplit(self) -> dict[str, Any]:
        return {"code": self.split_code(), "person": self.person()}  # type: ignore[attr-defined]

    def LeaveSplit(self) -> dict[str, Any]:
        code = self.split_code()
        return {"code": code, "person": self.someone_of(code)}

    def CountAsker(self) -> dict[str, Any]:
        return {**self.split_of_asker(), "is_in": self.chance.random() < 0.5}

    def AskSplit(self) -> dict[str, Any]:
        return self.split_of_asker()

    def CloseSplit(self) -> dict[str, Any]:
        return self.split_of_asker()

    def PlaceSplit(self) -> dict[str, Any]:
        return {"code": self.split_code(), **self.place()}  # type: ignore[attr-defined]

    def EndSplit(self) -> dict[str, Any]:
        return {"code": self.split_code()}

    def ReopenShare(self) -> dict[str, Any]:
        paid = [share.transfer for share in self.model.shares.values() if share.transfer]
        return {"payment": self.chance.choice([*paid[-6:], 1, 99])}

    def TakeShare(self) -> dict[str, Any]:
        code = self.split_code()
        return {"code": code, "person": self.someone_of(code)}

    def PayShare(self) -> dict[str, Any]:
        code, person, payments = self.share_code(), self.person(), 0  # type: ignore[attr-defined]
        if code in self.model.shares:
            share = self.model.shares[code]
            person = share.person if share.person and self.chance.random() < 0.85 else person
            late = share.payments - (share.state == "paid" and self.chance.random() < 0.7)
            payments = self.chance.choice((late, late, late, late, 0, share.payments + 1))
        place = self.chance.choice((None, None, self.place()["place"]))  # type: ignore[attr-defined]
        return {"code": code, "payments": payments, "person": person, "place": place}

    def TakeOut(self) -> dict[str, Any]:
        return self.share_of_asker()

    def SettleInCash(self) -> dict[str, Any]:
        return {**self.share_of_asker(), "is_settled": self.chance.random() < 0.6}

    def RemindShare(self) -> dict[str, Any]:
        return self.share_of_asker()

    def PlaceShare(self) -> dict[str, Any]:
        return {"code": self.share_code(), **self.place()}  # type: ignore[attr-defined]
