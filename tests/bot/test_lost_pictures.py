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


async def test_a_picture_of_20_million_bytes_is_asked_for_and_of_a_larger_one_is_said_that_it_is_too_big(
    club: Club,
) -> None:
    for size, answer in ((20_000_001, "too big"), (20_000_000, "could not fetch"), (None, "could not fetch")):
        gone = {"file_id": "gone", "file_unique_id": "g", "mime_type": "image/png"}
        club.ann.skip()
        await club.ann.say({"document": gone if size is None else gone | {"file_size": size}})
        assert answer in (await club.ann.next()).words, size


async def test_a_picture_that_fails_for_a_moment_is_read(club: Club) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail("getFile", code=502, description="Bad Gateway")
    assert "Pay 5.00 EUR" in await club.scanned(club.ann, request.photo_bytes)


@pytest.mark.parametrize("method", ["getFile", "file"])
@pytest.mark.parametrize(
    "page", ["<!doctype html><title>Sign in</title>", "", '{"ok":true}', '{"ok":true,"result":{}}']
)
async def test_a_page_of_a_proxy_is_no_picture_of_the_person(club: Club, method: str, page: str) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail(method, code=200, description=page)
    assert "could not fetch" in await club.scanned(club.ann, request.photo_bytes)


@pytest.mark.parametrize("code", [400, 401, 403, 404])
async def test_a_download_that_is_refused_is_asked_for_again(club: Club, code: int) -> None:
    request = await club.said(club.bob, "/request 5")
    assert request.photo_bytes is not None
    club.box.fail("file", code=code, description="<html>no</html>")
    assert "could not fetch" in await club.scanned(club.ann, request.photo_bytes)


async def test_a_delivered_answer_that_cannot_be_read_is_not_doubted(club: Club) -> None:
    for page in ('{"ok":true,"result":{"message_id":"?"}}', '{"ok":true,"result":7}', '{"ok":true}'):
        club.bob.skip()
        club.box.fail("sendPhoto", code=200, description=page, drop="after")
        await club.bob.send("/request 5 tea")
        await club.box.idle()
        said = [message.words for _, message, _ in club.bob.private.since(club.bob._seen[club.bob.id])]
        assert len(said) == 1 and "asks for" in said[0], said


async def test_an_answer_of_some_machine_on_the_way_is_no_answer(club: Club) -> None:
    club.box.fail("sendMessage", code=200, description="<!doctype html><title>Sign in</title>")
    assert "20.00 EUR" in (await club.said(club.ann, "/balance")).words
