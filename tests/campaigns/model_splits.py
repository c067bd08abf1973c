"""Bills that are shared, as a reader of the design would keep them: a part of model.py.

The core gives a share its code, which nobody knows before it is committed; until then it is none.
"""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, no_if

SHARES_MAX, DAY = 50, 86_400_000_000
WAITING, OUT, SETTLED = ("gathering", "asked"), ("declined", "removed"), ("paid", "cash")


class Splits:
    """What a model knows of splits by code, and of shares by code."""

    def __init__(self):
        super().__init__()
        self.splits, self.shares = {}, {}

    # -- what several commands share

    def split(self, code, asker=None):
        no_if(code not in self.splits, "SplitNotFound")
        no_if(asker is not None and self.splits[code].asker != asker, "NotYourSplit")
        return self.splits[code]

    def split_state(self, row):
        return "expired" if row.state in WAITING and self.now >= row.expires else row.state

    def must_be(self, row, *states):
        state = self.split_state(row)
        no_if(state not in states, "SplitNotOpen", state)

    def nth(self, row, number):
        found = [share for share in row.shares if share.nth == number]
        no_if(not found, "SplitNotFound")
        return found[0]

    def of(self, row, person):
        return next((share for share in row.shares if share.person == person), None)

    def bind(self, row):
        for share in row.shares:
            owner = next((p.id for p in self.people.values() if (p.handle or "").lower() == share.handle), None)
            if share.person is None and owner and owner != row.asker and not self.of(row, owner):
                share.person = owner
                self.places.changed("split", row.code)

    def in_now(self, row):
        return [share for share in row.shares if share.state in ("open", "own")]

    def begun(self, row):
        return any(share.state in SETTLED for share in row.shares)

    def share_out(self, row):
        each, more = divmod(row.total, len(self.in_now(row)))
        for share in row.shares:
            amount = None
            if share.state in ("open", "own"):
                amount, more = each + (more > 0), more - 1
            if share.amount != amount:
                share.amount = amount
                self.places.changed("share", share.code)

    def turn_split(self, row, state):
        row.state = state
        self.places.changed("split", row.code)

    def turn(self, row, share, state):
        share.state = state
        self.places.changed("share", share.code)
        if row.state in ("asked", "settled"):
            left = any(other.state == "open" for other in row.shares)
            row.state = "settled" if not left else "asked" if self.now < row.expires else "expired"
        self.turn_split(row, row.state)

    def put(self, row, person, handle=None):
        state = "own" if person == row.asker else "open"
        share = Row(code=None, split=row.code, nth=len(row.shares) + 1, person=person, handle=handle, amount=None)
        share.state, share.transfer, share.payments, share.reminded = state, None, 0, None
        row.shares.append(share)
        return share

    def leave_out(self, row, share, state):
        self.turn(row, share, state)
        if row.state == "asked" and not self.begun(row):
            self.share_out(row)
        return share

    def split_over(self, row, state):
        self.turn_split(row, state)
        for share in row.shares:
            if share.state == "open":
                self.places.changed("share", share.code)

    def clear_splits(self):
        def is_over(row):
            is_paid = any(share.payments for share in row.shares)
            return row.state not in WAITING and row.expires < self.now - 180 * DAY and not is_paid

        for row in [row for row in self.splits.values() if is_over(row)]:
            for share in row.shares:
                if share.code is not None:  # it was never asked for
                    self.places.gone("share", share.code)
                    del self.shares[share.code]
        self.forget("split", self.splits, is_over)

    def payable(self, minor):
        most = min([most for most in (self.rules.transfer_max, self.rules.daily_max) if most], default=0)
        no_if(0 < most < minor, "LimitExceeded", "transfer_max", most)

    # -- the commands

    def MakeSplit(self, asker, total, people, key, memo):
        wish = (asker, total, people, memo)
        self.again("split", key, wish)
        memo, minor = self.clean(memo), self.minor(total)
        no_if(len(people) > SHARES_MAX, "TooManyInSplit")
        named = []
        for kind, name in people:
            handle = name.lower() if kind == "handle" else None
            known = {(p.handle or "").lower() if handle else p.id: p.id for p in self.people.values()}
            person = known.get(handle or name)
            no_if(kind == "person" and person is None, "PersonNotFound")
            no_if(any((person and person == p) or (not person and handle == h) for p, h in named), "NamedTwice")
            named.append((person, handle))
        no_if(people and all(person == asker for person, _ in named), "NobodyIsIn")
        no_if(len(named) > minor, "SplitTooSmall")
        self.wallet(asker)
        self.not_closing()
        if named:
            self.payable(-(-minor // len(named)))
        mine = [s for s in self.splits.values() if s.asker == asker and self.split_state(s) in WAITING]
        mine += [s for s in self.made["split"].values() if s.asker == asker and s.code is None]
        no_if(len(mine) >= self.rules.splits_max, "LimitExceeded", "splits_open_max", None)
        row = self.make("split", key, wish, asker=asker, total=minor, memo=memo, named=bool(named), shares=[])
        row.state, row.expires = "asked" if named else "gathering", self.now + self.rules.split_life
        for person, handle in named:
            self.put(row, person, handle)
        if named:
            self.share_out(row)
        return row

    def split_named(self, row, code):
        """The core has given a split its code."""
        row.code, self.splits[code], self.agenda[f"split:{code}"] = code, row, (row.expires, 0)
        for share in row.shares:
            share.split = code

    def share_named(self, code, split, nth):
        """The core has given a share its code."""
        share = self.splits[split].shares[nth - 1]
        share.code, self.shares[code] = code, share

    def JoinSplit(self, code, person):
        row = self.split(code)
        no_if(person not in self.people, "PersonNotFound")
        mine = self.of(row, person)
        if mine and mine.state not in OUT:
            return mine
        self.not_closing()
        self.must_be(row, "gathering", *(("asked",) if person == row.asker else ()))
        no_if(self.begun(row), "SplitBegun")
        no_if(not mine and len(row.shares) >= SHARES_MAX, "TooManyInSplit")
        no_if(len(self.in_now(row)) + 1 > row.total, "SplitTooSmall")
        if mine:
            self.turn(row, mine, "own" if person == row.asker else "open")
        else:
            mine = self.put(row, person)
            self.turn_split(row, row.state)
        if row.state == "asked":
            self.share_out(row)
        return mine

    def LeaveSplit(self, code, person):
        row = self.split(code)
        self.bind(row)
        mine = self.of(row, person)
        no_if(not mine, "NotYourShare")
        if mine.state in OUT:
            return mine
        no_if(mine.state in SETTLED, "ShareNotOpen", mine.state)
        self.must_be(row, *WAITING)
        no_if(mine.state == "own" and self.begun(row), "SplitBegun")
        return self.leave_out(row, mine, "declined")

    def CountAsker(self, code, person, is_in):
        self.split(code, person)
        return self.JoinSplit(code, person) if is_in else self.LeaveSplit(code, person)

    def AskSplit(self, code, person):
        row = self.split(code, person)
        if self.split_state(row) in ("asked", "settled"):
            return row
        self.not_closing()
        self.must_be(row, "gathering")
        no_if(all(share.state != "open" for share in row.shares), "NobodyIsIn")
        self.payable(-(-row.total // len(self.in_now(row))))
        row.expires = self.now + self.rules.split_life
        self.turn_split(row, "asked")
        self.share_out(row)
        if (entry := f"split:{code}") in self.agenda:
            self.agenda[entry] = (row.expires, self.agenda[entry][1])
        return row

    def CloseSplit(self, code, person):
        row = self.split(code, person)
        if row.state != "closed":
            self.must_be(row, *WAITING)
            self.split_over(row, "closed")
        return row

    def PlaceSplit(self, code, place, chat):
        row = self.split(code)
        is_open = all(share.state == "open" for share in row.shares)
        is_new = not row.shares if row.state == "gathering" else row.state == "asked" and row.named and is_open
        self.places.show("split", code, place, chat, not is_new)
        return row

    def EndSplit(self, code):
        row, entry = self.splits.get(code), f"split:{code}"
        if row and self.now < row.expires:
            if entry in self.agenda:
                self.agenda[entry] = (row.expires, self.agenda[entry][1])
            return
        self.agenda.pop(entry, None)
        if row:
            self.split_over(row, "expired" if row.state in WAITING else row.state)

    def TakeShare(self, code, person):
        row = self.split(code)
        self.bind(row)
        no_if(not self.of(row, person), "NotYourShare")
        return self.of(row, person)

    def PayShare(self, code, payments, person, place):
        no_if(code not in self.shares, "SplitNotFound")
        share = self.shares[code]
        row = self.splits[share.split]
        no_if(share.person != person, "NotYourShare")
        if done := self.made["transfer"].get(f"{code}.{payments}"):
            raise Again(done)
        no_if(share.state != "open", "ShareNotOpen", share.state)
        no_if(share.payments != payments, "SplitNotFound")
        self.must_be(row, "asked")
        payer, payee = self.wallet(person), self.wallet(row.asker)
        self.may_pay(payer, payee, share.amount)
        self.let(f"{code}.{payments}", payer, payee, share.amount)
        wish = (payer.id, payee.id, (share.amount, "EUR"), "payment", row.memo, ("share", code))
        done = self.pay(f"{code}.{payments}", wish, payer, payee, place)
        share.transfer, share.payments = done.id, payments + 1
        self.turn(row, share, "paid")
        if place is not None:
            self.places.show_no_longer(place)
        return done

    def TakeOut(self, code, nth, person):
        row = self.split(code, person)
        share = self.nth(row, nth)
        if share.state in OUT:
            return share
        no_if(share.state != "open", "ShareNotOpen", share.state)
        self.must_be(row, *WAITING)
        return self.leave_out(row, share, "removed")

    def SettleInCash(self, code, nth, person, is_settled):
        row = self.split(code, person)
        share = self.nth(row, nth)
        before, after = ("open", "cash") if is_settled else ("cash", "open")
        if share.state != after:
            no_if(share.state != before, "ShareNotOpen", share.state)
            self.must_be(row, "asked", "settled")
            self.turn(row, share, after)
        return share

    def RemindShare(self, code, nth, person):
        row = self.split(code, person)
        share = self.nth(row, nth)
        self.not_closing()
        self.must_be(row, "asked")
        self.bind(row)
        if share.state != "open" or (share.reminded is not None and self.now < share.reminded + DAY):
            return False
        share.reminded = self.now
        return True

    def PlaceShare(self, code, place, chat):
        no_if(code not in self.shares, "SplitNotFound")
        share = self.shares[code]
        is_asked = share.state == "open" and self.split_state(self.splits[share.split]) == "asked"
        self.places.show("share", code, place, chat, not is_asked)

    def ReopenShare(self, payment):
        self.agenda.pop(f"refunded_share:{payment}", None)
        share = next((share for share in self.shares.values() if share.transfer == int(payment)), None)
        if share and self.left(list(self.made["transfer"].values())[int(payment) - 1]) == 0:
            share.transfer = None
            self.turn(self.splits[share.split], share, "open")
