"""`python -m bot.sandbox.moved FILE [tied]`: the real bot, its clock moved by what stands in the file.

It is a command of its own, so that `run` has no clock but this machine's, whatever its settings say. `tied`: it ends at
once when its standard input does, so that a sandbox that was killed leaves no bot behind that holds the books.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from bot.cli import main
from bot.sandbox.clock import MovedClock
from bot.streams import spoken


def _end_with_sandbox() -> None:
    while os.read(0, 1):  # nothing is ever written
        pass
    os._exit(1)


if __name__ == "__main__":
    if sys.argv[2:] == ["tied"]:
        threading.Thread(target=_end_with_sandbox, daemon=True).start()
    sys.exit(spoken(lambda: main(["run"], clock=MovedClock(Path(sys.argv[1])))))
