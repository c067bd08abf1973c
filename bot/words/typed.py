"""Words that people type and that mean something there, such as `for` in /gift 10 for 5: in all languages at once.

Whoever types one may have chosen another language, or writes as the group does; so each is understood from everybody,
and no word means two things behind one command. Several words for one meaning are parted by |.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from functools import cache

from bot.words.language import in_passing, languages, pgettext

CONTEXT = "typed"  # how the context of each begins in the catalogues


class Typed(Enum):
    """What such a word means."""

    SO_MANY = auto()  # for 5: people
    LUCKY = auto()
    COUNTED = auto()  # a number in letters: it is asked back
    ANY = auto()
    PRINT = auto()
    SEARCH = auto()
    PAID_TO = auto()
    ASKED_FROM = auto()
    BESIDE = auto()
    JOINING = auto()
    NO_LIMIT = auto()
    A_DAY = auto()
    A_PAYMENT = auto()
    EACH = auto()
    UNTIL = auto()
    ABOVE = auto()


_SIGNS_AND_OTHERS = {  # signs, and words of languages that have no catalogue
    Typed.PAID_TO: "a|al|aan|naar|voor|till|til|do|dla",
    Typed.ASKED_FROM: "da|di|van|från|fra|od",
    Typed.BESIDE: "&|+|met|en|och|og",
    Typed.JOINING: ".|,|&|+|/|i|og|och|eller|en|of|ja|ve|và|та|або",
    Typed.EACH: "/",
    Typed.UNTIL: "-|–|—|..|…",
}


_WORDS: dict[Typed, Callable[[], str]] = {
    # NOTE: typed before a number of people: /gift 10 for 5; several words are parted by |
    Typed.SO_MANY: lambda: pgettext("typed before a number of people", "for"),
    # NOTE: typed behind /gift 10 for 5; several words are parted by |
    Typed.LUCKY: lambda: pgettext("typed to divide a gift by chance", "lucky"),
    # NOTE: numbers in letters, which are asked back; they are parted by |
    Typed.COUNTED: lambda: pgettext(
        "typed instead of a number", "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty"
    ),
    # NOTE: typed instead of an amount: /request any coffee; several words are parted by |
    Typed.ANY: lambda: pgettext("typed instead of an amount", "any"),
    # NOTE: typed behind /qr, for sheets of paper; several words are parted by |
    Typed.PRINT: lambda: pgettext("typed behind /qr", "print"),
    # NOTE: typed behind /history, before what is looked for; several words are parted by |
    Typed.SEARCH: lambda: pgettext("typed behind /history", "search"),
    # NOTE: typed before who is paid: /pay 5 to @bob; several words are parted by |
    Typed.PAID_TO: lambda: pgettext("typed before who is paid", "to"),
    # NOTE: typed before who is asked for money: /request 5 lunch from @bob; several words are parted by |
    Typed.ASKED_FROM: lambda: pgettext("typed before who is asked", "from|by"),
    # NOTE: typed before somebody who is not asked for money: /request 5 lunch with @bob; parted by |
    Typed.BESIDE: lambda: pgettext("typed before who is not asked", "with|and"),
    # NOTE: typed between two people, or between two numbers; several words are parted by |
    Typed.JOINING: lambda: pgettext("typed between two people or numbers", "and|or|to"),
    # NOTE: typed behind /limits, so that there is no limit any more; several words are parted by |
    Typed.NO_LIMIT: lambda: pgettext("typed behind /limits", "off|none|no"),
    # NOTE: typed behind an amount: /limits 20 a day; several words are parted by |
    Typed.A_DAY: lambda: pgettext("typed for a limit of a day", "day|daily"),
    # NOTE: typed behind an amount: /limits 20 a payment; several words are parted by |
    Typed.A_PAYMENT: lambda: pgettext("typed for a limit of a payment", "payment|pay|transfer"),
    # NOTE: small words between the amount and `day` or `payment`: /limits 20 a day; they are parted by |
    Typed.EACH: lambda: pgettext("typed within a limit", "a|an|per|each|every|one|for|the"),
    # NOTE: typed between or before two days: /statement 1.1.2026 to 31.3.2026; several words are parted by |
    Typed.UNTIL: lambda: pgettext("typed between two days", "to|until|till|from"),
    # NOTE: typed before an amount from which on the PIN is asked for: /pin above 20; several words are parted by |
    Typed.ABOVE: lambda: pgettext("typed behind /pin", "above|over|from|more"),
}


@cache
def typed() -> dict[Typed, frozenset[str]]:
    """All of them, casefolded."""
    found = {meaning: set(_SIGNS_AND_OTHERS.get(meaning, "").split("|")) for meaning in Typed}
    for language in languages():
        with in_passing(language, only=CONTEXT):
            for meaning, words in found.items():
                words.update(_WORDS[meaning]().casefold().split("|"))
    return {meaning: frozenset(words - {""}) for meaning, words in found.items()}


def means(meaning: Typed, word: str) -> bool:
    """Whether a word that somebody typed has this meaning."""
    return word.casefold() in typed()[meaning]
