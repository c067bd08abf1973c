"""Who is named but cannot be meant: the bot itself, oneself, somebody unknown. Each command says what fits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.bot.club import Club, running, settings_for

BOTS = (
    "/pay 5 {}", "/gift 5 {}", "/gift {} 5 tea", "/request 5 {}", "/block {}", "/unblock {}", "/limit {} 50 a day",
    "/limit {}", "/freeze {} lost", "/unfreeze {}", "/issue 5 {}", "/move {} @bob", "/move @bob {}", "/pinreset {}",
    "/topup 5 {}",
)  # fmt: skip
UNKNOWN = (
    "/block {}", "/unblock {}", "/limit {} 50 a day", "/freeze {} lost", "/unfreeze {}", "/issue 5 {}", "/move {} @bob",
    "/move @bob {}", "/pinreset {}", "/topup 5 {}",
)  # fmt: skip
ONESELF = (
    ("/pay 5 @ann", "That's yourself"),
    ("/gift 5 @ann", "That's yourself"),
    ("/request 5 @ann", "That's yourself"),
    ("/block @ann", "That's yourself"),
    ("/move @ann @ann", "one and the same account"),
)


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with Sandbox() as box, running(settings_for(box, tmp_path, gateways="operator")):
        opened = Club(box)
        await opened.begin()
        yield opened


async def test_a_bot_oneself_and_somebody_unknown_are_told_apart_behind_every_command(club: Club) -> None:
    ann, bob = club.ann, club.bob
    for text in BOTS:
        said = (await club.said(ann, text.format("@TuppenceBot"))).words
        assert "A bot has no wallet" in said and "/" not in said, (text, said)
    for text in UNKNOWN:
        said = (await club.said(ann, text.format("@nobody_here"))).words
        assert "I don't know @nobody_here yet" in said and "pay" not in said, (text, said)
    for text, why in ONESELF:
        assert why in (await club.said(ann, text)).words, text
    assert "Nobody but yourself" in (await club.said(bob, "/split 60 @bob", in_group=True)).words
    own = await bob.send("I say", chat=club.group)
    bots = await club.said(bob, "/split 60 @TuppenceBot", in_group=True)
    assert "A bot has no wallet" in bots.words
    for message, why in ((own, "That's yourself"), (bots, "A bot has no wallet")):
        assert why in (await club.said(bob, "/tip 1", in_group=True, reply_to=message)).words
    assert "20.00" in (await club.said(ann, "/balance")).words
