"""Questions about PINs and their keypads, what an audit looks for, and what is cleared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, literal_column, or_, select

from wallet_core.features.agenda import unattended
from wallet_core.features.keypads import (
    KEYPAD,
    Keypad,
    KeypadOver,
    KeypadRow,
    KeypadState,
    NotYourKeypad,
    Stage,
    keypad_state,
    keypad_value,
    keypads,
)
from wallet_core.features.pins import PIN, Pin, PinRow, pin_value, pins
from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.errors import WalletNotFound
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, wallets
from wallet_core.ledger.sql import Check, Reader, Row, Statement, param
from wallet_core.ledger.values import PersonId, WalletKind

KEPT_FOR = timedelta(days=1)  # after their time: a press on an old one is told so

_PIN = Statement(
    select(*person_columns(people), *pins.columns)
    .select_from(people.outerjoin(pins, pins.c.person == people.c.id))
    .where(people.c.id == param("person"))
)
_KEYPAD = (
    select(*person_columns(people), pins.c.tries, pins.c.salt, *keypads.columns)
    .join_from(keypads, people, people.c.id == keypads.c.person)
    .outerjoin(pins, pins.c.person == keypads.c.person)
)
_BY_CODE = Statement(_KEYPAD.where(keypads.c.code == param("code")))
_OPEN_OF = Statement(
    _KEYPAD.where(
        keypads.c.person == param("person"),
        keypads.c.state == literal_column("'open'"),
        keypads.c.expires_at > param("now"),
    ).limit(literal_column("1"))
)


@dataclass(frozen=True, slots=True)
class PinOf:
    """Whether somebody has a PIN, and when they are asked for it. Raises WalletNotFound."""

    person: PersonId

    async def answer(self, read: Reader) -> Pin:
        """One row."""
        row = await read.row(_PIN, person=self.person)
        if row is None:
            raise WalletNotFound(who=self.person)
        pin = None if row[PERSON_WIDTH] is None else PinRow(*row[PERSON_WIDTH:])
        zero = Money(0, read.rules.currency)
        return pin_value(pin, person=person_of(row[:PERSON_WIDTH]), zero=zero, now_us=read.now_us)


@dataclass(frozen=True, slots=True)
class KeypadByCode:
    """The keypad. Raises KeypadOver when it is long gone."""

    code: str

    async def answer(self, read: Reader) -> Keypad:
        """One row, with its person."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise KeypadOver(KeypadState.EXPIRED)
        return _view(row, read)


@dataclass(frozen=True, slots=True)
class OpenKeypadOf:
    """The keypad that waits for somebody, if there is one."""

    person: PersonId

    async def answer(self, read: Reader) -> Keypad | None:
        """One row at most."""
        row = await read.row(_OPEN_OF, person=self.person)
        return None if row is None else _view(row, read)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands on a keypad, and the salt of the PIN that it is to be compared with."""

    entered: str
    stage: Stage
    salt: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOf:
    """What somebody has entered. Raises KeypadOver when it is long gone, NotYourKeypad."""

    code: str
    person: PersonId

    async def answer(self, read: Reader) -> Entry:
        """One row."""
        row = await read.row(_BY_CODE, code=self.code)
        if row is None:
            raise KeypadOver(KeypadState.EXPIRED)
        keypad, salt = KeypadRow(*row[PERSON_WIDTH + 2 :]), row[PERSON_WIDTH + 1]
        if keypad.person != self.person:
            raise NotYourKeypad
        is_open = keypad_state(keypad, read.now_us) is KeypadState.OPEN
        return Entry(keypad.entered if is_open else "", Stage(keypad.stage), None if salt is None else bytes(salt))


def _view(row: Row, read: Reader) -> Keypad:
    tries, keypad = row[PERSON_WIDTH] or 0, KeypadRow(*row[PERSON_WIDTH + 2 :])
    zero = Money(0, read.rules.currency)
    return keypad_value(keypad, person=person_of(row[:PERSON_WIDTH]), tries=tries, zero=zero, now_us=read.now_us)


# -- audit -------------------------------------------------------------------------------------------------------------

_other = keypads.alias("other")
AUDIT = (
    unattended(
        "the PIN of {} is locked, and nothing will end that", PIN, pins.c.person, pins.c.locked_until.is_not(None)
    ),
    Check(
        "the PIN of {} is of somebody without a wallet",
        select(pins.c.person)
        .outerjoin_from(
            pins, wallets, and_(wallets.c.owner == pins.c.person, wallets.c.kind == WalletKind.PERSON.value)
        )
        .where(wallets.c.id.is_(None))
        .order_by(pins.c.person),
    ),
    Check(
        "keypad {} asks for another PIN than it is for",
        select(keypads.c.code)
        .where(
            keypads.c.state == "open",
            or_(
                and_(keypads.c.purpose == "set", keypads.c.stage == "old"),
                and_(keypads.c.stage != "old", keypads.c.purpose.not_in(("set", "change"))),
            ),
        )
        .order_by(keypads.c.code),
    ),
    Check(
        "keypad {} is one of two that are open for one person",
        select(keypads.c.code)
        .join_from(keypads, _other, and_(_other.c.person == keypads.c.person, _other.c.code != keypads.c.code))
        .where(keypads.c.state == "open", _other.c.state == "open")
        .order_by(keypads.c.code),
    ),
)

CLEARED = (Clearing(KEYPAD, keypads.c.code, over=keypads.c.expires_at < param("before"), kept_for=KEPT_FOR),)
