"""What the core gives, as plain values that can be held against the model's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wallet_core
from wallet_core import WalletError
from wallet_core.ledger.values import microseconds

STATED = (  # refusals that say in which state the thing is
    wallet_core.RequestNotOpen, wallet_core.IntentNotOpen, wallet_core.RefundNotOpen, wallet_core.GiftNotOpen,
    wallet_core.SplitNotOpen, wallet_core.ShareNotOpen, wallet_core.PickNotOpen, wallet_core.IssueNotOpen,
    wallet_core.TopUpNotOpen, wallet_core.WithdrawalNotOpen, wallet_core.IssueListNotOpen, wallet_core.LineNotOpen,
    wallet_core.KeypadOver, wallet_core.ResetOver, wallet_core.MoveNotOpen,
    wallet_core.AnnouncementNotOpen,
)  # fmt: skip


def plain_refusal(refusal: WalletError) -> tuple[Any, ...]:
    """A refusal: its name, then what it must carry."""
    match refusal:
        case wallet_core.LimitExceeded(limit=limit, most=most):
            return ("LimitExceeded", limit, most and most.minor)
        case wallet_core.InsufficientFunds(available=available, required=required):
            return ("InsufficientFunds", available.minor, required.minor)
        case wallet_core.RefundTooLarge(left=left, original=original):
            return ("RefundTooLarge", left.minor, original.minor)
        case wallet_core.PaymentNotRefundable(kind=kind):
            return ("PaymentNotRefundable", kind)
        case wallet_core.IntentExpired():
            return ("IntentExpired", "expired")
        case wallet_core.PinNeeded(key=key, amount=amount):
            return ("PinNeeded", key, amount.minor)
        case wallet_core.PayingLocked(until=until):
            return ("PayingLocked", microseconds(until))
        case wallet_core.Closing(at=at):
            return ("Closing", microseconds(at))
        case wallet_core.PinAboveLimits(most=most):
            return ("PinAboveLimits", most.minor)
    return (type(refusal).__name__, *([str(refusal.state)] if isinstance(refusal, STATED) else ()))


def plain(outcome: Any) -> Any:
    """What the core gave, as plain values."""
    if isinstance(outcome, WalletError):
        return plain_refusal(outcome)
    if isinstance(outcome, tuple) and type(outcome) not in PLAIN:
        return [plain(each) for each in outcome]
    known = PLAIN.get(type(outcome))
    return known(outcome) if known else getattr(outcome, "minor", outcome)  # a Money


def _dropped(d: wallet_core.Dropped) -> Any:
    return (sorted(map(plain, d.intents)), sorted(map(plain, d.refunds), key=repr), sorted(map(plain, d.tips)))


def _limit(limit: wallet_core.Limit) -> Any:
    due_us = limit.raised_at and microseconds(limit.raised_at)
    most = tuple(each and each.minor for each in (limit.given, limit.own, limit.wished))
    return None if (*most, due_us) == (None,) * 4 else (*most, due_us)


PLAIN: dict[type, Callable[[Any], Any]] = {
    wallet_core.Person: lambda p: (p.id, p.handle, p.name, p.language),
    wallet_core.OpenedWallet: lambda o: (
        o.wallet.id, plain(o.wallet.owner), o.wallet.balance.minor, o.wallet.available.minor, o.wallet.version,
        o.is_new,
    ),
    wallet_core.Receipt: lambda r: (
        r.transfer_id, r.key, r.debit, r.credit, r.amount.minor, r.kind, r.memo, r.created_at_us, r.refunds, r.subject,
    ),
    wallet_core.Payment: lambda p: (plain(p.receipt), plain(p.payer), plain(p.payee), p.refund_of),
    wallet_core.Refund: lambda r: (
        r.code, plain(r.person), plain(r.payee), r.amount.minor, r.refunds, str(r.state), microseconds(r.expires_at),
    ),
    wallet_core.Dropped: _dropped,
    wallet_core.TipQuestion: lambda q: (
        q.code, plain(q.person), plain(q.payee), q.amount and q.amount.minor, str(q.state), microseconds(q.expires_at),
    ),
    wallet_core.Issuing: lambda i: (
        i.code, i.operator.id, i.payee.id, i.amount.minor, i.memo, str(i.state), microseconds(i.expires_at),
    ),
    wallet_core.IssueList: lambda i: (
        i.code, i.operator.id, i.count, i.total.minor, i.memo, str(i.state), microseconds(i.expires_at),
    ),
    wallet_core.PaymentRequest: lambda r: (
        r.code, r.payee.id, r.amount and r.amount.minor, r.memo, r.payers_max, r.payers, str(r.state),
        microseconds(r.expires_at), r.payer and r.payer.id, r.asked and str(r.asked),
    ),
    wallet_core.Pick: lambda k: (
        k.number, k.amount and k.amount.minor, k.memo, k.request, str(k.state), k.guide, k.step,
        k.payee and k.payee.id, k.answers,
    ),
    wallet_core.Intent: lambda i: (
        i.code, i.payer.id, i.payee.id, i.amount and i.amount.minor, i.memo, i.request, str(i.state),
        microseconds(i.expires_at),
    ),
    wallet_core.OutboxMessage: lambda m: (
        m.id, m.recipient, str(m.telling), m.place, m.attempts, m.payment.receipt.transfer_id,
        m.balance and m.balance.minor, m.language,
    ),
    wallet_core.Shown: lambda s: (s.place, *s.subject, s.changes, s.attempts),
    wallet_core.Card: lambda c: (
        c.ask, c.give, plain(c.maker), c.amount.minor, c.memo, c.cannot_give and plain_refusal(c.cannot_give),
    ),
    wallet_core.Claim: lambda c: (plain(c.payment), plain(c.gift), c.is_new, c.is_repeat),
    wallet_core.Gift: lambda g: (
        g.code, plain(g.giver), g.amount.minor, g.left.minor, g.shares, g.claimed, g.is_lucky, g.for_handle, g.memo,
        str(g.state), microseconds(g.expires_at),
    ),
    wallet_core.GiftOffer: lambda o: (o.code, o.amount.minor, o.for_handle, o.memo),
    wallet_core.Split: lambda s: (
        s.code, plain(s.asker), s.total.minor, s.memo, s.is_named, str(s.state), microseconds(s.expires_at), s.is_over,
    ),
    wallet_core.TopUp: lambda t: (
        t.code, t.person.id, t.made_by.id, t.gateway, t.amount.minor, t.arrivals, t.received.minor, str(t.state),
        t.ended_by and t.ended_by.id, microseconds(t.expires_at),
    ),
    wallet_core.Arrival: lambda a: (plain(a.payment), plain(a.top_up), a.is_repeat),
    wallet_core.Chargeback: lambda c: (c.amount.minor, c.paid.minor, plain(c.top_up)),
    wallet_core.Withdrawal: lambda w: (
        w.code, w.person.id, w.gateway, w.amount.minor, w.fee.minor, str(w.state), w.ended_by and w.ended_by.id,
        w.attempts, microseconds(w.expires_at),
    ),
    wallet_core.BankLine: lambda b: (
        b.code, b.amount.minor, b.booked_on, b.text, b.name, str(b.note), str(b.state), b.person and b.person.id,
        b.kind, b.ended_by and b.ended_by.id, b.number, b.is_repeat,
    ),
    wallet_core.PaymentFile: lambda f: (f.code, f.count, f.total.minor, f.is_refused, microseconds(f.made_at)),
    wallet_core.MovesDropped: lambda m: (
        sorted(map(plain, m.top_ups)), sorted(map(plain, m.withdrawals)), m.begun and plain(m.begun),
    ),
    wallet_core.AllDropped: lambda d: tuple(map(plain, (d.dialogs, d.moves, d.pick, d.keypad, d.desk))),
    wallet_core.DeskDropped: lambda d: (
        *(sorted(map(plain, each), key=repr) for each in (d.issues, d.lists, d.announcements)),
        d.whose and plain(d.whose),
    ),
    wallet_core.WithdrawalBegun: lambda b: (
        b.key, b.gateway, b.amount.minor, str(b.state), b.answer, microseconds(b.asked_until),
    ),
    wallet_core.Reversal: lambda r: (
        r.code, r.amount.minor, r.booked_on, r.text, r.name, r.is_alike, str(r.state), r.person and r.person.id,
        r.paid and r.paid.minor, r.is_repeat,
    ),
    wallet_core.Limits: lambda s: (s.person.id, _limit(s.payment), _limit(s.day), s.spent.minor),
    wallet_core.Pin: lambda p: (
        p.person.id, p.above and p.above.minor, p.is_for_new, p.locked_until and microseconds(p.locked_until),
    ),
    wallet_core.Keypad: lambda k: (
        k.code, plain(k.person), str(k.purpose), str(k.stage), str(k.state), k.digits, k.problem and str(k.problem),
        k.tries_left, k.amount and k.amount.minor, k.key, k.wish,
    ),
    wallet_core.PinReset: lambda r: (r.code, plain(r.person), plain(r.by), str(r.state), microseconds(r.due_at)),
    wallet_core.Move: lambda m: (
        m.code, *map(plain, (m.old, m.new, m.asked_by, m.agreed_by, m.stopped_by)), m.note, str(m.state),
        microseconds(m.due_at),
    ),
    wallet_core.Announcement: lambda a: (
        a.code, plain(a.operator), str(a.kind), a.text, a.closes_at and microseconds(a.closes_at), str(a.state),
        a.told, a.unreached, microseconds(a.expires_at),
    ),
    wallet_core.Act: lambda a: (
        str(a.kind), a.operator, a.person and a.person.id, a.amount and a.amount.minor, a.note, a.receipt,
        microseconds(a.at),
    ),
    wallet_core.Share: lambda s: (
        s.code, s.nth, plain(s.person), s.handle, s.amount and s.amount.minor, str(s.state), s.payments,
    ),
}  # fmt: skip
