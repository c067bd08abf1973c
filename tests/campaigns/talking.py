"""People say and press whatever comes to mind, in private and in two groups, in ten languages: nobody waits in vain.

    python -m tests.campaigns.talking --rounds 1200 --seed 7
    python -m tests.campaigns.talking --postgresql --trouble

The real bot on a sandbox. In each round everybody does one thing at once: a command with what may stand behind it, in
whatever order; words; a press of any button that is there, or of one that never was; a photo of any picture; a change
of what they wrote; a card through the inline mode. They block the bot and come back, and have odd names; now and then
the clock jumps, or the bot dies. Whoever writes sees something, each press is answered, nothing is an error of the
bot's own, no call is one that Telegram would not take, and the books are sound. Status 1 when something was found.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import COMMANDS
from bot.sandbox import Group, Message, Person
from bot.sandbox.api import Call
from bot.sandbox.clock import MovedClock
from tests.campaigns.bank import postgresql
from tests.e2e.world import OPERATOR_ID, World, bot_world

PATIENCE_S = 40.0
LANGUAGES = ("en", "de", "ar", "es", "fr", "hi", "id", "pt-br", "ru", "zh-hans")
RARELY = ("close", "open", "freeze", "move", "announce", "reconcile", "pin", "limit", "language", "block")
INSTEAD = ("pay", "request", "gift", "split", "tip", "refund", "topup", "withdraw")
AMOUNTS = (
    "5", "0.50", "1.00", "2,50", "5€", "€ 3", "EUR 4", "1e3", "-3", "0", "0.001", "1000000", "99999999999999999999",
    "٥", "५.५०", "５", "1.234,56", "1,5", ".5", "5.", "five", "3x", "10/2", "½", "5 EUR", "5,00 €",
)  # fmt: skip
WORDS = (
    "tea", "for 3", "for", "two", "each", "among 3", "all", "off", "none", "me", "@", "@nobody_here", "cake & tea",
    "<b>bold</b>", "*_`[", "🍕", "👩‍👩‍👧", "שלום", "مرحبا", "\n", "x" * 300, "\u202eevil", "for @all", "with", "day",
    "week", "month", "csv", "pdf", "today", "2026-01", "1", "2", "25", "/pay", "http://a.b", "t.me/x",
)  # fmt: skip
ALONE = ("hello", "5", "5 @{}", "tea", "?", "…", "2468", "yes", "no", "cancel", "DE89370400440532013000", "@{}", "{}")
NAMES = ("Ann", "T<b>", "  ", "ن", "{}", "%s", "a" * 60)
INLINE = ("", "5", "gift 5", "3 tea", "gift 6 for 3", "x")
MADE_UP = ("x", "pay:made-up", "gc:0", "?")
CAPTIONS = ("", "", "5", "/pay 5", "hi")
JUMPS = (timedelta(minutes=6), timedelta(hours=2), timedelta(hours=25), timedelta(days=8))
METHODS = ("sendMessage", "sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "answerCallbackQuery",
           "answerInlineQuery", "deleteMessage", "sendDocument", "getFile")  # fmt: skip
TROUBLE: tuple[dict[str, Any], ...] = (
    {"code": 429, "description": "Too Many Requests: retry after 1"}, {"code": 502, "description": "Bad Gateway"},
    {"drop": "before"}, {"drop": "before", "times": 2}, {"drop": "after"},
)  # fmt: skip
CODE = re.compile(r"\b[0-9A-Za-z_-]{10,26}\b")
WRONG = re.compile(r"went wrong|schiefgegangen|Traceback|\{[a-z_]+\}|%\(")
# Whether there is a picture above a card's words, and whether they have changed, only Telegram knows; it keeps what is
# older than two days; and of a bot that died it thinks for a moment that it still asks.
KNOWN = re.compile("not modified|no caption|can't be deleted|to delete not found|terminated by other getUpdates")
OUR_OWN = re.compile(r"\[(error|critical)\b|^Traceback")


class Talkers:
    """Everybody, what they did, and what was found."""

    def __init__(self, world: World, clock: MovedClock, seed: int, *, is_troubled: bool) -> None:
        self._world, self._clock, self._chance, self._is_troubled = world, clock, random.Random(seed), is_troubled
        self._codes = ["0000000000000"]
        self._people: list[Person] = []
        self._looked: dict[int, int] = {}  # how far, in each chat
        self._one_in: dict[int, asyncio.Lock] = {}
        self.done: Counter[str] = Counter()
        self.found: list[str] = []

    async def gather(self) -> None:
        """An operator and ten others with money, of all languages, in two groups."""
        world = self._world
        await world.operator.start()
        for number, language in enumerate(LANGUAGES):
            handle = None if number == 3 else f"talker{number}"
            who = world.box.person(1_000 + number, f"T{number}<&>", username=handle, language_code=language)
            self._people.append(who)
            world.group.chat.members.add(who.id)
            await who.start()
            await who.next(timeout_s=PATIENCE_S)
        for who in filter(lambda each: each.username, self._people):
            world.operator.skip()
            await world.operator.send(f"/issue 50 @{who.username}")
            asked = await world.operator.wait(lambda message: bool(message.buttons), timeout_s=PATIENCE_S)
            await (await world.operator.press(asked)).answer(PATIENCE_S)
        self._people.append(world.operator)
        world.box.group(-1_009_009_009_009, "Club", members=self._people, sees_all=True)
        await world.box.idle(timeout_s=PATIENCE_S)

    async def round(self) -> None:
        """Everybody does one thing, at once; then what was said is looked at."""
        if self._chance.random() < 0.03:
            self._clock.jump(self._chance.choice(JUMPS))
            self.done["the clock jumps"] += 1
        self._world.box.api.faults.clear()  # of a call that was not made: they would come all together
        if self._is_troubled and self._chance.random() < 0.4:
            self._world.box.fail(self._chance.choice(METHODS), **self._chance.choice(TROUBLE))
            self.done["trouble with a call"] += 1
        await asyncio.gather(*map(self._act, self._people))
        if self._chance.random() < 0.02:
            await self._world.bot.kill()
            await self._world.start_bot()
            self.done["the bot dies"] += 1
        self.look()

    async def _act(self, who: Person) -> None:
        moves: dict[Callable[[Person], Awaitable[None]], int] = {
            self._command: 10, self._press: 12, self._say: 3, self._in_group: 5, self._photo: 1, self._edit: 1,
            self._inline: 2, self._rename: 1, self._block: 1,
        }  # fmt: skip
        [move] = self._chance.choices([*moves], [*moves.values()])
        if who.private.blocked:
            move = self._come_back
        name = move.__name__.strip("_").replace("_", " ")
        try:
            await move(who)
        except TimeoutError as error:
            self.found.append(f"silence: {name}: {error}")
        self.done[name] += 1

    # -- what they do

    def _somebody(self) -> str:
        whom = self._chance.choice(self._people)
        return self._chance.choice((f"@{whom.username}", f"@{str(whom.username).upper()}", str(whom.id), whom.name))

    def _arguments(self) -> str:
        parts = []
        for _ in range(self._chance.choice((0, 1, 1, 2, 2, 2, 3, 4))):
            some = (
                lambda: self._chance.choice(AMOUNTS),
                self._somebody,
                lambda: self._chance.choice(self._codes[-40:]),
            )
            [part] = self._chance.choices((*some, lambda: self._chance.choice(WORDS)), (4, 3, 1, 2))
            parts.append(part())
        return self._chance.choice((" ", " ", " ", "  ", "\n", ", ")).join(parts)

    def _text(self) -> str:
        name = self._chance.choice(list(COMMANDS))
        if name in RARELY and self._chance.random() < 0.6:
            name = self._chance.choice(INSTEAD)
        if self._chance.random() < 0.05:
            name = name.upper()
        at = self._chance.choice(("", "", "", "", "@TuppenceBot", "@tuppencebot"))
        return f"/{name}{at} {self._arguments()}".rstrip(" ")

    def _one_of(self, messages: list[Message]) -> Message | None:
        return self._chance.choice(messages) if messages and self._chance.random() < 0.5 else None

    async def _hear(self, who: Person, said: str) -> None:
        try:
            await who.wait(lambda _: True, timeout_s=PATIENCE_S)
        except TimeoutError:
            raise TimeoutError(repr(said)) from None

    async def _command(self, who: Person) -> None:
        text, last = self._text(), self._one_of(who.private.messages[-5:])
        who.skip()
        await who.send(text, reply_to=last)
        await self._hear(who, text)

    async def _say(self, who: Person) -> None:
        text = self._chance.choice(ALONE).format(self._chance.choice(self._people).username)
        who.skip()
        await who.send(text)
        await self._hear(who, text)

    async def _in_group(self, who: Person) -> None:
        group = self._chance.choice(list(self._world.box.groups.values()))
        async with self._one_in.setdefault(group.id, asyncio.Lock()):  # else another's answer were theirs
            text, last, before = self._text(), self._one_of(group.messages[-8:]), self._heard(who, group)
            await who.send(text, chat=group, reply_to=last)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    while self._heard(who, group) == before:
                        await self._any_call()
            except TimeoutError:
                raise TimeoutError(f"{text!r} below {last and last.words!r}") from None

    async def _any_call(self) -> None:
        future: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._world.box.api.waiting.append((lambda _: True, future))
        await future

    def _heard(self, who: Person, group: Group) -> tuple[int, ...]:
        """How much the group, and they alone, have heard."""
        alone = sum(str(call.params.get("receiver_user_id")) == str(who.id) for call in self._world.box.calls)
        return group.chat.happened, who.private.happened, alone

    async def _press(self, who: Person) -> None:
        chats = [who.private, who.private, *(group.chat for group in self._world.box.groups.values())]
        shown = [each for each in self._chance.choice(chats).messages[-30:] if each.from_bot and each.buttons]
        if not shown:
            return
        message = self._chance.choice(shown[-6:])
        data = [button.value for row in message.buttons for button in row if button.kind == "callback_data"]
        is_made_up = not data or self._chance.random() < 0.05
        press = await who.press(message, self._chance.choice(MADE_UP if is_made_up else data))
        try:
            self._see((await press.answer(PATIENCE_S)).text)
        except TimeoutError:
            raise TimeoutError(f"{press.updates} below {message.words!r}") from None

    async def _photo(self, who: Person) -> None:
        pictures = [m.photo_bytes for each in self._people for m in each.private.messages[-40:] if m.photo_bytes]
        if not pictures:
            return
        picture, caption = self._chance.choice(pictures), self._chance.choice(CAPTIONS)
        who.skip()
        if self._chance.random() < 0.3:
            await who.send_document(picture, file_name="q.png", mime_type="image/png", caption=caption)
        else:
            await who.send_photo(picture, caption=caption)
        await self._hear(who, f"a picture, {caption!r}")

    async def _edit(self, who: Person) -> None:
        own = [message for message in who.private.messages[-10:] if message.sender_id == who.id and message.text]
        if own:
            await who.edit(self._chance.choice(own), self._text())

    async def _inline(self, who: Person) -> None:
        asked = await who.inline(self._chance.choice((*INLINE, self._arguments())))
        results = await asked.results(PATIENCE_S)
        if results and self._chance.random() < 0.7:
            where = self._chance.choice((None, *self._world.box.groups.values()))
            await asked.choose(self._chance.randrange(len(results)), chat=where)

    async def _rename(self, who: Person) -> None:
        who.rename(name=self._chance.choice(NAMES))

    async def _block(self, who: Person) -> None:
        if self._chance.random() < 0.3:
            who.block()

    async def _come_back(self, who: Person) -> None:
        who.unblock()
        who.skip()
        await who.send("/start")
        await self._hear(who, "/start")

    # -- what is looked at

    def _see(self, words: str) -> None:
        self._codes += [code for code in CODE.findall(words) if any(map(str.isdigit, code))]
        if wrong := WRONG.search(words):
            self.found.append(f"{wrong[0]!r} in {words!r}")

    def look(self) -> None:
        """At all that the bot has said and asked for since the last look."""
        for chat in self._world.box.world.chats.values():
            for number, message, _ in chat.since(self._looked.get(chat.id, 0)):
                self._looked[chat.id] = number
                self._see(message.words)
        for call in self._world.box.calls:
            is_refused = (
                call.status >= 400 and call.status not in (403, 429, 502) and not KNOWN.search(call.description)
            )
            if is_refused or call.params.get("reply_markup") == {}:
                self.found.append(f"{call.method} {call.status} {call.description}: {str(call.params)[:400]}")
        self._world.box.calls.clear()

    def read_log(self) -> None:
        """Nothing in it is an error of the bot's own."""
        self.found += [line for line in self._world.log.splitlines() if OUR_OWN.search(line)]


