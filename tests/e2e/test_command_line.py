"""The command line as it is typed: wrong settings, no token, demo, sandbox, audit, and an end without leftovers."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from bot.qr import read_qr
from bot.sandbox import Sandbox
from bot.sandbox.demo_process import environment
from tests.e2e.nest import run_to_its_end
from tests.e2e.world import MEMO, bot_world, no_secret_in
from wallet_core import Rules, WalletCore, currency

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-pc"  # of Telegram's documentation
AT_ONCE = asyncio.Semaphore(3)


class Ended(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


async def begin(folder: Path, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
    """Start `python -m bot` with nothing in its environment but these settings."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=folder, env=environment(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


async def run(folder: Path, *arguments: str, **settings: str) -> Ended:
    """Run it to its end, in a process that is forked and has imported what it needs (nest.py)."""
    if not hasattr(os, "pidfd_open"):
        return await run_anew(folder, *arguments, **settings)
    with tempfile.TemporaryDirectory() as said:
        return Ended(*await run_to_its_end(folder, arguments, settings, said=Path(said)))


async def run_anew(folder: Path, *arguments: str, **settings: str) -> Ended:
    """Run `python -m bot` to its end."""
    async with AT_ONCE:
        process = await begin(folder, *arguments, **settings)
        try:
            async with asyncio.timeout(60):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return Ended(process.returncode or 0, out.decode(), err.decode())


WRONG: tuple[Mapping[str, str], ...] = (
    {"BOT_TOKEN": "abc"},
    {"TELEGRAM_API_URL": "ftp://telegram"},
    {"DATABASE_URL": "mysql://root:hunter2@localhost/x"},
    {"CURRENCY": "E1"},
    {"ADMIN_IDS": "@alice"},
    {"WELCOME_CREDIT": "-5"},
    {"CREDIT_LIMIT": "much"},
    {"TRANSFER_MAX": "1e3"},
    {"DAILY_MAX": "5 USD"},
    {"TIP_MAX": "1,000"},
    {"ISSUE_MAX": "-1"},
    {"WEBHOOK_URL": "example.org", "WEBHOOK_SECRET": "s3cret_s3cret"},
    {"WEBHOOK_SECRET": "not allowed!"},
    {"WEBHOOK_PORT": "99999"},
    {"LOG_LEVEL": "LOUD"},
    {"LOG_FORMAT": "xml"},
    {"HTTPS_PROXY": "socks5://ann:hunter2@localhost:9050", "NO_PROXY": "localhost"},
)


async def test_wrong_proxies_are_named_together_with_what_else_is_wrong(tmp_path: Path) -> None:
    wrong = {"CURRENCY": "E1", "HTTPS_PROXY": "socks5://localhost:9050", "ALL_PROXY": "http://", "NO_PROXY": "x"}
    for command in ("run", "doctor"):
        ended = await run(tmp_path, command, **{"BOT_TOKEN": TOKEN, **wrong})
        said = ended.out + ended.err
        assert ended.status != 0 and "Traceback" not in said
        assert all(f"{name}: " in said for name in ("CURRENCY", "HTTPS_PROXY", "ALL_PROXY")), said


async def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(tmp_path: Path) -> None:
    async def check(wrong: Mapping[str, str]) -> None:
        ended = await run(tmp_path, "run", **{"BOT_TOKEN": TOKEN, **wrong})
        name = next(iter(wrong))
        assert ended.status == 2, (wrong, ended)
        assert ended.err.count("\n") == 1 and name in ended.err and ended.out == "", (wrong, ended)
        for secret in (TOKEN, "hunter2", "not allowed!", "s3cret_s3cret"):
            assert secret not in ended.err

    await asyncio.gather(*(check(wrong) for wrong in WRONG))
    ended = await run(tmp_path, "run", BOT_TOKEN=TOKEN, WEBHOOK_URL="https://example.org/hook")
    assert ended.status == 2 and "WEBHOOK_SECRET" in ended.err
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nCURRENCY=e u r\n")
    ended = await run(tmp_path, "run")
    assert ended.status == 2 and ended.err.startswith("tuppence: CURRENCY:")


