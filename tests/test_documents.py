"""What the documents say is there: guarantees and their tests, files, links, commands, folders, dependencies."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path, PurePath

import pytest

from bot.app import COMMANDS
from bot.words.language import languages

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GUARANTEES = range(1, 19)
PARTS = {"pydantic-core": "pydantic"}  # the other's own half, of exactly one version
ONLY_THERE = {"tzdata"}  # data
PATH = re.compile(r"(?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.(?:py|md|yml|json|txt)")
METRIC = re.compile(r'(Counter|Gauge|_gauge|_histogram)\w*\(\s*"(tuppence_[a-z_]+)"')
ANCHOR = re.compile(r"^#+ (.*)$", re.MULTILINE)


def tracked() -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a clone")
    return set(listed.stdout.split("\0")) - {""}


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    assert found, heading
    return [[cell.strip() for cell in row] for row in found]


def numbers(text: str) -> set[int]:
    """G5 to G9 are five, G1–G4 four, G6, G8 two."""
    found = {int(number) for number in re.findall(r"\bG(\d+)", text)}
    for first, last in re.findall(r"\bG(\d+)(?:–| to )G(\d+)", text):
        found |= set(range(int(first), int(last) + 1))
    return found


def test_each_guarantee_is_shown_by_a_test_that_names_it() -> None:
    shown: set[int] = set()
    for names, _, by in rows(README, "What it promises"):
        files = [ROOT / name for name in re.findall(r"tests/[\w/]+\.py", by)]
        texts = "".join(file.read_text("utf-8") for file in files)
        named = {int(number) for number in re.findall(r"(?:\bG|_g)(\d+)(?!\d)", texts)}
        shown |= numbers(names) & named
    assert shown == set(GUARANTEES)


def test_what_the_documents_name_is_there() -> None:
    files = tracked()
    folders = {str(folder) for file in files for folder in PurePath(file).parents}
    endings = {"/" + "/".join(PurePath(file).parts[-2:]) for file in files} | {PurePath(file).name for file in files}
    for name in sorted(file for file in files if file.endswith(".md")):
        text = (ROOT / name).read_text("utf-8")
        for said in re.findall(r"`([^`\n]+)`", text):
            for path in PATH.findall(said):
                is_ours = path.startswith(("bot/", "wallet_core/", "tests/", "docs/")) or path.endswith((".py", ".md"))
                if is_ours and "<" not in said and "*" not in path:
                    beside = os.path.normpath(PurePath(name).parent / path)
                    known = {path.rstrip("/"), beside} & (files | folders) or {path, f"/{path}"} & endings
                    assert known, (name, path)
        for module in re.findall(r"-m (tests\.[\w.]+|bot\.[\w.]+)", text):
            path = module.rstrip(".").replace(".", "/")
            assert {f"{path}.py", f"{path}/__main__.py"} & files, (name, module)


def test_each_campaign_and_each_benchmark_has_its_line() -> None:
    for file in sorted(tracked()):
        path = PurePath(file)
        if path.parts[:-1] in (("tests", "campaigns"), ("tests", "bench")) and path.suffix == ".py":
            is_run = '__name__ == "__main__"' in (ROOT / file).read_text("utf-8")
            said = (ROOT / path.parent / "README.md").read_text("utf-8") + (ROOT / "docs/operating.md").read_text(
                "utf-8"
            )
            if is_run and not path.stem.endswith("_side") and not path.stem.startswith("echo"):  # others run those
                assert f"-m tests.{path.parts[1]}.{path.stem}" in said, file


def test_each_link_between_documents_leads_to_what_is_there() -> None:
    for name in sorted(file for file in tracked() if file.endswith(".md")):
        for link in re.findall(r'\]\(([^)]+)\)|src="([^"]+)"', (ROOT / name).read_text("utf-8")):
            path, _, anchor = "".join(link).partition("#")
            if not path.startswith("http"):
                to = (ROOT / name).parent / path
                assert to.exists(), (name, link)
                heads = ANCHOR.findall(to.read_text("utf-8")) if anchor else []
                assert not anchor or anchor in {
                    re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads
                }


def test_the_readme_names_each_command_and_no_other() -> None:
    first = [row[0] for row in rows(README, "What people write")]
    named = {command for cell in first for command in re.findall(r"(?<![\w/])/([a-z]+)", cell)}
    assert named == set(COMMANDS)


def test_the_table_of_metrics_has_each_and_no_other() -> None:
    told = set(re.findall(r"\btuppence_[a-z_]+", (ROOT / "docs/operating.md").read_text("utf-8")))
    source = (ROOT / "bot/health/metrics.py").read_text("utf-8")
    there = {f"{name}_total" if kind == "Counter" else name for kind, name in METRIC.findall(source)}
    assert told == there


def test_the_map_has_each_folder() -> None:
    named = " ".join(row[0] for row in rows(README, "The map"))
    folders = {"/".join(PurePath(file).parts[:2]) for file in tracked() if len(PurePath(file).parts) > 2}
    for folder in sorted(each for each in folders if each.startswith(("bot/", "wallet_core/"))):
        assert f"`{folder}/`" in named, folder


def test_the_example_of_settings_names_each_language() -> None:
    said = (ROOT / ".env.example").read_text("utf-8").partition("\nLANGUAGE=")[0].rpartition("=")[2]
    assert set(re.findall(r"\b[a-z]{2}(?:_[A-Z]\w+)?\b", said.partition("no words:")[2])) - {"or"} == set(languages())


def normal(distribution: str) -> str:
    name = distribution.lower().replace("_", "-")
    return PARTS.get(name, name)


def test_what_is_imported_is_asked_for_and_what_is_asked_for_is_imported() -> None:
    imported: set[str] = set()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "wallet_core").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    others = imported - sys.stdlib_module_names - {"bot", "wallet_core"}
    project = PROJECT["project"]
    asked = [
        *project["dependencies"],
        *project["optional-dependencies"]["postgresql"],
        *PROJECT["build-system"]["requires"],
    ]
    names = {normal(re.split(r"[\[<>=; ]", each, maxsplit=1)[0]) for each in asked}
    of = packages_distributions()
    needed = {module: {normal(name) for name in of.get(module, [])} for module in others}
    assert not [module for module, names_of in needed.items() if not names_of & names]
    assert not names - set().union(*needed.values()) - ONLY_THERE
