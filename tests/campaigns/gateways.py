"""Many people top up and withdraw through the mock with every trouble that it can make; the bot is killed, time jumps.

`python -m tests.campaigns.gateways --moves 10000 --kills 200 --seed 7` prints what was done; status 1 when something
was wrong. At the end every cent is where the gateway's own list says, once, nothing waits, and everybody was told.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bot.sandbox import Message, Person
from bot.sandbox.chats import Chat
from bot.sandbox.clock import MovedClock
from bot.sandbox.gateway import MockGateway
from bot.sandbox.gateway_books import Checkout
from tests.e2e.test_mock import mock_world
from tests.e2e.world import World

PEOPLE = 24
WELCOME = 2_000  # cents that everybody begins with, so that there is something to take out
TROUBLE = ("slow", "twice", "late", "lost", "changed", "lies", "before", "after", "broken", "pending", "refused")
PAGE = (("pay",), ("twice",), ("decline",), ("decline", "pay"), ("leave",), ("leave", "pay"), ("pay", "back"))
JUMPS = (1, 2, 5, 8, -2, 60, 1500)  # minutes; after an hour questions have lapsed, after a day top-ups
QUIET_S = 900.0  # for the bot to catch up at the end; no matter how slow the machine is
ANSWER_S = 300.0
_CAME_IN = re.compile(r"([0-9]+\.[0-9]{2}) EUR has come in")


class Campaign:
    """A world, its gateway, and what was done in it."""

    def __init__(self, world: World, gateway: MockGateway, clock: MovedClock, seed: int) -> None:
        self.world, self.gateway, self.clock = world, gateway, clock
        self.chance, self.done = random.Random(seed), Counter[str]()
        self._busy: set[asyncio.Task[None]] = set()
        self._moves_left, self._moved = 0, asyncio.Condition()
        self._told: defaultdict[int, set[str]] = defaultdict(set)  # a chat forgets its oldest messages
        self._amid, self._is_held = 0, False  # how many are between asking and confirming; whether nobody may begin

    async def run(self, moves: int, kills: int) -> Counter[str]:
        """All of it, and the reckoning."""
        people = [await self.world.someone(f"P{number}") for number in range(min(PEOPLE, 2 + moves // 8))]
        for person in people:
            person.private.watch = self._hear
        self._moves_left = moves
        beside = [asyncio.create_task(work) for work in (self._payers(), self._trouble(), self._kills(moves, kills))]
        try:
            await asyncio.gather(*map(self._live, people))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        await self._calm_down()
        self._reckon(people)
        return self.done

    # -- what people do -----------------------------------------------------------------------------------------------

    async def _live(self, person: Person) -> None:
        pressed: set[int] = set()
        while self._moves_left > 0:
            async with self._moved:
                await self._moved.wait_for(lambda: not self._is_held)
                self._moves_left -= 1
                self._amid += 1
                self._moved.notify_all()
            move = self.chance.choices(("topup", "withdraw", "cancel"), (42, 55, 3))[0]
            amount = f"{self.chance.randint(0, 30 if move == 'topup' else 8)}.{self.chance.randint(10, 99)}"
            await person.send(f"/{move} {amount}" if move != "cancel" else "/cancel")
            self.done[move] += 1
            person.skip()
            await person.send("/id")  # a person's messages are taken in order
            await person.wait("Your Telegram ID", timeout_s=ANSWER_S)
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            for message in [each for each in person.private.messages[-12:] if each.from_bot]:
                await self._confirm(person, message, pressed)
            async with self._moved:
                self._amid -= 1
                self._moved.notify_all()

    async def _confirm(self, person: Person, message: Message, pressed: set[int]) -> None:
        yes = [b.value for row in message.buttons for b in row if b.value.startswith(("wdok:", "tuby:"))]
        if yes and message.id not in pressed and self.chance.random() < 0.95:
            pressed.add(message.id)
            for _ in range(self.chance.choice((1, 1, 2))):
                await person.press(message, yes[0])
            self.done["confirmed"] += 1

    async def _payers(self) -> None:
        """Whoever was asked to pay does something on the page, some time."""
        seen = 0
        while True:
            for checkout in list(islice(self.gateway.books.checkouts.values(), seen, None)):
                seen += 1
                task = asyncio.create_task(self._pay(checkout))
                self._busy.add(task)
                task.add_done_callback(self._busy.discard)
            await asyncio.sleep(0.05)

    async def _pay(self, checkout: Checkout) -> None:
        for action in self.chance.choices(PAGE, (55, 7, 6, 7, 8, 9, 8))[0]:
            await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.1, 1.0)))
            self.gateway.press(checkout, action)
            self.done[f"page: {action}"] += 1

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    async def _trouble(self) -> None:
        """By moves and not by time: on a slow machine nobody would come to confirm anything before the next jump."""
        knobs = self.gateway.knobs
        knobs.slow_s = 0.2
        while True:
            for name in TROUBLE:
                setattr(knobs, name, self.chance.choice((0.0, 0.0, 0.2, 0.5)))
            await self._after(self.chance.randint(1, 20))
            jump = self.chance.random()
            if jump < 0.02:
                knobs.down_until = self.clock.seconds() + 3600
                self.done["down for an hour"] += 1
                await self._after(self.chance.randint(1, 10))
                await self._jump(timedelta(seconds=3601))
            elif jump < 0.25:
                await self._jump(timedelta(minutes=self.chance.choices(JUMPS, (4, 4, 4, 4, 2, 1, 1))[0]))
                self.done["clock jumped"] += 1

    async def _jump(self, by: timedelta) -> None:
        """Most of the hours pass while nobody is about to confirm anything: what has lapsed is not paid out."""
        async with self._moved:
            self._is_held = by >= timedelta(hours=1) and self.chance.random() < 0.8
            if self._is_held:
                await self._moved.wait_for(lambda: not self._amid)
            self.clock.jump(by)
            self._is_held = False
            self._moved.notify_all()

    async def _kills(self, moves: int, kills: int) -> None:
        for number in range(kills):
            await self._until(moves - (number + 1) * moves // (kills + 1))
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            await self.world.bot.kill()
            self.done["killed"] += 1
            await self.world.start_bot()

    async def _after(self, moves: int) -> None:
        await self._until(self._moves_left - moves)

    async def _until(self, left: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._moves_left <= left)

    def _hear(self, chat: Chat, _what: str, message: Message) -> None:
        if message.from_bot:
            self._told[chat.id].update(_CAME_IN.findall(message.words))

    # -- the end ------------------------------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """No trouble any more: everything comes to its end by itself."""
        for name in (*TROUBLE, "down_until"):
            setattr(self.gateway.knobs, name, 0.0)
        while self._busy:
            await asyncio.gather(*self._busy, return_exceptions=True)
        for payout in self.gateway.books.payouts.values():
            self.gateway.books.settle(payout, is_paid=True)
        await self.world.bot.kill()
        await self.world.start_bot()
        self.clock.jump(timedelta(hours=25))  # nobody waits for what was never paid
        end = time.monotonic() + QUIET_S
        while (left := self._left()) and time.monotonic() < end:
            self.clock.jump(timedelta(minutes=11))
            await asyncio.sleep(0.5)
        assert not left, left
        await self.world.settle()

    def _left(self) -> str:
        """What is not at its end yet."""
        entries = self.gateway.books.entries
        paid_in = sum(entry.kind == "in" for entry in entries)
        taken_back = sum(entry.kind == "back" for entry in entries)
        for what, is_done in (
            ("SELECT count(*) FROM withdrawals WHERE state IN ('held', 'sent')", 0),
            ("SELECT count(*) FROM top_ups WHERE state = 'waiting'", 0),
            ("SELECT count(*) FROM arrivals", paid_in),
            ("SELECT count(*) FROM chargebacks", taken_back),
            ("SELECT count(*) FROM outbox", 0),
        ):
            [[found]] = self._rows(what)
            if found != is_done:
                return f"{what}: {found} instead of {is_done}"
        return ""

    def _rows(self, said: str) -> list[Any]:
        with closing(sqlite3.connect(self.world.database)) as books:
            return books.execute(said).fetchall()

    def _reckon(self, people: list[Person]) -> None:
        """By the gateway's own list, and by nothing that the bot has worked out."""
        entries = self.gateway.books.entries
        came = {f"in:mock:{e.id}": (e.reference, e.amount, e.fee) for e in entries if e.kind == "in"}
        booked = {key: rest for key, *rest in self._rows("SELECT key, top_up, amount, fee FROM arrivals")}
        assert {key: tuple(rest) for key, rest in booked.items()} == came
        back = {f"back:mock:{e.id}": e.amount for e in entries if e.kind == "back"}
        assert dict(self._rows("SELECT key, amount FROM chargebacks")) == back
        states = {"paid": "done", "refused": "returned"}
        sent = {each.reference: states[each.state] for each in self.gateway.books.payouts.values()}
        known = dict(self._rows("SELECT code, state FROM withdrawals WHERE state IN ('done', 'returned')"))
        assert {code: state for code, state in known.items() if state == "done"} == {
            code: state for code, state in sent.items() if state == "done"
        }
        assert all(known[code] == state for code, state in sent.items())
        assert self._rows("SELECT count(*) FROM wallets WHERE kind = 'escrow' AND balance <> 0") == [(0,)]
        self._reckon_people(people)
        [[ours]] = self._rows("SELECT -sum(balance) FROM wallets WHERE kind = 'gateway'")
        [[lost]] = self._rows("SELECT coalesce(sum(amount - paid), 0) FROM chargebacks")
        [[fees_lost]] = self._rows("SELECT coalesce(sum(fee - fee_paid), 0) FROM arrivals")
        assert ours - lost - fees_lost == self.gateway.books.balance
        self.done["paid in, by the gateway's list"] = len(came)
        self.done["paid out, by the gateway's list"] = sum(entry.kind == "out" for entry in entries)
        self.done["charged back"] = len(back)
        for state, count in self._rows("SELECT state, count(*) FROM withdrawals GROUP BY state"):
            self.done[f"withdrawals: {state}"] = count

    def _reckon_people(self, people: list[Person]) -> None:
        """Each has what came for them, less what went; and was told of it."""
        owners = dict(self._rows("SELECT code, person FROM top_ups"))
        owners |= dict(self._rows("SELECT code, person FROM withdrawals"))
        total = Counter[str]()
        for entry in self.gateway.books.entries:
            if entry.kind == "in":
                total[owners[entry.reference]] += entry.amount
            elif entry.kind == "out":
                total[owners[entry.reference]] -= entry.amount + entry.fee
        for key, paid in self._rows("SELECT arrival, paid FROM chargebacks"):
            [[code]] = self._rows(f"SELECT top_up FROM arrivals WHERE key = '{key}'")
            total[owners[code]] -= paid
        for code, fee in self._rows("SELECT top_up, fee_paid FROM arrivals"):
            total[owners[code]] -= fee
        for person in people:
            who = f"tg:{person.id}"
            [[has]] = self._rows(f"SELECT balance FROM wallets WHERE owner = '{who}' AND kind = 'person'")
            must = WELCOME + total[who]
            assert has == must, f"{who} has {has} instead of {must}"
            for_them = f"SELECT amount FROM arrivals WHERE top_up IN (SELECT code FROM top_ups WHERE person = '{who}')"
            came = self._rows(for_them)
            for [minor] in came:
                assert f"{minor // 100}.{minor % 100:02}" in self._told[person.private.id], (who, minor)


async def campaign(folder: Path, *, moves: int, kills: int, seed: int) -> Counter[str]:
    """Play it, and see that all is right; gives what was done."""
    clock = MovedClock(folder / "clock")
    async with mock_world(folder, clock=clock, MOCK_FEE="0.05", WELCOME_CREDIT="20") as (world, gateway):
        world.is_troubled = True
        return await Campaign(world, gateway, clock, seed).run(moves, kills)


def main() -> int:
    """Print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tuppence-gateways-") as folder:
        try:
            done = asyncio.run(campaign(Path(folder), moves=given.moves, kills=given.kills, seed=given.seed))
        except AssertionError as error:
            with suppress(OSError):
                print(Path(folder, "bot.log").read_text("utf-8")[-3_000:])
            print(f"seed {given.seed}: {error}")
            return 1
    for what, count in sorted(done.items()):
        print(f"{count:8,} {what}")
    print(f"{time.monotonic() - began:8.0f} s, seed {given.seed}: all as the gateway says")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
