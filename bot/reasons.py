"""Why the books cannot be used: one line that names the variable, what was found and what to do."""

from __future__ import annotations

from pathlib import Path

from bot.command import command
from bot.settings import Settings
from wallet_core import (
    BackupUnsound,
    BooksInUse,
    BooksProblem,
    CoreStopped,
    StorageBusy,
    StorageFull,
    WalletCore,
    WrongBooks,
)

_WRONG = {
    BooksProblem.UNRELEASED: "is of before the first release ({found}): begin new books under another name",
    BooksProblem.NEWER: "was made by a newer version of this program ({found}): install that one",
    BooksProblem.INCOMPLETE: "lacks tables ({found}): {restore} puts a backup there",
    BooksProblem.FOREIGN: "holds something else than books ({found}): name another file or database",
    BooksProblem.EMPTY: "holds no books yet: {run} makes them",
    BooksProblem.ENCODING: "keeps text as {found}, which lacks most signs: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE"
    " template0 makes one that does not",
    BooksProblem.CLOSED: "lets no tables be made by {found}: ALTER DATABASE … OWNER TO the role, or name a schema of"
    " its own as search_path",
}
_WRONG_BACKUP = {  # of a file that is to become the books: these stay as they are
    BooksProblem.UNRELEASED: "is of before the first release ({found}): take another backup",
    BooksProblem.NEWER: "was made by a newer version of this program ({found}): install that one",
    BooksProblem.INCOMPLETE: "lacks tables ({found}): take another backup",
    BooksProblem.FOREIGN: "holds something else than books ({found}): take another file",
    BooksProblem.CURRENCY: "holds {found}, CURRENCY says {ours}: set CURRENCY={found}, or take another backup",
}
_HINTS = {  # what SQLite says, and what helps
    "readonly": "whoever runs the bot must be able to write the file and its folder",
    "unable to open": "the folder must be there, and whoever runs the bot must be able to write it and the file",
    "disk i/o error": "the disk may be full, or failing: make room, or look at the system's log",
    "malformed": "{restore} puts a backup there",
    "not a database": "name another file, or {restore} puts a backup there",
}
_HINTS_OF_A_SERVER = {  # likewise of PostgreSQL
    "permission denied": "make the role their owner, or GRANT it what it lacks",
    "must be owner": "make the role their owner: ALTER TABLE … OWNER TO",
    "read-only": "it is a standby, or set so: name the leader",
}


def reason(error: Exception, settings: Settings) -> str | None:
    """The line for an error of opening or using the books; None for any other."""
    where, restore = WalletCore.where(settings.database_url), command("restore", "FILE")
    if isinstance(error, WrongBooks) and error.problem is BooksProblem.CURRENCY:
        ours = settings.currency.setting
        return (
            f"CURRENCY: the books at {error.where} hold {error.found}, the setting says {ours}: "
            f"set CURRENCY={error.found}, or name other books in DATABASE_URL"
        )
    if isinstance(error, WrongBooks):
        said = _WRONG[error.problem].format(found=error.found, restore=restore, run=command("run"))
        return f"DATABASE_URL: {error.where} {said}"
    if isinstance(error, BooksInUse) and error.revision is not None:
        return (
            f"DATABASE_URL: a bot of an older version ({error.revision}) runs on {error.where}, or was killed "
            "within the last minute: stop it first, then this one brings the books up to date"
        )
    if isinstance(error, BooksInUse):
        return f"DATABASE_URL: a bot runs on {error.where} already: stop it first"
    if isinstance(error, CoreStopped):
        hint = next((hint for said, hint in _HINTS.items() if said in error.reason.lower()), None)
        return f"DATABASE_URL: {where}: {error.reason}{'' if hint is None else f': {hint.format(restore=restore)}'}"
    if isinstance(error, StorageFull):
        return f"DATABASE_URL: {where}: the disk is full"
    if isinstance(error, StorageBusy):
        return f"DATABASE_URL: {where} {_busy(error, is_file='://' not in where)}"
    if isinstance(error, BackupUnsound):
        return f"the backup is not sound: {error.problem}"
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return f"DATABASE_URL: there is no file {where}: name another, or {command('run')} makes new books there"
    if isinstance(error, FileNotFoundError) and not (folder := Path(error.filename).parent).is_dir():
        return f"DATABASE_URL: there is no folder {folder}: make it, or name another"
    if isinstance(error, OSError) and error.filename is not None:
        return f"DATABASE_URL: {error.filename}: {error.strerror}: {_HINTS['readonly']}"
    return None


def _busy(error: StorageBusy, *, is_file: bool) -> str:
    """Behind the name of books that are not to be had now."""
    if is_file:
        return f"cannot be reached: {error.why or 'another program holds it'}"
    hint = next((hint for said, hint in _HINTS_OF_A_SERVER.items() if said in error.why), None)
    if hint is not None:
        return f"cannot be used: {error.why}: {hint}"
    hint = "look at the server, and at the address and the password"
    return f"cannot be reached: {error.why or 'it says nothing'}: {hint}"


def hint_of_backup(error: CoreStopped) -> str:
    """What helps against what SQLite says of a file that is to become the books."""
    is_closed = any(said in error.reason for said in ("readonly", "unable to open"))
    return ": copy it, with its log if it has one, to where it can be read and written" if is_closed else ""


def reason_of_backup(error: WrongBooks, settings: Settings) -> str:
    """Behind the name of a file that cannot be put where the books are."""
    return _WRONG_BACKUP[error.problem].format(found=error.found, ours=settings.currency.setting)
