"""The process that reads pictures: what it can do, and what it cannot, whatever a picture makes of it."""

import asyncio
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.qr import DamagedPicture
from bot.qr.confined import LIFE_CPU_S, MEMORY_BYTES_MAX
from bot.qr.readers import MODULES
from tests.bot.test_readers import TEXTS, children, picture, reading

SECRET = "a-secret-of-the-bot-in-its-memory"


def confined(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code where a picture that has taken over its reader would run it."""
    program = f"""
import os, sys
from bot.qr.confined import begin_picture, confine, leave

left = leave()
import ctypes, mmap, socket, signal, subprocess
confine()
begin_picture()
{textwrap.dedent(code)}
"""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(MODULES), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "attempt",
    [
        "open(sys.argv[1], 'rb')",
        "open(sys.argv[1], 'wb')",
        "os.listdir(os.path.dirname(sys.argv[1]))",
        "import sqlite3; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM people')",
        "open('/proc/' + str(os.getppid()) + '/environ', 'rb')",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "os.pipe()",
        "subprocess.run(['true'])",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.pipe()",
        "x = mmap.mmap(-1, 600 * 1024 * 1024, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)",
        "x = bytearray(600 * 1024 * 1024)",
    ],
)
def test_a_picture_that_takes_over_its_reader_can_open_nothing_reach_nobody_and_take_no_more_memory(
    tmp_path: Path, attempt: str
) -> None:
    books = tmp_path / "books.db"
    books.write_bytes(b"the books")
    tried = f"try:\n    {attempt}\nexcept BaseException as error:\n    print('refused', type(error).__name__)"
    ended = confined(f"{tried}\nelse:\n    print('done')", str(books))
    if "setrlimit" in attempt and "done" in ended.stdout and os.geteuid() == 0:
        pytest.fail("root can lift its limits where it could not leave")
    assert ended.stdout.startswith("refused"), ended
    assert books.read_bytes() == b"the books"


def test_a_picture_that_computes_for_ever_is_ended() -> None:
    ended = confined(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))  # it can ask for less
        while True:
            pass
        """
    )
    assert ended.returncode < 0, ended


def test_the_memory_of_the_bot_is_out_of_reach_where_the_process_could_leave() -> None:
    """As process_vm_readv sees it: no file is needed for that."""
    code = """
    if not left:
        print("could not leave")
        raise SystemExit
    libc = ctypes.CDLL(None, use_errno=True)
    class Part(ctypes.Structure):
        _fields_ = [("at", ctypes.c_void_p), ("length", ctypes.c_size_t)]
    found = ctypes.create_string_buffer(8)
    here, there = Part(ctypes.addressof(found), 8), Part(int(sys.argv[1]), 8)
    count = libc.process_vm_readv(os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    print(count, os.strerror(ctypes.get_errno()))
    """
    import ctypes  # here alone

    secret = ctypes.create_string_buffer(SECRET.encode())
    ended = confined(code, str(ctypes.addressof(secret)))
    if "could not leave" in ended.stdout:
        pytest.skip("this system does not let a process leave its network and its user")
    assert ended.stdout == "-1 Operation not permitted\n", ended


def spaces(process: str) -> set[str]:
    """In which network and among whose users a process is."""
    return {os.readlink(f"/proc/{process}/ns/{space}") for space in ("net", "user")}  # noqa: PTH115  # a name, no path


def fetching(data: bytes) -> Callable[[], Awaitable[bytes]]:
    async def fetch() -> bytes:
        return data

    return fetch


async def test_the_reader_that_the_bot_starts_is_confined_and_still_reads() -> None:
    before = children()
    async with reading() as readers:
        assert (await readers.read(fetching(picture(TEXTS[0])))).texts == (TEXTS[0],)
        (reader,) = children() - before
        limits = await asyncio.to_thread(Path(f"/proc/{reader}/limits").read_text)
        lines = re.findall(r"^(Max [\w ]+?) {2,}(\S+) +(\S+)", limits, re.MULTILINE)
        soft_and_hard = {name: (soft, hard) for name, soft, hard in lines}
        assert soft_and_hard["Max open files"] == ("3", "3")
        assert soft_and_hard["Max file size"] == ("0", "0")
        assert soft_and_hard["Max data size"] == (str(MEMORY_BYTES_MAX),) * 2
        assert int(soft_and_hard["Max cpu time"][0]) < LIFE_CPU_S == int(soft_and_hard["Max cpu time"][1])
        if confined("print(left)").stdout == "True\n":
            assert spaces(str(reader)).isdisjoint(spaces("self"))
        environment = await asyncio.to_thread(Path(f"/proc/{reader}/environ").read_bytes)
        assert b"TOKEN" not in environment and b"DATABASE" not in environment
        with pytest.raises(DamagedPicture):
            await readers.read(fetching(picture(TEXTS[1])[:200]))
        assert (await readers.read(fetching(picture(TEXTS[1])))).texts == (TEXTS[1],)
        assert children() - before == {reader}
