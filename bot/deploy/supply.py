"""What is deployed, by name, version and hash: `deploy constraints`, `deploy sbom`, `deploy advisories`.

Nothing of it is kept with the source: it is made where it is deployed, of what is installed there, by tools that others
keep (pip, CycloneDX, pip-audit).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from bot.command import counted
from bot.deploy.errors import DeployError

NAME = "tuppence"
EXTRA = "postgresql"  # that a container has
CONSTRAINTS, SBOM = "constraints.txt", "sbom.cdx.json"
MADE = {"constraints": CONSTRAINTS, "sbom": SBOM}
GOOD, ADVISED, UNANSWERED = 0, 1, 2  # statuses of `advisories`


def constraints(folder: Path) -> Path:
    """Exactly what is installed here, with the hashes of what pip would fetch for it. Raises DeployError."""
    with tempfile.TemporaryDirectory() as place:
        pins, wanted, report = (Path(place) / name for name in ("pins", "wanted", "report"))
        others = [each for each in metadata.distributions() if each.name != NAME]
        pins.write_text("".join(f"{each.name}=={each.version}\n" for each in others))
        wanted.write_text("".join(f"{line}\n" for line in requirements(metadata.requires(NAME) or ())))
        _run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"],
            ["--constraint", str(pins), "--requirement", str(wanted), "--report", str(report)],
        )
        found = json.loads(report.read_text("utf-8"))["install"]
    return _written(folder / CONSTRAINTS, "".join(sorted(map(_pin, found))))


def requirements(declared: Iterable[str]) -> list[str]:
    """What the package needs where it runs: without its other extras."""
    kept = []
    for line in declared:
        name, _, marker = line.partition(";")
        if "extra ==" not in marker:
            kept.append(line)
        elif marker.strip() in (f'extra == "{EXTRA}"', f"extra == '{EXTRA}'"):
            kept.append(name.strip())
    return kept


def _pin(found: dict[str, Any]) -> str:
    about, archive = found["metadata"], found["download_info"].get("archive_info", {})
    digest = archive.get("hashes", {}).get("sha256")
    if digest is None:
        raise DeployError(f"pip says no hash of {about['name']}: it is not fetched from an index")
    return f"{about['name'].lower()}=={about['version']} --hash=sha256:{digest}\n"


def sbom(folder: Path) -> Path:
    """All that is installed beside this Python, as CycloneDX, of whose schema it is. Raises DeployError."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / SBOM
        _run(_tool("cyclonedx-py", "cyclonedx-bom"), ["environment", sys.executable, "--validate", "-o", str(made)])
        return _written(folder / SBOM, made.read_text("utf-8"))


def advisories(folder: Path) -> int:
    """What is known against it, as pip-audit hears it, a line each; returns the status: no answer is not a good one."""
    pinned = folder / CONSTRAINTS
    what = ["--require-hashes", "--requirement", str(pinned)] if pinned.is_file() else ["--local"]
    try:
        tool = _tool("pip-audit", "pip-audit")
    except DeployError as missing:  # as little is known as when nobody answers
        return _unanswered(str(missing))
    asking = [*tool, *what, "--format", "json", "--progress-spinner", "off"]
    ended = subprocess.run(asking, check=False, capture_output=True, text=True)
    try:
        found = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return _unanswered(_last_line(ended))
    own = [each for each in found if each["name"] != NAME]
    silent = [each for each in own if "vulns" not in each]
    if len(silent) == len(own):
        return _unanswered(f"of none of {len(own)} packages anything is known there")
    known = 0
    for each in own:
        for one in each.get("vulns", ()):
            known += 1
            mended = ", ".join(one.get("fix_versions", ())) or "nothing yet"
            sys.stdout.write(f"FIX   {each['name']} {each['version']}: {one['id']}; mended by {mended}\n")
    for each in silent:
        sys.stdout.write(f"note  {each['name']}: not answered\n")
    advisories = counted(known, "advisory", "advisories")
    sys.stdout.write(f"{len(own) - len(silent)} of {len(own)} packages were asked about: {advisories}\n")
    return ADVISED if known else UNANSWERED if silent else GOOD


def _unanswered(why: str) -> int:
    sys.stderr.write(
        f"tuppence: pip-audit got no answer, so nothing is known for or against what is installed: {why}\n"
    )
    return UNANSWERED


def _tool(name: str, package: str) -> list[str]:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise DeployError(f"{name} is not here: {sys.executable} -m pip install {package}")
    return [found]


def _run(command: list[str], arguments: list[str]) -> None:
    ended = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
    if ended.returncode != 0:
        raise DeployError(f"{Path(command[0]).name} failed: {_last_line(ended)}")


def _last_line(ended: subprocess.CompletedProcess[str]) -> str:
    return (ended.stderr.strip() or ended.stdout.strip() or "without a word").splitlines()[-1]


def _written(file: Path, text: str) -> Path:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise DeployError(f"{file} is there already: move it away") from None
    except OSError as error:
        file.unlink(missing_ok=True)
        raise DeployError(f"{file} cannot be written: {error.strerror}") from None
    return file
