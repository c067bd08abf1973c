"""The books as a reader of the design would keep them: plain dicts and lists, one command after the other.

Shares no code with wallet_core. Amounts are (minor, currency); people have ids, requests and intents the codes that the
core gave them. `run` gives what the core must give, or raises `No` with the name of the refusal and what it carries.
"""

from types import SimpleNamespace as Row

from tests.campaigns.model_acts import Acts
from tests.campaigns.model_announcements import Announcements
from tests.campaigns.model_asks import Asks
from tests.campaigns.model_bank import Bank
from tests.campaigns.model_bank_asked import BankAsked
from tests.campaigns.model_cards import Cards
from tests.campaigns.model_dropped import DroppedAtOnce
from tests.campaigns.model_gateways import Gateways
from tests.campaigns.model_gifts import Gifts
from tests.campaigns.model_issues import IssueLists
from tests.campaigns.model_limits import Limits
from tests.campaigns.model_moves import Moves
from tests.campaigns.model_outbox import Outbox, Places
from tests.campaigns.model_pins import Pins
from tests.campaigns.model_refunds import Refunds
from tests.campaigns.model_refusals import Again, No, no_if
from tests.campaigns.model_splits import Splits
from tests.campaigns.model_tips import Tips

NAMES_MAX = 100
DAY, AMOUNT_MAX, BALANCE_MAX = 86_400_000_000, 10**15, 2**63 - 1  # microseconds, minor units
CLEAN = {"": "", "coffee": "coffee", "  two\twords \n": "two words", "b\u202eac\x00k": "back", "m" * 201: None}  # memos
CLEAN |= {clean: clean for clean in CLEAN.values() if clean}  # of a question that was kept


