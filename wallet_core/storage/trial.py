"""Whether books that were opened are those that are meant, and can be written; new ones are told what they are for."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, func, insert, select, text, update

from wallet_core.ledger.errors import BooksProblem, WrongBooks
from wallet_core.ledger.money import Currency
from wallet_core.ledger.schema import books, transfers, wallets
from wallet_core.ledger.values import Rules
from wallet_core.storage import migrations
from wallet_core.storage.database import Database

log = logging.getLogger(__name__)


class _Undone(Exception):
    """The trial is over."""

    def __init__(self, kept: Currency) -> None:
        self.kept = kept


async def try_books(database: Database, rules: Rules) -> Rules:
    """Write, and roll it back: a file that can only be read lets a transaction begin. New books keep their currency.

    Gives the rules, in the currency as the books keep it: what is installed here may have come to say something else.
    Raises WalletError, and WrongBooks for books in another currency.
    """
    unit = rules.currency
    kept = await _kept(database, unit)
    if kept == unit:
        return rules
    log.warning(
        "%s has %d decimals and the sign %s here, %d and %s in the books: theirs count",
        *(kept.code, unit.decimals, unit.symbol, kept.decimals, kept.symbol),
    )
    return rules.kept_in(kept)


async def _kept(database: Database, unit: Currency) -> Currency:

    def trial(connection: Connection) -> Currency:
        connection.execute(text(f"UPDATE {migrations.VERSION} SET version_num = version_num"))
        found = connection.execute(select(books.c.currency, books.c.decimals, books.c.symbol)).first()
        if found is not None:
            raise _Undone(_checked(Currency(*found), unit, database.where))
        if connection.execute(select(wallets.c.id).limit(1)).first() is not None:
            raise WrongBooks(BooksProblem.UNRELEASED, database.where, "they do not say what their currency is")
        connection.execute(insert(books).values(id=1, currency=unit.code, decimals=unit.decimals, symbol=unit.symbol))
        return unit

    try:
        return await database.write(trial)
    except _Undone as undone:
        return undone.kept


def _checked(kept: Currency, unit: Currency, where: str) -> Currency:
    """What the books keep, unless another is meant: a coin's decimals are said by nobody but the operator."""
    if kept.code != unit.code or (kept.is_coin and kept.decimals != unit.decimals):
        raise WrongBooks(BooksProblem.CURRENCY, where, kept.setting)
    return kept


def note_restored(connection: Connection) -> None:
    """What came after the backup is lost: its receipts are told apart from made-up ones (`PaymentByCode`)."""
    newest = select(func.coalesce(func.max(transfers.c.id), 0)).scalar_subquery()
    first = func.coalesce(books.c.restored_after, newest)  # of several times
    connection.execute(update(books).values(restored_after=first))
