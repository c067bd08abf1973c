"""The file of the books on SQLite: who may read it, whether it is still there, who runs on it, copies, restoring."""

from __future__ import annotations

import asyncio
import glob
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from wallet_core.ledger.errors import BooksInUse, BooksProblem, CoreStopped, StorageFull, WrongBooks
from wallet_core.storage.migrations import VERSION

OWNERS = 0o600  # the books hold names, and what people pay for
LOCK, OLD = ".lock", ".of-"  # ours: who runs on it; what it was before it was brought up to date
YOUNG_NS = 3_000_000_000  # the coarsest clock of a file system's folders ticks every two seconds (FAT)
PART = ".part"  # of what is being made
LOG, INDEX = "-wal", "-shm"  # SQLite's own files beside the file; a log belongs to that one file and to no other
JOURNAL = "-journal"  # of a file that is being made
INTERRUPT_S = 0.1  # between two tries to end what goes on in another thread


class Identity:
    """Which file was opened, and which log: another one under the same name is not the books.

    The log lies beside the file itself, also where the name is a link. Both are looked at when something in the folder
    has changed, and every few seconds: a look at the log makes Linux (from 6.13 on, multigrain timestamps) note the
    exact time of the next write, and the sync that follows wait for that note, a tenth of a single payment's time.
    """

    def __init__(self, file: str) -> None:
        real = os.path.realpath(file)
        self._file, self._log, self._folder = file, real + LOG, os.path.dirname(real)  # noqa: PTH120  # as os.stat below
        self._is_linked = real != os.path.abspath(file)  # noqa: PTH100  # the name may lead elsewhere, from another folder
        self._seen = _number(file)
        self._seen_log: tuple[int, int] | None = None
        self._quiet: tuple[int, int, int] | None = None  # the folder, while all that changed in it was seen

    def check(self, *, in_full: bool = False) -> None:
        """A look at the folder, 2 µs; at the files once something has changed there, or `in_full`.

        Raises CoreStopped when the file or its log is gone, or is another.
        """
        folder = _changed(self._folder)
        is_quiet = folder is not None and folder == self._quiet and not in_full
        if (not is_quiet or self._is_linked) and _number(self._file) != self._seen:
            raise CoreStopped(reason=_gone(self._file))
        if is_quiet:
            return
        log = _number(self._log)  # it is there from the first transaction on, until the writer lets go of the file
        if self._seen_log is not None and log != self._seen_log:
            raise CoreStopped(reason=_gone(self._log))
        self._seen_log = log
        # A second change within one tick of the folder's clock leaves the same time: what is young is looked at again.
        self._quiet = folder if folder is not None and abs(time.time_ns() - folder[2]) > YOUNG_NS else None


def _number(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116  # for each batch: pathlib takes three times as long
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _changed(folder: str) -> tuple[int, int, int] | None:
    """Which folder it is, and when a file in it was made, moved or removed last."""
    try:
        found = os.stat(folder)  # noqa: PTH116  # as above
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _gone(file: str) -> str:
    there = "was replaced by another one" if Path(file).exists() else "is gone"
    return f"{Path(file).absolute()} {there} while it was in use"


def must_hold_something(file: Path) -> None:
    """For who only looks: SQLite would begin a database in an empty file, and remove its log. Raises WrongBooks."""
    if not file.exists():
        raise FileNotFoundError(file)
    if file.is_file() and file.stat().st_size == 0:
        raise WrongBooks(BooksProblem.EMPTY, str(file.absolute()), "nothing")


def make(file: Path) -> None:
    """An empty file, which is what new books begin as; only its owner can read it."""
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNERS))


class Lock:
    """Held by the one process that runs on a file, beside it; the system lets go of it when the process dies.

    Raises BooksInUse, and OSError for a folder that cannot be written to.
    """

    def __init__(self, file: str) -> None:
        import fcntl  # there is none on Windows, where the bot cannot run

        path = Path(file).resolve()
        self._held = os.open(path.with_name(path.name + LOCK), os.O_CREAT | os.O_RDWR, OWNERS)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise BooksInUse(str(path)) from None

    def close(self) -> None:
        """Let go; the file stays, for whoever waits for it has it open."""
        os.close(self._held)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


Begun = Callable[[sqlite3.Connection], None]  # told of each connection, which can be interrupted


