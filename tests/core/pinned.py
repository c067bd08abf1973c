"""What tests of PINs need: a storyteller who sets PINs and enters them, a press at a time, in every way to pay."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from typing import Any

from tests.core.story import Storyteller
from wallet_core import (
    BY_HAND,
    AskForPin,
    AskPinFor,
    ChangePin,
    ConfirmWithdrawal,
    EnterPin,
    Keypad,
    MakeGift,
    MakeWithdrawal,
    PinNeeded,
    PinOf,
    PressKey,
    SetPin,
    Tip,
)
from wallet_core.features.keypads_asked import EntryOf

presses = count()


def hashed(pin: str, salt: bytes) -> bytes:
    """As quick as a test wants it: the core compares what it is given."""
    return sha256(salt + pin.encode()).digest()


class Pinned(Storyteller):
    """Storyteller with PINs: `set ann 2468 5.00`, `prove ann 2468`, `wrong ann`."""

    needed: PinNeeded
    pad: Keypad

    async def press(self, pad: Keypad, digits: str, *, by: str | None = None) -> Keypad:
        person = pad.person.id if by is None else self.person(by)
        for digit in digits:
            token = None if digit == "<" else f"t{digit}"
            pad = await self.core.run(PressKey(code=pad.code, person=person, press=f"p{next(presses)}", token=token))
        return pad

    async def enter(self, pad: Keypad, pin: str, *, press: str | None = None, is_weak: bool = False) -> Keypad:
        """Press the digits, and then OK."""
        await self.press(pad, pin)
        entry = await self.core.ask(EntryOf(code=pad.code, person=pad.person.id))
        pin = "".join(token.removeprefix("t") for token in entry.entered.split())
        salt = b"s" * 16 if entry.stage != "old" else entry.salt
        return await self.core.run(
            EnterPin(
                code=pad.code, person=pad.person.id, press=press or f"p{next(presses)}", entered=entry.entered,
                salt=salt, hashed=None if salt is None else hashed(pin, salt), is_weak=is_weak,
            )
        )  # fmt: skip

    async def set(self, person: str, pin: str, above: str = "0") -> None:
        pad = await self.core.run(SetPin(person=self.person(person), above=self.amount(above)))
        pad = await self.enter(pad, pin)
        assert (await self.enter(pad, pin)).state == "done"

    def amount(self, text: str) -> Any:
        from wallet_core import Money

        return Money(0, self.core.rules.currency) if text == "0" else self.money(text)

    async def above(self, person: str, above: str) -> str:
        self.pad = await self.core.run(AskPinFor(person=self.person(person), above=self.amount(above)))
        return "asks" if isinstance(self.pad, Keypad) else "set"

    async def new(self, person: str, wanted: str) -> str:
        self.pad = await self.core.run(AskPinFor(person=self.person(person), for_new=wanted == "on"))
        return "asks" if isinstance(self.pad, Keypad) else "set"

    async def given(self, pin: str) -> str:
        self.pad = await self.enter(self.pad, pin)
        return self.pad.problem or self.pad.state

    async def change(self, person: str, then: str = "") -> None:
        self.pad = await self.core.run(ChangePin(person=self.person(person), remove=then == "remove"))

    async def has(self, person: str) -> str:
        pin = await self.core.ask(PinOf(self.person(person)))
        return "none" if pin.above is None else f"above {pin.above.number}{', new' if pin.is_for_new else ''}"

    async def prove(self, person: str, pin: str, key: str, amount: str) -> str:
        """As the bot does after PinNeeded: a keypad for that one wish, and the PIN."""
        wish = AskForPin(person=self.person(person), key=self.codes.get(key, key), amount=self.money(amount), wish="{}")
        pad = await self.enter(await self.core.run(wish), pin)
        return str(pad.problem or pad.state)

    async def tip(self, payer: str, payee: str, amount: str, key: str) -> Any:
        people = {"payer": self.person(payer), "payee": self.person(payee)}
        return await self.core.run(
            Tip(**people, amount=self.money(amount), key=key, spot=f"-1/0.{key[1:]}", chat="-1", ask_at="-1/0.9")
        )

    async def gift(self, giver: str, amount: str, key: str) -> Any:
        await self.core.run(MakeGift(giver=self.person(giver), amount=self.money(amount), key=key))

    async def withdrawal(self, person: str, amount: str, name: str) -> Any:
        wish = MakeWithdrawal(person=self.person(person), gateway=BY_HAND, amount=self.money(amount), key=name)
        self.codes[name] = (await self.core.run(wish)).code

    async def withdraw(self, person: str, name: str) -> Any:
        await self.core.run(ConfirmWithdrawal(code=self.codes[name], person=self.person(person)))

    async def due(self) -> None:
        """What the clerk would run now."""
        await self.core.run_due()
