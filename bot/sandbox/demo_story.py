"""The scripted conversation of the demo: every step says what must come of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from babel.numbers import format_decimal

from bot.qr import read_qr
from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Message
from bot.sandbox.demo_print import YELLOW, Terminal, place_name
from bot.sandbox.groups import Group
from bot.sandbox.people import Answer, Person, Press
from bot.words.language import gettext as _
from bot.words.language import locale, spoken
from bot.words.wording import amount
from wallet_core import Money, currency

EUR = currency("EUR")
OPERATOR_ID = 1003
EXPECTED = {1001: Money(1750, EUR), 1002: Money(250, EUR), OPERATOR_ID: Money(0, EUR)}  # what everybody has at the end
TRANSFERS = 3  # issued, paid by QR, paid in the group; the second press is not a fourth

RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{13,25}\b", re.ASCII)  # a receipt code, in whatever language


class WentWrong(Exception):
    """The conversation did not go as told; the text is a sentence."""


class Story:
    """Alice, Bob, the treasurer Carol and their group."""

    def __init__(self, box: Sandbox, terminal: Terminal, picture: Path) -> None:
        self._box, self._terminal, self._picture = box, terminal, picture
        self.alice = box.person(1001, "Alice", username="alice", language_code=spoken())
        self.bob = box.person(1002, "Bob", username="bob", language_code=spoken())
        self.carol = box.person(OPERATOR_ID, "Carol", username="carol", language_code=spoken())
        self.people = (self.alice, self.bob, self.carol)
        self.group = box.group(-1002003, _("Flat 3"), members=self.people)

    async def tell(self) -> None:
        """All of it, in order. Raises WentWrong."""
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            (_("Everybody presses Start"), self._start),
            (_("Carol, the operator, issues money"), self._issue),
            (_("Bob asks for money with a QR picture"), self._request),
            (_("Alice scans it and presses Pay twice; it is paid once"), self._scan),
            (_("Bob pays in the group; Carol presses his button first and is refused"), self._group_pay),
            (_("Bob has not enough money"), self._too_little),
            (_("What is in the books"), self._books),
        )
        for title, step in steps:
            self._terminal.title(title)
            await step()

    async def _start(self) -> None:
        for person in self.people:
            person.skip()
            await person.start()
            await self._expect(person, amount(Money(0, EUR)))

    async def _issue(self) -> None:
        self._skip()
        await self.carol.send(_("/issue 20 @alice for the start"))
        dialog = await self._expect(self.carol, _has_button, "a question with buttons")
        self._answered(self.carol, dialog, await (await self._press(self.carol, dialog)).answer())
        for person in (self.carol, self.alice):
            await self._expect(person, amount(Money(2000, EUR)))

    async def _request(self) -> None:
        self._skip()
        await self.bob.send(_("/request 5 coffee"))
        message = await self._expect(self.bob, lambda message: message.photo_bytes is not None, "a QR picture")
        self._asked, data = message, message.photo_bytes
        assert data is not None
        await asyncio.to_thread(self._picture.write_bytes, data)
        [self._link] = read_qr(data).texts
        self._aside(
            _("the picture of {count} bytes that the bot sent says {link}").format(
                count=format_decimal(len(data), locale=locale(spoken())), link=self._link
            )
        )
        self._aside(_("it is now in {file}").format(file=self._picture))

    async def _scan(self) -> None:
        self._skip()
        await self.alice.open(self._link)
        dialog = await self._expect(self.alice, _has_button, "a question with buttons")
        presses = [await self._press(self.alice, dialog) for _ in range(2)]
        for press in presses:
            self._answered(self.alice, dialog, await press.answer())
        receipt = await self._expect(self.alice, _has_receipt, "a receipt")
        told = await self._expect(self.bob, _has_receipt, "that Alice has paid")
        if (code := _receipt(receipt)) not in told.words:
            raise WentWrong(f"Alice and Bob were told different receipt codes: {code} is not in {told.words!r}.")
        if _has_button(self._asked):  # the request's own picture says so too, a moment later
            await self._expect(self.bob, lambda message: message is self._asked, "under the picture that it is paid")

    async def _group_pay(self) -> None:
        self._skip()
        await self.bob.send(_("/pay 2.50 @alice cinema"), chat=self.group)
        dialog = await self._expect(self.bob, _has_button, "a question with buttons", place=self.group)
        answer = await (await self._press(self.carol, dialog)).answer()
        self._answered(self.carol, dialog, answer)
        if not answer.text:
            raise WentWrong("Carol pressed Bob's button and was not told why nothing happens.")
        self._answered(self.bob, dialog, await (await self._press(self.bob, dialog)).answer())
        await self._expect(self.bob, _has_receipt, "a receipt", place=self.group)
        await self._expect(self.alice, amount(Money(250, EUR)))

    async def _too_little(self) -> None:
        self._skip()
        await self.bob.send(_("/pay 100 @alice a bicycle"))
        message = await self._expect(self.bob, "")
        if message.buttons:
            self._answered(self.bob, message, await (await self._press(self.bob, message)).answer())

    async def _books(self) -> None:
        self._skip()
        await self.alice.send("/history")
        await self._expect(self.alice, lambda message: _("coffee") in message.words, "Alice's history")
        await self.carol.send("/audit")
        await self._expect(self.carol, lambda message: "✅" in message.words, "that the books are sound")

    # -- saying and hearing ---------------------------------------------------------------------------------------

    def _skip(self) -> None:
        for person in self.people:
            person.skip()
            person.skip(chat=self.group)

    async def _expect(
        self, person: Person, wanted: Callable[[Message], bool] | str, what: str = "", *, place: Group | None = None
    ) -> Message:
        try:
            return await person.wait(wanted, chat=place)
        except TimeoutError as error:
            where = place.chat.raw["title"] if place else person.name
            raise WentWrong(f"In the chat {where!r} the bot did not say {what or wanted!r} in time.") from error

    def _aside(self, text: str) -> None:
        self._terminal.says(place_name(self.bob.private), "", f"↳ {text}", colour=YELLOW)

    async def _press(self, person: Person, message: Message) -> Press:
        button = message.buttons[0][0].text
        self._terminal.says(place_name(message.chat), person.name, _("presses [{button}]").format(button=button))
        return await person.press(message)

    def _answered(self, person: Person, message: Message, answer: Answer) -> None:
        words = _("↳ only {name} sees: {text}").format(name=person.name, text=answer.text)
        self._terminal.says(place_name(message.chat), "", words, colour=YELLOW)


def _has_button(message: Message) -> bool:
    return bool(message.buttons)


def _has_receipt(message: Message) -> bool:
    return RECEIPT.search(message.words) is not None


def _receipt(message: Message) -> str:
    """The receipt code in a message."""
    if (match := RECEIPT.search(message.words)) is not None:
        return match[0]
    raise WentWrong(f"There is no receipt code in {message.words!r}.")
