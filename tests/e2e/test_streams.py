"""Where a command's words go: nobody reads on, the disk is full, there is no stdout, few letters; and an early end."""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.sandbox.demo_process import environment
from tests.e2e.test_command_line import Ended, begin, names_in, new_books, run_anew
from tests.e2e.test_operated import until

SOURCE = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, and how a shell says that a command ended")


async def ended_into(out: int | None, folder: Path, *arguments: str, **settings: str) -> Ended:
    """Run it to its end with this as its stdout; None closes it, and stderr too."""
    closed = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh"] if out is None else []
    process = await asyncio.create_subprocess_exec(
        *closed, sys.executable, "-m", "bot", *arguments,
        cwd=folder, env=environment(settings), stdout=out, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    _, err = await process.communicate()
    return Ended(process.returncode or 0, "", err.decode())


@pytest.fixture
def unread() -> int:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


async def test_a_command_that_nobody_listens_to_any_more_ends_as_ever_without_a_word(
    tmp_path: Path, unread: int
) -> None:
    url = await new_books(tmp_path / "books.db")
    assert await ended_into(unread, tmp_path, "audit", DATABASE_URL=url) == (0, "", "")
    assert await ended_into(unread, tmp_path, "--help") == (0, "", "")
    assert await ended_into(unread, tmp_path, "status", DATABASE_URL=f"{url}.not") == (1, "", "")
    assert await ended_into(unread, tmp_path, "demo") == (0, "", "")
    os.close(unread)


async def test_words_that_cannot_be_written_are_one_line_and_no_success(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    full = os.open("/dev/full", os.O_WRONLY)
    expected = (1, "", "tuppence: stdout cannot be written: No space left on device\n")
    assert await ended_into(full, tmp_path, "audit", DATABASE_URL=url) == expected
    assert await ended_into(full, tmp_path, "demo") == expected
    os.close(full)


async def test_a_command_without_stdout_and_stderr_does_its_work(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    assert await ended_into(None, tmp_path, "audit", DATABASE_URL=url) == (0, "", "")
    assert await ended_into(None, tmp_path, "status", DATABASE_URL=url) == (0, "", "")
    assert await ended_into(None, tmp_path, "backup", "copy.db", DATABASE_URL=url) == (0, "", "")
    assert await ended_into(None, tmp_path, "audit", DATABASE_URL="sqlite+aiosqlite:///copy.db") == (0, "", "")


async def test_a_letter_that_stdout_does_not_have_is_spelt_out(tmp_path: Path) -> None:
    folder = tmp_path / "käse"
    folder.mkdir()
    url = await new_books(folder / "books.db")
    ended = await run_anew(tmp_path, "status", DATABASE_URL=url, PYTHONIOENCODING="ascii")
    assert ended.status == 0 and "k\\xe4se/books.db" in ended.out and ended.err == ""


async def test_what_fails_before_there_is_a_log_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = await run_anew(tmp_path, "deploy", "constraints", "--to", "file")
    assert ended.status == 1 and ended.out == "" and len(ended.err.splitlines()) == 1, ended


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_a_file_whose_name_is_not_in_utf_8_is_no_fault_of_the_books(tmp_path: Path, command: str) -> None:
    url = await new_books(tmp_path / "books.db")
    ended = await run_anew(tmp_path, command, os.fsdecode(b"k\xe4se.db"), DATABASE_URL=url)
    assert ended.status == 2 and "expected a name in UTF-8" in ended.err and "DATABASE_URL" not in ended.err, ended
    assert names_in(tmp_path) == {"books.db"}


@pytest.mark.parametrize("command", ["audit", "run", "demo"])
async def test_a_folder_that_is_gone_is_named_as_what_is_wrong(tmp_path: Path, command: str) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", script, "sh", sys.executable, "-m", "bot", command,
        cwd=tmp_path, env=environment({"PYTHONPATH": str(SOURCE)}), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    expected = b"tuppence: the folder in which this was started is gone: go to another one\n"
    assert (process.returncode, out, err) == (1, b"", expected)


async def test_ctrl_c_before_a_command_has_begun_ends_it_without_a_word(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "importtime", "-m", "bot", "audit",
        cwd=tmp_path, env=environment({}), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    while not (line := await process.stderr.readline()).rstrip().endswith(b" asyncio"):
        assert line, "it has ended"
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    said = [line for line in err.splitlines() if not line.startswith(b"import time:")]
    assert (process.returncode, out, said) == (130, b"", [])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["audit", "doctor", "status"])
async def test_a_command_that_is_told_to_end_in_its_middle_does_without_a_word(
    tmp_path: Path, command: str, number: signal.Signals, status: int
) -> None:
    url = await new_books(tmp_path / "books.db")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # it waits for this
        process = await begin(tmp_path, command, DATABASE_URL=url)
        await until(lambda: is_open(tmp_path / "books.db", process.pid))
        process.send_signal(number)
    _, err = await process.communicate()
    assert (process.returncode, err) == (status, b"")
    assert names_in(tmp_path) == {"books.db"}


async def test_what_is_not_to_be_held_back_is_not(tmp_path: Path) -> None:
    """As a container wants it (PYTHONUNBUFFERED): each line is there when it is said."""
    url = await new_books(tmp_path / "books.db")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # it waits for this, behind its first line
        process = await begin(tmp_path, "doctor", DATABASE_URL=url, PYTHONUNBUFFERED="1")
        assert process.stdout is not None
        async with asyncio.timeout(9):
            assert (await process.stdout.readline()).startswith(b"ok    settings")
    await process.communicate()


def is_open(file: Path, pid: int) -> bool:
    """Whether the process has it open."""
    with suppress(FileNotFoundError):
        return any(os.path.realpath(each) == str(file) for each in Path(f"/proc/{pid}/fd").iterdir())
    return False
