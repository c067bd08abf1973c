"""What the books owe to be told and shown, beside model.py: read at a batch's start, written at its end, in order."""

from types import SimpleNamespace as Row

SECOND = 1_000_000  # microseconds
HOUR = 3_600 * SECOND  # no message is put off for longer
PLACES_MAX = 20  # of one thing


class Outbox:
    """Messages by the entry that they tell of."""

    def __init__(self):
        self.messages, self.now = {}, 0

    def begin(self, now, languages):
        self.now, self.new, self.later, self.languages = now, {}, [], languages
        self.due = [i for i, m in self.messages.items() if m.due is not None and not now < m.due <= now + HOUR]

    def commit(self):
        self.messages |= self.new
        for what in self.later:
            what()

    def tell(self, entry, wallet, place, transfer):
        if wallet.owner is not None and wallet.kind == "person":  # nobody stands behind the issuer
            row = Row(to=wallet.owner, place=place, transfer=transfer.id, due=0, attempts=0, balance=wallet.balance)
            self.new[entry] = row

    def claim(self, limit, lease):
        claimed, self.due = self.due[:limit], self.due[limit:]
        for message in claimed:
            self.later.append(lambda message=message: self._put_off(message, self.now + min(lease, HOUR), 1))
        return [(message, self.messages[message].attempts) for message in claimed]

    def settle(self, delivered, postponed, parked):
        for message in delivered:
            self.later.append(lambda message=message: self.messages.pop(message, None))
        for message, due in (
            *((m, self.now + min(delay, HOUR)) for m, delay in postponed),
            *((m, None) for m in parked),
        ):
            self.later.append(lambda message=message, due=due: self._settle(message, due))

    def take_over(self, lease, newest_at):
        self.later.append(lambda: self._take_over(self.now + lease, newest_at()))

    def unpark(self, person):
        self.later.append(lambda: self._unpark(person))

    def _settle(self, message, due):
        self._put_off(message, due, 0)

    def clear(self, now):
        """Those that are parked for half a year."""
        half_a_year_ago = now - 180 * 86_400 * SECOND
        self.messages = {n: m for n, m in self.messages.items() if m.due is not None or m.parked >= half_a_year_ago}

    def _put_off(self, message, due, attempts):  # what is parked stays so
        if message in self.messages and self.messages[message].due is not None:
            self.messages[message].due, self.messages[message].parked = due, self.now
            self.messages[message].attempts += attempts

    def _take_over(self, until, newest_at):
        waiting = [(n, m) for n, m in sorted(self.messages.items()) if m.due is not None]
        for _, message in waiting:
            if message.due <= until or newest_at > self.now:
                message.due = 0
        later = {}
        for number, message in waiting:
            if message.due > until:
                first, due = later.get(message.to, (number, 0))
                later[message.to] = first, max(due, message.due)
        for number, message in waiting:
            first, due = later.get(message.to, (number, 0))
            message.due = max(message.due, due) if number > first else message.due

    def _unpark(self, person):
        for message in self.messages.values():
            if message.to == person and message.due is None:
                message.due = 0


class Places:
    """What is shown where: `due` while it is not the newest state; `told` says when it was changed last."""

    def __init__(self):
        self.places = {}

    def begin(self, now):
        self.now, self.later = now, []
        chats = {}
        for name, place in self.places.items():
            chats.setdefault(place.chat, []).append((place.told, place.changes, name, place))
        due = []
        for chat in chats.values():
            rests = any(abs(now - told) < SECOND for told, *_ in chat)
            waiting = [turn for *turn, place in chat if place.due is not None and place.due <= now]
            due += [] if rests or not waiting else [min(waiting)]
        self.due = [name for *_, name in sorted(due)]

    def commit(self):
        for what in self.later:
            what()

    def show(self, kind, code, place, chat, is_stale, lapses=None):
        def then():
            named = getattr(code, "code", code)  # what was made just now has got its code since
            row = Row(chat=chat, kind=kind, code=named, told=0, attempts=0, changes=self.now, lapses=lapses)
            row.due = 0 if is_stale else lapses
            self.places[place] = row
            alike = [(-p.changes, n) for n, p in self.places.items() if (p.kind, p.code) == (kind, named)]
            for _, name in sorted(key for key in alike if key[1] != place)[PLACES_MAX - 1 :]:
                del self.places[name]

        self.later.append(then)

    def show_unless_shown(self, kind, code, place, chat):
        def then():
            if (kind, code) not in [(row.kind, row.code) for row in self.places.values()]:
                self.places[place] = Row(
                    chat=chat, kind=kind, code=code, due=0, told=0, attempts=0, changes=self.now, lapses=None
                )  # fmt: skip

        self.later.append(then)

    def show_first(self, kind, code, place, chat, is_stale):
        def then():
            alike = [row for row in self.places.values() if (row.kind, row.code) == (kind, code)]
            if place not in self.places and len(alike) < PLACES_MAX:
                due = 0 if is_stale else None
                self.places[place] = Row(
                    chat=chat, kind=kind, code=code, due=due, told=0, attempts=0, changes=self.now, lapses=None
                )

        self.later.append(then)

    def show_no_longer(self, place):
        self.later.append(lambda: self.places.pop(place, None))

    def gone(self, kind, code):
        """The record was cleared."""
        self.places = {n: p for n, p in self.places.items() if (p.kind, p.code) != (kind, code)}

    def changed(self, kind, code):
        self.later.append(lambda: self._changed(kind, code))

    def each_changed(self, kind, codes):
        """Those that there are at the end of the batch."""
        self.later.append(lambda: [self._changed(kind, code) for code in codes()])

    def _changed(self, kind, code):
        for place in self.places.values():
            if (place.kind, place.code) == (kind, code):
                place.changes += 1
                place.due = place.due if place.attempts else 0  # it is in hand, or put off

    def claim(self, limit, lease):
        claimed, self.due = self.due[:limit], self.due[limit:]
        for name in claimed:
            self.later.append(lambda name=name: self._lease(name, self.now + lease))
        return [(name, p.kind, p.code, p.changes, p.attempts) for name in claimed for p in (self.places[name],)]

    def _lease(self, name, until):
        if place := self.places.get(name):
            place.due, place.told, place.attempts = until, self.now, place.attempts + 1

    def settle(self, shown, ended, postponed):
        for name, changes in (*shown, *ended):
            self.later.append(lambda name=name, changes=changes: self._shown(name, changes))
            if (name, changes) in ended:
                self.later.append(lambda name=name, changes=changes: self._ended(name, changes))
        for name, delay in postponed:
            self.later.append(lambda name=name, delay=delay: self._postpone(name, self.now + delay))

    def take_over(self, lease):
        self.later.append(lambda: self._take_over(self.now + lease))

    def _take_over(self, until):
        for place in self.places.values():
            if place.attempts and (place.due <= until or place.told > self.now):
                place.due = 0

    def _shown(self, name, changes):
        if place := self.places.get(name):
            lapses = place.lapses if (place.lapses or 0) > place.told else None
            place.due, place.attempts = lapses if place.changes == changes else 0, 0

    def _ended(self, name, changes):
        if name in self.places and self.places[name].changes == changes:
            del self.places[name]

    def _postpone(self, name, due):
        if place := self.places.get(name):
            place.due = due
