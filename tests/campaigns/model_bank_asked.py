"""Where to money goes is asked, a bank takes back, its statements end: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, no_if

DAY = 86_400_000_000  # microseconds


class BankAsked:
    """What a model knows of withdrawals begun, by person, of reversals, by code, and of statements, by key."""

    def __init__(self):
        super().__init__()
        self.where_to, self.reversals, self.statements = {}, {}, {}

    # -- where to

    def begun_state(self, row):
        return "expired" if row.state == "open" and self.now >= row.expires else row.state

    def BeginWithdrawal(self, person, gateway, amount, key, fee):
        row = self.where_to.get(person)
        if row and row.key == key:
            return row
        if key in self.made["withdrawal"]:
            return Row(key=key, gateway=gateway, amount=amount[0], state="answered", answer=key, expires=self.now)
        minor, fee_minor = self.minor(amount), fee[0] if fee else 0
        if fee_minor:
            self.minor(fee)
        wallet = self.wallet(person)
        waiting = [w for w in self.made["withdrawal"].values() if w.person == person
                   and self.state(w) in ("open", "held", "sent")]  # fmt: skip
        no_if(len(waiting) >= self.rules.withdrawals_max, "LimitExceeded", "withdrawals_open_max", None)
        self.may_withdraw(wallet, minor, fee_minor)
        expires = self.now + self.rules.intent_life
        row = Row(key=key, gateway=gateway, amount=minor, state="open", answer=None, expires=expires)
        self.where_to[person] = row
        return row

    def SayTarget(self, begun, person, gateway, amount, target, key, fee, is_once):
        if before := self.made["withdrawal"].get(key):
            no_if(before.person != person, "KeyReused")
            return before
        row = self.where_to.get(person)
        state = self.begun_state(row) if row and row.key == begun else "cancelled"
        no_if(state != "open", "WithdrawalNotOpen", state)
        no_if((row.gateway, (row.amount, "EUR")) != (gateway, amount), "WithdrawalNotOpen", "cancelled")
        made = self.MakeWithdrawal(person, gateway, amount, key, fee, target, is_once)
        row.state, row.answer = "answered", key
        return made

    def drop_begun(self, person):
        row = self.where_to.get(person)
        if not row or self.begun_state(row) != "open":
            return None
        row.state = "cancelled"
        return row

    def clear_begun(self):
        over = self.now - 30 * DAY
        self.where_to = {person: row for person, row in self.where_to.items() if row.expires >= over}

    # -- what a bank takes back

    def BookReversal(self, gateway, reference, amount, booked_on, text, name, top_up, file):
        key, made = f"{gateway}:{reference}:{amount[0]}", self.made["reversal"]
        keys = key, f"{key}:{booked_on}"
        for row in (made[each] for each in keys if each in made):
            if row.day == booked_on:
                raise Again((row, True))
        key = next(each for each in keys if each not in made)
        minor, named = self.minor(amount), self.top_ups.get(top_up)
        alike = any((row.gateway, row.day, row.amount) == (gateway, booked_on, minor) and row.file != file
                    for row in made.values())  # fmt: skip
        self.gateway(gateway)
        row = self.make("reversal", key, None, gateway=gateway, amount=minor, day=booked_on, file=file, alike=alike)
        row.text, row.name, row.state, row.of, row.ended_by = text, name, "open", None, None
        row.top_up = named.code if named and named.gateway == gateway else None
        return row, False

    def reversal(self, code, by):
        no_if(code not in self.reversals, "LineNotFound")
        self.for_bank(by)
        return self.reversals[code]

    def taken_of(self, row):
        """What had arrived that it took back, once that was said."""
        return row.of and self.arrivals[self.chargebacks[row.of].of]

    def DecideReversal(self, code, decision, arrival, by):
        row, ours = self.reversal(code, by), decision != "ignored"
        if row.state != "open":
            of = self.taken_of(row)
            no_if((row.state, of and of.transfer) != (decision, arrival if ours else None), "LineNotOpen", row.state)
            return row, False
        found = [key for key, each in self.arrivals.items() if ours and each.transfer == arrival]
        wrong = ours and (not found or self.arrivals[found[0]].row.gateway != row.gateway)
        no_if(wrong, "ArrivalNotFound")
        if ours:
            row.of = f"back:line:{code}"
            self.charge(row.of, found[0], row.amount, decision == "taken")
        row.state, row.ended_by = decision, by
        self.places.changed("bank_reversal", code)
        kind = {"taken": "reversal_taken", "lost": "reversal_lost", "ignored": "line_ignored"}[decision]
        self.note(kind, by, self.taken_of(row).row.person if ours else None, row.amount)
        return row, False

    def ShowReversal(self, code, to, again):
        self.reversal(code, to)
        if again:
            self.places.show("bank_reversal", code, f"{to}/{code}", to, True)
        else:
            self.places.show_unless_shown("bank_reversal", code, f"{to}/{code}", to)

    # -- what the account held

    def KeepStatement(self, gateway, opened_on, closed_on, opening, closing, file):
        key = f"{gateway}:{closed_on}:{opening[0]}:{closing[0]}"
        if key not in self.statements:
            self.gateway(gateway)
            opened_on = opened_on if opened_on and opened_on <= closed_on else None
            self.statements[key] = (opened_on and str(opened_on), str(closed_on), opening[0], closing[0], file)

    # -- what there is, as the tables keep it

    def asked_tables(self):
        return [
            ("withdrawals_begun", "SELECT person, key, gateway, amount, state, answer, expires_at"
             " FROM withdrawals_begun ORDER BY person",
             sorted((person, r.key, r.gateway, r.amount, r.state, r.answer, r.expires)
                    for person, r in self.where_to.items())),
            ("bank_reversals", "SELECT code, key, gateway, amount, booked_on, file, is_alike, text, name, top_up,"
             " state, chargeback, ended_by FROM bank_reversals ORDER BY code",
             sorted((r.code, key, r.gateway, r.amount, r.day.isoformat(), r.file, int(r.alike), r.text, r.name,
                     r.top_up, r.state, r.of, r.ended_by) for key, r in self.made["reversal"].items())),
            ("bank_statements", "SELECT key, opened_on, closed_on, opening, closing, file FROM bank_statements"
             " ORDER BY key", sorted((key, *row) for key, row in self.statements.items())),
        ]  # fmt: skip
