"""Cards that become pictures where those are kept; and of many requests as many as there is room for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox import Message, Sandbox
from tests.bot.club import Club, running, settings_for
from tests.bot.test_cash import toasted
from tests.bot.test_dialogs import asked
from tests.e2e.inline import card, offered
from tests.fresh import begin_books
from wallet_core import currency

KEPT = -100300


@asynccontextmanager
async def gallery(tmp_path: Path) -> AsyncIterator[Club]:
    """A club that keeps its pictures in a chat, and hears of each card that is posted."""
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box:
        box.inline_feedback = True
        club = Club(box)
        box.group(KEPT, "Pictures", members=[club.ann])
        async with running(settings_for(box, tmp_path, storage_chat=f"{KEPT}", telegram_limits="off")):
            await club.begin()
            yield club


async def pictured(club: Club, posted: Message) -> Message:
    return await club.ann.wait(lambda message: message is posted and bool(message.photo_bytes), chat=posted.chat)


async def test_ones_own_qr_is_the_same_picture_in_any_chat_and_a_request_has_its_button_below(tmp_path: Path) -> None:
    async with gallery(tmp_path) as club:
        own = await pictured(club, await card(club.ann, "", "My QR"))
        assert own.photo_bytes == (await club.said(club.ann, "/qr")).photo_bytes
        request = await pictured(club, await card(club.ann, "5 zebra"))
        assert request.button("Pay 5.00 EUR") is not None and request.button("Ask somebody") is None


async def test_a_card_that_is_paid_before_its_picture_is_there_says_so(tmp_path: Path) -> None:
    async with gallery(tmp_path) as club:
        ann, bob = club.ann, club.bob
        club.box.fail("sendPhoto", delay_s=3.0)
        posted = await card(bob, "5 zebra")
        ann.skip()
        assert "asked you in private" in await toasted(ann, posted, "Pay")
        await ann.press(await ann.wait("Pay 5.00 EUR to Bob"), "✅")
        await bob.wait("You received 5.00 EUR")
        await pictured(club, posted)
        await ann.see(posted, "5.00 EUR: paid", chat=posted.chat)


async def test_a_card_stays_words_where_no_file_of_its_picture_is_said(tmp_path: Path) -> None:
    async with gallery(tmp_path) as club:
        club.box.fail("sendPhoto", code=200, description='{"ok":true,"result":{"message_id":5}}')
        club.ann.skip()
        posted = await card(club.ann, "5 zebra")
        await club.box.idle()
        assert not posted.photo_bytes
        assert not club.ann.private.since(club.ann._seen[club.ann.id])  # nor is she told that something went wrong


async def test_twenty_requests_are_offered_in_any_chat_the_newest_first(tmp_path: Path) -> None:
    async with gallery(tmp_path) as club:
        for number in range(1, 22):
            await asked(club, club.bob, f"/request {number}", in_group=True)
        titles, _ = await offered(club.bob, "")
        assert titles == ["My QR code", *(f"Your request for {number}.00 EUR" for number in range(21, 1, -1))]
