"""What the account held by the bank's own statements, and where two of them do not meet."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import NamedTuple

import pytest

from wallet_core import (
    BankStatement,
    BreakKind,
    KeepStatement,
    Money,
    WalletCore,
    WhatBankSays,
    currency,
)
from wallet_core.features.bank_statements import bank_says

EUR = currency("EUR")
GAP, OVERLAP = BreakKind.GAP, BreakKind.OVERLAP


class Said(NamedTuple):
    """Days of January and whole euros; no first day where the file does not say."""

    opened: int | None
    closed: int
    opening: int
    closing: int

    @property
    def value(self) -> BankStatement:
        opened_on = None if self.opened is None else date(2026, 1, self.opened)
        return BankStatement(opened_on, date(2026, 1, self.closed), euros(self.opening), euros(self.closing))


def euros(whole: int) -> Money:
    return Money(100 * whole, EUR)


@pytest.mark.parametrize(
    ("statements", "breaks", "closing"),
    [
        ([], [], None),
        ([Said(1, 1, 5, 7)], [], 7),
        ([Said(1, 1, 5, 7), Said(2, 2, 7, -4)], [], -4),
        ([Said(None, 1, 5, 7), Said(None, 2, 7, 4)], [], 4),
        ([Said(1, 2, 5, 7), Said(2, 2, 7, 9), Said(2, 2, 9, 1), Said(3, 3, 1, 1)], [], 1),  # several of one day
        ([Said(1, 1, 5, 7), Said(2, 2, 7, 7), Said(2, 2, 7, 9)], [], 9),
        ([Said(1, 2, 5, 7), Said(2, 4, 7, 9)], [], 9),  # begins with the closing of the day before, as MT940 says it
        ([Said(1, 1, 5, 7), Said(3, 3, 8, 9)], [GAP], 9),
        ([Said(None, 1, 5, 7), Said(None, 2, 8, 9), Said(None, 3, 1, 2)], [GAP, GAP], 2),
        ([Said(1, 1, 5, 7), Said(2, 2, 7, 8), Said(1, 31, 5, 20)], [OVERLAP], 20),  # the month, and days of it
        ([Said(1, 10, 5, 7), Said(5, 20, 6, 9)], [OVERLAP], 9),
        ([Said(1, 31, 5, 7), Said(5, 5, 6, 7)], [OVERLAP], 7),
    ],
)
def test_statements_follow_each_other_or_it_is_said_in_whatever_order_they_came(
    statements: list[Said], breaks: list[BreakKind], closing: int | None
) -> None:
    for order in permutations([each.value for each in statements]):
        found = bank_says(order)
        assert [each.kind for each in found.breaks] == breaks
        assert (None if found.last is None else found.last.closing) == (None if closing is None else euros(closing))


async def test_a_statement_is_kept_once_and_the_newest_is_the_one_that_ends_last(core: WalletCore) -> None:
    says = await core.ask(WhatBankSays("bank"))
    assert (says.last, says.breaks) == (None, ())
    for said in (Said(3, 3, 9, 12), Said(1, 1, 5, 7), Said(3, 3, 9, 12), Said(2, 2, 7, -9)):
        each = said.value
        wish = KeepStatement(
            gateway="bank", opened_on=each.opened_on, closed_on=each.closed_on, opening=each.opening,
            closing=each.closing, file="f",
        )  # fmt: skip
        await core.run(wish)
        await core.run(wish)
    says = await core.ask(WhatBankSays("bank"))
    assert says.last == Said(3, 3, 9, 12).value
    [found] = says.breaks
    assert (found.kind, found.before, found.after) == (GAP, Said(2, 2, 7, -9).value, Said(3, 3, 9, 12).value)
    assert (await core.ask(WhatBankSays("other"))).last is None
