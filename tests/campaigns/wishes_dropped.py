"""Random wishes about /cancel, and the lists that it drops: a part of wishes.py."""

from __future__ import annotations

from typing import Any

DROPPED_WEIGHTS = {"DropAll": 2, "DropDesk": 2, "OfferChoice": 3, "DropChoice": 2}


class DroppedWishes:
    """What a wisher wants no more of."""

    chance: Any
    model: Any
    person: Any
    place: Any
    in_charge: Any

    def list_place(self) -> str:
        """Mostly where a list stands, or stood."""
        stands = [name for name, row in self.model.places.places.items() if row.kind in ("choice", "choicex")]
        return str(self.chance.choice([*stands * 4, self.place()["place"]]))

    def DropAll(self) -> dict[str, Any]:
        return {"person": self.chance.choice((self.person(), self.in_charge()))}

    def DropDesk(self) -> dict[str, Any]:
        return {"person": self.chance.choice((self.person(), self.in_charge(), self.in_charge()))}

    def OfferChoice(self) -> dict[str, Any]:
        return {"about": self.chance.choice(("language", "topup")), **self.place()}

    def TakeChoice(self) -> dict[str, Any]:
        return {"place": self.list_place()}

    def DropChoice(self) -> dict[str, Any]:
        return {"place": self.list_place()}
