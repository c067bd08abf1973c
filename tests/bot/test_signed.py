"""Webhooks after Standard Webhooks: what we sign the specification's own library verifies, and the other way round."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from bot.gateways import BadHint
from bot.gateways.signed import check, headers_for, key_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the specification's example
BODIES = st.text(max_size=300).map(str.encode)
IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=60).map("msg_{}".format)


@given(BODIES, IDS)
def test_what_we_sign_its_library_verifies_and_what_it_signs_we_do(body: bytes, number: str) -> None:
    now = datetime.now(UTC)
    ours = headers_for(SECRET, number=number, at=now, body=body)
    theirs = Webhook(SECRET).sign(number, now, body.decode())
    assert ours["webhook-signature"] == theirs
    assert check(SECRET, ours | {"webhook-signature": f"v1a,AAAA v1,AAAA {theirs}"}, body, now=now) == number


def test_its_library_refuses_what_we_refuse_and_takes_what_we_take() -> None:
    body, now = b'{"type":"payment.paid"}', datetime.now(UTC)
    good = headers_for(SECRET, number="msg_1", at=now.astimezone(timezone(timedelta(hours=5))), body=body)
    assert Webhook(SECRET).verify(body, good) == {"type": "payment.paid"}
    assert check(SECRET, good, body, now=now) == "msg_1"
    old = headers_for(SECRET, number="msg_1", at=now - timedelta(minutes=6), body=body)
    early = headers_for(SECRET, number="msg_1", at=now + timedelta(minutes=6), body=body)
    for headers, said in (
        ({}, body),
        (old, body),
        (early, body),
        (good, body + b" "),
        (good | {"webhook-id": "msg_2"}, body),
        (good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")}, body),
        (good | {"webhook-signature": "v1," + "A" * 44}, body),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(said, headers)
        with pytest.raises(BadHint):
            check(SECRET, headers, said, now=now)


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=80)))
def test_no_header_makes_it_fail_otherwise(headers: dict[str, str]) -> None:
    with pytest.raises(BadHint):
        check(SECRET, headers, b"{}", now=datetime.now(UTC))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_abc", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_ü" * 9])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="expected whsec_"):
        key_of(secret)
