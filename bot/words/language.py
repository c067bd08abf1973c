"""In which language something is said: set once for each update and once for each outbox message.

In private the words are those of the person, in a group those that its administrators chose, or else the operator's;
what one person alone sees of a group (the answer to a press) is in their own again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale

from bot.words.directions import LEFTWARDS, Directed, all_apart, apart, runs_left
from bot.words.locales import OWN_NAMES

LOCALES = Path(__file__).with_name("locales")
CATALOGUE = "LC_MESSAGES/tuppence"  # below a language's folder: .po is written by people, .mo by the build
ENGLISH = "en"  # what stands in the source
OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}  # some Android phones still say so


@dataclass(frozen=True, slots=True)
class Speech:
    """Who is spoken to, and where: languages that have a catalogue, and what the operator has set."""

    own: str = ENGLISH  # of the person who writes, presses or is told
    house: str = ENGLISH  # of the group, or of groups in which nobody chose: the operator's
    zone: tzinfo = UTC
    privately: bool = True
    has_ways: bool = False  # whether money has a way in and out; where it has none /topup and /withdraw are not known

    @property
    def language(self) -> str:
        """The language that is spoken now."""
        return self.own if self.privately else self.house


_speech: ContextVar[Speech] = ContextVar("speech", default=Speech())  # noqa: B039  # it is frozen


def speak(*, own: str | None, house: str, zone: tzinfo, privately: bool, has_ways: bool = False) -> None:
    """Speak like this from now on; `own` is a tag as messengers give it, such as `de-AT`."""
    own = understood(own) or house
    _speech.set(Speech(own=own, house=house, zone=zone, privately=privately, has_ways=has_ways))


def speak_own(language: str) -> None:
    """The person wants this language from now on."""
    _speech.set(replace(_speech.get(), own=language))


def speak_house(language: str) -> None:
    """The group wants this language from now on."""
    _speech.set(replace(_speech.get(), house=language))


@contextmanager
def speaking(*, privately: bool) -> Iterator[None]:
    """Speak to the person alone for a while, or to all of a group; also a decorator of texts."""
    token = _speech.set(replace(_speech.get(), privately=privately))
    try:
        yield
    finally:
        _speech.reset(token)


@contextmanager
def speaking_to(language: str | None) -> Iterator[None]:
    """Speak for a while to somebody else alone, whose language this is as far as it is known."""
    was = _speech.get()
    token = _speech.set(replace(was, own=understood(language) or was.house, privately=True))
    try:
        yield
    finally:
        _speech.reset(token)


own_words = speaking(privately=True)  # a decorator: what one person alone reads, wherever they are


def spoken() -> str:
    """The language that is spoken now."""
    return _speech.get().language


def zone() -> tzinfo:
    """The operator's time zone."""
    return _speech.get().zone


def has_ways() -> bool:
    """Whether money has a way in and out here."""
    return _speech.get().has_ways


@cache
def languages() -> tuple[str, ...]:
    """Every language that has words, English first."""
    return (ENGLISH, *sorted(path.parent.parent.name for path in LOCALES.glob(f"*/{CATALOGUE}.po")))


@cache
def _by_tag() -> dict[str, str]:
    """What messengers may call a language: its own tag, and its first part for the nearest that has words."""
    found = {language.partition("_")[0]: language for language in reversed(languages())}
    found |= {language.lower(): language for language in languages()}
    return found | {old: found[new] for old, new in OLD_CODES.items() if new in found}


def understood(tag: str | None) -> str | None:
    """The language with words that fits a tag such as `de-AT`, or is nearest to it; None when there is none."""
    known, parts = _by_tag(), (tag or "").lower().replace("-", "_").split("_")
    while parts:
        if (language := known.get("_".join(parts))) is not None:
            return language
        parts.pop()
    return None


def own_name(language: str) -> str:
    """What a language calls itself."""
    name = OWN_NAMES.get(language) or locale(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def named(text: str) -> str | None:
    """The language that somebody names: as it calls itself, or by its tag; None when it has no words."""
    said = text.casefold()
    for language in languages():
        own = own_name(language).casefold()
        if said in (own, own.split("(")[0].strip(), own.split("（")[0].strip()):
            return language
    return understood(text)


@cache
def locale(language: str) -> Locale:
    """What Babel knows about a language: signs of numbers, names of months."""
    return Locale.parse(language)


@contextmanager
def in_passing(language: str, *, only: str = "") -> Iterator[None]:
    """Speak a language for a moment, and keep nothing of its catalogue that was not there: perhaps nobody speaks it.

    With `only` just the texts are needed whose context begins so.
    """
    passing = None if language in _catalogues else (language, _loaded(language, only=only))
    token = _passing.set(passing)
    try:
        with speaking_to(language):
            yield
    finally:
        _passing.reset(token)


_catalogues: dict[str, NullTranslations] = {}  # of the languages that were spoken: each has its first time
# What is spoken for a moment is seen there alone: another thread may read the same language meanwhile, and all of it.
_passing: ContextVar[tuple[str, NullTranslations] | None] = ContextVar("passing", default=None)


def _catalogue(language: str) -> NullTranslations:
    if (known := _catalogues.get(language)) is not None:
        return known
    passing = _passing.get()
    if passing is not None and passing[0] == language:
        return passing[1]
    known = _catalogues[language] = _loaded(language)
    return known


def _loaded(language: str, *, only: str = "") -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    path = LOCALES / language / CATALOGUE
    if (compiled := path.with_suffix(".mo")).exists():
        with compiled.open("rb") as file:
            return GNUTranslations(file)
    return GNUTranslations(compile_catalogue(path.with_suffix(".po"), only=only))


def compile_catalogue(path: Path, *, only: str = "") -> BytesIO:
    """A catalogue as gettext reads it: what the build does, for a clone in which nothing was built.

    With `only` just what has a context that begins so: to read all of it takes a while.
    """
    from babel.messages.mofile import write_mo  # read here: an installed package and English need neither
    from babel.messages.pofile import read_po

    head, *entries = path.read_text("utf-8").split("\n\n")
    wanted = [entry for entry in entries if not only or f'\nmsgctxt "{only}' in entry]
    catalogue = read_po(BytesIO("\n\n".join((head, *wanted)).encode()))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return compiled


def gettext(message: str) -> str:
    """The message in the language that is spoken now."""
    return _directed(_catalogue(spoken()).gettext(message))


def pgettext(context: str, message: str) -> str:
    """The same for a message that means two things: `context` says which."""
    return _directed(_catalogue(spoken()).pgettext(context, message))


def ngettext(one: str, many: str, count: int) -> str:
    """The message for so many of something."""
    return _directed(_catalogue(spoken()).ngettext(one, many, count))


def beside(text: str) -> str:
    """What somebody is called, or has written, where it stands beside other words and in no sentence."""
    return apart(text) if _runs_left(spoken()) or runs_left(text) else text


def _directed(text: str) -> str:
    """The text in which nothing that is put in turns what stands beside it."""
    return all_apart(text) if _runs_left(spoken()) else Directed(text)


def _runs_left(language: str) -> bool:
    """Babel knows it as well, and loads a megabyte of each language for it."""
    return language.partition("_")[0] in LEFTWARDS
