"""A rush under Telegram's limits: `python -m tests.bench.rush [--payments N] [--people N] [--seconds N] [--case WORD]`.

The real bot beside the sandbox server over HTTP, with Telegram's limits on: 500 payments in a minute by 200 people, in
private, and in one group; in private also within ten seconds, more than Telegram lets through. Each is a `/pay`,
its dialog, a press as soon as the dialog is there, the receipt that the dialog becomes, and the payee's notice. Figures
are from a press to its answer; until the last of all was told, beside the least time that the sandbox's limits allow
(of a sender without any delay that knows them exactly); and how many of the counted calls were refused.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox import Group, Limits, Message, Person, Sandbox
from bot.sandbox.errors import ApiError
from tests.bench.bot import running, until

PAYMENTS, PEOPLE, SECONDS = 500, 200, 60.0
LOOK_S = 0.005
STEP_S = 0.01  # of the sender without delay
PATIENCE_S = 300.0
GROUP_ID = -1_009
ANSWERED_MAX_S, TOLD_MAX, REFUSED_MAX = 1.0, 1.1, 0.01
_MEMO = re.compile(r"\bno(\d+)\b")


class Counted(Limits):
    """Telegram's limits, and how often they were met."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = self.refused = 0

    def check(self, chat_id: object) -> None:
        try:
            super().check(chat_id)
        except ApiError:
            self.refused += 1
            raise
        self.passed += 1


@dataclass(slots=True)
class Payment:
    """Times are the machine's, in seconds."""

    payer: Person
    payee: Person
    asked_s: float = 0.0
    pressed_s: float = 0.0
    answered_s: float = 0.0
    told_s: list[float] = field(default_factory=list)  # payer and payee
    dialog: Message | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one rush."""

    answered_s: list[float]
    told_s: float
    least_s: float
    each_told_s: list[float]  # from the press
    passed: int
    refused: int

    @property
    def answered_p99_s(self) -> float:
        return sorted(self.answered_s)[len(self.answered_s) * 99 // 100]

    @property
    def ratio(self) -> float:
        return self.told_s / self.least_s

    @property
    def refused_share(self) -> float:
        return self.refused / (self.refused + self.passed)


class Rush:
    """Sends, presses, and looks what has come."""

    def __init__(self, people: list[Person], payments: int, group: Group | None) -> None:
        self._group, self._people = group, people
        count = len(people)
        self.payments = [
            Payment(people[number % count], people[(number * 7 + 1 + number // count) % count])
            for number in range(payments)
        ]
        for payment in self.payments:
            if payment.payee is payment.payer:
                payment.payee = people[(payment.payer.id + 1) % count]
        self._seen = {person.id: len(person.private.messages) for person in people}
        self._seen_in_group = 0 if group is None else len(group.messages)
        self._presses: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float) -> None:
        """All of it, until the last is told."""
        asking = asyncio.create_task(self._ask(seconds))
        async with asyncio.timeout(PATIENCE_S):
            while not all(len(payment.told_s) == 2 for payment in self.payments):
                self._look()
                await asyncio.sleep(LOOK_S)
        await asking
        await asyncio.gather(*self._presses)

    async def _ask(self, seconds: float) -> None:
        began = time.perf_counter()
        for number, payment in enumerate(self.payments):
            await asyncio.sleep(max(0.0, began + number * seconds / len(self.payments) - time.perf_counter()))
            payment.asked_s = time.perf_counter()
            await payment.payer.send(f"/pay 0.01 @{payment.payee.username} no{number}", chat=self._group)

    def _new(self) -> Iterator[Message]:
        for person in self._people:
            messages = person.private.messages
            yield from messages[self._seen[person.id] :]
            self._seen[person.id] = len(messages)
        if self._group is not None:
            yield from self._group.messages[self._seen_in_group :]
            self._seen_in_group = len(self._group.messages)

    def _look(self) -> None:
        now = time.perf_counter()
        for message in self._new():
            found = _MEMO.search(message.words)
            if not message.from_bot or found is None:
                continue
            payment = self.payments[int(found[1])]
            if message.buttons and payment.dialog is None and "Receipt" not in message.words:
                payment.dialog = message
                task = asyncio.create_task(self._press(payment, message))
                self._presses.add(task)
            elif "Receipt" in message.words:
                payment.told_s.append(now)
        for payment in self.payments:
            if payment.dialog is not None and "Receipt" in payment.dialog.words:
                payment.told_s.append(now)
                payment.dialog = None

    async def _press(self, payment: Payment, dialog: Message) -> None:
        payment.pressed_s = time.perf_counter()
        press = await payment.payer.press(dialog)
        await press.answer(timeout_s=PATIENCE_S)
        payment.answered_s = time.perf_counter()


def least(payments: list[Payment], began_s: float) -> float:
    """How long a sender without delay takes that keeps exactly to the sandbox's limits; receipts first."""
    limits = Limits()
    rates = limits._rates
    overall, chat_burst = rates["all"][1], rates["chat"][1]
    rooms: dict[int, float] = {}
    asked = [(payment.asked_s - began_s, payment) for payment in payments]
    receipts: list[int] = []  # chats
    dialogs: list[Payment] = []
    now = room = 0.0
    room = overall
    while asked or receipts or dialogs:
        while asked and asked[0][0] <= now:
            dialogs.append(asked.pop(0)[1])
        for waiting in (receipts, dialogs):
            left = []
            for each in waiting:
                chat = each if isinstance(each, int) else each.payer.id
                if room < 1 or rooms.get(chat, chat_burst) < 1:
                    left.append(each)
                    continue
                room, rooms[chat] = room - 1, rooms.get(chat, chat_burst) - 1
                if isinstance(each, Payment):
                    receipts += [each.payer.id, each.payee.id]
            waiting[:] = left  # type: ignore[assignment]
        now += STEP_S
        room = min(overall, room + rates["all"][0] * STEP_S)
        rooms = {chat: min(chat_burst, tokens + rates["chat"][0] * STEP_S) for chat, tokens in rooms.items()}
    return now