class Model(Cards, BankAsked, Bank, Gateways, Gifts, Splits, Asks, Refunds, IssueLists, Tips, Limits, Acts, Pins,
            Moves, Announcements, DroppedAtOnce):  # fmt: skip
    """One community's books; `rules` has welcome, credit, the limits, operators, lives."""

    BALANCE_MAX = BALANCE_MAX

    def __init__(self, rules):
        kinds = "transfer request intent refund gift offer split issue issue_list top_up withdrawal line file reversal"
        self.made = {kind: {} for kind in (*kinds.split(), "move", "announcement")}  # by key
        super().__init__()
        self.rules, self.now, self.entries = rules, 0, []
        self.outbox, self.places, self.agenda = Outbox(), Places(), {}  # agenda: when, and how often it failed
        self.people, self.wallets, self.requests, self.intents = {}, {}, {}, {}
        self.names = {}  # what people were called, by the time from when on
        self.payments = []  # of requests

    # -- a batch: what is told and shown is read at its start and written at its end, in the order of the commands

    def begin(self, now):
        self.now = now
        self.outbox.begin(now, {person.id: self.language(person) for person in self.people.values()})
        self.places.begin(now)
        self.begin_asks()
        self.begin_limits()
        self.begin_moves()

    def commit(self):
        self.outbox.commit()
        self.places.commit()
        self.commit_asks()
        self.commit_limits()
        self.commit_acts()
        self.commit_pins()
        self.cards_go()
        self.offers_go()

    def language(self, person):
        return person.chosen or person.said

    # -- what several commands share

    def clean(self, memo):
        no_if(CLEAN[memo] is None, "MemoTooLong")
        return CLEAN[memo]

    def minor(self, amount):
        no_if(amount[1] != "EUR", "CurrencyMismatch")
        no_if(not 1 <= amount[0] <= AMOUNT_MAX, "InvalidAmount")
        return amount[0]

    def again(self, what, key, wish):
        """The same wish again gives the same thing, another wish is refused (G5)."""
        if done := self.made[what].get(key):
            raise Again(done) if done.wish == wish else No("KeyReused")

    def make(self, what, key, wish, **fields):
        return self.made[what].setdefault(key, Row(key=key, wish=wish, code=None, at=self.now, **fields))

    def wallet(self, person):
        no_if(not self.find(person), "WalletNotFound")
        return self.find(person)

    def open(self, owner, kind="person"):
        row = Row(id=len(self.wallets) + 1, owner=owner, kind=kind, balance=0, version=0, state="open", last=None)
        row.day, row.spent, row.first = 0, 0, None
        return self.wallets.setdefault(row.id, row)

    def find(self, owner):
        """Somebody's wallet; the issuer's has no owner."""
        return next(
            (w for w in self.wallets.values() if w.owner == owner and w.kind not in ("escrow", "gateway")), None
        )

    def payee(self, kind, name):
        if kind == "request":
            return self.request(name).payee
        of = {"person": lambda p: p.id, "handle": lambda p: (p.handle or "").lower(), "code": lambda p: p.code}[kind]
        found = [p.id for p in self.people.values() if of(p) == (name.lower() if kind == "handle" else name)]
        no_if(not found, "PersonNotFound")
        return found[0]

    def request(self, code):
        no_if(code not in self.requests, "RequestNotFound")
        return self.requests[code]

    def intent(self, code, person):
        no_if(code not in self.intents, "IntentNotFound")
        no_if(self.intents[code].payer != person, "NotYourIntent")
        return self.intents[code]

    def state(self, row):
        if row.state == "cancelled" and getattr(row, "asked", None) == "declined":
            return "declined"
        return "expired" if row.state in ("open", "asking") and self.now >= row.expires else row.state

    def must_be_open(self, request):
        state = self.state(request) if request else "open"
        no_if(state != "open", "RequestNotOpen", state)

    def may_pay(self, payer, payee, minor):
        floor = payer.owner is not None and payer.kind == "person"
        if payer.owner != payee.owner:
            self.not_closing()
        no_if(payer is payee, "SameWallet")
        no_if("frozen" in (payer.state, payee.state), "WalletFrozen")
        if floor:
            self.check_limits(payer, minor)
        self.may_hold(payer, payee, minor)

    def may_hold(self, payer, payee, minor):
        no_if(max(payee.balance, -payer.balance) + minor > BALANCE_MAX, "LimitExceeded", "balance_max", None)
        most = max(0, payer.balance + self.rules.credit)
        no_if(payer.owner is not None and minor > most, "InsufficientFunds", most, minor)

    def pay(self, key, wish, payer, payee, place=None, request=None):
        today = self.now // DAY
        payer.spent = (payer.spent if payer.day >= today else 0) + wish[2][0]
        payer.day = max(payer.day, today)
        paid = self.move(key, wish, payer, payee, place)
        if request:
            request.payers += 1
            self.payments.append((paid.id, request.code, request.payers, payer.owner))
            if request.payers == request.payers_max:
                self.close(request, "paid")
            else:
                self.places.changed("request", request.code)
        return paid

    def move(self, key, wish, payer, payee, place, refunds=None):
        minor, number = wish[2][0], len(self.made["transfer"]) + 1
        moved = self.make("transfer", key, wish, id=number, refunds=refunds and refunds.id)
        for wallet, delta, where in ((payer, -minor, place), (payee, minor, None)):
            entry = 2 * number - (delta < 0)
            now, version = wallet.balance + delta, wallet.version + 1
            self.entries.append((entry, wallet.id, version, wallet.last, delta, now, number))
            wallet.balance, wallet.version, wallet.last = now, version, entry
            self.outbox.tell(entry, wallet, where, moved)
        return moved

    def close(self, request, state):
        """It is over; the agenda comes to it at once where a dialog about it waits, and no more where none does."""
        request.state = state
        self.places.changed("request", request.code)
        dialogs = (each for each in self.made["intent"].values() if each.request == request.code)
        if any(each.state in ("open", "asking") for each in dialogs):
            self.reschedule(request, 0)
        else:
            self.agenda.pop(f"request:{request.code}", None)

    def reschedule(self, request, when):
        """What is not in the agenda any more does not come back."""
        if (entry := f"request:{request.code}") in self.agenda:
            self.agenda[entry] = (when, self.agenda[entry][1])

    def end(self, intent, state):
        intent.state = state
        self.places.changed("intent", intent.code)

    def ask(self, key, wish, payee, minor, memo, request):
        row = self.make("intent", key, wish, payer=wish[0], payee=payee, amount=minor, memo=memo, request=request)
        row.state, row.transfer, row.expires = "open" if minor else "asking", None, self.now + self.rules.intent_life
        return row

    # -- the commands

    def Meet(self, person, handle, name, can_be_told, language=None, chat=None):
        before = {p.id: (p.handle, p.name) for p in self.people.values()}
        row = self.people.setdefault(person, Row(id=person, handle=None, name="", code=None, said=None, chosen=None))
        handle = (handle or "")[:64] or None
        for other in self.people.values():
            other.handle = None if (other.handle or "").lower() == (handle or "").lower() else other.handle
        row.handle, row.name, row.said = handle, name[:128] or row.name, (language or "")[:35] or row.said
        for other in self.people.values():
            if (now := (other.handle, other.name)) != before.get(other.id):
                known = {at: called for at, called in self.names.get(other.id, {}).items() if at < self.now}
                self.names[other.id] = dict([*known.items(), (self.now, now)][-NAMES_MAX:])
        if can_be_told:
            self.outbox.unpark(person)
        if chat is not None:
            self.seen_later.append((person, chat, None))
        return row

    def ChooseLanguage(self, person, language):
        no_if(person not in self.people, "PersonNotFound")
        self.people[person].chosen = (language or "")[:35] or None
        return self.people[person]

    def OpenWallet(self, person, handle, name, language=None):
        self.Meet(person, handle, name, True, language)
        if wallet := self.find(person):
            return wallet, False
        return self.welcomed(person), True

    def welcomed(self, person):
        wallet = self.open(person)
        if self.rules.welcome and self.closes is None:
            issuer = self.find(None) or self.open(None)
            wish = (issuer.id, wallet.id, (self.rules.welcome, "EUR"), "welcome", "", None)
            self.pay(f"welcome:{wallet.id}", wish, issuer, wallet)
        return wallet

    def Transfer(self, payer, payee, amount, key, memo):
        wish = (payer, payee, amount, "payment", self.clean(memo), None)
        self.again("transfer", key, wish)
        no_if(not {payer, payee} <= self.wallets.keys(), "WalletNotFound")
        payer, payee = self.wallets[payer], self.wallets[payee]
        no_if("escrow" in (payer.kind, payee.kind), "WalletNotFound")
        self.may_pay(payer, payee, self.minor(amount))
        if payer.owner is not None:
            self.let(key, payer, payee, amount[0])
        return self.pay(key, wish, payer, payee)

    def Issue(self, by, to, amount, key, memo):
        no_if(by not in self.rules.operators, "NotOperator")
        memo = self.clean(memo)
        minor = amount[0] if key in self.made["transfer"] else self.minor(amount)
        payee, issuer = self.wallet(self.payee(*to)), self.find(None)
        wish = (issuer and issuer.id, payee.id, amount, "issue", memo, None)
        self.again("transfer", key, wish)
        self.may_issue(payee, minor)
        issuer = issuer or self.open(None)
        done = self.pay(key, (issuer.id, *wish[1:]), issuer, payee)
        self.note("issued", by, payee.owner, minor, memo, done)
        return done

    def MakeRequest(self, payee, amount, key, memo, payers_max, payer=None, lasts=False):
        wish = (payee, amount, self.clean(memo), payers_max)
        self.again("request", key, wish)
        minor = amount and self.minor(amount)
        asked = payer and self.known(payer)
        no_if(asked == payee, "SameWallet")
        self.wallet(payee)
        self.not_closing()
        self.may_ask(payee, minor)
        return self.ask_for(key, wish, asked, lasts)

    def may_ask(self, payee, minor):
        most = min([most for most in (self.rules.transfer_max, self.rules.daily_max) if most], default=0)
        no_if(minor and 0 < most < minor, "LimitExceeded", "transfer_max", most)
        waiting = [r for r in self.made["request"].values() if r.payee == payee and self.state(r) == "open"]
        no_if(len(waiting) >= self.rules.requests_max, "LimitExceeded", "requests_open_max", None)

    def ask_for(self, key, wish, asked=None, lasts=False):
        payee, amount, memo, payers_max = wish
        row = self.make("request", key, wish, payee=payee, memo=memo, payers_max=payers_max, payers=0)
        row.amount, row.state, row.payer, row.asked = amount and amount[0], "open", asked, None
        row.expires = self.now + (self.rules.standing_life if lasts else self.rules.request_life)
        return row

    def named(self, row, code):
        """The core has given a request its code: from now on the agenda knows it."""
        row.code, self.requests[code], self.agenda[f"request:{code}"] = code, row, (row.expires, 0)

    def PlaceRequest(self, code, place, chat):
        row = self.request(code)
        self.places.show("request", code, place, chat, row.state != "open" or row.payers > 0 or row.asked == "unheard")
        return row

    def CancelRequest(self, code, person):
        row = self.request(code)
        no_if(row.payee != person, "NotYourRequest")
        no_if(row.state == "paid", "RequestNotOpen", "paid")
        self.close(row, "cancelled")
        return row

    def PayRequest(self, code, payer, key, amount):
        row = self.request(code)
        amount = (row.amount, "EUR") if row.amount else amount
        no_if(amount is None, "InvalidAmount")
        payer, payee = self.wallet(payer), self.wallet(row.payee)
        wish = (payer.id, payee.id, amount, "payment", row.memo, code)
        self.again("transfer", key, wish)
        minor = self.minor(amount)
        self.theirs(row, payer.owner)
        self.must_be_open(row)
        self.may_pay(payer, payee, minor)
        self.let(key, payer, payee, minor)
        return self.pay(key, wish, payer, payee, request=row)

    def MakeIntent(self, payer, to, amount, key, memo):
        wish = (payer, to, amount, memo)
        self.again("intent", key, wish)
        memo, request = self.clean(memo), self.request(to[1]) if to[0] == "request" else None
        payee = self.payee(*to)
        if request:
            amount, memo = (request.amount, "EUR") if request.amount else amount, request.memo
        minor, wallet = amount and self.minor(amount), self.wallet(payer)
        no_if(payer == payee, "SameWallet")
        other = self.wallet(payee)
        self.not_closing()
        self.theirs(request, payer)
        self.must_be_open(request)
        waiting = [i for i in self.made["intent"].values() if i.payer == payer and self.state(i) in ("open", "asking")]
        no_if(len(waiting) >= self.rules.intents_max, "LimitExceeded", "intents_open_max", None)
        if minor:
            self.may_pay(wallet, other, minor)
        return self.ask(key, wish, payee, minor, memo, request and request.code)

    def AnswerIntent(self, payer, amount, key):
        self.again("intent", key, (payer, "answer", amount))
        minor = self.minor(amount)
        asking = [i for i in self.made["intent"].values() if i.payer == payer and self.state(i) == "asking"]
        no_if(not asking, "IntentNotFound")
        row = asking[-1]  # the one made last, whatever the clock said
        self.must_be_open(self.requests.get(row.request))
        self.may_pay(self.wallet(payer), self.wallet(row.payee), minor)
        row.state = "answered"
        return self.ask(key, (payer, "answer", amount), row.payee, minor, row.memo, row.request)

    def ConfirmIntent(self, code, person, place):
        row = self.intent(code, person)
        if row.state == "paid":
            raise Again(self.made["transfer"][code])
        state = self.state(row)
        self.theirs(self.requests.get(row.request), person)
        if row.request and row.state in ("cancelled", "expired"):
            self.must_be_open(self.requests[row.request])
        no_if(state != "open", "IntentExpired" if state == "expired" else "IntentNotOpen", state)
        request = self.requests.get(row.request)
        self.must_be_open(request)
        payer, payee = self.wallet(row.payer), self.wallet(row.payee)
        self.may_pay(payer, payee, row.amount)
        self.let(code, payer, payee, row.amount)
        wish = (payer.id, payee.id, (row.amount, "EUR"), "payment", row.memo, row.request)
        self.end(row, "paid")  # first: its request has one dialog less that waits
        row.transfer = self.pay(code, wish, payer, payee, place, request).id
        if place is not None:  # there the receipt will stand
            self.places.show_no_longer(place)
        return self.made["transfer"][code]

    def CancelIntent(self, code, person):
        row = self.intent(code, person)
        no_if(row.state in ("paid", "answered"), "IntentNotOpen", row.state)
        self.end(row, "cancelled")
        return row

    def CancelOpen(self, person):
        rows = [i for i in self.made["intent"].values() if i.payer == person and self.state(i) in ("asking", "open")]
        for row in rows:
            self.end(row, "cancelled")
        return rows, self.drop_refunds(person), self.drop_tips(person)

    def PlaceIntent(self, code, place, chat):
        no_if(code not in self.intents, "IntentNotFound")
        row = self.intents[code]
        if row.state != "paid":
            over = row.state not in ("open", "asking")
            self.places.show("intent", code, place, chat, over, None if over else row.expires)

    def EndRequest(self, code):
        row = self.requests.get(code)
        if row and row.state == "open":
            if self.now < row.expires:
                self.reschedule(row, row.expires)
                for intent in self.made["intent"].values():
                    is_anothers = row.payer and intent.request == code and intent.payer != row.payer
                    if is_anothers and intent.state in ("open", "asking"):
                        self.end(intent, "cancelled")
                return
            self.close(row, "expired")
        self.agenda.pop(f"request:{code}", None)
        for intent in self.made["intent"].values():
            if intent.request == code and intent.state in ("open", "asking"):
                self.end(intent, "expired" if row.state == "expired" else "cancelled")

    def clear(self):
        """Questions that moved no money are kept for 30 days after their time, requests nobody paid for 180."""
        self.clear_cards()
        moved = ("paid", "issued")
        asked = (("issue_list", self.issue_lists), ("refund", self.refunds))
        for what, named in (("intent", self.intents), ("issue", self.issues), *asked):
            self.forget(what, named, lambda row: row.state not in moved and row.expires < self.now - 30 * DAY)
        over = ("open", "cancelled")
        self.forget("announcement", self.announcements, lambda r: r.state in over and r.expires < self.now - 30 * DAY)
        self.clear_picks()
        asked = {row.request for row in (*self.made["intent"].values(), *self.picks.values())}
        ended = ("cancelled", "expired")
        self.forget("request", self.requests, lambda row: row.state in ended and row.payers == 0
                    and row.expires < self.now - 180 * DAY and row.code not in asked)  # fmt: skip
        self.clear_splits()
        self.clear_tips()
        self.clear_gateways()
        self.outbox.clear(self.now)
        self.clear_pins()

    def forget(self, what, named, is_over, shown=None):
        for key, row in list(self.made[what].items()):
            if is_over(row):
                del self.made[what][key], named[row.code]
                self.places.gone(shown or what, row.code)

    # -- what the telling side says

    def ClaimOutbox(self, limit, lease):
        return self.outbox.claim(limit, lease)

    def SettleOutbox(self, delivered, postponed, parked):
        self.outbox.settle(delivered, postponed, parked)

    def ClaimPlaces(self, limit, lease):
        return self.places.claim(limit, lease)

    def SettlePlaces(self, shown, ended, postponed):
        self.places.settle(shown, ended, postponed)

    def TakeOver(self, lease):
        made = self.made["transfer"]
        self.outbox.take_over(lease, lambda: next(reversed(made.values())).at if made else 0)
        self.places.take_over(lease)
