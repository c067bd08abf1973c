"""When what could not be told is tried again, and how the core learns what became of it: of messages and of places."""

from __future__ import annotations

import asyncio

from bot.log import get_log
from wallet_core import Command, Unavailable, WalletCore

DELAY_S = 1.0  # doubled with every attempt
DELAY_MAX_S = 300.0
DOUBLED_MAX = 9  # times: then the delay is longer than the most
SETTLE_ATTEMPTS_MAX = 5  # then the lease ends, and it is told again

log = get_log(__name__)


def delay_s(attempts: int) -> float:
    """Until the next one."""
    return min(DELAY_MAX_S, DELAY_S * 2.0 ** min(attempts, DOUBLED_MAX))


async def settle(core: WalletCore, settled: Command[object], **what: object) -> None:
    """Say what became of it; `what` names it in the log."""
    for attempt in range(SETTLE_ATTEMPTS_MAX):
        try:
            await core.run(settled)
            break
        except Unavailable as error:
            log.warning("not_settled", error=type(error).__name__, **what)
            await asyncio.sleep(DELAY_S * attempt)