def copy(source: Path, file: Path, begun: Begun | None = None) -> None:
    """The books, as of now and in one file, on the disk. Raises FileExistsError, FileNotFoundError, sqlite3.Error."""
    if not file.parent.is_dir():
        raise FileNotFoundError(file.parent)
    make(file)
    try:
        with closing(sqlite3.connect(_address(source), uri=True)) as connection:
            if begun is not None:
                begun(connection)
            connection.execute("VACUUM INTO ?", (str(file),))
        sync(file)
        sync(file.parent)
    except BaseException:
        for ending in ("", JOURNAL):  # a disk that is full keeps the journal
            file.with_name(file.name + ending).unlink(missing_ok=True)
        raise


def _address(file: Path) -> str:
    """Of what is copied; where nobody can write, as it stands: SQLite would make a log's index beside it."""
    is_fixed = not os.access(file.absolute().parent, os.W_OK) and not file.with_name(file.name + LOG).exists()
    return f"{file.absolute().as_uri()}?{'mode=ro&immutable=1' if is_fixed else 'mode=rw'}"


def copy_checked(backup: Path, new: Path, begun: Begun | None = None) -> None:
    """As `copy`, of what was looked through and holds books. Raises CoreStopped, WrongBooks, StorageFull."""
    try:
        with closing(sqlite3.connect(_address(backup), uri=True)) as connection:
            if begun is not None:
                begun(connection)
            [(found,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        if found != "ok":
            raise CoreStopped(reason=" ".join(found.split()))
        if VERSION not in tables:
            raise WrongBooks(BooksProblem.FOREIGN, str(backup), ", ".join(sorted(tables)[:5]) or "nothing")
        copy(backup, new, begun)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StorageFull from error
        raise CoreStopped(reason=str(error)) from error


async def beside(copying: Callable[[Path, Path, Begun], None], source: Path, file: Path) -> None:
    """Copy beside the event loop; who is cancelled leaves when it has ended, at once, and nothing is made any more."""
    begun: list[sqlite3.Connection] = []
    work = asyncio.ensure_future(asyncio.to_thread(copying, source, file, begun.append))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            for connection in begun:
                with suppress(sqlite3.ProgrammingError):  # it is closed already
                    connection.interrupt()
            await asyncio.wait([work], timeout=INTERRUPT_S)
        work.exception()  # it is over
        raise


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A file beside it, which has its name at the end, and is taken away if there is none; a kill leaves it.

    Raises FileExistsError, FileNotFoundError for its folder, BooksInUse where another process makes it, OSError.
    """
    if not file.parent.is_dir():
        raise FileNotFoundError(file.parent)
    part = file.with_name(file.name + PART)
    _must_be_new(file)
    with Lock(str(part)):
        remove(part, but=LOCK)  # of one that was killed
        try:
            yield part
            _must_be_new(file)
            try:
                file.hardlink_to(part)
            except FileExistsError:
                raise
            except OSError:  # some file systems have no second names
                part.rename(file)
            sync(file.parent)
        finally:
            remove(part)


def _must_be_new(file: Path) -> None:
    if file.exists():
        raise FileExistsError(file)


def remove(file: Path, *, but: str | None = None) -> None:
    """With what SQLite leaves beside it, and what bringing it up to date does (upgrade.py)."""
    older = (old.name.removeprefix(file.name) for old in file.parent.glob(f"{glob.escape(file.name)}{OLD}*"))
    for ending in {"", LOG, INDEX, JOURNAL, LOCK, *older} - {but}:
        file.with_name(file.name + ending).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """A file, or a folder's list of names, onto the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def put_in_place(new: Path, file: Path, now: datetime) -> Path | None:
    """Make `new`, which must lie beside it, the books at `file`; gives where those are that were there, with their log.

    At every moment there is a file under the name, and never beside a log that is not its own.
    """
    kept = file.with_name(f"{file.name}.before-{now:%Y%m%d-%H%M%S}") if file.exists() else None
    if kept is not None:
        _second_name(file, kept)
        with suppress(FileNotFoundError):
            file.with_name(file.name + LOG).rename(kept.with_name(kept.name + LOG))
    for ending in (LOG, INDEX):  # without any file, a log may have been left
        file.with_name(file.name + ending).unlink(missing_ok=True)
    sync(file.parent)
    new.replace(file)
    sync(file.parent)
    return kept


def _second_name(file: Path, name: Path) -> None:
    if name.exists():
        raise FileExistsError(name)
    try:
        name.hardlink_to(file)
    except OSError:  # some file systems have no second names
        shutil.copy2(file, name)


def where_books_are(database: str, backup: Path) -> Path:
    """The whole path of the books that a backup is to replace. Raises FileNotFoundError when there is no backup."""
    if not backup.is_file():
        raise FileNotFoundError(backup)
    return Path(database).resolve()
