"""What a person looks at: their wallet and what waits, and what came and went."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case, func, literal_column, select

from wallet_core.features.announcements_asked import CLOSES_AT
from wallet_core.features.arrivals import ARRIVALS, CHARGEBACK, TOP_UP_FEE
from wallet_core.features.gifts import GIFT, GIFT_CLAIM, GIFT_RETURN, GIFT_SHARE, Gift
from wallet_core.features.gifts_asked import OPEN_GIFTS_OF, gift_of_row
from wallet_core.features.intents import Intent
from wallet_core.features.intents_asked import WAITING_OF, intent_of_row
from wallet_core.features.people import WALLET, WELCOME, wallet_asked, wallet_of_row
from wallet_core.features.refunds import REFUND
from wallet_core.features.requests import PaymentRequest
from wallet_core.features.requests_asked import OPEN_OF, request_of_row
from wallet_core.features.splits import SHARE
from wallet_core.features.splits_asked import OPEN_SHARES_OF, OwedShare, owed_share
from wallet_core.features.tips import TIP
from wallet_core.features.top_ups import TopUp
from wallet_core.features.top_ups_asked import WAITING_TOP_UPS_OF, top_up_of_row
from wallet_core.features.transfers import ISSUE
from wallet_core.features.withdrawals import WITHDRAWAL, WITHDRAWAL_FEE, Withdrawal
from wallet_core.features.withdrawals_asked import HELD_OF, withdrawal_of_row
from wallet_core.features.withdrawals_paid import WITHDRAWAL_RETURN
from wallet_core.ledger.limits import near_on
from wallet_core.ledger.loaded import DAY_US
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PAYMENT_COLUMNS, PAYMENT_WIDTH, PERSON_WIDTH, payment_joins, payment_of
from wallet_core.ledger.rows import WalletRow
from wallet_core.ledger.schema import entries, transfers, wallets
from wallet_core.ledger.sql import Reader, Row, Statement, one_of, param
from wallet_core.ledger.values import Payment, PersonId, Rules, Wallet, WalletKind, moment_of

LINES_MAX = 1000  # of one page
PORTION = 500  # entries that are looked through at once: a few milliseconds, and then others have their turn
LOOKED_MAX = 10_000  # entries that one question looks through

# One walk from entry to entry, along the pointers; its first step is checked to be the wallet's own.
_own = (
    select(wallets.c.id, func.coalesce(param("start"), wallets.c.last_entry).label("start"))
    .where(
        wallets.c.owner == param("person"),
        wallets.c.currency == param("currency"),
        wallets.c.kind == WalletKind.PERSON.value,
    )
    .cte("own")
)
_first = (
    select(
        *(entries.c.id, entries.c.previous, entries.c.delta, entries.c.balance_after, entries.c.transfer),
        literal_column("1").label("line"),
    )
    .join_from(_own, entries, entries.c.id == _own.c.start)
    .where(entries.c.wallet == _own.c.id)
    .cte("walk", recursive=True)
)
_next = entries.alias("e")
_walk = _first.union_all(
    select(
        *(_next.c.id, _next.c.previous, _next.c.delta, _next.c.balance_after, _next.c.transfer),
        _first.c.line + 1,
    )
    .join_from(_first, _next, _next.c.id == _first.c.previous)
    .where(_first.c.line < param("limit"))
)
_HISTORY = Statement(
    select(*PAYMENT_COLUMNS, _walk.c.id, _walk.c.previous, _walk.c.delta, _walk.c.balance_after)
    .select_from(payment_joins(_walk.join(transfers, transfers.c.id == _walk.c.transfer)))
    .order_by(_walk.c.line)
)

_theirs = wallets.alias("t")
_LOOKED = Statement(
    select(
        *(_walk.c.id, _walk.c.previous, _walk.c.delta),
        *(transfers.c.kind, transfers.c.subject_kind, transfers.c.memo, _theirs.c.owner),
    )
    .select_from(
        _walk.join(transfers, transfers.c.id == _walk.c.transfer).join(
            _theirs, _theirs.c.id == case((_walk.c.delta < 0, transfers.c.credit), else_=transfers.c.debit)
        )
    )
    .order_by(_walk.c.line)
)
_LINES = Statement(
    select(*PAYMENT_COLUMNS, entries.c.id, entries.c.previous, entries.c.delta, entries.c.balance_after)
    .select_from(payment_joins(entries.join(transfers, transfers.c.id == entries.c.transfer)))
    .where(one_of(entries.c.id))
)


@dataclass(frozen=True, slots=True)
class Overview:
    """A person's wallet and what waits: for others to pay (`requests`) or claim, for their own answer (`intents`)."""

    wallet: Wallet
    requests: tuple[PaymentRequest, ...]
    intents: tuple[Intent, ...]
    gifts: tuple[Gift, ...]
    shares: tuple[OwedShare, ...] = ()  # of bills, that they are asked for
    top_ups: tuple[TopUp, ...] = ()  # that wait to come in
    withdrawals: tuple[Withdrawal, ...] = ()  # put aside, or sent and not known yet
    left: Money | None = None  # of what they may pay today, when that is little
    closes_at: datetime | None = None  # until when money can be taken out, while the community is wound down


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of a wallet, with the transfer that wrote it; `id` is the place to read on from."""

    id: int
    delta: Money
    balance_after: Money
    payment: Payment


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries from new to old; `older` is the id to ask for next, None at the end."""

    lines: tuple[HistoryLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewOf:
    """The person's wallet and the newest `limit` of each thing that waits. Raises WalletNotFound."""

    person: PersonId
    limit: int = 5

    async def answer(self, read: Reader) -> Overview:
        """Eight statements, one snapshot."""
        found, requests, intents, gifts, shares, top_ups, withdrawals, [[closes_us]] = await read.together(
            (WALLET, wallet_asked(self.person, read.rules)),
            (OPEN_OF, {"person": self.person, "limit": self.limit}),
            (WAITING_OF, {"person": self.person}),
            (OPEN_GIFTS_OF, {"person": self.person, "limit": self.limit}),
            (OPEN_SHARES_OF, {"person": self.person, "limit": self.limit}),
            (WAITING_TOP_UPS_OF, {"person": self.person}),
            (HELD_OF, {"person": self.person}),
            (CLOSES_AT, {}),
        )
        wallet = wallet_of_row(found[0] if found else None, self.person, read.rules)
        near = near_on(WalletRow(*found[0][PERSON_WIDTH:]), rules=read.rules, day=read.now_us // DAY_US)
        return Overview(
            wallet,
            tuple(request_of_row(row, read) for row in requests),
            tuple(intent_of_row(row, read) for row in intents[: self.limit]),
            tuple(gift_of_row(row, read) for row in gifts),
            tuple(owed_share(row, read) for row in shares),
            tuple(top_up_of_row(row, read) for row in top_ups[: self.limit]),
            tuple(withdrawal_of_row(row, read) for row in withdrawals[: self.limit]),
            None if near is None else Money(near, read.rules.currency),
            None if closes_us is None else moment_of(closes_us),
        )


class HistoryKind(StrEnum):
    """What of a history is wanted: what went, what came, or what belongs to one kind of thing."""

    OUT = "out"
    IN = "in"
    TIPS = "tips"
    GIFTS = "gifts"
    BILLS = "bills"
    REFUNDS = "refunds"
    OUTSIDE = "outside"  # from and to the community, and through gateways


_KINDS = {  # by the kind of the transfer or, of a payment, by what it belongs to
    TIP: HistoryKind.TIPS,
    SHARE: HistoryKind.BILLS,
    REFUND: HistoryKind.REFUNDS,
    **dict.fromkeys((GIFT, GIFT_CLAIM, GIFT_SHARE, GIFT_RETURN), HistoryKind.GIFTS),
    **dict.fromkeys((WELCOME, ISSUE, *ARRIVALS), HistoryKind.OUTSIDE),
    **dict.fromkeys((TOP_UP_FEE, CHARGEBACK, WITHDRAWAL, WITHDRAWAL_FEE, WITHDRAWAL_RETURN), HistoryKind.OUTSIDE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: with this person, of this kind, with these words in the note; None and nothing is all."""

    other: PersonId | None = None
    kind: HistoryKind | None = None
    words: str = ""

    def has(self, row: Row) -> bool:
        """Whether an entry is wanted, in the columns of the look back."""
        _, _, delta, kind, about, memo, owner = row
        if self.other is not None and owner != self.other:
            return False
        if self.kind in (HistoryKind.OUT, HistoryKind.IN):
            if (delta < 0) != (self.kind is HistoryKind.OUT):
                return False
        elif self.kind is not None and self.kind not in (_KINDS.get(kind), _KINDS.get(about)):
            return False
        return not self.words or folded(self.words) in folded(memo)


def folded(text: str) -> str:
    """As it is searched: whatever the case and the form of its letters."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOf:
    """A page of the person's entries from new to old, starting at the entry `start` or the newest.

    Of those that are `wanted` only so many are looked through as one question may: the page says where that ended.
    A `start` that is not an entry of this wallet gives an empty page. Raises WalletNotFound.
    """

    person: PersonId
    start: int | None = None
    limit: int = 10
    wanted: Wanted | None = None

    async def answer(self, read: Reader) -> HistoryPage:
        """The wallet and the walk, one snapshot; what is wanted is looked for in portions, then read."""
        asked = wallet_asked(self.person, read.rules)
        limit = max(1, min(self.limit, LINES_MAX))
        if self.wanted is not None:
            return await self._search(read, self.wanted, asked, limit)
        found, rows = await read.together((WALLET, asked), (_HISTORY, {**asked, "start": self.start, "limit": limit}))
        wallet_of_row(found[0] if found else None, self.person, read.rules)
        lines = tuple(_line(row, read.rules) for row in rows)
        return HistoryPage(lines, older=rows[-1][PAYMENT_WIDTH + 1] if rows else None)

    async def _search(self, read: Reader, wanted: Wanted, asked: dict[str, object], limit: int) -> HistoryPage:
        """Entries never change, so portions agree whatever is written between them."""
        wallet_of_row(await read.row(WALLET, **asked), self.person, read.rules)
        ids: list[int] = []
        at, looked = self.start, 0
        while looked < LOOKED_MAX and len(ids) <= limit:
            rows = await read.rows(_LOOKED, **asked, start=at, limit=PORTION)
            ids += [row[0] for row in rows if wanted.has(row)]
            looked += len(rows)
            at = rows[-1][1] if rows else None
            if at is None:
                break
        older = ids[limit] if len(ids) > limit else at
        if not ids:
            return HistoryPage((), older)
        lines = [_line(row, read.rules) for row in await read.rows(_LINES, **_many(ids[:limit]))]
        return HistoryPage(tuple(sorted(lines, key=lambda line: -line.id)), older)


def _many(ids: Sequence[int]) -> dict[str, object]:
    return {"many": ids}


def _line(row: Row, rules: Rules) -> HistoryLine:
    entry_id, _, delta, balance_after = row[PAYMENT_WIDTH:]
    payment = payment_of(row, rules)
    money = payment.receipt.amount.currency
    return HistoryLine(entry_id, Money(delta, money), Money(balance_after, money), payment)
