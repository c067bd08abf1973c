"""The table of intents, and how many of them wait for one payment request: both sides look at it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, and_

from wallet_core.ledger.records import Tally
from wallet_core.ledger.schema import WHOLE, partial_index, table

WAITING = ("asking", "open")

intents = table(
    "intents",
    Column("code", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("payer", Text, ForeignKey("people.id"), nullable=False),
    Column("payee", Text, ForeignKey("people.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", WHOLE),
    Column("memo", Text, nullable=False),
    Column("request", Text, ForeignKey("payment_requests.code")),
    Column("state", Text, nullable=False),
    Column("transfer", WHOLE, ForeignKey("transfers.id")),
    Column("created_at", WHOLE, nullable=False),
    Column("expires_at", WHOLE, nullable=False),
    UniqueConstraint("key"),
    UniqueConstraint("transfer"),  # G7
    CheckConstraint("amount >= 1"),
    CheckConstraint("state IN ('asking', 'open', 'paid', 'cancelled', 'answered', 'expired')"),
    CheckConstraint("payer <> payee"),
    CheckConstraint("(state = 'paid') = (transfer IS NOT NULL)"),
    partial_index("intents_waiting", "payer", where="state IN ('asking', 'open')"),
    partial_index("intents_paying", "request", "state", where="request IS NOT NULL"),
)

IS_WAITING = intents.c.state.in_(WAITING)
PAYING = and_(intents.c.request.is_not(None), IS_WAITING)
DIALOGS = Tally(of=intents.c.request, where=PAYING)
