"""What is hashed of a transfer, and what a memo may hold: pure functions of texts and numbers."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

from wallet_core.ledger.errors import MemoTooLong
from wallet_core.ledger.money import Currency
from wallet_core.ledger.values import MEMO_MAX


def opening_hash(wallet: int, owner: str | None, kind: str, unit: Currency) -> bytes:
    """What a wallet's first entry is chained to: whose it is, so that nobody is given another's (G11, G12), and of what
    currency, so that its numbers always mean the same."""
    return sha256(f"{wallet}|{kind}|{unit.code}|{unit.decimals}|{unit.symbol}|{owner}".encode()).digest()


def wish_text(
    transfer_id: int,
    debit: int,
    credit: int,
    amount: int,
    currency: str,
    kind: str,
    created_at: int,
    refunds: int | None,
    subject: tuple[str, str] | None,
    key: str,
    memo: str,
) -> str:
    """A transfer as the text that is hashed: what it belongs to if it does, the key with its length and the memo last.

    So no two read alike: neither a kind nor a code holds a bar or a slash.
    """
    about = "" if subject is None else f"/{subject[0]}/{subject[1]}"
    return (
        f"{transfer_id}|{debit}|{credit}|{amount}|{currency}|{kind}|{created_at}|{refunds}{about}"
        f"|{len(key)}|{key}|{memo}"
    )


def entry_hashes(
    wish: str,
    debit_head: bytes | bytearray,
    debit_version: int,
    debit_balance: int,
    credit_head: bytes | bytearray,
    credit_version: int,
    credit_balance: int,
) -> tuple[bytes, bytes]:
    """The hashes of a transfer's two entries, each chained to the last entry of its own wallet.

    The debit entry's covers the whole transfer (`wish_text`), the credit entry's covers the debit entry's. A wallet's
    first entry is chained to its `opening_hash`.
    """
    debit_hash = sha256(debit_head + b"%d|%d|%b" % (debit_version, debit_balance, wish.encode())).digest()
    return debit_hash, sha256(credit_head + debit_hash + b"%d|%d" % (credit_version, credit_balance)).digest()


def clean_memo(text: str) -> str:
    """The memo on one line, without control and direction characters; raises MemoTooLong."""
    if not text:
        return text
    text = " ".join("".join(c for c in text if c.isspace() or _is_plain(c)).split())
    if len(text) > MEMO_MAX:
        raise MemoTooLong(length=len(text), length_max=MEMO_MAX)
    return text


def _is_plain(character: str) -> bool:
    """No control, no direction mark, no lone surrogate; joiners stay, emoji and Indic scripts need them."""
    return character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
