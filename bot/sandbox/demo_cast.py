"""Who plays in the demo, and how they speak and listen: what does not come in time ends it."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.sandbox.box import Sandbox
from bot.sandbox.chats import Chat, Message
from bot.sandbox.demo_print import YELLOW, Terminal, place_name
from bot.sandbox.groups import Group
from bot.sandbox.people import Answer, Person, Press
from bot.words.language import gettext as _
from bot.words.language import spoken
from bot.words.wording import amount
from wallet_core import Money, currency

EUR = currency("EUR")
OPERATOR_ID = 1003

RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{13,25}\b", re.ASCII)  # a receipt code, in whatever language

Wanted = Callable[[Message], bool] | str


class WentWrong(Exception):
    """The conversation did not go as told; the text is a sentence."""


class Cast:
    """Alice, Bob, the treasurer Carol and their group."""

    def __init__(self, box: Sandbox, terminal: Terminal) -> None:
        self._terminal = terminal
        self.alice = box.person(1001, "Alice", username="alice", language_code=spoken())
        self.bob = box.person(1002, "Bob", username="bob", language_code=spoken())
        self.carol = box.person(OPERATOR_ID, "Carol", username="carol", language_code=spoken())
        self.people = (self.alice, self.bob, self.carol)
        self.group = box.group(-1002003, _("Flat 3"), members=self.people)

    def skip(self) -> None:
        """Whatever was said so far is no answer to what comes now."""
        for person in self.people:
            person.skip()
            person.skip(chat=self.group)

    async def start(self, person: Person) -> None:
        """Press Start, and have a wallet."""
        await person.start()
        await self.expect(person, amount(money(0)))

    async def expect(self, person: Person, wanted: Wanted, what: str = "", *, place: Group | None = None) -> Message:
        """What the bot says next that is wanted. Raises WentWrong."""
        try:
            return await person.wait(wanted, chat=place)
        except TimeoutError as error:
            where = place.chat.raw["title"] if place else person.name
            raise WentWrong(f"In the chat {where!r} the bot did not say {what or wanted!r} in time.") from error

    async def asked(self, person: Person, *, place: Group | None = None) -> Message:
        """The next question with buttons."""
        return await self.expect(person, has_button, "a question with buttons", place=place)

    async def see(self, message: Message, wanted: Callable[[Message], bool], what: str) -> None:
        """Wait until a message in the group is as wanted, if it is not already. Raises WentWrong."""
        if not wanted(message):
            await self.expect(
                self.alice, lambda changed: changed is message and wanted(changed), what, place=self.group
            )

    async def press(self, person: Person, message: Message, which: str = "") -> None:
        """Press the first button, or the one with these words, and hear what the bot answers."""
        await self.answered(person, message, await self.pressed(person, message, which))

    async def pressed(self, person: Person, message: Message, which: str = "") -> Press:
        """Press it, and don't listen yet."""
        button = which or message.buttons[0][0].text
        self._terminal.tells(place_name(message.chat), person.name, _("presses [{button}]").format(button=button))
        return await person.press(message, which or 0)

    async def answered(self, person: Person, message: Message, *presses: Press) -> list[Answer]:
        """What the bot answers to presses; what it says besides is read after it."""
        with self._terminal.held():
            try:
                answers = [await press.answer() for press in presses]
            except TimeoutError as error:
                raise WentWrong(f"{person.name} pressed a button, and the bot did not answer in time.") from error
            for answer in answers:
                if answer.text:
                    self.aside(message.chat, _("↳ only {name} sees: {text}").format(name=person.name, text=answer.text))
        return answers

    def aside(self, chat: Chat, text: str) -> None:
        """Something to know about it."""
        self._terminal.tells(place_name(chat), "", text, colour=YELLOW)


def money(minor: int) -> Money:
    """So many cents."""
    return Money(minor, EUR)


def has_button(message: Message) -> bool:
    """Whether it asks."""
    return bool(message.buttons)


def has_receipt(message: Message) -> bool:
    """Whether there is a receipt code in it."""
    return RECEIPT.search(message.words) is not None


def receipt_in(message: Message) -> str:
    """The receipt code in a message. Raises WentWrong."""
    if (match := RECEIPT.search(message.words)) is not None:
        return match[0]
    raise WentWrong(f"There is no receipt code in {message.words!r}.")
