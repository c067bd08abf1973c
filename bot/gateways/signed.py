"""Webhooks signed after Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in `webhook-*` headers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.gateways import BadHint

PREFIX = "whsec_"
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
TOLERANCE = timedelta(minutes=5)  # of the specification: older or newer ones are repeats, or made up
HEADER_MAX = 4_096  # characters
SIGNATURES_MAX = 16  # in one header, while secrets are changed


def key_of(secret: str) -> bytes:
    """The bytes of `whsec_<base64>`. Raises ValueError for anything else."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:  # of base64, or not even ASCII
        key = b""
    if not secret.startswith(PREFIX) or not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise ValueError(f"expected {PREFIX} and {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} random bytes in base64")
    return key


def headers_for(secret: str, *, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one attempt: the id stays over all of them, the time does not."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": number,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{_signature(key_of(secret), number, seconds, body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The id of a webhook that is genuine and of these minutes. Raises BadHint."""
    number, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not 1 <= len(number) <= HEADER_MAX or len(given) > HEADER_MAX:
        raise BadHint("no id, or no signature")
    if not (seconds.isascii() and seconds.isdecimal()) or len(seconds) > 12:
        raise BadHint("no time")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise BadHint("too old, or of the future")
    expected = _signature(key_of(secret), number, seconds, body)
    versioned = [each.partition(",") for each in given.split(" ")[:SIGNATURES_MAX]]
    if not any(
        version == "v1" and hmac.compare_digest(each.encode(), expected.encode()) for version, _, each in versioned
    ):
        raise BadHint("wrong signature")
    return number


def _signature(key: bytes, number: str, seconds: str, body: bytes) -> str:
    signed = f"{number}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
