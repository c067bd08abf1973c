"""G14: neither token nor secret reaches a log, not even through an exception."""

import io
import json
import logging

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.contextvars import bound_contextvars

from bot import log

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz12345"
SECRET = "hook-s3cret"


@pytest.fixture(params=[False, True], ids=["text", "json"])
def stream(request: pytest.FixtureRequest, log_restored: None) -> io.StringIO:
    out = io.StringIO()
    log.set_up(level="INFO", json=request.param, secrets=(TOKEN, SECRET), stream=out)
    return out


def test_secrets_are_taken_out_of_messages_and_exceptions(stream: io.StringIO) -> None:
    try:
        raise ValueError(f"POST https://api.telegram.org/bot{TOKEN}/getMe with {SECRET}")
    except ValueError as error:
        log.get_log("bot.x").error("broken", url=f"/bot{TOKEN}/", exc_info=error)
        logging.getLogger("other").exception("again %s", TOKEN)
    written = stream.getvalue()
    assert "broken" in written and "ValueError" in written and "again" in written
    assert TOKEN not in written and SECRET not in written


def test_a_short_secret_is_an_ordinary_word_and_a_password_is_taken_out_where_it_stands() -> None:
    written = log.redacted("a bot at postgresql+asyncpg://ann:bot@host/x, not at http://bot/x", ("bot", "x"))
    assert written == "a bot at postgresql+asyncpg://ann:***@host/x, not at http://bot/x"
    assert log.redacted("hunter2-hunter2", ("hunter2-hunter2",)) == "***"


def test_what_looks_like_a_token_is_taken_out_too(stream: io.StringIO) -> None:
    other = "987654321:BBFabcdefghijklmnopqrstuvwxyz12345"
    logging.getLogger("other").warning("%s %s", other, other.replace(":", "%3A"))
    assert "BBF" not in stream.getvalue()


def test_the_http_client_does_not_log_addresses(stream: io.StringIO) -> None:
    logging.getLogger("aiohttp.client").info("POST ...")
    assert stream.getvalue() == ""


def test_what_an_sql_error_was_about_to_write_is_not_logged(stream: io.StringIO) -> None:
    error = IntegrityError("INSERT INTO transfers (memo) VALUES (?)", ("zebra",), Exception("UNIQUE"))
    log.get_log("bot.x").error("broken", exc_info=error)
    assert "INSERT" in stream.getvalue() and "zebra" not in stream.getvalue()


def test_json_lines_are_json(stream: io.StringIO) -> None:
    log.get_log("bot.x").error("ready", port=1, exc_info=IntegrityError("INSERT", ("zebra",), Exception("x")))
    line = stream.getvalue()
    if line.startswith("{"):
        assert json.loads(line)["event"] == "ready"


def test_a_line_that_comes_again_and_again_is_counted(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1_000):
        logging.getLogger("asyncio").error("socket.accept() out of system resource %d", number)
        log.get_log("bot.x").warning("poll_failed", number=number)
    log.get_log("bot.x").error("another")
    written = stream.getvalue()
    assert written.count("out of system resource") == written.count("poll_failed") == log.REPEATS_MAX
    assert "another" in written
    monkeypatch.setattr(log, "REPEATS_S", 0.0)  # its time is over
    with bound_contextvars(update=778):
        log.get_log("bot.x").error("later")
    counted = [line for line in stream.getvalue().splitlines() if "more like this" in line]
    assert len(counted) == 2 and all(f"{1_000 - log.REPEATS_MAX} more like this: " in line for line in counted)
    assert "778" in stream.getvalue() and "778" not in "".join(counted), "they were not of the update that is next"


def test_a_warning_that_says_the_very_same_is_written_once_in_a_minute_and_counted(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, core = log.get_log("bot.x"), logging.getLogger("core")

    def complain(reason: str) -> None:
        bot.warning("away", reason=reason)
        core.warning("the database cannot be had: %s", reason)
        bot.info("told", message=1)

    for _ in range(3):
        complain("refused")
    complain("starting up")  # another reason is news
    written = stream.getvalue()
    assert written.count("away") == written.count("the database cannot be had") == 2
    assert written.count("told") == 4  # what is no warning is written each time
    monkeypatch.setattr(log, "SAME_S", 0.0)  # the minute is over
    complain("refused")
    assert stream.getvalue().count("2 more like this: ") == 2
    assert stream.getvalue().count("refused") == 4
