"""Whether books that were opened are those that are meant, and can be written."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, text

from wallet_core.ledger.errors import BooksProblem, WrongBooks
from wallet_core.ledger.values import Rules
from wallet_core.storage import migrations
from wallet_core.storage.database import Database
from wallet_core.storage.statements import CURRENCIES


class _Undone(Exception):
    """The trial is over."""


async def try_books(database: Database, rules: Rules) -> None:
    """Write, and roll it back: a file that can only be read lets a transaction begin.

    Raises WalletError, and WrongBooks for books in another currency than the rules'.
    """

    def trial(connection: Connection) -> None:
        connection.execute(text(f"UPDATE {migrations.VERSION} SET version_num = version_num"))
        for code in connection.scalars(CURRENCIES):
            if code != rules.currency.code:
                raise WrongBooks(BooksProblem.CURRENCY, database.where, code)
        raise _Undone

    with suppress(_Undone):
        await database.write(trial)
