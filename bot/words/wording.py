"""How names, amounts, times and foreign text are put into words, safely."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from html import escape, unescape

from wallet_core import Currency, Money, Person

SHOWN_MAX = 64  # characters of a name, a title or another foreign text
TOAST_MAX = 200  # Bot API: characters of an answer to a press


def safe(text: str, *, length_max: int = SHOWN_MAX) -> str:
    """Foreign text without control, direction and other invisible characters, shortened, escaped."""
    kept = (c if unicodedata.category(c)[0] not in "CZ" else " " if c.isspace() else "" for c in text)
    words = " ".join("".join(kept).split())
    if len(words) > length_max:
        words = words[: length_max - 1].rstrip() + "…"
    return escape(words, quote=False)


def plain(html: str) -> str:
    """The text without tags, for places that take no HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def toast(html: str) -> str:
    """The text as an answer to a press: no tags, no line breaks, at most 200 characters."""
    text = " ".join(plain(html).split())
    return text if len(text) <= TOAST_MAX else text[: TOAST_MAX - 1] + "…"


def name(person: Person | None) -> str:
    """A person, as people know them; None is the community itself."""
    if person is None:
        return "the community"
    shown = f"<b>{safe(person.name) or 'somebody'}</b>"
    return f"{shown} (@{safe(person.handle)})" if person.handle else shown


def money(amount: Money) -> str:
    """An amount that stands out."""
    return f"<b>{amount}</b>"


def amounts_like(unit: Currency) -> str:
    """How amounts of a currency may be written."""
    half = "5" + "0" * (unit.decimals - 1)
    fine = [f"5.{half}", "5,5" if unit.decimals == 3 else f"5,{half}"] if unit.decimals else []  # 5,500: thousands?
    signed = [f"{unit.symbol}5"] if unit.symbol != unit.code else []
    return ", ".join(["5", *fine, *signed]) + f" or 5 {unit.code}"


def when(moment: datetime) -> str:
    """A time, always UTC, and it says so."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def lines(*texts: str | None) -> str:
    """The lines that are there."""
    return "\n".join(text for text in texts if text is not None)


def memo_line(memo: str) -> str | None:
    """What it is for, if that was said."""
    return f"For: {safe(memo, length_max=200)}" if memo else None
