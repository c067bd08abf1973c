"""The mock: a payment gateway for trying things out, whose server is `bot/sandbox/gateway.py`. No money is real.

It is the one to learn from: a page to pay at, an API with idempotency keys, signed webhooks that are only hints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from telegram.ext import ExtBot

from bot.gateways import Arrived, Away, BadHint, Declined, Gateway, PaidOut, Reading, Stray, TakenBack
from bot.gateways.signed import check, key_of
from bot.settings import Settings
from wallet_core import Currency, Money, Outcome, TopUp, WalletCore, Withdrawal

PAGE = 100  # entries of its list at a time
BODY_BYTES_MAX = 1_000_000  # of an answer
TIMEOUT = aiohttp.ClientTimeout(total=10)


class Mock(Gateway):
    """Asks the mock's server."""

    name = "mock"
    needs = ("mock_url", "mock_key", "mock_secret")
    look_every = timedelta(seconds=5)

    def __init__(self, settings: Settings, core: WalletCore, bot: ExtBot[int]) -> None:
        """Reach nothing yet."""
        assert settings.mock_url is not None
        assert settings.mock_key is not None
        assert settings.mock_secret is not None
        self._url, self._secret = settings.mock_url, settings.mock_secret.get_secret_value()
        self._key = settings.mock_key.get_secret_value()
        self._unit: Currency = settings.currency
        self._fee: Money | None = settings.mock_fee or None
        self._client: aiohttp.ClientSession | None = None

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """The secret is one of Standard Webhooks."""
        if (secret := settings.get("mock_secret")) is not None:
            try:
                key_of(secret.get_secret_value())
            except ValueError as error:
                raise ValueError(f"mock needs another MOCK_SECRET: {error}") from None

    def fee_in(self, amount: Money) -> Money | None:
        """What the settings say; never more than comes in."""
        return None if self._fee is None or not self._fee.minor else min(self._fee, amount, key=lambda m: m.minor)

    def fee_out(self, amount: Money) -> Money | None:
        """What the settings say."""
        return None if self._fee is None or not self._fee.minor else self._fee

    async def start(self, top_up: TopUp) -> str:
        """The address of its page, which is made once for each code."""
        status, answer = await self._post("/v1/checkouts", top_up.code, top_up.amount, self.fee_in(top_up.amount))
        if status == 422:
            raise Declined
        return _text(answer, "url")

    async def look_up(self, top_up: TopUp) -> tuple[Arrived, ...]:
        """The payments that it has taken for this code; other money is found in its list, as what fits nothing."""
        status, answer = await self._ask("GET", f"/v1/checkouts/{top_up.code}")
        if status == 404:
            return ()
        ours = [each for each in _entries(answer, "payments") if each.get("currency") == self._unit.code]
        return tuple(self._arrived(entry) for entry in ours)

    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        """Ask it with our code as the key: it pays once, and says to the next question what became of the first."""
        fee = withdrawal.fee if withdrawal.fee.minor else None
        _, answer = await self._post("/v1/payouts", withdrawal.code, withdrawal.amount, fee)
        return self._paid_out(answer)

    async def reconcile(self, read_to: str) -> Reading:
        """The next page of its entries."""
        _, answer = await self._ask("GET", f"/v1/entries?after={int(read_to or 0)}&limit={PAGE}")
        entries = _entries(answer, "entries")
        ours = [each for each in entries if each.get("currency") == self._unit.code]
        kinds = {kind: [each for each in ours if each.get("kind") == kind] for kind in ("in", "back", "out")}
        return Reading(
            arrived=tuple(self._arrived(each) for each in kinds["in"] if each.get("reference")),
            strays=tuple(
                Stray(_text(each, "id"), self._money(each) if each in ours else None, str(each.get("currency"))[:8])
                for each in entries
                if each not in ours or (each.get("kind") == "in" and not each.get("reference"))
            ),
            taken_back=tuple(
                TakenBack(_text(each, "id"), _text(each, "of"), self._money(each)) for each in kinds["back"]
            ),
            paid_out=tuple(self._paid_out(each) for each in kinds["out"]),
            read_to=str(_number(entries[-1], "number")) if entries else read_to,
            is_all=len(entries) < PAGE,
            balance=Money(_number(answer, "balance"), self._unit),
        )

    def hear(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[str, ...]:
        """The code in a webhook with its signature; the amount in it is nothing that counts."""
        check(self._secret, headers, body, now=now)
        try:
            return (_text(dict(json.loads(body)["data"]), "reference"),)
        except (ValueError, KeyError, TypeError, Away, RecursionError):
            raise BadHint("not what it sends") from None

    async def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            await self._client.close()

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    async def _post(self, path: str, code: str, amount: Money, fee: Money | None) -> tuple[int, dict[str, Any]]:
        wish = {
            "reference": code,
            "amount": amount.minor,
            "fee": 0 if fee is None else fee.minor,
            "currency": amount.currency.code,
        }
        return await self._ask("POST", path, wish, {"Idempotency-Key": f'"{code}"'})

    async def _ask(
        self, method: str, path: str, wish: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """What it answers, if that is an answer: 200, 201, 404, 422. Raises Away for everything else."""
        if self._client is None:
            self._client = aiohttp.ClientSession(timeout=TIMEOUT, headers={"Authorization": f"Bearer {self._key}"})
        try:
            async with self._client.request(
                method, self._url + path, json=wish, headers=headers, allow_redirects=False
            ) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > BODY_BYTES_MAX:
                        raise Away("too long")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Away(type(error).__name__) from error
        if response.status not in (200, 201, 404, 422):
            raise Away(f"HTTP {response.status}")
        try:
            answer = json.loads(body)
        except ValueError:
            raise Away("not JSON") from None
        if not isinstance(answer, dict):
            raise Away("no object")
        return response.status, answer

    def _arrived(self, entry: dict[str, Any]) -> Arrived:
        fee = Money(_number(entry, "fee"), self._unit)
        return Arrived(_text(entry, "id"), _text(entry, "reference"), self._money(entry), fee if fee.minor else None)

    def _paid_out(self, entry: dict[str, Any]) -> PaidOut:
        state = _text(entry, "state")
        outcome = {"paid": Outcome.DONE, "refused": Outcome.REFUSED}.get(state, Outcome.UNKNOWN)
        return PaidOut(outcome, _text(entry, "id"), _text(entry, "reference"), self._money(entry))

    def _money(self, entry: dict[str, Any]) -> Money:
        if _text(entry, "currency") != self._unit.code:
            raise Away("another currency")
        return Money(_number(entry, "amount"), self._unit)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or len(value) > 2_048:
        raise Away(f"no {name}")
    return value


def _number(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise Away(f"no {name}")
    return value


def _entries(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = said.get(name)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Away(f"no {name}")
    return value


GATEWAY = Mock
