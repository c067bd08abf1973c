"""The outbox: facts to tell after commit, leased to one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wallet_core.books import Books
from wallet_core.models import OutboxMessage
from wallet_core.rows import Needs

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutbox:
    """Take up to `limit` messages that are due, in order, for `lease`; unsettled ones become due again after it."""

    limit: int
    lease: timedelta

    def needs(self, needs: Needs) -> None:
        """The messages that are due."""
        needs.outbox_limit += self.limit

    def apply(self, books: Books) -> tuple[OutboxMessage, ...]:
        """Lease them."""
        claimed, books.outbox_due = books.outbox_due[: self.limit], books.outbox_due[self.limit :]
        until_us = books.now_us + self.lease // MICROSECOND
        books.changes.outbox_due.extend((until_us, 1, message.id) for message in claimed)
        return tuple(claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOutbox:
    """Say what became of claimed messages: delivered ones go, postponed ones wait, parked ones wait for OpenWallet."""

    delivered: tuple[int, ...] = ()
    postponed: tuple[tuple[int, timedelta], ...] = ()
    parked: tuple[int, ...] = ()

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def apply(self, books: Books) -> None:
        """Note it."""
        changes = books.changes
        changes.outbox_done.extend((message,) for message in self.delivered)
        changes.outbox_due.extend(
            (books.now_us + delay // MICROSECOND, 0, message) for message, delay in self.postponed
        )
        changes.outbox_due.extend((None, 0, message) for message in self.parked)
