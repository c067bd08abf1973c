"""What a line of a statement is booked to in plain-text accounting: names that hledger, ledger and beancount take.

A person's account has their number in it, which stays, whatever they are called (G11).
"""

from __future__ import annotations

from functools import lru_cache

from wallet_core import Person, StatementLine, WalletKind

WALLET = "Assets:Tuppence"
OPENING = "Equity:Opening-Balances"
PUT_ASIDE = "Expenses:Put-Aside"  # in a gift or to be paid out; it may come back
GIVEN = "Expenses"
TAKEN = "Income"


def account_of(line: StatementLine, me: Person) -> str:
    """The other side of a line; what goes back is booked to where it came from."""
    if line.other is not None and line.other.id == me.id:
        return PUT_ASIDE
    side = GIVEN if (line.delta.minor < 0) is not line.gives_back else TAKEN
    if line.other is None:
        return f"{side}:{'Gateway' if line.other_kind is WalletKind.GATEWAY else 'Community'}"
    return f"{side}:People:{_number(line.other.id)}"


@lru_cache(maxsize=4_096)
def _number(person: str) -> str:
    return "".join(c for c in person if c.isascii() and c.isalnum()).capitalize()
