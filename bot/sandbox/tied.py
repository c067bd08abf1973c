"""`python -m bot.sandbox.tied SECONDS`: the bot as `run` starts it, tied to the sandbox, and so many seconds later.

It ends at once when its standard input does: a sandbox that was killed leaves no bot behind that holds the books.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta

from bot import log
from bot.cli import run_bot
from bot.settings import read_settings
from wallet_core import utc_now


def main(seconds: str) -> None:
    """Run until it is told to stop, or nobody is there any more to tell it."""
    threading.Thread(target=_end_with_sandbox, daemon=True).start()
    settings, later = read_settings(), timedelta(seconds=int(seconds))
    log.set_up(level=settings.log_level, json=settings.log_format == "json", secrets=settings.secrets)
    run_bot(settings, clock=lambda: utc_now() + later)


def _end_with_sandbox() -> None:
    while os.read(0, 1):  # nothing is ever written
        pass
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
