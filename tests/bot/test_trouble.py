"""Trouble: limits, blocked chats, deleted messages, lost connections, a wrong token, a guessed webhook secret."""

import asyncio
import io
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot.log import set_up
from bot.run import RunError, run
from bot.sandbox import Sandbox
from bot.settings import read_settings
from bot.transport import feed
from bot.transport.notifier import ATTEMPTS_MAX
from bot.words.refusals import Seen, refusal
from bot.words.trouble import unexpected
from tests.bot.club import CODE, Club, open_club, running, settings_for
from wallet_core import OutcomeUnknown, WalletFrozen, currency


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


async def test_the_notifier_waits_when_told_to_and_delivers_all(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    club.box.fail("editMessageText", code=429, retry_after_s=1)
    club.box.fail("sendMessage", code=429, retry_after_s=1)
    await club.ann.press(dialog)
    await club.ann.wait("Your balance: 15.00 EUR")
    await club.bob.wait("Your balance: 5.00 EUR")
    assert "Receipt" in dialog.words


async def test_a_frozen_wallet_is_named_as_people_know_whose_it_is(club: Club, tmp_path: Path) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    with closing(sqlite3.connect(tmp_path / "books.db")) as books, books:
        books.execute("UPDATE wallets SET state = 'frozen' WHERE owner = 'tg:1002'")
    books.close()
    assert "The wallet of @bob is frozen" in (await (await club.ann.press(dialog)).answer()).text
    text = refusal(WalletFrozen("tg:1001"), Seen("TestBot", is_private=True, currency=currency("EUR")))
    assert text is not None and "is frozen" in text and "1001" not in text


def test_who_does_not_know_whether_they_paid_is_sent_to_look_before_they_pay_again() -> None:
    seen = Seen("TestBot", is_private=True, currency=currency("EUR"))
    for text in (refusal(OutcomeUnknown(), seen), unexpected("abc123")):
        assert text is not None and "/history" in text and "before you ask again" in text and "twice" not in text


async def test_a_deleted_dialog_becomes_a_message(club: Club) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    club.box.fail("editMessageText", code=400, description="Bad Request: message to edit not found")
    club.ann.skip()
    await club.ann.press(dialog)
    assert (await club.ann.next()).id != dialog.id


async def test_who_blocked_the_bot_is_told_when_they_come_back(club: Club) -> None:
    club.bob.block()
    dialog = await club.said(club.ann, "/pay 5 @bob")
    await club.ann.press(dialog)
    await club.ann.wait("Your balance: 15.00 EUR")
    club.bob.skip()
    await club.bob.start()
    await club.bob.wait("You received 5.00 EUR")


async def test_an_answer_that_is_refused_for_a_moment_is_given_later(club: Club) -> None:
    club.box.fail("sendMessage", code=429, retry_after_s=1)
    assert "20.00" in (await club.said(club.ann, "/balance")).words
    club.box.fail("sendMessage", drop="before")
    assert "20.00" in (await club.said(club.ann, "/balance")).words


async def test_somebody_elses_username_does_not_move_a_wallet(club: Club) -> None:
    club.bob.rename(username="robert")
    await club.said(club.bob, "/balance")
    mallory = club.box.person(1004, "Mallory", username="bob")
    await mallory.start()
    await mallory.wait("balance")
    assert "Mallory" in (await club.said(club.ann, "/pay 1 @bob")).words
    assert "Bob" in (await club.said(club.ann, "/pay 1 @robert")).words


async def test_a_button_of_a_message_too_old_to_be_shown_still_pays(club: Club) -> None:
    request = await club.said(club.bob, "/request 3", in_group=True)
    request.deleted = True  # Telegram now tells no more than where it was
    await club.ann.press(request, "Pay")
    dialog = await club.ann.wait("pay 3.00 EUR", chat=club.group)
    dialog.deleted = True
    await club.ann.press(dialog)
    await club.ann.wait("Your balance: 17.00 EUR")


async def test_an_unexpected_mistake_is_confessed_with_a_number(club: Club) -> None:
    club.box.inject({"callback_query": {"id": "1", "from": club.ann.raw, "chat_instance": "1", "data": "hist:1001:"}})
    club.box.inject({"callback_query": {"id": "2", "from": club.ann.raw, "chat_instance": "1", "data": f"pay:{CODE}"}})
    answers = [await club.box.called("answerCallbackQuery") for _ in range(2)]
    assert "number" in answers[1].params["text"]


async def test_a_wrong_token_ends_the_process_with_one_line(tmp_path: Path) -> None:
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path).model_copy(
            update={"bot_token": read_settings(_env_file=None, bot_token="1234567:" + "x" * 35).bot_token}
        )
        with pytest.raises(RunError, match="BOT_TOKEN"):
            await run(settings, stop=asyncio.Event())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_webhook_answers_only_the_one_who_knows_the_secret(tmp_path: Path) -> None:
    port = free_port()
    async with Sandbox() as box:
        url = f"http://127.0.0.1:{port}/hook"
        settings = settings_for(box, tmp_path, webhook_url=url, webhook_secret="s3cret", webhook_port=str(port))
        async with running(settings):
            await box.called("setWebhook")
            ann = box.person(1001, "Ann", username="ann")
            await ann.start()
            await ann.wait("Your wallet is open")
            await box.idle()
            forged = {"update_id": 1, "message": ann.private.messages[0].raw}
            async with httpx.AsyncClient() as client:
                headers = {"X-Telegram-Bot-Api-Secret-Token": "guess"}
                assert (await client.post(url, json=forged)).status_code == 401
                assert (await client.post(url, json=forged, headers=headers)).status_code == 401
                headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
                assert (await client.post(url, content=b"{", headers=headers)).status_code == 400
                assert (await client.post(url, content=b"x" * 2_000_000, headers=headers)).status_code == 413
                assert (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200


async def shut_out(club: Club) -> None:
    """Bob blocked the bot, and something waits for him."""
    await club.said(club.bob, "/balance")  # the bot knows him for a minute
    dialog = await club.said(club.ann, "/pay 5 @bob")
    club.bob.block()
    parked = asyncio.create_task(club.box.called("sendMessage", lambda call: call.status == 403))
    await club.ann.press(dialog)
    await parked
    await club.ann.wait("Your balance: 15.00 EUR")
    await club.box.idle()
    club.bob.skip()


async def test_who_unblocks_the_bot_is_told_at_once_what_waited(club: Club) -> None:
    await shut_out(club)
    club.bob.unblock()
    await club.bob.wait("You received 5.00 EUR")


async def test_who_writes_anything_is_told_at_once_what_waited(club: Club) -> None:
    await shut_out(club)
    club.bob.private.blocked = False  # and the bot hears nothing of it
    await club.bob.send("hello again")
    await club.bob.wait("You received 5.00 EUR")


async def test_a_notice_whose_answer_is_always_lost_is_given_up_with_the_reason(
    club: Club, tmp_path: Path, logged: Callable[[], str]
) -> None:
    dialog = await club.said(club.ann, "/pay 5 @bob")
    await club.box.idle()
    club.box.fail("sendMessage", times=1_000, drop="after")
    await club.ann.press(dialog)
    await club.bob.wait("You received 5.00 EUR")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as books:
        books.execute("UPDATE outbox SET attempts = ?", (ATTEMPTS_MAX,))
        await club.bob.wait("You received 5.00 EUR")
        parked: list[tuple[str, int]] = []
        async with asyncio.timeout(10):
            while not parked:  # it is committed some time after it was heard
                await asyncio.sleep(0.01)
                parked = books.execute("SELECT recipient, attempts FROM parked").fetchall()
        assert parked == [("tg:1002", ATTEMPTS_MAX + 1)]
        assert books.execute("SELECT COUNT(*) FROM outbox WHERE recipient = 'tg:1002'").fetchone() == (0,)
    assert "given_up" in logged()


@pytest.mark.usefixtures("log_restored")
async def test_whoever_cannot_be_sent_a_file_however_often_it_is_tried_hears_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BACKOFF_S", 0.001)
    said = io.StringIO()
    set_up(level="INFO", json=False, secrets=(), stream=said)
    async with open_club(tmp_path) as club:
        asked = await club.said(club.ann, "/statement 2026")
        club.box.fail("sendDocument", times=feed.ATTEMPTS_MAX, drop="before")
        answer = await (await club.ann.press(asked, "CSV")).answer()
        assert "Something went wrong on my side" in answer.text
        number = answer.text.partition("(number ")[2].partition(")")[0]
        assert asked.buttons  # once more, when the line is better
    assert f"number={number}" in said.getvalue() and "Traceback" not in said.getvalue()
