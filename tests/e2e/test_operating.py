"""Running it: files that cannot be written, wrong settings, servers that are away, a second bot, backups put back."""

import asyncio
import ctypes
import os
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.demo_process import environment
from tests.e2e.nest import NestedBot
from tests.e2e.test_command_line import TOKEN, Ended, names_in, new_books, run
from tests.e2e.world import World, bot_world
from wallet_core import Currency, Rules, WalletCore, currency

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def without_privileges() -> None:
    """In a new process, before it begins: root obeys the modes of files as everybody does."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


async def tuppence(folder: Path, *arguments: str, **settings: str) -> Ended:
    """Run it to its end as somebody who is bound by the modes of files."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=folder, env=environment(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=without_privileges,  # nothing else runs in a new process
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, out.decode(), err.decode())


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.db*"))


def one_line(ended: Ended, *words: str) -> None:
    assert ended.err.count("\n") == 1 and ended.err.startswith("tuppence: "), ended
    for word in words:
        assert word in ended.err, (word, ended)


# -- E1: what cannot be written -----------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["file", "folder"])
async def test_e1_books_that_may_not_be_written_stop_run_and_doctor_with_one_line(tmp_path: Path, which: str) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    file = folder / "books.db"
    url = await new_books(file)
    (file if which == "file" else folder).chmod(0o400 if which == "file" else 0o500)
    try:
        async with Sandbox() as box:
            settings = {"BOT_TOKEN": box.token, "TELEGRAM_API_URL": box.url, "DATABASE_URL": url}
            ended = await tuppence(tmp_path, "run", **settings)
            assert ended.status == 1 and "ready" not in ended.err, ended
            one_line(ended, "DATABASE_URL", str(folder), "must be able to write")
            ended = await tuppence(tmp_path, "doctor", **settings)
        assert ended.status == 1 and f"FIX   books: DATABASE_URL: {folder}" in ended.out, ended
        assert "must be able to write" in ended.out
    finally:
        folder.chmod(0o700)


