"""The world beside the books: it survives its own restart, also a kill, and gives no number twice."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image
from telegram import Bot

from bot.sandbox import Sandbox
from bot.sandbox.journal import Journal


def bot_of(box: Sandbox) -> Bot:
    return Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot")


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(buffer, "PNG")
    return buffer.getvalue()


def state(box: Sandbox) -> dict[str, Any]:
    """All that is seen of a world."""
    chats = {
        chat.id: (chat.raw, chat.bot_is_in, chat.blocked, chat.is_deleted, chat.members, chat.may_write, chat.moved_to)
        for chat in box.world.chats.values()
    }
    said = {chat.id: [message.raw for message in chat.messages] for chat in box.world.chats.values()}
    return {
        "people": {person.id: person.raw for person in box.people.values()},
        "groups": sorted(box.groups),
        "chats": chats,
        "said": said,
        "waiting": [update.raw for update in box.world.updates],
        "files": {file.file_id: file.data for file in box.world.files},
    }


async def lived(box: Sandbox) -> None:
    """A world in which everything happened once."""
    alice, bob = box.person(1001, "Alice", username="alice"), box.person(1002, "Bob")
    group = box.group(-1002003, "Flat 3", members=[alice, bob])
    async with bot_of(box) as bot:
        await alice.start()
        await bob.start()
        updates = await bot.get_updates()
        await bot.get_updates(offset=updates[0].update_id + 1, timeout=0)
        sent = await bot.send_photo(alice.id, png(), caption="a picture")
        await bot.edit_message_caption(alice.id, sent.message_id, caption="changed")
        gone = await bot.send_message(alice.id, "gone")
        await bot.delete_message(alice.id, gone.message_id)
    await bob.send("/pay 5 @alice", chat=group)
    bob.rename(name="Robert", username="robert")
    bob.block()
    group.forbid(files=True)
    box.upgrade(group, -1_000_000_000_001, by=alice)
    carol = box.person(1003, "Carol")
    await carol.start()
    carol.delete_account()
    box.world.notice("world")


async def test_a_world_is_what_it_was_after_a_restart_and_after_another(tmp_path: Path) -> None:
    path = tmp_path / "world"
    async with Sandbox() as box:
        Journal(box, path).begin()
        await lived(box)
        before = state(box)
    for _ in range(2):  # the second reads what the first has written anew
        async with Sandbox() as box:
            journal = Journal(box, path)
            assert journal.load()
            assert state(box) == before
            journal.begin()
            journal.close()


async def test_no_number_of_a_message_an_update_or_a_file_is_given_again(tmp_path: Path) -> None:
    path = tmp_path / "world"
    async with Sandbox() as box:
        Journal(box, path).begin()
        await lived(box)
        chat = box.people[1001].private
        gone, updates = chat.next_id - 1, box.world.updates.next_id
        files = {file.path for file in box.world.files}
    async with Sandbox() as box:
        journal = Journal(box, path)
        journal.load()
        journal.begin()
        message = await box.people[1001].send_photo(png())
        assert message.id > gone
        assert message.update is not None and message.update.id >= updates
        assert {file.path for file in box.world.files} > files
        journal.close()


async def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "world"
    async with Sandbox() as box:
        Journal(box, path).begin()
        await box.person(1001, "Alice").send("first")
        whole = path.read_bytes()
        await box.people[1001].send("second")
        torn = path.read_bytes()[:-5]
    assert torn.startswith(whole)
    path.write_bytes(torn)
    async with Sandbox() as box:
        Journal(box, path).load()
        assert [message.text for message in box.people[1001].private.messages] == [
            "first",
            "second",
        ]  # only its update tore
        assert [update.kind for update in box.world.updates] == ["message"]


async def test_where_the_world_is_lost_but_not_the_books_numbers_are_counted_from_the_time(tmp_path: Path) -> None:
    async with Sandbox() as box:
        journal = Journal(box, tmp_path / "world")
        assert not journal.load()
        alice = box.person(1001, "Alice")
        journal.count_from_now()
        assert (await alice.send("hello")).id > 1_000_000