async def rush(box: Sandbox, people: list[Person], group: Group | None, *, payments: int, seconds: float) -> Figures:
    """One rush, with the limits on, of people whom the bot knows."""
    limits = Counted()
    box.limit(limits)
    going = Rush(people, payments, group)
    began = time.perf_counter()
    await going.run(seconds)
    ended = max(max(payment.told_s) for payment in going.payments)
    box.limit(None)
    return Figures(
        answered_s=[payment.answered_s - payment.pressed_s for payment in going.payments],
        told_s=ended - began,
        least_s=least(going.payments, began),
        each_told_s=[told - payment.pressed_s for payment in going.payments for told in payment.told_s],
        passed=limits.passed,
        refused=limits.refused,
    )


async def in_world(is_group: bool, people_count: int, payments: int, seconds: float) -> Figures:
    """One rush in a world of its own."""
    os.environ["TELEGRAM_LIMITS"] = "on"  # as toward Telegram
    with tempfile.TemporaryDirectory() as name:
        async with Sandbox() as box:
            box.record_calls = False
            people = [box.person(1_000 + n, f"Person {n}", username=f"person{n}") for n in range(people_count)]
            group = box.group(GROUP_ID, "Festival", members=people) if is_group else None
            async with running(box, [sys.executable, "-m", "bot", "run"], Path(name)):
                for person in people:
                    await person.start()
                await until(lambda: all(len(person.private.messages) >= 3 for person in people))  # answer and notice
                await box.idle(timeout_s=PATIENCE_S)
                await asyncio.sleep(4.0)  # none of it counts any more
                return await rush(box, people, group, payments=payments, seconds=seconds)


def line(title: str, figures: Figures) -> str:
    """A row of the table."""
    told = sorted(figures.each_told_s)
    return (
        f"| {title} | {statistics.median(figures.answered_s) * 1e3:.0f} | {figures.answered_p99_s * 1e3:.0f} |"
        f" {told[len(told) // 2]:.2f} | {told[len(told) * 99 // 100]:.2f} |"
        f" {figures.told_s:.1f} | {figures.least_s:.1f} | {figures.ratio:.3f} |"
        f" {figures.passed + figures.refused} | {figures.refused_share:.2%} |"
    )


async def run(people: int, payments: int, seconds: float, wanted: str) -> bool:
    """The table; whether all is as wanted."""
    print("| rush | press answered, ms: p50 | p99 | told after the press, s: p50 | p99 | all told, s | least | times |"
          " calls | 429 |\n" + "|---" * 10 + "|", flush=True)  # fmt: skip
    is_well = True
    for title, is_group, within_s in (
        (f"in private, {payments} in {seconds:.0f} s", False, seconds),
        (f"in a group, {payments} in {seconds:.0f} s", True, seconds),
        (f"in private, {payments} in {seconds / 6:.0f} s", False, seconds / 6),
    ):
        if wanted in title:
            figures = await in_world(is_group, people, payments, within_s)
            print(line(title, figures), flush=True)
            is_well &= figures.answered_p99_s <= ANSWERED_MAX_S and figures.ratio <= TOLD_MAX
            is_well &= figures.refused_share < REFUSED_MAX
    print(
        f"wanted: a press answered within {ANSWERED_MAX_S} s (p99), at most {TOLD_MAX} times, below {REFUSED_MAX:.0%}"
    )
    return is_well


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=PAYMENTS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--case", default="", help="those with this word in their title")
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(run(given.people, given.payments, given.seconds, given.case)) else 1)


if __name__ == "__main__":
    main()
