"""One core and one model that are given the same commands: whatever they do not agree about is a failure.

A wish is a plain dict, {"do": "Transfer", "payer": 1, ...}; rules are plain numbers, given to both.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import wallet_core
import wallet_core.features.agenda
import wallet_core.features.arrivals
import wallet_core.features.gifts_ended
import wallet_core.features.limits
import wallet_core.features.moves
import wallet_core.features.requests_ended
import wallet_core.features.splits_made
import wallet_core.features.splits_paid
import wallet_core.features.tips_usual
import wallet_core.features.withdrawals_paid
from tests.campaigns.model import Model
from tests.campaigns.model_refusals import Again, No
from tests.campaigns.plain import plain
from tests.campaigns.plain_model import SHARES, PlainModel, about_of
from wallet_core import Money, Rules, WalletCore, WalletError, currency
from wallet_core.ledger.codes import receipt_code
from wallet_core.ledger.values import moment_of

START_US = 1_790_000_000_000_000  # in September 2026
FILES = ("books.db", "books.db-wal")  # what is on the disk; the -shm file is memory


def _keep(where: str) -> Callable[[Model, Any, str], None]:
    return lambda model, row, code: getattr(model, where).__setitem__(code, row)


NAMED: dict[str, Callable[[Model, Any, str], None]] = {  # what the core gives a code, and who has to know
    "Meet": lambda model, row, code: None,
    **dict.fromkeys(("MakeRequest", "StandingRequest"), Model.named),
    **dict.fromkeys(("MakeIntent", "AnswerIntent", "AnswerPick"), _keep("intents")),
    "SayMemo": lambda model, row, code: (Model.named if hasattr(row, "payers_max") else _keep("intents"))(
        model, row, code
    ),
    "MakeRefund": _keep("refunds"),
    "MakeIssue": _keep("issues"),
    "MakeIssueList": _keep("issue_lists"),
    "MakeTopUp": Model.top_up_named,
    **dict.fromkeys(("MakeWithdrawal", "SayTarget"), _keep("withdrawals")),
    "MakePaymentFile": _keep("files"),
    **dict.fromkeys(("SetPin", "ChangePin", "AskForPin", "AskPinFor"), _keep("keypads")),
    "ResetPin": Model.reset_named,
    "AskMove": Model.move_named,
    "MakeAnnouncement": _keep("announcements"),
    **dict.fromkeys(("MakeGift", "GiveOffered"), Model.gift_named),
    "OfferGift": _keep("gift_offers"),
    "MakeSplit": Model.split_named,
    "Tip": Model.asked,
}
BY_THE_CLERK = {
    "request": "EndRequest",
    "gift": "EndGift",
    "split": "EndSplit",
    "refunded_share": "ReopenShare",
    "tipask": "EndTipQuestion",
    "top_up": "LapseTopUp",
    "withdrawal": "EndWithdrawal",
    "limit": "RaiseLimit",
    "pin": "EndPinLock",
    "pin_reset": "TakePinAway",
    "move": "DoMove",
}
KINDS: dict[str, dict[str, Callable[[str], Any]]] = {
    "MakePick": {"guide": wallet_core.Guide},
    "PlacePick": {"step": wallet_core.Step},
    "SettleWithdrawal": {"outcome": wallet_core.Outcome},
    "BookLine": {"note": wallet_core.LineNote},
    "NoteAct": {"kind": wallet_core.ActKind},
    "DecideReversal": {"decision": wallet_core.ReversalState},
}
PAYEES = {"person": "ToPerson", "handle": "ToHandle", "code": "ToPersonCode", "request": "ToRequest"}


@dataclass
class PlainRules:
    """What the operator decides, as plain numbers."""

    welcome: int = 0
    credit: int = 0
    transfer_max: int = 0
    daily_max: int = 0
    tip_max: int = 0
    issue_max: int = 0
    top_up_max: int = 0
    top_ups_max: int = 3
    top_up_life: int = 86_400_000_000
    withdrawals_max: int = 4
    withdrawal_life: int = 7 * 86_400_000_000
    requests_max: int = 3
    gifts_max: int = 4
    gift_life: int = 86_400_000_000
    intents_max: int = 6
    refunds_max: int = 3
    intent_life: int = 3_600_000_000
    request_life: int = 7 * 86_400_000_000
    splits_max: int = 4
    split_life: int = 10 * 86_400_000_000
    standing_life: int = 3_650 * 86_400_000_000
    blocks_max: int = 1
    operators: tuple[str, ...] = ("tg:1",)

    def real(self) -> Rules:
        return Rules(
            currency("EUR"),
            welcome_credit_minor=self.welcome,
            credit_limit_minor=self.credit,
            transfer_max_minor=self.transfer_max,
            daily_max_minor=self.daily_max,
            tip_max_minor=self.tip_max,
            issue_max_minor=self.issue_max,
            top_up_max_minor=self.top_up_max,
            top_ups_open_max=self.top_ups_max,
            top_up_lifetime=timedelta(microseconds=self.top_up_life),
            withdrawals_open_max=self.withdrawals_max,
            withdrawal_lifetime=timedelta(microseconds=self.withdrawal_life),
            requests_open_max=self.requests_max,
            gifts_open_max=self.gifts_max,
            gift_lifetime=timedelta(microseconds=self.gift_life),
            intents_open_max=self.intents_max,
            refunds_open_max=self.refunds_max,
            operators=frozenset(map(wallet_core.PersonId, self.operators)),
            intent_lifetime=timedelta(microseconds=self.intent_life),
            request_lifetime=timedelta(microseconds=self.request_life),
            splits_open_max=self.splits_max,
            split_lifetime=timedelta(microseconds=self.split_life),
            blocks_max=self.blocks_max,
            standing_lifetime=timedelta(microseconds=self.standing_life),
        )


def command_of(wish: dict[str, Any]) -> Any:
    """The core's command for a plain wish."""
    fields = {name: value for name, value in wish.items() if name != "do"}
    if "span" in fields:
        fields["span"] = wallet_core.Span(fields["span"])
    for amount in ("amount", "total", "fee", "most", "above", "opening", "closing"):
        if fields.get(amount) is not None:
            fields[amount] = Money(fields[amount][0], currency(fields[amount][1]))
    _lines_of(fields)
    _announced_of(fields)
    if "people" in fields:
        fields["people"] = tuple(getattr(wallet_core, PAYEES[kind])(name) for kind, name in fields["people"])
    for name in ("to", "payer"):
        if isinstance(fields.get(name), tuple):
            fields[name] = getattr(wallet_core, PAYEES[fields[name][0]])(fields[name][1])
    for name, kind in KINDS.get(wish["do"], {}).items():
        if isinstance(fields.get(name), str):
            fields[name] = kind(fields[name])
    if fields.get("guide") is not None:  # with which nothing was said
        fields |= {"amount": None, "memo": "", "request": None}
    for name in {"lease", "again"} & fields.keys():
        fields[name] = timedelta(microseconds=fields[name])
    if "postponed" in fields:
        fields["postponed"] = tuple((number, timedelta(microseconds=us)) for number, us in fields["postponed"])
    return COMMANDS[wish["do"]](**fields)


