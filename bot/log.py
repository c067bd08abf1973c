"""Logs for people or for machines, which hold ids and neither names nor secrets (G14)."""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable
from contextvars import Context
from typing import Any, TextIO

import structlog

SECRET = "***"
REPEATS_MAX = 50  # lines about one event, in this time; the rest is counted
REPEATS_S = 10.0
SAME_S = 60.0  # in which a warning that says the very same is written once, and counted
EVENT_SHOWN = 200
SECRET_LENGTH_MIN = 8  # a shorter one is an ordinary word, but for a token: replacing it would only garble the log

Kind = tuple[str, str]  # whose log, and about what

_TOKEN_LIKE = re.compile(r"[0-9]{6,20}(?::|%3A)[A-Za-z0-9_-]{30,}")
_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+@")  # in an address, of whatever length
_PARAMETERS = re.compile(r"\[parameters: .*")  # SQLAlchemy's errors quote what was to be written: names, memos
_QUIET = ("aiohttp", "telegram", "aiosqlite", "sqlalchemy", "alembic", "uvicorn", "asyncio")
_SILENT = ("mt940",)  # it logs each line of a statement that it reads, names and all (G14)


class Redacting(logging.Formatter):
    """Writes a record as another formatter does, with its exception, and takes every secret out of the result."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self.inner = inner
        self.secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines, of a record."""
        return redacted(self.inner.format(record), self.secrets)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, and without anything that looks like a token or stands as a password."""
    for secret in secrets:
        if len(secret) >= SECRET_LENGTH_MIN or ":" in secret:
            text = text.replace(secret, SECRET)
    return _TOKEN_LIKE.sub(SECRET, _PASSWORD.sub(rf"\1:{SECRET}@", text))


def _without_values(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception without the values that an SQL error quotes."""
    if "exception" in event:
        event["exception"] = _PARAMETERS.sub(f"[parameters: {SECRET}]", event["exception"])
    return event


class Counting(logging.StreamHandler[TextIO]):
    """Writes records; of one that comes again and again, so many, and then how many more there were.

    Of warnings that say the very same, as each second while the database is away, the first.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._seen: dict[Kind, tuple[float, int]] = {}  # since when, and how often
        self._same: dict[tuple[Kind, int], tuple[float, int]] = {}  # likewise, each that was written

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, or count it."""
        event = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
        kind = record.name, str(event)[:EVENT_SHOWN]
        self._tell(record.created)
        same = kind, hash(_said(record))
        if same in self._same:
            since, times = self._same[same]
            self._same[same] = since, times + 1
            return
        since, times = self._seen.get(kind, (record.created, 0))
        self._seen[kind] = since, times + 1
        if times < REPEATS_MAX:
            super().emit(record)
            if record.levelno >= logging.WARNING:
                self._same[same] = record.created, 1

    def _tell(self, now_s: float) -> None:
        """What was left out, once its time is over."""
        left_out: Counter[Kind] = Counter()
        for kind in [kind for kind, (since, _) in self._seen.items() if not 0 <= now_s - since < REPEATS_S]:
            left_out[kind] += max(0, self._seen.pop(kind)[1] - REPEATS_MAX)
        for same in [same for same, (since, _) in self._same.items() if not 0 <= now_s - since < SAME_S]:
            left_out[same[0]] += self._same.pop(same)[1] - 1
        for kind, times in left_out.items():
            if times:
                text, args = "%d more like this: %s", (times, kind[1])
                said = logging.LogRecord(kind[0], logging.WARNING, "", 0, text, args, None)
                Context().run(super().emit, said)  # whatever is worked on now has nothing to do with it


def _said(record: logging.LogRecord) -> str:
    """All of it but for the time."""
    if isinstance(record.msg, dict):
        return repr(sorted((name, repr(value)) for name, value in record.msg.items() if name != "timestamp"))
    return f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}"


def set_up(*, level: str, json: bool, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send everything, our own log and the libraries', through one handler to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    last = [structlog.processors.format_exc_info, _without_values, renderer]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler = Counting(stream or sys.stderr)
    handler.setFormatter(Redacting(formatter, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:  # they may write an address, and the token is in it
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """A log that takes an event and its data: `log.info("ready", port=8080)`."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return log
