"""Updates reach the bot as Telegram brings them: kept until acknowledged, by polling or by webhook."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.sandbox import Person, Sandbox


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot") as bot:
        yield bot


@pytest.fixture
def alice(box: Sandbox) -> Person:
    return box.person(1001, "Alice", username="alice")


async def texts(bot: Bot, **how: int) -> list[str]:
    return [str(update.effective_message.text) for update in await bot.get_updates(**how)]


async def test_an_update_is_kept_until_a_higher_offset_is_asked_for(bot: Bot, box: Sandbox, alice: Person) -> None:
    for text in ("a", "b", "c"):
        await alice.send(text)
    first = await bot.get_updates(limit=2)
    assert await texts(bot) == ["a", "b", "c"]
    assert await texts(bot, offset=first[0].update_id) == ["a", "b", "c"]
    assert await texts(bot, offset=first[1].update_id) == ["b", "c"]
    assert await texts(bot) == ["b", "c"]
    assert await texts(bot, offset=-1) == ["c"]
    assert await texts(bot, offset=first[0].update_id + 3) == []
    await box.idle()
    assert box.pending == 0


async def test_a_poll_waits_for_the_next_update(bot: Bot, alice: Person) -> None:
    polled = asyncio.create_task(texts(bot, timeout=30))
    await bot.get_me()  # the poll was sent before this
    await alice.send("now")
    assert await polled == ["now"]


async def test_of_two_polls_the_first_ends_with_409(bot: Bot, box: Sandbox, alice: Person) -> None:
    async with httpx.AsyncClient(base_url=f"{box.url}/bot{box.token}") as client:
        first = asyncio.create_task(client.get("/getUpdates?timeout=30"))
        while box.world.updates._poll is None:
            await bot.get_me()
        second = asyncio.create_task(texts(bot, timeout=30))
        assert (await first).status_code == 409
        await alice.send("hello")
        assert await second == ["hello"]


async def test_only_the_kinds_that_were_asked_for_arrive(bot: Bot, alice: Person) -> None:
    await bot.get_updates(allowed_updates=["edited_message"])
    message = await alice.send("a")
    await alice.edit(message, "b")
    [update] = await bot.get_updates()
    assert update.edited_message is not None
    assert update.edited_message.text == "b"
    assert update.edited_message.edit_date is not None


async def test_every_update_can_come_twice_under_one_number(bot: Bot, box: Sandbox, alice: Person) -> None:
    box.deliver_twice = True
    await alice.send("pay")
    [first] = await bot.get_updates()
    [second] = await bot.get_updates(offset=first.update_id + 1)
    assert first == second
    box.deliver_twice = False
    assert await bot.get_updates(offset=first.update_id + 1) == ()
    await box.redeliver(box.updates[0])
    assert await bot.get_updates(offset=first.update_id + 1) == (first,)
    assert await bot.get_updates(offset=first.update_id + 1) == ()


async def test_in_a_group_privacy_mode_hides_what_is_not_for_the_bot(bot: Bot, box: Sandbox, alice: Person) -> None:
    group = box.group(-100200, "Flat 3", members=[alice])
    said = await bot.send_message(group.id, "hello")
    hello = group.messages[0]
    assert said.message_id == hello.id
    for text in ("hi all", "/pay", "/pay@TuppenceBot 5", "/pay@OtherBot 5", "see /pay", "@TuppenceBot hi"):
        await alice.send(text, chat=group)
    await alice.send("to you", chat=group, reply_to=hello)
    group.add(box.person(1002, "Bob"))
    assert await texts(bot) == ["/pay", "/pay@TuppenceBot 5", "to you", "None"]


class Receiver:
    """A webhook that refuses the first `refusals` posts."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.posts: list[tuple[str, str]] = []
        self.enough = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        body = (await reader.readexactly(int(headers["content-length"]))).decode()
        self.posts.append((headers["x-telegram-bot-api-secret-token"], body))
        status = b"500 No" if len(self.posts) <= self.refusals else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        if len(self.posts) == self.refusals + 2:
            self.enough.set()


async def test_a_webhook_gets_each_update_in_order_until_it_answers_2xx(bot: Bot, box: Sandbox, alice: Person) -> None:
    receiver = Receiver(refusals=2)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await alice.send("one")
        await alice.send("two")
        await receiver.enough.wait()
        await box.idle()
        assert {secret for secret, _ in receiver.posts} == {"s3cret"}
        assert ["one" in body for _, body in receiver.posts] == [True, True, True, False]
        assert (await bot.get_webhook_info()).pending_update_count == 0
        await bot.delete_webhook()
    await alice.send("three")
    assert await texts(bot) == ["three"]
