"""In a group where the bot sees all: it keeps out of what was said to others, and out of what was changed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from tests.bot.club import BOT, CODE, Club, code_picture, open_club

OURS, OTHERS = "@TuppenceBot", "@OtherBot"


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        opened.group = opened.box.group(-100205, "All", members=[opened.ann, opened.bob], sees_all=True)
        yield opened


async def silent(club: Club) -> bool:
    """Whether the bot has said nothing in the group, once it has done all that it was told."""
    await club.box.idle()
    return not any(message.sender_id == BOT for message in club.group.messages)


async def answered(club: Club, words: str) -> None:
    await club.ann.wait(words, chat=club.group)


async def test_commands_of_other_bots_are_left_to_them_however_they_come(club: Club) -> None:
    ann, group, picture = club.ann, club.group, code_picture(CODE)
    said = await ann.send("hello", chat=group)
    for text in ("/nonsense", f"/nonsense{OTHERS}", f"/pay{OTHERS} 5 @bob"):
        await ann.edit(await ann.send(text, chat=group), f"/pay{OTHERS} 6 @bob")
    group.say_anonymously(f"/pay{OTHERS} 5 @bob")
    await ann.send_photo(picture, caption=f"/pay{OTHERS} 5", chat=group)
    await ann.edit(said, "hello again")
    assert await silent(club)

    await ann.send(f"/nonsense{OURS}", chat=group)
    await answered(club, "I don't know this command")
    group.say_anonymously(f"/pay{OURS} 5 @bob")
    await answered(club, "anonymous")
    await ann.send_photo(picture, caption="/pay 5", chat=group)
    await answered(club, "picture")
    await ann.edit(said, f"/pay{OURS} 5 @bob")
    await answered(club, "edited messages")


async def test_of_what_is_changed_in_private_only_words_are_answered(club: Club) -> None:
    place: Message = club.box.world.post(
        club.ann.private, club.ann.raw, {"location": {"latitude": 1.0, "longitude": 2.0, "live_period": 60}}
    )  # before the bot was there
    picture = await club.ann.send_photo(code_picture(CODE), caption="look")
    await club.box.idle()
    before = len(club.ann.private.messages)
    place.raw = place.raw | {"edit_date": club.box.world.now()}
    club.box.world.person_said(place, edited=True)
    await club.box.idle()
    assert len(club.ann.private.messages) == before
    await club.ann.edit(picture, "look here")
    await club.ann.wait("edited messages")
