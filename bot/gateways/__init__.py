"""Gateways: the ways in and out. What one must be able to do, and how one is written.

A gateway is one file of its name in this folder, with one class derived from `Gateway` that is called `GATEWAY` at its
end, a line in `NAMES`, its words in `bot/words/<name>.py` (a `WAYS` table, see `bot/words/ways.py`), its settings in
`bot/settings.py`, named in `needs`. The mock is the one to learn from.

What it need not do: it never touches the books. `bot/transport/rounds.py` asks it and books what it says, again and
again, after every restart, so everything here may be asked twice, and may fail: raise `Away` whenever the answer is
not known (no connection, a timeout, a 500, nonsense). That is neither yes nor no, and is asked again later.

- A gateway that can be **asked** (the mock, Lightning): `start` makes the payment outside with the top-up's code as
  the idempotency key and says where to pay; `look_up` says what has arrived for it; `pay_out` pays once for each code,
  and says what it knows when asked again; `reconcile` reads on in the list of all that has moved. A webhook of theirs
  is only a hint what to look up: `hear` checks it and gives the codes.
- One that **tells** by itself (Telegram's Stars): `start` makes the invoice; the handler of its update runs
  `BookArrival` with its reference; `look_up` has nothing to say, `reconcile` finds what was missed.
- One that a **statement** tells about (a bank): `is_asked = False`. A person carries the money; the handlers of its
  commands run `SendWithdrawal` and `SettleWithdrawal`, and `book` a `Reading` of the file (`bot/transport/rounds.py`).
- The **operator's hand**: not even started, the core knows it (`BY_HAND`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

from telegram.ext import ExtBot

from wallet_core import BankSays, GatewayBalance, Money, Outcome, TopUp, WalletCore, Withdrawal

NAMES = ("bank", "lightning", "mock", "operator", "stars", "telegram")  # each is a file of this folder


class Away(Exception):
    """It is not known what the gateway has done, or would say: neither yes nor no."""


class Declined(Exception):
    """The gateway has said no, and nothing will come of it."""


class BadHint(Exception):
    """A webhook that is not from the gateway, or too old."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money that has come in for the top-up of this code; `reference` is the gateway's own, of this one payment."""

    reference: str
    code: str
    amount: Money
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A chargeback: of what had arrived under `arrival`."""

    reference: str
    arrival: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What the gateway knows of the withdrawal of this code."""

    outcome: Outcome
    reference: str | None = None
    code: str = ""  # needed in a list only, as is the amount
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Stray:
    """Money that fits nothing of ours; `text` is whatever the gateway says of it."""

    reference: str
    amount: Money | None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page of the gateway's own list, oldest first; `read_to` is where to read on, in its own words."""

    arrived: tuple[Arrived, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    paid_out: tuple[PaidOut, ...] = ()
    strays: tuple[Stray, ...] = ()
    read_to: str = ""
    is_all: bool = True  # nothing stands behind
    balance: Money | None = None  # what it holds by its own word, if it says so


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway says that it holds, beside what it must hold by the books (None: it was never used)."""

    name: str
    ours: GatewayBalance | None
    theirs: Money | None = None  # None: it doesn't say
    strays: tuple[Stray, ...] = ()  # what fits nothing of ours
    waiting: tuple[Stray, ...] = ()  # what cannot be booked yet: for a frozen wallet, for one that is full
    new: int = 0
    is_away: bool = False  # it did not answer
    statement: BankSays | None = None  # what a bank's own files say; other money may be in the account too
    keeps_fees: bool = True  # see `Gateway`

    @property
    def left(self) -> Money | None:
        """What is there of the fees that were charged and did not cost as much; None if there is nothing."""
        if self.theirs is None or self.ours is None or self.keeps_fees:
            return None
        left_minor = min(self.theirs.minor - self.ours.holds.minor, self.ours.fees.minor)
        return Money(left_minor, self.theirs.currency) if left_minor > 0 else None

    @property
    def differs(self) -> Money | None:
        """By how much it says that there is more than there must be; None if it is the same, or not known.

        What is under way may be gone from there or not.
        """
        if self.theirs is None:
            return None
        most_minor = 0 if self.ours is None else self.ours.holds.minor
        least_minor = most_minor if self.ours is None else most_minor - self.ours.sent.minor
        over_minor = self.theirs.minor - (0 if self.left is None else self.left.minor)
        differs_minor = max(0, over_minor - most_minor) or min(0, over_minor - least_minor)
        return Money(differs_minor, self.theirs.currency) if differs_minor else None

    @property
    def is_sound(self) -> bool:
        """Whether nobody needs to hear of it."""
        return not self.is_away and self.differs is None and not self.strays and not self.waiting


class Gateway:
    """One way in and out, for the life of the process. Everything may be asked twice; see above."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()  # the settings without which it cannot be chosen
    takes_in: ClassVar[bool] = True  # whether /topup offers it
    pays_out: ClassVar[bool] = True  # whether /withdraw does
    starts: ClassVar[bool] = True  # whether `start` has something to say
    gives_back: ClassVar[bool] = False  # whether it gives single payments back, each to where it came from
    pays_once: ClassVar[bool] = False  # whether a target is paid by one withdrawal, ever: an invoice, a payment
    is_asked: ClassVar[bool] = True  # whether this machine has it pay out; else a person carries the money
    is_carried: ClassVar[bool] = False  # whether people in charge are told of what is to be paid out: they carry it
    keeps_fees: ClassVar[bool] = True  # whether what taking out costs is its own; else the rest of it is the operator's
    needs_target: ClassVar[bool] = False  # whether the person has to say where to pay out
    waits: ClassVar[timedelta | None] = None  # how long money may be under way to it; else as the rules say
    look_every: ClassVar[timedelta] = timedelta(seconds=20)  # how often what waits is looked up and the list is read

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        """Reach nothing yet. `settings` are the `Settings`."""

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Raises ValueError, with what is wrong of the settings given, each by its name in `Settings`."""

    def fee_in(self, amount: Money) -> Money | None:
        """What bringing in so much will cost, as far as it is known before: shown before the person pays."""

    def fee_out(self, amount: Money) -> Money | None:
        """What taking out so much costs besides: shown before the person confirms, and charged."""

    def is_target(self, text: str) -> bool:
        """Whether this looks like where to pay out through this gateway: an account, an invoice. See `needs_target`."""
        return False

    def target_of(self, text: str, amount: Money) -> str:
        """Where to pay out so much, read from what the person wrote behind it, in the form that is kept.

        Raises what has words: a WalletError, or one of `bot/words/mistakes.py`. At most 2,048 characters.
        """
        return text

    def bound(self, target: str, code: str) -> str:
        """How the target is kept of the withdrawal of this code, once it is confirmed; not of what `pays_once`.

        Raises what has words.
        """
        return target

    async def start(self, top_up: TopUp) -> str:
        """Where to pay for it, in the gateway's own words: an address, an invoice. Raises Away, Declined."""
        raise Away

    async def look_up(self, top_up: TopUp) -> tuple[Arrived, ...]:
        """What has arrived for it by now. Raises Away."""
        return ()

    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        """Pay it out once for its code; what was asked before (`attempts`) is looked up first. Raises Away.

        `Outcome.REFUSED` only if it is certain that nothing was paid, nor will be.
        """
        raise Away

    async def reconcile(self, read_to: str) -> Reading:
        """The next page of its list behind `read_to` ("" is the beginning). Raises Away."""
        return Reading(read_to=read_to)

    def hear(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[str, ...]:
        """The codes that a webhook says something about, to be looked up. Raises BadHint; here for none at all.

        `path` is what stands behind `/gateways/<name>/`; the names of headers are in lower case.
        """
        raise BadHint

    async def close(self) -> None:
        """Let go of connections."""


def kind_of(name: str) -> type[Gateway]:
    """The class of a gateway; only what is chosen is loaded. Raises ValueError for an unknown one."""
    if name not in NAMES:
        raise ValueError(f"expected {', '.join(NAMES)}, or nothing; not {name[:32]}")
    kind: type[Gateway] = import_module(f"{__name__}.{name}").GATEWAY
    return kind


def check_chosen(names: tuple[str, ...], settings: Mapping[str, Any]) -> None:
    """Raises ValueError with the first that is unknown or lacks a setting; a wrong setting has a line of its own."""
    kinds = [(name, kind_of(name)) for name in names]
    for name, kind in kinds:
        wanting = [each.upper() for each in kind.needs if each in settings and not settings[each]]
        if wanting:
            raise ValueError(f"{name} needs {', '.join(wanting)}")
        kind.check(settings)


def open_gateways(settings: Any, core: WalletCore, bot: ExtBot[int]) -> dict[str, Gateway]:
    """Those that were chosen, in their order."""
    return {name: kind_of(name)(settings, core, bot) for name in settings.gateways}
