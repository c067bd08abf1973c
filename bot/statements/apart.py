"""Where a statement is made: a long one in a process of its own, for a thread's turns with the event loop are long.

A short one is not worth the second that a process takes to begin.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import bot
from bot.statements.making import Job, Made, make
from bot.words.statements import TooManyEntries
from wallet_core import WalletCore, WalletOf

SHORT_MAX = 4_000  # entries of a wallet: some 0.2 s
LASTS_MAX_S = 120.0  # the longest takes ten, on a machine that has nothing else to do
KEPT = (
    "PATH",
    "HOME",
    "LD_LIBRARY_PATH",
    "LANG",
    "TMPDIR",
)  # of the environment, besides PostgreSQL's
MODULES = Path(bot.__file__).resolve().parents[1]


class StatementLost(RuntimeError):
    """The process has ended without one; what is known of it is in the log."""


async def made_for(core: WalletCore, job: Job) -> Made:
    """A statement of these books. Raises WalletNotFound, TooManyEntries, StatementLost."""
    if (await core.ask(WalletOf(job.person))).version <= SHORT_MAX:
        async with core.apart() as ask:
            return await make(ask, job)
    made = await _made(job)
    if isinstance(made, TooManyEntries):
        raise made
    return made


async def _made(job: Job) -> Made | TooManyEntries:
    environment = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("PG")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.statements.served"),
        env={**environment, "PYTHONPATH": str(MODULES), "OPENBLAS_NUM_THREADS": "1"},
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        async with asyncio.timeout(LASTS_MAX_S):
            written, _ = await process.communicate(pickle.dumps(job))
    finally:
        if process.returncode is None:  # nobody waits for it any more
            process.kill()
            await process.wait()
    if process.returncode:
        raise StatementLost(f"status {process.returncode}")
    made: Made | TooManyEntries = await asyncio.to_thread(pickle.loads, written)  # our own process has written it
    return made
