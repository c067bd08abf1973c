"""What mutation testing found untested: each test kills mutants that had survived (`python -m tests.mutate`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.drive import PlainRules, command_of
from tests.faults import open_wallet
from wallet_core import (
    AmountProblem,
    CurrencyMismatch,
    InvalidAmount,
    LimitExceeded,
    Money,
    WalletCore,
    currency,
    read_amount,
)

EUR = currency("EUR")


def problem_of(text: str) -> AmountProblem:
    with pytest.raises(InvalidAmount) as refusal:
        read_amount(text, EUR)
    return refusal.value.problem


# -- money


def test_an_amount_may_have_32_characters_and_no_more():
    assert read_amount("0" * 31 + "5", EUR).minor == 500
    assert problem_of("0" * 32 + "5") is AmountProblem.TOO_LARGE
    assert problem_of("5" * 33 + "x") is AmountProblem.NOT_A_NUMBER
    assert problem_of("x" * 33) is AmountProblem.NOT_A_NUMBER
    assert problem_of("٣" * 33) is AmountProblem.NOT_A_NUMBER


def test_the_signs_of_other_dollars_are_known():
    with pytest.raises(CurrencyMismatch) as refusal:
        read_amount("CA$5", EUR)
    assert (refusal.value.expected, refusal.value.given) == ("EUR", "CAD")


def test_nothing_is_written_without_a_sign():
    assert (Money(0, EUR).number, Money(-1, EUR).number) == ("0.00", "-0.01")


@pytest.mark.parametrize("text", ["½", "Ⅷ", "٣", "5²"])
def test_every_kind_of_foreign_number_is_called_one(text):
    assert problem_of(text) is AmountProblem.FOREIGN_DIGITS


# -- the end of 64 bits


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[WalletCore]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    async with WalletCore.session(url, rules=PlainRules(requests_max=10).real()) as opened:
        yield opened


def issue(key: str, minor: int) -> Any:
    wish = {"do": "Issue", "by": "tg:1", "to": ("person", "tg:1"), "amount": (minor, "EUR"), "key": key, "memo": ""}
    return command_of(wish)


async def test_a_currency_ends_at_64_bits_and_not_before(core):
    await core.run(command_of(open_wallet("tg:1")))
    most = 2**63 - 1
    await asyncio.gather(*(core.run(issue(f"k{n}", 10**15)) for n in range(most // 10**15)))
    await core.run(issue("rest", most % 10**15))
    with pytest.raises(LimitExceeded) as refusal:
        await core.run(issue("one more", 1))
    assert refusal.value.limit == "balance_max"
    assert (await core.wallet_of("tg:1")).balance.minor == most
    assert (await core.audit()).sound
