"""A plain-text ledger that hledger, ledger and beancount read alike.

The three agree on more than it seems: `open` and `balance` are directives to beancount, and to the others transactions
without postings, which they take.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from functools import lru_cache

from bot.statements.accounts import OPENING, WALLET, account_of
from bot.statements.cells import visible
from bot.statements.form import About, File, Pieces
from bot.statements.period import DAY
from wallet_core import Money, Person, StatementLine

SEMICOLON, WIDE_SEMICOLON = ";", "；"  # the first begins a comment in hledger and ledger, wherever it stands


class Journal(Pieces):
    """A transaction for each entry, the balances before and after all of them."""

    def __init__(self, person: Person, zone: tzinfo) -> None:
        super().__init__(person, zone)
        self._accounts: set[str] = set()

    def piece(self, lines: Sequence[StatementLine]) -> str:
        """Lines from old to new."""
        return "".join(map(self._transaction, lines))

    def files(self, about: About) -> list[File]:
        """One file."""
        first, last = about.period.first, about.period.last
        opened = (f"{first} open {account}\n" for account in (WALLET, OPENING, *sorted(self._accounts)))
        head = (
            f"; Tuppence, {first} to {last}, {about.count} entries.\n"
            f"; hledger -f FILE check; ledger -f FILE balance; bean-check FILE\n\n"
            f"{''.join(opened)}\n"
            f'{first} * "Opening balance" ""\n'
            f"{_postings(about.opening, OPENING)}\n"
        )
        closing = f"{about.closing.number} ~ 0 {about.unit.code}"  # exactly
        foot = f"{last + DAY} balance {WALLET}  {closing}\n"
        return [File(f"{about.name}.journal", self.whole(head, foot))]

    def _transaction(self, line: StatementLine) -> str:
        account = account_of(line, self.person)
        self._accounts.add(account)
        other = line.other
        called = "" if other is None else f"{other.name} (@{other.handle})" if other.handle else other.name
        day, _ = self.written(line.booked_at)
        payee, note = quoted(called or account), quoted(line.memo)
        return f"{day} * {payee} {note} ^{line.code}\n{_postings(line.delta, account)}\n"


def _postings(amount: Money, account: str) -> str:
    return f"  {WALLET}  {amount}\n  {account}  {Money(-amount.minor, amount.currency)}\n"


@lru_cache(maxsize=4_096)
def quoted(text: str) -> str:
    """A text between quotes, as beancount reads it back; a semicolon becomes a wide one."""
    kept = visible(text).replace("\\", "\\\\").replace('"', '\\"').replace(SEMICOLON, WIDE_SEMICOLON)
    return f'"{kept}"'