async def test_a_name_that_looks_like_a_settings_is_named_with_it_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffDAYLY_MAX=50\nIMAGE_TAG=3\nHEALTH_CHECK=x\n# ADMIN_ID=1\ntransfer_max=9\n")
    books = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    ended = await run(
        tmp_path, "doctor", DATABASE_URL=books, BOT_TOKNE="hunter2", TELEGRAM_API_URL="http://127.0.0.1:9"
    )
    notes = [line for line in ended.out.splitlines() if "no setting has this name" in line]
    assert [note.partition("; ")[2] for note in notes] == ["BOT_TOKEN has one like it", "DAILY_MAX has one like it"]
    assert "hunter2" not in ended.out + ended.err
    away = f"sqlite+aiosqlite:///{tmp_path / 'not there' / 'books.db'}"
    ended = await run(tmp_path, "run", DATABASE_URL=away, BOT_TOKEN=TOKEN, ADMIN_ID="5")
    assert ended.status == 1 and "looks_like=ADMIN_IDS name=ADMIN_ID\n" in ended.err
    assert "BOT_TOKNE" not in ended.err


async def test_without_a_token_run_says_where_to_get_one_and_names_the_demo(tmp_path: Path) -> None:
    ended = await run(tmp_path, "run")
    assert ended.status == 2
    assert "BOT_TOKEN" in ended.err and "@BotFather" in ended.err
    assert re.search(r"python3? -m bot demo", ended.err)
    assert ended.err.count("\n") == 1
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("name", ["WEBHOOK", "HEALTH"])
async def test_a_port_that_somebody_else_has_is_one_line_and_nothing_has_begun(tmp_path: Path, name: str) -> None:
    async with Sandbox() as box:
        settings = {"BOT_TOKEN": box.token, "TELEGRAM_API_URL": box.url, f"{name}_PORT": box.url.rpartition(":")[2]}
        hook = {"WEBHOOK_URL": "http://localhost/hook", "WEBHOOK_SECRET": "s3cret_s3cret"} if name == "WEBHOOK" else {}
        ended = await run(tmp_path, "run", **settings, **hook)
    said = (
        f"{name}_HOST, {name}_PORT: cannot listen on localhost, port {settings[f'{name}_PORT']}: Address already in use"
    )
    assert ended == (1, "", f"tuppence: {said}\n")
    assert names_in(tmp_path) == set()


