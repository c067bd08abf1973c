"""One core and one model that are given the same commands: whatever they do not agree about is a failure.

A wish is a plain dict, {"do": "Transfer", "payer": 1, ...}; rules are plain numbers, given to both.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import wallet_core
import wallet_core.features.agenda
import wallet_core.features.requests_ended
import wallet_core.features.tips_usual
from tests.campaigns.model import Model
from tests.campaigns.model_refusals import Again, No
from wallet_core import Money, Rules, WalletCore, WalletError, currency
from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.values import microseconds, moment_of

START_US = 1_790_000_000_000_000  # in September 2026
FILES = ("books.db", "books.db-wal")  # what is on the disk; the -shm file is memory
NAMED = ("MakeRequest", "MakeIntent", "AnswerIntent", "MakeRefund", "Meet", "Tip")
PAYEES = {"person": "ToPerson", "handle": "ToHandle", "code": "ToPersonCode", "request": "ToRequest"}


@dataclass
class PlainRules:
    """What the operator decides, as plain numbers."""

    welcome: int = 0
    credit: int = 0
    transfer_max: int = 0
    daily_max: int = 0
    tip_max: int = 0
    requests_max: int = 3
    intents_max: int = 6
    intent_life: int = 3_600_000_000
    request_life: int = 7 * 86_400_000_000
    operators: tuple[str, ...] = ("tg:1",)

    def real(self) -> Rules:
        return Rules(
            currency("EUR"),
            welcome_credit_minor=self.welcome,
            credit_limit_minor=self.credit,
            transfer_max_minor=self.transfer_max,
            daily_max_minor=self.daily_max,
            tip_max_minor=self.tip_max,
            requests_open_max=self.requests_max,
            intents_open_max=self.intents_max,
            operators=frozenset(map(wallet_core.PersonId, self.operators)),
            intent_lifetime=timedelta(microseconds=self.intent_life),
            request_lifetime=timedelta(microseconds=self.request_life),
        )


def command_of(wish: dict[str, Any]) -> Any:
    """The core's command for a plain wish."""
    fields = {name: value for name, value in wish.items() if name != "do"}
    if fields.get("amount") is not None:
        fields["amount"] = Money(fields["amount"][0], currency(fields["amount"][1]))
    if "to" in fields:
        fields["to"] = getattr(wallet_core, PAYEES[fields["to"][0]])(fields["to"][1])
    if "lease" in fields:
        fields["lease"] = timedelta(microseconds=fields["lease"])
    if "postponed" in fields:
        fields["postponed"] = tuple((number, timedelta(microseconds=us)) for number, us in fields["postponed"])
    return COMMANDS[wish["do"]](**fields)


# The clerk's own command is no public name: it is what `run_due` runs.
COMMANDS: Any = {
    **vars(wallet_core),
    "EndRequest": wallet_core.features.requests_ended.EndRequest,
    "EndTipQuestion": wallet_core.features.tips_usual.EndTipQuestion,
}
ENDING = {"request": "EndRequest", "tipask": "EndTipQuestion"}


class Quarrel(AssertionError):
    """Core and model do not agree."""


