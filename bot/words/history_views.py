"""What of a history is shown, and where in it: as its buttons say it, and as they are read back, strictly."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from bot.words.links import CALLBACK_BYTES_MAX, Press
from bot.words.mistakes import NotUnderstood
from wallet_core import HistoryKind

PAGE, KINDS, RECEIPT, AGAIN = "hist", "hkind", "hrec", "again"  # the buttons: a page, which kinds, one entry, pay it
SEARCH_BYTES_MAX = 30  # that fit into a button, with the place in the history
SEARCH_WITH_BYTES_MAX = 15  # besides somebody
ENTRY_MAX = 2**63 - 1  # an entry's id has 64 bits
BLOCK, BLOCKS_MAX = 128, 256  # characters of a block: Cyrillic, Arabic and Devanagari are one each; so many are named
IN_ONE_BLOCK = 0xFF  # no UTF-8 begins so

_STARTS = r"(?P<starts>[0-9a-z]{0,13}(?:\.[0-9a-z]{1,13})*)"
_VIEW = r"(?P<view>[a-z](?:p[A-Za-z0-9_-]{16,32}(?:\.[A-Za-z0-9_-]{1,40})?|s[A-Za-z0-9_-]{1,40})?)"
_SPOT = re.compile(rf"(?:[0-9]{{1,16}}|{_VIEW}):{_STARTS}", re.ASCII)  # a number, of its owner: as it was written once
_RECEIPT = re.compile(rf"{_VIEW}:(?P<start>[0-9a-z]{{1,13}})\.(?P<nth>[1-9])", re.ASCII)
_LETTERS: dict[HistoryKind | None, str] = {
    None: "a",
    HistoryKind.OUT: "o",
    HistoryKind.IN: "i",
    HistoryKind.TIPS: "t",
    HistoryKind.GIFTS: "g",
    HistoryKind.BILLS: "b",
    HistoryKind.REFUNDS: "r",
    HistoryKind.OUTSIDE: "x",
}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class SearchTooLong(NotUnderstood):
    """More words than fit into a button."""


@dataclass(frozen=True, slots=True)
class View:
    """What of a history is shown: with the person of this code, of a kind, with these words in the note."""

    other: str | None = None
    kind: HistoryKind | None = None
    words: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether it is not all."""
        return self != View()

    @property
    def text(self) -> str:
        """As a button says it."""
        words = _packed(self.words) if self.words else ""
        if self.other:
            return f"{_LETTERS[self.kind]}p{self.other}{'.' * bool(words)}{words}"
        return f"{_LETTERS[self.kind]}{'s' * bool(words)}{words}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A page of a view: the way through its pages, this one last."""

    view: View
    starts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """The nth entry of a view's page that begins at an entry."""

    view: View
    start: int
    nth: int


def searchable(text: str, *, is_with: bool = False) -> str:
    """What is looked for, perhaps in what went between two. Raises SearchTooLong."""
    if len(_bytes_of(text)) > (SEARCH_WITH_BYTES_MAX if is_with else SEARCH_BYTES_MAX):
        raise SearchTooLong
    return text


def _packed(text: str) -> str:
    return urlsafe_b64encode(_bytes_of(text)).decode().rstrip("=")


def _bytes_of(text: str) -> bytes:
    """As few as there need be: in a script with an alphabet one for each letter, behind the number of its block."""
    blocks = {ord(c) // BLOCK for c in text} - {0}
    if len(blocks) != 1 or not (block := blocks.pop()) < BLOCKS_MAX:
        return text.encode()
    shorter = bytes((IN_ONE_BLOCK, block, *(ord(c) if c.isascii() else BLOCK + ord(c) % BLOCK for c in text)))
    return min(text.encode(), shorter, key=len)


def _text_of(data: bytes) -> str:
    """What `_bytes_of` packed. Raises ValueError."""
    if data[:1] != bytes((IN_ONE_BLOCK,)):
        return data.decode()
    if len(data) < 3:
        raise ValueError
    return "".join(chr(c if c < BLOCK else data[1] * BLOCK + c - BLOCK) for c in data[2:])


def _read_view(text: str | None) -> View | None:
    """What a button says; None for what none of them says."""
    if text is None:  # of a button from before there were views
        return View()
    if text[0] not in _KINDS:
        return None
    kind, about, rest = _KINDS[text[0]], text[1:2], text[2:]
    other = None
    if about != "s":
        code, _, rest = rest.partition(".")
        other = code or None
    try:
        words = _text_of(urlsafe_b64decode(rest + "=" * (-len(rest) % 4)))
    except ValueError:
        return None
    return View(other=other, words=words, kind=kind)


def page_data(view: View, starts: Sequence[int | None], *, action: str = PAGE) -> str:
    """Callback data of a page: the way to it, of which the oldest steps are forgotten when it gets long."""
    trail = ["" if start is None else base36(start) for start in starts]
    while len(data := Press(action, f"{view.text}:{'.'.join(trail)}").data) > CALLBACK_BYTES_MAX:
        del trail[:1]
    return data


def read_spot(rest: str) -> Spot | None:
    """Which page is meant; None for what `page_data` does not write."""
    match = _SPOT.fullmatch(rest)
    view = None if match is None else _read_view(match["view"])
    if match is None or view is None:
        return None
    starts = tuple(int(start, 36) if start else None for start in match["starts"].split("."))
    return Spot(view, starts) if all((start or 0) <= ENTRY_MAX for start in starts) else None


def receipt_data(view: View, start: int, nth: int) -> str:
    """Callback data of the nth entry of the page that begins at an entry."""
    return Press(RECEIPT, f"{view.text}:{base36(start)}.{nth}").data


def read_receipt(rest: str) -> Opened | None:
    """Which entry is meant; None for what no button says."""
    match = _RECEIPT.fullmatch(rest)
    view = None if match is None else _read_view(match["view"])
    if match is None or view is None or int(match["start"], 36) > ENTRY_MAX:
        return None
    return Opened(view, int(match["start"], 36), int(match["nth"]))


def base36(number: int) -> str:
    """A whole number ≥ 0, short; `int(text, 36)` reads it."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
