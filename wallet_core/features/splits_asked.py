"""What only looks at splits: questions, and the audit of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, and_, case, cast, delete, exists, func, or_, select, union_all

from wallet_core.features.blocks import is_blocked
from wallet_core.features.splits import (
    SHARE,
    SPLIT,
    WAITING,
    NotYourShare,
    NotYourSplit,
    Share,
    ShareRow,
    Split,
    SplitNotFound,
    SplitRow,
    share_value,
    split_shares,
    split_value,
    splits,
)
from wallet_core.ledger.clearing import REQUESTS_KEPT, Clearing
from wallet_core.ledger.money import Money
from wallet_core.ledger.payments import PERSON_WIDTH, person_columns, person_of
from wallet_core.ledger.schema import people, places, transfers, wallets
from wallet_core.ledger.sql import Check, Reader, Row, Statement, param
from wallet_core.ledger.values import PersonId

_SPLIT = select(*person_columns(people), *splits.columns).join_from(splits, people, people.c.id == splits.c.asker)
_SHARES = (
    select(*person_columns(people), *split_shares.columns)
    .outerjoin_from(split_shares, people, people.c.id == split_shares.c.person)
    .order_by(split_shares.c.nth)
)
_BY_CODE = Statement(_SPLIT.where(splits.c.code == param("code")))
_SHARES_OF = Statement(_SHARES.where(split_shares.c.split == param("code")))
_named = select(people.c.handle_key).where(people.c.id == param("person")).scalar_subquery()
# Whoever has come under the name by which they were named is seen at once, and bound with the first thing they do.
_SHARE_OF = Statement(
    _SHARES.where(
        split_shares.c.split == param("code"),
        or_(
            split_shares.c.person == param("person"),
            and_(split_shares.c.person.is_(None), split_shares.c.handle == _named),
        ),
    ).order_by(None).order_by(case((split_shares.c.person.is_(None), 1), else_=0))
)  # fmt: skip
_share = split_shares.alias("share")
_SPLIT_OF = Statement(_SPLIT.join(_share, _share.c.split == splits.c.code).where(_share.c.code == param("code")))
_SHARE = Statement(_SHARES.where(split_shares.c.code == param("code")))
_waits = split_shares.alias("waits")
_theirs = union_all(
    select(_waits.c.code).where(_waits.c.state == "open", _waits.c.person == param("person")),
    select(_waits.c.code).where(_waits.c.state == "open", _waits.c.person.is_(None), _waits.c.handle == _named),
)
OPEN_SHARES_OF = Statement(
    select(*person_columns(people), *splits.columns, *split_shares.columns)
    .join_from(split_shares, splits, splits.c.code == split_shares.c.split)
    .join(people, people.c.id == splits.c.asker)
    .where(
        split_shares.c.code.in_(_theirs),
        splits.c.state == "asked",
        splits.c.expires_at > param("now"),
        ~is_blocked(param("person"), splits.c.asker),
    )
    .order_by(split_shares.c.code.desc())
    .limit(param("limit"))
)


@dataclass(frozen=True, slots=True)
class OwedShare:
    """What somebody is asked for as their share of a bill."""

    split: Split
    amount: Money


def owed_share(row: Row, read: Reader) -> OwedShare:
    """What a row of `OPEN_SHARES_OF` says."""
    width = PERSON_WIDTH + len(splits.columns)
    split, share = _split_of(row[:width], read), ShareRow(*row[width:])
    assert share.amount is not None, "an open share of a split that is asked for"
    return OwedShare(split, Money(share.amount, split.total.currency))


def _split_of(row: Row, read: Reader) -> Split:
    asker = person_of(row[:PERSON_WIDTH])
    return split_value(SplitRow(*row[PERSON_WIDTH:]), asker=asker, rules=read.rules, now_us=read.now_us)


def _share_of(row: Row, split: Split, read: Reader) -> Share:
    person = None if row[0] is None else person_of(row[:PERSON_WIDTH])
    currency = split.total.currency.code
    return share_value(ShareRow(*row[PERSON_WIDTH:]), person=person, currency=currency, rules=read.rules)


@dataclass(frozen=True, slots=True)
class SplitShown:
    """The split with all of its shares, in their order; `by` whom: for nobody but the asker.

    Raises SplitNotFound, NotYourSplit.
    """

    code: str
    by: PersonId | None = None

    async def answer(self, read: Reader) -> tuple[Split, tuple[Share, ...]]:
        """Both from one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        found, shares = await read.together((_BY_CODE, asked), (_SHARES_OF, asked))
        if not found:
            raise SplitNotFound(self.code)
        split = _split_of(found[0], read)
        if self.by is not None and split.asker.id != self.by:
            raise NotYourSplit
        return split, tuple(_share_of(row, split, read) for row in shares)


@dataclass(frozen=True, slots=True)
class ShareOf:
    """The person's share of a split. Raises SplitNotFound, NotYourShare when they have none."""

    split: str
    person: PersonId

    async def answer(self, read: Reader) -> tuple[Split, Share]:
        """Both from one snapshot."""
        asked: dict[str, object] = {"code": self.split}
        found, shares = await read.together((_BY_CODE, asked), (_SHARE_OF, {**asked, "person": self.person}))
        if not found:
            raise SplitNotFound(self.split)
        if not shares:
            raise NotYourShare
        split = _split_of(found[0], read)
        return split, _share_of(shares[0], split, read)


