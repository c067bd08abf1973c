"""The alert rules on series as a Prometheus has them: each fires when it should, and none where all is well."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.bot.test_deploy import FILES, tool

RULES = FILES / "alerts.yml"
OF = '{job="tuppence",instance="localhost:9187"}'
HOURS = 60  # looks, one a minute
# What a bot that works says, minute after minute, for three days.
WELL = {
    f"up{OF}": "1x4320",
    f"tuppence_ready{OF}": "1x4320",
    'tuppence_settings_info{job="tuppence",books="b",settings="s1"}': "1x4320",
    **{
        f'tuppence_check_ok{{job="tuppence",check="{name}"}}': "1x4320"
        for name in ("feed", "writer", "notices", "backups")
    },
    f"tuppence_oldest_untold_notice_seconds{OF}": "0x4320",
    f"tuppence_agenda_overdue_seconds{OF}": "0 3 0 200 0x4316",
    f"tuppence_clock_offset_seconds{OF}": "-0.2 25x4319",
    f"tuppence_backup_newest_timestamp_seconds{OF}": "0x4320",  # with BACKUP_EVERY=7d
    f"tuppence_backup_failures_total{OF}": "0x4320",
    'tuppence_telegram_calls_total{job="tuppence",method="sendMessage",outcome="ok"}': "0+60x4320",
    'tuppence_telegram_calls_total{job="tuppence",method="sendMessage",outcome="429"}': "0 1x4319",
}
# What is otherwise, and after how many minutes it is said; not a few minutes before.
TROUBLE = {
    "TuppenceAway": ({f"up{OF}": "1x9 0x90"}, 12),
    "TuppenceNotReady": ({f"tuppence_ready{OF}": "1x9 0x90"}, 15),
    "TuppenceFeedStands": ({'tuppence_check_ok{job="tuppence",check="feed"}': "1x9 0x90"}, 13),
    "TuppenceWritesFail": ({'tuppence_check_ok{job="tuppence",check="writer"}': "1x9 0x90"}, 11),
    "TuppenceNoticesLate": ({f"tuppence_oldest_untold_notice_seconds{OF}": "0x9 130+60x90"}, 15),
    "TuppenceAgendaLate": ({f"tuppence_agenda_overdue_seconds{OF}": "0x9 301+60x90"}, 15),
    "TuppenceClockOff": ({f"tuppence_clock_offset_seconds{OF}": "1x9 -600x90"}, 15),
    "TuppenceBackupOld": ({'tuppence_check_ok{job="tuppence",check="backups"}': "1x9 0x90"}, 20),
    "TuppenceBackupFails": ({f"tuppence_backup_failures_total{OF}": "0x9 1x90"}, 10),
    "TuppenceSettingsDiffer": (
        {'tuppence_settings_info{job="tuppence",books="b",settings="s2"}': "_x9 1x90"}, 26,
    ),
    "TuppenceTooFast": (
        {'tuppence_telegram_calls_total{job="tuppence",method="sendMessage",outcome="429"}': "0x9 0+20x90"}, 23,
    ),
}  # fmt: skip
NAMES = re.findall(r"- alert: (\w+)", RULES.read_text("utf-8"))


def seen(tmp_path: Path, series: dict[str, str], name: str, minutes: int) -> list[str]:
    """Which alerts of this name promtool finds then."""
    promtool = tool("promtool", "apt-get install prometheus")
    case = {
        "interval": "1m",
        "input_series": [{"series": each, "values": values} for each, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{minutes}m", "alertname": name, "exp_alerts": []}],
    }
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case]}))
    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) != ("Labels:" in done.stdout + done.stderr), done.stderr
    return re.findall(rf'alertname="({name})"', done.stdout + done.stderr)


def test_each_rule_is_tried() -> None:
    assert set(NAMES) == set(TROUBLE)


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_fires_on_what_it_is_about_and_not_before(tmp_path: Path, name: str) -> None:
    otherwise, minutes = TROUBLE[name]
    assert seen(tmp_path, WELL | otherwise, name, minutes) == [name]
    assert seen(tmp_path, WELL | otherwise, name, minutes - 3) == []
    for well in (30, 70 * HOURS):
        assert seen(tmp_path, WELL, name, well) == []


def test_a_bot_that_nobody_hears_of_is_away(tmp_path: Path) -> None:
    assert seen(tmp_path, {}, "TuppenceAway", 5) == ["TuppenceAway"]
