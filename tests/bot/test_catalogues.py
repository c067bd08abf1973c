"""Catalogues: they hold every text that is shown and no other, whole, with the data and the form of the English one."""

import ast
import io
import os
import re
import shutil
import string
import subprocess
import sys
import sysconfig
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, c2py  # type: ignore[attr-defined]
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.app import COMMANDS
from bot.words.language import CATALOGUE, ENGLISH, LOCALES, compile_catalogue, languages
from bot.words.locales import __main__ as locales
from bot.words.locales.__main__ import all_there, read, update
from bot.words.menu import Where, menu
from bot.words.refusals import Seen, refusal
from bot.words.typed import CONTEXT
from tests.bot.spoken import spoken_to
from tests.bot.test_texts import GROUP, LEAVES, PRIVATE, TELEGRAM_TAGS, example

ROOT = Path(__file__).resolve().parent.parent.parent
TRANSLATED = [language for language in languages() if language != ENGLISH]
CALLS = {"_", "gettext", "pgettext", "ngettext"}
SPEAKING = [
    *sorted(path for folder in ("words", "handlers") for path in (ROOT / "bot" / folder).glob("*.py")),
    *(ROOT / "bot" / name for name in ("app.py", "transport/exceptions.py", "transport/notifier.py")),
]
# What looks like words for people: two of them, one with a capital, a picture.
SHOWN = re.compile(r"[A-Za-z]{2,},? [A-Za-z]|^\W*[A-Z][a-z]{2,}|[\U0001F300-\U0001FAFF✅✖❓⌛]")
TAG = re.compile(r"<[^>]*>?")