async def test_a_token_that_telegram_does_not_know_and_a_file_that_cannot_be_opened_end_with_a_line(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box:
        ended = await run(tmp_path, "run", BOT_TOKEN=TOKEN, TELEGRAM_API_URL=box.url)
        assert ended.status == 1 and "BOT_TOKEN" in ended.err
        no_secret_in(ended.err, box)
        assert TOKEN not in ended.err
        nowhere = "sqlite+aiosqlite:////nowhere/at/all/books.db"
        ended = await run(tmp_path, "run", BOT_TOKEN=box.token, TELEGRAM_API_URL=box.url, DATABASE_URL=nowhere)
        assert ended.status == 1
        assert ended.err.count("\n") == 1 and "DATABASE_URL" in ended.err, ended.err


async def test_the_demo_prints_the_conversation_and_ends_with_status_0_in_15_seconds(tmp_path: Path) -> None:
    async with asyncio.timeout(15):
        ended = await run_anew(tmp_path, "demo")
    assert ended.status == 0, ended
    assert ended.err == ""
    assert "\x1b" not in ended.out  # no colours: nobody looks on
    assert max(len(line) for line in ended.out.replace(str(tmp_path), "").splitlines()) <= 100
    for words in (
        "/request 5 coffee",
        "[✅ Pay 5.00 EUR]",
        "somebody else",
        "/history",
        "sound: 13 transfers",
    ):
        assert words in ended.out, words
    in_order(ended.out, ("/topup 10", "[💳 To the page]", "10.00 EUR has come in"))
    in_order(ended.out, GROUP_SCENES)
    named = re.search(r"QR picture +(\S+\.png)", ended.out)
    assert named is not None
    assert {named[1]} == {str(tmp_path / name) for name in names_in(tmp_path)}  # no leftovers
    [link] = read_qr(await asyncio.to_thread(Path(named[1]).read_bytes)).texts
    assert f"says {link}" in " ".join(ended.out.split())
    assert "Alice           26.66 EUR" in ended.out and "Bob              2.67 EUR" in ended.out


GROUP_SCENES = (  # the tip, the gift of which a part comes back the next day, the bill of three, the refund
    "Alice      (answers Carol) /tip 1",
    "🪙 1.00 EUR from Alice",
    "Bob        presses [🪙 Tip 1.00 EUR too]",
    "🪙 2.00 EUR from Alice and Bob",
    "Alice      /gift 6 for 3 the next round",
    "• Carol (@carol) got 2.00 EUR",
    "every clock jumps by 24 hours",
    "2.00 EUR of your gift came back",
    "Nobody claimed 2.00 EUR in time",
    "Alice      /split 10 pizza",
    "3 are in: 3.34 EUR or 3.33 EUR each",
    "only Bob sees: I've asked you in private.",
    "Pay 3.33 EUR to Alice (@alice)?",  # what a press is answered is read before what else it brings
    "✅ All shares are paid.",
    "under “💶 You received 2.50 EUR”",
    "↩️ You got 2.50 EUR back",
    "-2.50 EUR to Bob (@bob) · cinema",
    "a share of your bill · pizza",
    "-1.00 EUR as a tip to Carol (@carol)",
)


def in_order(text: str, wanted: Iterable[str]) -> None:
    """All of it is there, one after the other."""
    at = 0
    for words in wanted:
        at = text.find(words, at)
        assert at >= 0, words


async def test_the_demo_is_held_in_german_when_that_is_wanted(tmp_path: Path) -> None:
    ended = await run_anew(tmp_path, "demo", "--language", "de")
    assert ended.status == 0, ended
    assert max(len(line) for line in ended.out.replace(str(tmp_path), "").splitlines()) <= 100
    for words in (
        "/request 5 Kaffee",
        "[✅ 5,00 EUR zahlen]",
        "gilt jemand anderem",
        "Beleg:",
        "Dein Guthaben: 27,50 EUR",
        "(antwortet auf Carol) /tip 1",
        "alle Uhren springen um 24 Stunden vor",
        "3 sind dabei: je 3,34 EUR oder 3,33 EUR",
        "✅ Alle Anteile sind bezahlt.",
        "Du hast 2,50 EUR zurückbekommen",
        "Trinkgeld an Carol",
    ):
        assert words in ended.out, words
    for words in ("Receipt", "Paid", "wallet", "5.00", "presses", "shares", "pizza"):
        assert words not in ended.out, words


async def test_the_demo_says_what_went_wrong_when_it_is_stopped_and_leaves_no_process(tmp_path: Path) -> None:
    process = await begin(tmp_path, "demo")
    assert process.stdout is not None
    first = (await process.stdout.readline()).decode()
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert process.returncode == 1, out
    assert "interrupted" in err.decode()
    assert not is_alive(bot_pid(first))


async def test_the_sandbox_shows_its_page_restarts_a_dead_bot_and_ctrl_c_ends_both(tmp_path: Path) -> None:
    process = await begin(tmp_path, "sandbox", "--port", "0")
    assert process.stdout is not None

    async def line(wanted: str) -> str:
        assert process.stdout is not None
        while wanted not in (text := (await process.stdout.readline()).decode()):
            assert text, "the sandbox has ended"
        return text

    try:
        async with asyncio.timeout(30):
            url = (await line("Chat page")).split()[-1]
            async with httpx.AsyncClient(base_url=url, timeout=30) as page:
                assert "<!doctype html>" in (await page.get("/")).text
                number = bot_pid(await line("runs (process"))
                await page.post("/sandbox/start", json={"person": 1001})
                said = await page.post("/sandbox/wait", json={"person": 1001, "contains": "0.00 EUR"})
                assert said.status_code == 200
                os.kill(number, signal.SIGKILL)
                await line("ended with status -9")
                again = bot_pid(await line("runs (process"))
                await page.post("/sandbox/send", json={"person": 1001, "text": "/balance"})
                said = await page.post("/sandbox/wait", json={"person": 1001, "contains": "0.00 EUR"})
                assert said.status_code == 200
            process.send_signal(signal.SIGINT)
            await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    assert process.returncode == 0
    assert not is_alive(number) and not is_alive(again)
    assert "tuppence-sandbox.db" in names_in(tmp_path)


def bot_pid(line: str) -> int:
    """The number of the bot's process, as demo and sandbox print it."""
    match = re.search(r"process (\d+)", line)
    assert match is not None, line
    return int(match[1])


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


def names_in(folder: Path) -> set[str]:
    """The files in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_g2_g12_audit_ends_with_0_for_sound_books_and_with_1_for_others_also_while_the_bot_runs(
    tmp_path: Path,
) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        await world.pay(alice, bob, "5")
        url = f"sqlite+aiosqlite:///{world.database}"
        ended = await run(tmp_path, "audit", DATABASE_URL=url)
        assert ended.status == 0 and "sound" in ended.out, ended
        assert ended.err == ""  # nobody looks on: no progress
        copy = tmp_path / "copy.db"
        assert (await run(tmp_path, "backup", str(copy), DATABASE_URL=url)).status == 0
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.execute("UPDATE wallets SET balance = balance + 1 WHERE id = (SELECT MAX(id) FROM wallets)")
    connection.close()
    ended = await run(tmp_path, "audit", DATABASE_URL=f"sqlite+aiosqlite:///{copy}")
    assert ended.status == 1 and "NOT SOUND" in ended.out, ended


async def test_audit_shows_its_progress_on_a_terminal_and_wipes_it(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    ours, theirs = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "audit",
            cwd=tmp_path, env=environment({"DATABASE_URL": url}), stdout=asyncio.subprocess.PIPE, stderr=theirs,
        )  # fmt: skip
        out, _ = await process.communicate()
        shown = os.read(ours, 1000)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 0 and b"the books are sound" in out
    assert shown == b"0 of 0 entries\r\033[K"


@pytest.mark.parametrize("command", [("audit",), ("backup", "copy.db")])
async def test_books_that_are_not_there_are_not_made_by_looking_at_them(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = await run(tmp_path, *command, DATABASE_URL="sqlite+aiosqlite:///mistyped.db")
    assert ended.status == 1 and ended.out == "" and len(ended.err.splitlines()) == 1
    assert ended.err.startswith(f"tuppence: DATABASE_URL: there is no file {tmp_path / 'mistyped.db'}: name another, ")
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("made", ["", "PRAGMA journal_mode=WAL"])
async def test_an_empty_file_is_no_sound_books_and_who_only_looks_begins_none_in_it(tmp_path: Path, made: str) -> None:
    """As a disk leaves it that was full, or a start that was killed."""
    file = tmp_path / "books.db"
    file.touch()
    with closing(sqlite3.connect(file)) as books:
        books.execute(made)
    before = await asyncio.to_thread(file.read_bytes)
    for command in (("audit",), ("backup", "copy.db"), ("status",)):
        ended = await run(tmp_path, *command, DATABASE_URL=f"sqlite+aiosqlite:///{file}")
        assert ended.status == 1 and f"DATABASE_URL: {file} holds no books yet: " in ended.out + ended.err, ended
    ended = await run(tmp_path, "doctor", DATABASE_URL=f"sqlite+aiosqlite:///{file}")
    assert f"ok    books: {file} holds no books yet: " in ended.out
    assert await asyncio.to_thread(file.read_bytes) == before and names_in(tmp_path) == {"books.db"}


@pytest.mark.parametrize("number", ["-1", "99999999999999999999", "9" * 5_000, "1e3", "", "x"])
async def test_an_audit_begins_behind_a_transfer_that_can_be(tmp_path: Path, number: str) -> None:
    url = await new_books(tmp_path / "books.db")
    ended = await run(tmp_path, "audit", f"--from={number}", DATABASE_URL=url)
    assert ended.status == 2 and ended.out == "" and "--from: expected a number from 0 to" in ended.err, ended


async def test_a_backup_into_a_folder_that_is_not_there_or_over_a_file_says_so(tmp_path: Path) -> None:
    url = await new_books(tmp_path / "books.db")
    ended = await run(tmp_path, "backup", "no/such/dir/b.db", DATABASE_URL=url)
    assert ended == (1, "", "tuppence: there is no folder no/such/dir; make it, or name another\n")
    ended = await run(tmp_path, "backup", "books.db", DATABASE_URL=url)
    assert ended == (1, "", "tuppence: books.db exists already; name a new file\n")
    assert names_in(tmp_path) == {"books.db"}


async def new_books(file: Path) -> str:
    """The address of books in which nothing has happened."""
    url = f"sqlite+aiosqlite:///{file}"
    async with WalletCore.session(url, rules=Rules(currency("EUR"))):
        return url


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_g14_logs_hold_neither_the_token_nor_memos_nor_names_also_when_things_go_wrong(
    tmp_path: Path, log_format: str
) -> None:
    async with bot_world(tmp_path, LOG_FORMAT=log_format) as world:
        alice, bob = await world.someone("Adelheid", "50"), await world.someone("Bartholomew")
        for trouble in ({"drop": "before"}, {"drop": "after"}, {"code": 500}, {"code": 400, "description": "odd"}):
            world.box.fail("*", times=3, **trouble)  # type: ignore[arg-type]
            await alice.send(f"/pay 5 @{bob.username} {MEMO}")
            await alice.send(f"/request 5 {MEMO}")
            await alice.send_document(b"no picture", caption=MEMO)
            await world.box.idle(timeout_s=30)
            world.box.api.faults.clear()
        await alice.send(f"/{MEMO} {MEMO}")
        await (await alice.press(await world.dialog(alice, "/request 1"), f"ok:{MEMO}")).answer()
        await world.pay(alice, bob, "5")
        world.box.fail("getUpdates", times=2, drop="before")
        await alice.ask("/balance")
        world.is_troubled = True
        for name in (alice.name, bob.name, alice.username, bob.username):
            assert name is not None and name not in world.log, name
        if log_format == "json":
            lines = [json.loads(text) for text in world.log.splitlines()]
            assert {"event", "level", "timestamp"} <= lines[0].keys()
