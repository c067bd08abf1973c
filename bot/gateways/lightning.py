"""Lightning, through a wallet of LNbits: for a bot that counts in sats (`CURRENCY=SAT`).

What LNbits says of a payment's hash is the truth. Its webhook is unsigned and comes once, twice or never, so it only
says where to look; who knows the secret in its address has nothing from it. A hash is paid once, by whoever and as
often as it is asked for, so asking again is safe.
"""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import aiohttp
from telegram.ext import ExtBot

from bot.gateways import Arrived, Away, BadHint, Declined, Gateway, PaidOut, Reading, Stray
from bot.gateways.bolt11 import NoInvoice, read_invoice
from bot.words.mistakes import NotAnInvoice
from wallet_core import Money, Outcome, TopUp, WalletCore, Withdrawal

ANSWER_S = 12.0
PAGE = 100
BODY_BYTES_MAX = 1_000_000  # of an answer
LOOK_BACK_S = 86_400  # what was asked for so long ago may be paid still
MSAT = 1_000
FEE_MIN = 2  # sats; what LNbits puts aside for the way
PERCENT = 100
_OURS = "tuppence"  # where the code stands in what LNbits keeps for us


P = ParamSpec("P")
T = TypeVar("T")


def _of_sense(ask: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What is not of the form in which LNbits answers is no answer. Raises Away."""

    @functools.wraps(ask)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await ask(*args, **kwargs)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Away(f"LNbits: nonsense, {type(error).__name__}") from error

    return asked


class Lightning(Gateway):
    """Invoices for what is to come in; what goes out pays the invoice that the person gives."""

    name = "lightning"
    needs = ("lnbits_url", "lnbits_key")
    needs_target = True
    pays_once = True
    keeps_fees = False

    def __init__(self, settings: Any, core: WalletCore, bot: ExtBot[int]) -> None:
        """See `Gateway`."""
        self._bot, self._currency, self._now = bot, settings.currency, core.now
        self._url, self._key = settings.lnbits_url, settings.lnbits_key.get_secret_value()
        self._hook, self._fee_percent = settings.lnbits_webhook, settings.lnbits_fee_percent
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """LNbits counts in sats; other money would need a rate that moves."""
        unit = settings.get("currency")
        if unit is not None and unit.code != "SAT":
            raise ValueError(f"lightning needs CURRENCY=SAT, not {unit.code}")

    def fee_out(self, amount: Money) -> Money | None:
        """What the way through the network may cost: it is not known before, and what is left stays with the bot."""
        if not self._fee_percent:
            return None
        return Money(max(FEE_MIN, -(-amount.minor * self._fee_percent // PERCENT)), self._currency)

    def is_target(self, text: str) -> bool:
        """Whether it looks like an invoice."""
        return text.strip().lower().startswith(("lnbc", "lntb", "lightning:"))

    def target_of(self, text: str, amount: Money) -> str:
        """The invoice, if it is over this amount and can be paid still. Raises NotAnInvoice."""
        try:
            invoice = read_invoice(text)
        except NoInvoice:
            raise NotAnInvoice("unreadable") from None
        if invoice.amount_msat is None or invoice.amount_msat != amount.minor * MSAT:
            raise NotAnInvoice("amount")
        if invoice.expires_at <= self._now():
            raise NotAnInvoice("expired")
        return invoice.text

    @_of_sense
    async def start(self, top_up: TopUp) -> str:
        """An invoice; the one that is there already, if its answer was lost."""
        for known in await self._list(external_id=top_up.code):
            if _code(known) == top_up.code and known["amount"] > 0:  # an older LNbits finds by other things only
                return _invoice(known)
        lasts = top_up.expires_at - self._now()
        wish = {
            "out": False, "unit": "sat", "amount": top_up.amount.minor, "memo": f"@{self._bot.username}",
            "expiry": max(1, int(lasts.total_seconds())), "external_id": top_up.code, "extra": {_OURS: top_up.code},
        }  # fmt: skip
        if self._hook is not None:
            wish["webhook"] = self._hook.get_secret_value()
        status, said = await self._ask("POST", "payments", json=wish)
        if status in (400, 422):
            raise Declined(f"LNbits: {status}")
        return _invoice(_right(status, said))

    @_of_sense
    async def look_up(self, top_up: TopUp) -> tuple[Arrived, ...]:
        """What LNbits says of its hash."""
        assert top_up.page is not None
        found = await self._payment(read_invoice(top_up.page).payment_hash)
        if found is None or not found["paid"] or found["details"]["amount"] <= 0:
            return ()
        return (self._arrived(found["details"], top_up.code),)

    @_of_sense
    async def pay_out(self, withdrawal: Withdrawal) -> PaidOut:
        """Pay its invoice; first what is known of its hash, for that may be from an earlier try."""
        assert withdrawal.target is not None
        payment_hash = read_invoice(withdrawal.target).payment_hash
        if (known := await self._known(payment_hash)) is not None:
            return known
        wish = {"out": True, "bolt11": withdrawal.target, "external_id": withdrawal.code}
        status, said = await self._ask("POST", "payments", json={**wish, "extra": {_OURS: withdrawal.code}})
        if status == 201 and said.get("status") == "success":
            return PaidOut(Outcome.DONE, payment_hash)
        if status not in (201, 400, 520):
            raise Away(f"LNbits: {status}")
        # Under way, or refused: only what it keeps of the hash says which.
        known = await self._known(payment_hash)
        return known or PaidOut(Outcome.REFUSED if status != 201 else Outcome.UNKNOWN)

    async def _known(self, payment_hash: str) -> PaidOut | None:
        """What has become of paying this hash; None if it was never tried."""
        found = await self._payment(payment_hash)
        if found is None:
            return None
        if found["details"]["amount"] > 0:  # an invoice of this very wallet: it would pay itself
            return PaidOut(Outcome.REFUSED)
        if found["paid"]:
            return PaidOut(Outcome.DONE, payment_hash)
        return PaidOut(Outcome.REFUSED if found["details"]["status"] == "failed" else Outcome.UNKNOWN)

    @_of_sense
    async def reconcile(self, read_to: str) -> Reading:
        """A page of its payments since a time; the end of the list is read again for a day, for some are paid late."""
        since, _, at = (read_to or "0+0").partition("+")
        offset = int(at or 0)
        found = await self._list(**{"time[ge]": since, "offset": str(offset)})
        is_all = len(found) < PAGE
        arrived, paid_out, strays = [], [], []
        for each in found:
            code, sats = _code(each), each["amount"] // MSAT
            if each["status"] != "success":
                continue
            if each["amount"] > 0 and code:
                arrived.append(self._arrived(each, code))
            elif each["amount"] > 0:
                strays.append(Stray(each["payment_hash"], Money(sats, self._currency), each.get("memo") or ""))
            elif code:
                amount = Money(-each["amount"] // MSAT, self._currency)
                paid_out.append(PaidOut(Outcome.DONE, each["payment_hash"], code, amount))
        newest = max((int(datetime.fromisoformat(each["time"]).timestamp()) for each in found), default=0)
        after = f"{max(int(since), newest - LOOK_BACK_S)}+0" if is_all else f"{since}+{offset + len(found)}"
        return Reading(
            arrived=tuple(arrived), paid_out=tuple(paid_out), strays=tuple(strays), read_to=after, is_all=is_all,
            balance=await self._balance() if is_all else None,
        )  # fmt: skip

    async def _balance(self) -> Money:
        status, said = await self._ask("GET", "wallet")
        return Money(int(_right(status, said)["balance"]) // MSAT, self._currency)

    def hear(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[str, ...]:
        """Whoever knows the end of the address may say which top-up to look up."""
        secret = "" if self._hook is None else self._hook.get_secret_value().rstrip("/").rpartition("/")[2]
        if not secret or not hmac.compare_digest(path.strip("/").encode(), secret.encode()):
            raise BadHint
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            raise BadHint from None
        code = _code(said) if isinstance(said, dict) else ""
        return (code,) if code else ()

    async def close(self) -> None:
        """Let go of its connections."""
        if self._session is not None:
            await self._session.close()

    def _arrived(self, payment: dict[str, Any], code: str) -> Arrived:
        return Arrived(payment["payment_hash"], code, Money(payment["amount"] // MSAT, self._currency))

    async def _payment(self, payment_hash: str) -> dict[str, Any] | None:
        status, said = await self._ask("GET", f"payments/{payment_hash}")
        if status == 404 and "does not exist" in str(said.get("detail", "")):
            return None
        found: dict[str, Any] = _right(status, said)
        if not isinstance(found["paid"], bool):
            raise Away("LNbits: no payment")
        _check(found["details"])
        return found

    async def _list(self, **more: str) -> list[dict[str, Any]]:
        wish = {"limit": str(PAGE), "sortby": "time", "direction": "asc", **more}
        status, said = await self._ask("GET", "payments", params=wish)
        found = _right(status, said)
        if not isinstance(found, list):
            raise Away("LNbits: no list")
        for each in found:
            _check(each)
        return found

    async def _ask(self, method: str, what: str, **more: Any) -> tuple[int, Any]:
        """Status and answer. Raises Away; errors of the client quote the address, never the key (G14)."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=ANSWER_S), headers={"X-Api-Key": self._key}
            )
        url = f"{self._url}/api/v1/{what}"
        try:
            async with self._session.request(method, url, allow_redirects=False, **more) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > BODY_BYTES_MAX:
                        raise Away("too long")
                return response.status, json.loads(body)
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:  # TimeoutError is an OSError
            raise Away(type(error).__name__) from None


def _right(status: int, said: Any) -> Any:
    if status not in (200, 201):
        raise Away(f"LNbits: {status}")
    return said


def _check(payment: Any) -> None:
    """Raises ValueError for what is none: its amount must be whole, its hash a text."""
    if type(payment["amount"]) is not int or not isinstance(payment["payment_hash"], str):
        raise ValueError("no payment")


def _invoice(payment: Any) -> str:
    """Its invoice. Raises NoInvoice."""
    text = str(payment["bolt11"])
    read_invoice(text)
    return text


def _code(payment: dict[str, Any]) -> str:
    """Our own name of what a payment is for."""
    extra = payment.get("extra")
    named = payment.get("external_id") or (extra.get(_OURS) if isinstance(extra, dict) else None)
    return named if isinstance(named, str) else ""


GATEWAY = Lightning
