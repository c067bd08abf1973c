"""Random wishes about announcements, and the winding down: a part of wishes.py."""

from __future__ import annotations

from typing import Any

ANNOUNCEMENT_WEIGHTS = {"MakeAnnouncement": 3, "ConfirmAnnouncement": 4, "StopAnnouncement": 2, "TellNext": 5}
UNKNOWN = "0000000000000000"
DAY = 86_400_000_000
TEXTS = ("lunch at noon", "lunch at noon", " lunch\n", "", "x" * 3_501)
CLOSE_CHANCE, OPEN_CHANCE = 0.25, 0.85  # that a new one winds down, or while that is so is about going on


class AnnouncementWishes:
    """What a wisher says about announcements."""

    chance: Any
    model: Any
    key: Any
    place: Any
    in_charge: Any
    person_of: Any

    def announcement_code(self, *states: str) -> str:
        """Mostly one in such a state, and of those one that goes on."""
        rows = self.model.announcements
        still = [code for code, row in rows.items() if self.model.state(row) in states]
        opening = [code for code in still if rows[code].kind == "open" and self.model.closes is not None]
        return str(self.chance.choice([*list(rows)[-4:], *still[-4:] * 4, *opening * 20, UNKNOWN]))

    def MakeAnnouncement(self) -> dict[str, Any]:
        what: tuple[str, str, int | None] = ("text", self.chance.choice(TEXTS), None)
        if self.chance.random() < (CLOSE_CHANCE if self.model.closes is None else OPEN_CHANCE):
            until = self.model.now + self.chance.choice((DAY, 30 * DAY, 30 * DAY, -1))
            is_open = self.chance.random() < (0.2 if self.model.closes is None else 0.9)
            what = ("open", "", None) if is_open else ("close", self.chance.choice(("", "thanks")), until)
        return {"by": self.in_charge(), "key": self.key(), "what": what}

    def ConfirmAnnouncement(self) -> dict[str, Any]:
        code = self.announcement_code("open")
        return {"code": code, "person": self.person_of(self.model.announcements, code, "by")}

    def StopAnnouncement(self) -> dict[str, Any]:
        code = self.announcement_code("open", "telling")
        person = self.person_of(self.model.announcements, code, "by")
        return {"code": code, "person": self.chance.choice((person, self.in_charge()))}

    def PlaceAnnouncement(self) -> dict[str, Any]:
        return {"code": self.announcement_code("open", "telling"), **self.place()}

    def TellNext(self) -> dict[str, Any]:
        """As two workers say it: who was told, who is next; also late, twice, and when nobody is left."""
        code = self.announcement_code("telling")
        row = self.model.announcements.get(code)
        wallet = self.chance.choice(((row.told_to if row else 0) + self.chance.choice((0, 1, 1, 2)), 1))
        told = self.chance.choice((None, (wallet, True), (wallet, True), (wallet, False)))
        is_over = self.chance.random() < 0.2
        next_ = None if is_over or self.chance.random() < 0.3 else wallet + self.chance.choice((0, 1, 1))
        return {"code": code, "worker": self.chance.choice(("w1", "w2")), "told": told, "next": next_,
                "is_over": is_over}  # fmt: skip
