"""Take every text out of the source into the catalogues, and say what is missing in them.

`python -m bot.words.locales` brings all of them up to date, `python -m bot.words.locales fr` begins another one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import bot
from bot.words.language import CATALOGUE, LOCALES

SOURCE = Path(bot.__file__).parent
METHODS = [("words/*.py", "python"), ("sandbox/*.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
WIDTH = 120
NO_LINE = 0


def extracted(source: Path = SOURCE) -> Catalog:
    """Every text that stands in the source, with its files and without its lines.

    A catalogue is sorted by them and keeps no lines: sorted by lines it would have another order once it was read.
    """
    found = Catalog()
    messages = extract_from_dir(source, METHODS, keywords=KEYWORDS, comment_tags=["NOTE:"])
    for name, _line, message, comments, context in messages:
        found.add(message, locations=[(f"bot/{name}", NO_LINE)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    """The catalogue in a file."""
    with path.open("rb") as file:
        return read_po(file)


def update(path: Path, template: Catalog) -> Catalog:
    """Bring a catalogue to what stands in the source: texts that went go, new ones wait for their translation."""
    catalogue = read(path) if path.exists() else _new(path.parent.parent.name)
    creation, revision = catalogue.creation_date, catalogue.revision_date
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.creation_date, catalogue.revision_date = creation, revision
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, sort_by_file=True, include_lineno=False)
    return catalogue


def _new(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Tuppence",
        version="1",
        header_comment=f"# The words of Tuppence in the language {language}.",
        msgid_bugs_address="Tuppence",
        last_translator="Tuppence",
        language_team="Tuppence",
        revision_date=datetime.now(UTC),
        fuzzy=False,
    )


def main(languages: Iterable[str]) -> int:
    """Returns how many texts still lack their translation, at most 1 as the exit status."""
    template = extracted()
    paths = {*LOCALES.glob(f"*/{CATALOGUE}.po"), *(LOCALES / language / f"{CATALOGUE}.po" for language in languages)}
    missing = 0
    for path in sorted(paths):
        untranslated = [
            message.id for message in update(path, template) if message.id and not all_there(message.string)
        ]
        sys.stdout.write(f"{path.parent.parent.name}: {len(template)} texts, {len(untranslated)} to be translated\n")
        missing += len(untranslated)
    return min(missing, 1)


def all_there(string: str | Iterable[str] | None) -> bool:
    """Whether a translation, or each of its plurals, says something."""
    return all(string) if isinstance(string, list | tuple) else bool(string)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
