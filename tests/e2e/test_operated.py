"""A bot that an operator looks after: its token in a file, its log for machines, its health asked, its books copied."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import doctor
from bot.health.status import status
from bot.sandbox import Sandbox
from bot.settings import Settings, read_settings
from tests.bot.small_disk import fill, small_disk
from tests.bot.test_trouble import free_port
from tests.e2e.test_command_line import new_books, run
from tests.e2e.test_operating import url_of
from tests.e2e.world import bot_world


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # a file of another process
            await asyncio.sleep(0.05)


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Callable[..., Awaitable[tuple[int, str]]]:
    """What a command says, and its status."""

    async def ask(command: Callable[[Settings], Awaitable[int]], **settings: str) -> tuple[int, str]:
        capsys.readouterr()
        status = await command(read_settings(_env_file=None, **settings))
        return status, capsys.readouterr().out

    return ask


async def test_status_and_doctor_say_how_the_bot_is_and_its_log_is_one_object_a_line_without_the_token_of_the_file(
    tmp_path: Path, asked: Callable[..., Awaitable[tuple[int, str]]]
) -> None:
    copies, secret = tmp_path / "copies", tmp_path / "bot_token"
    copies.mkdir()
    own = {"HEALTH_PORT": str(free_port()), "BACKUP_DIR": str(copies), "BOT_TOKEN_FILE": str(secret)}
    more = {"BOT_TOKEN": "", "LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}
    async with bot_world(tmp_path, start=False, **own, **more) as world:
        await asyncio.to_thread(secret.write_text, f"{world.box.token}\n")
        named = {name.lower(): value for name, value in own.items()}
        named |= {"telegram_api_url": world.box.url, "database_url": url_of(world.database)}
        code, said = await asked(status, **named)
        assert code == 1 and "it does not run" in said and "there is none in" in said, said
        await world.start_bot()
        alice = await world.someone("Alice", "50")
        assert "50.00" in (await alice.ask("/balance")).words
        await until(lambda: any(file.suffix == ".db" for file in copies.iterdir()))
        code, said = await asked(status, **named)
        for line in ("ok    feed: ", "ok    writer: ", "ok    clock: ", "ok    bot: ready", "ok    backups: 1 in "):
            assert line in said, said
        assert code == 0 and "the newest transfer is number 1" in said
        code, said = await asked(doctor, **named)
        assert code == 0 and "1 copy, the newest is 0 min old" in said, said
        assert await world.bot.stop() == 0
        [copy] = [file for file in copies.iterdir() if file.suffix == ".db"]
        old = datetime.now(UTC) - timedelta(days=3)
        copy.rename(copies / f"books-{old:%Y%m%d-%H%M%S}.db")
        for command in (doctor, status):
            code, said = await asked(command, **named)
            assert code == 1 and "the newest is 3 days old" in said, said
    lines = [json.loads(line) for line in world.log.splitlines()]
    assert {line["event"] for line in lines} >= {"ready", "done", "told", "backup", "stopped"}
    assert all({"timestamp", "level", "logger"} <= line.keys() for line in lines)


async def test_doctor_says_that_the_clock_is_ten_minutes_off_telegrams(
    tmp_path: Path, asked: Callable[..., Awaitable[tuple[int, str]]]
) -> None:
    async with Sandbox(clock=lambda: time.time() - 600) as box:
        named = {"bot_token": box.token, "telegram_api_url": box.url, "database_url": url_of(tmp_path / "books.db")}
        code, said = await asked(doctor, **named)
        assert code == 1 and re.search(r"FIX   clock: (599|60[0-9]) s off Telegram's: set it by NTP", said), said


async def test_a_backup_onto_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    with small_disk(tmp_path / "small", kib=64) as small:
        ended = await run(tmp_path, "backup", str(small / "copy.db"), DATABASE_URL=url)
        assert ended.status == 1 and ended.err.count("\n") == 1 and "full" in ended.err, ended
        assert not list(small.iterdir())


async def test_books_on_a_disk_without_room_for_their_log_are_one_line_that_says_to_make_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", kib=2_048) as small:
        url = await new_books(small / "books.db")
        ballast = fill(small)
        ended = await run(tmp_path, "audit", DATABASE_URL=url)
        assert ended.status == 1 and ended.err.count("\n") == 1 and "the disk may be full" in ended.err, ended
        ballast.unlink()
        assert (await run(tmp_path, "audit", DATABASE_URL=url)).status == 0


async def test_a_demo_in_a_folder_on_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", kib=64) as small:
        ballast = fill(small)
        ended = await run(small, "demo")
        said = f"\nThe demo failed: {small / 'tuppence-demo-qr.png'} cannot be written: No space left on device\n"
        assert (ended.status, ended.err) == (1, said), ended
        assert list(small.iterdir()) == [ballast]


async def test_a_restore_onto_a_full_disk_is_one_line_that_names_the_disk_and_leaves_nothing(tmp_path: Path) -> None:
    await new_books(tmp_path / "kept.db")
    with small_disk(tmp_path / "small", kib=64) as small:
        ended = await run(tmp_path, "restore", "kept.db", DATABASE_URL=url_of(small / "books.db"))
        said = f"tuppence: DATABASE_URL: the disk of {small} is full: make room; nothing was changed\n"
        assert ended == (1, "", said)
        assert {file.name for file in small.iterdir()} == {"books.db.lock"}
