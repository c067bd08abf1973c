"""Two checkouts measured in turns: each is a process that stays, makes a round when it is its turn, and sleeps else.

What else runs on the machine changes from minute to minute, so only figures of the same round are compared: the paired
ratio of a figure is the median, and the lowest and highest, of now divided by before, round by round.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

NOW = Path(__file__).resolve().parents[2]

Figures = dict[str, float]


@contextmanager
def side(script: Path, checkout: Path, arguments: Sequence[str]) -> Iterator[Callable[[], Figures]]:
    """A process that runs a script of ours with the `wallet_core` of a checkout; what is given makes a round."""
    process = subprocess.Popen(
        [sys.executable, "-P", str(script), *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    asking, answers = process.stdin, process.stdout

    def a_round() -> Figures:
        asking.write("\n")
        asking.flush()
        line = answers.readline()
        assert line, f"{script.name} ended in {checkout}"
        figures: Figures = json.loads(line)
        return figures

    try:
        core = answers.readline().strip()
        assert Path(core).parents[1] == checkout, f"{core or 'nothing'} is not the core of {checkout}"
        yield a_round
    finally:
        asking.close()  # its end
        process.wait()


def in_turns(
    script: Path, before: Path | None, arguments: Callable[[str], Sequence[str]], *, rounds: int
) -> dict[str, list[Figures]]:
    """The rounds of `now`, and of `before` if there is one; who begins changes from round to round."""
    checkouts = {"now": NOW} if before is None else {"before": before.resolve(), "now": NOW}
    found: dict[str, list[Figures]] = {name: [] for name in checkouts}
    with ExitStack() as stack:
        sides = {
            name: stack.enter_context(side(script, checkout, arguments(name))) for name, checkout in checkouts.items()
        }
        for number in range(rounds):
            for name in list(sides) if number % 2 == 0 else reversed(list(sides)):
                print(f"\rround {number + 1} of {rounds}, {name}   ", end="", file=sys.stderr, flush=True)
                found[name].append(sides[name]())
    print(file=sys.stderr)
    return found


def median(found: dict[str, list[Figures]], side: str, figure: str) -> str:
    """Of the rounds; nothing when that side was not there."""
    return number(statistics.median(each[figure] for each in found[side])) if side in found else "-"


def paired(found: dict[str, list[Figures]], figure: str) -> str:
    """Now to before: the median of the rounds, the lowest and the highest."""
    if "before" not in found:
        return "-"
    ratios = sorted(now[figure] / before[figure] for now, before in zip(found["now"], found["before"], strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}..{ratios[-1]:.2f})"


def lowest(found: dict[str, list[Figures]], figure: str) -> tuple[str, str]:
    """The lowest of before and of now, and their ratio: what the figure is when nothing disturbs it."""
    best = [min(each[figure] for each in rounds) for rounds in found.values()]
    return " / ".join(map(number, best)), f"{best[-1] / best[0]:.2f}" if len(best) > 1 else "-"


def number(value: float) -> str:
    """As many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
