"""What an audit asks of a bank's statements: what was credited for a line, and what a file for the bank paid."""

from __future__ import annotations

from sqlalchemy import and_, func, literal_column, or_, select

from wallet_core.features.arrivals import arrivals
from wallet_core.features.bank_lines import bank_lines
from wallet_core.features.bank_payouts import payment_files, payouts
from wallet_core.features.top_ups import top_ups
from wallet_core.features.withdrawals import withdrawals
from wallet_core.ledger.sql import Check

_in_file = (
    select(payouts.c.file, func.count().label("n"), func.sum(withdrawals.c.amount).label("total"))
    .join_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
    .group_by(payouts.c.file)
    .subquery()
)

AUDIT = (
    Check(
        "what was credited for line {} of a bank's statement is not what it says",
        select(bank_lines.c.code)
        .select_from(
            bank_lines.outerjoin(
                arrivals,
                and_(
                    or_(
                        arrivals.c.key == literal_column("'in:'") + bank_lines.c.key,
                        arrivals.c.key == literal_column("'line:'") + bank_lines.c.code,
                    ),
                    arrivals.c.top_up == bank_lines.c.top_up,
                    arrivals.c.amount == bank_lines.c.amount,
                ),
            ).outerjoin(top_ups, and_(top_ups.c.code == arrivals.c.top_up, top_ups.c.gateway == bank_lines.c.gateway))
        )
        .where(bank_lines.c.state == "booked", top_ups.c.code.is_(None))
        .order_by(bank_lines.c.code),
    ),
    Check(
        "withdrawal {} is in a file for the bank and was not sent",
        select(payouts.c.withdrawal)
        .join_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
        .join(payment_files, payment_files.c.code == payouts.c.file)
        .where(
            or_(
                withdrawals.c.state.not_in(["sent", "done", "returned"]),
                withdrawals.c.gateway != payment_files.c.gateway,
                and_(withdrawals.c.state == "returned", payment_files.c.refused_by.is_(None)),
            )
        )
        .order_by(payouts.c.withdrawal),
    ),
    Check(
        "the file {} for the bank does not add up",
        select(payment_files.c.code)
        .outerjoin_from(payment_files, _in_file, _in_file.c.file == payment_files.c.code)
        .where(
            or_(
                payment_files.c.count != func.coalesce(_in_file.c.n, 0),
                payment_files.c.total != func.coalesce(_in_file.c.total, 0),
            )
        )
        .order_by(payment_files.c.code),
    ),
)
