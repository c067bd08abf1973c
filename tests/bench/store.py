"""CPU time of a command in the store: `python -m tests.bench.store [--before CHECKOUT]`.

Batches of 64 commands go one after the other through the writer's thread into a file in memory, where that thread's CPU
time is counted: load, decide, write, commit; no callers, no disk, no collector. It tells what a noisy machine hides;
the lowest of many short rounds tells most, for whatever else runs only adds to it.

With `--before`, the code of another checkout takes turns.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench.turns import in_turns, lowest, median, paired

SIDE = Path(__file__).with_name("store_side.py")
COMMANDS = ("transfer", "make intent", "confirm", "make request", "pay request")
MEMORY = Path("/dev/shm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout of the code to compare with")
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--batch", type=int, default=64, help="commands in a transaction")
    parser.add_argument("--commands", type=int, default=1_024, help="of each kind in a round")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:

        def given(name: str) -> list[str]:
            (Path(folder) / name).mkdir()
            return [f"{folder}/{name}", str(arguments.batch), str(arguments.commands)]

        found = in_turns(SIDE, arguments.before, given, rounds=arguments.rounds)
    print(f"CPU µs a command, batches of {arguments.batch}, medians of {arguments.rounds} rounds in turns\n")
    print("| command | before | now | now / before, paired | lowest of each | their ratio |")
    print("|---|---|---|---|---|---|")
    for name in COMMANDS:
        cells = [name, median(found, "before", name), median(found, "now", name), paired(found, name)]
        print(f"| {' | '.join([*cells, *lowest(found, name)])} |")


if __name__ == "__main__":
    main()
