"""What was entered is checked: hashed beside the event loop and outside of any transaction, compared inside of one.

Wrong tries are counted where they are compared, in the books: neither a restart nor a second process gives more.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from wallet_core.features.keypads import (
    DIGITS_MIN,
    EntryProblem,
    Keypad,
    KeypadOver,
    KeypadRow,
    KeypadState,
    Purpose,
    Stage,
    check_open,
    end_keypad,
    keypad_view,
    note_press,
    own_keypad,
)
from wallet_core.features.keypads_asked import EntryOf
from wallet_core.features.pin_resets import make_moot, need_resets
from wallet_core.features.pins import (
    HASH_BYTES,
    SALT_BYTES,
    PinRow,
    check_unlocked,
    drop_pin,
    forget_proof,
    note_wrong,
    prove,
)
from wallet_core.ledger.books import Books, Command
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.sql import Question
from wallet_core.ledger.values import PersonId

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1  # 32 MB and some 80 ms a PIN: OWASP's table of scrypt, second row
SCRYPT_BYTES_MAX = 64 * 1024 * 1024
HASHED_AT_ONCE = 2  # others wait their turn: 64 MB in all

T = TypeVar("T")

_hashers = ThreadPoolExecutor(HASHED_AT_ONCE, "pin")


class Core(Protocol):
    """What runs commands and answers questions: a WalletCore."""

    def run(self, command: Command[T]) -> Coroutine[Any, Any, T]:
        """The outcome."""

    def ask(self, question: Question[T]) -> Coroutine[Any, Any, T]:
        """The answer."""


async def enter_pin(core: Core, *, code: str, person: PersonId, press: str, read: Callable[[str], str]) -> Keypad:
    """The person has entered what stands on the keypad; `read` gives the digit of a token.

    Raises KeypadOver, NotYourKeypad, PayingLocked; what else is wrong stands on the keypad.
    """
    entry = await core.ask(EntryOf(code=code, person=person))
    pin = "".join(map(read, entry.entered.split()))
    salt = entry.salt if entry.stage is Stage.OLD else secrets.token_bytes(SALT_BYTES)
    hashed = None
    if salt is not None and len(pin) >= DIGITS_MIN and entry.stage is not Stage.NEW:
        hashed = await asyncio.get_running_loop().run_in_executor(_hashers, hash_of, pin, salt)
    return await core.run(
        EnterPin(
            code=code, person=person, press=press, entered=entry.entered, salt=salt, hashed=hashed, is_weak=is_weak(pin)
        )
    )


def hash_of(pin: str, salt: bytes) -> bytes:
    """What is kept of a PIN."""
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=SCRYPT_BYTES_MAX, dklen=HASH_BYTES
    )


def is_weak(pin: str) -> bool:
    """Whether it is among the first that anybody tries: one digit, or two in turn, a row up or down, a year."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_row = len(steps) <= 1 and steps <= {0, 1, 9}
    is_in_turn = all(pin[at] == pin[at % 2] for at in range(len(pin))) or pin == pin[: len(pin) // 2] * 2
    is_year = len(pin) == DIGITS_MIN and pin[:2] in ("19", "20")
    return is_row or is_in_turn or is_year or pin in _FIRST_TRIED


_FIRST_TRIED = frozenset(("2580", "0852", "1122", "1472", "147258", "159753", "112233", "123321", "1221", "123654"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPin:
    """What stands on a keypad is compared, or becomes the new PIN; `press` names the press: twice is as once.

    `entered` is what was hashed, with this salt: what changed meanwhile is not compared, and is no try.
    Raises KeypadOver, NotYourKeypad, PayingLocked.
    """

    code: str
    person: PersonId
    press: str
    entered: str
    salt: bytes | None
    hashed: bytes | None
    is_weak: bool

    def needs(self, needs: Needs) -> None:
        """The keypad, the PIN, and whether it is to be taken away."""
        needs.record(KeypadRow, code=self.code)
        need_resets(needs, self.person)
        needs.record(PinRow, person=self.person)

    def apply(self, books: Books) -> Keypad:
        """Compare it once."""
        row = own_keypad(books, self.code, self.person)
        if self.press in row.presses.split():
            return keypad_view(row, books)
        check_open(row, books)
        pin = books.find(PinRow, self.person)
        if pin is not None and pin.hash is not None:
            check_unlocked(pin, books)
        if row.purpose != Purpose.SET and (pin is None or pin.hash is None):  # it was taken away meanwhile
            raise KeypadOver(KeypadState.DROPPED)
        if row.purpose == Purpose.SET and pin is not None and pin.hash is not None:  # it was set meanwhile
            raise KeypadOver(KeypadState.DROPPED)
        # From here on it must succeed.
        note_press(row, self.press)
        books.changed(row)
        if row.entered != self.entered:
            return keypad_view(row, books)
        if len(row.entered.split()) < DIGITS_MIN:
            row.problem = EntryProblem.SHORT.value
        elif row.stage == Stage.OLD:
            assert pin is not None
            self._compare(books, row, pin)
        elif row.stage == Stage.NEW:
            self._choose(row)
        else:
            self._repeat(books, row, pin)
        return keypad_view(row, books)

    def _compare(self, books: Books, row: KeypadRow, pin: PinRow) -> None:
        row.entered, row.problem = "", None
        assert pin.hash is not None and pin.salt is not None
        if self.hashed is None or self.salt is None or bytes(pin.salt) != self.salt:
            return
        if not hmac.compare_digest(bytes(pin.hash), self.hashed):
            row.problem = EntryProblem.WRONG.value
            if note_wrong(pin, books):
                end_keypad(books, row, KeypadState.LOCKED)
            return
        pin.tries = 0
        books.changed(pin)
        if row.purpose == Purpose.CHANGE:
            row.stage = Stage.NEW.value
            return
        if row.purpose == Purpose.PAY:
            assert row.key is not None and row.value is not None
            prove(pin, key=row.key, minor=row.value, books=books)
        elif row.purpose == Purpose.REMOVE:
            drop_pin(pin, books)
            make_moot(books, self.person)
        elif row.purpose == Purpose.ABOVE:
            pin.above = row.value
        else:
            pin.is_for_new = 0
        end_keypad(books, row, KeypadState.DONE)

    def _choose(self, row: KeypadRow) -> None:
        if self.is_weak:
            row.entered, row.problem = "", EntryProblem.WEAK.value
        else:
            row.first, row.entered, row.problem, row.stage = row.entered, "", None, Stage.AGAIN.value

    def _repeat(self, books: Books, row: KeypadRow, pin: PinRow | None) -> None:
        """Tokens stand for digits, the same one for the same digit of one keypad."""
        if row.entered != row.first or self.hashed is None or self.salt is None:
            row.first = row.entered = ""
            row.problem, row.stage = EntryProblem.UNLIKE.value, Stage.NEW.value
            return
        if pin is None:
            pin = PinRow(self.person, None, None, None, 0, "", 0, None, None, None, None)
            books.add(pin)
        pin.salt, pin.hash = self.salt, self.hashed
        if row.purpose == Purpose.SET:
            pin.above, pin.is_for_new = row.value, 0
        pin.tries = 0
        forget_proof(pin)
        books.changed(pin)
        make_moot(books, self.person)
        row.problem = None
        end_keypad(books, row, KeypadState.DONE)
