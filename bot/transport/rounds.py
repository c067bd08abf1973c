"""The rounds of a gateway: it is asked about what waits, and what it says is booked. Twice is as once, all of it.

Nothing here is remembered over a restart: what is to be asked stands in the books.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.gateways import Away, Declined, Gateway, Reading, Report, Stray
from bot.log import get_log
from bot.transport.booked import Booked, book
from wallet_core import (
    CancelTopUp,
    Conflict,
    CoreStopped,
    GatewayBalance,
    GatewayBalances,
    Outcome,
    ReadTo,
    Refused,
    SendWithdrawal,
    SettleWithdrawal,
    StartTopUp,
    TopUp,
    TopUpByCode,
    TopUpNotFound,
    TopUpsStarted,
    TopUpState,
    TopUpsUnstarted,
    Unavailable,
    WalletCore,
    Withdrawal,
    WithdrawalsDue,
)

ANSWER_S = 15.0  # how long an answer of a gateway is waited for
LEASE = timedelta(seconds=60)  # nobody else asks about a withdrawal in the meantime
AGAIN_S, AGAIN_MAX_S = 5, 600  # until one that is not known yet is looked up again, doubled each time
AWAY_S, AWAY_MAX_S = 2.0, 60.0  # until a gateway that does not answer is asked again, doubled each time
STARTED_S = 3.0  # how long somebody who has pressed waits for the page
AT_A_TIME = 20
HINTS_MAX = 1_000
SETTLING_MAX = 3  # how often what has just moved is read once more
MISSED_MAX = 3  # answers, until the others are asked later as well
PAGES_MAX = 10_000  # of a gateway's list, at once
REST_S = 0.2  # between two looks into the books
LOOK_S = 5.0  # how long one sleeps at most: another process wakes nobody

log = get_log(__name__)


class Rounds:
    """What one gateway is asked, for the life of the process."""

    def __init__(self, core: WalletCore, gateway: Gateway) -> None:
        self._core, self.gateway = core, gateway
        self._hints: set[str] = set()
        self._awake: list[asyncio.Event] = []
        self._list_due_s = 0.0
        self._read_to: str | None = None  # as far as the list is booked
        self._strays: tuple[Stray, ...] = ()  # as found when the whole list was read last

    async def run(self) -> None:
        """Ask, again and again, until cancelled or the core has stopped."""
        steps = [self._looks]
        if self.gateway.starts:
            steps.append(self._starts)
        if self.gateway.is_asked and (self.gateway.pays_out or self.gateway.gives_back):
            steps.append(self._pay_outs)
        self._core.watch(self._wake)
        await asyncio.gather(*(self._loop(step) for step in steps))

    async def started(self, top_up: TopUp) -> TopUp:
        """The top-up with the page to pay at, if the gateway gives it at once; else the rounds ask on."""
        if not self.gateway.starts or top_up.page is not None or top_up.state is not TopUpState.WAITING:
            return top_up
        try:
            async with asyncio.timeout(STARTED_S):
                return await self._start(top_up)
        except (Away, TimeoutError):
            return top_up

    def look_soon(self, codes: Iterable[str]) -> None:
        """A hint that something has become of these; of very many at once the list tells."""
        for code in codes:
            if len(self._hints) < HINTS_MAX:
                self._hints.add(code)
            else:
                self._list_due_s = 0.0
        self._wake()

    async def reconcile(self, *, is_whole: bool) -> Report:
        """Book what is new in its list, and hold what it says that it holds against the books.

        `is_whole`: read from the beginning, and so find all that fits nothing.
        """
        try:
            booked, page = await self._read("" if is_whole else await self._cursor())
            for _ in range(SETTLING_MAX):
                ours = await self._ours()
                if ours is None or self._held(ours, page).differs is None:
                    break
                page = (await self._read(page.read_to))[1]  # something has moved in between
        except Away as error:
            log.warning("gateway_away", gateway=self.gateway.name, error=repr(error))
            return Report(self.gateway.name, await self._ours(), is_away=True)
        if is_whole:
            self._strays = tuple(booked.strays)
        found = self._held(ours, page)
        return replace(found, strays=self._strays, waiting=tuple(booked.waiting), new=booked.new)

    def _held(self, ours: GatewayBalance | None, page: Reading) -> Report:
        return Report(self.gateway.name, ours, page.balance, keeps_fees=self.gateway.keeps_fees)

    async def _ours(self) -> GatewayBalance | None:
        held = {each.name: each for each in await self._core.ask(GatewayBalances())}
        return held.get(self.gateway.name)

    # -- three things beside each other ---------------------------------------------------------------------------

    def _wake(self) -> None:
        for event in self._awake:
            event.set()

    async def _loop(self, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        awake, delay_s = asyncio.Event(), AWAY_S
        self._awake.append(awake)
        while True:
            awake.clear()
            pause_s = LOOK_S
            try:
                await step()
                delay_s = AWAY_S
            except CoreStopped:
                return
            except (Away, Unavailable) as error:
                if isinstance(error, Away):
                    log.warning("gateway_away", gateway=self.gateway.name, error=repr(error), again_s=delay_s)
                else:
                    log.warning("books_unavailable", gateway=self.gateway.name, reason=error.why, again_s=delay_s)
                await asyncio.sleep(delay_s)
                pause_s, delay_s = 0.0, min(AWAY_MAX_S, 2 * delay_s)
            except Exception:  # nothing would come in or go out any more
                log.exception("gateway_failed", gateway=self.gateway.name)
                await asyncio.sleep(AWAY_MAX_S)
            await asyncio.sleep(REST_S)
            try:
                async with asyncio.timeout(pause_s):
                    await awake.wait()
            except TimeoutError:
                pass

    # -- money is to come in --------------------------------------------------------------------------------------

    async def _starts(self) -> None:
        """Ask for the pages of those top-ups that have none. Raises Away."""
        await _each(await self._core.ask(TopUpsUnstarted(self.gateway.name)), self._start_one)

    async def _start_one(self, top_up: TopUp) -> None:
        async with _answering():
            await self._start(top_up)

    async def _start(self, top_up: TopUp) -> TopUp:
        try:
            page = await self.gateway.start(top_up)
        except Declined:
            try:
                return await self._core.run(CancelTopUp(code=top_up.code, person=top_up.made_by.id))
            except Conflict:
                return await self._core.ask(TopUpByCode(top_up.code))
        return await self._core.run(StartTopUp(code=top_up.code, page=page))

    # -- money has come in ----------------------------------------------------------------------------------------

    async def _looks(self) -> None:
        """Look up what was hinted at; now and then all that waits, and the list. Raises Away."""
        missed = await self._hinted_at()
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._list_due_s:
            await self._read(await self._cursor())
            self._hints -= missed.keys()  # whatever has become of them, the list has told
            missed.clear()
            found = await self._core.ask(TopUpsStarted(gateway=self.gateway.name))
            while found:
                await _each(found, self._look_up)
                found = await self._core.ask(TopUpsStarted(gateway=self.gateway.name, after=found[-1].code))
            self._list_due_s = now_s + self.gateway.look_every.total_seconds()
        if missed:
            raise next(iter(missed.values()))

    async def _hinted_at(self) -> dict[str, Away]:
        """Those for which there was no answer; they are hints still."""
        missed: dict[str, Away] = {}
        for code in tuple(self._hints):  # what is hinted at meanwhile is for the next time: the list has its turn
            self._hints.discard(code)
            try:
                await self._look_up(await self._core.ask(TopUpByCode(code)))
            except TopUpNotFound:
                self._list_due_s = 0.0
            except Unavailable:
                self._hints.add(code)
                raise
            except Away as error:
                self._hints.add(code)
                missed[code] = error
                if len(missed) >= MISSED_MAX:
                    break
        return missed

    async def _look_up(self, top_up: TopUp) -> None:
        if top_up.gateway == self.gateway.name:
            async with _answering():
                arrived = await self.gateway.look_up(top_up)
            await book(self._core, self.gateway.name, Reading(arrived=arrived))

    async def _cursor(self) -> str:
        if self._read_to is None:
            ours = await self._ours()
            self._read_to = "" if ours is None else ours.read_to
        return self._read_to

    async def _read(self, read_to: str) -> tuple[Booked, Reading]:
        """Book page after page; the place to read on from is kept as far as all before it is booked."""
        booked, is_kept = Booked(), read_to == self._read_to
        for _ in range(PAGES_MAX):
            async with _answering():
                page = await self.gateway.reconcile(read_to)
            booked.add(await book(self._core, self.gateway.name, page))
            is_kept = is_kept and booked.is_done
            if is_kept and page.read_to != self._read_to:
                await self._core.run(ReadTo(gateway=self.gateway.name, read_to=page.read_to))
                self._read_to = page.read_to
            if page.is_all or page.read_to == read_to:
                break
            read_to = page.read_to
        return booked, page

    # -- money goes out -------------------------------------------------------------------------------------------

    async def _pay_outs(self) -> None:
        """Have it pay what is due, and ask it again about what is not known."""
        while codes := await self._core.ask(WithdrawalsDue(gateway=self.gateway.name, limit=AT_A_TIME)):
            await asyncio.gather(*map(self._pay_out, codes))

    async def _pay_out(self, code: str) -> None:
        withdrawal = await self._core.run(SendWithdrawal(code=code, lease=LEASE))
        if withdrawal is None:
            return
        outcome, reference = await self._paid_out(withdrawal)
        again = timedelta(seconds=min(AGAIN_MAX_S, AGAIN_S * 2 ** min(withdrawal.attempts, 10)))
        try:
            await self._core.run(SettleWithdrawal(code=code, outcome=outcome, reference=reference, again=again))
        except Conflict as error:  # it ended otherwise in the meantime: reconciling shows it
            log.error("withdrawal_disagrees", gateway=self.gateway.name, code=code, outcome=outcome, error=repr(error))
        except Refused as error:  # no room for it in the wallet: it is asked about again once the lease is over
            log.warning("withdrawal_not_back", gateway=self.gateway.name, code=code, error=repr(error))

    async def _paid_out(self, withdrawal: Withdrawal) -> tuple[Outcome, str | None]:
        try:
            async with _answering():
                answer = await self.gateway.pay_out(withdrawal)
        except Away as error:
            log.warning("payout_unknown", gateway=self.gateway.name, code=withdrawal.code, error=repr(error))
            return Outcome.UNKNOWN, None
        except Exception:
            log.exception("payout_failed", gateway=self.gateway.name, code=withdrawal.code)
            return Outcome.UNKNOWN, None
        return answer.outcome, answer.reference


async def _each(top_ups: Iterable[TopUp], ask: Callable[[TopUp], Coroutine[Any, Any, None]]) -> None:
    """Ask about each: one for which there is no answer holds up no other. Raises Away if there was one."""
    missed: list[Away] = []
    for top_up in top_ups:
        try:
            await ask(top_up)
        except Away as error:
            missed.append(error)
            if len(missed) >= MISSED_MAX:
                break
    if missed:
        raise missed[-1]


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Wait for an answer, not for ever. Raises Away."""
    try:
        async with asyncio.timeout(ANSWER_S):
            yield
    except TimeoutError:
        raise Away("no answer") from None
