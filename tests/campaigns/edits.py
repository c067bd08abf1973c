"""Edits of the books that `tamper.make_books` makes, and what the checks of one feature say of each.

    [the feature's file]
    first of a table where …: what is set in that row     (or: gone; `last of` and `every of` it; `;` for one more)
        -> what a check of the file says, {} for what it names; nothing: the file's checks have nothing against it

Rows are in the order of the tables' own; each edit kills mutants of a check that no other here kills (mutate.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wallet_core.ledger.schema import metadata

ONE = re.compile(r"(first|last|every) of (\w+)(?: where (.*?))?: (.*)")


def edits() -> Iterator[tuple[str, list[str], list[str]]]:
    """The feature's file, the statements of an edit, what its checks say."""
    file, found, says = "", [], []
    for line in EDITS.strip().splitlines():
        if line.startswith("    -> "):
            says.append(line[7:])
            continue
        if found:
            yield file, found, says
        found, says = [], []
        if line.startswith("["):
            file = line.strip("[]")
        else:
            found = [_statement(each) for each in line.split("; ")]
    yield file, found, says


def _statement(said: str) -> str:
    match = ONE.fullmatch(said)
    assert match is not None, said
    which, table, where, change = match.groups()
    start = f"DELETE FROM {table}" if change == "gone" else f"UPDATE {table} SET {change}"
    among = f" WHERE {where}" if where else ""
    if which == "every":
        return start + among
    has_rowid = metadata.tables[table].dialect_options["sqlite"]["with_rowid"]
    key = "rowid" if has_rowid else next(iter(metadata.tables[table].primary_key)).name
    return f"{start} WHERE {key} = (SELECT {'MIN' if which == 'first' else 'MAX'}({key}) FROM {table}{among})"


EDITS = """
[bank_audit]
every of withdrawals: state = 'returned'
    -> withdrawal {} is in a file for the bank and was not sent
every of withdrawals: state = 'returned'; every of payment_files: refused_by = 'tg:1'
every of payouts: gone; every of payment_files: count = 0, total = 1
    -> the file {} for the bank does not add up
every of payouts: gone; every of payment_files: count = 1, total = 0
    -> the file {} for the bank does not add up
first of arrivals: key = key || 'x'
    -> what was credited for line {} of a bank's statement is not what it says
    -> what has arrived as {} is in no line of a bank's statement
first of arrivals: top_up = (SELECT MAX(top_up) FROM arrivals)
    -> what was credited for line {} of a bank's statement is not what it says
    -> what has arrived as {} is in no line of a bank's statement
first of arrivals: amount = amount + 1
    -> what was credited for line {} of a bank's statement is not what it says
    -> what has arrived as {} is in no line of a bank's statement
first of bank_lines where state = 'booked' AND gateway = 'bank': gateway = gateway || 'x'
    -> what was credited for line {} of a bank's statement is not what it says
first of bank_lines where state = 'booked' AND gateway = 'bank': state = state || 'x'
    -> what has arrived as {} is in no line of a bank's statement
first of payment_files where gateway = 'bank': code = code || 'x'
    -> withdrawal {} is in a file for the bank and was not sent
    -> the file {} for the bank does not add up
first of payment_files where gateway = 'bank': gateway = gateway || 'x'
    -> withdrawal {} is in a file for the bank and was not sent
first of payment_files where gateway = 'bank': count = count + 1
    -> the file {} for the bank does not add up
first of payment_files where gateway = 'bank': total = total + 1
    -> the file {} for the bank does not add up
first of payouts: withdrawal = withdrawal || 'x'
    -> withdrawal {} is in a file for the bank and was not sent
    -> the file {} for the bank does not add up
first of top_ups where state = 'paid' AND gateway = 'bank': code = code || 'x'
    -> what was credited for line {} of a bank's statement is not what it says
first of withdrawals where state = 'done' AND gateway = 'net': gateway = 'bank'
    -> withdrawal {} is done, and no line of a bank's statement has said so
last of withdrawals where state = 'done' AND gateway = 'bank': state = state || 'x'
    -> withdrawal {} is in a file for the bank and was not sent
last of withdrawals where state = 'done' AND gateway = 'bank': state = 'returned'
    -> withdrawal {} is in a file for the bank and was not sent
[cards]
first of cards: person = person || 'x'
    -> card {} has become another request than it says
    -> card {} has become another gift than it says
first of cards: currency = currency || 'x'
    -> card {} has become another request than it says
    -> card {} has become another gift than it says
first of cards: amount = amount + 1
    -> card {} has become another request than it says
    -> card {} has become another gift than it says
first of cards: memo = memo || 'x'
    -> card {} has become another request than it says
    -> card {} has become another gift than it says
first of cards: request = NULL
    -> card {} has become another request than it says
first of cards: gift = NULL
    -> card {} has become another gift than it says
first of gifts where state = 'claimed' AND is_lucky = 0: shares = shares + 1
    -> card {} has become another gift than it says
first of gifts where state = 'claimed' AND is_lucky = 0: for_handle = ''
    -> card {} has become another gift than it says
last of payment_requests where state = 'cancelled': payers_max = payers_max + 1
    -> card {} has become another request than it says
[gateways]
first of gateways: wallet = wallet + 1
    -> wallet {} is a gateway's, and no gateway knows it
    -> the wallet of the gateway {} is none
first of gateways: wallet = 0
    -> wallet {} is a gateway's, and no gateway knows it
    -> the wallet of the gateway {} is none
first of gateways: currency = currency || 'x'
    -> the wallet of the gateway {} is none
[issues]
first of issues where state = 'issued': code = code || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': payee = payee || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': payee = (SELECT MAX(payee) FROM issues)
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': currency = currency || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': amount = amount + 1
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': memo = memo || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': state = state || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'cancelled': state = 'issued'
    -> question {} about issuing is answered without the transfer that it asks for
first of issues where state = 'issued': transfer = transfer + 1
    -> question {} about issuing is answered without the transfer that it asks for
last of transfers where kind = 'issue' AND subject_kind IS NULL: debit = debit + 1
    -> question {} about issuing is answered without the transfer that it asks for
last of transfers where kind = 'issue' AND subject_kind IS NULL: kind = kind || 'x'
    -> question {} about issuing is answered without the transfer that it asks for
[limits_asked]
first of agenda: id = id || 'x'
    -> limit {} is to be raised, and nothing will do it
first of limits: person = person || 'x'
    -> wallet {} does not keep to the limits that it was given
first of limits: currency = currency || 'x'
    -> wallet {} does not keep to the limits that it was given
last of limits: given = 0
    -> wallet {} does not keep to the limits that it was given
"""
