"""What an audit asks of gifts: what is unclaimed waits in escrow, and every share is a transfer out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, not_, or_, select

from wallet_core.features.agenda import unattended
from wallet_core.features.gifts import GIFT, GIFT_CLAIM, GIFT_RETURN, GIFT_SHARE, IS_MOVED, claims, gifts
from wallet_core.features.moves import moves
from wallet_core.ledger.schema import transfers, wallets
from wallet_core.ledger.sql import Check
from wallet_core.ledger.values import WalletKind

_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_counted = (
    select(
        claims.c.gift,
        func.count().label("n"),
        func.min(claims.c.nth).label("first"),
        func.max(claims.c.nth).label("last"),
        func.sum(claims.c.amount).label("total"),
    )
    .group_by(claims.c.gift)
    .subquery()
)
_back = transfers.alias("back")
_left = gifts.c.amount - func.coalesce(_counted.c.total, 0) - func.coalesce(_back.c.amount, 0)
_equal = gifts.c.amount // gifts.c.shares + case((claims.c.nth <= gifts.c.amount % gifts.c.shares, 1), else_=0)


def _belongs(transfer: Any) -> ColumnElement[bool]:
    """To the gift: its subject, its note, its currency."""
    return and_(
        transfer.c.subject == gifts.c.code,
        transfer.c.subject_kind == GIFT,
        transfer.c.currency == gifts.c.currency,
        transfer.c.memo == gifts.c.memo,
    )


_is_persons = _debit.c.kind == WalletKind.PERSON.value
_to_person = _credit.c.kind == WalletKind.PERSON.value
_wallets = transfers.join(_debit, _debit.c.id == transfers.c.debit).join(_credit, _credit.c.id == transfers.c.credit)

_before = claims.alias("before")
_moved = select(moves.c.code).where(moves.c.state == "done", claims.c.key == claims.c.gift + ":" + moves.c.old)
AUDIT = (
    Check(
        "gift {} is not what was put aside for it",
        select(gifts.c.code)
        .outerjoin_from(
            gifts,
            _wallets,
            and_(
                transfers.c.key == gifts.c.key,
                _belongs(transfers),
                transfers.c.kind == GIFT,
                transfers.c.amount == gifts.c.amount,
                transfers.c.credit == gifts.c.escrow,
                _credit.c.kind == WalletKind.ESCROW.value,
                _debit.c.owner == gifts.c.giver,
                _is_persons,
            ),
        )
        .where(transfers.c.id.is_(None))
        .order_by(gifts.c.code),
    ),
    Check(
        "the share {} of a gift is not what was moved for it",
        select(claims.c.key)
        .select_from(
            claims.outerjoin(gifts, gifts.c.code == claims.c.gift)
            .outerjoin(
                _wallets,
                and_(
                    transfers.c.id == claims.c.transfer,
                    transfers.c.key == claims.c.key,
                    or_(not_(IS_MOVED), _moved.exists()),
                    _belongs(transfers),
                    transfers.c.kind == case((gifts.c.shares == 1, GIFT_CLAIM), else_=GIFT_SHARE),
                    transfers.c.amount == claims.c.amount,
                    transfers.c.debit == gifts.c.escrow,
                    _credit.c.owner == claims.c.person,
                    _to_person,
                ),
            )
            .outerjoin(_before, and_(_before.c.gift == claims.c.gift, _before.c.nth == claims.c.nth - 1))
        )
        .where(
            or_(
                transfers.c.id.is_(None),
                _before.c.transfer > claims.c.transfer,
                and_(gifts.c.is_lucky == 0, claims.c.amount != _equal),
            )
        )
        .order_by(claims.c.key),
    ),
    Check(
        "the escrow wallet of gift {} does not hold what is unclaimed",
        select(gifts.c.code)
        .select_from(
            gifts.outerjoin(_counted, _counted.c.gift == gifts.c.code)
            .outerjoin(_back, _back.c.id == gifts.c.returned)
            .join(wallets, wallets.c.id == gifts.c.escrow)
        )
        .where(
            or_(
                wallets.c.balance != _left,
                wallets.c.owner != gifts.c.giver,
                gifts.c.claimed != func.coalesce(_counted.c.n, 0),
                gifts.c.claimed != func.coalesce(_counted.c.last, 0),
                _counted.c.first != 1,
                (gifts.c.state == "open") != (wallets.c.balance > 0),
            )
        )
        .order_by(gifts.c.code),
    ),
    unattended(
        "gift {} is open, and nothing will give back what is left of it", GIFT, gifts.c.code, gifts.c.state == "open"
    ),
    Check(
        "what was left of gift {} did not go back to its giver",
        select(gifts.c.code)
        .outerjoin_from(
            gifts,
            _wallets,
            and_(
                transfers.c.id == gifts.c.returned,
                transfers.c.key == gifts.c.code + literal_column("':back'"),
                _belongs(transfers),
                transfers.c.kind == GIFT_RETURN,
                transfers.c.debit == gifts.c.escrow,
                _credit.c.owner == gifts.c.giver,
                _to_person,
            ),
        )
        .where(gifts.c.returned.is_not(None), transfers.c.id.is_(None))
        .order_by(gifts.c.code),
    ),
    Check(
        "transfer {} says that it belongs to a gift, which does not know of it",
        select(transfers.c.id)
        .select_from(
            transfers.outerjoin(gifts, gifts.c.code == transfers.c.subject).outerjoin(
                claims, claims.c.transfer == transfers.c.id
            )
        )
        .where(
            or_(transfers.c.subject_kind == GIFT, transfers.c.kind.in_([GIFT, GIFT_CLAIM, GIFT_SHARE, GIFT_RETURN])),
            not_(
                func.coalesce(
                    or_(
                        transfers.c.key == gifts.c.key,
                        claims.c.gift == gifts.c.code,
                        gifts.c.returned == transfers.c.id,
                    ),
                    literal_column("FALSE"),
                )
            ),
        )
        .order_by(transfers.c.id),
    ),
)