@dataclass(frozen=True, slots=True)
class ShareShown:
    """A share by its code, with its split: what the places say that ask for it. Raises SplitNotFound."""

    code: str

    async def answer(self, read: Reader) -> tuple[Split, Share]:
        """Both from one snapshot."""
        asked: dict[str, object] = {"code": self.code}
        found, shares = await read.together((_SPLIT_OF, asked), (_SHARE, asked))
        if not found:
            raise SplitNotFound(self.code)
        split = _split_of(found[0], read)
        return split, _share_of(shares[0], split, read)


# -- audit -------------------------------------------------------------------------------------------------------------

_of = split_shares.c
_summed = (
    select(
        _of.split,
        func.sum(func.coalesce(_of.amount, 0)).label("total"),
        func.count().label("n"),
        func.min(_of.nth).label("first"),
        func.max(_of.nth).label("last"),
        func.sum(case((_of.state == "open", 1), else_=0)).label("open"),
    )
    .group_by(_of.split)
    .subquery()
)
_asker = wallets.alias("asker")
_payer = wallets.alias("payer")
_paid = (
    select(transfers.c.subject, func.count().label("n"))
    .where(transfers.c.subject_kind == SHARE)
    .group_by(transfers.c.subject)
    .subquery()
)
_back = transfers.alias("back")
_given_back = select(func.coalesce(func.sum(_back.c.amount), 0)).where(_back.c.refunds == transfers.c.id)
AUDIT = (
    Check(
        "split {} does not have the shares that it counts",
        select(splits.c.code)
        .outerjoin_from(splits, _summed, _summed.c.split == splits.c.code)
        .where(
            or_(
                splits.c.shares != func.coalesce(_summed.c.n, 0),
                splits.c.shares != func.coalesce(_summed.c.last, 0),
                _summed.c.first != 1,
                and_(splits.c.state == "settled", _summed.c.open != 0),
                and_(splits.c.state == "asked", func.coalesce(_summed.c.open, 0) == 0),
            )
        )
        .order_by(splits.c.code),
    ),
    Check(
        "split {} does not sum to its total",  # G17
        select(splits.c.code)
        .outerjoin_from(splits, _summed, _summed.c.split == splits.c.code)
        .where(
            or_(splits.c.state.in_(("asked", "settled")), _summed.c.total > 0),
            func.coalesce(_summed.c.total, 0) != splits.c.total,
        )
        .order_by(splits.c.code),
    ),
    Check(
        "share {} is paid without the transfer that it asks for",
        select(_of.code)
        .select_from(
            split_shares.join(splits, splits.c.code == _of.split)
            .outerjoin(
                _asker,
                and_(
                    _asker.c.owner == splits.c.asker,
                    _asker.c.currency == splits.c.currency,
                    _asker.c.kind == "person",
                ),
            )
            .outerjoin(
                transfers.join(_payer, _payer.c.id == transfers.c.debit),
                and_(
                    transfers.c.id == _of.transfer,
                    transfers.c.key == _of.code + "." + cast(_of.payments - 1, Text),
                    transfers.c.subject_kind == SHARE,
                    transfers.c.subject == _of.code,
                    transfers.c.amount == _of.amount,
                    transfers.c.currency == splits.c.currency,
                    transfers.c.memo == splits.c.memo,
                    transfers.c.credit == _asker.c.id,
                    _payer.c.owner == _of.person,
                ),
            )
        )
        .where(or_(_of.state == "paid", _of.transfer.is_not(None)), or_(transfers.c.id.is_(None), _of.state != "paid"))
        .order_by(_of.code),
    ),
    Check(
        "share {} was not paid as often as it counts",
        select(_of.code)
        .outerjoin_from(split_shares, _paid, _paid.c.subject == _of.code)
        .where(_of.payments != func.coalesce(_paid.c.n, 0))
        .order_by(_of.code),
    ),
    Check(
        "transfer {} paid a share that does not know of it, and was not given back",
        select(transfers.c.id)
        .outerjoin_from(transfers, split_shares, _of.code == transfers.c.subject)
        .where(
            transfers.c.subject_kind == SHARE,
            or_(
                _of.code.is_(None),
                and_(
                    func.coalesce(_of.transfer, 0) != transfers.c.id,
                    _given_back.scalar_subquery() != transfers.c.amount,
                ),
            ),
        )
        .order_by(transfers.c.id),
    ),
)

_unpaid = split_shares.alias("unpaid")
_over = and_(
    splits.c.state.not_in(WAITING),
    splits.c.expires_at < param("before"),
    ~exists().where(_unpaid.c.split == splits.c.code, _unpaid.c.payments > 0),
)
_gone = select(splits.c.code).where(splits.c.code == param("at"), _over)
_gone_shares = select(_share.c.code).where(_share.c.split.in_(_gone))
CLEARED = (
    Clearing(
        SPLIT,
        splits.c.code,
        over=_over,
        kept_for=REQUESTS_KEPT,
        parts=(
            delete(places).where(places.c.kind == SHARE, places.c.subject.in_(_gone_shares)),
            delete(split_shares).where(_of.split.in_(_gone)),
        ),
    ),
)
