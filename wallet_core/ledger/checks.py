"""What must be true of a transfer, its entries and a wallet, as an audit reads them. Pure."""

from __future__ import annotations

from typing import Any

from wallet_core.ledger.hashes import entry_hashes, opening_hash, wish_text
from wallet_core.ledger.money import Currency


class Wrong(Exception):
    """The first thing that is wrong, in the words of the report."""


def check_transfer(row: Any, unit: Currency) -> None:
    """One transfer with both its entries and their predecessors."""
    transfer_id, key, debit, credit, currency, amount, kind, memo, created_at, refunds, *about = row[:12]
    if amount < 1 or debit == credit:
        raise Wrong(f"transfer {transfer_id} does not move an amount between two wallets")
    for wallet, kind_found in ((debit, row[39]), (credit, row[41])):
        if kind_found is None:
            raise Wrong(f"transfer {transfer_id} names wallet {wallet}, which is missing")
    if (row[36], row[37], unit.code) != (currency,) * 3:
        raise Wrong(f"transfer {transfer_id} is in another currency than its wallets, or the books")
    _check_entry(
        row[12:20],
        row[20:24],
        transfer=transfer_id,
        entry_id=2 * transfer_id - 1,
        wallet=debit,
        delta=-amount,
    )
    _check_entry(row[24:32], row[32:36], transfer=transfer_id, entry_id=2 * transfer_id, wallet=credit, delta=amount)
    subject = None if about == [None, None] else (about[0], about[1])  # half of one is none that was hashed
    wish = wish_text(transfer_id, debit, credit, amount, currency, kind, created_at, refunds, subject, key, memo)
    debit_hash, credit_hash = entry_hashes(
        wish,
        bytes(row[23] or opening_hash(debit, row[38], row[39], unit)),
        row[14],
        row[17],
        bytes(row[35] or opening_hash(credit, row[40], row[41], unit)),
        row[26],
        row[29],
    )
    if debit_hash != row[19]:
        raise Wrong(f"entry {2 * transfer_id - 1} of transfer {transfer_id} does not have the hash of what it says")
    if credit_hash != row[31]:
        raise Wrong(f"entry {2 * transfer_id} of transfer {transfer_id} does not have the hash of what it says")


def _check_entry(entry: Any, before: Any, *, transfer: int, entry_id: int, wallet: int, delta: int) -> None:
    """An entry against its transfer and the one before it in its wallet."""
    found_id, found_wallet, version, previous, found_delta, balance_after, found_transfer, _ = entry
    if found_id is None:
        raise Wrong(f"entry {entry_id} of transfer {transfer} is missing")
    if (found_wallet, found_delta, found_transfer) != (wallet, delta, transfer):
        raise Wrong(f"entry {entry_id} says something else than transfer {transfer}")
    before_wallet, before_version, before_balance, _ = before
    if previous is None:
        before_wallet, before_version, before_balance = wallet, 0, 0
    elif before_version is None or previous >= entry_id:
        raise Wrong(f"entry {entry_id} follows entry {previous}, which is not there")
    if before_wallet != wallet:
        raise Wrong(f"entry {entry_id} follows entry {previous} of another wallet")
    if version != before_version + 1:
        raise Wrong(f"entry {entry_id} has version {version}, the one before it {before_version}")
    if balance_after != before_balance + delta:
        raise Wrong(f"entry {entry_id} has the balance {balance_after} instead of {before_balance + delta}")


def check_wallet(row: Any) -> None:
    """A wallet's row against its last entry."""
    wallet, kind, _, balance, floor, version, last_entry, head, e_wallet, e_version, e_balance, e_hash = row
    if last_entry is None:
        if (balance, version, head) != (0, 0, None):
            raise Wrong(f"wallet {wallet} has no last entry, and yet a balance or a version")
    elif (e_wallet, e_version, e_balance, e_hash) != (wallet, version, balance, head):
        raise Wrong(f"wallet {wallet} does not say the same as its last entry {last_entry}")
    if (floor is None) != (kind in ("issuer", "gateway")) or (floor is not None and balance < floor):
        raise Wrong(f"wallet {wallet} has the balance {balance} below its floor {floor}")
