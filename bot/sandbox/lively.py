"""`sandbox --story`: a lively world to look around in: a shared bill, a café with a price tag, a gift."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from bot.qr import read_qr
from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Message, Place
from bot.sandbox.people import Person

ANSWER_S = 8.0  # for each step: a bot that has not such a thing does not hold up the rest
BREATH_S = 0.4  # between two things that people do, for those who look on


async def tell_story(box: Sandbox) -> list[str]:
    """Let everybody live; what could not be played."""
    story, left_out = _Story(box), []
    scenes: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("everybody has a wallet and some money", story.open),
        ("Bob asks for coffee money, and Alice scans it", story.coffee),
        ("the flat shares a pizza", story.pizza),
        ("the café has a price tag", story.price_tag),
        ("a gift in the running club", story.gift),
        ("a payment in the group", story.cinema),
    )
    for title, scene in scenes:
        try:
            await scene()
        except TimeoutError:
            left_out.append(title)
    return left_out


class _Story:
    def __init__(self, box: Sandbox) -> None:
        language = box.people[1001].raw.get("language_code")
        self.alice, self.bob, self.carol = (box.people[number] for number in (1001, 1002, 1003))
        self.dora = box.person(1004, "Dora", username="dora", language_code=language)
        self.emil = box.person(1005, "Café Emil", username="cafe_emil", language_code=language)
        self.people = (self.alice, self.bob, self.carol, self.dora, self.emil)
        self.flat = box.groups[-1002003]
        self.club = box.group(-1002004, "Running club", members=(self.alice, self.bob, self.carol, self.dora))
        box.world.notice("world")

    async def open(self) -> None:
        """Everybody presses Start, and Carol issues money."""
        for person in self.people:
            await person.ask("/start")
        for person in (self.alice, self.bob, self.dora):
            await self._confirmed(self.carol, f"/issue 40 @{person.username} for the start", told=person)
        await self._confirmed(self.carol, "/issue 40 @carol for the start", told=self.carol)

    async def coffee(self) -> None:
        """A request as a picture, scanned and paid."""
        picture = await self._said(self.bob, "/request 5 coffee", lambda message: message.photo_bytes is not None)
        await self._scan_and_pay(self.alice, picture, "5")

    async def pizza(self) -> None:
        """A bill with a share for each; one share stays open."""
        bill = await self._said(self.bob, "/split 36 @alice @carol pizza", _has_buttons, chat=self.flat)
        self.alice.skip()
        await self._press(self.alice, bill)
        await self._press(self.alice, await self.alice.wait(_asks_for("18"), timeout_s=ANSWER_S))

    async def price_tag(self) -> None:
        """A picture for many payments, scanned twice."""
        picture = await self._said(self.emil, "/qr 3 flat white", lambda message: message.photo_bytes is not None)
        for person in (self.dora, self.alice):
            await self._scan_and_pay(person, picture, "3")

    async def gift(self) -> None:
        """Shares that are claimed by who comes first."""
        question = await self._said(self.dora, "/gift 10 for 4", _has_buttons, chat=self.club)
        await self._press(self.dora, question)  # where the bot asks first; else her own share
        for person in (self.bob, self.alice):
            await self._press(person, question)

    async def cinema(self) -> None:
        """A payment whose dialog becomes the receipt, for all to see."""
        await self.alice.send("Who has paid for the cinema?", chat=self.flat)
        await self._press(
            self.carol, await self._said(self.carol, "/pay 7.50 @alice cinema", _has_buttons, chat=self.flat)
        )

    async def _said(
        self, person: Person, text: str, wanted: Callable[[Message], bool], *, chat: Place = None
    ) -> Message:
        await asyncio.sleep(BREATH_S)
        person.skip(chat=chat)
        await person.send(text, chat=chat)
        return await person.wait(wanted, chat=chat, timeout_s=ANSWER_S)

    async def _press(self, person: Person, message: Message) -> None:
        await asyncio.sleep(BREATH_S)
        if message.buttons and message.buttons[0][0].kind == "callback_data":
            await (await person.press(message)).answer(ANSWER_S)

    async def _confirmed(self, person: Person, text: str, *, told: Person) -> None:
        """What is asked about first by some bots, done at once by others."""
        told.skip()
        answer = await self._said(person, text, lambda message: True)
        await self._press(person, answer)
        await told.wait("", timeout_s=ANSWER_S)

    async def _scan_and_pay(self, person: Person, picture: Message, amount: str) -> None:
        data = picture.photo_bytes
        assert data is not None
        person.skip()
        await person.open((await asyncio.to_thread(read_qr, data)).texts[0])
        await self._press(person, await person.wait(_asks_for(amount), timeout_s=ANSWER_S))


def _has_buttons(message: Message) -> bool:
    return bool(message.buttons)


def _asks_for(amount: str) -> Callable[[Message], bool]:
    """A question about so much, in whatever currency."""
    wanted = re.compile(rf"(?<![\d.,]){amount}(?:[.,]0+)?(?![\d.,]\d|\d)")
    return lambda message: _has_buttons(message) and wanted.search(message.words) is not None
