"""The codes of receipts, as people write and paste them. Pure."""

from __future__ import annotations

import unicodedata

from telegram import Message

from bot.words.links import AROUND
from bot.words.mistakes import NoReceiptCode
from wallet_core import Currency, Money, is_receipt_code, read_amount


def receipt_code_in(text: str) -> str | None:
    """What has the form of a receipt's code: the last such word, rather with a digit in it; or all of a text.

    People paste whole receipts, on which the code stands last, and write it with blanks and dashes of any kind.
    """
    plain = "".join(c for c in text if unicodedata.category(c) != "Cf")
    plain = "".join("-" if unicodedata.category(c) == "Pd" or c == "−" else c for c in plain)
    words = [word.strip(AROUND + "#-") for word in plain.replace(":", " ").split()]
    found = [word for word in words if is_receipt_code(word)]
    sure = [word for word in found if any(c.isdigit() for c in word)]
    whole = plain.strip(AROUND + "#- ")
    return [*found, *sure][-1] if found else whole if is_receipt_code(whole) else None


def read_refund(message: Message, unit: Currency) -> tuple[str, Money | None]:
    """The code of the receipt, and the amount beside it (None: all of it). Of a receipt that is pasted only the code.

    Raises NoReceiptCode, InvalidAmount, CurrencyMismatch.
    """
    said = [line.split() for line in (message.text or "").splitlines()]
    said[0] = said[0][1:]
    code = receipt_code_in(" ".join(word for line in said for word in line))
    if code is None:
        raise NoReceiptCode
    line = next((line for line in reversed(said) if code in map(receipt_code_in, line)), [])
    at = next((at for at, word in enumerate(line) if receipt_code_in(word) == code), 0)
    is_pasted = any(":" in word for word in line[: at + 1])  # `Receipt: CODE`
    beside = line[at + 1 :] if is_pasted else [word for each in said if line for word in each if word != line[at]]
    return code, read_amount(" ".join(beside), unit) if beside else None
