"""Money that goes back, as a reader of the design would keep it: a part of model.py.

A payment is named by its receipt code, which the core gives and nobody can know before the payment is committed.
"""

from tests.campaigns.model_refusals import Again, No, no_if

TYPED = {"O": "0", "I": "1", "L": "1", "-": "", " ": ""}  # how people write digits down


class Refunds:
    """What a model knows of refunds: payments by receipt code, questions by code."""

    def __init__(self):
        super().__init__()
        self.receipts, self.refunds = {}, {}

    # -- what several commands share

    def paid(self, code):
        """The payment with a receipt code, as typed."""
        plain = "".join(TYPED.get(letter, letter) for letter in code.upper())
        no_if(plain not in self.receipts, "TransferNotFound")
        return self.receipts[plain]

    def back(self, first):
        """What went back of a payment."""
        return [row for row in self.made["transfer"].values() if row.refunds == first.id]

    def left(self, first):
        return first.wish[2][0] - sum(row.wish[2][0] for row in self.back(first))

    def may_give_back(self, by, first):
        """Whoever was paid, and an operator what was issued."""
        is_operators = first.wish[3] in ("issue", "welcome") and by in self.rules.operators
        no_if(by != self.wallets[first.wish[1]].owner and not is_operators, "NotYourPayment")

    def back_minor(self, first, amount):
        return max(1, self.left(first)) if amount is None else self.minor(amount)

    def may_go_back(self, first, minor):
        """Neither the limit of a payment nor that of a day holds a refund back."""
        payer, payee, left = self.wallets[first.wish[1]], self.wallets[first.wish[0]], self.left(first)
        no_if(first.wish[3] not in ("payment", "issue", "welcome"), "PaymentNotRefundable", first.wish[3])
        no_if("frozen" in (payer.state, payee.state), "WalletFrozen")
        no_if(minor > left, "RefundTooLarge", left, first.wish[2][0])
        self.may_hold(payer, payee, minor)

    def give_back(self, key, first, minor, place=None):
        payer, payee = self.wallets[first.wish[1]], self.wallets[first.wish[0]]
        wish = (payer.id, payee.id, (minor, "EUR"), "refund", first.wish[4], None)
        if about := first.wish[5]:  # of a request it is the code alone
            self.places.changed(*(about if isinstance(about, tuple) else ("request", about)))
            if about[0] == "share":
                self.agenda[f"refunded_share:{first.id}"] = (0, 0)
        asked = self.refunds.values  # other questions about it may ask for too much now
        self.places.each_changed("refund", lambda: [r.code for r in asked() if r.first is first and r.state == "open"])
        return self.move(key, wish, payer, payee, place, first)

    def waiting(self, person):
        return [row for row in self.refunds.values() if row.person == person and self.state(row) == "open"]

    def drop(self, row):
        row.state = "cancelled"
        self.places.changed("refund", row.code)
        return row

    def drop_refunds(self, person):
        return [self.drop(row) for row in self.waiting(person)]

    def question(self, code, person):
        no_if(code not in self.refunds, "RefundNotFound")
        no_if(self.refunds[code].person != person, "NotYourPayment")
        return self.refunds[code]

    def note_taken_back(self, by, first, done):
        payer = self.wallets[first.wish[1]].owner
        if payer != by:
            self.note("taken_back", by, payer, done.wish[2][0], "", done)
        return done

    # -- the commands

    def RefundTransfer(self, by, code, amount, key):
        first = self.paid(code)
        self.may_give_back(by, first)
        if done := self.made["transfer"].get(key):
            earlier = sum(row.wish[2][0] for row in self.back(first) if row.id < done.id)
            same = (first.wish[2][0] - earlier, "EUR") if amount is None else amount
            raise Again(done) if (done.refunds, done.wish[2]) == (first.id, same) else No("KeyReused")
        minor = self.back_minor(first, amount)
        self.may_go_back(first, minor)
        return self.note_taken_back(by, first, self.give_back(key, first, minor))

    def MakeRefund(self, by, code, amount, key):
        first = self.paid(code)
        wish = (by, first.id, amount)
        self.again("refund", key, wish)
        no_if(by not in self.people, "PersonNotFound")
        self.may_give_back(by, first)
        minor = self.back_minor(first, amount)
        no_if(len(self.waiting(by)) >= self.rules.refunds_max, "LimitExceeded", "refunds_open_max", None)
        self.may_go_back(first, minor)
        row = self.make("refund", key, wish, person=by, first=first, amount=minor, state="open", transfer=None)
        row.expires = self.now + self.rules.intent_life
        return row

    def ConfirmRefund(self, code, person, place):
        row = self.question(code, person)
        if row.state == "paid":
            raise Again(self.made["transfer"][code])
        self.may_give_back(person, row.first)
        no_if(self.state(row) != "open", "RefundNotOpen", self.state(row))
        self.may_go_back(row.first, row.amount)
        is_payer = self.wallets[row.first.wish[1]].owner == person  # an operator's question is not the payer's
        done = self.give_back(code, row.first, row.amount, place if is_payer else None)
        self.note_taken_back(person, row.first, done)
        row.state, row.transfer = "paid", done.id
        self.places.changed("refund", code)
        if is_payer and place is not None:
            self.places.show_no_longer(place)
        return done

    def CancelRefund(self, code, person):
        row = self.question(code, person)
        no_if(row.state == "paid", "RefundNotOpen", "paid")
        return self.drop(row)

    def PlaceRefund(self, code, place, chat):
        no_if(code not in self.refunds, "RefundNotFound")
        row = self.refunds[code]
        if row.state != "paid" or self.wallets[row.first.wish[1]].owner != row.person:
            over = row.state != "open"
            self.places.show("refund", code, place, chat, over, None if over else row.expires)
