"""A Telegram of this machine, the real bot as a process, a real file of books: what the end-to-end tests live in."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox import Answer, Message, Person, Sandbox
from bot.sandbox.chats import Place
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_process import BotProcess
from tests.e2e.nest import NestedBot
from tests.fresh import begin_books
from wallet_core import PersonId, Rules, WalletCore, WalletOf, currency, read_amount

EUR = currency("EUR")
OPERATOR_ID = 9_001
GROUP_ID = -1_002_003_004
BESIDE = "TEST_BOTS_BESIDE"  # set: bots are tasks of the test's own process (tests/campaigns/beside.py)
MEMO = "zebra"  # in every memo of these tests, and in no log
_RECEIPT = re.compile(r"receipt\W+([0-9A-Z]{13,25})", re.IGNORECASE)


class World:
    """One sandbox, one bot process, one database, and people in it."""

    def __init__(self, box: Sandbox, bot: BotProcess, core: WalletCore, database: Path) -> None:
        self.box, self.bot, self.core, self.database = box, bot, core, database
        self.is_troubled = False  # whether errors were ordered that the bot logs with their traceback
        self.operator = box.person(OPERATOR_ID, "Olga", username="olga")
        self.group = box.group(GROUP_ID, "Flat 3", members=[self.operator])

    async def stranger(self, name: str, *, username: str | None = "", member: bool = True) -> Person:
        """Somebody who never pressed start; by default with a @username and in the group."""
        number = 1_001 + len(self.box.people)
        handle = f"{name.lower()}_{number}" if username == "" else username
        person = self.box.person(number, name, username=handle)
        if member:
            self.group.chat.members.add(person.id)
        return person

    async def someone(self, name: str, money: str = "", *, username: str | None = "") -> Person:
        """Somebody with a wallet, and this much money in it."""
        person = await self.stranger(name, username=username)
        await person.start()
        await person.wait("0.00 EUR")
        if money:
            await self.issue(person, money)
        return person

    async def issue(self, person: Person, money: str) -> None:
        """The operator issues money, and the person is told."""
        if not self.operator.private.bot_is_in:
            await self.operator.start()
        person.skip()
        await self.operator.press(await self.dialog(self.operator, f"/issue {money} @{person.username}"))
        await person.wait(str(read_amount(money, EUR)))

    async def balance(self, person: Person) -> str:
        """What the books say that somebody has."""
        wallet = await self.core.ask(WalletOf(id_of(person)))
        return wallet.balance.number

    async def transfers(self) -> int:
        """How many transfers there are; the books are sound."""
        report = await self.core.audit()
        assert report.sound, report.problem
        assert set(report.sums.values()) <= {0}
        return report.transfers

    async def dialog(self, person: Person, text: str, *, chat: Place = None) -> Message:
        """Write what makes the bot ask, and see the question."""
        person.skip(chat=chat)
        await person.send(text, chat=chat)
        return await person.wait(lambda message: bool(message.buttons), chat=chat)

    async def pay(self, payer: Person, payee: Person, amount: str, memo: str = MEMO) -> str:
        """A payment in private from the command to both people's messages; the receipt code."""
        dialog = await self.dialog(payer, f"/pay {amount} @{payee.username} {memo}")
        payee.skip()
        await payer.press(dialog)
        code = receipt_code(await payer.wait("Receipt"))
        assert code == receipt_code(await payee.wait("Receipt"))
        return code

    async def settle(self) -> None:
        """Wait until all that people said is done: a person's messages are taken in order, so the last answer says so.

        A repeated update counts as acknowledged once it was handed out, so `box.idle` is not enough.
        """
        await self.box.idle()
        for person in [person for person in self.box.people.values() if person.private.bot_is_in]:
            person.skip()
            await person.send("/verify 0000000000000")
            await person.wait("Not genuine")

    async def start_bot(self) -> None:
        """Start it, or start it again, and see it get in touch with Telegram."""
        greeted = asyncio.create_task(self.box.called("deleteWebhook", timeout_s=30))
        await self.bot.start()
        ended = asyncio.create_task(self.bot.ended())
        try:
            await asyncio.wait({greeted, ended}, return_when=asyncio.FIRST_COMPLETED)
            assert not ended.done(), self.bot.last_lines()
            greeted.result()
        finally:
            for task in (greeted, ended):
                task.cancel()
            await asyncio.gather(greeted, ended, return_exceptions=True)

    @property
    def log(self) -> str:
        """All that the bot has printed."""
        return self.bot.log.read_text("utf-8")

    async def stop(self) -> None:
        """End the bot, and see what must hold in every world whatever happened in it."""
        status = await self.bot.stop()
        assert status == 0, self.bot.last_lines()
        await self.transfers()
        no_secret_in(self.log, self.box)
        assert self.is_troubled or "Traceback" not in self.log, self.log
        for text in self.all_that_groups_saw():
            assert "balance" not in text.lower(), text

    def all_that_groups_saw(self) -> list[str]:
        """Every text of the bot in a group, the changed ones too."""
        return [
            raw.get("text", raw.get("caption", ""))
            for group in self.box.groups.values()
            for message in group.messages
            if message.from_bot
            for raw in (*message.edits, message.raw)
        ]


def id_of(person: Person) -> PersonId:
    """Whom the books know (G11)."""
    return PersonId(f"tg:{person.id}")


async def press_all(person: Person, dialog: Message, times: int) -> list[Answer]:
    """Press the first button so many times at once; every press is answered."""
    presses = [await person.press(dialog) for _ in range(times)]
    return list(await asyncio.gather(*(press.answer() for press in presses)))


def no_secret_in(log: str, box: Sandbox) -> None:
    """Neither the token nor a memo is in the log (G14)."""
    assert box.token not in log
    assert box.token.partition(":")[2] not in log
    assert MEMO not in log.lower()


def receipt_code(message: Message) -> str:
    """The receipt code in a message."""
    match = _RECEIPT.search(message.words)
    assert match is not None, message.words
    return match[1]


def _bots() -> type[BotProcess]:
    if BESIDE not in os.environ:
        return NestedBot
    from tests.campaigns.beside import BesideBot  # imports all of the bot

    return BesideBot


@asynccontextmanager
async def bot_world(
    folder: Path,
    *,
    start: bool = True,
    clock: MovedClock | None = None,
    bots: type[BotProcess] | None = None,
    **settings: str,
) -> AsyncIterator[World]:
    """A world with a bot that runs, or is started by the test; with a clock that jumps, or this machine's."""
    database = folder / "books.db"
    url = settings.get("DATABASE_URL", f"sqlite+aiosqlite:///{database}")
    settings = {"ADMIN_IDS": str(OPERATOR_ID), "LOG_LEVEL": "DEBUG", **settings}
    rules = Rules(currency(settings.get("CURRENCY", "EUR")))
    if "DATABASE_URL" not in settings:
        begin_books(database, rules.currency)
    async with Sandbox() as box, WalletCore.session(url, rules=rules) as core:
        log = folder / "bot.log"
        bot = (bots or _bots()).beside(box, database=database, folder=folder, log=log, clock=clock, **settings)
        world = World(box, bot, core, database)
        try:
            if start:
                await world.start_bot()
            yield world
            await world.stop()
        finally:
            if bot.is_running:
                await bot.kill()