def _lines_of(fields: dict[str, Any]) -> None:
    """Those of a list, where there are some."""
    if "lines" in fields:
        fields["lines"] = tuple(
            wallet_core.IssueLine(line, getattr(wallet_core, PAYEES[to[0]])(to[1]), Money(much[0], currency(much[1])))
            for line, to, much in fields["lines"]
        )


def _announced_of(fields: dict[str, Any]) -> None:
    """What is to be told, where something is."""
    if "what" in fields:
        kind, text, closes_us = fields.pop("what")
        fields |= {"kind": wallet_core.AnnouncementKind(kind), "text": text}
        fields["closes_at"] = None if closes_us is None else moment_of(closes_us)


# The clerk's own commands are no public names: they are what `run_due` runs.
ENDS: Any = {
    "EndRequest": wallet_core.features.requests_ended.EndRequest,
    "EndGift": wallet_core.features.gifts_ended.EndGift,
    "EndSplit": wallet_core.features.splits_made.EndSplit,
    "EndTipQuestion": wallet_core.features.tips_usual.EndTipQuestion,
    "ReopenShare": wallet_core.features.splits_paid.ReopenShare,
    "LapseTopUp": wallet_core.features.arrivals.LapseTopUp,
    "EndWithdrawal": wallet_core.features.withdrawals_paid.EndWithdrawal,
    "DoMove": wallet_core.features.moves.DoMove,
}
COMMANDS: Any = {**vars(wallet_core), **ENDS}


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
        self.url = ""  # where the books are; else in the file

    async def open(self) -> None:
        """Open the books that are in the directory."""
        logging.getLogger("wallet_core").addHandler(self._ear)
        self.core = await WalletCore.open(
            self.url or f"sqlite+aiosqlite:///{self.directory / 'books.db'}",
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

    async def freeze(self, number: int, state: str) -> None:
        """By hand: a wallet is frozen, or open."""
        with closing(sqlite3.connect(self.directory / "books.db")) as file, file:
            file.execute("UPDATE wallets SET state = ? WHERE id = ?", (state, number))
        self.model.wallets[number].state = state

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
        due = sorted((when, entry) for entry, (when, _) in self.model.agenda.items() if when <= self.now_us)
        for _, entry in due:
            kind, _, code = entry.partition(":")
            self.model.begin(self.now_us)
            getattr(self.model, BY_THE_CLERK[kind])(code)
            self.model.commit()
            self.reached[BY_THE_CLERK[kind], "by the clerk"] += 1

    async def clear(self) -> None:
        """Let the clerk clear what is over; the model does the same."""
        self.reached["clear", "ok"] += await self.core.clear()
        self.model.now = self.now_us
        self.model.clear()

    def _model_does(self, wish: dict[str, Any], outcome: Any) -> tuple[Any, str]:
        model, fields, word = self.model, dict(wish), "ok"
        do = fields.pop("do")
        claimed = isinstance(outcome, wallet_core.Claim)
        model.drawn = outcome.payment.receipt.amount.minor if claimed else None  # what chance has given
        model.given = self._top_up_for(wish) if do == "GiveLine" else None
        try:
            result = getattr(model, do)(**fields)
        except No as refusal:
            name = refusal.args[0]
            if name == "PinNeeded":
                model.pin_wanted.append((wish, *refusal.args[1:]))
            return refusal.args, f"{name}.{refusal.args[1]}" if name == "LimitExceeded" else name
        except Again as done:
            result, word = done.args[0], "again"
        self._name(do, wish, result, outcome)
        return PlainModel(model, self.receipts)(do, result), word

    def _name(self, do: str, wish: dict[str, Any], result: Any, outcome: Any) -> None:
        """The core names what was made just now."""
        model = self.model
        if do in SHARES and result.code is None:
            model.share_named(outcome.code, result.split, result.nth)
        elif do in NAMED and result.code is None and hasattr(outcome, "code"):
            result.code = outcome.code
            NAMED[do](model, result, outcome.code)
        elif do == "OfferCard" and isinstance(outcome, wallet_core.Card):
            model.card_named(result, outcome.ask, outcome.give)
        elif do == "ClaimGift" and isinstance(outcome, wallet_core.Claim):
            model.people[wish["person"]].code = outcome.payment.payee.code
        elif do == "BookLine" and result[0].code is None and hasattr(outcome, "code"):
            result[0].code = outcome.code
            model.lines[outcome.code] = result[0]
        elif do == "BookReversal" and result[0].code is None and hasattr(outcome, "code"):
            result[0].code = outcome.code
            model.reversals[outcome.code] = result[0]
        elif do == "AskWhose" and isinstance(result, tuple) and hasattr(outcome, "number"):
            result[0].number = result[0].number or outcome.number
        elif do == "MakePick" and result.number is None and hasattr(outcome, "number"):
            result.number = outcome.number
        elif do == "OpenWallet" and hasattr(outcome, "wallet"):
            model.people[wish["person"]].code = outcome.wallet.owner.code

    def _top_up_for(self, wish: dict[str, Any]) -> str | None:
        """The code of the top-up that was made for a line."""
        with closing(sqlite3.connect(f"file:{self.directory / 'books.db'}?mode=ro", uri=True)) as file:
            found = file.execute("SELECT code FROM top_ups WHERE key = ?", (f"line:{wish['code']}",)).fetchone()
        return found and str(found[0])

    # -- the whole state

    def compare_books(self) -> None:
        """Every row in the file against the model: balances, entries, G1 to G3."""
        file = sqlite3.connect(f"file:{self.directory / 'books.db'}?mode=ro", uri=True)
        try:
            self._compare(file, self._tables())
            self._note_receipts(file)
            self._compare(file, self.model.act_tables(self.receipts))
            for code, split, nth in file.execute("SELECT code, split, nth FROM split_shares"):
                self.model.share_named(code, split, nth)
        finally:
            file.close()
        assert sum(wallet.balance for wallet in self.model.wallets.values()) == 0, "G2"
        self._seen = len(self.model.made["transfer"])

    def _compare(self, file: sqlite3.Connection, tables: list[tuple[str, str, list[Any]]]) -> None:
        for what, sql, expected in tables:
            found = file.execute(sql).fetchall()
            if found != expected:
                odd = [row for row in found if row not in expected][:3]
                missing = [row for row in expected if row not in found][:3]
                raise Quarrel(f"{what}: only the core has {odd}, only the model has {missing}")

    async def compare_acts(self, limit: int) -> None:
        """What operators did, as it is listed to one of them: all of it, and what was done by or to each of them."""
        by = wallet_core.PersonId(self.rules.operators[0])
        for of in (None, *self.model.people):
            expected, found, beside = self.model.acts_listed(of, self.receipts), [], None
            while beside != "":
                page = await self.core.ask(wallet_core.Acts(by=by, of=of, older_than=beside, limit=limit))  # type: ignore[arg-type]
                found += [plain(act) for act in page.acts]
                assert page.has_newer == (beside is not None) and len(page.acts) <= limit
                beside = page.acts[-1].code if page.has_older else ""
            if found != expected:
                raise Quarrel(f"acts of {of}: the core lists {found}, the model {expected}")

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
            ("names", "SELECT person, since, name, handle FROM names ORDER BY person, since",
             sorted((person, at, name, handle) for person, known in m.names.items()
                    for at, (handle, name) in known.items())),
            ("wallets", "SELECT id, owner, balance, version, state, last_entry FROM wallets ORDER BY id",
             [(w.id, w.owner, w.balance, w.version, w.state, w.last) for w in m.wallets.values()]),
            ("transfers", "SELECT id, key, debit, credit, amount, kind, memo, created_at, refunds,"
             f" subject_kind, subject FROM transfers WHERE id > {seen} ORDER BY id",
             [(t.id, t.key, *t.wish[:2], t.wish[2][0], *t.wish[3:5], t.at, t.refunds,
               *(about_of(t.wish[5]) or (None, None))) for t in list(m.made["transfer"].values())[seen:]]),
            ("entries", "SELECT id, wallet, version, previous, delta, balance_after, transfer FROM entries"
             f" WHERE id > {2 * seen} ORDER BY id", m.entries[2 * seen:]),
            ("requests", "SELECT code, payee, amount, memo, payers_max, payers, state, expires_at, payer, asked"
             " FROM payment_requests ORDER BY code",
             [(r.code, r.payee, r.amount, r.memo, r.payers_max, r.payers, r.state, r.expires, r.payer, r.asked)
              for r in requests]),
            ("sightings", "SELECT chat, person, seen_at FROM sightings ORDER BY chat, person",
             sorted((*key, at) for key, at in m.sightings.items())),
            ("picks", "SELECT person, key, number, amount, memo, request, state, expires_at, guide, step, payee,"
             " coalesce(answers, '') FROM picks ORDER BY person",
             sorted((person, k.key, k.number, k.amount, k.memo, k.request, k.state, k.expires, k.guide, k.step, k.payee,
                     " ".join(k.answers))
                    for person, k in m.picks.items())),
            ("request_payments", "SELECT transfer, request, nth, payer FROM request_payments ORDER BY transfer",
             m.payments),
            ("intents", "SELECT code, payer, payee, amount, memo, request, state, transfer FROM intents ORDER BY code",
             [(i.code, i.payer, i.payee, i.amount, i.memo, i.request, i.state, i.transfer) for i in intents]),
            ("refunds", "SELECT code, person, original, currency, amount, state, transfer, expires_at FROM refunds"
             " ORDER BY code",
             [(r.code, r.person, r.first.id, "EUR", r.amount, r.state, r.transfer, r.expires)
              for r in sorted(m.refunds.values(), key=lambda r: r.code)]),
            ("gifts", "SELECT code, giver, escrow, amount, memo, shares, is_lucky, for_handle, claimed, state,"
             " returned, expires_at FROM gifts ORDER BY code",
             [(g.code, g.giver, g.escrow.id, g.amount, g.memo, g.shares, int(g.is_lucky), g.for_handle, g.claimed,
               g.state, g.back and g.back.id, g.expires) for g in sorted(m.gifts.values(), key=lambda g: g.code)]),
            ("gift_offers", "SELECT code, key, giver, amount, memo, for_handle, created_at FROM gift_offers"
             " ORDER BY code",
             sorted((o.code, o.key, o.giver, o.amount, o.memo, o.for_handle, o.at) for o in m.gift_offers.values())),
            ("gift_claims", "SELECT key, gift, nth, person, amount, transfer FROM gift_claims ORDER BY key",
             sorted(m.gift_claims)),
            ("splits", "SELECT code, asker, currency, total, memo, is_named, shares, state, expires_at FROM splits"
             " ORDER BY code",
             sorted((s.code, s.asker, "EUR", s.total, s.memo, s.named, len(s.shares), s.state, s.expires)
                    for s in m.splits.values())),
            ("shares", "SELECT split, nth, person, handle, amount, state, transfer, payments, reminded_at"
             " FROM split_shares ORDER BY split, nth",
             [(s.split, s.nth, s.person, s.handle, s.amount, s.state, s.transfer, s.payments, s.reminded)
              for _, split in sorted(m.splits.items()) for s in split.shares]),
            *m.tip_tables(),
            *m.gateway_tables(),
            *m.limit_tables(),
            *m.pin_tables(),
            *m.move_tables(),
            *m.announcement_tables(),
            ("cards", "SELECT code, give, person, amount, memo, request, gift, is_kept, created_at FROM cards"
             " ORDER BY code",
             sorted((c.ask, c.give, c.person, c.amount, c.memo, c.request, c.gift, c.kept, c.at)
                    for c in m.cards.values())),
            ("issues", "SELECT code, operator, payee, amount, memo, state, transfer, expires_at FROM issues"
             " ORDER BY code",
             [(i.code, i.operator, i.payee, i.amount, i.memo, i.state, i.transfer, i.expires)
              for i in sorted(m.issues.values(), key=lambda i: i.code)]),
            *m.issue_list_tables(),
            ("outbox", "SELECT id, recipient, place, due_at, attempts FROM outbox"
             " UNION ALL SELECT id, recipient, place, NULL, attempts FROM parked ORDER BY id",
             [(n, o.to, o.place, o.due, o.attempts) for n, o in m.outbox.messages.items()]),
            ("places", "SELECT place, chat, kind, subject, changes, due_at, told_at, attempts, lapses_at FROM places"
             " ORDER BY place",
             sorted((n, p.chat, p.kind, p.code, p.changes, p.due, p.told, p.attempts, p.lapses)
                    for n, p in m.places.places.items())),
            ("agenda", "SELECT id, due_at, attempts FROM agenda ORDER BY id",
             sorted((entry, *when) for entry, when in m.agenda.items())),
        ]  # fmt: skip
