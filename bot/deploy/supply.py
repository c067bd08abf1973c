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

from bot.deploy.errors import DeployError

NAME = "tuppence"
EXTRA = "postgresql"  # that a container has
CONSTRAINTS, SBOM = "constraints.txt", "sbom.cdx.json"


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
    """All that is installed beside this Python, as CycloneDX. Raises DeployError."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / SBOM
        _run(_tool("cyclonedx-py", "cyclonedx-bom"), ["environment", sys.executable, "-o", str(made)])
        return _written(folder / SBOM, made.read_text("utf-8"))


def advisories(folder: Path) -> int:
    """What is known against it: pip-audit's words and its status. Raises DeployError."""
    pinned = folder / CONSTRAINTS
    what = ["--require-hashes", "--requirement", str(pinned)] if pinned.is_file() else ["--local"]
    return subprocess.run([*_tool("pip-audit", "pip-audit"), *what], check=False).returncode


def _tool(name: str, package: str) -> list[str]:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise DeployError(f"{name} is not here: {sys.executable} -m pip install {package}")
    return [found]


def _run(command: list[str], arguments: list[str]) -> None:
    ended = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
    if ended.returncode != 0:
        last = (ended.stderr.strip() or ended.stdout.strip() or "without a word").splitlines()[-1]
        raise DeployError(f"{Path(command[0]).name} failed: {last}")


def _written(file: Path, text: str) -> Path:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise DeployError(f"{file} cannot be written: {error.strerror}") from None
    return file
