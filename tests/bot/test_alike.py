"""Processes of one bot with different settings are told apart, and an alert says so; no setting can be read from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.health.alike import OWN, of_books, of_settings
from bot.settings import Settings, read_settings
from tests.bot.test_deploy import FILES, run, tool

URL = "postgresql+asyncpg://ann@db.example/club"


def settings_of(**given: object) -> Settings:
    return read_settings(_env_file=None, database_url=URL, **given)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_what_is_a_processs_own_or_secret_may_differ_and_nothing_else(name: str) -> None:
    usual = settings_of(admin_ids="7")
    may_differ = name in OWN or name.endswith("_file")
    assert (of_settings(usual.model_copy(update={name: "other"})) == of_settings(usual)) is may_differ
    secrets = [usual.model_copy(update={name: SecretStr(each)}) for each in ("one", "two")]
    assert len(set(map(of_settings, secrets))) == 1


def test_the_order_in_which_operators_and_names_stand_is_no_difference() -> None:
    one = settings_of(admin_ids="1,8,9001", bot_name="Club; de=Verein; fr=Cercle")
    two = settings_of(admin_ids="9001 8 1", bot_name="Club; fr=Cercle; de=Verein")
    assert of_settings(one) == of_settings(two) != of_settings(settings_of(admin_ids="1,8", bot_name="Club"))


UNLIKE = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'tuppence_settings_info{{books="b1",settings="s1",instance="1"}}', values: '1x60'}}
      - {{series: 'tuppence_settings_info{{books="b1",settings="s1",instance="2"}}', values: '1x60'}}
      - {{series: 'tuppence_settings_info{{books="b2",settings="s2",instance="3"}}', values: '1x60'}}
    alert_rule_test:
      - {{eval_time: 1h, alertname: TuppenceSettingsDiffer}}
  - interval: 1m
    input_series:
      - {{series: 'tuppence_settings_info{{books="b1",settings="s1",instance="1"}}', values: '1x60'}}
      - {{series: 'tuppence_settings_info{{books="b1",settings="s3",instance="2"}}', values: '1x60'}}
    alert_rule_test:
      - eval_time: 1h
        alertname: TuppenceSettingsDiffer
        exp_alerts:
          - exp_labels: {{books: b1, severity: warning}}
            exp_annotations:
              summary: Processes of one bot have different settings.
              description: Limits, operators and words depend on who happens to answer. Make them the same.
"""


def test_processes_on_the_same_books_with_different_settings_are_an_alert(tmp_path: Path) -> None:
    (tmp_path / "test.yml").write_text(UNLIKE.format(rules=FILES / "alerts.yml"), "utf-8")
    tested = run(tool("promtool", "apt-get install prometheus"), "test", "rules", str(tmp_path / "test.yml"))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_another_bot_whose_books_have_the_same_address_has_others() -> None:
    tokens = (f"111:{'A' * 35}", f"111:{'B' * 35}", f"222:{'A' * 35}")
    one, same, other = (of_books(read_settings(_env_file=None, bot_token=token)) for token in tokens)
    assert one == same != other
