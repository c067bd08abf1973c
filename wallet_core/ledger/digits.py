"""Digits and signs of other scripts as those that amounts are written with; direction marks at the ends of a word."""

from __future__ import annotations

# Left-to-right, right-to-left and Arabic letter mark; the isolates. They order what is seen and hide nothing. What
# overrides the order of letters is not among them: it makes 15 look like 51.
MARKS = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"

_SIGNS = {"٫": ".", "،": ",", "．": ".", "，": ","}
_ZEROS = "٠۰०０"  # Arabic, Persian and Urdu, Hindi, wide; the other nine follow each
_SCRIPTS = [{chr(ord(zero) + value): str(value) for value in range(10)} for zero in _ZEROS]
_OTHERS = frozenset(digit for script in _SCRIPTS for digit in script)


def with_plain_digits(text: str) -> str:
    """The text with `٥٫٥٠`, `५.५०` and `５.５０` as `5.50`; one that mixes the digits of scripts stays as it is."""
    if text.isascii():
        return text
    used = {digit for digit in text if digit in _OTHERS or digit in "0123456789"}
    plain = _SIGNS | next((script for script in _SCRIPTS if used and used <= script.keys()), {})
    return "".join(plain.get(character, character) for character in text)
