"""What somebody had better know before they pay: the person is new to them, the @name is somebody else's now, the
amount is far above the usual, the day's limit is near.

Asked beside the writer when a dialog is shown, of so many entries as are looked back on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from sqlalchemy import func, literal_column, select

from wallet_core.features.handles_left import handles_left
from wallet_core.features.people import WALLET, wallet_asked
from wallet_core.features.transfers import PAYMENT
from wallet_core.ledger.limits import near_on
from wallet_core.ledger.loaded import DAY_US
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.schema import entries, people, transfers, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, param
from wallet_core.ledger.values import Person, PersonId, WalletKind

LOOKED_BACK_MAX = 300  # entries of a wallet
LOOKED_AT_FIRST = 50  # of them: they tell all of most payments, in a quarter of the time
USUAL_OF = 20  # payments, the last ones
USUAL_LEAST = 5  # so few say nothing about what is usual
FAR_ABOVE = 10  # times the usual

_own = (
    select(entries.c.previous, entries.c.transfer, entries.c.delta, literal_column("1").label("line"))
    .join_from(wallets, entries, entries.c.id == wallets.c.last_entry)
    .where(
        wallets.c.owner == param("person"),
        wallets.c.currency == param("currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    )
    .cte("own", recursive=True)
)
_next = entries.alias("next")
_walk = _own.union_all(
    select(_next.c.previous, _next.c.transfer, _next.c.delta, _own.c.line + 1)
    .join_from(_own, _next, _next.c.id == _own.c.previous)
    .where(_own.c.line < param("lines"))
)
_PAID = Statement(  # whom somebody paid how much, and when, the last first
    select(wallets.c.owner, transfers.c.amount, transfers.c.created_at)
    .join_from(_walk, transfers, transfers.c.id == _walk.c.transfer)
    .join(wallets, wallets.c.id == transfers.c.credit)
    .where(_walk.c.delta < literal_column("0"), transfers.c.kind == PAYMENT, wallets.c.owner.is_not(None))
    .order_by(_walk.c.line)
)
_GOT = Statement(  # whether somebody was paid by another
    select(func.count())
    .select_from(_walk)
    .join(transfers, transfers.c.id == _walk.c.transfer)
    .join(wallets, wallets.c.id == transfers.c.debit)
    .where(_walk.c.delta > literal_column("0"), transfers.c.kind == PAYMENT, wallets.c.owner == param("payer"))
)
_now = people.alias("now")
_HAD = Statement(  # who had the name of somebody before, the last first
    select(*person_columns(people), handles_left.c.left_at)
    .join_from(_now, handles_left, handles_left.c.handle_key == _now.c.handle_key)
    .join(people, people.c.id == handles_left.c.person)
    .where(_now.c.id == param("payee"), handles_left.c.person != _now.c.id)
    .order_by(handles_left.c.left_at.desc(), handles_left.c.person)
)


@dataclass(frozen=True, slots=True)
class Hints:
    """What there is to say of one payment.

    `is_first`: they have never paid the payee; `is_long_ago`: not lately, if ever. `had_name`: who had the payee's
    @name when they paid that last. `usual`: what they usually pay, if this is far above. `left`: of what they may pay
    today once this is paid, if that is little.
    """

    is_first: bool = False
    is_long_ago: bool = False
    had_name: Person | None = None
    usual: Money | None = None
    left: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HintsOf:
    """What somebody had better know before they pay so much to another."""

    payer: PersonId
    payee: PersonId
    amount: Money

    async def answer(self, read: Reader) -> Hints:
        """Four statements, one snapshot; another where the last entries do not tell all, or who paid very often."""
        own, theirs = wallet_asked(self.payer, read.rules), wallet_asked(self.payee, read.rules)
        payers, payees, paid, had = await read.together(
            (WALLET, own), (WALLET, theirs), (_PAID, {**own, "lines": LOOKED_AT_FIRST}), (_HAD, {"payee": self.payee})
        )
        if not payers:
            return Hints()
        wallet = WalletRow(*payers[0][PERSON_WIDTH:])
        if wallet.version > LOOKED_AT_FIRST and (had or len(paid) < USUAL_OF or not self._is_among(paid)):
            paid = await read.rows(_PAID, **own, lines=LOOKED_BACK_MAX)
        is_known, is_all = self._is_among(paid), wallet.version <= LOOKED_BACK_MAX
        if not is_known and not is_all and payees and WalletRow(*payees[0][PERSON_WIDTH:]).version <= LOOKED_BACK_MAX:
            row = await read.row(_GOT, **theirs, payer=self.payer, lines=LOOKED_BACK_MAX)
            is_known, is_all = bool(row and row[0]), True
        near = near_on(wallet, rules=read.rules, day=read.now_us // DAY_US, more=self.amount.minor)
        return Hints(
            is_first=not is_known and is_all,
            is_long_ago=not is_known and not is_all,
            had_name=self._had_name(paid, had),
            usual=self._usual(paid),
            left=None if near is None else Money(near, self.amount.currency),
        )

    def _is_among(self, paid: Sequence[Row]) -> bool:
        return any(row[0] == self.payee for row in paid)

    def _had_name(self, paid: Sequence[Row], had: Sequence[Row]) -> Person | None:
        """Who had it: they paid them then, and since then not the one who has it now."""
        last: dict[str, int] = {}
        for owner, _, at in paid:
            last.setdefault(owner, at)
        for row in had:
            left_at = row[PERSON_WIDTH]
            if any(owner == row[0] and at <= left_at for owner, _, at in paid) and last.get(self.payee, 0) <= left_at:
                return person_of(row[:PERSON_WIDTH])
        return None

    def _usual(self, paid: Sequence[Row]) -> Money | None:
        amounts = [amount for _, amount, _ in paid[:USUAL_OF]]
        if len(amounts) < USUAL_LEAST or self.amount.minor < FAR_ABOVE * (usual := median_low(amounts)):
            return None
        return Money(usual, self.amount.currency)