async def test_e1_doctor_makes_no_file_and_says_where_the_books_are_how_many_wallets_and_which_currency(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box:
        settings = {"BOT_TOKEN": box.token, "TELEGRAM_API_URL": box.url, "DATABASE_URL": "sqlite+aiosqlite:///books.db"}
        ended = await run(tmp_path, "doctor", **settings)
        assert ended.status == 0 and names_in(tmp_path) == set(), ended
        assert f"ok    books: {tmp_path / 'books.db'} is not there yet" in ended.out
        await new_books(tmp_path / "books.db")
        ended = await run(tmp_path, "doctor", **settings)
        assert (
            f"ok    books: {tmp_path / 'books.db'}: 0 wallets in EUR with 2 decimals, can be read and written"
            in ended.out
        ), ended
        settings["DATABASE_URL"] = url_of(tmp_path / "no" / "books.db")
        ended = await run(tmp_path, "doctor", **settings)
        assert ended.status == 1 and f"there is no folder {tmp_path / 'no'}" in ended.out
        assert "1 operator\n" in (await run(tmp_path, "doctor", **settings | {"ADMIN_IDS": "1001"})).out
        one_line(await run(tmp_path, "run", **settings), f"there is no folder {tmp_path / 'no'}: make it")
    assert names_in(tmp_path) == {"books.db"}


# -- E2: backups --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def paid_world(tmp_path: Path) -> AsyncIterator[World]:
    """Somebody has 50.00, and a backup says so."""
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice", "50")
        ended = await run(tmp_path, "backup", str(tmp_path / "backup.db"), DATABASE_URL=url_of(world.database))
        assert ended.status == 0, ended
        await world.issue(alice, "7")
        yield world


async def test_e2_a_backup_is_put_back_after_a_kill_and_the_old_books_are_kept_with_their_log(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    file, backup = folder / "books.db", tmp_path / "backup.db"
    async with paid_world(tmp_path) as world:
        for ending in ("", "-wal", "-shm"):  # as a kill leaves them
            copied = await asyncio.to_thread(Path(f"{world.database}{ending}").read_bytes)
            await asyncio.to_thread(Path(f"{file}{ending}").write_bytes, copied)
    before = await asyncio.to_thread(backup.read_bytes)
    ended = await run(tmp_path, "restore", str(backup), DATABASE_URL=url_of(file))
    assert ended.status == 0 and ended.err == "", ended
    assert await asyncio.to_thread(backup.read_bytes) == before
    [kept] = folder.glob("books.db.before-*[0-9]")
    assert str(kept) in ended.out and f"{backup} is sound: 1 transfer," in ended.out
    for books, transfers in ((file, 1), (kept, 2)):
        async with WalletCore.session(url_of(books), rules=Rules(currency("EUR"))) as core:
            report = await core.audit()
            assert (report.sound, report.transfers) == (True, transfers), books
    assert {name for name in names_in(folder) if "before" not in name} == {"books.db", "books.db.lock"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_e2_a_damaged_a_foreign_a_missing_backup_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    file, backup = folder / "books.db", tmp_path / "backup.db"
    await new_books(file)
    before = await asyncio.to_thread(file.read_bytes)
    await new_books(backup)
    good = await asyncio.to_thread(backup.read_bytes)
    async with WalletCore.session(url_of(tmp_path / "beer.db"), rules=Rules(currency("BEER"))):
        pass
    await new_books(tmp_path / "cooked.db")
    wallet = "INSERT INTO wallets (id, kind, currency, balance, version, state, spent_on, spent, created_at) VALUES "
    for name, line in {
        "beer.db": f"{wallet} (1, 'issuer', 'BEER', 0, 0, 'open', 0, 0, 0)",
        "cooked.db": f"{wallet} (1, 'issuer', 'EUR', -5, 0, 'open', 0, 0, 0)",
        "other.db": "CREATE TABLE shopping (item)",
    }.items():
        with closing(sqlite3.connect(tmp_path / name, isolation_level=None)) as books:
            books.execute(line)
    (tmp_path / "text.db").write_text("dear diary\n" * 500)
    (tmp_path / "nothing.db").touch()
    (tmp_path / "cut.db").write_bytes(good[: len(good) // 2])
    (tmp_path / "torn.db").write_bytes(good[:4096] + bytes(len(good) - 4096))
    for name, words in {
        "text.db": "not a database", "nothing.db": "nothing", "cut.db": "malformed", "torn.db": "malformed",
        "other.db": "holds something else than books (shopping): take another file; nothing was changed",
        "beer.db": "holds BEER", "cooked.db": "not sound", "missing.db": "there is no file",
        ".": "there is no file",
    }.items():  # fmt: skip
        ended = await run(tmp_path, "restore", name, DATABASE_URL=url_of(file))
        assert ended.status == 1 and ended.out == "", (name, ended)
        one_line(ended, name, words)
        assert "DATABASE_URL" not in ended.err, "those books are right"
    assert await asyncio.to_thread(file.read_bytes) == before
    assert names_in(folder) == {"books.db", "books.db.lock"}


async def test_e2_a_backup_that_nobody_can_write_is_put_back_unless_it_has_a_log(tmp_path: Path) -> None:
    """On a stick, or a folder that is mounted read-only: SQLite would make a file beside it."""
    stick = tmp_path / "stick"
    stick.mkdir()
    await new_books(stick / "backup.db")
    stick.chmod(0o500)
    url = url_of(tmp_path / "books.db")
    try:
        ended = await tuppence(tmp_path, "restore", str(stick / "backup.db"), DATABASE_URL=url)
        assert ended.status == 0 and "is sound: 0 transfers" in ended.out, ended
        assert names_in(stick) == {"backup.db"}
        stick.chmod(0o700)
        (stick / "backup.db-wal").write_bytes(b"what is not in the file yet")
        stick.chmod(0o500)
        ended = await tuppence(tmp_path, "restore", str(stick / "backup.db"), DATABASE_URL=url)
        assert ended.status == 1, ended
        one_line(ended, "cannot be used", "copy it, with its log")
    finally:
        stick.chmod(0o700)


async def test_e2_nothing_is_restored_while_a_bot_runs_on_the_books(tmp_path: Path) -> None:
    async with paid_world(tmp_path) as world:
        ended = await run(tmp_path, "restore", str(tmp_path / "backup.db"), DATABASE_URL=url_of(world.database))
        assert ended.status == 1, ended
        one_line(ended, "DATABASE_URL", str(world.database), "a bot runs")
        assert await world.transfers() == 2


@pytest.mark.parametrize("what", ["gone", "another", "log"])
async def test_e2_a_bot_whose_file_is_gone_or_another_stops_within_seconds_with_the_reason(
    tmp_path: Path, what: str
) -> None:
    file, log = tmp_path / "books.db", tmp_path / "books.db-wal"
    async with Sandbox() as box:
        bot = NestedBot.beside(box, database=file, folder=tmp_path, log=tmp_path / "bot.log")
        await bot.start()
        try:
            ann = box.person(1001, "Ann")
            await ann.start()
            await ann.wait("0.00 EUR")
            if what == "another":
                await new_books(tmp_path / "other.db")
                (tmp_path / "other.db").replace(file)
            else:
                (file if what == "gone" else log).unlink()
            async with asyncio.timeout(10):
                assert await bot.ended() == 1
        finally:
            await bot.kill()
    line = bot.last_lines().splitlines()[-1]
    assert str(log if what == "log" else file) in line, line
    assert ("was replaced" if what == "another" else "is gone") in line, line


# -- E3, E8, E10: one line -----------------------------------------------------------------------------------------


async def test_e8_every_wrong_setting_is_named_at_once_by_run_and_by_doctor(tmp_path: Path) -> None:
    wrong = {"CURRENCY": "E1", "ADMIN_IDS": "@alice", "WEBHOOK_URL": "https://example.org/x", "BOT_TOKEN": TOKEN}
    ended = await run(tmp_path, "run", **wrong)
    assert ended.status == 2 and ended.err.count("\n") == 3, ended
    for name in ("CURRENCY", "ADMIN_IDS", "WEBHOOK_SECRET"):
        assert f"tuppence: {name}: " in ended.err
    ended = await run(tmp_path, "doctor", **wrong)
    assert ended.status == 1 and ended.err == "", ended
    for name in ("CURRENCY", "ADMIN_IDS", "WEBHOOK_SECRET"):
        assert f"FIX   {name}: " in ended.out


async def test_e8_doctor_says_what_to_do_when_telegram_cannot_be_reached(tmp_path: Path) -> None:
    ended = await run(tmp_path, "doctor", BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9")
    assert ended.status == 1 and TOKEN not in ended.out + ended.err
    [line] = [line for line in ended.out.splitlines() if line.startswith("FIX")]
    assert "http://127.0.0.1:9 cannot be reached" in line and "TELEGRAM_API_URL and HTTPS_PROXY" in line
    ended = await run(tmp_path, "doctor", BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://u:pass-word@127.0.0.1:9")
    assert "FIX   token: http://u:***@127.0.0.1:9 cannot be reached" in ended.out and "pass-word" not in ended.out


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("CURRENCY=EUR\n".encode("utf-16"), "UTF-16"),
        ("CURRENCY=EUR\n".encode("utf-16-le"), "UTF-16"),
        ("CURRENCY=EUR\n# caf\xe9\n".encode("latin-1"), "line 2"),
    ],
)
@pytest.mark.parametrize("command", ["run", "doctor", "audit"])
async def test_e3_an_env_file_in_another_encoding_is_named(
    tmp_path: Path, command: str, data: bytes, words: str
) -> None:
    (tmp_path / ".env").write_bytes(data)
    ended = await run(tmp_path, command)
    assert ended.status == (1 if command == "doctor" else 2)
    assert (ended.out + ended.err).count(str(tmp_path / ".env")) == 1 and words in ended.out + ended.err, ended
    assert "UTF-8" in ended.out + ended.err


LEFT_OUT = [("\nTRANSFER_MAX 50", 3), ("BANK_NAME='Club\nTIP_MAX=5", 2), ('TIP_MAX="5" 6', 2)]


@pytest.mark.parametrize(("said", "line"), LEFT_OUT)
@pytest.mark.parametrize("command", ["run", "doctor", "audit"])
async def test_e3_a_line_of_an_env_file_that_would_be_left_out_and_a_limit_with_it_is_named(
    tmp_path: Path, command: str, said: str, line: int
) -> None:
    (tmp_path / ".env").write_text(f"CURRENCY=EUR\n{said}\n")
    ended = await run(tmp_path, command)
    assert ended.status == (1 if command == "doctor" else 2)
    expected = f"{tmp_path / '.env'} is not understood, see its line {line}: expected NAME=value\n"
    assert expected in ended.out + ended.err and "dotenv" not in ended.err, ended


async def test_e3_an_env_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").touch(0o000)
    ended = await tuppence(tmp_path, "run")
    assert ended.status == 2
    one_line(ended, str(tmp_path / ".env"), "Permission denied")


async def test_e3_an_env_file_that_begins_with_windows_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CURRENCY=E1\n", "utf-8-sig")
    ended = await run(tmp_path, "run")
    one_line(ended, "CURRENCY")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+asyncpg://ann:hunter2hunter2@127.0.0.1:9/x", "127.0.0.1:9/x cannot be reached"),
        ("postgresql+asyncpg://ann:hunter2hunter2@127.0.0.1:9/x?sslmode=require", "127.0.0.1:9/x cannot be reached"),
        ("postgresql+asyncpg://ann:hunter2hunter2@127.0.0.1:9/x?ssl_mode=require", "no parameter ssl_mode"),
        ("postgresql+asyncpg://ann:hunter2hunter2@127.0.0.1:9/x?channel_binding=require", "channel_binding"),
        ("postgresql+asyncpg://ann:hunter2hunter2@127.0.0.1:port/x", "expected"),
        ("sqlite+aiosqlite:///books.db?mode=ro", "no parameters"),
        ("sqlite+aiosqlite://books.db", "expected"),
    ],
)
async def test_e3_a_database_that_cannot_be_had_is_one_line_that_names_the_variable(
    tmp_path: Path, url: str, words: str
) -> None:
    for command in (("run",), ("audit",), ("doctor",)):
        ended = await run(tmp_path, *command, BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9", DATABASE_URL=url)
        assert ended.status != 0 and words in ended.out + ended.err and "DATABASE_URL" in ended.out + ended.err, ended
        assert "hunter2" not in ended.out + ended.err and "Traceback" not in ended.err
        if "cannot be reached" in words:
            assert "look at the server, and at the address and the password" in ended.out + ended.err
        if command != ("doctor",):
            one_line(ended)
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE alembic_version SET version_num = 'm9999_later'", "newer version"),
        ("UPDATE alembic_version SET version_num = '0003'", "before the first release"),
        ("DROP TABLE outbox", "lacks tables (outbox)"),
        ("DROP TABLE alembic_version", "something else than books"),
    ],
)
async def test_e3_books_of_another_version_or_program_are_one_line(tmp_path: Path, change: str, words: str) -> None:
    url = await new_books(tmp_path / "books.db")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as books:
        books.execute(change)
    for command in ("run", "audit"):
        ended = await run(tmp_path, command, BOT_TOKEN=TOKEN, DATABASE_URL=url)
        assert ended.status == 1
        one_line(ended, "DATABASE_URL", str(tmp_path / "books.db"), words)
    ended = await run(tmp_path, "doctor", BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9", DATABASE_URL=url)
    assert ended.status == 1 and words in ended.out, ended


async def test_e10_the_hint_for_the_demo_is_a_command_that_works(tmp_path: Path) -> None:
    ended = await run(tmp_path, "run")
    command = ended.err.strip().partition("without a token: ")[2]
    assert command.startswith(sys.executable), ended
    process = await asyncio.create_subprocess_shell(
        f"{command} --help", cwd="/", env=environment({}), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0 and b"--language" in out


# -- A2: another currency ------------------------------------------------------------------------------------------


async def test_a2_another_currency_than_the_books_hold_is_refused_by_run_doctor_and_audit(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        await world.someone("Alice", "50")
    for other in ("USD", "BEER"):
        settings = {"BOT_TOKEN": world.box.token, "DATABASE_URL": url_of(world.database), "CURRENCY": other}
        for command in ("run", "audit"):
            ended = await run(tmp_path, command, **settings)
            assert ended.status == 1, ended
            one_line(ended, "CURRENCY: ", str(world.database), "hold EUR", f"the setting says {other}", "CURRENCY=EUR")
        ended = await run(tmp_path, "doctor", TELEGRAM_API_URL="http://127.0.0.1:9", **settings)
        assert ended.status == 1 and "FIX   books: CURRENCY: " in ended.out and "hold EUR" in ended.out, ended


async def test_a2_a_coin_with_other_decimals_than_the_books_keep_is_refused_by_all_that_open_them(
    tmp_path: Path,
) -> None:
    url = url_of(tmp_path / "books.db")
    settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:9", "DATABASE_URL": url}
    async with WalletCore.session(url, rules=Rules(currency("BEER/1"))) as core:
        await core.backup(tmp_path / "copy.db")
    words = ("hold BEER/1, the setting says BEER/2: set CURRENCY=BEER/1", "books.db")
    for command in (("run",), ("audit",), ("backup", "other.db")):
        ended = await run(tmp_path, *command, **settings, CURRENCY="BEER/2")
        assert ended.status == 1, ended
        one_line(ended, "CURRENCY: ", *words)
    ended = await run(tmp_path, "restore", "copy.db", **settings, CURRENCY="BEER/2")
    assert ended.status == 1, ended
    one_line(ended, "copy.db holds BEER/1, CURRENCY says BEER/2: set CURRENCY=BEER/1", "nothing was changed")
    ended = await run(tmp_path, "doctor", **settings, CURRENCY="BEER/2")
    assert ended.status == 1 and "FIX   books: CURRENCY: " in ended.out and words[0] in ended.out, ended
    ended = await run(tmp_path, "doctor", **settings, CURRENCY="BEER/1")
    assert "0 wallets in BEER with 1 decimal," in ended.out, ended


async def test_a1_people_pay_in_the_decimals_that_the_books_keep_and_the_difference_is_logged(tmp_path: Path) -> None:
    kept = Currency("EUR", 3, "€")  # as if what is installed had said so when they were made
    async with WalletCore.session(url_of(tmp_path / "books.db"), rules=Rules(kept)):
        pass
    async with bot_world(tmp_path, TRANSFER_MAX="6.50", WELCOME_CREDIT="20") as world:
        alice, bob = await world.stranger("Alice"), await world.stranger("Bob")
        for person in (alice, bob):
            await person.start()
            await person.wait("20.000 EUR")
        asked = await world.dialog(alice, f"/pay 1.125 @{bob.username}")
        assert "Pay 1.125 EUR to Bob" in asked.words, asked.words
        await alice.press(asked)
        await alice.see(asked, "Receipt")
        assert await world.balance(alice) == "18.875"
        assert "6.500 EUR" in (await alice.ask(f"/pay 6.501 @{bob.username}")).words
    assert world.log.count("theirs count") == 1


# -- E11: a second bot ---------------------------------------------------------------------------------------------


async def test_e11_a_second_run_on_the_same_file_is_refused_and_the_lock_dies_with_the_process(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice", "50")
        (tmp_path / "linked.db").symlink_to(world.database)
        for file in (world.database, tmp_path / "linked.db"):
            settings = {"BOT_TOKEN": world.box.token, "TELEGRAM_API_URL": world.box.url, "DATABASE_URL": url_of(file)}
            ended = await run(tmp_path, "run", **settings)
            assert ended.status == 1, ended
            one_line(ended, "DATABASE_URL", str(world.database), "runs on")
        for command in (("audit",), ("backup", "copy.db"), ("doctor",)):
            ended = await run(tmp_path, *command, **settings)
            assert ended.status == 0, ended
        await world.bot.kill()
        await world.start_bot()
        assert "50.00" in (await alice.ask("/balance")).words


# -- 0.14: who may read it -----------------------------------------------------------------------------------------


async def test_books_their_log_and_their_copies_can_be_read_by_their_owner_alone_whatever_the_umask(
    tmp_path: Path,
) -> None:
    mask = os.umask(0o000)
    try:
        async with bot_world(tmp_path) as world:
            await world.someone("Alice", "50")
            url = url_of(world.database)
            assert (await run(tmp_path, "backup", "copy.db", DATABASE_URL=url)).status == 0
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files_in(tmp_path)}
    finally:
        os.umask(mask)
    assert {"books.db", "books.db-wal", "books.db-shm", "books.db.lock", "copy.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes


async def test_doctor_says_which_files_others_can_read(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    (tmp_path / ".env").write_text("CURRENCY=EUR\n")
    (tmp_path / "books.db").chmod(0o644)
    (tmp_path / ".env").chmod(0o640)
    async with Sandbox() as box:
        (tmp_path / "token").write_text(box.token)
        (tmp_path / "token").chmod(0o644)
        token = str(tmp_path / "token")
        settings = {"BOT_TOKEN_FILE": token, "TELEGRAM_API_URL": box.url, "DATABASE_URL": url}
        ended = await run(tmp_path, "doctor", **settings)
        assert ended.status == 0, ended
        for name in ("books.db", ".env", "token"):
            assert f"note  {tmp_path / name}: others on this machine can read it: chmod 600 " in ended.out
            (tmp_path / name).chmod(0o600)
        assert "others on this machine" not in (await run(tmp_path, "doctor", **settings)).out