class World:
    """A core on a file in `directory`, its model, a clock that both read, and counts of what was reached."""

    def __init__(self, directory: Path, rules: PlainRules, seed: int) -> None:
        self.directory, self.rules, self.entropy = directory, rules, Random(seed).randbytes
        self.model, self.now_us = Model(rules), START_US
        self.reached: Counter[tuple[str, str]] = Counter()
        self.receipts: dict[int, str] = {}
        self.complaints: list[str] = []
        self._seen = 0  # transfers compared already: they never change, the audit sees to that
        self._ear = logging.Handler(logging.WARNING)
        self._ear.emit = lambda record: self.complaints.append(record.getMessage())  # type: ignore[method-assign]

    async def open(self) -> None:
        """Open the books that are in the directory."""
        logging.getLogger("wallet_core").addHandler(self._ear)
        self.core = await WalletCore.open(
            f"sqlite+aiosqlite:///{self.directory / 'books.db'}",
            rules=self.rules.real(),
            clock=lambda: moment_of(self.now_us),
            entropy=self.entropy,
        )

    async def close(self) -> None:
        await self.core.close()
        logging.getLogger("wallet_core").removeHandler(self._ear)

    def copy_files(self, to: Path) -> None:
        """The files as a process that died now would leave them."""
        to.mkdir()
        for name in FILES:
            if (self.directory / name).exists():
                shutil.copyfile(self.directory / name, to / name)

    # -- do and compare

    async def perform(self, wishes: list[dict[str, Any]]) -> list[Any]:
        """Give the wishes to the core as one batch; an outcome is what it gave, or the WalletError that it raised."""
        outcomes = await asyncio.gather(*(self.core.run(command_of(w)) for w in wishes), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, WalletError):
                raise Quarrel(f"the core raised {outcome!r}") from outcome
        if self.complaints:
            raise Quarrel(f"the core complained: {self.complaints}")
        return outcomes

    def settle(self, wishes: list[dict[str, Any]], outcomes: list[Any]) -> None:
        """Let the model do the same batch, and compare outcome by outcome."""
        self.model.begin(self.now_us)
        for wish, outcome in zip(wishes, outcomes, strict=True):
            expected, word = self._model_does(wish, outcome)
            found = plain(outcome)
            if found != expected:
                raise Quarrel(f"{wish}\n  the core gives {found}\n the model gives {expected}")
            self.reached[wish["do"], word] += 1
            receipt = getattr(outcome, "receipt", outcome)
            if isinstance(receipt, wallet_core.Receipt):  # a receipt code never changes (G12)
                assert self.receipts.setdefault(receipt.transfer_id, receipt.code) == receipt.code
        self.model.commit()

    async def run_due(self) -> None:
        """Let the clerk do what is due; the model does the same, each in a batch of its own."""
        await self.core.run_due()
        due = [entry for entry, (when, _) in self.model.agenda.items() if when <= self.now_us]
        for entry in due:
            self.model.begin(self.now_us)
            kind, _, code = entry.partition(":")
            getattr(self.model, ENDING[kind])(code)
            self.model.commit()
            self.reached[ENDING[kind], "by the clerk"] += 1

    def _model_does(self, wish: dict[str, Any], outcome: Any) -> tuple[Any, str]:
        model, fields, word = self.model, dict(wish), "ok"
        do = fields.pop("do")
        try:
            result = getattr(model, do)(**fields)
        except No as refusal:
            name = refusal.args[0]
            return refusal.args, f"{name}.{refusal.args[1]}" if name == "LimitExceeded" else name
        except Again as done:
            result, word = done.args[0], "again"
        if do in NAMED and result.code is None and hasattr(outcome, "code"):  # made just now: the core names it
            result.code = outcome.code
            if do == "MakeRequest":
                model.named(result, outcome.code)
            elif do == "Tip":
                model.asked(result, outcome.code)
            elif do == "MakeRefund":
                model.refunds[outcome.code] = result
            elif do != "Meet":
                model.intents[outcome.code] = result
        elif do == "OpenWallet" and hasattr(outcome, "wallet"):
            model.people[wish["person"]].code = outcome.wallet.owner.code
        return self._plain_model(do, result), word

    def _plain_model(self, do: str, row: Any) -> Any:
        """What the model gives, in the words of `plain`."""
        model = self.model
        match do:
            case "Meet" | "ChooseLanguage":
                return (row.id, row.handle, row.name, model.language(row))
            case "OpenWallet":
                wallet, is_new = row
                available = max(0, wallet.balance + model.rules.credit)
                return (wallet.id, self._person(wallet.owner), wallet.balance, available, wallet.version, is_new)
            case "Tip" if hasattr(row, "tipped"):
                people = self._person(row.person), self._person(row.tipped.payee)
                return (row.code, *people, row.amount, model.state(row), row.expires)
            case (
                "Transfer" | "Issue" | "PayRequest" | "ConfirmIntent" | "RefundTransfer" | "ConfirmRefund"
                | "Tip" | "TipAgain" | "AnswerTip"
            ):  # fmt: skip
                debit, credit, (minor, _), kind, memo, about = row.wish
                subject = about if isinstance(about, tuple) else about and ("request", about)
                receipt = (row.id, row.key, debit, credit, minor, kind, memo, row.at, row.refunds, subject)
                people = tuple(self._person(model.wallets[number].owner) for number in (debit, credit))
                refund_of = row.refunds and self.receipts[row.refunds]
                return receipt if do == "Transfer" else (receipt, *people, refund_of)
            case "MakeRefund" | "CancelRefund":
                payee = self._person(model.wallets[row.first.wish[0]].owner)
                return (row.code, payee, row.amount, self.receipts[row.first.id], model.state(row), row.expires)
            case "MakeRequest" | "PlaceRequest" | "CancelRequest":
                return (row.code, row.payee, row.amount, row.memo, row.payers_max, row.payers, model.state(row),
                        row.expires)  # fmt: skip
            case "CancelOpen":
                return sorted(self._plain_model("CancelIntent", each) for each in row)
            case "ClaimOutbox":
                return [
                    (n, m.to, "paid" if n % 2 else "received", m.place, attempts, m.transfer, m.balance,
                     model.outbox.languages[m.to])
                    for n, attempts in row
                    for m in (model.outbox.messages[n],)
                ]  # fmt: skip
            case "ClaimPlaces" | "ChooseTip":
                return row
            case (
                "SettleOutbox"
                | "SettlePlaces"
                | "PlaceIntent"
                | "EndRequest"
                | "EndTipQuestion"
                | "PlaceTips"
                | "NoteTold"
            ):
                return None
        return (row.code, row.payer, row.payee, row.amount, row.memo, row.request, model.state(row), row.expires)

    def _person(self, person: str | None) -> Any:
        return None if person is None else self._plain_model("Meet", self.model.people[person])

    # -- the whole state

    def compare_books(self) -> None:
        """Every row in the file against the model: balances, entries, G1 to G3."""
        file = sqlite3.connect(f"file:{self.directory / 'books.db'}?mode=ro", uri=True)
        try:
            for what, sql, expected in self._tables():
                found = file.execute(sql).fetchall()
                if found != expected:
                    odd = [row for row in found if row not in expected][:3]
                    missing = [row for row in expected if row not in found][:3]
                    raise Quarrel(f"{what}: only the core has {odd}, only the model has {missing}")
            self._note_receipts(file)
        finally:
            file.close()
        assert sum(wallet.balance for wallet in self.model.wallets.values()) == 0, "G2"
        self._seen = len(self.model.made["transfer"])

    def _note_receipts(self, file: sqlite3.Connection) -> None:
        """The receipt codes of the payments since the last time: from now on people can ask for their money back."""
        new = "SELECT transfer, hash FROM entries WHERE id > ? AND delta > 0"
        payments = list(self.model.made["transfer"].values())
        for number, entry_hash in file.execute(new, (2 * self._seen,)):
            code = receipt_code(number, entry_hash)
            assert self.receipts.setdefault(number, code) == code
            self.model.receipts[code] = payments[number - 1]
        for spot, code in file.execute("SELECT spot, code FROM tipped"):
            row = self.model.tip_codes[code] = self.model.tipped[spot]
            row.code = code

    def _tables(self) -> list[tuple[str, str, list[Any]]]:
        m, seen = self.model, self._seen
        requests = sorted(m.requests.values(), key=lambda r: r.code)
        intents = sorted(m.intents.values(), key=lambda i: i.code)
        return [
            ("people", "SELECT id, handle, name, language_said, language_chosen FROM people ORDER BY id",
             sorted((p.id, p.handle, p.name, p.said, p.chosen) for p in m.people.values())),
            ("wallets", "SELECT id, owner, balance, version, state, last_entry FROM wallets ORDER BY id",
             [(w.id, w.owner, w.balance, w.version, w.state, w.last) for w in m.wallets.values()]),
            ("transfers", "SELECT id, key, debit, credit, amount, kind, memo, created_at, refunds,"
             f" subject_kind, subject FROM transfers WHERE id > {seen} ORDER BY id",
             [(t.id, t.key, *t.wish[:2], t.wish[2][0], *t.wish[3:5], t.at, t.refunds,
               *(t.wish[5] if isinstance(t.wish[5], tuple) else (t.wish[5] and "request", t.wish[5])))
              for t in list(m.made["transfer"].values())[seen:]]),
            ("entries", "SELECT id, wallet, version, previous, delta, balance_after, transfer FROM entries"
             f" WHERE id > {2 * seen} ORDER BY id", m.entries[2 * seen:]),
            ("requests", "SELECT code, payee, amount, memo, payers_max, payers, state, expires_at FROM payment_requests"
             " ORDER BY code",
             [(r.code, r.payee, r.amount, r.memo, r.payers_max, r.payers, r.state, r.expires) for r in requests]),
            ("request_payments", "SELECT transfer, request, nth, payer FROM request_payments ORDER BY transfer",
             m.payments),
            ("intents", "SELECT code, payer, payee, amount, memo, request, state, transfer FROM intents ORDER BY code",
             [(i.code, i.payer, i.payee, i.amount, i.memo, i.request, i.state, i.transfer) for i in intents]),
            ("refunds", "SELECT code, person, original, currency, amount, state, transfer, expires_at FROM refunds"
             " ORDER BY code",
             [(r.code, r.person, r.first.id, "EUR", r.amount, r.state, r.transfer, r.expires)
              for r in sorted(m.refunds.values(), key=lambda r: r.code)]),
            *m.tip_tables(),
            ("outbox", "SELECT id, recipient, place, due_at, attempts FROM outbox"
             " UNION ALL SELECT id, recipient, place, NULL, attempts FROM parked ORDER BY id",
             [(n, o.to, o.place, o.due, o.attempts) for n, o in m.outbox.messages.items()]),
            ("places", "SELECT place, chat, kind, subject, changes, due_at, told_at, attempts FROM places"
             " ORDER BY place",
             sorted((n, p.chat, p.kind, p.code, p.changes, p.due, p.told, p.attempts)
                    for n, p in m.places.places.items())),
            ("agenda", "SELECT id, due_at, attempts FROM agenda ORDER BY id",
             sorted((entry, *when) for entry, when in m.agenda.items())),
        ]  # fmt: skip


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
        case (
            wallet_core.RequestNotOpen(state=state)
            | wallet_core.IntentNotOpen(state=state)
            | wallet_core.RefundNotOpen(state=state)
        ):
            return (type(refusal).__name__, str(state))
        case wallet_core.IntentExpired():
            return ("IntentExpired", "expired")
    return (type(refusal).__name__,)


