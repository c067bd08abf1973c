"""What everybody is told, and the winding down, as a reader of the design would keep them: a part of model.py."""

from datetime import UTC, datetime, timedelta

from tests.campaigns.model_refusals import no_if

TEXT_MAX, LEASE, SHOWN_EACH = 3_500, 20_000_000, 25  # characters, microseconds, people


class Announcements:
    """What a model knows of announcements, by code, and until when the community is wound down."""

    def __init__(self):
        super().__init__()
        self.announcements, self.closes = {}, None

    def not_closing(self):
        """Nothing new begins while it is wound down."""
        no_if(self.closes is not None, "Closing", self.closes)

    def announced(self, code):
        no_if(code not in self.announcements, "AnnouncementNotFound")
        return self.announcements[code]

    def end_announcement(self, row, state):
        row.state = state
        self.places.changed("announcement", row.code)

    # -- the commands

    def MakeAnnouncement(self, by, key, what):
        no_if(by not in self.rules.operators, "NotOperator")
        kind, text, closes = what[0], what[1].strip(), what[2]
        self.again("announcement", key, (by, kind, text, closes))
        no_if(kind == "text" and not text, "AnnouncementEmpty")
        no_if(len(text) > TEXT_MAX, "AnnouncementTooLong")
        no_if(closes is not None and closes <= self.now, "ClosedInThePast")
        no_if(by not in self.people, "PersonNotFound")
        no_if(kind == "open" and self.closes is None, "NotClosing")
        waiting = [row for row in self.made["announcement"].values() if row.by == by and self.state(row) == "open"]
        no_if(len(waiting) >= self.rules.intents_max, "LimitExceeded", "announcements_open_max", None)
        row = self.make("announcement", key, (by, kind, text, closes), by=by, kind=kind, text=text, closes=closes)
        row.state, row.told_to, row.told, row.unreached, row.worker, row.leased = "open", 0, 0, 0, None, 0
        row.expires = self.now + self.rules.intent_life
        return row

    def ConfirmAnnouncement(self, code, person):
        row = self.announced(code)
        no_if(row.by != person, "NotYourAnnouncement")
        if row.state in ("telling", "told"):
            return row
        no_if(person not in self.rules.operators, "NotOperator")
        no_if(self.state(row) != "open", "AnnouncementNotOpen", self.state(row))
        no_if(row.kind == "open" and self.closes is None, "NotClosing")
        if row.kind != "text":
            self.closes = row.closes
        until = row.closes and datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.closes)
        kind = {"text": "announced", "close": "closed", "open": "opened"}[row.kind]
        self.note(kind, person, None, None, until.isoformat() if until else row.text)
        self.end_announcement(row, "telling")
        return row

    def StopAnnouncement(self, code, person):
        row = self.announced(code)
        no_if(person not in self.rules.operators and person != row.by, "NotOperator")
        if row.state == "open":
            no_if(row.by != person, "NotYourAnnouncement")
            self.end_announcement(row, "cancelled")
        elif row.state == "telling":
            self.note("announcement_stopped", person, None, None, row.text)
            self.end_announcement(row, "stopped")
        no_if(row.state == "told", "AnnouncementNotOpen", "told")
        return row

    def PlaceAnnouncement(self, code, place, chat):
        row = self.announced(code)
        is_over = row.state != "open"
        self.places.show("announcement", code, place, chat, is_over, None if is_over else row.expires)

    def TellNext(self, code, worker, told, next, is_over):
        row = self.announcements.get(code)
        if row is None:
            return False
        if told is not None and told[0] > row.told_to:
            row.told_to, row.told, row.unreached = told[0], row.told + told[1], row.unreached + (not told[1])
            if (row.told + row.unreached) % SHOWN_EACH == 0:
                self.places.changed("announcement", code)
        if row.state != "telling" or (row.worker not in (None, worker) and 0 < row.leased - self.now <= LEASE):
            return False
        row.worker, row.leased = (None, 0) if next is None else (worker, self.now + LEASE)
        if is_over:
            self.end_announcement(row, "told")
            self.places.show("announcement", code, f"{row.by}/{code}", row.by, True)
        return next is not None and next > row.told_to

    # -- what there is, as the tables keep it

    def announcement_tables(self):
        return [
            ("announcements", "SELECT code, key, operator, kind, text, closes_at, state, told_to, told, unreached,"
             " worker, leased_until, expires_at FROM announcements ORDER BY code",
             sorted((code, r.key, r.by, r.kind, r.text, r.closes, r.state, r.told_to, r.told, r.unreached, r.worker,
                     r.leased, r.expires) for code, r in self.announcements.items())),
            ("closing", "SELECT closes_at FROM books", [(self.closes,)]),
        ]  # fmt: skip
