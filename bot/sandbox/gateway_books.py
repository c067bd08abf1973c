"""What the mock of a payment gateway knows: who is to pay, what was paid, what was paid out. Pure, and in memory."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Checkout:
    """Somebody is to pay for `reference` (the merchant's own)."""

    id: str
    reference: str
    amount: int
    fee: int
    currency: str
    state: str = "open"  # paid, declined


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that has moved: `in`, `out`, or `back` (of the payment `of`); it never changes."""

    number: int
    id: str
    kind: str
    reference: str
    amount: int
    fee: int
    currency: str
    of: str = ""
    state: str = "paid"

    @property
    def said(self) -> dict[str, Any]:
        """As its API says it."""
        return asdict(self)


@dataclass(slots=True)
class Payout:
    """Money that is to be paid out for `reference`; `pending` until it is known."""

    id: str
    reference: str
    amount: int
    fee: int
    currency: str
    state: str = "pending"

    @property
    def said(self) -> dict[str, Any]:
        """As its API says it."""
        return asdict(self)


class KeyTaken(Exception):
    """The idempotency key belongs to another wish."""


@dataclass(slots=True)
class GatewayBooks:
    """All of it; `moved` hears of each entry."""

    moved: Callable[[str, Entry], None] = lambda kind, entry: None
    checkouts: dict[str, Checkout] = field(default_factory=dict)  # by their own ids
    payouts: dict[str, Payout] = field(default_factory=dict)  # by the merchant's reference
    entries: list[Entry] = field(default_factory=list)
    balance: int = 0  # what it holds for the merchant
    _by_key: dict[str, Checkout] = field(default_factory=dict)
    _paid: defaultdict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))  # by what it is for

    @property
    def written(self) -> str:
        """All of it, to be read again."""
        return json.dumps(
            {
                "checkouts": [asdict(each) for each in self.checkouts.values()],
                "payouts": [asdict(each) for each in self.payouts.values()],
                "entries": [asdict(each) for each in self.entries],
            }
        )

    def read(self, written: str) -> None:
        """What was written."""
        said = json.loads(written)
        for each in said["checkouts"]:
            made = Checkout(**each)
            self._by_key[made.reference] = self.checkouts[made.id] = made
        self.payouts.update((each["reference"], Payout(**each)) for each in said["payouts"])
        for each in said["entries"]:
            self._add(Entry(**each))

    def checkout(self, *, reference: str, amount: int, fee: int, currency: str) -> Checkout:
        """Once for each reference. Raises KeyTaken."""
        wish = (reference, amount, fee, currency)
        if (known := self._by_key.get(reference)) is not None:
            if (known.reference, known.amount, known.fee, known.currency) != wish:
                raise KeyTaken
            return known
        made = Checkout(_name("co"), *wish)
        self._by_key[reference] = self.checkouts[made.id] = made
        return made

    def pay(self, checkout: Checkout, *, amount: int | None = None) -> Entry:
        """Somebody pays, as often as they like; a declined one can be tried again."""
        checkout.state = "paid"
        paid = checkout.amount if amount is None else amount
        entry = self._enter("in", "pay", checkout.reference, paid, min(checkout.fee, paid), checkout.currency)
        self.moved("payment.paid", entry)
        return entry

    def pay_unknown(self, amount: int, currency: str) -> Entry:
        """Somebody pays without saying what for."""
        return self._enter("in", "pay", "", amount, 0, currency)

    def take_back(self, payment: Entry, amount: int | None = None) -> Entry:
        """A chargeback: the payer has their money back."""
        back = payment.amount if amount is None else amount
        entry = self._enter("back", "cb", payment.reference, back, 0, payment.currency, of=payment.id)
        self.moved("payment.taken_back", entry)
        return entry

    def payments_for(self, reference: str) -> list[Entry]:
        """What has come in for it."""
        return list(self._paid.get(reference, ()))

    def payout(self, *, reference: str, amount: int, fee: int, currency: str) -> Payout:
        """Once for each reference; it waits for `settle`. Raises KeyTaken."""
        wish = (reference, amount, fee, currency)
        if (known := self.payouts.get(reference)) is not None:
            if (known.reference, known.amount, known.fee, known.currency) != wish:
                raise KeyTaken
            return known
        made = self.payouts[reference] = Payout(_name("po"), *wish)
        return made

    def settle(self, payout: Payout, *, is_paid: bool) -> None:
        """It is known now."""
        if payout.state != "pending":
            return
        payout.state = "paid" if is_paid else "refused"
        if is_paid:
            entry = Entry(
                len(self.entries) + 1, payout.id, "out", payout.reference, payout.amount, payout.fee, payout.currency
            )
            self._add(entry)
            self.moved("payout.paid", entry)

    def _enter(
        self, kind: str, prefix: str, reference: str, amount: int, fee: int, currency: str, *, of: str = ""
    ) -> Entry:
        entry = Entry(len(self.entries) + 1, _name(prefix), kind, reference, amount, fee, currency, of)
        self._add(entry)
        return entry

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.balance += (entry.amount if entry.kind == "in" else -entry.amount) - entry.fee
        if entry.kind == "in":
            self._paid[entry.reference].append(entry)


def _name(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"