catalogues = pytest.mark.parametrize("language", TRANSLATED)
extracted = cache(locales.extracted)
COMMAND = re.compile(
    r"(?<![<\w])/[a-z]+(?!\w)"
)  # as Telegram finds one: a letter beside it, of any script, and it is none
COUNTED = (
    *range(1_000),
    1_000_000,
    2_000_000,
)  # each plural of a language has some of these; Spanish has one for millions
UNSEEN = set("\u200b\u200e\u200f\u061c\u2060\ufeff").union(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@cache
def catalogue_of(language: str) -> Catalog:
    return read(LOCALES / language / f"{CATALOGUE}.po")


def messages_of(language: str) -> list[Message]:
    return [message for message in catalogue_of(language) if message.id]


@dataclass(frozen=True, slots=True)
class Version:
    """A translation, the English text that it stands for, and the placeholders that it needs and may have."""

    english: str
    text: str
    needs: set[str]
    may_have: set[str]


def versions(message: Message, alone: set[int] = frozenset()) -> list[Version]:  # type: ignore[assignment]
    """Each of them; `alone` are the plurals into which one number falls: only such a one goes without its number."""
    if isinstance(message.id, str):
        has = placeholders(message.id)
        return [Version(message.id, message.string, has, has)]
    one, many = message.id
    has = placeholders(many)
    counted = {"count"} | (has - placeholders(one))
    return [
        Version(many, text, has - counted if form in alone else has, has) for form, text in enumerate(message.string)
    ]


def one_number(catalogue: Catalog) -> set[int]:
    """The plurals into which exactly one number falls: such a form may say it in words."""
    rule = c2py(catalogue.plural_expr)
    falls = Counter(rule(number) for number in COUNTED)
    assert set(falls) == set(range(catalogue.num_plurals))
    return {form for form, count in falls.items() if count == 1}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@catalogues
def test_a_catalogue_holds_every_text_of_the_source_and_no_other(language: str) -> None:
    catalogue = catalogue_of(language)
    source = {(message.context, message.id) for message in extracted() if message.id}
    assert {(message.context, message.id) for message in catalogue if message.id} == source
    assert not catalogue.obsolete


@catalogues
def test_every_text_is_translated_and_nothing_is_left_to_a_guess(language: str) -> None:
    for message in messages_of(language):
        assert all_there(message.string), message.id
        assert not message.fuzzy, message.id


@catalogues
def test_no_translation_changes_a_placeholder_a_tag_or_a_command(language: str) -> None:
    alone = one_number(catalogue_of(language))
    for message in messages_of(language):
        for version in versions(message, alone):
            english, text = version.english, version.text
            assert version.needs <= placeholders(text) <= version.may_have, (english, text)
            assert Counter(re.findall(r"<[^>]+>", text)) == Counter(re.findall(r"<[^>]+>", english)), (english, text)
            assert set(COMMAND.findall(text)) == set(COMMAND.findall(english)), (english, text)
            assert text == text.strip() and not UNSEEN & set(text), (english, text)


@catalogues
def test_no_translation_says_far_more_than_the_source(language: str) -> None:
    for message in messages_of(language):
        for version in versions(message):
            typed = message.context is not None  # words that the bot understands: some languages have several
            assert len(version.text) <= 2 * len(version.english) + (40 if typed else 20), version.text


@catalogues
def test_every_plural_of_a_language_is_there(language: str) -> None:
    catalogue = catalogue_of(language)
    assert catalogue.num_plurals == Catalog(locale=language).num_plurals
    assert catalogue.plural_expr == Catalog(locale=language).plural_expr
    plurals = [message for message in messages_of(language) if not isinstance(message.id, str)]
    assert plurals
    for message in plurals:
        assert len(message.string) == catalogue.num_plurals, message.id


@pytest.mark.parametrize(
    ("language", "alone"),
    [("de", {0}), ("es", {0}), ("fr", set()), ("pt_BR", set()), ("hi", set()), ("ru", set()), ("ar", {0, 1, 2}),
     ("id", set()), ("zh_Hans", set())],
)  # fmt: skip
def test_only_a_plural_of_one_number_goes_without_it(language: str, alone: set[int]) -> None:
    assert one_number(Catalog(locale=language)) == alone


def test_bringing_a_catalogue_up_to_date_adds_what_is_new_drops_what_is_gone_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / f"de/{CATALOGUE}.po"
    assert not [message for message in update(path, Catalog()) if message.id]
    first = locales.extracted()
    first.add("It was said once.")
    words = update(path, first)
    assert not [message for message in words if message.id and all_there(message.string)]
    words["How much?"].string = "Wie viel?"
    with path.open("wb") as file:
        write_po(file, words)
    catalogue = update(path, extracted())
    assert "It was said once." not in catalogue and "It was said once." not in path.read_text("utf-8")
    assert [message.id for message in catalogue if message.id and all_there(message.string)] == ["How much?"]
    before = path.read_bytes()
    update(path, extracted())
    assert path.read_bytes() == before


def test_a_catalogue_keeps_its_order_whoever_writes_it_and_when_lines_move(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.joinpath("words").mkdir(parents=True)
    source.joinpath("words/gifts.py").write_text('_("One.")\n_("Shared.")\n_("Two.")\n')
    source.joinpath("words/splits.py").write_text('_("Shared.")\n')
    path = tmp_path / f"de/{CATALOGUE}.po"
    catalogue = update(path, locales.extracted(source))
    assert [message.id for message in catalogue if message.id] == ["One.", "Shared.", "Two."]
    first = path.read_bytes()
    with path.open("wb") as file:
        write_po(file, read_po(io.BytesIO(first)), width=locales.WIDTH, sort_by_file=True)  # as other tools do
    assert path.read_bytes() == first
    source.joinpath("words/gifts.py").write_text('_("One.")\n_("Two.")\n\n\n_("Shared.")\n')
    update(path, locales.extracted(source))
    assert path.read_bytes() == first


# -- the source -------------------------------------------------------------------------------------------------------


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}


def spoken_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node


def way_up(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while (above := parents.get(node)) is not None:
        yield above
        node = above


def docstrings(tree: ast.AST) -> set[ast.AST]:
    bodies = (node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list))
    return {node.value for body in bodies for node in body if isinstance(node, ast.Expr)}


def is_logged_or_raised(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether no person in a chat reads it."""
    return any(
        isinstance(above, ast.Assert | ast.Raise)
        or (isinstance(above, ast.Call) and ast.unparse(above.func).startswith(("log.", "re.", "sys.")))
        for above in way_up(node, parents)
    )


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.relative_to(ROOT / "bot").as_posix())
def test_every_text_that_is_shown_goes_through_gettext(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    parents, silent = parents_of(tree), docstrings(tree)
    known = {text for message in extracted() for text in ([message.id] if isinstance(message.id, str) else message.id)}
    for call in spoken_calls(tree):
        texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if not any(isinstance(above, ast.FunctionDef) and above.name in CALLS for above in way_up(call, parents)):
            assert known & set(texts), f"line {call.lineno}: the extraction does not find it"
            silent |= set(call.args)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            is_shown = SHOWN.search(TAG.sub("", node.value)) and not is_logged_or_raised(node, parents)
            assert not is_shown, f"line {node.lineno}: {node.value!r}"


@pytest.mark.parametrize(
    "path",
    [path for path in (ROOT / "bot").rglob("*.py") if path.name != "language.py"],
    ids=lambda path: path.relative_to(ROOT / "bot").as_posix(),
)
def test_no_text_is_put_together_from_halves_or_chosen_before_the_language_is_known(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    parents = parents_of(tree)
    for call in spoken_calls(tree):
        where = f"line {call.lineno}"
        texts = call.args[:2] if call.func.id == "ngettext" else call.args  # type: ignore[attr-defined]
        assert all(isinstance(argument, ast.Constant) for argument in texts), where
        above = list(way_up(call, parents))
        assert any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) for node in above), where
        for node in above:
            if isinstance(node, ast.stmt):
                break
            assert not isinstance(node, ast.JoinedStr | ast.BinOp), where
            is_data = isinstance(node, ast.keyword) and isinstance(parents[node], ast.Call)
            fills = is_data and ast.unparse(parents[node].func).endswith(".format")  # type: ignore[attr-defined]
            assert not fills, f"{where}: a text inside a text"


def test_every_text_is_a_whole_line_or_sentence() -> None:
    with spoken_to(ENGLISH):
        everywhere = (Where.PRIVATE, Where.GROUPS, Where.OPERATORS)
        offered = {line.words() for where in everywhere for _, line in menu(COMMANDS, where)}
    for message in extracted():
        if not message.id or all("sandbox" in name for name, _ in message.locations):
            continue
        for text in [message.id] if isinstance(message.id, str) else message.id:
            assert text == text.strip() and "\n" not in text, text
            assert not text.endswith((",", ";", "(", "“")), text
            is_typed = (message.context or "").startswith(CONTEXT)
            assert not text[0].islower() or is_typed or text in offered | NAMES, text


NAMES = {"somebody", "yyyy-MM-dd HH:mm:ss z", "yyyy-MM-dd HH:mm"}  # of nobody, and of a time


# -- what people read -------------------------------------------------------------------------------------------------


@catalogues
@pytest.mark.parametrize("seen", [PRIVATE, GROUP], ids=["private", "group"])
def test_every_refusal_is_said_in_every_language_with_its_data(language: str, seen: Seen) -> None:
    data = ["&lt;x&gt;", "https://t.me/TestBot", "EUR", "/pay", "/request", "/help", "/history", "/cancel", "/verify"]
    for kind in LEAVES:
        error = example(kind)
        with spoken_to(language):
            text = refusal(error, seen)
        english = refusal(error, seen)
        assert text and english and text != english, kind
        assert "<" not in TELEGRAM_TAGS.sub("", text) and "{" not in text, kind
        shown = [value for value in data if value in english]
        assert [value for value in data if value in text] == shown, kind
        assert Counter(re.findall(r"\d", text)) == Counter(re.findall(r"\d", english)), kind


@catalogues
def test_numbers_choose_the_plural(language: str) -> None:
    words = GNUTranslations(compile_catalogue(LOCALES / language / f"{CATALOGUE}.po"))
    for message in messages_of(language):
        if not isinstance(message.id, str):
            said = {words.ngettext(message.id[0], message.id[1], count) for count in COUNTED}
            assert said == set(message.string)


def test_a_package_that_is_built_has_its_catalogues_compiled_and_leaves_the_source_as_it_was(tmp_path: Path) -> None:
    for name in ("bot", "wallet_core"):
        shutil.copytree(ROOT / name, tmp_path / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "source")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path), "."]
    subprocess.run(build, cwd=tmp_path / "source", check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        for language in TRANSLATED:
            with files.open(f"bot/words/locales/{language}/{CATALOGUE}.mo") as file:
                words = GNUTranslations(file)  # type: ignore[arg-type]
            message = next(message for message in messages_of(language) if isinstance(message.id, str))
            assert words.gettext(str(message.id)) == message.string
    assert not list((tmp_path / "source" / "bot").rglob("*.mo"))
    assert "€" in works_alone(wheel, tmp_path / "alone")


LOOKS = """
import bot, wallet_core, sys
from importlib.resources import files
from zoneinfo import ZoneInfo
from bot.deploy import KINDS
from bot.qr import qr_png
from bot.words.language import speak
from bot.words.transfers import REFUSALS
from wallet_core import TransferNotFound
from wallet_core.storage.migrations import revisions
assert bot.__file__.startswith(sys.argv[1]) and wallet_core.__file__.startswith(sys.argv[1])
assert len(qr_png("https://t.me/x?start=r_1", title="Zoë", amount="5.00 €", memo=None)) > 1000  # with its font
assert len(revisions()) > 10
assert (files("bot.sandbox") / "page" / "index.html").is_file()
assert all((files("bot.deploy") / "files" / name).is_file() for names in KINDS.values() for name in names)
speak(own="de", house="en", zone=ZoneInfo("UTC"), privately=True)
assert "Nicht echt" in REFUSALS[TransferNotFound](None, None)
print("€")
"""


def works_alone(wheel: Path, place: Path) -> str:
    """What is in the wheel, and nothing of the source, with what is installed for it; from the root of the disk."""
    with zipfile.ZipFile(wheel) as files:
        files.extractall(place)
    others = os.pathsep.join([str(place), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]])
    looks = [sys.executable, "-S", "-P", "-c", LOOKS, str(place)]  # without site: the source is not linked in
    env = {"PYTHONPATH": others, "PATH": os.environ["PATH"]}
    ended = subprocess.run(looks, cwd="/", env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
