"""A withdrawal begun without saying where to: the next words say it, once, and nothing is asked for ever."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.cashier import OTHER, Cashier
from tests.core.story import OPERATOR, Clock, story
from wallet_core import (
    BeginWithdrawal,
    DropMoves,
    Rules,
    SayTarget,
    WalletCore,
    WithdrawalBegunBy,
    WithdrawalByCode,
    currency,
)

EUR = currency("EUR")
BANK = "bank"


class Taker(Cashier):
    """Cashier who is asked where to; a question is called by its key."""

    async def begin(self, person: str, amount: str, key: str, gateway: str = BANK) -> Any:
        wish = BeginWithdrawal(person=self.person(person), gateway=gateway, amount=self.money(amount), key=key)
        return str((await self.core.run(wish)).state)

    async def say(self, person: str, begun: str, amount: str, target: str, key: str, gateway: str = BANK) -> Any:
        wish = SayTarget(
            begun=begun, person=self.person(person), gateway=gateway, amount=self.money(amount), target=target, key=key
        )
        made = await self.core.run(wish)
        self.codes[key] = made.code
        return f"{made.state}, {made.total.number} to {made.target}"

    async def asked(self, person: str) -> str:
        begun = await self.core.ask(WithdrawalBegunBy(self.person(person)))
        return "nothing" if begun is None else f"{begun.key} {begun.state}, {begun.amount.number}"

    async def drop(self, person: str) -> str:
        dropped = (await self.core.run(DropMoves(person=self.person(person)))).begun
        return "nothing" if dropped is None else dropped.amount.number


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), withdrawals_open_max=2, transfer_max_minor=5_000)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Taker:
    """Ann has 100.00, Bob nothing."""
    made = Taker(core, clock)
    await made.tell("open operator\nopen ann\nopen bob\nissue ann 50.00 k\nissue ann 50.00 l")
    return made


async def test_where_to_is_asked_once_and_the_first_answer_counts_once(teller: Taker) -> None:
    await story(
        teller,
        """
        asked   ann                          -> nothing
        begin   ann 20.00 q                  -> open
        begin   ann 20.00 q                  -> open
        say     bob q 20.00 DE02 a           -> WithdrawalNotOpen (cancelled)
        say     ann p 20.00 DE02 a           -> WithdrawalNotOpen (cancelled)
        say     ann q 30.00 DE02 a           -> WithdrawalNotOpen (cancelled)
        say     ann q 20.00 DE02 a net       -> WithdrawalNotOpen (cancelled)
        say     ann q 20.00 DE02 a           -> open, 20.00 to DE02
        say     ann q 20.00 DE02 a           -> open, 20.00 to DE02
        say     bob q 20.00 DE02 a           -> KeyReused
        say     ann q 20.00 DE02 b           -> WithdrawalNotOpen (answered)
        begin   ann 20.00 q                  -> answered
        asked   ann                          -> q answered, 20.00
        confirm-withdrawal ann a             -> ok
        balance ann                          -> 80.00""",
    )


async def test_the_newest_question_counts_and_what_comes_again_asks_nothing_anew(teller: Taker) -> None:
    await story(
        teller,
        """
        begin   ann 20.00 q                  -> open
        say     ann q 20.00 DE02 q           -> open, 20.00 to DE02
        begin   ann 30.00 r                  -> open
        begin   ann 20.00 q                  -> answered
        say     ann q 20.00 DE02 q           -> open, 20.00 to DE02
        asked   ann                          -> r open, 30.00
        begin   ann 10.00 s                  -> open
        say     ann r 30.00 DE02 b           -> WithdrawalNotOpen (cancelled)
        say     ann s 10.00 DE02 b           -> open, 10.00 to DE02""",
    )


async def test_a_question_is_asked_only_if_the_money_could_go_and_ends_by_itself_or_by_a_word(teller: Taker) -> None:
    await story(
        teller,
        """
        begin   bob 20.00 q                  -> InsufficientFunds
        begin   cid 20.00 q                  -> WalletNotFound
        begin   ann 60.00 q                  -> LimitExceeded (transfer_max)
        asked   ann                          -> nothing
        drop    ann                          -> nothing
        begin   ann 20.00 q                  -> open
        drop    ann                          -> 20.00
        drop    ann                          -> nothing
        asked   ann                          -> q cancelled, 20.00
        say     ann q 20.00 DE02 a           -> WithdrawalNotOpen (cancelled)
        begin   ann 20.00 r                  -> open
        seconds 864000                       -> ok
        asked   ann                          -> r expired, 20.00
        say     ann r 20.00 DE02 a           -> WithdrawalNotOpen (expired)
        drop    ann                          -> nothing
        withdraw ann 1.00 x                  -> open
        withdraw ann 1.00 y                  -> open
        begin   ann 20.00 s                  -> LimitExceeded (withdrawals_open_max)""",
    )


async def test_what_is_refused_leaves_it_asked_and_the_target_stands_with_the_withdrawal_alone(
    teller: Taker, core: WalletCore, tmp_path: Path
) -> None:
    await story(
        teller,
        """
        begin   ann 50.00 q                  -> open
        withdraw ann 1.00 x                  -> open
        withdraw ann 2.00 y                  -> open
        say     ann q 50.00 DE02 a           -> LimitExceeded (withdrawals_open_max)
        cancel-withdrawal ann x              -> cancelled
        asked   ann                          -> q open, 50.00
        say     ann q 50.00 DE02secret a     -> open, 50.00 to DE02secret""",
    )
    assert (await core.ask(WithdrawalByCode(teller.code("a")))).target == "DE02secret"
    with closing(sqlite3.connect(tmp_path / "books.db")) as books:
        [row] = books.execute("SELECT * FROM withdrawals_begun").fetchall()
    assert "secret" not in str(row)


async def test_it_is_cleared_a_month_after_its_time(teller: Taker, core: WalletCore, clock: Clock) -> None:
    await teller.tell("begin ann 20.00 q")
    clock.now += timedelta(days=32)
    assert await core.clear() >= 1
    assert await teller.asked("ann") == "nothing"
