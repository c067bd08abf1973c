"""What an audit asks of gateways: what came in and went out are transfers, and what waits is in escrow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, literal_column, not_, or_, select
from sqlalchemy import cast as to

from wallet_core.features.agenda import unattended
from wallet_core.features.arrivals import ARRIVALS, CHARGEBACK, TOP_UP_FEE, arrivals, chargebacks
from wallet_core.features.gateways import gateways
from wallet_core.features.top_ups import TOP_UP, top_ups
from wallet_core.features.withdrawals import WITHDRAWAL, WITHDRAWAL_FEE, withdrawal_targets, withdrawals
from wallet_core.features.withdrawals_paid import WITHDRAWAL_DONE, WITHDRAWAL_DONE_FEE, WITHDRAWAL_RETURN
from wallet_core.ledger.schema import transfers, wallets
from wallet_core.ledger.sql import Check
from wallet_core.ledger.values import WalletKind

IN = (*ARRIVALS, TOP_UP_FEE, CHARGEBACK)
OUT = (WITHDRAWAL, WITHDRAWAL_FEE, WITHDRAWAL_DONE, WITHDRAWAL_DONE_FEE, WITHDRAWAL_RETURN)

_debit, _credit = wallets.alias("debit"), wallets.alias("credit")
_moved = transfers.join(_debit, _debit.c.id == transfers.c.debit).join(_credit, _credit.c.id == transfers.c.credit)
_person = WalletKind.PERSON.value


def _about(kind: str, code: Any) -> ColumnElement[bool]:
    return and_(transfers.c.subject_kind == kind, transfers.c.subject == code, transfers.c.memo == "")


def _suffixed(column: Any, suffix: str) -> ColumnElement[str]:
    return to(column, String) + literal_column(f"'{suffix}'")


def _is_other(kind: str) -> ColumnElement[bool]:
    """Whether there is a transfer, and it is none of this kind from whose top-up it was to the gateway."""
    right = and_(
        transfers.c.kind == kind,
        transfers.c.currency == top_ups.c.currency,
        _about(TOP_UP, top_ups.c.code),
        _credit.c.id == gateways.c.wallet,
        _debit.c.owner == top_ups.c.person,
        _debit.c.kind == _person,
    )
    is_right = func.coalesce(right, literal_column("FALSE"))  # a wallet may be nobody's, and a transfer about nothing
    return and_(transfers.c.id.is_not(None), top_ups.c.code.is_not(None), not_(is_right))


_counted = (
    select(arrivals.c.top_up, func.count().label("n"), func.sum(arrivals.c.amount).label("total"))
    .group_by(arrivals.c.top_up)
    .subquery()
)
_back = (
    select(chargebacks.c.arrival, func.sum(chargebacks.c.paid).label("total"))
    .group_by(chargebacks.c.arrival)
    .subquery()
)


def _step(
    kind: str, suffix: str, amount: Any, *, out: bool, states: tuple[str, ...], what: str, has: Any = None
) -> Check:
    """A transfer that a withdrawal in one of these states has, and no other has."""
    inner, outer = (_debit, _credit) if out else (_credit, _debit)
    other = outer.c.id == gateways.c.wallet if kind in (WITHDRAWAL_DONE, WITHDRAWAL_DONE_FEE) else and_(
        outer.c.owner == withdrawals.c.person, outer.c.kind == _person
    )  # fmt: skip
    right = and_(
        transfers.c.amount == amount,
        transfers.c.kind == kind,
        transfers.c.currency == withdrawals.c.currency,
        _about(WITHDRAWAL, withdrawals.c.code),
        inner.c.id == withdrawals.c.escrow,
        other,
    )
    wanted = withdrawals.c.state.in_(states) if has is None else and_(withdrawals.c.state.in_(states), has)
    return Check(
        what,
        select(withdrawals.c.code)
        .select_from(
            withdrawals.outerjoin(gateways, gateways.c.name == withdrawals.c.gateway).outerjoin(
                _moved, transfers.c.key == _suffixed(withdrawals.c.code, suffix)
            )
        )
        .where(
            or_(
                and_(wanted, or_(transfers.c.id.is_(None), withdrawals.c.escrow.is_(None), gateways.c.name.is_(None))),
                not_(right),
                and_(not_(wanted), transfers.c.id.is_not(None)),
            )
        )
        .order_by(withdrawals.c.code),
    )


HELD = ("held", "sent", "done", "returned")
_total = withdrawals.c.amount + withdrawals.c.fee

AUDIT = (
    Check(
        "what is paid once as {} is not what its withdrawal pays",
        select(withdrawal_targets.c.key)
        .outerjoin_from(withdrawal_targets, withdrawals, withdrawals.c.code == withdrawal_targets.c.withdrawal)
        .where(  # where it was paid is forgotten once it is over, and no sooner
            or_(
                withdrawals.c.code.is_(None),
                and_(withdrawals.c.target.is_(None), withdrawals.c.state.in_(("open", "held", "sent"))),
                withdrawal_targets.c.key != withdrawals.c.gateway + literal_column("':'") + withdrawals.c.target,
            )
        )
        .order_by(withdrawal_targets.c.key),
    ),
    Check(
        "what has arrived as {} is not what was credited",
        select(arrivals.c.key)
        .select_from(
            arrivals.outerjoin(top_ups, top_ups.c.code == arrivals.c.top_up)
            .outerjoin(gateways, gateways.c.name == top_ups.c.gateway)
            .outerjoin(
                _moved,
                and_(
                    transfers.c.id == arrivals.c.transfer,
                    transfers.c.key == arrivals.c.key,
                    transfers.c.kind.in_(ARRIVALS),
                    transfers.c.amount == arrivals.c.amount,
                    transfers.c.currency == top_ups.c.currency,
                    _about(TOP_UP, top_ups.c.code),
                    _debit.c.id == gateways.c.wallet,
                    _credit.c.owner == top_ups.c.person,
                    _credit.c.kind == _person,
                ),
            )
        )
        .where(transfers.c.id.is_(None))
        .order_by(arrivals.c.key),
    ),
    Check(
        "what a gateway keeps of {} is not what was paid for it",
        select(arrivals.c.key)
        .select_from(
            arrivals.join(top_ups, top_ups.c.code == arrivals.c.top_up)
            .join(gateways, gateways.c.name == top_ups.c.gateway)
            .outerjoin(_moved, transfers.c.key == _suffixed(arrivals.c.key, ":fee"))
        )
        .where(
            or_(
                arrivals.c.fee_paid != func.coalesce(transfers.c.amount, 0),
                _is_other(TOP_UP_FEE),
            )
        )
        .order_by(arrivals.c.key),
    ),
    Check(
        "top-up {} does not say what has arrived for it",
        select(top_ups.c.code)
        .outerjoin_from(top_ups, _counted, _counted.c.top_up == top_ups.c.code)
        .where(
            or_(
                top_ups.c.arrivals != func.coalesce(_counted.c.n, 0),
                top_ups.c.received != func.coalesce(_counted.c.total, 0),
            )
        )
        .order_by(top_ups.c.code),
    ),
    Check(
        "what was taken back as {} is not what was paid for it",
        select(chargebacks.c.key)
        .select_from(
            chargebacks.outerjoin(arrivals, arrivals.c.key == chargebacks.c.arrival)
            .outerjoin(top_ups, top_ups.c.code == arrivals.c.top_up)
            .outerjoin(gateways, gateways.c.name == top_ups.c.gateway)
            .outerjoin(_moved, transfers.c.id == chargebacks.c.transfer)
        )
        .where(
            or_(
                arrivals.c.key.is_(None),
                chargebacks.c.paid != func.coalesce(transfers.c.amount, 0),
                transfers.c.key != chargebacks.c.key,
                _is_other(CHARGEBACK),
            )
        )
        .order_by(chargebacks.c.key),
    ),
    Check(
        "what arrived as {} does not say what was taken back of it",
        select(arrivals.c.key)
        .outerjoin_from(arrivals, _back, _back.c.arrival == arrivals.c.key)
        .where(arrivals.c.charged_back != func.coalesce(_back.c.total, 0))
        .order_by(arrivals.c.key),
    ),
    _step(
        WITHDRAWAL, "", withdrawals.c.amount, out=False, states=HELD,
        what="withdrawal {} is not what was put aside for it",
    ),
    _step(
        WITHDRAWAL_FEE, ":fee", withdrawals.c.fee, out=False, states=HELD, has=withdrawals.c.fee > 0,
        what="the fee of withdrawal {} is not what was put aside for it",
    ),
    _step(
        WITHDRAWAL_DONE, ":done", withdrawals.c.amount, out=True, states=("done",),
        what="withdrawal {} is not what was paid out",
    ),
    _step(
        WITHDRAWAL_DONE_FEE, ":done-fee", withdrawals.c.fee, out=True, states=("done",), has=withdrawals.c.fee > 0,
        what="the fee of withdrawal {} is not what was paid",
    ),
    _step(
        WITHDRAWAL_RETURN, ":back", _total, out=True, states=("returned",),
        what="withdrawal {} did not go back as it was",
    ),
    Check(
        "the escrow wallet of withdrawal {} does not hold what waits",
        select(withdrawals.c.code)
        .join_from(withdrawals, wallets, wallets.c.id == withdrawals.c.escrow)
        .where(
            or_(
                wallets.c.owner != withdrawals.c.person,
                wallets.c.kind != WalletKind.ESCROW.value,
                and_(withdrawals.c.state.in_(["held", "sent"]), wallets.c.balance != _total),
                and_(withdrawals.c.state.in_(["done", "returned"]), wallets.c.balance != 0),
            )
        )
        .order_by(withdrawals.c.code),
    ),
    unattended(
        "withdrawal {} waits, and nothing will give it back",
        WITHDRAWAL, withdrawals.c.code, withdrawals.c.state == "held",
    ),
    Check(
        "transfer {} says that it belongs to a top-up, which does not know of it",
        select(transfers.c.id)
        .select_from(
            transfers.outerjoin(arrivals, or_(arrivals.c.transfer == transfers.c.id,
                                              _suffixed(arrivals.c.key, ":fee") == transfers.c.key))
            .outerjoin(chargebacks, chargebacks.c.transfer == transfers.c.id)
        )
        .where(
            or_(transfers.c.subject_kind == TOP_UP, transfers.c.kind.in_(IN)),
            arrivals.c.key.is_(None),
            chargebacks.c.key.is_(None),
        )
        .order_by(transfers.c.id),
    ),
    Check(
        "transfer {} says that it belongs to a withdrawal, which does not know of it",
        select(transfers.c.id)
        .outerjoin_from(transfers, withdrawals, withdrawals.c.code == transfers.c.subject)
        .where(
            or_(transfers.c.subject_kind == WITHDRAWAL, transfers.c.kind.in_(OUT)),
            not_(
                func.coalesce(
                    or_(
                        transfers.c.key == withdrawals.c.code,
                        *(transfers.c.key == _suffixed(withdrawals.c.code, each)
                          for each in (":fee", ":done", ":done-fee", ":back")),
                    ),
                    literal_column("FALSE"),
                )
            ),
        )
        .order_by(transfers.c.id),
    ),
)  # fmt: skip
