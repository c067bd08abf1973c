"""Each call of the Bot API fails once, in every way that one fails, in all that people do with the bot.

    python -m tests.campaigns.calls                    every call of every act × every fault
    python -m tests.campaigns.calls --act gift

A fault meets the n-th call of an act: "too many requests", an error of some machine on the way, a line that breaks
before what was asked is done, or after it, twice. All the same each press is answered, everybody sees what they have to
see, and the money moves once. Of a message that the bot does not know to be there, since the line broke before it heard
so, there are two, and the other one is kept up to date.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from itertools import product
from pathlib import Path
from typing import Any

from bot.sandbox import Message, Person, Sandbox
from bot.sandbox.chats import Place
from bot.sandbox.faults import Fault, Faults
from tests.bot.club import Club, running, settings_for
from tests.fresh import begin_books
from wallet_core import Rules, WalletCore, currency

PATIENCE_S = 30.0
FAULTS: dict[str, dict[str, Any]] = {
    "too many requests": {"code": 429, "retry_after_s": 1},
    "bad gateway": {"code": 502, "description": "Bad Gateway"},
    "the line breaks before": {"drop": "before"},
    "the line breaks after": {"drop": "after"},
    "the line breaks twice": {"drop": "before", "times": 2},
}
Act = Callable[["Play"], Awaitable[None]]


class Nth(Faults):
    """Lets some calls through before the fault; counts them."""

    def __init__(self, nth: int, fault: Fault) -> None:
        super().__init__()
        self.calls, self._nth, self._fault = 0, nth, fault

    def take(self, method: str) -> Fault | None:
        if method == "getupdates":
            return None
        if method.startswith(("getmy", "setmy")) or (method == "file" and not self._fault.code):
            return None  # the menus are filled meanwhile, and a file's line does not break here
        self.calls += 1
        is_met = self._nth < self.calls <= self._nth + self._fault.times
        return self._fault if is_met else None


class Play:
    """What Ann, the operator, and Bob do in one act; each step waits for what they have to see."""

    def __init__(self, club: Club, number: int) -> None:
        self.club, self.ann, self.bob, self.group = club, club.ann, club.bob, club.group
        self._seen: dict[int, int] = {}
        self.much = f"0.{10 + number % 90}"  # what came late of an act before is about another amount

    def skip(self) -> None:
        """All so far is seen."""
        chats = (self.ann.private, self.bob.private, self.group.chat)
        self._seen = {chat.id: chat.happened for chat in chats}

    async def say(self, person: Person, text: str, words: str, *, chat: Place = None, **more: Any) -> Message:
        """Write something, and see a new message with these words."""
        self.skip()
        await person.send(text, chat=chat, **more)
        return await self.sees(person, words, chat=chat, is_new=True)

    async def sees(self, person: Person, words: str, *, chat: Place = None, is_new: bool = False) -> Message:
        """A message that says it now, of those that were written or changed since; in whatever order they came."""
        return await self.finds(person, lambda message: words in message.words, chat=chat, is_new=is_new)

    async def finds(
        self, person: Person, wanted: Callable[[Message], bool], *, chat: Place = None, is_new: bool = False
    ) -> Message:
        """The same, of any that is wanted."""
        place = person.private if chat is None else chat.chat
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for _, message, came in place.since(self._seen[place.id]):
                    if (came or not is_new) and wanted(message):
                        return message
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                place.waiting.append(future)
                await future

    async def press(self, person: Person, message: Message, which: str | int = 0) -> str:
        """Press, and be answered."""
        pressed = await person.press(message, which)
        return (await pressed.answer(PATIENCE_S)).text

    async def changes(self, person: Person, message: Message, words: str, *, chat: Place = None) -> None:
        await person.see(message, words, chat=chat, timeout_s=PATIENCE_S)


async def balance(play: Play) -> None:
    await play.say(play.bob, "/balance", "Your balance")


async def words(play: Play) -> None:
    for text, said in (
        ("/start", "Your balance"), ("/help", "/pay"), ("/limits", "limit"), ("/terms", ""), ("/id", "1002"),
        ("/verify 0000000000000", "Not genuine"), ("/cancel", ""), ("hello", ""), ("/nonsense", ""), ("/pin", ""),
        ("/tip", ""), ("/gift", ""), ("/split", ""), ("/requests", ""), ("/blocked", ""),
    ):  # fmt: skip
        await play.say(play.bob, text, said)


async def pay(play: Play) -> None:
    asked = await play.say(play.ann, f"/pay {play.much} @bob tea", f"Pay {play.much} EUR to")
    await play.press(play.ann, asked)
    await play.sees(play.ann, f"Paid {play.much} EUR")
    await play.sees(play.bob, f"You received {play.much} EUR")


async def pay_in_group(play: Play) -> None:
    asked = await play.say(play.ann, f"/pay {play.much} @bob tea", f"pay {play.much} EUR to", chat=play.group)
    await play.press(play.ann, asked)
    await play.sees(play.bob, f"You received {play.much} EUR")
    await play.changes(play.ann, asked, f"Paid {play.much} EUR", chat=play.group)


async def guided(play: Play) -> None:
    play.skip()
    await play.ann.send("/pay")
    asked = await play.finds(play.ann, lambda m: m.button("Bob") is not None)
    await play.press(play.ann, asked, "Bob")
    await play.sees(play.ann, "How much")
    await play.ann.send(f"{play.much}")
    await play.sees(play.ann, "What is it for")
    await play.ann.send("cake")
    asked = await play.sees(play.ann, f"Pay {play.much} EUR to")
    await play.press(play.ann, asked)
    await play.sees(play.bob, f"You received {play.much} EUR")


async def request(play: Play) -> None:
    shown = await play.say(play.bob, f"/request {play.much} tea", f"{play.much} EUR")
    picture = shown.photo_bytes
    assert picture is not None
    play.skip()
    await play.ann.send_photo(picture)
    asked = await play.sees(play.ann, f"Pay {play.much} EUR to")
    await play.press(play.ann, asked)
    await play.sees(play.ann, f"Paid {play.much} EUR")
    await play.sees(play.bob, f"You received {play.much} EUR")
    await play.sees(play.bob, f"{play.much} EUR: paid")  # the picture, or the other one of two


async def request_in_group(play: Play) -> None:
    shown = await play.say(play.bob, f"/request {play.much} tea", f"{play.much} EUR", chat=play.group)
    await play.press(play.ann, shown)
    asked = await play.sees(play.ann, f"ay {play.much} EUR", chat=play.group)
    await play.press(play.ann, asked)
    await play.sees(play.bob, f"You received {play.much} EUR")
    await play.sees(play.bob, f"{play.much} EUR: paid", chat=play.group)


async def take_back(play: Play) -> None:
    await play.say(play.bob, f"/request {play.much} tea", f"{play.much} EUR")
    listed = await play.say(play.bob, "/requests", "tea")
    await play.press(play.bob, listed)
    await play.sees(play.bob, "no longer")  # that one, or the other one of two


async def qr(play: Play) -> None:
    play.skip()
    await play.bob.send("/qr")
    shown = await play.finds(play.bob, lambda m: m.photo_bytes is not None, is_new=True)
    assert shown.photo_bytes is not None
    play.skip()
    await play.ann.send_photo(shown.photo_bytes)
    await play.sees(play.ann, "How much")
    await play.ann.send(f"{play.much}")
    await play.sees(play.ann, f"Pay {play.much} EUR to")
    await play.say(play.ann, "/cancel", "")


async def gift(play: Play) -> None:
    shown = await play.say(play.ann, f"/gift {play.much} tea", f"gives {play.much} EUR", chat=play.group)
    await play.press(play.bob, shown)
    await play.sees(play.bob, f"{play.much} EUR")
    await play.changes(play.bob, shown, "All of it is claimed", chat=play.group)


async def gift_back(play: Play) -> None:
    shown = await play.say(play.ann, f"/gift {play.much} tea", f"gives {play.much} EUR")
    await play.press(play.ann, shown, "Take back")
    await play.changes(play.ann, shown, "↩️")


async def split(play: Play) -> None:
    shown = await play.say(play.ann, f"/split {play.much} @bob tea", f"{play.much} EUR", chat=play.group)
    play.skip()
    await play.press(play.ann, shown, "Manage")
    await play.finds(play.ann, lambda m: m.button("Bob") is not None)
    play.skip()
    await play.press(play.bob, shown, "Pay my share")
    asked = await play.sees(play.bob, "Pay ")
    await play.press(play.bob, asked)
    await play.changes(play.bob, asked, "Receipt")
    await play.sees(play.ann, "All shares are paid", chat=play.group)
    await play.sees(play.ann, "All shares are paid")


async def tip(play: Play) -> None:
    theirs = await play.bob.send("a song", chat=play.group)
    await play.say(play.ann, f"/tip {play.much}", f"{play.much} EUR", chat=play.group, reply_to=theirs)
    await play.sees(play.bob, f"{play.much} EUR")


async def refund(play: Play) -> None:
    await pay(play)
    told = next(m for m in reversed(play.bob.private.messages) if f"You received {play.much}" in m.words)
    play.skip()
    await play.press(play.bob, told)
    asked = await play.sees(play.bob, "back to")
    await play.press(play.bob, asked)
    await play.sees(play.ann, f"{play.much} EUR")
    await play.changes(play.bob, asked, f"{play.much} EUR")


async def history(play: Play) -> None:
    shown = await play.say(play.ann, "/history", "EUR")
    await play.press(play.ann, shown, 0)
    play.skip()
    await play.ann.send("/statement 2026")
    asked = await play.finds(play.ann, lambda m: "CSV" in str(m.buttons))
    await play.press(play.ann, asked, 1)
    await play.finds(play.ann, lambda m: m.document_bytes is not None)


async def top_up(play: Play) -> None:
    asked = await play.say(play.bob, f"/topup {play.much}", f"{play.much} EUR")
    desk = await play.sees(play.ann, f"{play.much} EUR")
    await play.press(play.ann, desk)
    await play.sees(play.bob, f"{play.much} EUR has come in")
    assert asked


async def withdraw(play: Play) -> None:
    asked = await play.say(play.ann, f"/withdraw {play.much}", f"{play.much} EUR")
    play.skip()
    await play.press(play.ann, asked)
    desk = await play.sees(play.ann, "in cash: it's put aside")
    await play.press(play.ann, desk)
    await play.sees(play.ann, f"{play.much} EUR was paid out")


async def issue(play: Play) -> None:
    asked = await play.say(play.ann, f"/issue {play.much} @bob", f"Issue {play.much} EUR")
    await play.press(play.ann, asked)
    await play.sees(play.bob, f"{play.much} EUR")
    await play.changes(play.ann, asked, "Issued")


async def announce(play: Play) -> None:
    asked = await play.say(play.ann, f"/announce Cake for {play.much}", f"Cake for {play.much}")
    play.skip()
    await play.press(play.ann, asked)  # Bob may miss it: of what may have arrived nobody is told twice
    await play.sees(play.ann, "Everybody is told")


async def freeze(play: Play) -> None:
    await play.say(play.ann, "/freeze @bob lost", "")
    await play.sees(play.bob, "")
    await play.say(play.ann, "/unfreeze @bob found", "")
    await play.sees(play.bob, "")


async def people(play: Play) -> None:
    asked = await play.say(play.ann, "/people", "2 wallets")
    await play.press(play.ann, asked, "table")
    await play.finds(play.ann, lambda m: m.document_bytes is not None)
    await play.say(play.ann, "/stats", "")
    await play.finds(play.ann, lambda m: m.photo_bytes is not None, is_new=True)


async def language(play: Play) -> None:
    asked = await play.say(play.bob, "/language", "")
    await play.press(play.bob, asked, "English")
    await play.say(play.bob, "/pin 2468", "never type a PIN")


async def audit(play: Play) -> None:
    await play.say(play.ann, "/audit", "")
    await play.sees(play.ann, "The books are sound")


async def block(play: Play) -> None:
    await play.say(play.ann, "/block @bob", "")
    listed = await play.say(play.ann, "/blocked", "Bob")
    await play.press(play.ann, listed)


async def card(play: Play) -> None:
    asked = await play.bob.inline(f"{play.much} tea")
    await asked.results(PATIENCE_S)
    shown = await asked.choose(chat=play.group)
    play.skip()
    answered = await play.press(play.ann, shown)
    assert answered is not None
    await play.club.box.idle()


async def pin(play: Play) -> None:
    asked = await play.say(play.bob, "/pin above 5", "")
    await play.press(play.bob, asked, 0)
    await play.press(play.bob, asked, 1)
    await play.say(play.bob, "/cancel", "")


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        balance, words, pay, pay_in_group, guided, request, request_in_group, take_back, qr, gift, gift_back, split,
        tip, refund, history, top_up, withdraw, issue, announce, freeze, people, language, audit, block, card, pin,
    )
}  # fmt: skip


@asynccontextmanager
async def rich_club(folder: Path) -> AsyncIterator[Club]:
    """Everybody has enough for all of it."""
    begin_books(folder / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, folder, gateways="operator")):
        club = Club(box)
        await club.begin()
        for person in (club.ann, club.bob):
            await club.issue("500", person)
        yield club


def transfers(folder: Path) -> int:
    """How many there are."""
    with closing(sqlite3.connect(folder / "books.db", timeout=10)) as books:
        [(count,)] = books.execute("SELECT count(*) FROM transfers").fetchall()
    return int(count)


async def campaign(folder: Path, acts: dict[str, Act], *, show: bool = False) -> tuple[int, list[str]]:
    """How many faults there were, and what was found."""
    count, found = 0, list[str]()
    async with rich_club(folder) as club:
        box = club.box
        for name, act in acts.items():
            counting = box.api.faults = Nth(10**9, Fault(1))
            before = transfers(folder)
            await act(Play(club, count))
            await box.idle()
            usual = transfers(folder) - before
            for nth, (what, how) in product(range(counting.calls), FAULTS.items()):
                box.api.faults = Nth(nth, Fault(**{"times": 1, **how}))
                box.calls.clear()
                before, count = transfers(folder), count + 1
                try:
                    await act(Play(club, count))
                    await box.idle(timeout_s=PATIENCE_S)
                    assert transfers(folder) - before == usual, "the money moved more or less than once"
                except (TimeoutError, AssertionError) as error:
                    calls = [f"{call.method} {call.status}" for call in box.calls]
                    found.append(f"{name}, call {nth}, {what}: {error!r:.300} {calls}")
            if show:
                print(f"{name}: {counting.calls} calls, {count} faults so far, {len(found)} found", flush=True)
    async with WalletCore.session(f"sqlite+aiosqlite:///{folder / 'books.db'}", rules=Rules(currency("EUR"))) as core:
        if (problem := (await core.audit()).problem) is not None:
            found.append(problem)
    return count, found


def main() -> None:
    """The campaign from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--act", action="append", choices=ACTS)
    given = parser.parse_args()
    acts = {name: act for name, act in ACTS.items() if given.act is None or name in given.act}
    with tempfile.TemporaryDirectory() as folder:
        count, found = asyncio.run(campaign(Path(folder), acts, show=True))
    print("\n".join([*found, f"{count} faults, {len(found)} that were not put right"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
