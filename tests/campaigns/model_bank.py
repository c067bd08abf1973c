"""What a bank's statements and files do, as a reader of the design would keep it: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, No, no_if


class Bank:
    """What a model knows of lines and files, by code, and of what is paid once, by the gateway and its name there."""

    def __init__(self):
        super().__init__()
        self.lines, self.files, self.payouts, self.targets = {}, {}, {}, {}
        self.given = None  # the code of the top-up that the core makes for a line

    # -- what several commands share

    def for_bank(self, person):
        no_if(person not in self.rules.operators or person not in self.people, "NotOperator")

    def line(self, code, by):
        no_if(code not in self.lines, "LineNotFound")
        self.for_bank(by)
        return self.lines[code]

    def whose(self, row):
        return row.top_up and row.top_up.person

    def credit_line(self, row, top_up, key):
        done, *_ = self.arrive(top_up, key, row.amount, 0, None)
        row.state, row.top_up, row.note = "booked", top_up, ""
        return done.wish[3]

    def end_line(self, row):
        row.asked_by = row.number = None
        self.places.changed("bank_line", row.code)

    def perhaps(self, row, reference, file):
        """Whether two lines of two files may be one: unless each has a reference of the bank, and another."""
        names = row.reference, reference
        alike = len({":".join(name.split(":")[:2]) for name in names}) == 1
        return row.file != file and alike == all(name.startswith("ref:") for name in names)

    def line_note(self, gateway, reference, minor, day, top_up, file, note):
        like = [row for row in self.made["line"].values()
                if (row.gateway, row.day, row.amount) == (gateway, day, minor)
                and self.perhaps(row, reference, file)]  # fmt: skip
        if top_up is None or top_up.gateway != gateway:
            return "alike" if like and note == "unmatched" else note
        if f"in:{gateway}:{reference}" in self.arrivals or any(row.top_up is top_up for row in like):
            return "alike"
        try:
            self.can_arrive(Row(person=top_up.person, gateway=gateway), minor)
        except No as refusal:
            return {"WalletFrozen": "frozen", "LimitExceeded": "full"}[refusal.args[0]]
        return ""

    # -- the commands

    def BookLine(self, gateway, reference, amount, booked_on, text, name, top_up, file, note):
        key, made = f"{gateway}:{reference}", self.made["line"]
        keys = key, f"{key}:{amount[0]}", f"{key}:{amount[0]}:{booked_on}"
        for row in (made[each] for each in keys if each in made):
            if (row.amount, row.day) == (amount[0], booked_on) and not self.for_another(row, top_up):
                raise Again((row, "", True))
        minor, top_up = self.minor(amount), self.top_ups.get(top_up)
        if key in made:
            note, key = "changed", next(each for each in keys if each not in made)
        else:
            note = self.line_note(gateway, reference, minor, booked_on, top_up, file, note)
        self.gateway(gateway)
        row = self.make("line", key, None, gateway=gateway, amount=minor, day=booked_on, file=file, note=note)
        row.reference, row.text, row.name, row.state = key.removeprefix(f"{gateway}:"), text, name, "open"
        row.top_up = row.ended_by = row.asked_by = row.number = None
        return row, "" if note else self.credit_line(row, top_up, f"in:{gateway}:{reference}"), False

    def for_another(self, row, top_up):
        credited = row.state == "booked" and row.ended_by is None
        return credited and top_up is not None and top_up != row.top_up.code

    def GiveLine(self, code, person, by):
        row = self.line(code, by)
        if row.state == "booked":
            no_if(self.whose(row) != person, "LineNotOpen", "booked")
            return row, "", False
        self.wallet(person)
        wanted = (person, person, row.gateway, row.amount, "waiting")
        waiting = [each for each in self.made["top_up"].values()
                   if (each.person, each.by, each.gateway, each.amount, each.state) == wanted]  # fmt: skip
        top_up = min(waiting, key=lambda each: (each.at, each.code), default=None)
        self.can_arrive(top_up or Row(person=person, gateway=row.gateway), row.amount)
        if top_up is None:
            top_up = self.make("top_up", f"line:{code}", None, person=person, by=person, gateway=row.gateway)
            top_up.amount, top_up.arrivals, top_up.received, top_up.state = row.amount, 0, 0, "waiting"
            top_up.ended_by, top_up.expires = None, self.now + self.rules.top_up_life
            self.top_up_named(top_up, self.given)
        kind = self.credit_line(row, top_up, f"line:{code}")
        row.ended_by = by
        self.end_line(row)
        self.note("line_given", by, person, row.amount)
        return row, kind, False

    def IgnoreLine(self, code, by):
        row = self.line(code, by)
        no_if(row.state == "booked", "LineNotOpen", "booked")
        if row.state == "open":
            row.state, row.ended_by = "ignored", by
            self.end_line(row)
            self.note("line_ignored", by, None, row.amount)
        return row, "", False

    def AskWhose(self, code, by):
        row = self.line(code, by)
        no_if(row.state == "booked", "LineNotOpen", "booked")
        for each in self.lines.values():
            if each.asked_by == by and each is not row:
                each.asked_by = each.number = None
        row.asked_by = by
        return row, "", False

    def ShowLine(self, code, to, again):
        row, place = self.line(code, to), f"{to}/{code}"
        if again:
            self.places.show("bank_line", row.code, place, to, True)
        else:
            self.places.show_unless_shown("bank_line", row.code, place, to)

    def MakePaymentFile(self, gateway, codes, by, key):
        self.again("file", key, (gateway, by))
        self.for_bank(by)
        rows = [self.withdrawals[code] for code in dict.fromkeys(codes)
                if code in self.withdrawals and code not in self.payouts]  # fmt: skip
        rows = [row for row in rows if (row.state, row.gateway) == ("held", gateway) and row.target is not None
                and self.wallet(row.person).state == "open"]  # fmt: skip
        no_if(not rows, "NothingToPay")
        file = self.make("file", key, (gateway, by), gateway=gateway, by=by, count=len(rows), refused_by=None)
        file.total = sum(row.amount for row in rows)
        self.note("file_made", by, None, file.total)
        for row in rows:
            self.payouts[row.code] = file
            row.state, row.due, row.attempts = "sent", None, row.attempts + 1
            self.agenda.pop(f"withdrawal:{row.code}", None)
            self.moved_on("withdrawal", row)
        return file

    def RefusePaymentFile(self, code, by, is_rest=False):
        self.for_bank(by)
        no_if(code not in self.files, "PaymentFileNotFound")
        file = self.files[code]
        if file.refused_by is None:
            rows = [self.withdrawals[each] for each, of in sorted(self.payouts.items()) if of is file]
            left = [row for row in rows if row.state == "sent"]
            no_if(not left or (len(left) < len(rows) and not is_rest), "PaymentFileUsed")
            for row in left:
                self.is_back(row)
            file.refused_by = by
            self.note("file_refused", by, None, sum(row.amount for row in left))
            self.places.changed("payment_file", code)
        return file

    def BookDebit(self, code, reference, amount):
        row = self.withdrawal(code)
        if row.state == "done":
            both = row.reference or "", reference
            other = both[0] != both[1] and all(each.startswith("ref:") for each in both)
            return "twice" if other else "again"
        if (row.amount, "EUR") != amount:
            return "other_amount"
        if row.state not in ("held", "sent"):
            return "returned" if row.state == "returned" else "not_confirmed"
        row.reference = reference
        self.is_done(row)
        if code in self.payouts:
            self.places.changed("payment_file", self.payouts[code].code)
        return "done"

    def PlacePaymentFile(self, code, place, chat):
        no_if(code not in self.files, "PaymentFileNotFound")
        self.places.show("payment_file", code, place, chat, True)

    # -- what is paid once

    def free_target(self, gateway, target):
        """The withdrawal that was to pay it, if it never did nor will."""
        before = self.targets.get(f"{gateway}:{target}")
        no_if(before and self.state(before) not in ("expired", "cancelled", "returned"), "TargetTaken")
        return before

    def take_target(self, row, before):
        if before and before.state == "open":
            before.state, before.target = "cancelled", None
            self.moved_on("withdrawal", before)
        self.targets[f"{row.gateway}:{row.target}"] = row

    # -- what there is, as the tables keep it

    def bank_tables(self):
        return [
            ("bank_lines", "SELECT code, key, gateway, amount, booked_on, file, text, name, note, state, top_up,"
             " ended_by, asked_by, number FROM bank_lines ORDER BY code",
             sorted((r.code, key, r.gateway, r.amount, r.day.isoformat(), r.file, r.text, r.name, r.note, r.state,
                     r.top_up and r.top_up.code, r.ended_by, r.asked_by, r.number)
                    for key, r in self.made["line"].items())),
            ("payment_files", "SELECT code, key, gateway, made_by, count, total, refused_by FROM payment_files"
             " ORDER BY code",
             sorted((f.code, key, f.gateway, f.by, f.count, f.total, f.refused_by)
                    for key, f in self.made["file"].items())),
            ("payouts", "SELECT withdrawal, file FROM payouts ORDER BY withdrawal",
             sorted((code, file.code) for code, file in self.payouts.items())),
            ("withdrawal_targets", "SELECT key, withdrawal FROM withdrawal_targets ORDER BY key",
             sorted((key, row.code) for key, row in self.targets.items())),
        ]  # fmt: skip
