"""In webhook mode somebody may take the webhook away, or Telegram may not reach it: it is set again, or said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from telegram import WebhookInfo

from bot.sandbox import Sandbox
from bot.transport import calling
from bot.transport.calling import FAILED_S, UNREADABLE, what_is_wrong
from tests.bot.club import running, settings_for
from tests.bot.test_health import answer
from tests.bot.test_trouble import free_port

NOW = datetime(2026, 11, 28, tzinfo=UTC)
OURS = "https://club.example/hook"


def hooked(monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, str]]:
    """Where its health is asked, and the settings of a bot that is called, and looks all the time whether it is."""
    monkeypatch.setattr(calling, "LOOK_S", 0.05)
    health, port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}/hook"
    hook = {"webhook_url": url, "webhook_secret": "s3cret", "webhook_port": str(port), "health_port": str(health)}
    return f"http://127.0.0.1:{health}", hook


async def test_a_webhook_that_was_taken_away_is_set_again_and_another_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    health, hook = hooked(monkeypatch)
    async with Sandbox() as box, httpx.AsyncClient(base_url=health) as client:
        called = asyncio.create_task(box.called("setWebhook"))
        async with running(settings_for(box, tmp_path, **hook)):
            await called
            again = asyncio.create_task(box.called("setWebhook"))
            await client.post(f"{box.url}/bot{box.token}/deleteWebhook")
            await again
            await answer(client, "/readyz", lambda found: found.status_code == 200)
            other = {"url": "http://127.0.0.1:9/elsewhere"}
            await client.post(f"{box.url}/bot{box.token}/setWebhook", json=other)
            said = await answer(client, "/readyz", lambda found: found.status_code == 503)
            assert "another address" in said.json()["checks"]["feed"]["said"]
            await client.post(
                f"{box.url}/bot{box.token}/setWebhook", json={"url": hook["webhook_url"], "secret_token": "s3cret"}
            )
            await answer(client, "/readyz", lambda found: found.status_code == 200)


@pytest.mark.parametrize(
    ("url", "waiting", "failed_s", "said"),
    [
        (OURS, 0, None, None),
        (OURS, 7, None, None),
        (OURS, 0, 1.0, None),  # what failed was brought since
        (OURS, 7, 1.0, "7 updates wait, for Telegram cannot bring them: certificate verify failed"),
        (OURS, 7, FAILED_S, None),  # it was long ago
        ("", 7, 1.0, "somebody has taken the webhook away: it is set again"),
        ("https://other.example", 0, None, "Telegram calls another address: all processes need the same WEBHOOK_URL"),
    ],
)
def test_what_telegram_says_of_the_webhook_is_told_apart(
    url: str, waiting: int, failed_s: float | None, said: str | None
) -> None:
    failed_at = None if failed_s is None else NOW - timedelta(seconds=failed_s)
    why = "certificate verify failed"
    seen = WebhookInfo(url, False, waiting, last_error_date=failed_at, last_error_message=why)
    assert (what_is_wrong(seen, OURS, NOW) or "")[: len(said or "")] == (said or "")
    assert (what_is_wrong(seen, OURS, NOW) is None) is (said is None)


async def test_where_telegram_cannot_bring_updates_is_said_and_they_may_come_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A balancer that goes by /readyz would keep them away for ever."""
    health, hook = hooked(monkeypatch)
    async with (
        Sandbox() as box,
        httpx.AsyncClient(base_url=health) as client,
        running(settings_for(box, tmp_path, **hook)),
    ):
        await answer(client, "/readyz", lambda found: found.status_code == 200)
        other = {"url": hook["webhook_url"], "secret_token": "another"}  # every update meets a 401
        await client.post(f"{box.url}/bot{box.token}/setWebhook", json=other)
        await box.person(1001, "Ann").start()
        said = await answer(client, "/readyz", lambda found: "cannot bring them" in found.text)
        assert said.status_code == 200 and not said.json()["checks"]["feed"]["ok"]


def test_a_time_that_is_none_ends_no_look() -> None:
    seen = {"url": "u", "has_custom_certificate": False, "pending_update_count": 1, "last_error_date": 10**18}
    with pytest.raises(UNREADABLE):
        WebhookInfo.de_json(seen)
