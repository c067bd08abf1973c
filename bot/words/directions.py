"""Right-to-left words and left-to-right ones in one text: what is put in is set apart, so that neither turns the other.

What is set apart stands between U+2068 and U+2069 (Unicode's first-strong isolates), which apps do not show. Codes and
links that are copied stand whole within them: what is tapped to be copied has none in it. Some apps look into them for
the first letter, and turn the whole text by it: where that may be the wrong one, a letter that is not seen comes first.
"""

from __future__ import annotations

import re
from functools import lru_cache

START, END = "\u2068", "\u2069"
LEFTWARD, RIGHTWARD = "\u200f", "\u200e"  # the letters that are not seen
LEFTWARDS = frozenset(("ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))  # languages, by their first part
TEXTS_MAX = 4_096  # so many are kept as they are set apart: all of one language

_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_FIELD = r"[@\w/.:=?&#-]*\{(?P<field>\w+)\}(?:[\w/=?&-]|\{\w+\})*"  # with what belongs to it: `@{bot}`, `r_{code}`
_COMMAND = r"(?<![<\w/])/[a-z]+(?: (?:[@\w.,-]*\{\w+\}|[@A-Za-z0-9](?:[\w.,-]*\w)?))*"  # with what is typed behind it
_HANDLE = r"(?<!\w)@[A-Za-z]\w*"
_NUMBER = r"(?<!\w)[0-9]+(?:[-.,:/][0-9]+)+"
_APART = re.compile(
    rf"(?P<code><(?P<tag>code|a\b)[^>]*>.*?</(?P=tag)>)|<[^>]*>|(?P<command>{_COMMAND})|(?P<one>{_FIELD})"
    rf"|(?P<number>{_NUMBER})|(?P<handle>{_HANDLE})",
    re.ASCII,
)
_LETTERED = "[\U0001f110-\U0001f1ff]"  # pictures made of letters, such as the one for NEW: they run as those do
_FIRST = re.compile(rf"<[^>]*>|(?P<letter>\{{\w+|[^\W\d_]|{_LETTERED})")
_NAMED = re.compile(r"\{(\w+)\}")


def runs_left(text: str) -> bool:
    """Whether some of its letters are written from right to left."""
    return not text.isascii() and _TO_THE_LEFT.search(text) is not None


def apart(text: str) -> str:
    """A text that turns nothing beside it, and is turned by nothing."""
    return f"{START}{text}{END}"


@lru_cache(TEXTS_MAX)
def all_apart(template: str) -> str:
    """A right-to-left text in which fields, commands, codes and numbers of several parts are set apart."""
    shown = _APART.sub(lambda found: found[0] if found.lastgroup is None else apart(found[0]), template)
    return LEFTWARD + shown if runs_left(shown) and not runs_left(_first(template)) else shown


def _first(template: str) -> str:
    """The first of its letters, or of its fields as `{name`; nothing when there is neither."""
    return next((found["letter"] for found in _FIRST.finditer(template) if found["letter"]), "")


def some_apart(template: str, fields: frozenset[str]) -> str:
    """A text in which these fields are set apart."""

    def set_apart(found: re.Match[str]) -> str:
        is_one = found.lastgroup is not None and not fields.isdisjoint(_NAMED.findall(found[0]))
        return apart(found[0]) if is_one else found[0]

    return _APART.sub(set_apart, template)


class Directed(str):
    """A text from left to right; what is put into it does not turn it."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        """As ever, but that a value from right to left is set apart."""
        turning = frozenset(name for name, value in values.items() if isinstance(value, str) and runs_left(value))
        text = str.format(some_apart(self, turning) if turning else self, *args, **values)
        return RIGHTWARD + text if turning and _first(self)[1:] in turning else text
