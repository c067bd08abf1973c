"""Who may talk to the sandbox: this machine's programs and its own page, and no page of another site."""

from __future__ import annotations

import asyncio
import base64
import gc
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox import Sandbox
from bot.sandbox.control import FILE_BYTES_MAX


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        box.person(1001, "Alice", username="alice")
        yield box


PATHS = ("/", "/sandbox/world", "/sandbox/messages?chat=1001", "/page/main.js")


@pytest.mark.parametrize(
    "said",
    [
        {"host": "evil.example"},  # a name that somebody points to this machine
        {"host": "127.0.0.1.evil.example"},
        {"host": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},  # another program's page on this machine
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_a_page_of_another_site_neither_reads_nor_posts(box: Sandbox, said: dict[str, str]) -> None:
    api = f"/bot{box.token}"
    async with httpx.AsyncClient(base_url=box.url, headers=said) as other:
        for path in (*PATHS, f"{api}/getMe"):
            assert (await other.get(path)).status_code == 403
        assert (await other.post("/sandbox/send", json={"person": 1001, "text": "/pay"})).status_code == 403
        assert (await other.post(f"{api}/sendMessage", json={"chat_id": 1001, "text": "x"})).status_code == 403
    assert box.people[1001].private.messages == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_the_own_page_and_programs_may_ask(box: Sandbox, host: str) -> None:
    port = box.url.rpartition(":")[2]
    own = {"host": f"{host}:{port}", "origin": f"http://{host}:{port}", "sec-fetch-site": "same-origin"}
    for said in (own, {"host": f"{host}:{port}"}):
        async with httpx.AsyncClient(base_url=box.url, headers=said) as client:
            for path in PATHS:
                assert (await client.get(path)).status_code == 200


async def test_a_link_of_another_site_may_open_the_page_and_nothing_else(box: Sandbox) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    async with httpx.AsyncClient(base_url=box.url, headers=link) as client:
        page = await client.get("/")
        assert page.status_code == 200
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert (await client.get("/sandbox/world")).status_code == 403
        assert (await client.get("/", headers={"sec-fetch-dest": "iframe"})).status_code == 403


async def test_no_file_beside_the_page_can_be_fetched(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:
        for name in ("../play.py", "..%2Fplay.py", "%2e%2e/control.py", "", ".hidden", "nothing.js"):
            assert (await client.get(f"/page/{name}")).status_code == 404, name


async def test_a_file_that_somebody_sends_is_saved_and_never_shown_as_a_page(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:
        page = base64.b64encode(b"<script>alert(1)</script>").decode()
        sent = await client.post("/sandbox/document", json={"person": 1001, "data": page, "file_name": "a.html"})
        got = await client.get(sent.json()["file"])
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == "attachment"
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_picture_is_refused_in_words_and_a_wait_in_vain_is_a_504(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:
        for data in (b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nbroken", b"\0\0\0\x18ftypheic"):
            body = {"person": 1001, "data": base64.b64encode(data).decode()}
            refused = await client.post("/sandbox/photo", json=body)
            assert refused.status_code == 400 and "file" in refused.json()["error"]
        assert (await client.post("/sandbox/photo", content=b"not json")).status_code == 400
        assert (await client.post("/sandbox/send", json=[1])).status_code == 400
        assert (await client.post("/sandbox/send", json={"person": 5})).status_code == 400
        waited = await client.post("/sandbox/wait", json={"person": 1001, "contains": "x", "timeout_s": 0.01})
        assert waited.status_code == 504


async def test_what_makes_no_sense_is_refused_as_such(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:
        for chat in ("--5", "-", "9" * 5_000, "x", ""):
            assert (await client.get("/sandbox/messages", params={"chat": chat})).status_code == 404, chat[:9]
        assert (await client.get(f"/page/{'a' * 300}.js")).status_code == 404
        for what, body in (
            ("send", b"[" * 100_000),
            ("send", b'{"person": 1e400, "text": "x"}'),
            ("group", b'{"title": 5}'),
            ("person", b'{"name": 5}'),
        ):
            assert (await client.post(f"/sandbox/{what}", content=body)).status_code == 400, body[:30]


async def test_a_file_of_50_mb_is_taken_and_one_byte_more_is_refused_in_words(box: Sandbox) -> None:
    how = {"headers": {"content-type": "application/octet-stream"}, "params": {"body": '{"person": 1001}'}}
    async with httpx.AsyncClient(base_url=box.url, timeout=30) as client:
        taken = await client.post("/sandbox/document", content=bytes(FILE_BYTES_MAX), **how)
        refused = await client.post("/sandbox/document", content=bytes(FILE_BYTES_MAX + 1), **how)
    assert taken.status_code == 200 and refused.status_code == 413 and "at most 50 MB" in refused.json()["error"]
    [message] = box.people[1001].private.messages
    assert message.raw["document"]["file_size"] == FILE_BYTES_MAX == 50 * 1024 * 1024


async def test_what_comes_with_the_same_once_is_done_once(box: Sandbox) -> None:
    body = {"person": 1001, "text": "hello", "once": "a"}
    async with httpx.AsyncClient(base_url=box.url) as client:
        answers = await asyncio.gather(*(client.post("/sandbox/send", json=body) for _ in range(5)))
    assert len({answer.text for answer in answers}) == 1
    assert len(box.people[1001].private.messages) == 1


async def test_a_closed_tab_leaves_no_task_behind(box: Sandbox) -> None:
    unhandled: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context["message"]))
    before = asyncio.all_tasks()
    for _ in range(3):
        async with httpx.AsyncClient(base_url=box.url) as client, client.stream("GET", "/sandbox/events") as events:
            assert await anext(events.aiter_lines()) == ": hello"
    await box.people[1001].send("to nobody who looks")
    if left := asyncio.all_tasks() - before:
        assert not (await asyncio.wait(left, timeout=5))[1]
    gc.collect()
    assert unhandled == []


async def test_names_are_as_telegram_takes_them(box: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=box.url) as client:

        async def add(**body: object) -> httpx.Response:
            return await client.post("/sandbox/person", json=body)

        for wrong in (
            {"name": "x" * 10_000},
            {"name": " \u3000\u200b "},
            {"name": ""},
            {"name": "Eve", "username": "alice"},  # taken
            {"name": "Eve", "username": "ALICE"},
            {"name": "Eve", "username": "TuppenceBot"},
            {"name": "Eve", "username": "a b"},
        ):
            assert (await add(**wrong)).status_code == 400, wrong
        added = (await add(name="  مريم  ")).json()
        assert added["first_name"] == "مريم" and added["id"] == 1002
