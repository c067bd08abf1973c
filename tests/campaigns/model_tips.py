"""Tips, as a reader of the design would keep them: a part of model.py.

A message is named by its spot; the code of its button the core gives, and nobody can know it before it is committed.
"""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, No, no_if

NOTE, NOTE_TIPS_MAX, DAY = 60_000_000, 10, 86_400_000_000  # microseconds


class Tips:
    """What a model knows of tips: messages by spot and by code, notes by their first tip, questions by code."""

    def __init__(self):
        super().__init__()
        self.tipped, self.tip_codes, self.tips = {}, {}, []
        self.notes, self.noted, self.usual, self.tip_questions = {}, {}, {}, {}  # noted: the newest note of each payee
        self.made["tip question"] = {}

    # -- what several commands share

    def may_tip(self, key, payer, payee, minor):
        wallets = self.wallet(payer), self.wallet(payee)
        no_if(payer == payee, "SameWallet")
        no_if(not self.hears(payee, payer), "WalletNotFound")
        self.at_most(minor)
        self.may_pay(*wallets, minor)
        self.let(key, *wallets, minor)

    def at_most(self, minor):
        most = self.rules.tip_max
        no_if(0 < most < minor, "LimitExceeded", "tip_max", most)

    def spotted(self, spot, chat, payee):
        """The message, also one that got nothing yet."""
        if spot not in self.tipped:
            self.noted.setdefault(payee, None)
            self.tipped[spot] = Row(spot=spot, code=None, chat=chat, payee=payee, amount=None, tips=0, at=self.now)
        return self.tipped[spot]

    def tip_again(self, key, payer, payee, amount, spot):
        if done := self.made["transfer"].get(key):
            wallets = self.wallet(payer).id, self.wallet(payee).id
            wish = (*wallets, done.wish[2] if amount is None else amount, "payment", "", ("tip", spot))
            raise Again(done) if done.wish == wish else No("KeyReused")

    def tip(self, key, row, payer, minor):
        wallets = self.wallet(payer), self.wallet(row.payee)
        wish = (*(wallet.id for wallet in wallets), (minor, "EUR"), "payment", "", ("tip", row.spot))
        paid = self.pay(key, wish, *wallets)
        row.amount, row.tips = row.amount or minor, row.tips + 1
        note = self.notes.get(self.noted[row.payee])
        if not (note and note.begins <= self.now < note.begins + NOTE and note.tips < NOTE_TIPS_MAX):
            note = Row(first=paid.id, payee=row.payee, tips=0, begins=self.now, place=None, told=None)
            self.notes[paid.id], self.noted[row.payee] = note, paid.id
        note.tips += 1
        self.tips.append((paid.id, row.spot, row.tips, payer, note.first))
        self.places.changed("tip", row.spot)
        self.places.show_unless_shown("tip", row.spot, row.spot, row.chat)
        return paid

    def is_asked(self, question):
        return question.transfer is None and self.now < question.expires

    def clear_tips(self):
        long_ago = self.now - 30 * DAY
        is_over = lambda row: row.transfer is None and row.expires < long_ago  # noqa: E731
        self.forget("tip question", self.tip_questions, is_over, shown="tipask")
        asked = {row.tipped.spot for row in self.tip_questions.values()}
        for row in list(self.tipped.values()):
            if row.tips == 0 and row.at < long_ago and row.spot not in asked:
                del self.tipped[row.spot], self.tip_codes[row.code]
                self.places.gone("tip", row.spot)

    # -- the commands

    def Tip(self, payer, payee, amount, key, spot, chat, ask_at):
        wish = (payer, payee, spot, amount)
        self.again("tip question", key, wish)
        self.tip_again(key, payer, payee, amount, spot)
        minor = amount and self.minor(amount)
        no_if(payee not in self.people, "PersonNotFound")
        self.wallet(payer)
        no_if(payer == payee, "SameWallet")
        self.wallet(payee)
        no_if(not self.hears(payee, payer), "WalletNotFound")
        no_if(spot in self.tipped and self.tipped[spot].payee != payee, "KeyReused")
        minor = minor or self.usual.get(payer)
        if minor is None:
            self.not_closing()
            asked = [row for row in self.tip_questions.values() if row.person == payer and self.is_asked(row)]
            no_if(len(asked) >= self.rules.intents_max, "LimitExceeded", "tips_open_max", None)
            row = self.spotted(spot, chat, payee)
            question = self.make("tip question", key, wish, person=payer, tipped=row, amount=None, transfer=None)
            question.state, question.expires = "open", self.now + self.rules.intent_life
            self.places.show("tipask", question, ask_at, chat, True)
            return question
        self.may_tip(key, payer, payee, minor)
        return self.tip(key, self.spotted(spot, chat, payee), payer, minor)

    def AnswerTip(self, code, person, amount):
        no_if(code not in self.tip_questions, "IntentNotFound")
        question = self.tip_questions[code]
        no_if(question.person != person, "NotYourIntent")
        if done := self.made["transfer"].get(code):
            raise Again(done) if done.wish[2] == amount else No("TipAnswered")
        minor = self.minor(amount)
        no_if(self.now >= question.expires, "IntentExpired", "expired")
        self.may_tip(code, person, question.tipped.payee, minor)
        paid = self.tip(code, question.tipped, person, minor)
        self.usual[person] = question.amount = minor
        question.state, question.transfer = "paid", paid.id
        self.places.changed("tipask", code)
        self.agenda.pop(f"tipask:{code}", None)
        return paid

    def asked(self, question, code):
        """The core has given a question its code: from now on the agenda knows it."""
        question.code, self.tip_questions[code] = code, question
        self.agenda[f"tipask:{code}"] = (question.expires, 0)

    def drop_tips(self, person):
        rows = [row for row in self.tip_questions.values() if row.person == person and self.is_asked(row)]
        for row in rows:
            row.expires = self.now
            self.places.changed("tipask", row.code)
            self.agenda.pop(f"tipask:{row.code}", None)
        return rows

    def EndTipQuestion(self, code):
        question, entry = self.tip_questions.get(code), f"tipask:{code}"
        if question and question.state == "open" and self.now < question.expires:
            if entry in self.agenda:
                self.agenda[entry] = (question.expires, self.agenda[entry][1])
            return
        self.agenda.pop(entry, None)
        self.places.changed("tipask", code)

    def TipAgain(self, code, person, key):
        row = self.tip_codes.get(code)
        no_if(row is None or row.tips == 0, "TipNotFound")
        self.tip_again(key, person, row.payee, (row.amount, "EUR"), row.spot)
        self.may_tip(key, person, row.payee, row.amount)
        return self.tip(key, row, person, row.amount)

    def ChooseTip(self, person, amount):
        minor = self.minor(amount)
        self.wallet(person)
        self.at_most(minor)
        self.usual[person] = minor
        return minor

    def PlaceTips(self, code, place, chat):
        row = self.tip_codes.get(code)
        no_if(row is None or row.tips == 0, "TipNotFound")
        self.places.show("tip", row.spot, place, chat, True)

    def NoteTold(self, note, place, told):
        row = self.notes.get(note)
        if row and (row.told is None or told >= row.told):
            row.place, row.told = place, told

    def tip_tables(self):
        """What the tables of tips hold."""
        questions = sorted(self.tip_questions.values(), key=lambda question: question.code)
        return [
            ("tipped", "SELECT spot, chat, payee, amount, tips FROM tipped ORDER BY spot",
             sorted((t.spot, t.chat, t.payee, t.amount, t.tips) for t in self.tipped.values())),
            ("tips", "SELECT transfer, tipped, nth, payer, note FROM tips ORDER BY transfer", self.tips),
            ("tip_notes", "SELECT first, payee, tips, begins_at, ends_at, place, told FROM tip_notes ORDER BY first",
             [(n.first, n.payee, n.tips, n.begins, n.begins + NOTE, n.place, n.told) for n in self.notes.values()]),
            ("tip_payees", "SELECT person, note FROM tip_payees ORDER BY person", sorted(self.noted.items())),
            ("usual_tips", "SELECT person, amount FROM usual_tips ORDER BY person", sorted(self.usual.items())),
            ("tip_questions", "SELECT code, person, tipped, transfer, amount, expires_at FROM tip_questions"
             " ORDER BY code", [(q.code, q.person, q.tipped.spot, q.transfer, q.amount, q.expires) for q in questions]),
        ]  # fmt: skip
