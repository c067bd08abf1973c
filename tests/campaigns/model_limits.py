"""Limits of single wallets, and whom people block, as a reader of the design would keep them: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import no_if

RAISED_AFTER = 86_400_000_000  # microseconds


class Limits:
    """What a model knows of limits, by their codes, and of blocks: who, whom, and whether still."""

    def __init__(self):
        super().__init__()
        self.limits, self.blocks, self.blocked_then, self.blocks_tidied = {}, {}, set(), set()
        self.group_languages = {}

    def begin_limits(self):
        self.blocked_then = {pair for pair, is_on in self.blocks.items() if is_on}

    # -- what several commands share

    def least(self, person, span):
        row = self.limits.get(f"{span}-{person}")
        return row and min((most for most in (row.given, row.own) if most is not None), default=None)

    def check_limits(self, payer, minor):
        rules = self.rules
        own, most = self.least(payer.owner, "payment"), rules.transfer_max or None
        is_own = own is not None and (most is None or own < most)
        most = own if is_own else most
        no_if(most is not None and minor > most, "LimitExceeded", f"{'wallet_' * is_own}transfer_max", most)
        own, most = self.least(payer.owner, "day"), rules.daily_max or None
        is_own = own is not None and (most is None or own < most)
        most = own if is_own else most
        spent = payer.spent if payer.day >= self.now // RAISED_AFTER else 0
        left = most is not None and max(0, most - spent)
        no_if(most is not None and minor > left, "LimitExceeded", f"{'wallet_' * is_own}daily_max", left)

    def limit(self, person, span):
        fresh = Row(code=f"{span}-{person}", person=person, span=span, given=None, by=None, own=None)
        fresh.wished = fresh.due = None
        return self.limits.setdefault(fresh.code, fresh)

    def below(self, minor, *limits):
        no_if(any(most and minor > most for most in limits), "LimitAboveOthers")

    def for_all(self, span):
        return self.rules.transfer_max if span == "payment" else self.rules.daily_max

    def wait(self, row, wished):
        agenda, entry, before = self.agenda, f"limit:{row.code}", (row.wished, row.due)
        row.wished, row.due = wished, None
        if wished is None:
            agenda.pop(entry, None)
        elif before[1] is not None and (before[0] == 0 or 0 < wished <= before[0]):
            row.due = before[1]
        else:
            row.due = self.now + RAISED_AFTER
            agenda[entry] = (row.due, agenda.get(entry, (0, 0))[1])

    def tell_limit(self, row):
        self.places.show("limit", row.code, f"{row.person}/limit-{row.span}", row.person, True)

    def limits_view(self, person):
        wallet, rows = self.wallet(person), [self.limits.get(f"{span}-{person}") for span in ("payment", "day")]
        spent = wallet.spent if wallet.day >= self.now // RAISED_AFTER else 0
        said = [r and (r.given, r.own, r.wished or None, r.due) for r in rows]
        return (person, *(None if each == (None,) * 4 else each for each in said), spent)

    def hears(self, person, other):
        return not self.blocks.get((person, other))

    def block(self, person, other):
        no_if(person not in self.people or other not in self.people, "PersonNotFound")
        no_if(person == other, "SelfBlocked")
        if self.hears(person, other):
            on = sum(is_on for (who, _), is_on in self.blocks.items() if who == person)
            no_if(on >= self.rules.blocks_max, "LimitExceeded", "blocks_max", None)
            self.blocks[person, other] = True
            self.blocks_tidied.add(person)
        return self.people[other]

    def commit_limits(self):
        """What was unblocked is gone at the end of a batch in which its person blocked somebody."""
        self.blocks = {pair: on for pair, on in self.blocks.items() if on or pair[0] not in self.blocks_tidied}
        self.blocks_tidied = set()

    # -- the commands

    def SetOwnLimit(self, person, span, most):
        minor = self.minor(most) if most is not None else 0
        self.wallet(person)
        row = self.limits.get(f"{span}-{person}")
        if minor:
            self.below(minor, self.for_all(span), row and row.given)
        if minor or (row and row.own is not None):
            row = self.limit(person, span)
            if row.own is None or 0 < minor <= row.own:
                self.wait(row, None)
                row.own = minor
            else:
                self.wait(row, minor)
        return self.limits_view(person)

    def KeepOwnLimit(self, person, span):
        self.wallet(person)
        if (row := self.limits.get(f"{span}-{person}")) and row.due is not None:
            self.wait(row, None)
        return self.limits_view(person)

    def SetWalletLimit(self, by, person, span, most):
        no_if(by not in self.rules.operators, "NotOperator")
        minor = None if most is None else self.minor(most)
        no_if(by not in self.people or person not in self.people, "PersonNotFound")
        self.wallet(person)
        self.below(minor or 0, self.for_all(span))
        row = self.limits.get(f"{span}-{person}")
        if minor != (row.given if row else None):
            row = self.limit(person, span)
            row.given, row.by = minor, by
            self.tell_limit(row)
            self.note("limited", by, person, minor, span)
        return self.limits_view(person)

    def RaiseLimit(self, code):
        row = self.limits.get(code)
        if row is None or row.due is None:
            self.agenda.pop(f"limit:{code}", None)
        elif self.now >= row.due:
            row.own = row.wished or None
            self.wait(row, None)
            self.tell_limit(row)
        else:
            self.agenda[f"limit:{code}"] = (row.due, self.agenda[f"limit:{code}"][1])

    def ChooseGroupLanguage(self, chat, person, language):
        no_if(person not in self.people, "PersonNotFound")
        self.group_languages[chat] = (language, person, self.now)

    def MoveGroup(self, chat, new):
        if chat in self.group_languages:
            self.group_languages.setdefault(new, self.group_languages[chat])

    def Block(self, person, other):
        return self.block(person, other)

    def BlockAsker(self, code, person, place):
        row = self.request(code)
        no_if(row.payer != person, "NotAskedOfYou")
        asker = self.block(person, row.payee)
        if place is not None:
            self.places.show_no_longer(place)
        return asker

    def Unblock(self, person, other):
        no_if(other not in self.people, "PersonNotFound")
        if self.blocks.get((person, other)):
            self.blocks[person, other] = False
        return self.people[other]

    def limit_tables(self):
        rows = sorted(self.limits.values(), key=lambda r: r.code)
        people = sorted(w.owner for w in self.wallets.values() if w.kind == "person" and w.owner)
        return [
            ("group_languages", "SELECT chat, language, person, chosen_at FROM group_languages ORDER BY chat",
             sorted((chat, *chosen) for chat, chosen in self.group_languages.items())),
            ("limits", "SELECT code, person, span, given, given_by, own, wished, due_at FROM limits ORDER BY code",
             [(r.code, r.person, r.span, r.given, r.by, r.own, r.wished, r.due) for r in rows]),
            ("wallets' limits", "SELECT owner, transfer_max, daily_max FROM wallets WHERE kind = 'person'"
             " ORDER BY owner",
             [(p, self.least(p, "payment"), self.least(p, "day")) for p in people]),
            ("blocks", "SELECT person, blocked, is_on FROM blocks ORDER BY person, blocked",
             sorted((*pair, int(on)) for pair, on in self.blocks.items())),
        ]  # fmt: skip
