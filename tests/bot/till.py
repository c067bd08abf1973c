"""The core as the rounds of a gateway meet it, in memory, and a gateway that says what the test wants."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.gateways import Arrived, Gateway, PaidOut, Reading
from bot.transport.rounds import Rounds
from tests.bot.instant import now
from tests.bot.outbox import ANN, EUR, person
from wallet_core import (
    BookArrival,
    CancelTopUp,
    CoreStopped,
    GatewayBalance,
    GatewayBalances,
    Money,
    Outcome,
    ReadTo,
    SendWithdrawal,
    SettleWithdrawal,
    StartTopUp,
    TopUp,
    TopUpByCode,
    TopUpNotFound,
    TopUpsStarted,
    TopUpState,
    TopUpsUnstarted,
    Withdrawal,
    WithdrawalsDue,
    WithdrawalState,
)

ZERO, FIVE = Money(0, EUR), Money(500, EUR)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def top_up(code: str, *, page: str | None = "page", gateway: str = "net", **more: Any) -> TopUp:
    usual = TopUp(
        code=code, person=person(ANN), made_by=person(ANN), gateway=gateway, amount=FIVE, arrivals=0, received=ZERO,
        page=page, state=TopUpState.WAITING, ended_by=None, expires_at=LATER,
    )  # fmt: skip
    return replace(usual, **more)


def withdrawal(code: str, attempts: int = 0) -> Withdrawal:
    return Withdrawal(
        code=code, person=person(ANN), gateway="net", amount=FIVE, fee=ZERO, state=WithdrawalState.HELD,
        ended_by=None, attempts=attempts, expires_at=LATER,
    )  # fmt: skip


@dataclass
class Till:
    """What is to come in and go out through "net", and what was said of it when."""

    top_ups: dict[str, TopUp] = field(default_factory=dict)
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)  # withdrawals, when
    holds: Money | None = None  # None: it was never used
    read_to: str = ""
    booked: list[str] = field(default_factory=list)  # references
    said: list[tuple[float, Any]] = field(default_factory=list)
    fails: defaultdict[type, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    has_stopped: bool = False
    watchers: list[Callable[[], None]] = field(default_factory=list)

    def put(self, *found: TopUp | Withdrawal) -> None:
        """And nobody is woken: another process has."""
        for each in found:
            if isinstance(each, TopUp):
                self.top_ups[each.code] = each
            else:
                self.withdrawals[each.code], self.due[each.code] = each, 0.0

    def watch(self, watcher: Callable[[], None]) -> None:
        self.watchers.append(watcher)

    def changed(self) -> None:
        for watcher in self.watchers:
            watcher()

    def of(self, *kinds: type) -> list[tuple[float, Any]]:
        return [(at, each) for at, each in self.said if isinstance(each, kinds)]

    def at(self, kind: type) -> list[float]:
        return [at for at, _ in self.of(kind)]

    async def ask(self, question: Any) -> Any:
        await self._said(question)
        match question:
            case GatewayBalances():
                other = GatewayBalance("other", FIVE, ZERO, ZERO, ZERO, ZERO, "elsewhere", ZERO)
                held = (
                    [] if self.holds is None else [replace(other, name="net", holds=self.holds, read_to=self.read_to)]
                )
                return (other, *held)
            case TopUpByCode(code=code):
                if code not in self.top_ups:
                    raise TopUpNotFound(code)
                return self.top_ups[code]
            case TopUpsUnstarted():
                return tuple(each for each in self.top_ups.values() if each.page is None and self._waits(each))
            case TopUpsStarted(after=after):
                return tuple(each for each in self.top_ups.values() if each.page is not None and each.code > after)[:2]
            case WithdrawalsDue(limit=limit):
                return tuple(code for code, at in self.due.items() if at <= now())[:limit]
        raise AssertionError(question)

    @staticmethod
    def _waits(each: TopUp) -> bool:
        return each.state is TopUpState.WAITING and each.gateway == "net"

    async def run(self, command: Any) -> Any:
        await self._said(command)
        match command:
            case StartTopUp(code=code, page=page):
                return self._change(code, page=page)
            case CancelTopUp(code=code):
                return self._change(code, state=TopUpState.CANCELLED)
            case ReadTo(read_to=read_to):
                self.read_to = read_to
            case BookArrival(reference=reference):
                is_repeat = reference in self.booked
                self.booked += [reference] * (not is_repeat)
                return SimpleNamespace(is_repeat=is_repeat)
            case SendWithdrawal(code=code, lease=lease):
                if code not in self.due or self.due[code] > now():
                    return None
                self.due[code] = now() + lease.total_seconds()
                before = self.withdrawals[code]
                self.withdrawals[code] = replace(before, attempts=before.attempts + 1)
                return before
            case SettleWithdrawal(code=code, outcome=outcome, again=again):
                if outcome is Outcome.UNKNOWN:
                    self.due[code] = now() + again.total_seconds()
                else:
                    del self.due[code]
        return None

    def _change(self, code: str, **more: Any) -> TopUp:
        self.top_ups[code] = replace(self.top_ups[code], **more)
        return self.top_ups[code]

    async def _said(self, what: Any) -> None:
        await asyncio.sleep(0)
        self.said.append((round(now(), 3), what))
        if self.has_stopped:
            raise CoreStopped("x")
        if self.fails[type(what)]:
            raise self.fails[type(what)].pop(0)


class Net(Gateway):
    """Notes what it is asked. `says` by code, or by where a page begins: an answer, an exception, or seconds before."""

    name = "net"
    look_every = timedelta(seconds=20)

    def __init__(self) -> None:
        self.says: defaultdict[str, list[Any]] = defaultdict(list)
        self.asked: list[tuple[float, str, str]] = []
        self.balance: Money | None = None

    async def _answer(self, what: str, about: str, usual: Any) -> Any:
        self.asked.append((round(now(), 3), what, about))
        answer = self.says[about].pop(0) if self.says[about] else usual
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = usual
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def start(self, top_up: TopUp) -> str:
        return str(await self._answer("start", top_up.code, f"page of {top_up.code}"))

    async def look_up(self, top_up: TopUp) -> tuple[Arrived, ...]:
        return tuple(await self._answer("look up", top_up.code, ()))

    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        found = await self._answer("pay out", withdrawal.code, PaidOut(Outcome.DONE, f"po of {withdrawal.code}"))
        assert isinstance(found, PaidOut)
        return found

    async def reconcile(self, read_to: str) -> Reading:
        found = await self._answer("list", read_to, Reading(read_to=read_to, balance=self.balance))
        assert isinstance(found, Reading)
        return found

    def at(self, what: str, about: str | None = None) -> list[float]:
        return [at for at, asked, whom in self.asked if asked == what and about in (None, whom)]

    def whom(self, what: str) -> list[str]:
        return [whom for _, asked, whom in self.asked if asked == what]


def rounds_of(till: Till, net: Gateway) -> Rounds:
    core: Any = till
    return Rounds(core, net)


@asynccontextmanager
async def going(till: Till, net: Gateway) -> AsyncIterator[tuple[Rounds, "asyncio.Task[None]"]]:
    """The rounds, for as long as the block."""
    rounds = rounds_of(till, net)
    running = asyncio.create_task(rounds.run())
    yield rounds, running
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
