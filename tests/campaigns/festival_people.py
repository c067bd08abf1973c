"""The people of `festival.py`: what they do in a day, and how the bot tells them."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from wallet_core import (
    BY_HAND,
    ClaimGift,
    ClaimOutbox,
    ClaimPlaces,
    ConfirmIntent,
    ConfirmRefund,
    ConfirmTopUp,
    InsufficientFunds,
    JoinSplit,
    MakeGift,
    MakeIntent,
    MakePick,
    MakeRefund,
    MakeRequest,
    MakeSplit,
    MakeTopUp,
    MakeWithdrawal,
    Meet,
    Money,
    OfferCard,
    OfferGift,
    OpenWallet,
    PayRequest,
    PersonId,
    PlaceIntent,
    PlaceRequest,
    SettleOutbox,
    SettlePlaces,
    StandingRequest,
    Tip,
    ToPerson,
    WalletCore,
    WalletError,
    currency,
)

EUR = currency("EUR")
OPERATOR = PersonId("tg:1")
FESTIVALS = (160, 195, 230)  # Fridays, days of the year
CROWD, WEEKDAY, QUIET = 2.0, 0.02, 0.002  # wishes of one person in a day
SEASON = range(90, 300)
AT_ONCE = 128
HOURS = (4, 12, 16, 18, 19, 20, 21, 22)
BLOCKED = 0.001  # of people, that block the bot in one day
KEPT = 40  # days: the longest of what is cleared after 30, with what its own time adds
LEASE = timedelta(minutes=1)


@dataclass
class Year:
    """The festival, its people, and what came of it."""

    core: WalletCore
    people: int
    chance: Random
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    number: int = 0  # of keys
    done: Counter[str] = field(default_factory=Counter)
    tags: list[str] = field(default_factory=list)
    paid: deque[tuple[PersonId, str]] = field(default_factory=lambda: deque(maxlen=1000))  # to whom, the receipt
    left: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT))  # questions that were left, day by day
    blocking: set[PersonId] = field(default_factory=set)
    most: Counter[str] = field(default_factory=Counter)

    def person(self, number: int | None = None) -> PersonId:
        """That one, or anybody."""
        return PersonId(f"tg:{1000 + (self.chance.randrange(self.people) if number is None else number)}")

    def group(self) -> str:
        """Any: with more people there are more of them, and one is told one thing a second."""
        return f"-{1 + self.chance.randrange(max(10, self.people // 50))}"

    def key(self) -> str:
        self.number += 1
        return f"wish {self.number}"

    def some(self, most: int = 1500) -> Money:
        return Money(self.chance.randint(50, most), EUR)

    async def begin(self) -> None:
        """Everybody opens a wallet; one in a hundred has a bar."""
        await self.core.run(OpenWallet(person=OPERATOR, handle="operator", name="Operator"))
        for start in range(0, self.people, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, self.people))
            opening = (OpenWallet(person=self.person(n), handle=f"u{n}", name=f"Person {n}") for n in numbers)
            await asyncio.gather(*map(self.core.run, opening))
        for n in range(max(1, self.people // 100)):
            tag = StandingRequest(payee=self.person(n), amount=Money(450, EUR), key=self.key(), memo="beer")
            self.tags.append((await self.core.run(tag)).code)

    # -- what people do ------------------------------------------------------------------------------------------------

    async def beer(self) -> None:
        """A price tag is paid."""
        payer = self.person()
        made = await self.core.run(PayRequest(code=self.chance.choice(self.tags), payer=payer, key=self.key()))
        assert made.payee is not None
        self.paid.append((made.payee.id, made.receipt.code))

    async def pay(self) -> None:
        """A question whether to pay, which one in four forgets."""
        payer, payee = self.person(), self.person()
        made = await self.core.run(MakeIntent(payer=payer, to=ToPerson(payee), amount=self.some(), key=self.key()))
        place = f"{payer[3:]}/{self.number}.{self.key()}"
        await self.core.run(PlaceIntent(code=made.code, place=place, chat=payer[3:]))
        if self.chance.random() < 0.25:
            self.left[-1] += 1
        else:
            paid = await self.core.run(ConfirmIntent(code=made.code, person=payer))
            self.paid.append((payee, paid.receipt.code))

    async def request(self) -> None:
        """Two in five are never paid."""
        payee = self.person()
        made = await self.core.run(MakeRequest(payee=payee, amount=self.some(), key=self.key()))
        await self.core.run(PlaceRequest(code=made.code, place=f"{payee[3:]}/r.{self.key()}", chat=payee[3:]))
        if self.chance.random() < 0.6:
            await self.core.run(PayRequest(code=made.code, payer=self.person(), key=self.key()))

    async def gift(self) -> None:
        """For five; as many as come claim it, and the rest comes back."""
        gift = await self.core.run(MakeGift(giver=self.person(), amount=Money(500, EUR), key=self.key(), shares=5))
        for _ in range(self.chance.randrange(6)):
            number = self.chance.randrange(self.people)
            claim = ClaimGift(code=gift.code, person=self.person(number), handle=f"u{number}", name=f"Person {number}")
            await self.core.run(claim)

    async def split(self) -> None:
        """People say that they are in, and the asker forgets to ask."""
        made = await self.core.run(MakeSplit(asker=self.person(), total=self.some(6000), people=(), key=self.key()))
        await self.core.run(JoinSplit(code=made.code, person=self.person()))

    async def tip(self) -> None:
        """Half of them are asked how much, and don't say."""
        says, chat = self.chance.random() < 0.5, self.group()
        at = f"{chat}/{self.key()}"
        amount = self.some(200) if says else None
        wish = Tip(
            payer=self.person(),
            payee=self.person(),
            amount=amount,
            key=self.key(),
            spot=at,
            chat=chat,
            ask_at=f"{at}.a",
        )
        self.left[-1] += not says
        await self.core.run(wish)

    async def refund(self) -> None:
        """Asked about, and left in one of three."""
        if self.paid:
            by, code = self.paid.popleft()
            made = await self.core.run(MakeRefund(by=by, code=code, amount=None, key=self.key()))
            if self.chance.random() < 0.33:
                self.left[-1] += 1
            else:
                await self.core.run(ConfirmRefund(code=made.code, person=by))

    async def dialogue(self) -> None:
        """Begun, and never ended."""
        person = self.person()
        await self.core.run(MakePick(person=person, key=self.key(), amount=self.some()))
        await self.core.run(OfferCard(person=person, amount=self.some()))
        await self.core.run(OfferGift(giver=person, amount=self.some(), for_handle="nobody_here", key=self.key()))
        await self.core.run(MakeWithdrawal(person=person, gateway=BY_HAND, amount=Money(100, EUR), key=self.key()))

    async def seen(self) -> None:
        """In a group, under another name; who had blocked the bot is back."""
        number = self.chance.randrange(self.people)
        person, handle = self.person(number), f"u{number}_{self.chance.randrange(50)}"
        back = person in self.blocking and self.chance.random() < 0.5
        wish = Meet(
            person=person, handle=handle, name=f"P {self.key()}", chat=None if back else self.group(), can_be_told=back
        )
        await self.core.run(wish)
        if back:
            self.blocking.discard(person)

    async def top_up(self, person: PersonId | None = None) -> None:
        """At the cash desk; one in four does not come with the cash."""
        by = person or self.person()
        wish = MakeTopUp(by=by, to=ToPerson(by), gateway=BY_HAND, amount=Money(5000, EUR), key=self.key())
        made = await self.core.run(wish)
        if person is not None or self.chance.random() < 0.75:
            await self.core.run(ConfirmTopUp(code=made.code, by=OPERATOR))

    # -- how the year goes ---------------------------------------------------------------------------------------------

    def wishes(self, day: int) -> int:
        """How many of a day."""
        each = WEEKDAY if day in SEASON else QUIET
        if any(first <= day < first + 3 for first in FESTIVALS):
            each = CROWD
        return round(self.people * each * self.chance.uniform(0.7, 1.3))

    async def one(self, act: Callable[[], Awaitable[None]]) -> None:
        """A refusal is an answer; who has no money left goes to the cash desk."""
        name = act.__name__
        try:
            await act()
            self.done[name] += 1
        except InsufficientFunds:
            self.left[-1] += 1
            self.done["no money left"] += 1
            await self.one(self.top_up)
        except WalletError as refusal:
            self.left[-1] += 1
            self.done[f"{name}: {type(refusal).__name__}"] += 1

    async def live(self, day: int) -> None:
        """One day, hour by hour."""
        acts: dict[Any, int] = {
            self.beer: 40, self.pay: 20, self.request: 8, self.tip: 8, self.seen: 8, self.top_up: 5, self.gift: 3,
            self.refund: 3, self.dialogue: 3, self.split: 2,
        }  # fmt: skip
        self.left.append(0)
        midnight, count = self.now, self.wishes(day)
        self.blocking |= {self.person(n) for n in range(self.people) if self.chance.random() < BLOCKED}
        for number, hour in enumerate(HOURS):
            self.now = midnight + timedelta(hours=hour)
            here = self.chance.choices([*acts], [*acts.values()], k=(count + number) // len(HOURS))
            for start in range(0, len(here), AT_ONCE):
                await asyncio.gather(*map(self.one, here[start : start + AT_ONCE]))
            await self.core.run_due()
            await self.tell()
        self.now = midnight + timedelta(days=1)
        await self.core.run_due()
        self.done["cleared"] += await self.core.clear()

    async def tell(self) -> None:
        """Everybody, but for those who have blocked the bot; and what is shown is shown anew."""
        while messages := await self.core.run(ClaimOutbox(limit=200, lease=LEASE)):
            parked = tuple(each.id for each in messages if each.recipient in self.blocking)
            told = tuple(each.id for each in messages if each.recipient not in self.blocking)
            await self.core.run(SettleOutbox(delivered=told, parked=parked))
            self.done["told"] += len(told)
            self.done["parked"] += len(parked)
        while shown := await self.core.run(ClaimPlaces(limit=200, lease=LEASE)):
            await self.core.run(SettlePlaces(ended=tuple((each.place, each.changes) for each in shown)))
            self.now += timedelta(seconds=2)  # a chat hears one thing a second
