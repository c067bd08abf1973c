"""`python -m bot.sandbox.moved FILE`: the real bot, its clock moved by what stands in the file.

It is a command of its own, so that `run` has no clock but this machine's, whatever its settings say.
"""

import sys
from pathlib import Path

from bot.cli import main
from bot.sandbox.clock import MovedClock

if __name__ == "__main__":
    sys.exit(main(["run"], clock=MovedClock(Path(sys.argv[1]))))
