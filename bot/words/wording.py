"""How names, amounts, times and foreign text are put into words, safely."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from html import escape, unescape

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import get_decimal_symbol

from bot.words.language import beside, locale, ngettext, spoken, zone
from bot.words.language import gettext as _
from wallet_core import Currency, Money, Person

SHOWN_MAX = 64  # characters of a name, a title or another foreign text
TIME = "tg-time"  # Bot API: formatting options
TOAST_MAX = 200  # Bot API: characters of an answer to a press
LISTED_MAX = 10  # lines of a list
NAMES_MAX = 1_024  # so many short texts are kept as they were cleaned: the same few people are named again and again
TIMES_MAX = 256  # so many are kept as they were written: both people of a payment read the same one
READ_BACK = (".", ",")  # what `read_amount` takes for a decimal sign
JOINERS = "\u200c\u200d"  # zero-width non-joiner and joiner
DRESS = "".join(map(chr, (0xFE0F, *range(0x1F3FB, 0x1F400))))  # behind an emoji: in colour, the tones of a skin
BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and signs that show nothing
JOINED = frozenset(
    {"ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
     "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "MYANMAR", "KHMER", "TIBETAN", "JAVANESE", "BALINESE"}
)  # fmt: skip
QUOTES = str.maketrans(dict.fromkeys('“”„‟«»"', "'"))


def safe(text: str, *, length_max: int = SHOWN_MAX) -> str:
    """Foreign text without control, direction and other invisible characters, shortened, escaped."""
    return _safe_name(text, length_max) if len(text) <= SHOWN_MAX else _safe(text, length_max)


def _safe(text: str, length_max: int) -> str:
    if not (text.isascii() and text.isprintable()):
        text = "".join(_shown(text, at) for at in range(len(text)))
    words = " ".join(text.split())
    if not any(unicodedata.category(c)[0] in "LNPS" for c in words):
        return ""  # marks alone show nothing, or something upon what stands before them
    if len(words) > length_max:
        words = words[: length_max - 1].rstrip(" " + JOINERS) + "…"
    return escape(words, quote=False)


_safe_name = lru_cache(NAMES_MAX)(_safe)


def safe_lines(text: str) -> str:
    """Foreign text of several lines, as long as it is."""
    return "\n".join(safe(line, length_max=len(line) + 1) for line in text.splitlines())


def _shown(text: str, at: int) -> str:
    """What is shown of the character there: itself, a space, or nothing."""
    character = text[at]
    if character in JOINERS:
        return character if _joins(text[:at].rstrip(DRESS), text[at + 1 :]) else ""
    if character in BLANKS or character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] in "CZ" else character


def _joins(before: str, after: str) -> bool:
    """Whether a joiner is needed there: by an emoji of several, or a script whose letters change beside each other."""
    if not before or not after:
        return False
    if unicodedata.category(before[-1]) == "So" and unicodedata.category(after[0]) == "So":
        return True
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in (before[-1], after[0])}
    return bool(scripts & JOINED) and len(scripts) == 1


def plain(html: str) -> str:
    """The text without tags, for places that take no HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def toast(html: str) -> str:
    """The text as an answer to a press: no tags, no line breaks, at most 200 characters."""
    text = " ".join(plain(html).split())
    return _cut(text, TOAST_MAX)


def _cut(text: str, length_max: int) -> str:
    """So many characters of a text, as Telegram counts them, and a sign that there were more."""
    if _units(text) <= length_max:
        return text
    text = text[:length_max]
    while _units(text) >= length_max:
        text = text[:-1]
    return text + "…"


def name(person: Person) -> str:
    """A person, as people know them: bold, so that one sees where the name ends."""
    shown = f"<b>{_called(person)}</b>"
    return f"{shown} (@{safe(person.handle)})" if person.handle else shown


def name_asked(person: Person) -> str:
    """A person whom one is asked to pay: that there is no @username is said, lest the name itself looks like one."""
    return name(person) if person.handle else _("{name} (no @username)").format(name=name(person))


def name_quoted(person: Person) -> str:
    """A person where nothing is bold: in the answer to a press."""
    called = _called(person).translate(QUOTES)
    shown = _("“{name}”").format(name=called)
    return f"{shown} (@{safe(person.handle)})" if person.handle else shown


def called(person: Person) -> str:
    """A person where several stand in one line: bold, without the @username."""
    return beside(f"<b>{_called(person)}</b>")


