"""The event loop of the bot's process: uvloop's, or Python's own where there is none; the bot does the same on both."""

import os
import signal
import sys
from pathlib import Path

import pytest

from bot.qr import qr_png
from bot.sandbox.demo_process import MODULES, BotProcess
from tests.e2e.world import World, bot_world


def uses_uvloop(world: World) -> bool:
    return "/uvloop/loop." in Path(f"/proc/{world.bot.pid}/maps").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process has loaded")
@pytest.mark.parametrize("has_uvloop", [True, False], ids=["uvloop", "none"])
async def test_the_bot_pays_reads_pictures_and_ends_by_a_signal_on_either_loop(
    tmp_path: Path, has_uvloop: bool
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "uvloop.py").write_text("raise ImportError\n")
    path = [str(MODULES)] if has_uvloop else [str(hidden), str(MODULES)]
    async with bot_world(tmp_path, bots=BotProcess, PYTHONPATH=os.pathsep.join(path)) as world:
        assert uses_uvloop(world) == has_uvloop
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob")
        await world.pay(alice, bob, "5")
        request = await bob.ask("/request 3 tea")
        assert request.photo_bytes is not None
        alice.skip()
        await alice.send_photo(request.photo_bytes)
        await alice.press(await alice.wait(lambda message: bool(message.buttons)))
        await bob.wait("You received 3.00 EUR")
        picture = qr_png("https://example.org", title="x", amount=None, memo=None)
        alice.skip()
        await alice.send_document(picture, file_name="x.png", mime_type="image/png")  # the same reader once more
        await alice.next()
        assert world.bot.process is not None
        world.bot.process.send_signal(signal.SIGINT)
        assert await world.bot.ended() == 0
        assert "stopped" in world.log
        await world.start_bot()
        assert await world.balance(alice) == "42.00"
