"""The same in Prometheus' words: base units, and no label that names a person or a chat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import metadata
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.health.alike import of_books, of_settings
from bot.health.checks import Health
from bot.transport.meter import BOUNDS_S, Durations
from bot.transport.rates import Urgency
from wallet_core import WalletCore

if TYPE_CHECKING:
    from bot.settings import Settings

KEPT_S = 1.0  # for so long a text is given again: a scrape every 10 ms costs no more than one a second
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics(Collector):
    """All of them, as text."""

    def __init__(self, health: Health, settings: Settings) -> None:
        self._health, self._settings = health, settings
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector(registry=None), self):
            self._registry.register(collector)
        GCCollector(registry=self._registry)
        self._text, self._made_at = b"", -KEPT_S
        self.made = 0  # how often the text was put together

    def text(self) -> bytes:
        """What a scrape gets."""
        now = time.monotonic()
        if now - self._made_at >= KEPT_S:
            self._text, self._made_at = generate_latest(self._registry), now
            self.made += 1
        return self._text

    def describe(self) -> list[Metric]:
        """Nothing before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        health, meter = self._health, self._health.meter
        build = GaugeMetricFamily("tuppence_build_info", "Which version runs.", labels=["version"])
        build.add_metric([_version()], 1)
        yield build
        alike = GaugeMetricFamily(
            "tuppence_settings_info",
            "Equal in all processes on the same books, if their settings are.",
            labels=["books", "settings"],
        )
        alike.add_metric([of_books(self._settings), of_settings(self._settings)], 1)
        yield alike
        yield _gauge("tuppence_ready", "Whether people are served: 1 or 0.", int(health.is_ready))
        check = GaugeMetricFamily("tuppence_check_ok", "What was seen last of one thing: 1 or 0.", labels=["check"])
        for name, seen in health.checks.items():
            check.add_metric([name], int(seen.is_ok))
        yield check
        updates = CounterMetricFamily("tuppence_updates", "Updates that were worked on.", labels=["kind"])
        for kind, count in meter.updates.items():
            updates.add_metric([kind], count)
        yield updates
        yield _histogram("tuppence_update_duration_seconds", "From its turn to its answer.", meter.update_s)
        calls = CounterMetricFamily("tuppence_telegram_calls", "Calls of the Bot API.", labels=["method", "outcome"])
        for (method, outcome), count in meter.calls.items():
            calls.add_metric([method, outcome], count)
        yield calls
        yield _histogram("tuppence_telegram_call_duration_seconds", "Of a call, but for polls.", meter.call_s)
        waiting = GaugeMetricFamily(
            "tuppence_telegram_calls_waiting",
            "Calls that wait for their turn under Telegram's limits.",
            labels=["urgency"],
        )
        for urgency in Urgency:
            waiting.add_metric([urgency.name.lower()], meter.waiting.get(urgency, 0))
        yield waiting
        notices = CounterMetricFamily("tuppence_notices", "Notices that were tried.", labels=["outcome"])
        for outcome, count in meter.notices.items():
            notices.add_metric([outcome], count)
        yield notices
        yield _histogram("tuppence_write_duration_seconds", "Of a write that changes nothing.", health.write_s)
        yield from self._of_the_books()
        yield from self._of_the_clock()

    def _of_the_books(self) -> Iterator[Metric]:
        vitals = self._health.vitals
        if vitals is not None:
            oldest_s, overdue_s = (
                0.0 if age is None else age.total_seconds() for age in (vitals.oldest_untold, vitals.overdue)
            )
            yield CounterMetricFamily(
                "tuppence_transfers", "The newest transfer's number; PostgreSQL skips some.", vitals.newest_transfer
            )
            yield _gauge("tuppence_untold_notices", "Notices that wait, 10000 at most.", vitals.untold)
            yield _gauge("tuppence_parked_notices", "Those for people who can't be written to.", vitals.parked)
            yield _gauge(
                "tuppence_oldest_untold_notice_seconds",
                "Since its transfer; 0: none.",
                oldest_s,
            )
            yield _gauge(
                "tuppence_agenda_overdue_seconds",
                "Of what is due first; 0: nothing.",
                overdue_s,
            )
        if not self._settings.database_url.startswith("postgresql"):
            file = Path(WalletCore.where(self._settings.database_url))
            parts = [file.with_name(file.name + ending) for ending in ("", "-wal")]
            size = sum(part.stat().st_size for part in parts if part.exists())
            yield _gauge("tuppence_books_size_bytes", "The file of the books, with its log.", size)
        backups = self._health.backups
        if backups is not None:
            yield CounterMetricFamily("tuppence_backup_failures", "Copies that were not made.", backups.failures)
            if backups.newest_at is not None:
                newest = backups.newest_at.timestamp()
                yield _gauge("tuppence_backup_newest_timestamp_seconds", "When the newest was made.", newest)

    def _of_the_clock(self) -> Iterator[Metric]:
        off_s = self._health.meter.clock_off_s
        if off_s is not None:
            yield _gauge("tuppence_clock_offset_seconds", "Our clock minus Telegram's.", off_s)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value)


def _histogram(name: str, what: str, durations: Durations) -> HistogramMetricFamily:
    below = list(accumulate(durations.counts))
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    return HistogramMetricFamily(name, what, list(zip(bounds, below, strict=True)), durations.sum_s)


def _version() -> str:
    try:
        return metadata.version("tuppence")
    except metadata.PackageNotFoundError:
        return "unknown"
