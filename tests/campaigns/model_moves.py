"""Wallets that go to the new account of their owner, as a reader of the design would keep them: a part of model.py.

Whether the new account was used is read at a batch's start, as it is committed then; a move is a batch of its own.
"""

from tests.campaigns.model_refusals import no_if

DAY = 86_400_000_000  # microseconds
OPEN = ("asked", "waiting")


class Moves:
    """What a model knows of moves, by code."""

    def __init__(self):
        super().__init__()
        self.moves, self.used_then = {}, set()

    def begin_moves(self):
        self.used_then = {getattr(row, name) for rows, name in self.theirs_of() for row in rows}
        self.used_then |= set(self.noted) | {claim[3] for claim in self.gift_claims}
        self.used_then |= {tip[3] for tip in self.tips}
        self.used_then |= {payee for row in self.issue_lists.values() for _, payee, _ in row.lines}

    def theirs_of(self):
        """All rows that name somebody whose they are, or who asks or is asked, and the name of the field."""
        splits, requests, intents = self.splits.values(), self.requests.values(), self.intents.values()
        shares = [share for row in splits for share in row.shares]
        named = ((requests, "payee"), (requests, "payer"), (intents, "payer"), (intents, "payee"))
        named += ((self.refunds.values(), "person"), (self.gifts.values(), "giver"), (splits, "asker"))
        named += ((self.gift_offers.values(), "giver"), (shares, "person"), (self.top_ups.values(), "person"))
        named += ((self.withdrawals.values(), "person"), (self.cards.values(), "person"))
        return (*named, (self.issues.values(), "payee"))

    # -- what several commands share

    def move_of(self, code):
        no_if(code not in self.moves, "MoveNotFound")
        return self.moves[code]

    def move_state(self, row):
        return "expired" if row.state == "asked" and self.now >= row.due else row.state

    def is_used(self, person):
        """More than that a welcome credit came in and went back."""
        other = self.wallet(person)
        return other.balance != 0 or other.version > 2 or person in self.used_then

    def move_note(self, row):
        new = self.people[row.new]
        return f"→ {'@' + new.handle if new.handle else new.name or row.new} {row.note}".strip()

    def turn_move(self, row, state):
        row.state = state
        self.places.changed("move", row.code)
        self.places.changed("move_desk", row.code)

    # -- the commands

    def AskMove(self, by, old, new, key, note):
        no_if(by not in self.rules.operators, "NotOperator")
        note = self.clean(note)
        self.again("move", key, (by, old, new, note))
        no_if(old == new, "SameAccount")
        no_if(not {by, old, new} <= self.people.keys(), "PersonNotFound")
        wallet, other = self.wallet(old), self.wallet(new)
        no_if(len(self.rules.operators) < 2, "TwoOperatorsNeeded")
        busy = {person for row in self.moves.values() if row.state in OPEN for person in (row.old, row.new)}
        no_if(busy & {old, new}, "MoveOpen")
        no_if(self.is_used(new), "NewWalletUsed")
        row = self.make("move", key, (by, old, new, note), old=old, new=new, wallet=wallet.id, other=other.id)
        row.note, row.by, row.agreed, row.stopped, row.state, row.due = note, by, None, None, "asked", self.now + DAY
        self.note("move_asked", by, old, None, self.move_note(row))
        return row

    def move_named(self, row, code):
        """The core has given it its code: from now on the agenda knows it."""
        row.code, self.moves[code], self.agenda[f"move:{code}"] = code, row, (row.due, 0)
        self.at_desks("move_desk", code)

    def AgreeMove(self, code, person):
        row = self.move_of(code)
        no_if(person not in self.rules.operators, "NotOperator")
        no_if(person not in self.people, "PersonNotFound")
        no_if(row.by == person, "AnotherMustAgree")
        if row.agreed == person and row.state == "waiting":
            return row
        no_if(self.move_state(row) != "asked", "MoveNotOpen", self.move_state(row))
        no_if(self.is_used(row.new), "NewWalletUsed")
        row.agreed, row.due = person, self.now + DAY
        self.note("move_agreed", person, row.old, None, self.move_note(row))
        self.agenda[f"move:{code}"] = (row.due, self.agenda[f"move:{code}"][1])
        self.turn_move(row, "waiting")
        for account in (row.old, row.new):
            self.places.show("move", code, f"{account}/{code}", account, True)
        return row

    def StopMove(self, code, person):
        row = self.move_of(code)
        is_operator = person in self.rules.operators and person in self.people
        no_if(not is_operator and person != row.old, "NotYourMove")
        if row.state != "stopped":
            no_if(self.move_state(row) not in OPEN, "MoveNotOpen", self.move_state(row))
            row.stopped = person
            if is_operator:
                self.note("move_stopped", person, row.old, None, self.move_note(row))
            self.agenda.pop(f"move:{code}", None)
            self.turn_move(row, "stopped")
        return row

    def PlaceMove(self, code, place, chat, person):
        row = self.move_of(code)
        self.places.show("move" if person in (row.old, row.new) else "move_desk", code, place, chat, True)

    def DoMove(self, code):
        row, entry = self.moves.get(code), f"move:{code}"
        if row is None or row.state not in OPEN:
            self.agenda.pop(entry, None)
        elif self.now < row.due:
            self.agenda[entry] = (row.due, self.agenda[entry][1])
        else:
            del self.agenda[entry]
            is_over, wallet, other = row.state == "asked", self.wallets[row.wallet], self.wallets[row.other]
            if is_over:
                self.turn_move(row, "expired")
            elif (wallet.owner, other.owner) != (row.old, row.new) or self.is_used(row.new):
                self.turn_move(row, "failed")
            else:
                self.hand_over(row.old, row.new, other)
                self.turn_move(row, "done")

    # -- all that goes along

    def hand_over(self, old, new, other):
        """What was the one's is the other's, and the wallet that nobody used the other way round."""
        for wallet in self.wallets.values():
            if wallet.owner == old or wallet is other:
                wallet.first = wallet.first or (wallet.owner if wallet.version else None)
                wallet.owner = old if wallet is other else new
        for rows, name in self.theirs_of():
            for row in rows:
                if getattr(row, name) == old:
                    setattr(row, name, new)
        for row in (*self.tip_questions.values(), *self.tipped.values(), *self.notes.values(), *self.top_ups.values()):
            name = next(name for name in ("by", "payee", "person") if hasattr(row, name))
            setattr(row, name, new if getattr(row, name) == old else getattr(row, name))
        renamed = lambda values: tuple(new if value == old else value for value in values)  # noqa: E731
        self.payments = [renamed(row) for row in self.payments]
        self.gift_claims = [renamed(row) for row in self.gift_claims]
        self.tips = [renamed(row) for row in self.tips]
        for row in self.issue_lists.values():
            row.lines = [renamed(line) for line in row.lines]
        for kind in ("request", "gift", "offer", "withdrawal", "top_up"):  # what a repeat of their wish is held against
            for row in self.made[kind].values():
                row.wish = row.wish and renamed(row.wish)
        self.hand_over_by_hand(old, new)
        for message in self.outbox.messages.values():
            if message.to == old:
                message.to, message.place = new, None

    def hand_over_by_hand(self, old, new):
        """Where two may become one."""
        self.seen_later.append((old, None, new))
        self.usual.pop(new, None)
        for kept in (self.usual, self.noted):
            if old in kept:
                kept[new] = kept.pop(old)
        self.hand_over_pin(old, new)
        shut = {pair: on for pair, on in self.blocks.items() if on or not {old, new} & {*pair}}
        shut = {(who, whom): on for (who, whom), on in shut.items() if who != new and (who, whom) != (old, new)}
        shut = {pair: on for pair, on in shut.items() if pair[1] != new or (pair[0], old) not in shut}
        name = {old: new}.get
        self.blocks = {(name(who, who), name(whom, whom)): on for (who, whom), on in shut.items()}
        for span in ("payment", "day"):
            for book, kind in ((self.limits, ""), (self.agenda, "limit:")):
                book.pop(f"{kind}{span}-{new}", None)
                if (row := book.pop(f"{kind}{span}-{old}", None)) is not None:
                    book[f"{kind}{span}-{new}"] = row
                    if book is self.limits:
                        row.person, row.code = new, f"{span}-{new}"
        for person in (old, new):
            self.picks.pop(person, None)
            self.where_to.pop(person, None)
        first = min(self.names[new])
        earlier = {at: called for at, called in self.names[old].items() if at < first}
        self.names[new] = dict(sorted({**earlier, **self.names[new]}.items()))
        people = self.people[old], self.people[new]
        people[0].code, people[1].code = people[1].code, people[0].code

    def move_tables(self):
        return [
            ("moves", "SELECT code, key, old, new, wallet, other, note, asked_by, agreed_by, stopped_by, state, due_at"
             " FROM moves ORDER BY code",
             sorted((code, r.key, r.old, r.new, r.wallet, r.other, r.note, r.by, r.agreed, r.stopped, r.state, r.due)
                    for code, r in self.moves.items())),
            ("handed over", "SELECT id, first_owner FROM wallets WHERE first_owner IS NOT NULL ORDER BY id",
             sorted((w.id, w.first) for w in self.wallets.values() if w.first)),
        ]  # fmt: skip
