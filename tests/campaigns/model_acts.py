"""What operators did, and frozen wallets, as a reader of the design would keep them: a part of model.py."""

from tests.campaigns.model_refusals import no_if


class Acts:
    """What a model knows of acts, in their order, and by the keys of those that have one."""

    def __init__(self):
        super().__init__()
        self.acts, self.acts_by_key, self.go_on = [], {}, set()

    def note(self, kind, by, person=None, minor=None, note="", moved=None):
        """`moved`: the transfer, of which the receipt is kept."""
        self.acts.append((kind, by, person, minor, note, moved and moved.id, self.now))

    def commit_acts(self):
        """What had to wait goes on, written at the end of a batch."""
        for row in self.withdrawals.values():
            if row.person in self.go_on and row.state == "held" and row.due is not None:
                row.due = 0
        self.go_on = set()

    # -- what both share

    def done_under(self, key, wish):
        no_if(wish[1] not in self.rules.operators, "NotOperator")
        no_if(self.acts_by_key.get(key, wish) != wish, "KeyReused")
        return key in self.acts_by_key

    def set_frozen(self, key, wish, state):
        kind, by, person, reason = wish
        self.wallet(person).state = state
        self.places.show("freeze", person, f"{person}/freeze", person, True)
        self.acts_by_key[key] = wish
        self.note(kind, by, person, None, reason)

    # -- the commands

    def FreezeWallet(self, by, person, reason, key):
        reason = self.clean(reason)
        if not self.done_under(key, wish := ("frozen", by, person, reason)):
            no_if(person not in self.people, "PersonNotFound")
            no_if(self.wallet(person).state == "frozen", "FrozenAlready")
            self.set_frozen(key, wish, "frozen")
        return self.people[person]

    def UnfreezeWallet(self, by, person, key, reason):
        reason = self.clean(reason)
        if not self.done_under(key, wish := ("unfrozen", by, person, reason)):
            no_if(person not in self.people, "PersonNotFound")
            no_if(self.wallet(person).state != "frozen", "NotFrozen")
            self.set_frozen(key, wish, "open")
            self.go_on.add(person)
        return self.people[person]

    def NoteAct(self, by, kind, key, note):
        no_if(by not in self.rules.operators, "NotOperator")
        if self.acts_by_key.setdefault(key, wish := (kind, by, None, note)) is wish:
            self.note(kind, by, None, None, note)

    def with_receipts(self, receipts):
        return [(*act, receipts.get(moved), at) for *act, moved, at in self.acts]

    def act_tables(self, receipts):
        sql = "SELECT kind, operator, person, amount, note, receipt, created_at FROM acts ORDER BY code"
        return [("acts", sql, self.with_receipts(receipts))]

    def acts_listed(self, of, receipts):
        """The newest first; `of`: by somebody, or to them."""
        return [act for act in reversed(self.with_receipts(receipts)) if of is None or of in act[1:3]]
