"""Every example of a command with a word that is typed is read back, in the language in which it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from bot.handlers.arguments import take_amount, words_of
from bot.handlers.asking import read_request, read_tag
from bot.handlers.gift_wishes import read_gift
from bot.handlers.limits import read_limit
from bot.words.language import ENGLISH, languages
from bot.words.typed import Typed, means
from tests.bot.test_catalogues import catalogue_of
from tests.bot.test_typed import EUR, in_catalogue, said

UNITS = {"gift": 8, "request": 4, "qr": 3, "limits": 6, "limit": 5, "pin": 3}  # so often each is printed, at least
MEANINGS = {
    "gift": (Typed.SO_MANY, Typed.LUCKY),
    "request": (Typed.ANY,),
    "qr": (Typed.PRINT, Typed.ANY),
    "limits": (Typed.NO_LIMIT, Typed.A_DAY, Typed.A_PAYMENT, Typed.EACH),
    "limit": (Typed.NO_LIMIT, Typed.A_DAY, Typed.A_PAYMENT, Typed.EACH),
    "pin": (Typed.ABOVE,),
}
FOREIGN = {("hi", Typed.SO_MANY)}  # which would stand behind the number
EXAMPLE = re.compile(rf"/({'|'.join(MEANINGS)})(?![a-z])((?: [^\s/]+)*)")
ENDS = re.compile(r"[,.;:?!)،؛。；，：、（）।؟—–]+$|[：，。；、（].*")


def printed(language: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of the texts that are shown, with the words behind it that it would read."""
    for message in catalogue_of("de" if language == ENGLISH else language):
        if message.id and not (message.context or "").startswith("typed"):
            texts = message.id if language == ENGLISH else message.string
            for text in (texts,) if isinstance(texts, str) else texts:
                for command, behind in EXAMPLE.findall(re.sub(r"\{(?:amount|example)\}", "5.00", text)):
                    yield command, list(run(command, behind.split()))


def run(command: str, words: list[str]) -> Iterator[str]:
    """Up to what is a note, or goes on with the sentence."""
    for word in words:
        bare = ENDS.sub("", word)
        if re.fullmatch(r"\d[\d.]*|@bob", bare) or any(means(each, bare) for each in MEANINGS[command]):
            yield bare
        else:
            return
        if bare != word:
            return


def read_pin(text: str) -> None:
    words = words_of(said(text))
    assert means(Typed.ABOVE, words.pop(0).text)
    take_amount(words, EUR)
    assert not words


def read_limits(text: str, command: str) -> None:
    words = words_of(said(text.replace(" @bob", "")))
    assert read_limit(words, EUR, command=command)


READ: dict[str, Callable[[str], object]] = {
    "gift": lambda text: read_gift(said(text), EUR, bot_name="B"),
    "request": lambda text: read_request(said(text), EUR, bot_name="B"),
    "qr": lambda text: read_tag(said(text), EUR),
    "limits": lambda text: read_limits(text, "limits"),
    "limit": lambda text: read_limits(text, "limit"),
    "pin": read_pin,
}


@pytest.mark.parametrize("language", languages())
def test_every_printed_example_is_read_back_and_speaks_the_language(language: str) -> None:
    counted = dict.fromkeys(READ, 0)
    own = {meaning: {*in_catalogue(language, meaning)} for meaning in Typed}
    for command, words in printed(language):
        if not words or (command == "pin" and len(words) == 1):  # the sentence goes on
            continue
        text = " ".join((f"/{command}", *words))
        try:
            READ[command](text)
        except Exception as error:
            raise AssertionError(f"{language}: {text}") from error
        counted[command] += 1
        for word in words:
            meanings = [each for each in MEANINGS[command] if means(each, word)]
            is_own = any(word.casefold() in own[each] or (language, each) in FOREIGN for each in meanings)
            assert not meanings or is_own, f"{language}: {text}"
    assert all(counted[command] >= least for command, least in UNITS.items()), (language, counted)
