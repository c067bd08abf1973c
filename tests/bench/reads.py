"""What looking costs: `python -m tests.bench.reads [--before CHECKOUT]`.

A balance, an overview and the first page of a history, asked by one caller and by 32 at once, and a balance while 64
callers pay: on SQLite, and on a PostgreSQL of its own. With `--before`, the code of another checkout takes turns.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench.turns import Figures, in_turns, median, paired
from tests.campaigns.bank import postgresql

SIDE = Path(__file__).with_name("reads_side.py")
FIGURES = ("p50", "p99", "cpu", "rate")
COLUMNS = (
    *("µs p50", "p99", "CPU", "a second"),
    *("before: µs p50", "p99", "CPU", "a second"),
    *("ratio of p50", "of CPU", "of rate"),
)


def print_table(found: dict[str, list[Figures]]) -> None:
    print(f"| question | {' | '.join(COLUMNS)} |")
    print("|" + "---|" * (len(COLUMNS) + 1))
    for name in dict.fromkeys(figure.partition(": ")[0] for figure in found["now"][0]):
        cells = [median(found, side, f"{name}: {each}") for side in ("now", "before") for each in FIGURES]
        ratios = [paired(found, f"{name}: {each}") for each in ("p50", "cpu", "rate")]
        print(f"| {' | '.join([name, *cells, *ratios])} |")


def measured(database: str, arguments: argparse.Namespace) -> dict[str, list[Figures]]:
    """Every question, in turns, on a database for each side."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def given(name: str) -> list[str]:
            sqlite = f"sqlite+aiosqlite:///{folder / name}.db"
            url = sqlite if database == "SQLite" else stack.enter_context(postgresql())
            return [url, str(arguments.seconds)]

        return in_turns(SIDE, arguments.before, given, rounds=arguments.rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout of the code to compare with")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement in a round")
    arguments = parser.parse_args()
    for database in ("SQLite", "PostgreSQL"):
        found = measured(database, arguments)
        print(f"\n{database}, medians of {arguments.rounds} rounds in turns; ratios are now / before, paired\n")
        print_table(found)


if __name__ == "__main__":
    main()
