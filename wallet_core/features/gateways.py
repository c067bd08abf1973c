"""Gateways: what connects wallets with money outside. Each has one wallet, which owes what has come in through it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, or_, select

from wallet_core.ledger.books import Books
from wallet_core.ledger.records import record
from wallet_core.ledger.rows import Needs, WalletRow
from wallet_core.ledger.schema import WHOLE, table, wallets
from wallet_core.ledger.sql import Check
from wallet_core.ledger.values import WalletKind

BY_HAND = "operator"  # the gateway that is a person in charge: money is taken and given in cash
NAME_MAX = 32

gateways = table(
    "gateways",
    Column("name", Text, primary_key=True),
    Column("wallet", WHOLE, ForeignKey("wallets.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("read_to", Text, nullable=False),  # how far the gateway's own list was read, in its own words
    Column("created_at", WHOLE, nullable=False),
    Column("reconcile_at", WHOLE),  # when it is next, in the agenda
    Column("reconcile_since", WHOLE),  # from when on somebody has to do it; whoever does moves it on for a while
    UniqueConstraint("wallet"),
    CheckConstraint("length(name) BETWEEN 1 AND 32"),
)


@record(gateways, by=("name",), changes=("read_to", "reconcile_at", "reconcile_since"))
@dataclass(slots=True)
class GatewayRow:
    """A gateway as loaded or made."""

    name: str
    wallet: int
    currency: str
    read_to: str
    created_at: int
    reconcile_at: int | None = None
    reconcile_since: int | None = None

    def follow(self, needs: Needs) -> None:
        """Its wallet."""
        needs.wallets.append(self.wallet)


def needs_gateway(needs: Needs, name: str) -> None:
    """The gateway, and the wallet that is opened when it is used first."""
    needs.record(GatewayRow, name=name)
    needs.wallets_new += 1


def gateway_wallet(books: Books, name: str) -> WalletRow:
    """The wallet of a gateway; opened when first used."""
    assert 1 <= len(name) <= NAME_MAX
    row = books.find(GatewayRow, name)
    if row is None:
        code = books.rules.currency.code
        wallet = books.new_wallet(owner=None, kind=WalletKind.GATEWAY, currency=code)
        books.add(GatewayRow(name, wallet.id, code, "", books.now_us))
        return wallet
    return books.wallet(row.wallet)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTo:
    """Remember how far the list of a gateway was read; what was on it is booked. Before its first use: nothing."""

    gateway: str
    read_to: str

    def needs(self, needs: Needs) -> None:
        """The gateway."""
        needs.record(GatewayRow, name=self.gateway)

    def apply(self, books: Books) -> None:
        """Note it."""
        row = books.find(GatewayRow, self.gateway)
        if row is not None and row.read_to != self.read_to:
            row.read_to = self.read_to
            books.changed(row)


AUDIT = (
    Check(
        "wallet {} is a gateway's, and no gateway knows it",
        select(wallets.c.id)
        .outerjoin_from(wallets, gateways, gateways.c.wallet == wallets.c.id)
        .where(wallets.c.kind == WalletKind.GATEWAY.value, gateways.c.name.is_(None))
        .order_by(wallets.c.id),
    ),
    Check(
        "the wallet of the gateway {} is none",
        select(gateways.c.name)
        .outerjoin_from(gateways, wallets, wallets.c.id == gateways.c.wallet)
        .where(
            or_(
                wallets.c.id.is_(None),
                wallets.c.kind != WalletKind.GATEWAY.value,
                wallets.c.currency != gateways.c.currency,
            )
        )
        .order_by(gateways.c.name),
    ),
)
