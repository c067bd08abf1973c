"""In which groups somebody is seen: told to the core once a day, by what they do there, never by a mention."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.transport.acquaintances import Acquaintances
from wallet_core import Rules, WalletCore, currency

ANN = {"id": 1001, "is_bot": False, "first_name": "Ann", "username": "ann"}
BOB = {"id": 1002, "is_bot": False, "first_name": "Bob"}
CID = {"id": 1003, "is_bot": False, "first_name": "Cid"}
GROUP = {"id": -100, "type": "supergroup", "title": "Flat"}


def said(chat: dict[str, Any], **more: Any) -> Update:
    message = {"message_id": 1, "date": 1, "chat": chat, "from": ANN, "text": "hello", **more}
    update = Update.de_json({"update_id": 1, "message": message}, None)
    assert update is not None
    return update


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[WalletCore]:
    async with WalletCore.session(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=Rules(currency("EUR"))) as core:
        yield core


def seen(tmp_path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        return file.execute("SELECT chat, person FROM sightings ORDER BY chat, person").fetchall()


async def test_who_writes_and_who_is_answered_are_there_and_who_is_mentioned_may_not_be(
    core: WalletCore, tmp_path: Path
) -> None:
    acquaintances = Acquaintances(core)
    mention = {"type": "text_mention", "offset": 0, "length": 5, "user": CID}
    answered = {"message_id": 2, "date": 1, "chat": GROUP, "from": BOB, "text": "tea?"}
    await acquaintances.meet(said(GROUP, reply_to_message=answered, entities=[mention]))
    assert seen(tmp_path) == [("-100", "tg:1001"), ("-100", "tg:1002")]


async def test_a_private_chat_is_no_group(core: WalletCore, tmp_path: Path) -> None:
    await Acquaintances(core).meet(said({"id": 1001, "type": "private", "first_name": "Ann"}))
    assert seen(tmp_path) == []


async def test_talking_on_costs_no_write_and_another_group_one(core: WalletCore, tmp_path: Path) -> None:
    acquaintances, commits = Acquaintances(core), []
    core.watch(lambda: commits.append(1))
    for _ in range(5):
        await acquaintances.meet(said(GROUP))
    assert len(commits) == 1
    for _ in range(5):
        await acquaintances.meet(said(GROUP | {"id": -200}))
    assert len(commits) == 2
    assert seen(tmp_path) == [("-100", "tg:1001"), ("-200", "tg:1001")]
