"""PINs against a reader's own small model: whoever pays, proves, waits and guesses in whatever order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.pinned import Pinned
from tests.core.story import OPERATOR, Clock
from tests.fresh import begin_books
from wallet_core import Rules, WalletCore, WalletError, currency

KEYS, CENTS = ("k1", "k2"), (100, 500, 501, 900)
MOVES = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(KEYS), st.sampled_from(CENTS)),
    st.tuples(st.just("prove"), st.sampled_from(KEYS), st.sampled_from(CENTS)),
    st.tuples(st.just("guess"), st.sampled_from(KEYS), st.sampled_from(CENTS)),
    st.tuples(st.just("above"), st.just(""), st.sampled_from((0, 400, 500))),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((1, 3, 30, 60))),
)


class Model:
    """What the design says, in minutes and cents."""

    def __init__(self) -> None:
        self.now, self.above, self.tries, self.locked, self.paid = 0, 500, 0, -1, dict[str, int]()
        self.proof: tuple[str, int, int] = ("", 0, -1)

    def pay(self, key: str, minor: int) -> str:
        if key in self.paid:
            return "ok" if self.paid[key] == minor else "KeyReused"
        if self.now < self.locked:
            return "PayingLocked"
        known, amount, until = self.proof
        if minor > self.above and not (known == key and amount == minor and self.now < until):
            return "PinNeeded"
        if known == key:
            self.proof = ("", 0, -1)
        self.paid[key] = minor
        return "ok"

    def prove(self, key: str, minor: int) -> str:
        if self.now < self.locked:
            return "PayingLocked"
        self.tries, self.proof = 0, (key, minor, self.now + 3)
        return "done"

    def guess(self, key: str, minor: int) -> str:
        if self.now < self.locked:
            return "PayingLocked"
        self.tries += 1
        if self.tries == 3:
            self.tries, self.locked, self.proof = 0, self.now + 60, ("", 0, -1)
        return "wrong"

    def lower(self, key: str, minor: int) -> str:
        if self.now < self.locked:
            return "PayingLocked"
        if minor > self.above:
            return "asks"
        self.above = minor
        return "set"


async def act(told: Pinned, move: str, key: str, minor: int) -> str:
    """The same to the core; what comes of it, in a word."""
    amount = "0" if minor == 0 else f"{minor // 100}.{minor % 100:02}"
    wishes: dict[str, Any] = {
        "pay": lambda: told.transfer("ann", "bob", amount, key),
        "prove": lambda: told.prove("ann", "2468", key, amount),
        "guess": lambda: told.prove("ann", "1357", key, amount),
        "above": lambda: told.above("ann", amount),
    }
    try:
        outcome = await wishes[move]()
    except WalletError as refusal:
        return type(refusal).__name__
    return outcome if isinstance(outcome, str) else "ok"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOVES, min_size=4, max_size=25))
def test_no_order_of_payments_proofs_guesses_and_waiting_gives_more_than_the_model(moves: list[Any]) -> None:
    async def play(folder: str) -> None:
        clock, model = Clock(), Model()
        rules = Rules(currency("EUR"), operators=frozenset({OPERATOR}))
        url = begin_books(Path(folder) / "books.db", rules.currency)
        async with WalletCore.session(url, rules=rules, clock=clock) as core:
            told = Pinned(core, clock)
            await told.tell("open ann\nopen bob\nissue ann 100.00 first\nset ann 2468 5.00")
            for move, key, minor in moves:
                if move == "wait":
                    clock.now += timedelta(minutes=minor)
                    model.now += minor
                    continue
                expected = {"pay": model.pay, "prove": model.prove, "guess": model.guess, "above": model.lower}[move]
                assert await act(told, move, key, minor) == expected(key, minor), (move, key, minor)
            assert await told.balance("bob") == f"{sum(model.paid.values()) / 100:.2f}"
            assert await told.audit() == "sound"

    with TemporaryDirectory() as folder:
        asyncio.run(play(folder))
