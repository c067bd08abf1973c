"""Random wishes about PINs: a part of wishes.py."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

PIN_WEIGHTS = {"SetPin": 7, "AskForPin": 5, "ChangePin": 3, "AskPinFor": 4, "PressKey": 3, "EnterPin": 3,
               "DropKeypad": 2, "ResetPin": 4, "KeepPin": 2}  # fmt: skip
KEYPAD_CHANCE = 0.22  # that a batch is somebody at a keypad
WRONG_CHANCE = 0.3  # that what they enter is another PIN
TOKENS = ("t1", "t2", "t3", "t4", "t5", None)
PINS = ("t2 t4 t6 t8", "t1 t3 t5 t7 t9 t0")
UNKNOWN = "0000000000000000"


def hashed(pin: str, salt: bytes) -> bytes:
    """As quick as a campaign wants it: the core compares what it is given."""
    return sha256(salt + pin.encode()).digest()


class PinWishes:
    """What a wisher says about PINs, and enters."""

    chance: Any
    model: Any
    made: Any
    person: Any
    amount: Any
    key: Any
    place: Any
    in_charge: Any
    person_of: Any

    # -- parts of wishes

    def pad_code(self) -> str:
        """Mostly one that is open."""
        pads = self.model.keypads
        still = [code for code, pad in pads.items() if self.model.state(pad) == "open"][-4:]
        return str(self.chance.choice([*list(pads)[-6:], *still * 6, UNKNOWN]))

    def reset_code(self) -> str:
        return str(self.chance.choice([*list(self.model.pin_resets)[-4:] * 4, UNKNOWN]))

    def with_pin(self) -> str:
        """Mostly somebody who has one."""
        those = [person for person in self.model.pins if self.model.pin_of(person)]
        return str(self.chance.choice([*those * 4, self.person()]))

    def above(self) -> tuple[int, str]:
        usual = self.chance.choice((0, 4, 50, 399, 2_400, 6_000))
        return self.chance.choice(((usual, "EUR"),) * 12 + ((-1, "EUR"), (10**15 + 1, "EUR"), (5, "USD")))

    def press(self) -> str:
        return self.chance.choice((f"{self.chance.getrandbits(40):x}",) * 9 + ("again",))

    def pin_for(self, pad: Any) -> str:
        """What its person is likely to enter."""
        if pad.stage == "again":
            return " ".join(pad.first)
        pin = self.model.pin_of(pad.person)
        right = [each for each in PINS if pad.stage == "old" and pin and hashed(each, pin.salt) == pin.hash]
        return right[0] if right else str(self.chance.choice(PINS))

    def entering(self, pad: Any, entered: str) -> dict[str, Any]:
        """OK is pressed when this stands there, mostly with the salt that its person has."""
        pin = self.model.pin_of(pad.person)
        salt = pin.salt if pin and pad.stage == "old" else self.chance.randbytes(16) if entered else None
        if self.chance.random() < 0.05:
            salt = b"another salt 16."
        wish = {"code": pad.code, "person": pad.person, "press": self.press(), "entered": entered, "salt": salt}
        is_weak = pad.stage != "old" and self.chance.random() < 0.1
        return {**wish, "hashed": salt and hashed(entered, salt), "is_weak": is_weak}

    def at_a_keypad(self) -> list[dict[str, Any]]:
        """Somebody presses what is missing, and OK; then what was to be paid is tried again, at once or later."""
        pads = [pad for pad in self.model.keypads.values() if self.model.state(pad) == "open"][-4:]
        if not pads:
            return self.proven()
        pad = self.chance.choice(pads)
        pin = self.pin_for(pad)
        if self.chance.random() < WRONG_CHANCE:
            pin = self.chance.choice((*PINS, "t1 t1", "t1 t1 t1 t1"))
        tokens = [None] * len(pad.entered) + pin.split()
        key = {"do": "PressKey", "code": pad.code, "person": pad.person}
        wishes = [{**key, "press": f"{self.chance.getrandbits(40):x}", "token": token} for token in tokens]
        wishes.append({"do": "EnterPin", **self.entering(pad, pin)})
        return wishes + self.waiting_for(pad.key) if self.chance.random() < 0.6 else wishes

    def proven(self) -> list[dict[str, Any]]:
        """What the PIN was given for."""
        return [wish for pin in self.model.pins.values() if pin.proof for wish in self.waiting_for(pin.proof[0])][:2]

    def waiting_for(self, key: str | None) -> list[dict[str, Any]]:
        return [wish for wish, wanted, _ in self.model.pin_wanted[-12:] if wanted == key][-1:]

    # -- the commands

    def SetPin(self) -> dict[str, Any]:
        return {"person": self.person(), "above": self.above()}

    def AskForPin(self) -> dict[str, Any]:
        """Mostly for what was refused for want of it."""
        wanted = [(wish, key, minor) for wish, key, minor in self.model.pin_wanted[-4:] if key]
        if wanted and self.chance.random() < 0.85:
            wish, key, minor = self.chance.choice(wanted)
            return {"person": self.owner_of(wish), "key": key, "amount": (minor, "EUR"), "wish": "{}"}
        return {"person": self.with_pin(), "key": self.key(), "amount": self.amount(), "wish": "{}"}

    def owner_of(self, wish: dict[str, Any]) -> str:
        """Who wants to pay."""
        payer = wish.get("payer") or wish.get("person") or wish.get("giver")
        return str(self.model.wallets[payer].owner if isinstance(payer, int) else payer)

    def ChangePin(self) -> dict[str, Any]:
        return {"person": self.with_pin(), "remove": self.chance.random() < 0.5}

    def AskPinFor(self) -> dict[str, Any]:
        above = self.chance.choice((None, self.above()))
        return {"person": self.with_pin(), "above": above, "for_new": self.chance.choice((None, True, True, False))}

    def PressKey(self) -> dict[str, Any]:
        code = self.pad_code()
        person = self.person_of(self.model.keypads, code, "person")
        return {"code": code, "person": person, "press": self.press(), "token": self.chance.choice(TOKENS)}

    def EnterPin(self) -> dict[str, Any]:
        """What stands there, or did once."""
        code = self.pad_code()
        if code not in self.model.keypads:
            nothing = {"salt": None, "hashed": None, "is_weak": True}
            return {"code": code, "person": self.person(), "press": self.press(), "entered": "", **nothing}
        pad = self.model.keypads[code]
        entered = " ".join(pad.entered) if self.chance.random() < 0.8 else self.chance.choice(PINS)
        return {**self.entering(pad, entered), "person": self.person_of(self.model.keypads, code, "person")}

    def DropKeypad(self) -> dict[str, Any]:
        code = self.pad_code()
        return {"code": code, "person": self.person_of(self.model.keypads, code, "person")}

    def PlaceKeypad(self) -> dict[str, Any]:
        return {"code": self.pad_code(), **self.place()}

    def EndPinLock(self) -> dict[str, Any]:
        """As EndRequest."""
        return {"person": self.with_pin()}

    def ResetPin(self) -> dict[str, Any]:
        return {"by": self.in_charge(), "person": self.with_pin()}

    def KeepPin(self) -> dict[str, Any]:
        code = self.reset_code()
        return {"code": code, "person": self.person_of(self.model.pin_resets, code, "person")}

    def PlaceReset(self) -> dict[str, Any]:
        return {"code": self.reset_code(), **self.place()}

    def TakePinAway(self) -> dict[str, Any]:
        """As EndRequest."""
        return {"code": self.reset_code()}
