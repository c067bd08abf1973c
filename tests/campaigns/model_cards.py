"""What may be posted and is not real yet, as a reader of the design would keep it: a part of model.py."""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import No, no_if

DAY = 86_400_000_000
KEPT, AT_ONCE = 100, 10


class Cards:
    """What a model knows of cards, by the codes of the requests that they may become."""

    def __init__(self):
        super().__init__()
        self.cards, self.offered = {}, []

    # -- what several commands share

    def card_named(self, row, ask, give):
        row.ask, row.give, self.cards[ask] = ask, give, row

    def card_of_gift(self, code):
        found = [card for card in self.cards.values() if card.give == code]
        no_if(not found, "GiftNotFound")
        return found[0]

    def cards_go(self):
        """At the end of a batch: for each card that it offered the oldest of its maker, and some that are old."""
        for person in self.offered:
            mine = [card for card in self.cards.values() if card.person == person]
            for card in sorted(mine, key=lambda card: (-card.at, card.ask))[KEPT : KEPT + AT_ONCE]:
                del self.cards[card.ask]
            for card in sorted(self.cards.values(), key=lambda card: (card.at, card.ask))[:AT_ONCE]:
                if card.at < self.now - 7 * DAY:
                    del self.cards[card.ask]
        self.offered = []

    def clear_cards(self):
        self.cards = {ask: card for ask, card in self.cards.items() if card.at >= self.now - 7 * DAY}

    # -- the commands

    def OfferCard(self, person, amount, memo):
        clean, minor, wallet = self.clean(memo), self.minor(amount), self.wallet(person)
        self.not_closing()
        no_if(wallet.state == "frozen", "WalletFrozen")
        self.may_ask(person, minor)
        try:
            self.may_give(person, wallet, minor)
            self.let_unasked(wallet, minor)
            cannot = None
        except No as refusal:
            cannot = refusal.args
        self.offered.append(person)
        row = Row(person=person, amount=minor, said=memo, memo=clean, at=self.now, cannot=cannot, ask=None, give=None)
        row.request = row.gift = None
        row.kept = 0
        return row

    def PostRequest(self, code, place, chat):
        if code not in self.requests:
            no_if(code not in self.cards, "RequestNotFound")
            card = self.cards[code]
            self.not_closing()
            no_if(self.now >= card.at + DAY, "RequestNotOpen", "expired")
            self.named(self.ask_for(f"{code}:card", (card.person, (card.amount, "EUR"), card.memo, 1)), code)
            card.request = code
        row = self.request(code)
        self.places.show_first("request", code, place, chat, row.state != "open" or row.payers > 0)
        return row

    def PostGift(self, code, place, chat, presser):
        if code not in self.gifts:
            card = self.card_of_gift(code)
            no_if(card.person == presser, "OwnGift")
            self.not_closing()
            no_if(card.kept, "GiftNotOpen", "returned")
            no_if(self.now >= card.at + DAY, "GiftNotOpen", "expired")
            try:
                row = self.MakeGift(card.person, (card.amount, "EUR"), f"{code}:card", 1, False, None, card.said)
            except No:
                raise No("GiftNotCovered") from None
            self.gift_named(row, code)
            card.gift = code
        row = self.gift(code)
        self.places.show_first("gift", code, place, chat, row.claimed > 0 or row.state != "open")
        return row

    def KeepGift(self, code, person):
        if code in self.gifts:
            return False
        card = self.card_of_gift(code)
        no_if(card.person != person, "NotYourGift")
        card.kept = 1
        return True
