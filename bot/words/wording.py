"""How names, amounts, times and foreign text are put into words, safely."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from html import escape, unescape

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import get_decimal_symbol

from bot.words.language import gettext as _
from bot.words.language import locale, spoken, zone
from wallet_core import Currency, Money, Person

SHOWN_MAX = 64  # characters of a name, a title or another foreign text
TOAST_MAX = 200  # Bot API: characters of an answer to a press
READ_BACK = (".", ",")  # what `read_amount` takes for a decimal sign


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


def name(person: Person) -> str:
    """A person, as people know them."""
    nameless = _("somebody")
    shown = f"<b>{safe(person.name) or nameless}</b>"
    return f"{shown} (@{safe(person.handle)})" if person.handle else shown


def amount(money: Money) -> str:
    """An amount as the language that is spoken writes it."""
    return written(money, locale(spoken()))


def written(money: Money, language: Locale) -> str:
    """An amount as a language writes it and `read_amount` reads it back: no groups, no other digits.

    Where three decimals follow a comma it could be thousands, and is refused when read: those keep the point.
    """
    sign = get_decimal_symbol(language)
    if sign not in READ_BACK or (sign == "," and money.currency.decimals == 3):
        sign = "."
    return str(money).replace(".", sign)


def money(value: Money) -> str:
    """An amount that stands out."""
    return f"<b>{amount(value)}</b>"


def amounts_like(unit: Currency) -> str:
    """How amounts of a currency may be written."""
    half = "5" + "0" * (unit.decimals - 1)
    fine = [f"5.{half}", "5,5" if unit.decimals == 3 else f"5,{half}"] if unit.decimals else []  # 5,500: thousands?
    signed = [f"{unit.symbol}5"] if unit.symbol != unit.code else []
    return _("{amounts} or {last}").format(amounts=", ".join(["5", *fine, *signed]), last=f"5 {unit.code}")


def when(moment: datetime) -> str:
    """A time in the operator's time zone, and it says which."""
    # NOTE: how a time is written: https://cldr.unicode.org/translation/date-time/date-time-patterns
    pattern = _("yyyy-MM-dd HH:mm:ss z")
    return format_datetime(moment, pattern, tzinfo=zone(), locale=locale(spoken()))


def lines(*texts: str | None) -> str:
    """The lines that are there."""
    return "\n".join(text for text in texts if text is not None)


def sentences(*texts: str | None) -> str:
    """The sentences that are there, each of them whole."""
    return " ".join(text for text in texts if text is not None)


def memo_line(memo: str) -> str | None:
    """What it is for, if that was said."""
    return _("For: {memo}").format(memo=safe(memo, length_max=200)) if memo else None


def with_memo(text: str, memo: str, *, length_max: int = SHOWN_MAX) -> str:
    """A line, and what it is for behind it, if that was said."""
    return f"{text} · {safe(memo, length_max=length_max)}" if memo else text
