"""Disks that are really full: the books' own, and the one for copies."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.backups import BackupFailed, Backups
from bot.doctor import doctor
from bot.health import checks
from bot.sandbox import Sandbox
from bot.settings import read_settings
from tests.bot.club import Club, running, settings_for
from tests.bot.small_disk import fill, small_disk
from tests.bot.test_health import answer, ready
from tests.bot.test_trouble import free_port
from tests.core.story import Storyteller
from wallet_core import WalletCore, utc_now


async def test_on_a_full_disk_readyz_and_doctor_say_so_nothing_is_moved_and_with_room_all_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "CHECK_S", 0.05)
    port = free_port()
    with small_disk(tmp_path / "disk", kib=16_384) as disk:
        async with (
            Sandbox() as box,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
            running(settings := settings_for(box, disk, health_port=str(port))),
        ):
            club = Club(box)
            await club.begin()
            await answer(client, "/readyz", ready)
            ballast = fill(disk)
            found = await answer(client, "/readyz", lambda found: "StorageFull" in found.text)
            assert found.status_code == 503
            assert "writes are refused: StorageFull" in found.json()["checks"]["writer"]["said"]
            assert (await client.get("/healthz")).status_code == 200, "a restart makes no room"
            assert "disk" in (await club.said(club.ann, "/pay 1 @bob")).words
            assert "20.00" in (await club.said(club.ann, "/balance")).words
            for text in ("/language", "/statement", "/tip"):
                listed = await club.said(club.ann, text)
                await club.box.idle()
                assert listed.buttons and club.ann.private.messages[-1] is listed, "and no word of a disk"
            capsys.readouterr()
            assert await doctor(settings) == 1
            assert "full" in capsys.readouterr().out
            ballast.unlink()
            await answer(client, "/readyz", ready)
            asked = await club.said(club.ann, "/pay 1 @bob")
            await club.ann.press(asked)
            await club.ann.see(asked, "Receipt")
            assert "19.00" in (await club.said(club.ann, "/balance")).words


async def test_a_backup_folder_on_a_full_disk_is_one_line_and_leaves_nothing(
    core: WalletCore, teller: Storyteller, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "copies", kib=2048) as copies:
        url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
        settings = read_settings(_env_file=None, database_url=url, backup_dir=str(copies))
        keeper = Backups(core, settings, clock=utc_now)
        ballast = fill(copies)
        with pytest.raises(BackupFailed, match=r"^the disk of \S+ has 0 MiB free, and \d+ are needed$"):
            await keeper.make()
        assert list(copies.iterdir()) == [ballast]
        ballast.unlink()
        await keeper.make()
        assert len(list(copies.iterdir())) == 1
