"""Money that waits to be claimed, as a reader of the design would keep it: a part of model.py.

What chance gives somebody only the core knows: the model takes it (`drawn`), and holds it to what it must be.
"""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import Again, No, no_if

HELD = 3_600_000_000  # microseconds
OFFERS_KEPT, OFFERS_AT_ONCE = 7 * 86_400_000_000, 10


class Gifts:
    """What a model knows of gifts, by code."""

    def __init__(self):
        super().__init__()
        self.gifts, self.gift_claims, self.drawn = {}, [], None
        self.gift_offers, self.offered_gifts = {}, 0

    # -- what several commands share

    def gift(self, code):
        no_if(code not in self.gifts, "GiftNotFound")
        return self.gifts[code]

    def gift_named(self, row, code):
        """The core has given a gift its code: from now on its transfer and the agenda know it."""
        row.code, self.gifts[code], self.agenda[f"gift:{code}"] = code, row, (row.expires, 0)
        row.paid.wish = (*row.paid.wish[:5], ("gift", code))

    def share(self, row):
        """What the next one gets."""
        rest = row.shares - row.claimed
        if row.is_lucky and self.drawn is not None:
            left = row.escrow.balance
            assert 1 <= self.drawn <= left - (rest - 1) and (rest > 1 or self.drawn == left), "G17"
            return self.drawn
        return row.amount // row.shares + (row.claimed < row.amount % row.shares)

    def out_of(self, row, key, wallet, minor, kind):
        wish = (row.escrow.id, wallet.id, (minor, "EUR"), kind, row.memo, ("gift", row.code))
        return self.pay(key, wish, row.escrow, wallet)

    def over(self, row, state):
        row.state = state
        self.agenda.pop(f"gift:{row.code}", None)

    def all_back(self, row, state):
        wallet, minor = self.wallet(row.giver), row.escrow.balance
        self.may_pay(row.escrow, wallet, minor)
        row.back = self.out_of(row, f"{row.code}:back", wallet, minor, "gift_return")
        self.over(row, state)
        self.places.changed("gift", row.code)
        return row.back

    def may_give(self, giver, wallet, minor):
        self.not_closing()
        waiting = [gift for gift in self.gifts.values() if gift.giver == giver and gift.state == "open"]
        no_if(len(waiting) >= self.rules.gifts_max, "LimitExceeded", "gifts_open_max", None)
        self.may_pay(wallet, Row(owner=giver, kind="escrow", balance=0, state="open"), minor)

    def offers_go(self):
        """At the end of a batch: for each offer that it made some that are old."""
        for _ in range(self.offered_gifts):
            for row in sorted(self.gift_offers.values(), key=lambda row: (row.at, row.code))[:OFFERS_AT_ONCE]:
                if row.at < self.now - OFFERS_KEPT:
                    del self.gift_offers[row.code], self.made["offer"][row.key]
        self.offered_gifts = 0

    # -- the commands

    def MakeGift(self, giver, amount, key, shares, is_lucky, for_handle, memo):
        wish = (giver, amount, self.clean(memo), shares, is_lucky and shares > 1, for_handle)
        self.again("gift", key, wish)
        no_if(key in self.made["transfer"], "KeyReused")
        minor = self.minor(amount)
        no_if(not 1 <= shares <= (200 if for_handle is None else 1), "TooManyShares")
        no_if(shares > minor, "SharesTooSmall")
        wallet = self.wallet(giver)
        own = (self.people[giver].handle or "").lower()
        no_if(for_handle is not None and for_handle.lower() == own, "SameWallet")
        self.may_give(giver, wallet, minor)
        self.let(key, wallet, Row(kind="escrow"), minor)
        escrow = self.open(giver, "escrow")
        row = self.make("gift", key, wish, giver=giver, escrow=escrow, amount=minor, memo=wish[2], shares=shares)
        row.is_lucky, row.for_handle, row.claimed, row.state, row.back = wish[4], for_handle, 0, "open", None
        row.expires = self.now + self.rules.gift_life
        row.paid = self.pay(key, (wallet.id, escrow.id, amount, "gift", wish[2], ("gift", None)), wallet, escrow)
        return row

    def OfferGift(self, giver, amount, for_handle, key, memo):
        wish = (giver, amount, self.clean(memo), for_handle)
        self.again("offer", key, wish)
        minor = self.minor(amount)
        self.wallet(giver)
        self.not_closing()
        self.offered_gifts += 1
        return self.make("offer", key, wish, giver=giver, amount=minor, said=memo, memo=wish[2], for_handle=for_handle)

    def GiveOffered(self, code, giver):
        no_if(code not in self.gift_offers, "OfferNotFound")
        row = self.gift_offers[code]
        no_if(row.giver != giver, "NotYourOffer")
        return self.MakeGift(giver, (row.amount, "EUR"), f"{code}:gift", 1, False, row.for_handle, row.said)

    def ClaimGift(self, code, person, handle, name, language=None):
        row, key = self.gift(code), f"{code}:{person}"
        theirs = [claim[0] for claim in self.gift_claims if (claim[1], claim[3]) == (code, person)]  # once
        for had in (key, *theirs):
            if done := self.made["transfer"].get(had):
                raise Again((done, row, False, True, person))
        no_if(person == row.giver, "OwnGift")
        no_if(row.for_handle is not None and row.for_handle.lower() != (handle or "").lower(), "GiftForAnother")
        no_if(row.for_handle is not None and not self.hears(person, row.giver), "GiverBlocked")
        no_if(self.state(row) != "open", "GiftNotOpen", self.state(row))
        self.not_closing()
        no_if("frozen" in (row.escrow.state, self.wallet(row.giver).state), "GiftHeld")
        minor = self.share(row)
        if wallet := self.find(person):
            self.may_pay(row.escrow, wallet, minor)
        self.Meet(person, handle, name, False, language)
        is_new = wallet is None
        wallet = wallet or self.welcomed(person)
        done = self.out_of(row, key, wallet, minor, "gift_claim" if row.shares == 1 else "gift_share")
        row.claimed += 1
        self.gift_claims.append((key, code, row.claimed, person, minor, done.id))
        if row.claimed == row.shares:
            self.over(row, "claimed")
            told = Row(to=row.giver, place=None, transfer=done.id, due=0, attempts=0, balance=row.escrow.balance)
            self.outbox.new = dict(sorted({**self.outbox.new, 2 * done.id - 1: told}.items()))
        self.places.changed("gift", code)
        return done, row, is_new, False, person

    def ReturnGift(self, code, person):
        row = self.gift(code)
        no_if(row.giver != person, "NotYourGift")
        if row.back:
            raise Again(row.back)
        no_if(row.state != "open", "GiftNotOpen", row.state)
        return self.all_back(row, "returned")

    def EndGift(self, code):
        row, entry = self.gifts.get(code), f"gift:{code}"
        if row is None or row.state != "open":
            self.agenda.pop(entry, None)
            return
        if self.now < row.expires:
            if entry in self.agenda:
                self.agenda[entry] = (row.expires, self.agenda[entry][1])
            return
        try:
            self.all_back(row, "expired")
        except No:
            if entry in self.agenda:
                self.agenda[entry] = (self.now + HELD, self.agenda[entry][1])
            self.places.changed("gift", code)

    def PlaceGift(self, code, place, chat):
        row = self.gift(code)
        self.places.show("gift", code, place, chat, row.claimed > 0 or self.state(row) != "open")
        return row