async def campaign(
    folder: Path, *, rounds: int, seed: int, url: str | None = None, is_troubled: bool = False
) -> Talkers:
    """Talk, and see whether all is right."""
    clock = MovedClock(folder / "clock")
    given = {"ADMIN_IDS": f"{OPERATOR_ID},1001", "GATEWAYS": "operator", "WELCOME_CREDIT": "5", "SUPPORT": "@olga"}
    if url is not None:
        given["DATABASE_URL"] = url
    async with bot_world(folder, clock=clock, **given) as world:
        talkers = Talkers(world, clock, seed, is_troubled=is_troubled)
        await talkers.gather()
        for _ in range(rounds):
            await talkers.round()
        await world.box.idle(timeout_s=PATIENCE_S)
        talkers.look()
        if not is_troubled:
            talkers.read_log()
        world.is_troubled = is_troubled or bool(talkers.found)  # said here, with all else
    return talkers


def main() -> None:
    """The campaign from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--trouble", action="store_true", help="calls of the Bot API fail, or get lost, at random")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgresql()) if given.postgresql else None
        talkers = asyncio.run(
            campaign(folder, rounds=given.rounds, seed=given.seed, url=url, is_troubled=given.trouble)
        )
    for what, count in sorted(talkers.done.items()):
        print(f"{count:6} {what}")
    print("\n".join(talkers.found) or "nobody waited in vain, nothing went wrong, the books are sound")
    sys.exit(bool(talkers.found))


if __name__ == "__main__":
    main()
