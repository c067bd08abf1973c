"""Random wishes of every kind: good, bad, replayed, conflicting. The source of chance is a seed's, or Hypothesis'."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.campaigns.model import CLEAN, Model
from tests.campaigns.wishes_acts import ACT_WEIGHTS, ActWishes
from tests.campaigns.wishes_announcements import ANNOUNCEMENT_WEIGHTS, AnnouncementWishes
from tests.campaigns.wishes_bank import BANK_WEIGHTS, BankWishes
from tests.campaigns.wishes_dropped import DROPPED_WEIGHTS, DroppedWishes
from tests.campaigns.wishes_gateways import GATEWAY_WEIGHTS, GatewayWishes
from tests.campaigns.wishes_limits import LIMIT_WEIGHTS, LimitWishes
from tests.campaigns.wishes_moves import MOVE_WEIGHTS, SPARE, MoveWishes
from tests.campaigns.wishes_pins import KEYPAD_CHANCE, PIN_WEIGHTS, PinWishes
from tests.campaigns.wishes_splits import SPLIT_WEIGHTS, SplitWishes

PEOPLE = ("tg:1", "tg:2", "tg:3", "tg:4", "tg:5", "tg:99")  # the last one never opens a wallet
HANDLES = ("ann", "Ann", "bob", "BOB", "cid", None, "", "h" * 65, "h" * 66)
NAMES = ("Ann", "Bob Ü.", "", "n" * 200)
PLACES = (("1001", "1001:7"), ("1001", "1001:8"), ("1002", "1002:7"), ("-100", "-100:9"), ("-100", "-100:10"))
LANGUAGES = (None, None, "en", "de", "pt-br", "", "x" * 36)
UNKNOWN = "0000000000000000"
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
SMALL_STEPS_US = (0, 0, 1, 700, 900_000, 1_000_000, 5_000_000, 20_000_000, -1, -2_000_000)
STEPS_US = SMALL_STEPS_US * 10 + (MINUTE, HOUR, DAY, 8 * DAY, -HOUR, -DAY, -8 * DAY) * 2 + (40 * DAY, 200 * DAY)

WEIGHTS = {"MakeIntent": 9, "MakeRequest": 4, "Transfer": 4, "PayRequest": 4, "AnswerIntent": 6, "ConfirmIntent": 8,
           "PlaceRequest": 2, "PlaceIntent": 2, "ClaimPlaces": 2,
           "AskPayer": 3, "PutRequest": 3, "DeclineRequest": 2, "StandingRequest": 2, "MakePick": 6, "AnswerPick": 8,
           "SayAmount": 6, "SayMemo": 8,
           "RefundTransfer": 3, "MakeRefund": 3, "ConfirmRefund": 4,
           "OfferGift": 2, "GiveOffered": 4,
           "MakeGift": 4, "ClaimGift": 9, "ReturnGift": 2, "OfferCard": 3, "PostRequest": 2, "PostGift": 4,
           "Tip": 6, "TipAgain": 5, "AnswerTip": 4, "MakeIssue": 3, "ConfirmIssue": 3,
           **SPLIT_WEIGHTS, **GATEWAY_WEIGHTS, **BANK_WEIGHTS, **LIMIT_WEIGHTS, **ACT_WEIGHTS,
           **PIN_WEIGHTS, **MOVE_WEIGHTS, **ANNOUNCEMENT_WEIGHTS, **DROPPED_WEIGHTS}  # fmt: skip

THEME_CHANCE = 0.3  # that a wish is of its theme
NO_NOTE = {"note": 1, "place": "1001:7", "told": 1}  # what changes nothing
CLOSING_CHANCE = 0.1  # that a community is wound down from the first

Wish = dict[str, Any]


class Wisher(SplitWishes, GatewayWishes, BankWishes, LimitWishes, ActWishes, PinWishes, MoveWishes, AnnouncementWishes,
             DroppedWishes):  # fmt: skip
    """Draws wishes that mean something to the model as it is now; remembers them, to repeat and to contradict them."""

    def __init__(self, chance: Random, model: Model, *, rich: bool = False) -> None:
        self.chance, self.model, self.rich = chance, model, rich
        self.made: list[Wish] = []
        self.claimed: list[int] = []
        self.makers = [
            getattr(self, name) for name in dir(self) if name[0].isupper() for _ in range(WEIGHTS.get(name, 1))
        ]
        theme = chance.choice((None, None, PinWishes, MoveWishes, AnnouncementWishes))  # of which there is more
        self.theme = [maker for maker in self.makers if theme and maker.__name__ in vars(theme)]

    def batch(self) -> list[Wish]:
        """One to six wishes, or somebody at a keypad."""
        wishes = self.at_a_keypad() if self.chance.random() < KEYPAD_CHANCE else []
        wishes = wishes or [self.wish() for _ in range(self.chance.choice((1, 1, 1, 2, 3, 6)))]
        self.made = (self.made + wishes)[-60:]
        return wishes

    def wish(self) -> Wish:
        if self.made and self.chance.random() < 0.15:
            return self.chance.choice(self.made[-20:])
        if self.made and self.chance.random() < 0.12:
            return self.contradiction(self.chance.choice(self.made[-20:]))
        maker = self.chance.choice(self.theme if self.theme and self.chance.random() < THEME_CHANCE else self.makers)
        wish: Wish = {"do": maker.__name__, **maker()}
        if "key" in wish and self.chance.random() < 0.04:
            keys = [earlier["key"] for earlier in self.made if "key" in earlier]
            wish["key"] = self.chance.choice([*keys, wish["key"]])
        return wish

    def contradiction(self, earlier: Wish) -> Wish:
        """The same wish but for one thing; the key stays."""
        fresh = getattr(self, earlier["do"])()
        field = self.chance.choice([name for name in fresh if name != "key"])
        wish = {**earlier, field: fresh[field]}
        return earlier if "chat" in wish and wish.get("new") == wish["chat"] else wish  # a group moves into another one

    def beginning(self) -> list[Wish]:
        """People with wallets and money, so that most wishes mean something."""
        wishes: list[Wish] = [{"do": "OpenWallet", "person": p, "handle": None, "name": p} for p in PEOPLE[:4]]
        for person in PEOPLE[:3]:
            issue = {
                "by": "tg:1",
                "to": ("person", person),
                "amount": (self.chance.choice((600, 5_000, 20_000)), "EUR"),
            }
            wishes.append({"do": "Issue", **issue, "key": f"first {person}", "memo": ""})
        wishes += self.first_splits()
        return wishes

    def prelude(self) -> Iterator[list[Wish]]:
        """Batches with which some go on: a PIN, a move that two have agreed to, so that what follows meets them."""
        operators = [each for each in self.model.rules.operators if each in self.model.people]
        if self.chance.random() < 0.4:
            yield [{"do": "SetPin", "person": "tg:2", "above": self.chance.choice(((0, "EUR"), (50, "EUR")))}]
            for _ in range(2):
                yield self.at_a_keypad() or [{"do": "NoteTold", **NO_NOTE}]
        if operators and self.chance.random() < CLOSING_CHANCE:
            close = {"by": operators[0], "key": "first closing", "what": ("close", "", self.model.now + 90 * DAY)}
            yield [{"do": "MakeAnnouncement", **close}]
            closing = {"do": "ConfirmAnnouncement", "person": operators[0]}
            yield [{**closing, "code": code} for code in self.model.announcements] or [{"do": "NoteTold", **NO_NOTE}]
        if len(operators) > 1 and not self.model.rules.welcome:
            yield [{"do": "OpenWallet", "person": SPARE[0], "handle": None, "name": ""}]
            asked = {"by": operators[0], "old": self.chance.choice(PEOPLE[1:3]), "new": SPARE[0]}
            yield [{"do": "AskMove", **asked, "key": "first move", "note": ""}]
            agree = {"do": "AgreeMove", "person": operators[1]}
            yield [{**agree, "code": code} for code in self.model.moves] or [{"do": "CancelOpen", "person": "tg:2"}]

    # -- parts of wishes

    def person(self) -> str:
        moved = tuple(row.new for row in self.model.moves.values() if row.state == "done")
        return self.chance.choice(PEOPLE + PEOPLE[:3] * 2 + moved * 2)

    def memo(self) -> str:
        return self.chance.choice((*CLEAN, "", "", "coffee"))

    def key(self) -> str:
        return f"{len(self.made):x}.{self.chance.getrandbits(40):x}"

    def amount(self) -> tuple[int, str]:
        usual = self.chance.choice((1, 5, 100, 400, 999, 2_500, 7_000))
        if self.rich:
            usual = self.chance.choice((1, 10**15, 2 * 10**14, 2 * 10**14))
        minor = self.chance.choice((usual,) * 12 + (0, -1, 10**15 + 1))
        return minor, "USD" if self.chance.random() < 0.04 else "EUR"

    def some_amount(self) -> tuple[int, str] | None:
        return None if self.chance.random() < 0.35 else self.amount()

    def wallet(self) -> int:
        return self.chance.choice([*self.model.wallets, *self.model.wallets, *self.model.wallets, 77])

    def code_of(self, rows: Any) -> str:
        """Mostly one that is still open."""
        still_open = [code for code, row in rows.items() if self.model.state(row) == "open"][-5:]
        return str(self.chance.choice([*list(rows)[-12:], *still_open * 6, UNKNOWN]))

    def receipt(self) -> str:
        """Of a payment, an issue or a refund, mostly a late one; as people type it, or nobody's."""
        codes = list(self.model.receipts)[-25:]
        code = str(self.chance.choice([*codes, *codes[-6:] * 2, *self.share_receipts() * 4, UNKNOWN]))
        return self.chance.choice((code, code, code.lower(), f" {code[:4]}-{code[4:]} ", code.replace("0", "o")))

    def back(self) -> Wish:
        """All of a payment or a part, by whoever was paid or an operator, seldom by somebody else."""
        code, model = self.receipt(), self.model
        wish = {"by": self.person(), "code": code, "amount": self.some_amount(), "key": self.key()}
        if code in model.receipts:
            first = model.receipts[code]
            if self.chance.random() < 0.8:
                right = [model.wallets[first.wish[1]].owner or "tg:1", *model.rules.operators]
                wish["by"] = self.chance.choice(right if first.wish[3] in ("issue", "welcome") else right[:1])
            if self.chance.random() < 0.5:
                minor = first.wish[2][0]
                wish["amount"] = (self.chance.choice((minor // 2, minor // 2, minor, minor + 1)), "EUR")
        return wish

    def to(self) -> tuple[str, str]:
        if self.rich and self.chance.random() < 0.5:
            return "person", "tg:2"
        kind = self.chance.choice(("person", "handle", "code", "request", "request"))
        if kind == "request":
            return kind, self.code_of(self.model.requests)
        if kind == "person":
            return kind, self.person()
        if kind == "handle":
            return kind, self.chance.choice(("ann", "BOB", "cid", "h" * 64, "nobody"))
        return kind, self.chance.choice([p.code for p in self.model.people.values()] + [UNKNOWN])

    def somebody(self) -> tuple[str, str]:
        """A person, by whatever names one."""
        kind = self.chance.choice(("person", "handle", "code"))
        if kind == "person":
            return kind, self.person()
        if kind == "handle":
            return kind, self.chance.choice(("ann", "BOB", "cid", "nobody"))
        return kind, self.chance.choice([p.code for p in self.model.people.values()] + [UNKNOWN])

    def picker(self) -> str:
        """Mostly somebody who was asked whom they mean."""
        return self.chance.choice([*list(self.model.picks) * 2, self.person()])

    def number_of(self, person: str) -> int | None:
        """Mostly of their newest question."""
        pick = self.model.picks.get(person)
        newest = pick.number if pick else 1
        return self.chance.choice((newest, newest, newest, None, 2))

    def place(self) -> Wish:
        chat, place = self.chance.choice(PLACES)
        return {"place": place, "chat": chat}

    def person_of(self, rows: Any, code: str, field: str) -> str:
        """Mostly the right one."""
        if code in rows and self.chance.random() < 0.8:
            return str(getattr(rows[code], field))
        return self.person()

    # -- the commands

    def Meet(self) -> Wish:
        chat = self.chance.choice((None, "-100", "-200", "-300"))
        return {**self.OpenWallet(), "person": self.person(), "can_be_told": self.chance.random() < 0.5, "chat": chat}

    def ChooseLanguage(self) -> Wish:
        return {"person": self.person(), "language": self.chance.choice(LANGUAGES)}

    def OpenWallet(self) -> Wish:
        handle, name = self.chance.choice(HANDLES), self.chance.choice(NAMES)
        language = self.chance.choice(LANGUAGES)
        person = self.chance.choice((*PEOPLE[:-1] * 3, *SPARE))
        return {"person": person, "handle": handle, "name": name, "language": language}

    def Transfer(self) -> Wish:
        payer, payee = self.wallet(), self.wallet()
        return {"payer": payer, "payee": payee, "amount": self.amount(), "key": self.key(), "memo": self.memo()}

    def Issue(self) -> Wish:
        by = self.chance.choice((*self.model.rules.operators * 12, "tg:2"))
        return {"by": by, "to": self.to(), "amount": self.amount(), "key": self.key(), "memo": self.memo()}

    def MakeRequest(self) -> Wish:
        most = self.chance.choice((1, 1, 2, 3, None))
        amount = self.some_amount()
        return {
            "payee": self.person(), "amount": amount, "key": self.key(), "memo": self.memo(), "payers_max": most,
            "payer": self.somebody() if self.chance.random() < 0.4 else None,
        }  # fmt: skip

    def StandingRequest(self) -> Wish:
        amount = self.chance.choice(((5, "EUR"), (5, "EUR"), self.some_amount()))
        return {"payee": self.person(), "amount": amount, "key": self.key(), "memo": self.memo()}

    def PutRequest(self) -> Wish:
        code = self.code_of(self.model.requests)
        return {"code": code, "person": self.person_of(self.model.requests, code, "payee"), "payer": self.somebody()}

    def AskPayer(self) -> Wish:
        return {"code": self.code_of(self.model.requests)}

    def LeaveUnheard(self) -> Wish:
        return {"code": self.code_of(self.model.requests)}

    def DeclineRequest(self) -> Wish:
        code = self.code_of(self.model.requests)
        person = self.person_of(self.model.requests, code, "payer")
        return {"code": code, "person": self.person() if person == "None" else person}

    def MakePick(self) -> Wish:
        request = self.code_of(self.model.requests) if self.chance.random() < 0.5 else None
        person = self.person() if request is None else self.person_of(self.model.requests, request, "payee")
        amount, guide = self.some_amount(), self.chance.choice((None, None, "pay", "pay", "ask"))
        wish = {"person": person, "key": self.key(), "amount": amount, "memo": self.memo(), "request": request}
        return {**wish, "guide": guide}

    def AnswerPick(self) -> Wish:
        person = self.led("whom") if self.chance.random() < 0.7 else self.picker()
        to = self.somebody() if self.chance.random() < 0.9 else None
        return {"person": person, "to": to, "key": self.key(), "number": self.number_of(person)}

    def led(self, step: str) -> str:
        """Mostly somebody who is asked this."""
        asked = [person for person, pick in self.model.picks.items() if pick.step == step]
        return self.chance.choice([*asked * 4, self.picker()])

    def SayAmount(self) -> Wish:
        person = self.led("amount")
        return {"person": person, "amount": self.some_amount(), "key": self.key(), "number": self.number_of(person)}

    def SayMemo(self) -> Wish:
        person = self.led("memo")
        return {"person": person, "memo": self.memo(), "key": self.key(), "number": self.number_of(person)}

    def PlacePick(self) -> Wish:
        person = self.picker()
        pick = self.model.picks.get(person)
        step = pick.step if pick and self.chance.random() < 0.8 else self.chance.choice((None, "whom", "memo"))
        return {"person": person, "number": self.number_of(person) or 1, "step": step, **self.place()}

    def DropPick(self) -> Wish:
        person = self.picker()
        return {"person": person, "number": self.number_of(person)}

    def PlaceRequest(self) -> Wish:
        return {"code": self.code_of(self.model.requests), **self.place()}

    def CancelRequest(self) -> Wish:
        code = self.code_of(self.model.requests)
        return {"code": code, "person": self.person_of(self.model.requests, code, "payee")}

    def PayRequest(self) -> Wish:
        code = self.code_of(self.model.requests)
        return {"code": code, "payer": self.person(), "key": self.key(), "amount": self.some_amount()}

    def MakeIntent(self) -> Wish:
        amount = self.some_amount()
        return {"payer": self.person(), "to": self.to(), "amount": amount, "key": self.key(), "memo": self.memo()}

    def AnswerIntent(self) -> Wish:
        asking = [i.payer for i in self.model.intents.values() if i.state == "asking"]
        payer = self.chance.choice([*asking[-3:] * 2, self.person()])
        return {"payer": payer, "amount": self.amount(), "key": self.key()}

    def ConfirmIntent(self) -> Wish:
        code = self.code_of(self.model.intents)
        person = self.person_of(self.model.intents, code, "payer")
        return {"code": code, "person": person, "place": self.chance.choice((None, None, self.place()["place"]))}

    def CancelIntent(self) -> Wish:
        code = self.code_of(self.model.intents)
        return {"code": code, "person": self.person_of(self.model.intents, code, "payer")}

    def CancelOpen(self) -> Wish:
        return {"person": self.person()}

    def PlaceIntent(self) -> Wish:
        return {"code": self.code_of(self.model.intents), **self.place()}

    def EndRequest(self) -> Wish:
        """As the clerk says it: for what is in the agenda, was in it, or never was; too early, late, or twice."""
        return {"code": self.code_of(self.model.requests)}

    def RefundTransfer(self) -> Wish:
        return self.back()

    def MakeRefund(self) -> Wish:
        return self.back()

    def ConfirmRefund(self) -> Wish:
        code = self.code_of(self.model.refunds)
        person = self.person_of(self.model.refunds, code, "person")
        return {"code": code, "person": person, "place": self.chance.choice((None, None, self.place()["place"]))}

    def PlaceRefund(self) -> Wish:
        return {"code": self.code_of(self.model.refunds), **self.place()}

    def CancelRefund(self) -> Wish:
        code = self.code_of(self.model.refunds)
        return {"code": code, "person": self.person_of(self.model.refunds, code, "person")}

    def MakeGift(self) -> Wish:
        handle = self.chance.choice((*(None,) * 8, "ann", "BOB", "cid", "nobody"))
        shares = (
            self.chance.choice((1, 1, 2, 3, 7, 200, 201, 0)) if handle is None else self.chance.choice((1, 1, 1, 2))
        )
        wish = {"giver": self.person(), "amount": self.amount(), "key": self.key(), "memo": self.memo()}
        return {**wish, "shares": shares, "is_lucky": self.chance.random() < 0.4, "for_handle": handle}

    def OfferGift(self) -> Wish:
        wish = {"giver": self.person(), "amount": self.amount(), "key": self.key(), "memo": self.memo()}
        return {**wish, "for_handle": self.chance.choice(("ann", "BOB", "cid", "nobody", "nobody"))}

    def GiveOffered(self) -> Wish:
        offers = self.model.gift_offers
        code = str(self.chance.choice([*list(offers)[-8:], *list(offers)[-3:] * 3, UNKNOWN]))
        is_own = code in offers and self.chance.random() < 0.9
        return {"code": code, "giver": offers[code].giver if is_own else self.person()}

    def ClaimGift(self) -> Wish:
        """Somebody who may have no wallet yet; mostly under the handle that it is for."""
        wish, code = self.OpenWallet(), self.code_of(self.model.gifts)
        if code in self.model.gifts and self.chance.random() < 0.5:
            wish["handle"] = self.model.gifts[code].for_handle or wish["handle"]
        return {"code": code, **wish}

    def ReturnGift(self) -> Wish:
        code = self.code_of(self.model.gifts)
        return {"code": code, "person": self.person_of(self.model.gifts, code, "giver")}

    def EndGift(self) -> Wish:
        return {"code": self.code_of(self.model.gifts)}

    def PlaceGift(self) -> Wish:
        return {"code": self.code_of(self.model.gifts), **self.place()}

    def Tip(self) -> Wish:
        """To one of a few messages, mostly of whoever wrote it; without an amount the usual one."""
        number = self.chance.randint(0, 5)
        payee = PEOPLE[number % 4] if self.chance.random() < 0.9 else self.person()
        key, spot = self.key(), f"-100/0.{number}"
        return {
            "payer": self.person(), "payee": payee, "amount": self.some_amount(), "key": key, "spot": spot,
            "chat": "-100", "ask_at": f"{spot}.{key}",
        }  # fmt: skip

    def tipped(self) -> str:
        return str(self.chance.choice([*self.model.tip_codes, *self.model.tip_codes, UNKNOWN]))

    def TipAgain(self) -> Wish:
        return {"code": self.tipped(), "person": self.person(), "key": self.key()}

    def AnswerTip(self) -> Wish:
        code = self.code_of(self.model.tip_questions)
        amount = self.amount()
        if code in self.model.tip_questions and self.chance.random() < 0.3:
            amount = (self.model.tip_questions[code].amount or 20, "EUR")
        return {"code": code, "person": self.person_of(self.model.tip_questions, code, "person"), "amount": amount}

    def EndTipQuestion(self) -> Wish:
        """As EndRequest."""
        return {"code": self.code_of(self.model.tip_questions)}

    def ChooseTip(self) -> Wish:
        return {"person": self.person(), "amount": self.amount()}

    def PlaceTips(self) -> Wish:
        return {"code": self.tipped(), **self.place()}

    def NoteTold(self) -> Wish:
        """As the notifier says it: also late, twice, and of a note that never was."""
        told = [transfer for transfer, *_ in self.model.tips] or [1]
        note = self.chance.choice([*self.model.notes, 77])
        told = [transfer for transfer, *_, of in self.model.tips if of == note] or told
        return {"note": note, "place": self.place()["place"], "told": self.chance.choice(told)}

    def OfferCard(self) -> Wish:
        return {"person": self.person(), "amount": self.amount(), "memo": self.memo()}

    def PostRequest(self) -> Wish:
        """Mostly a card's own code, seldom that of its gift."""
        cards = list(self.model.cards)
        codes = [*cards[-8:], *cards[-3:] * 3, *list(self.model.requests)[-4:], *list(self.model.gifts)[-1:], UNKNOWN]
        return {"code": self.chance.choice(codes), **self.place()}

    def PostGift(self) -> Wish:
        presser = self.chance.choice((None, self.person()))
        return {"code": self.code_of_gift(), **self.place(), "presser": presser}

    def KeepGift(self) -> Wish:
        code = self.code_of_gift()
        makers = [card.person for card in self.model.cards.values() if card.give == code]
        return {"code": code, "person": self.chance.choice([*makers * 2, self.person()])}

    def code_of_gift(self) -> str:
        gives = [card.give for card in self.model.cards.values()]
        codes = [*gives[-8:], *gives[-3:] * 3, *list(self.model.gifts)[-4:], *list(self.model.cards)[-1:], UNKNOWN]
        return str(self.chance.choice(codes))

    def MakeIssue(self) -> Wish:
        return self.Issue()

    def ConfirmIssue(self) -> Wish:
        code = self.code_of(self.model.issues)
        return {"code": code, "person": self.person_of(self.model.issues, code, "operator")}

    def CancelIssue(self) -> Wish:
        return self.ConfirmIssue()

    def PlaceIssue(self) -> Wish:
        return {"code": self.code_of(self.model.issues), **self.place()}

    def ClaimOutbox(self) -> Wish:
        return {"limit": self.chance.choice((1, 3, 100)), "lease": self.chance.choice((1, MINUTE, HOUR))}

    def SettleOutbox(self) -> Wish:
        """Messages of now and of before: a settlement may come late, and twice."""
        some_transfer = self.chance.randint(1, max(1, len(self.model.made["transfer"])))
        known = [*list(self.model.outbox.messages)[:6], 2 * some_transfer - self.chance.randint(0, 1)]
        chosen: dict[str, list[Any]] = {"delivered": [], "postponed": [], "parked": []}
        for number in dict.fromkeys(known):
            what = self.chance.choice(("delivered", "delivered", "postponed", "parked", None))
            if what:
                chosen[what].append((number, MINUTE) if what == "postponed" else number)
        return {name: tuple(numbers) for name, numbers in chosen.items()}

    def ClaimPlaces(self) -> Wish:
        return {"limit": self.chance.choice((1, 2, 100)), "lease": self.chance.choice((1, MINUTE, HOUR))}

    def SettlePlaces(self) -> Wish:
        """With the newest changes, with those that were claimed some time ago, or with made-up ones."""
        chosen: dict[str, list[Any]] = {"shown": [], "ended": [], "postponed": []}
        names = [name for _, name in PLACES]
        for name in [*names, *(name for name in self.model.places.places if name not in names)]:
            what = self.chance.choice(("shown", "shown", "ended", "postponed", None))
            place = self.model.places.places.get(name)
            newest = place.changes if place else 1
            changes = self.chance.choice((newest, newest, newest, newest - 1, newest + 1))
            if what:
                chosen[what].append((name, MINUTE if what == "postponed" else changes))
        return {name: tuple(given) for name, given in chosen.items()}
