"""Money that comes in and goes out, as a reader of the design would keep it: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, No, no_if

DAY = 86_400_000_000  # microseconds
HELD = DAY // 24


class Gateways:
    """What a model knows of top-ups and withdrawals, by code, of what arrived and was taken back, by key."""

    def __init__(self):
        super().__init__()
        self.gateways, self.top_ups, self.withdrawals, self.arrivals, self.chargebacks = {}, {}, {}, {}, {}

    # -- what several commands share

    def gateway(self, name):
        if name not in self.gateways:
            self.gateways[name] = self.open(None, "gateway")
        return self.gateways[name]

    def top_up(self, code):
        no_if(code not in self.top_ups, "TopUpNotFound")
        return self.top_ups[code]

    def top_up_state(self, row):
        return "lapsed" if row.state == "waiting" and self.now >= row.expires else row.state

    def in_charge(self, person, gateway):
        no_if(person not in self.rules.operators or gateway != "operator", "NotOperator")
        no_if(person not in self.people, "PersonNotFound")

    def at_desks(self, kind, code):
        for person in self.rules.operators:
            self.places.show(kind, code, f"{person}/{code}", person, True)

    def top_up_named(self, row, code):
        row.code, self.top_ups[code], self.agenda[f"top_up:{code}"] = code, row, (row.expires, 0)
        if row.gateway == "operator" and row.by == row.person:
            self.at_desks("top_up_desk", code)

    def moved_on(self, kind, row):
        self.places.changed(kind, row.code)
        self.places.changed(f"{kind}_desk", row.code)

    def end_top_up(self, row, state):
        if row.state == "waiting":
            self.agenda.pop(f"top_up:{row.code}", None)
        row.state = state
        self.moved_on("top_up", row)

    def can_arrive(self, row, minor):
        wallet, gateway = self.wallet(row.person), self.gateway(row.gateway)
        no_if(wallet.state == "frozen", "WalletFrozen")
        high = max(wallet.balance, -gateway.balance)
        no_if(high + minor > self.BALANCE_MAX, "LimitExceeded", "balance_max", None)

    def arrive(self, row, key, minor, fee, by):
        wallet, gateway = self.wallet(row.person), self.gateway(row.gateway)
        late = self.top_up_state(row) != "waiting"
        kind = "top_up_again" if row.arrivals else "top_up_late" if late else "top_up"
        kind = "top_up_other" if kind == "top_up" and minor != row.amount else kind
        about = ("top_up", row.code)
        done = self.pay(key, (gateway.id, wallet.id, (minor, "EUR"), kind, "", about), gateway, wallet)
        paid = self.take(row, f"{key}:fee", fee, "top_up_fee")
        self.arrivals[key] = Row(row=row, amount=minor, fee=fee, paid=paid, back=0, by=by, transfer=done.id)
        row.arrivals, row.received, row.ended_by = row.arrivals + 1, row.received + minor, by
        self.end_top_up(row, "paid")
        return done, row, False

    def take(self, row, key, minor, kind):
        wallet, gateway = self.wallet(row.person), self.gateway(row.gateway)
        minor = min(minor, max(0, wallet.balance + self.rules.credit))
        if minor:
            wish = (wallet.id, gateway.id, (minor, "EUR"), kind, "", ("top_up", row.code))
            self.move(key, wish, wallet, gateway, None)
        return minor

    def withdrawal(self, code, person=None):
        no_if(code not in self.withdrawals, "WithdrawalNotFound")
        no_if(person and self.withdrawals[code].person != person, "NotYourWithdrawal")
        return self.withdrawals[code]

    def may_withdraw(self, wallet, minor, fee):
        none = Row(owner=wallet.owner, kind="escrow", balance=0, state="open")
        self.may_pay(wallet, none, minor)
        self.may_hold(wallet, none, minor + fee)

    def out_of_escrow(self, row, suffix, to, minor, kind):
        about = ("withdrawal", row.code)
        wish = (row.escrow.id, to.id, (minor, "EUR"), kind, "", about)
        return self.move(f"{row.code}:{suffix}", wish, row.escrow, to, None)

    def is_done(self, row):
        gateway = self.gateway(row.gateway)
        done = self.out_of_escrow(row, "done", gateway, row.amount, "withdrawal_done")
        told = Row(to=row.person, place=None, transfer=done.id, due=0, attempts=0, balance=row.escrow.balance)
        self.outbox.new = dict(sorted({**self.outbox.new, 2 * done.id - 1: told}.items()))
        if row.fee:
            self.out_of_escrow(row, "done-fee", gateway, row.fee, "withdrawal_done_fee")
        self.end_withdrawal(row, "done")

    def has_room(self, row):
        full = self.wallet(row.person).balance + row.amount + row.fee > self.BALANCE_MAX
        no_if(full, "LimitExceeded", "balance_max", None)

    def is_back(self, row):
        self.out_of_escrow(row, "back", self.wallet(row.person), row.amount + row.fee, "withdrawal_return")
        self.end_withdrawal(row, "returned")

    def end_withdrawal(self, row, state):
        row.state, row.due, row.target = state, None, None
        self.agenda.pop(f"withdrawal:{row.code}", None)
        self.moved_on("withdrawal", row)

    # -- the commands

    def MakeTopUp(self, by, to, gateway, amount, key):
        minor = None if key in self.made["top_up"] else self.minor(amount)
        person = self.payee(*to)
        self.again("top_up", key, (person, by, gateway, amount))
        no_if(by not in self.people, "PersonNotFound")
        wallet = self.wallet(person)
        no_if(person != by and (by not in self.rules.operators or gateway != "operator"), "NotOperator")
        self.not_closing()
        waiting = [row for row in self.made["top_up"].values() if row.by == by and row.state == "waiting"]
        no_if(len(waiting) >= self.rules.top_ups_max, "LimitExceeded", "top_ups_open_max", None)
        no_if(wallet.state == "frozen", "WalletFrozen")
        no_if(0 < self.rules.top_up_max < minor, "LimitExceeded", "top_up_max", self.rules.top_up_max)
        no_if(wallet.balance + minor > self.BALANCE_MAX, "LimitExceeded", "balance_max", None)
        self.gateway(gateway)
        life = self.rules.top_up_life if person == by else self.rules.intent_life
        row = self.make("top_up", key, (person, by, gateway, amount), person=person, by=by, gateway=gateway)
        row.amount, row.arrivals, row.received, row.state, row.ended_by = minor, 0, 0, "waiting", None
        row.expires = self.now + life
        return row

    def BookArrival(self, gateway, reference, code, amount, fee):
        key = f"in:{gateway}:{reference}"
        if key in self.arrivals:
            raise Again((self.made["transfer"][key], self.arrivals[key].row, True))
        minor = self.minor(amount)
        fee = self.minor(fee) if fee and fee[0] else 0
        row = self.top_up(code)
        no_if(row.gateway != gateway, "TopUpNotFound")
        self.can_arrive(row, minor)
        return self.arrive(row, key, minor, fee, None)

    def ConfirmTopUp(self, code, by):
        row, key = self.top_up(code), f"in:operator:{code}"
        self.in_charge(by, row.gateway)
        if key in self.arrivals:
            raise Again((self.made["transfer"][key], row, True))
        no_if(self.top_up_state(row) != "waiting", "TopUpNotOpen", self.top_up_state(row))
        self.not_closing()
        self.can_arrive(row, row.amount)
        done = self.arrive(row, key, row.amount, 0, by)
        self.note("cash_taken", by, row.person, row.amount, "", done[0])
        return done

    def CancelTopUp(self, code, person):
        row = self.top_up(code)
        by_hand = row.gateway == "operator" and person in self.rules.operators and person in self.people
        no_if(person not in (row.person, row.by) and not by_hand, "NotYourTopUp")
        if row.state != "cancelled":
            no_if(self.top_up_state(row) != "waiting", "TopUpNotOpen", self.top_up_state(row))
            row.ended_by = person
            self.end_top_up(row, "cancelled")
            if person != row.person:
                self.note("cash_refused", person, row.person, row.amount)
        return row

    def PlaceTopUp(self, code, place, chat, at_desk):
        self.top_up(code)
        self.places.show("top_up_desk" if at_desk else "top_up", code, place, chat, True)

    def LapseTopUp(self, code):
        row, entry = self.top_ups.get(code), f"top_up:{code}"
        if row is None or row.state != "waiting":
            self.agenda.pop(entry, None)
        elif self.now < row.expires:
            self.agenda[entry] = (row.expires, self.agenda[entry][1])
        else:
            self.end_top_up(row, "lapsed")

    def BookChargeback(self, gateway, reference, arrival, amount):
        key = f"back:{gateway}:{reference}"
        if key not in self.chargebacks:
            minor = self.minor(amount)
            no_if(f"in:{gateway}:{arrival}" not in self.arrivals, "ArrivalNotFound")
            self.charge(key, f"in:{gateway}:{arrival}", minor, True)
        done = self.chargebacks[key]
        return done.amount, done.paid, self.arrivals[done.of].row

    def charge(self, key, arrival, minor, is_paid):
        of, before = self.arrivals[arrival], len(self.made["transfer"])
        paid = self.take(of.row, key, min(minor, of.amount - of.back), "chargeback") if is_paid else 0
        of.back += paid
        moved = len(self.made["transfer"]) if len(self.made["transfer"]) > before else None
        self.chargebacks[key] = Row(of=arrival, amount=minor, paid=paid, transfer=moved)

    def MakeWithdrawal(self, person, gateway, amount, key, fee, target=None, is_once=False):
        fee_minor = fee[0] if fee else 0
        wish, before = (person, gateway, amount, fee_minor), self.made["withdrawal"].get(key)
        no_if(before and before.state == "open" and before.target not in (None, target), "KeyReused")
        self.again("withdrawal", key, wish)
        minor = self.minor(amount)
        if fee_minor:
            self.minor(fee)
        wallet = self.wallet(person)
        before = self.free_target(gateway, target) if is_once else None
        waiting = [w for w in self.made["withdrawal"].values() if w.person == person
                   and self.state(w) in ("open", "held", "sent")]  # fmt: skip
        no_if(len(waiting) >= self.rules.withdrawals_max, "LimitExceeded", "withdrawals_open_max", None)
        self.may_withdraw(wallet, minor, fee_minor)
        self.gateway(gateway)
        row = self.make("withdrawal", key, wish, person=person, gateway=gateway, amount=minor, fee=fee_minor)
        row.state, row.escrow, row.due, row.attempts, row.ended_by = "open", None, None, 0, None
        row.target, row.reference, row.expires = target, None, self.now + self.rules.intent_life
        if is_once:
            self.take_target(row, before)
        return row

    def ConfirmWithdrawal(self, code, person, target=None):
        row = self.withdrawal(code, person)
        if row.escrow:
            raise Again(self.made["transfer"][code])
        no_if(self.state(row) != "open", "WithdrawalNotOpen", self.state(row))
        wallet, about = self.wallet(row.person), ("withdrawal", code)
        self.may_withdraw(wallet, row.amount, row.fee)
        self.let(code, wallet, Row(kind="escrow"), row.amount + row.fee)
        row.escrow, row.state = self.open(row.person, "escrow"), "held"
        if row.target and target and row not in self.targets.values():
            row.target = target
        wish = (wallet.id, row.escrow.id, (row.amount, "EUR"), "withdrawal", "", about)
        paid = self.pay(code, wish, wallet, row.escrow)
        if row.fee:
            wish = (*wish[:2], (row.fee, "EUR"), "withdrawal_fee", "", about)
            self.move(f"{code}:fee", wish, wallet, row.escrow, None)
        row.expires = self.now + self.rules.withdrawal_life
        row.due = None if row.gateway == "operator" else self.now
        self.agenda[f"withdrawal:{code}"] = (row.expires, 0)
        self.moved_on("withdrawal", row)
        if row.gateway == "operator":
            self.at_desks("withdrawal_desk", code)
        return paid

    def PlaceWithdrawal(self, code, place, chat, at_desk):
        row = self.withdrawal(code)
        lapses = row.expires if self.state(row) == "open" else None
        self.places.show("withdrawal_desk" if at_desk else "withdrawal", code, place, chat, True, lapses)

    def SendWithdrawal(self, code, lease):
        row = self.withdrawal(code)
        if row.due is None or 0 < row.due - self.now <= HELD:
            return None
        if row.state == "held" and self.wallet(row.person).state == "frozen":
            row.due = self.now + HELD
            return None
        before = Row(**vars(row))
        row.state, row.attempts, row.due = "sent", row.attempts + 1, self.now + lease
        if row.attempts == 1:
            self.agenda.pop(f"withdrawal:{code}", None)
            self.moved_on("withdrawal", row)
        return before

    def SettleWithdrawal(self, code, outcome, again):
        row = self.withdrawal(code)
        if row.state != "sent":
            is_other = outcome != "unknown" and row.state != {"done": "done", "refused": "returned"}[outcome]
            no_if(is_other, "WithdrawalNotOpen", row.state)
        elif outcome == "unknown":
            row.due = self.now + again
            self.moved_on("withdrawal", row)
        elif outcome == "done":
            self.is_done(row)
        else:
            self.has_room(row)
            self.is_back(row)
        return row

    def PaidOut(self, code, by):
        row = self.withdrawal(code)
        self.in_charge(by, row.gateway)
        if row.state != "done":
            no_if(row.state != "held", "WithdrawalNotOpen", self.state(row))
            no_if(self.wallet(row.person).state == "frozen", "WalletFrozen")
            row.ended_by = by
            self.is_done(row)
            self.note("cash_given", by, row.person, row.amount)
        return row

    def CancelWithdrawal(self, code, person):
        row = self.withdrawal(code)
        by_hand = row.gateway == "operator" and row.state not in ("open", "cancelled")
        in_charge = by_hand and person in self.rules.operators and person in self.people
        no_if(row.person != person and not in_charge, "NotYourWithdrawal")
        if row.state in ("cancelled", "returned"):
            return row
        no_if(row.state not in ("open", "held"), "WithdrawalNotOpen", row.state)
        if row.state == "open":
            row.state, row.target = "cancelled", None
            self.moved_on("withdrawal", row)
            return row
        no_if(self.wallet(row.person).state == "frozen", "WalletFrozen")
        self.has_room(row)
        row.ended_by = person
        self.is_back(row)
        if person != row.person:
            self.note("payout_refused", person, row.person, row.amount)
        return row

    def EndWithdrawal(self, code):
        row, entry = self.withdrawals.get(code), f"withdrawal:{code}"
        if row is None or row.state != "held":
            self.agenda.pop(entry, None)
        elif self.now < row.expires:
            self.agenda[entry] = (row.expires, self.agenda[entry][1])
        else:
            try:
                no_if(self.wallet(row.person).state == "frozen", "WalletFrozen")
                self.has_room(row)
            except No:
                self.agenda[entry] = (self.now + HELD, self.agenda[entry][1])
            else:
                self.is_back(row)

    def DropMoves(self, person):
        top_ups = [r for r in self.made["top_up"].values() if r.by == person and self.top_up_state(r) == "waiting"]
        asked = [w for w in self.made["withdrawal"].values() if w.person == person and self.state(w) == "open"]
        for row in top_ups:
            row.ended_by = person
            self.end_top_up(row, "cancelled")
        for row in asked:
            row.state, row.target = "cancelled", None
            self.moved_on("withdrawal", row)
        return top_ups, asked, self.drop_begun(person)

    def clear_gateways(self):
        """Top-ups for which nothing came are kept as long as requests, questions whether to withdraw as questions."""
        old, older, none = self.now - 30 * DAY, self.now - 180 * DAY, ("lapsed", "cancelled", "open")
        over = [row.code for row in self.top_ups.values() if row.state in none and row.expires < older]
        for code in over:
            self.places.gone("top_up_desk", code)
        self.forget("top_up", self.top_ups, lambda row: row.code in over)
        unpaid = [row.code for row in self.withdrawals.values() if row.state in none and row.expires < old]
        self.targets = {key: row for key, row in self.targets.items() if row.code not in unpaid}
        self.forget("withdrawal", self.withdrawals, lambda row: row.code in unpaid)
        self.clear_begun()

    # -- what there is, as the tables keep it

    def gateway_tables(self):
        return [
            ("gateways", "SELECT name, wallet FROM gateways ORDER BY name",
             sorted((name, wallet.id) for name, wallet in self.gateways.items())),
            ("top_ups", "SELECT code, person, made_by, gateway, amount, arrivals, received, state, ended_by, expires_at"
             " FROM top_ups ORDER BY code",
             sorted((r.code, r.person, r.by, r.gateway, r.amount, r.arrivals, r.received, r.state, r.ended_by,
                     r.expires) for r in self.top_ups.values())),
            ("arrivals", "SELECT key, top_up, amount, fee, fee_paid, charged_back, taken_by, transfer FROM arrivals"
             " ORDER BY key",
             sorted((key, a.row.code, a.amount, a.fee, a.paid, a.back, a.by, a.transfer)
                    for key, a in self.arrivals.items())),
            ("chargebacks", "SELECT key, arrival, amount, paid, transfer FROM chargebacks ORDER BY key",
             sorted((key, c.of, c.amount, c.paid, c.transfer) for key, c in self.chargebacks.items())),
            ("withdrawals", "SELECT code, person, gateway, escrow, amount, fee, state, ended_by, due_at, attempts,"
             " expires_at, target, reference FROM withdrawals ORDER BY code",
             sorted((w.code, w.person, w.gateway, w.escrow and w.escrow.id, w.amount, w.fee, w.state, w.ended_by,
                     w.due, w.attempts, w.expires, w.target, w.reference) for w in self.withdrawals.values())),
            *self.bank_tables(),
            *self.asked_tables(),
        ]  # fmt: skip
