"""What an audit asks of a bank's statements: what was credited for a line, and what a file for the bank paid."""

from __future__ import annotations

from sqlalchemy import and_, func, literal_column, or_, select, union

from wallet_core.features.arrivals import arrivals, chargebacks
from wallet_core.features.bank_lines import bank_lines
from wallet_core.features.bank_payouts import payment_files, payouts
from wallet_core.features.bank_reversals import bank_reversals
from wallet_core.features.top_ups import top_ups
from wallet_core.features.withdrawals import withdrawals
from wallet_core.ledger.sql import Check

_in_file = (
    select(payouts.c.file, func.count().label("n"), func.sum(withdrawals.c.amount).label("total"))
    .join_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
    .group_by(payouts.c.file)
    .subquery()
)
_of_a_bank = union(select(bank_lines.c.gateway), select(payment_files.c.gateway)).subquery()

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
        .outerjoin_from(payouts, withdrawals, withdrawals.c.code == payouts.c.withdrawal)
        .outerjoin(payment_files, payment_files.c.code == payouts.c.file)
        .where(
            or_(
                withdrawals.c.code.is_(None),
                payment_files.c.code.is_(None),
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
    Check(
        "what has arrived as {} is in no line of a bank's statement",
        select(arrivals.c.key)
        .select_from(
            arrivals.join(top_ups, top_ups.c.code == arrivals.c.top_up)
            .join(_of_a_bank, _of_a_bank.c.gateway == top_ups.c.gateway)
            .outerjoin(
                bank_lines,
                and_(
                    or_(
                        bank_lines.c.key == func.substr(arrivals.c.key, len("in:") + 1),
                        bank_lines.c.code == func.substr(arrivals.c.key, len("line:") + 1),
                    ),
                    bank_lines.c.state == "booked",
                    bank_lines.c.top_up == arrivals.c.top_up,
                    bank_lines.c.amount == arrivals.c.amount,
                ),
            )
        )
        .where(bank_lines.c.code.is_(None))
        .order_by(arrivals.c.key),
    ),
    Check(
        "withdrawal {} is done, and no line of a bank's statement has said so",
        select(withdrawals.c.code)
        .join_from(withdrawals, _of_a_bank, _of_a_bank.c.gateway == withdrawals.c.gateway)
        .where(withdrawals.c.state == "done", withdrawals.c.reference.is_(None))
        .order_by(withdrawals.c.code),
    ),
    Check(
        "what became of the reversal {} of a bank's statement is not what was decided",
        select(bank_reversals.c.code)
        .select_from(
            bank_reversals.outerjoin(chargebacks, chargebacks.c.key == bank_reversals.c.chargeback)
            .outerjoin(arrivals, arrivals.c.key == chargebacks.c.arrival)
            .outerjoin(top_ups, top_ups.c.code == arrivals.c.top_up)
        )
        .where(
            bank_reversals.c.state.in_(["taken", "lost"]),
            or_(
                top_ups.c.code.is_(None),
                top_ups.c.gateway != bank_reversals.c.gateway,
                chargebacks.c.key != literal_column("'back:line:'") + bank_reversals.c.code,
                chargebacks.c.amount != bank_reversals.c.amount,
                and_(bank_reversals.c.state == "lost", chargebacks.c.paid != 0),
            ),
        )
        .order_by(bank_reversals.c.code),
    ),
    Check(
        "what was taken back as {} is in no line of a bank's statement",
        select(chargebacks.c.key)
        .select_from(
            chargebacks.join(arrivals, arrivals.c.key == chargebacks.c.arrival)
            .join(top_ups, top_ups.c.code == arrivals.c.top_up)
            .join(_of_a_bank, _of_a_bank.c.gateway == top_ups.c.gateway)
            .outerjoin(bank_reversals, bank_reversals.c.chargeback == chargebacks.c.key)
        )
        .where(bank_reversals.c.code.is_(None))
        .order_by(chargebacks.c.key),
    ),
)
