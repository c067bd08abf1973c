"""`deploy`: writes out what it takes to run the bot for long: a systemd unit, containers, what watches it.

The files stand in `files/`; `{{NAME}}` in them becomes the operator's path. What is there already is never overwritten.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.deploy.errors import DeployError

__all__ = ["KINDS", "DeployError", "deploy", "write_out"]

WATCHING = ("prometheus.yml", "alerts.yml", "dashboard.json")
KINDS: dict[str, tuple[str, ...]] = {
    "systemd": ("tuppence.service", "tuppence.env", "as-service.sh", *WATCHING),
    "docker": ("Dockerfile", "tuppence.env"),
    "compose": ("Dockerfile", "compose.yml", "compose.postgresql.yml", "Caddyfile", "tuppence.env", *WATCHING),
}
HIDDEN = ("/home", "/root", "/run/user")  # from a service with ProtectHome
_PATH = re.compile(r"[A-Za-z0-9_./+@-]+", re.ASCII)  # what needs no quotes in any of the files
_NAME = re.compile(r"\{\{([A-Z]+)\}\}")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what to do next."""

    files: tuple[Path, ...]
    next: tuple[str, ...]


def deploy(kind: str, folder: Path, source: Path | None) -> int:
    """Write it out, and say what; returns the exit status. Raises DeployError."""
    from bot.deploy import supply  # only who asks for it needs it

    if kind == "advisories":
        return supply.advisories(folder)
    if kind in supply.MADE:
        file, make = folder / supply.MADE[kind], supply.constraints if kind == "constraints" else supply.sbom
        _must_be_new(file)
        _made(folder)
        sys.stdout.write(f"wrote {make(folder)}\n")
        return 0
    written = write_out(kind, folder, source=source)
    for file in written.files:
        sys.stdout.write(f"wrote {file}\n")
    for line in written.next:
        sys.stdout.write(f"next  {line}\n")
    return 0


def write_out(kind: str, folder: Path, *, source: Path | None) -> Written:
    """The files of a kind, with these paths. Raises DeployError."""
    folder = folder.absolute()
    paths = {"PYTHON": sys.executable, "CONFIG": str(folder), "FOLDER": str(folder)}
    if kind != "systemd":
        paths["SOURCE"] = str(_source(source))
    for path in paths.values():
        if _PATH.fullmatch(path) is None:
            raise DeployError(f"{path}: a path with other characters than letters, digits and _ . / + @ - is not taken")
    texts = {folder / name: _filled(name, paths) for name in KINDS[kind]}
    _must_be_new(*texts)
    _made(folder)
    begun: list[Path] = []
    try:
        for file, text in texts.items():
            with file.open("x", encoding="utf-8") as opened:
                begun.append(file)
                opened.write(text)
    except OSError as error:
        for file in begun:
            file.unlink()
        raise DeployError(f"{folder} cannot be written to: {error.strerror}") from None
    return Written(tuple(texts), _NEXT[kind](folder, paths.get("SOURCE", "")))


def _must_be_new(*files: Path) -> None:
    if there := [str(file) for file in files if file.exists()]:
        raise DeployError(f"{', '.join(there)} is there already: move it away, or name another folder with --to")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeployError(f"{folder} cannot be written to: {error.strerror}") from None


def _filled(name: str, paths: dict[str, str]) -> str:
    text = (files("bot.deploy") / "files" / name).read_text("utf-8")
    return _NAME.sub(lambda found: paths[found[1]], text)


def _source(given: Path | None) -> Path:
    """Where the image is built from: a clone."""
    source = (given or Path(__file__).parents[2]).absolute()
    if not (source / "pyproject.toml").is_file() or not (source / "wallet_core").is_dir():
        raise DeployError("an image is built from the source: --source names the folder of a clone")
    return source


def _systemd(folder: Path, _: str) -> tuple[str, ...]:
    hidden = [place for place in HIDDEN if Path(sys.executable).is_relative_to(place)]
    warned = [f"this Python is in {place}, which the service cannot see: install into /opt" for place in hidden]
    unit = folder / "tuppence.service"
    return (
        *warned,
        f"put the token, and nothing else, into {folder / 'bot_token'}; chmod 600; it stays root's",
        f"systemd-analyze security --offline=true --threshold=15 {unit}",
        f"systemctl enable --now {unit}",
        f"sh {folder / 'as-service.sh'} doctor: so the other commands have its settings and are its user",
    )


def _docker(folder: Path, source: str) -> tuple[str, ...]:
    return (f"docker build -t tuppence -f {folder / 'Dockerfile'} {source}",)


def _compose(folder: Path, _: str) -> tuple[str, ...]:
    return (
        f"put the token, and nothing else, into {folder / 'secrets' / 'bot_token'}; user 10001 must be able to read it",
        f"docker compose -f {folder / 'compose.yml'} up -d",
        f"docker compose -f {folder / 'compose.yml'} run --rm bot doctor: so the other commands have its settings",
        f"over PostgreSQL: see the first lines of {folder / 'compose.postgresql.yml'}",
    )


_NEXT: dict[str, Callable[[Path, str], tuple[str, ...]]] = {"systemd": _systemd, "docker": _docker, "compose": _compose}
