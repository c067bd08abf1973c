"""What answers as LNbits does, in this process: one wallet, and a network that pays and is paid as the test says."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web

from bot.gateways.bolt11 import _LETTERS, _polymod, read_invoice

MSAT = 1_000


def invoice_of(sats: int, payment_hash: str, *, lasts_s: int = 3_600, made_at: datetime | None = None) -> str:
    """As BOLT 11 has it; nobody has signed it."""
    human = f"lnbc{sats * 10}n"

    def words(number: int, length: int) -> list[int]:
        return [number >> 5 * at & 31 for at in reversed(range(length))]

    made_s = int((made_at or datetime.now(UTC)).timestamp())
    data = [
        *words(made_s, 7),
        1,
        1,
        20,
        *words(int(payment_hash, 16) << 4, 52),
        6,
        0,
        4,
        *words(lasts_s, 4),
        *[0] * 104,
    ]
    head = [*(ord(letter) >> 5 for letter in human), 0, *(ord(letter) & 31 for letter in human)]
    check = _polymod([*head, *data, *[0] * 6]) ^ 1
    return f"{human}1{''.join(_LETTERS[word] for word in [*data, *words(check, 6)])}"


class Node:
    """`outcome` is what becomes of the next payment out: success, pending, failed, or a refusal before it is begun."""

    def __init__(self) -> None:
        self.url = ""
        self.payments: dict[str, dict[str, Any]] = {}
        self.outcome, self.fee_msat = "success", 0
        self.asked_to_pay: list[str] = []
        self._numbers = count(1)

    def hash(self) -> str:
        return hashlib.sha256(str(next(self._numbers)).encode()).hexdigest()

    def invoice(self, sats: int) -> str:
        """Of somebody else's, to be paid out to."""
        return invoice_of(sats, self.hash())

    def paid(self, bolt11: str, *, sats: int | None = None) -> None:
        """Somebody pays an invoice of ours."""
        payment = self.payments[read_invoice(bolt11).payment_hash]
        payment["status"] = "success"
        if sats is not None:
            payment["amount"] = sats * MSAT

    def given(self, sats: int) -> None:
        """Whoever runs it puts money of their own in."""
        self._keep(self.hash(), sats * MSAT, "", status="success")

    def taken(self, sats: int) -> None:
        """Whoever runs it takes money out."""
        self._keep(self.hash(), -sats * MSAT, "", status="success")

    def _keep(self, payment_hash: str, amount: int, bolt11: str, *, status: str, **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        made = {
            "checking_id": payment_hash, "payment_hash": payment_hash, "amount": amount, "fee": 0, "bolt11": bolt11,
            "status": status, "memo": None, "time": now, "created_at": now, "extra": {}, "external_id": None, **more,
        }  # fmt: skip
        self.payments[payment_hash] = made
        return made

    def _made(self, wish: dict[str, Any]) -> web.Response:
        if not wish["out"]:
            payment_hash = self.hash()
            bolt11 = invoice_of(wish["amount"], payment_hash, lasts_s=wish["expiry"])
            named = {"extra": wish["extra"], "external_id": wish["external_id"], "memo": wish["memo"]}
            made = self._keep(payment_hash, wish["amount"] * MSAT, bolt11, status="pending", **named)
            return web.json_response(made, status=201)
        invoice = read_invoice(wish["bolt11"])
        self.asked_to_pay.append(invoice.payment_hash)
        if invoice.payment_hash in self.payments:
            return web.json_response({"detail": "Payment already exists.", "status": "failed"}, status=520)
        if self.outcome == "refused":
            return web.json_response({"detail": "Insufficient balance.", "status": "failed"}, status=520)
        named = {"extra": wish["extra"], "external_id": wish["external_id"]}
        made = self._keep(
            invoice.payment_hash, -(invoice.amount_msat or 0), wish["bolt11"], status=self.outcome, **named
        )
        made["fee"] = -self.fee_msat
        if self.outcome == "success":
            return web.json_response(made, status=201)
        return web.json_response({"detail": f"Payment {self.outcome}.", "status": self.outcome}, status=520)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One of the four things that are asked."""
        what = request.path.removeprefix("/api/v1/")
        if what == "wallet":
            return web.json_response({"id": "w", "name": "club", "balance": self._balance()})
        if request.method == "POST":
            return self._made(await request.json())
        if what == "payments":
            return web.json_response(self._listed(request.query))
        found = self.payments.get(what.removeprefix("payments/"))
        if found is None:
            return web.json_response({"detail": "Payment does not exist."}, status=404)
        is_paid = found["status"] == "success"
        return web.json_response({"paid": is_paid, "status": found["status"], "preimage": None, "details": found})

    def _listed(self, query: Any) -> list[dict[str, Any]]:
        found = [each for each in self.payments.values() if query.get("external_id") in (None, each["external_id"])]
        since = datetime.fromtimestamp(int(query.get("time[ge]", 0)), UTC)
        found = [each for each in found if datetime.fromisoformat(each["time"]) >= since]
        at = int(query.get("offset", 0))
        return found[at : at + int(query["limit"])]

    def _balance(self) -> int:
        """In thousandths of a sat; what is under way out is gone already."""
        counted = [
            each for each in self.payments.values()
            if each["status"] == "success" or (each["amount"] < 0 and each["status"] == "pending")
        ]  # fmt: skip
        return sum(each["amount"] + each["fee"] for each in counted)


@asynccontextmanager
async def a_node() -> AsyncIterator[Node]:
    """It answers at its `url`."""
    node, app = Node(), web.Application()
    app.router.add_route("*", "/api/v1/{what:.*}", node.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    node.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield node
    finally:
        await runner.cleanup()
