"""`python -m bot.sandbox.later SECONDS`: the bot as `run` starts it, but so many seconds later."""

from __future__ import annotations

import sys
from datetime import timedelta

from bot import log
from bot.cli import run_bot
from bot.settings import read_settings
from wallet_core import utc_now


def main(seconds: str) -> None:
    """Run until it is told to stop."""
    settings, later = read_settings(), timedelta(seconds=int(seconds))
    log.set_up(level=settings.log_level, json=settings.log_format == "json", secrets=settings.secrets)
    run_bot(settings, clock=lambda: utc_now() + later)


if __name__ == "__main__":
    main(sys.argv[1])