def plain(outcome: Any) -> Any:
    """What the core gave, as plain values."""
    match outcome:
        case WalletError():
            return plain_refusal(outcome)
        case wallet_core.Person(id=id, handle=handle, name=name, language=language):
            return (id, handle, name, language)
        case wallet_core.OpenedWallet(wallet=w, is_new=is_new):
            return (w.id, plain(w.owner), w.balance.minor, w.available.minor, w.version, is_new)
        case wallet_core.Receipt() as r:
            return (r.transfer_id, r.key, r.debit, r.credit, r.amount.minor, r.kind, r.memo, r.created_at_us, r.refunds,
                    r.subject)  # fmt: skip
        case wallet_core.Payment(receipt=receipt, payer=payer, payee=payee, refund_of=refund_of):
            return (plain(receipt), plain(payer), plain(payee), refund_of)
        case wallet_core.Refund() as r:
            return (r.code, plain(r.payee), r.amount.minor, r.refunds, str(r.state), microseconds(r.expires_at))
        case wallet_core.TipQuestion() as q:
            return (q.code, plain(q.person), plain(q.payee), q.amount and q.amount.minor, str(q.state),
                    microseconds(q.expires_at))  # fmt: skip
        case wallet_core.PaymentRequest() as r:
            return (r.code, r.payee.id, r.amount and r.amount.minor, r.memo, r.payers_max, r.payers, str(r.state),
                    microseconds(r.expires_at))  # fmt: skip
        case wallet_core.Intent() as i:
            return (i.code, i.payer.id, i.payee.id, i.amount and i.amount.minor, i.memo, i.request, str(i.state),
                    microseconds(i.expires_at))  # fmt: skip
        case wallet_core.OutboxMessage() as m:
            return (m.id, m.recipient, str(m.telling), m.place, m.attempts, m.payment.receipt.transfer_id,
                    m.balance and m.balance.minor, m.language)  # fmt: skip
        case wallet_core.Shown(place=place, subject=subject, changes=changes, attempts=attempts):
            return (place, *subject, changes, attempts)
        case tuple():
            inside = [plain(each) for each in outcome]
            return sorted(inside) if outcome and isinstance(outcome[0], wallet_core.Intent) else inside
    return getattr(outcome, "minor", outcome)  # a Money
