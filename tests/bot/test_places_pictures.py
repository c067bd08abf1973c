"""Pictures at places: the words first, then the picture, and the words alone where that is all that can be had."""

import pytest

from bot.words.links import Place
from tests.bot.instant import REFUSED, UNCHANGED, in_hours, now, refusal
from tests.bot.shown import CLUB, face, wall
from tests.bot.test_places import BUTTONS, shown

OURS, POSTED = Place(CLUB, 5), Place.inline("AbC")
NO_CAPTION = refusal(400, "Bad Request: there is no caption in the message to edit")
PHOTO = {"message_id": 1, "date": 1, "chat": {"id": -7, "type": "channel", "title": "x"},
         "photo": [{"file_id": "kept", "file_unique_id": "u", "width": 9, "height": 9}]}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"


def picture(**more: object):  # type: ignore[no-untyped-def]
    return face(is_picture=True, picture=lambda _: PNG, buttons=lambda: BUTTONS, **more)


@in_hours
async def test_the_words_are_changed_first_and_then_the_picture() -> None:
    async with wall() as it:
        assert await it.show(picture(), OURS) == shown(OURS)
        caption, media = it.telegram.calls
        assert (caption.method, media.method) == ("editMessageCaption", "editMessageMedia")
        for call in (caption, media):
            assert (call.params["chat_id"], call.params["message_id"]) == (CLUB, 5)
            assert call.params["reply_markup"] == BUTTONS.to_dict()
        assert (caption.params["caption"], caption.params["parse_mode"]) == ("fr", "HTML")
        assert media.files == (("qr.png", PNG),)
        assert (media.params["media"]["caption"], media.params["media"]["parse_mode"]) == ("fr", "HTML")
        await it.show(face(is_picture=True), OURS)
        assert [call.method for call in it.telegram.calls[2:]] == ["editMessageCaption"]


@in_hours
async def test_a_picture_that_is_not_taken_leaves_the_words() -> None:
    async with wall() as it:
        it.telegram.says("editMessageMedia", REFUSED)
        assert await it.show(picture(), OURS) == shown(OURS)
        it.telegram.says("editMessageCaption", UNCHANGED)
        assert await it.show(picture(), OURS) == shown(OURS)
        assert [call.method for call in it.telegram.calls] == ["editMessageCaption", "editMessageMedia"] * 2


@pytest.mark.parametrize(("attempts", "is_tried"), [(3, True), (4, False)])
@in_hours
async def test_after_three_attempts_the_words_alone_are_changed(attempts: int, is_tried: bool) -> None:
    async with wall() as it:
        assert await it.show(picture(), OURS, attempts=attempts) == shown(OURS)
        assert len(it.telegram.of("editMessageMedia")) == is_tried
        assert await it.show(None, OURS, attempts=attempts) == shown(OURS)


@in_hours
async def test_words_that_were_posted_without_a_picture_stay_words() -> None:
    async with wall() as it:
        it.telegram.says("editMessageCaption", NO_CAPTION)
        assert await it.show(picture(), OURS) == shown(OURS)
        assert [call.method for call in it.telegram.calls] == ["editMessageCaption", "editMessageText"]
        it.telegram.calls.clear()
        await it.show(face(picture=lambda _: PNG), OURS)
        assert [call.method for call in it.telegram.calls] == ["editMessageText"]
        it.telegram.says("editMessageText", NO_CAPTION)
        assert (await it.show(face(), OURS)).ended != ()


@in_hours
async def test_a_message_posted_through_the_bot_takes_the_picture_that_is_stored_once() -> None:
    async with wall(storage_chat="-1007") as it:
        it.telegram.says("sendPhoto", PHOTO)
        for _ in range(2):
            assert await it.show(picture(), POSTED) == shown(POSTED)
        assert [call.method for call in it.telegram.calls] == [
            "editMessageCaption", "sendPhoto", "editMessageMedia", "editMessageCaption", "editMessageMedia",
        ]  # fmt: skip
        (stored,) = it.telegram.of("sendPhoto")
        assert stored.files == (("qr.png", PNG),)
        for call in it.telegram.of("editMessageMedia"):
            assert call.params["inline_message_id"] == "AbC" and call.params["reply_markup"] == BUTTONS.to_dict()
            assert (call.params["media"]["media"], call.params["media"]["caption"]) == ("kept", "de")
        assert now() == 0
