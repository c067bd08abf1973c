"""Makes one statement: `bot/statements/apart.py` starts it, says which on stdin and reads it from stdout, pickled.

It reads the books on a connection of its own; the bot itself goes first.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys

from bot.statements.making import Job, Made, make
from bot.words.language import speak
from bot.words.statements import TooManyEntries
from wallet_core import ask_beside, utc_now

NICENESS = 10
MEMORY_BYTES_MAX = 1024 * 1024 * 1024  # the longest takes a third


def confine() -> None:
    """An end to its memory: rather this process than the machine."""
    import resource  # there is none on Windows, where the bot cannot run

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def made(job: Job) -> Made | TooManyEntries:
    """The statement, or why there is none."""
    speak(own=job.language, house=job.language, zone=job.zone, privately=True)
    async with ask_beside(job.url, rules=job.rules, clock=utc_now) as ask:
        try:
            return await make(ask, job)
        except TooManyEntries as refusal:
            return refusal


def main() -> None:
    """One, and it ends. When the bot has ended, nobody takes what it writes, and it ends as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bot's
    os.nice(NICENESS)
    confine()
    job = pickle.load(sys.stdin.buffer)  # from the bot alone
    pickle.dump(asyncio.run(made(job)), sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
