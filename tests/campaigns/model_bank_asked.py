"""Where to money goes is asked: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import no_if

DAY = 86_400_000_000  # microseconds


class BankAsked:
    """What a model knows of withdrawals begun, by person."""

    def __init__(self):
        super().__init__()
        self.where_to = {}

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

    # -- what there is, as the tables keep it

    def asked_tables(self):
        return [
            ("withdrawals_begun", "SELECT person, key, gateway, amount, state, answer, expires_at"
             " FROM withdrawals_begun ORDER BY person",
             sorted((person, r.key, r.gateway, r.amount, r.state, r.answer, r.expires)
                    for person, r in self.where_to.items())),
        ]  # fmt: skip
