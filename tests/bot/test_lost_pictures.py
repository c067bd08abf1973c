"""Pictures that Telegram does not hand out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        (400, "Bad Request: invalid file_id"),
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked by the user"),
        (404, "Not Found"),
    ],
)
async def test_a_picture_that_is_not_handed_out_is_asked_for_again(club: Club, code: int, description: str) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail("getFile", code=code, description=description)
    club.ann.skip()
    await club.ann.send_photo(request.photo_bytes)
    await club.ann.wait("could not fetch that picture; please send it again")
    await club.ann.send_photo(request.photo_bytes)
    await club.ann.wait("Pay 5.00 EUR")


async def test_a_picture_that_telegram_finds_too_big_is_said_to_be_too_big(club: Club) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail("getFile", code=400, description="Bad Request: file is too big")
    assert "too big" in await club.scanned(club.ann, request.photo_bytes)


async def test_a_picture_that_fails_for_a_moment_is_read(club: Club) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail("getFile", code=502, description="Bad Gateway")
    assert "Pay 5.00 EUR" in await club.scanned(club.ann, request.photo_bytes)
