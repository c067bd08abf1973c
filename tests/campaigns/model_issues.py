"""Questions before money is issued, as a reader of the design would keep them: a part of model.py."""

from tests.campaigns.model_refusals import Again, No, no_if


class Issues:
    """What a model knows of questions about issuing, by code."""

    def __init__(self):
        super().__init__()
        self.issues = {}

    # -- what several commands share

    def may_issue(self, payee, minor):
        issuer, most = self.find(None), self.rules.issue_max
        self.not_closing()
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
        self.note("issued", person, row.payee, row.amount, row.memo, done)
        self.end_issuing(row, "issued")
        return done

    def CancelIssue(self, code, person):
        row = self.issuing(code, person)
        no_if(row.state == "issued", "IssueNotOpen", "issued")
        self.end_issuing(row, "cancelled")
        return row

    def PlaceIssue(self, code, place, chat):
        no_if(code not in self.issues, "IssueNotFound")
        row = self.issues[code]
        is_over = row.state != "open"
        self.places.show("issue", code, place, chat, is_over, None if is_over else row.expires)


class IssueLists(Issues):
    """What a model knows of lists of whom new money is issued to, by code."""

    def __init__(self):
        super().__init__()
        self.issue_lists = {}

    def read_line(self, to):
        try:
            return self.payee(*to)
        except No:
            return None

    def line_is_wrong(self, payee, minor, currency):
        wallet, most = self.find(payee) if payee else None, self.rules.issue_max
        if wallet is None or currency != "EUR" or not 1 <= minor <= 10**15 or wallet.state == "frozen":
            return True
        return 0 < most < minor or wallet.balance + minor > self.BALANCE_MAX

    def total_fits(self, total):
        self.not_closing()
        issuer = self.find(None)
        no_if((-issuer.balance if issuer else 0) + total > self.BALANCE_MAX, "LimitExceeded", "balance_max", None)

    def listing(self, code, person):
        no_if(code not in self.issue_lists, "IssueListNotFound")
        no_if(self.issue_lists[code].operator != person, "NotYourIssueList")
        return self.issue_lists[code]

    def end_list(self, row, state):
        row.state = state
        self.places.changed("issue_list", row.code)

    # -- the commands

    def MakeIssueList(self, by, lines, key, memo):
        no_if(by not in self.rules.operators, "NotOperator")
        self.again("issue_list", key, (by, lines, memo))
        wish, memo = (by, lines, memo), self.clean(memo)
        no_if(not lines, "IssueListSize")
        no_if(by not in self.people, "PersonNotFound")
        payees = [self.read_line(to) for _, to, _ in lines]
        wrong = [self.line_is_wrong(payee, *amount) for payee, (*_, amount) in zip(payees, lines, strict=True)]
        no_if(any(wrong) or len(set(payees)) < len(payees), "IssueListWrong")
        total = sum(amount[0] for *_, amount in lines)
        self.total_fits(total)
        waiting = [r for r in self.made["issue_list"].values() if r.operator == by and self.state(r) == "open"]
        no_if(len(waiting) >= self.rules.intents_max, "LimitExceeded", "issues_open_max", None)
        row = self.make("issue_list", key, wish, operator=by, total=total, memo=memo, state="open")
        row.lines = [(line, payee, amount[0]) for payee, (line, _, amount) in zip(payees, lines, strict=True)]
        row.expires = self.now + self.rules.intent_life
        return row

    def ConfirmIssueList(self, code, person):
        row = self.listing(code, person)
        if row.state == "issued":
            raise Again(row)
        no_if(person not in self.rules.operators, "NotOperator")
        no_if(self.state(row) != "open", "IssueListNotOpen", self.state(row))
        wrong = [self.line_is_wrong(payee, minor, "EUR") for _, payee, minor in row.lines]
        no_if(any(wrong), "IssueListWrong")
        self.total_fits(row.total)
        issuer = self.find(None) or self.open(None)
        for line, payee, minor in row.lines:
            wallet = self.wallet(payee)
            wish = (issuer.id, wallet.id, (minor, "EUR"), "issue", row.memo, None)
            self.pay(f"{code}:{line}", wish, issuer, wallet)
        self.note("issued_to_many", person, None, row.total, f"{len(row.lines)} {row.memo}".strip())
        self.end_list(row, "issued")
        return row

    def CancelIssueList(self, code, person):
        row = self.listing(code, person)
        no_if(row.state == "issued", "IssueListNotOpen", "issued")
        self.end_list(row, "cancelled")
        return row

    def PlaceIssueList(self, code, place, chat):
        no_if(code not in self.issue_lists, "IssueListNotFound")
        row = self.issue_lists[code]
        is_over = row.state != "open"
        self.places.show("issue_list", code, place, chat, is_over, None if is_over else row.expires)

    def issue_list_tables(self):
        lists = sorted(self.issue_lists.values(), key=lambda row: row.code)
        return [
            ("issue_lists", "SELECT code, operator, count, total, memo, state, expires_at FROM issue_lists"
             " ORDER BY code",
             [(i.code, i.operator, len(i.lines), i.total, i.memo, i.state, i.expires) for i in lists]),
            ("issue_lines", "SELECT list, line, payee, amount FROM issue_lines ORDER BY list, line",
             [(i.code, *line) for i in lists for line in i.lines]),
        ]  # fmt: skip
