"""Requests that are put to one person, price tags, and "whom?", as a reader of the design would keep them.

Whether two people have met is read at a batch's start, as it is committed then; a sighting is written at its end.
"""

from collections import Counter
from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, No, no_if

DAY = 86_400_000_000  # microseconds
CHATS_MAX, CLEARED_MAX, KEPT = 50, 10, 180 * DAY
LOOKED_BACK_MAX = 500  # entries
ASKED_MAX = 10  # within a week


class Asks:
    """What a model knows of who was asked, seen and picked."""

    def __init__(self):
        super().__init__()
        self.sightings, self.picks, self.seen_later = {}, {}, []

    def begin_asks(self):
        self.seen_then, self.seen_later, self.last_then = dict(self.sightings), [], len(self.entries)
        self.put_then = {code: row.payer for code, row in self.requests.items()}
        lately = [row for row in self.requests.values() if row.asked and row.at + 7 * DAY > self.now]
        self.asked_then = Counter((row.payee, row.payer) for row in lately if row.state != "paid")

    def commit_asks(self):
        for person, chat, heir in self.seen_later:
            if heir is not None:
                for met, at in [(c, at) for (c, p), at in self.sightings.items() if p == person]:
                    self.sightings.setdefault((met, heir), at)
                    del self.sightings[met, person]
                continue
            self.sightings[chat, person] = self.now
            own = sorted((-at, c) for (c, p), at in self.sightings.items() if p == person)
            for _, chat_over in own[CHATS_MAX:]:
                del self.sightings[chat_over, person]
            old = sorted((at, key) for key, at in self.sightings.items() if at < self.now - KEPT)
            for _, key in old[:CLEARED_MAX]:
                del self.sightings[key]

    # -- what several commands share

    def known(self, to):
        """Who is meant, if anybody is known by this name."""
        try:
            return self.payee(*to)
        except No:
            return None

    def theirs(self, request, person):
        no_if(request and request.payer not in (None, person), "NotAskedOfYou")

    def have_met(self, row):
        if row.payer is None or self.put_then.get(row.code) != row.payer:
            return False
        chats = [{chat for chat, person in self.seen_then if person == each} for each in (row.payee, row.payer)]
        return bool(chats[0] & chats[1]) or self.have_paid(row.payee, row.payer)

    def may_write(self, row):
        if (row.payer, row.payee) in self.blocked_then or not self.hears(row.payer, row.payee):
            return False
        return self.find(row.payer) and self.have_met(row) and self.asked_then[row.payee, row.payer] < ASKED_MAX

    def have_paid(self, one, other):
        transfers = list(self.made["transfer"].values())
        for person, another in ((one, other), (other, one)):
            wallet = self.find(person)
            own = [e for e in self.entries[: self.last_then] if wallet and e[1] == wallet.id][-LOOKED_BACK_MAX:]
            for entry in own:
                both = [self.wallets[number].owner for number in transfers[entry[6] - 1].wish[:2]]
                if another in both:
                    return True
        return False

    # -- the commands

    def StandingRequest(self, payee, amount, key, memo):
        said = (amount and amount[0], self.clean(memo))
        if key not in self.made["request"]:
            self.not_closing()
        standing = (
            []
            if key in self.made["request"]
            else [
                row
                for row in self.made["request"].values()
                if row.payee == payee and row.payers_max is None and self.state(row) == "open"
                if (row.amount, row.memo) == said and (amount is None or amount[1] == "EUR")
            ]
        )
        if standing:
            return min(standing, key=lambda row: (row.at, row.code))
        return self.MakeRequest(payee, amount, key, memo, None, None, lasts=True)

    def PutRequest(self, code, person, payer):
        row = self.request(code)
        asked = self.payee(*payer)
        no_if(asked == row.payee, "SameWallet")
        no_if(row.payee != person, "NotYourRequest")
        if row.payer == asked:
            return row
        self.not_closing()
        self.must_be_open(row)
        no_if(row.payer is not None or row.payers_max != 1, "RequestTaken")
        row.payer = asked
        self.places.changed("request", code)
        self.reschedule(row, 0)
        return row

    def AskPayer(self, code):
        row = self.request(code)
        if row.payer and row.asked is None and row.state == "open" and self.may_write(row):
            row.asked = "told"
            self.asked_then[row.payee, row.payer] += 1
            self.places.changed("request", code)
            self.places.show("request", code, f"{row.payer}/{code}", row.payer, True)
        return row

    def LeaveUnheard(self, code):
        row = self.request(code)
        if row.asked == "told" and row.state == "open":
            row.asked = "unheard"
            self.places.show_no_longer(f"{row.payer}/{code}")
            self.places.changed("request", code)
        return row

    def DeclineRequest(self, code, person):
        row = self.request(code)
        no_if(row.payer != person, "NotAskedOfYou")
        if row.asked != "declined":
            self.must_be_open(row)
            row.asked = "declined"
            self.close(row, "cancelled")
        return row

    def clear_picks(self):
        for person, pick in list(self.picks.items()):
            if pick.expires < self.now - 30 * DAY:
                self.places.gone("pick", self.question_of(pick))
                del self.picks[person]

    # -- whom?

    def question_of(self, pick):
        return str(pick.number) if pick.step is None else f"{pick.number}.{pick.step}"

    def MakePick(self, person, key, amount, memo, request, guide=None):
        amount, memo, request = (None, "", None) if guide else (amount, memo, request)
        old = self.picks.get(person)
        if old and old.key == key:
            return old
        memo, minor = self.clean(memo), amount and self.minor(amount)
        self.wallet(person)
        self.not_closing()
        if request is not None:
            row = self.request(request)
            no_if(row.payee != person, "NotYourRequest")
            self.must_be_open(row)
            no_if(row.payer is not None or row.payers_max != 1, "RequestTaken")
        if old:
            self.places.changed("pick", self.question_of(old))
        new = Row(key=key, amount=minor, memo=memo, request=request, state="open", number=None, code="", guide=guide)
        new.step, new.payee, new.answers = guide and "whom", None, []
        new.expires = self.now + self.rules.intent_life
        return self.picks.__setitem__(person, new) or new

    def AnswerPick(self, person, to, key, number):
        if done := self.made["intent"].get(key):
            no_if(done.payer != person, "KeyReused")
            raise Again(done)
        pick = self.picks.get(person)
        no_if(not pick or number not in (None, pick.number) or (not to and pick.guide != "ask"), "PickNotFound")
        if key in pick.answers:
            return pick
        if pick.request is not None:
            return self.put_picked(person, to, pick)
        self.must_be_asked(pick, pick.guide and "whom")
        if pick.guide:
            return self.led_to(pick, person, to, key)
        made = self.MakeIntent(person, to, pick.amount and (pick.amount, "EUR"), key, pick.memo)
        pick.answers = [key]
        self.end_pick(pick, "answered")
        return made

    def must_be_asked(self, pick, step):
        self.not_closing()
        state = self.state(pick)
        state = "answered" if state == "open" and pick.step != step else state
        no_if(state != "open", "PickNotOpen", state)

    def led_to(self, pick, person, to, key):
        payee = to and (self.known(to) if pick.guide == "ask" else self.payee(*to))
        no_if(to and payee is None, "PayerUnknown")
        no_if(payee == person, "SameWallet")
        if payee:
            self.wallet(payee)
        pick.payee = payee
        return self.next_step(pick, "amount", key)

    def next_step(self, pick, step, key):
        self.places.changed("pick", self.question_of(pick))
        pick.step, pick.expires = step, self.now + self.rules.intent_life
        pick.answers.append(key)
        return pick

    def guided(self, person, number):
        pick = self.picks.get(person)
        no_if(not pick or number not in (None, pick.number) or not pick.guide, "PickNotFound")
        return pick

    def SayAmount(self, person, amount, key, number):
        pick = self.guided(person, number)
        if key in pick.answers:
            return pick
        self.must_be_asked(pick, "amount")
        minor = amount and self.minor(amount)
        no_if(pick.guide == "pay" and not minor, "InvalidAmount")
        if pick.guide == "pay":
            self.may_pay(self.wallet(person), self.wallet(pick.payee), minor)
        elif minor:
            most = min([most for most in (self.rules.transfer_max, self.rules.daily_max) if most], default=0)
            no_if(0 < most < minor, "LimitExceeded", "transfer_max", most)
        pick.amount = minor
        return self.next_step(pick, "memo", key)

    def SayMemo(self, person, memo, key, number):
        for kind, owner in (("intent", "payer"), ("request", "payee")):
            if done := self.made[kind].get(key):
                no_if(getattr(done, owner) != person, "KeyReused")
                raise Again(done)
        pick = self.guided(person, number)
        if key in pick.answers:
            return pick
        self.must_be_asked(pick, "memo")
        amount, other = pick.amount and (pick.amount, "EUR"), pick.payee and ("person", pick.payee)
        if pick.guide == "pay":
            made = self.MakeIntent(person, other, amount, key, memo)
        else:
            made = self.MakeRequest(person, amount, key, memo, 1, other)
        pick.answers.append(key)
        self.end_pick(pick, "answered")
        return made

    def put_picked(self, person, to, pick):
        payer = self.known(to)
        no_if(payer is None, "PayerUnknown")
        request = self.requests[pick.request]
        if pick.state == "answered" and request.payer == payer:
            return request
        self.must_be_asked(pick, None)
        self.PutRequest(pick.request, person, to)
        self.end_pick(pick, "answered")
        return request

    def PlacePick(self, person, number, place, chat, step=None):
        pick = self.picks.get(person)
        no_if(not pick or pick.number != number, "PickNotFound")
        is_over = pick.state != "open" or pick.step != step
        code = str(number) if step is None else f"{number}.{step}"
        self.places.show("pick", code, place, chat, is_over, None if is_over else pick.expires)

    def DropPick(self, person, number):
        pick = self.picks.get(person)
        if not pick or number not in (None, pick.number) or self.state(pick) != "open":
            return None
        self.end_pick(pick, "cancelled")
        return pick

    def end_pick(self, pick, state):
        pick.state = state
        self.places.changed("pick", self.question_of(pick))
