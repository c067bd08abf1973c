"""Questions before money is issued, as a reader of the design would keep them: a part of model.py."""

from tests.campaigns.model_refusals import Again, no_if


class Issues:
    """What a model knows of questions about issuing, by code."""

    def __init__(self):
        super().__init__()
        self.issues = {}

    # -- what several commands share

    def may_issue(self, payee, minor):
        issuer, most = self.find(None), self.rules.issue_max
        no_if(payee.state == "frozen", "WalletFrozen")
        high = max(payee.balance, -issuer.balance if issuer else 0)
        no_if(high + minor > self.BALANCE_MAX, "LimitExceeded", "balance_max", None)
        no_if(0 < most < minor, "LimitExceeded", "issue_max", most)

    def issuing(self, code, person):
        no_if(code not in self.issues, "IssueNotFound")
        no_if(self.issues[code].operator != person, "NotYourIssue")
        return self.issues[code]

    def end_issuing(self, row, state):
        row.state = state
        self.places.changed("issue", row.code)

    # -- the commands

    def MakeIssue(self, by, to, amount, key, memo):
        no_if(by not in self.rules.operators, "NotOperator")
        wish = (by, to, amount, memo)
        self.again("issue", key, wish)
        memo, minor = self.clean(memo), self.minor(amount)
        no_if(by not in self.people, "PersonNotFound")
        payee = self.payee(*to)
        wallet = self.wallet(payee)
        waiting = [row for row in self.made["issue"].values() if row.operator == by and self.state(row) == "open"]
        no_if(len(waiting) >= self.rules.intents_max, "LimitExceeded", "issues_open_max", None)
        self.may_issue(wallet, minor)
        row = self.make("issue", key, wish, operator=by, payee=payee, amount=minor, memo=memo, state="open")
        row.transfer, row.expires = None, self.now + self.rules.intent_life
        return row

    def ConfirmIssue(self, code, person):
        row = self.issuing(code, person)
        if row.state == "issued":
            raise Again(self.made["transfer"][code])
        no_if(person not in self.rules.operators, "NotOperator")
        no_if(self.state(row) != "open", "IssueNotOpen", self.state(row))
        payee = self.wallet(row.payee)
        self.may_issue(payee, row.amount)
        issuer = self.find(None) or self.open(None)
        wish = (issuer.id, payee.id, (row.amount, "EUR"), "issue", row.memo, None)
        done = self.pay(code, wish, issuer, payee)
        row.transfer = done.id
        self.note("issued", person, row.payee, row.amount, row.memo)
        self.end_issuing(row, "issued")
        return done

    def CancelIssue(self, code, person):
        row = self.issuing(code, person)
        no_if(row.state == "issued", "IssueNotOpen", "issued")
        self.end_issuing(row, "cancelled")
        return row

    def PlaceIssue(self, code, place, chat):
        no_if(code not in self.issues, "IssueNotFound")
        self.places.show("issue", code, place, chat, self.issues[code].state != "open")
