"""Updates in: each is processed, in order for its person, before Telegram may forget it (G9).

`Feed` takes updates from wherever they come (poller.py, webhook.py) and knows which are done, and which Telegram may
forget. Nobody waits for another's flood:

- What is committed and lacks only its answer is let go as soon as that has to wait (patience.py), or takes long.
- Of the answers that wait only so many are one person's, or one chat's; what comes then is not acted upon.
- A person whose updates alone fill what Telegram shows keeps a few of them.

Whoever it happens to is told, once. Of a person who has more than a few pictures to be read at once, and of everybody
while the window is full, pictures are let go early: a stop may lose a question that nobody has seen, and no money.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable

from telegram import Update

from bot.log import get_log
from bot.transport.exceptions import TryLater
from bot.transport.lanes import Lanes, wait
from bot.transport.turns import Turn, is_picture, is_urgent
from wallet_core import Unavailable

AT_ONCE = 24  # updates of different people; more only queue up in the HTTP client's pool
DONE_KEPT_MAX = 20_000  # update ids remembered, so that a repeat is not processed again
ANSWERS_WAITING_MAX = 10  # of one person
CHAT_ANSWERS_WAITING_MAX = 30  # in one chat; a group is told 20 things a minute
WAITING_KEPT_MAX = 20  # of one person's updates, once they fill the window
PICTURES_WAITING_MAX = 5  # of one person
PICTURES_KEPT_MAX = 2  # of one person: more at once are a flood
FLOOD_S = 60.0  # for which a flood is remembered
ATTEMPTS_MAX = 8
STORAGE_ATTEMPTS_MAX = 64  # two minutes: a database server that is started again is back by then
BACKOFF_S = 0.2  # doubled with every attempt
BACKOFF_MAX_S, STORAGE_BACKOFF_MAX_S = 20.0, 2.0  # the latter: nobody waits long once another server has taken over
FINISH_S = 10.0  # for what is in flight when the process is told to stop

Process = Callable[[Update], Awaitable[None]]
Answer = Callable[[Update, Exception], Awaitable[None]]

log = get_log(__name__)


class Feed:
    """Processes every update once, in order for each person and at once between people."""

    def __init__(self, process: Process, *, give_up: Answer, refuse: Process) -> None:
        self._process, self._give_up, self._refuse = process, give_up, refuse
        self._lanes = Lanes()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._done: OrderedDict[int, None] = OrderedDict()
        self._waiting: defaultdict[int, dict[int, Update]] = defaultdict(dict)  # not begun, by person and number
        self._pictures: defaultdict[int, set[int]] = defaultdict(set)  # not read, by person
        self._floods: set[int] = set()  # people who lately sent a flood of pictures
        self._answers: Counter[Hashable] = Counter()  # that hold up nobody, by person and by chat
        self._told: set[Hashable] = set()  # who was told that it is too much
        self.unfinished: dict[int, asyncio.Future[bool]] = {}
        self._ends: dict[int, asyncio.Future[bool]] = {}
        self._let_go: set[int] = set()  # those of them that Telegram may forget
        self._waiter: tuple[int, asyncio.Future[None]] | None = None
        self.stopping = asyncio.Event()

    def submit(self, update: Update) -> asyncio.Future[bool]:
        """Done with True once Telegram may forget the update; False: it must come again."""
        number = update.update_id
        if (known := self.unfinished.get(number)) is not None:
            return known
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if number in self._done:
            future.set_result(True)
            return future
        self.unfinished[number] = future
        person = _person(update)
        if is_picture(update) and not self._has_room(update, person):
            return future
        self._waiting[person][number] = update
        lane: Hashable = ("urgent", number) if is_urgent(update) else person
        self._lanes.put(lane, lambda: self._work(update, self._process))
        return future

    async def end(self, number: int) -> bool:
        """Whether it was done to its very end, with its answer; Telegram may forget it sooner."""
        if number not in self.unfinished:
            return True
        return await self._ends.setdefault(number, asyncio.get_running_loop().create_future())

    def _has_room(self, update: Update, person: int) -> bool:
        """Whether one more picture of this person is read."""
        waiting = self._pictures[person]
        if len(waiting) >= PICTURES_WAITING_MAX:
            self._drop(update, ("pictures", person))
            return False
        waiting.add(update.update_id)
        if len(waiting) > PICTURES_KEPT_MAX and person not in self._floods:
            self._floods.add(person)
            asyncio.get_running_loop().call_later(FLOOD_S, self._floods.discard, person)
        if person in self._floods:
            self._let_go |= waiting
        return True

    def knows(self, number: int) -> bool:
        """Whether the update with this number is under way or done."""
        return number in self.unfinished or number in self._done

    @property
    def kept(self) -> set[int]:
        """The unfinished updates that Telegram must not forget."""
        return self.unfinished.keys() - self._let_go

    def shed(self) -> None:
        """Make room: there may be others, whom nobody hears because of those that are unfinished."""
        for person, waiting in list(self._waiting.items()):
            for number in list(waiting)[WAITING_KEPT_MAX:]:
                update = waiting.pop(number)
                self._forget_picture(person, number)
                self._drop(update, ("waiting", person))
        self._let_go.update(*self._pictures.values())
        self._wake()

    def _drop(self, update: Update, who: Hashable) -> None:
        """Don't act upon an update; who sends too much is told, once, and not behind all that they sent."""
        if who in self._told:
            self._finish(update.update_id, is_done=True)
            return
        self._told.add(who)
        log.warning("too_much", update=update.update_id, who=who)
        self._lanes.put(("told", who), lambda: self._work(update, self._refuse))

    async def _work(self, update: Update, process: Process) -> None:
        number, person = update.update_id, _person(update)
        is_new = process is self._process
        if is_new and number not in self._waiting.get(person, ()):
            return  # dropped meanwhile
        is_press = update.callback_query is not None
        turn = Turn(update, person, _chat(update), is_press, is_picture(update), self._aside, self._free)
        self._begun(turn)
        turn.is_aside = turn.is_urgent or not is_new  # in a lane of its own
        turn.begin()
        is_done = False
        try:
            is_done = await self._persist(turn, process)
        finally:
            self._end(turn, is_done=is_done)

    def _begun(self, turn: Turn) -> None:
        waiting = self._waiting[turn.person]
        waiting.pop(turn.update.update_id, None)
        if not waiting:
            del self._waiting[turn.person]
            self._told.discard(("waiting", turn.person))

    def _unless_too_much(self, turn: Turn) -> Process:
        """What to do with it when so many answers wait: a press is always answered, the rest is dropped."""
        mine, all_here = ("answers", turn.person), ("chat", turn.chat)
        if self._answers[mine] >= ANSWERS_WAITING_MAX:
            who: Hashable = mine
        elif self._answers[all_here] >= CHAT_ANSWERS_WAITING_MAX and not turn.is_press:
            who = all_here
        else:
            return self._process
        if who in self._told and not turn.is_press:
            return _nothing
        self._told.add(who)
        log.warning("too_much", update=turn.update.update_id, who=who)
        return self._refuse

    async def _persist(self, turn: Turn, process: Process) -> bool:
        """Process the update, again and again while that helps; False when the process stops first."""
        update, said = turn.update, None
        for attempt in range(STORAGE_ATTEMPTS_MAX):
            if self.stopping.is_set():
                return False
            try:
                await self._once(turn, process)
                return True
            except TryLater as later:
                cause = later.cause
                if type(cause) is not said:  # again and again: once is enough
                    said = type(cause)
                    log.warning("try_later", update=update.update_id, attempt=attempt, cause=type(cause).__name__)
                if later.is_final:
                    return False
                if attempt + 1 >= ATTEMPTS_MAX and not isinstance(cause, Unavailable):
                    break
                most_s = STORAGE_BACKOFF_MAX_S if isinstance(cause, Unavailable) else BACKOFF_MAX_S
                usual_s = min(most_s, BACKOFF_S * 2**attempt) * random.uniform(0.75, 1.25)
                delay_s = min(BACKOFF_MAX_S, later.delay_s or usual_s)
            await wait(self.stopping, delay_s)
        await self._give_up(update, cause)
        return True

    async def _once(self, turn: Turn, process: Process) -> None:
        """Pictures wait for their reader, and need no other place; what is urgent waits for none."""
        if not turn.is_picture and not turn.is_urgent:
            await self._slots.acquire()
            turn.has_slot = True
        try:
            if process is self._process and not turn.is_answering and not turn.is_urgent:
                process = self._unless_too_much(turn)
            await process(turn.update)
        finally:
            self._leave(turn)

    def _leave(self, turn: Turn) -> None:
        if turn.has_slot:
            turn.has_slot = False
            self._slots.release()

    def _aside(self, turn: Turn) -> None:
        """It takes longer: neither the person's next update nor anybody else's waits for it."""
        self._leave(turn)
        if not turn.is_aside and not turn.is_over:
            turn.is_aside = True
            self._lanes.go_on(turn.person)

    def _free(self, turn: Turn) -> None:
        """It is committed and lacks only its answer: Telegram may forget it."""
        self._aside(turn)
        number = turn.update.update_id
        if turn.is_let_go or turn.is_over:
            return
        turn.is_let_go = True
        self._answers.update(_counted(turn))
        self._let_go.add(number)
        if not self.unfinished[number].done():
            self.unfinished[number].set_result(True)
        self._wake()

    def _end(self, turn: Turn, *, is_done: bool) -> None:
        turn.end()
        if turn.is_let_go:
            for who in _counted(turn):
                self._answers[who] -= 1
                if not self._answers[who]:
                    del self._answers[who]
                    self._told.discard(who)
        self._forget_picture(turn.person, turn.update.update_id)
        self._finish(turn.update.update_id, is_done=is_done)

    def _forget_picture(self, person: int, number: int) -> None:
        """If it was one."""
        self._pictures[person].discard(number)
        if not self._pictures[person]:
            del self._pictures[person]
            self._told.discard(("pictures", person))

    def _finish(self, number: int, *, is_done: bool) -> None:
        future = self.unfinished.pop(number) if is_done else self.unfinished[number]
        if is_done:
            self._let_go.discard(number)
            self._done[number] = None
            if len(self._done) > DONE_KEPT_MAX:
                self._done.popitem(last=False)
        for each in (future, self._ends.pop(number, future)):
            if not each.done():
                each.set_result(is_done)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and len(self.kept) < self._waiter[0] and not self._waiter[1].done():
            self._waiter[1].set_result(None)

    async def fewer_than(self, count: int, *, timeout_s: float) -> None:
        """Wait until fewer updates than this are unfinished and kept, but not longer than the timeout."""
        if len(self.kept) < count:
            return
        self._waiter = count, asyncio.get_running_loop().create_future()
        await asyncio.wait({self._waiter[1]}, timeout=timeout_s)

    async def close(self) -> None:
        """Finish what is under way; what has not begun stays with Telegram."""
        self.stopping.set()
        await self._lanes.close(timeout_s=FINISH_S)


def _counted(turn: Turn) -> tuple[Hashable, Hashable]:
    return ("answers", turn.person), ("chat", turn.chat)


def _person(update: Update) -> int:
    person = update.effective_user or update.effective_chat
    return person.id if person else 0


def _chat(update: Update) -> int:
    """Where it happens; what is written after the bot's name, or pressed under an inline message, is in none."""
    return update.effective_chat.id if update.effective_chat else _person(update)


async def _nothing(_: Update) -> None:
    """Not acted upon."""
