"""What /cancel drops, as a reader of the design would keep it: a part of model.py."""


class DroppedAtOnce:
    """All that waits for somebody's answer; and the lists to choose from, which stand in the places alone."""

    def DropAll(self, person):
        dialogs, moves = self.CancelOpen(person), self.DropMoves(person)
        return dialogs, moves, self.DropPick(person, None), self.drop_pad(person), self.DropDesk(person)

    def drop_pad(self, person):
        pad = next((p for p in self.keypads.values() if p.person == person and self.state(p) == "open"), None)
        if pad is not None:
            self.end_pad(pad, "dropped")
        return pad

    def DropDesk(self, person):
        issues = [row for row in self.issues.values() if row.operator == person and self.state(row) == "open"]
        lists = [row for row in self.issue_lists.values() if row.operator == person and self.state(row) == "open"]
        telling = [row for row in self.announcements.values() if row.by == person and self.state(row) == "open"]
        for rows, end in ((issues, self.end_issuing), (lists, self.end_list), (telling, self.end_announcement)):
            for row in rows:
                end(row, "cancelled")
        whose = next((row for row in self.lines.values() if row.asked_by == person), None)
        if whose is not None:
            whose.asked_by = whose.number = None
        return issues, lists, telling, whose

    # -- lists to choose from

    def OfferChoice(self, about, place, chat):
        self.places.later.append(lambda: self._no_list_in(chat))
        self.places.show("choice", f"{about}:{chat}", place, chat, False)

    def TakeChoice(self, place):
        self.places.later.append(lambda: self._list_at(place) and self.places.places.pop(place))

    def DropChoice(self, place):
        self.places.later.append(lambda: self._dropped_at(place))

    def _no_list_in(self, chat):
        known = self.places.places
        self.places.places = {n: p for n, p in known.items() if (p.chat, p.kind) != (chat, "choice")}

    def _list_at(self, place):
        row = self.places.places.get(place)
        return row if row is not None and row.kind == "choice" else None

    def _dropped_at(self, place):
        if row := self._list_at(place):
            row.kind, row.changes = "choicex", row.changes + 1
            row.due = row.due if row.attempts else 0
