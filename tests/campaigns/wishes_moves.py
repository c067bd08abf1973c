"""Random wishes about wallets that go to a new account: a part of wishes.py."""

from __future__ import annotations

from typing import Any

MOVE_WEIGHTS = {"AskMove": 4, "AgreeMove": 5}
SPARE = ("tg:61", "tg:62")  # accounts in which little happens before they are somebody's new one
UNKNOWN = "0000000000000000"


class MoveWishes:
    """What a wisher says about moves."""

    chance: Any
    model: Any
    person: Any
    memo: Any
    key: Any
    place: Any
    in_charge: Any

    def move_code(self) -> str:
        """Mostly one that waits for something."""
        moves = self.model.moves
        still = [code for code, row in moves.items() if row.state in ("asked", "waiting")]
        return str(self.chance.choice([*list(moves)[-4:], *still * 4, UNKNOWN]))

    def AskMove(self) -> dict[str, Any]:
        new = self.chance.choice((*SPARE * 4, self.person(), "tg:404"))
        return {"by": self.in_charge(), "old": self.person(), "new": new, "key": self.key(), "note": self.memo()}

    def AgreeMove(self) -> dict[str, Any]:
        return {"code": self.move_code(), "person": self.in_charge()}

    def StopMove(self) -> dict[str, Any]:
        code, moves = self.move_code(), self.model.moves
        old = [moves[code].old] if code in moves else []
        return {"code": code, "person": self.chance.choice((*old * 2, self.in_charge(), self.person()))}

    def PlaceMove(self) -> dict[str, Any]:
        return {"code": self.move_code(), **self.place(), "person": self.person()}

    def DoMove(self) -> dict[str, Any]:
        """As EndRequest."""
        return {"code": self.move_code()}