def name_drawn(person: Person) -> str:
    """A person on a picture, without format."""
    return unescape(_called(person))


def _called(person: Person) -> str:
    if not person.name:
        return _("Deleted account")
    nameless = _("somebody")
    return safe(_without_at(person.name)) or nameless


def _without_at(text: str) -> str:
    """Without what looks like the sign of an @username."""
    if text.isascii():
        return text.replace("@", "")
    return "".join(c for c in text if "@" not in unicodedata.normalize("NFKC", c))


def amount(money: Money) -> str:
    """An amount as the language that is spoken writes it."""
    return written(money, locale(spoken()))


def written(money: Money, language: Locale) -> str:
    """An amount as a language writes it and `read_amount` reads it back: no groups, no other digits.

    Where three decimals follow a comma it could be thousands, and is refused when read: those keep the point.
    """
    sign = _decimal_sign(language)
    if sign not in READ_BACK or (sign == "," and money.currency.decimals == 3):
        sign = "."
    return str(money).replace(".", sign)


@cache
def _decimal_sign(language: Locale) -> str:
    return get_decimal_symbol(language)


def money(value: Money) -> str:
    """An amount that stands out."""
    return f"<b>{amount(value)}</b>"


def amounts_like(unit: Currency) -> str:
    """How amounts of a currency may be written."""
    half = "5" + "0" * (unit.decimals - 1)
    fine = [f"5.{half}", "5,5" if unit.decimals == 3 else f"5,{half}"] if unit.decimals else []  # 5,500: thousands?
    signed = [f"{unit.symbol}5"] if unit.symbol != unit.code else []
    return _("{amounts} or {last}").format(amounts=" · ".join(["5", *fine, *signed]), last=f"5 {unit.code}")


def when(moment: datetime) -> str:
    """A time in the operator's time zone, to the minute."""
    # NOTE: how a time is written: https://cldr.unicode.org/translation/date-time/date-time-patterns
    return _timed(moment, _written(moment, _("yyyy-MM-dd HH:mm")), "dt")


def exactly(moment: datetime) -> str:
    """A time as a receipt says it: in the operator's time zone, to the second, and it says which zone."""
    return _timed(moment, _written(moment, _("yyyy-MM-dd HH:mm:ss z")), "dT")


def _timed(moment: datetime, text: str, form: str) -> str:
    """Apps that can do so show it in the zone of whoever reads, the others the text (Bot API: date_time entities)."""
    return f'<{TIME} unix="{int(moment.timestamp())}" format="{form}">{text}</{TIME}>'


def _written(moment: datetime, pattern: str) -> str:
    return _in(spoken(), moment, pattern, zone())


@lru_cache(TIMES_MAX)
def _in(language: str, moment: datetime, pattern: str, where: tzinfo) -> str:
    return format_datetime(moment, pattern, tzinfo=where, locale=locale(language))


def lines(*texts: str | None) -> str:
    """The lines that are there."""
    return "\n".join(text for text in texts if text is not None)


def sentences(*texts: str | None) -> str:
    """The sentences that are there, each of them whole."""
    return " ".join(text for text in texts if text is not None)


def memo_line(memo: str) -> str | None:
    """What it is for, if that was said."""
    return _("For: {memo}").format(memo=safe(memo, length_max=200)) if memo else None


def listed(items: Iterable[str], *, count_max: int = LISTED_MAX) -> str:
    """So many lines, and how many more there are."""
    shown = list(items)
    if (more := len(shown) - count_max) > 0:
        shown[count_max:] = [ngettext("… and {count} more", "… and {count} more", more).format(count=more)]
    return lines(*shown)


def fitted(html: str, length_max: int) -> str:
    """A text that Telegram takes for certain: whole lines of it, as many as fit into so many characters (UTF-16)."""
    if 2 * len(html) <= length_max or _length(html) <= length_max:
        return html
    kept = html.split("\n")
    while kept and _length("\n".join([*kept, "…"])) > length_max:
        kept.pop()
    return "\n".join([*kept, "…"]) if kept else escape(_cut(plain(html), length_max), quote=False)


def _length(html: str) -> int:
    """As Telegram counts it, or more."""
    return _units(plain(html))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2


def with_memo(text: str, memo: str, *, length_max: int = SHOWN_MAX) -> str:
    """A line, and what it is for behind it, if that was said."""
    return f"{text} · {beside(safe(memo, length_max=length_max))}" if memo else text
