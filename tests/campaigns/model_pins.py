"""PINs, the keypads on which they are entered, and who takes them away: a part of model.py.

A PIN is the salt and hash that the wisher gives: the model compares them, and never looks inside. A key is a token.
"""

from types import SimpleNamespace as Row

from tests.campaigns.model_refusals import no_if

MINUTE, DAY = 60_000_000, 86_400_000_000  # microseconds
LOCKED, PROVEN, PAD_LASTS = 60 * MINUTE, 3 * MINUTE, 10 * MINUTE
TRIES, KNOWN_MAX, SHORTEST, LONGEST, PRESSES_KEPT, PADS_KEPT = 3, 200, 4, 6, 24, 2


class Pins:
    """What a model knows of PINs by their people, of keypads and of PINs to be taken away by code."""

    def __init__(self):
        super().__init__()
        self.pins, self.keypads, self.pin_resets, self.pads_opened = {}, {}, {}, []
        self.pin_wanted = []  # wishes that were refused for want of a PIN, with their keys and amounts

    def commit_pins(self):
        """For each keypad that was opened two of its person are kept: the open one first, then the newest."""
        for person in self.pads_opened:
            mine = [pad for pad in self.keypads.values() if pad.person == person]
            mine.sort(key=lambda pad: (pad.state != "open", -pad.expires, pad.code))
            for pad in mine[PADS_KEPT : 2 * PADS_KEPT]:
                del self.keypads[pad.code]
        self.pads_opened = []

    def clear_pins(self):
        for code, pad in list(self.keypads.items()):
            if pad.expires < self.now - DAY:
                del self.keypads[code]
                self.places.gone("keypad", code)

    # -- what payments ask

    def let(self, key, payer, payee, minor):
        """The last check before money leaves somebody's wallet."""
        pin = self.pin_of(payer.owner)
        if pin is None:
            return
        self.must_be_unlocked(pin)
        other = payee.owner if payee.kind == "person" else None
        is_new = other is not None and other not in pin.known
        is_proven = pin.proof and pin.proof[:2] == (key, minor) and self.now < pin.proof[2]
        no_if((minor > pin.above or (is_new and pin.for_new)) and not is_proven, "PinNeeded", key, minor)
        if pin.proof and pin.proof[0] == key:
            pin.proof = None
        if is_new:
            pin.known = [*pin.known, other][-KNOWN_MAX:]

    def let_unasked(self, payer, minor):
        """What others would set in motion."""
        pin = self.pin_of(payer.owner)
        if pin is not None:
            self.must_be_unlocked(pin)
            no_if(minor > pin.above, "PinNeeded", "", minor)

    # -- what several commands share

    def pin_of(self, person):
        pin = self.pins.get(person)
        return pin if pin and pin.hash is not None else None

    def must_be_unlocked(self, pin):
        no_if(pin.locked is not None and self.now < pin.locked, "PayingLocked", pin.locked)

    def has_pin(self, person):
        self.wallet(person)
        pin = self.pin_of(person)
        no_if(pin is None, "PinNotSet")
        self.must_be_unlocked(pin)
        return pin

    def may_be_above(self, above):
        if above[0]:
            self.minor(above)
        limits = [most for most in (self.rules.transfer_max, self.rules.daily_max) if most]
        no_if(limits and above[0] >= min(limits), "PinAboveLimits", min(limits, default=0))

    def tell_pin(self, person):
        self.places.show("pin", person, f"{person}/pin", person, True)

    def drop_pin(self, pin):
        pin.salt = pin.hash = pin.above = pin.proof = None
        pin.for_new, pin.known, pin.tries = 0, [], 0
        if pin.locked is not None:
            pin.locked = None
            self.agenda.pop(f"pin:{pin.person}", None)

    def wrong_try(self, pin, pad):
        pin.tries += 1
        if pin.tries < TRIES:
            return
        pin.tries, pin.proof = 0, None
        entry, until = f"pin:{pin.person}", self.now + LOCKED
        if pin.locked is None:
            self.agenda[entry] = (until, 0)
        elif entry in self.agenda:
            self.agenda[entry] = (until, self.agenda[entry][1])
        pin.locked = until
        self.tell_pin(pin.person)
        self.end_pad(pad, "locked")

    def end_reset(self, row, state):
        row.state = state
        self.agenda.pop(f"pin_reset:{row.code}", None)
        self.places.changed("pin_reset", row.code)

    def reset_is_moot(self, person):
        for row in self.pin_resets.values():
            if row.person == person and row.state == "waiting":
                self.end_reset(row, "moot")

    def tell_reset(self, row):
        self.places.show("pin_reset", row, f"{row.person}/pin_reset-{row.state}", row.person, True)

    # -- keypads

    def pad(self, code, person):
        no_if(code not in self.keypads, "KeypadOver", "expired")
        no_if(self.keypads[code].person != person, "NotYourKeypad")
        return self.keypads[code]

    def pad_must_be_open(self, pad):
        no_if(self.state(pad) != "open", "KeypadOver", self.state(pad))

    def end_pad(self, pad, state):
        pad.state, pad.entered, pad.first = state, [], []
        self.places.changed("keypad", pad.code)

    def open_pad(self, person, purpose, value=None, key=None, wish=None):
        for pad in self.keypads.values():
            if pad.person == person and pad.state == "open":
                if (pad.purpose, pad.value, pad.key) == (purpose, value, key) and self.state(pad) == "open":
                    return pad
                self.end_pad(pad, "dropped")
        pad = Row(code=None, person=person, purpose=purpose, state="open", entered=[], first=[], presses=[])
        pad.stage, pad.problem, pad.value = "new" if purpose == "set" else "old", None, value
        pad.key, pad.wish, pad.expires = key, wish, self.now + PAD_LASTS
        self.pads_opened.append(person)
        return pad

    def pressed(self, pad, press):
        pad.presses = [*pad.presses, press][-PRESSES_KEPT:]

    # -- the commands

    def AskForPin(self, person, key, amount, wish):
        self.has_pin(person)
        return self.open_pad(person, "pay", amount[0], key, wish)

    def SetPin(self, person, above):
        self.may_be_above(above)
        self.wallet(person)
        no_if(self.pin_of(person), "PinAlreadySet")
        return self.open_pad(person, "set", above[0])

    def ChangePin(self, person, remove):
        self.has_pin(person)
        return self.open_pad(person, "remove" if remove else "change")

    def AskPinFor(self, person, above, for_new):
        if above is not None:
            self.may_be_above(above)
        pin = self.has_pin(person)
        if above is not None and above[0] > pin.above:
            return self.open_pad(person, "above", above[0])
        if for_new is False and pin.for_new:
            return self.open_pad(person, "new")
        pin.above = pin.above if above is None else above[0]
        pin.for_new = pin.for_new if for_new is None else int(for_new)
        return Row(**vars(pin))

    def PressKey(self, code, person, press, token):
        pad = self.pad(code, person)
        if press not in pad.presses:
            self.pad_must_be_open(pad)
            pad.entered = pad.entered[:-1] if token is None else [*pad.entered, token][:LONGEST]
            pad.problem = None
            self.pressed(pad, press)
        return pad

    def DropKeypad(self, code, person):
        pad = self.pad(code, person)
        if pad.state != "dropped":
            self.pad_must_be_open(pad)
            self.end_pad(pad, "dropped")
        return pad

    def PlaceKeypad(self, code, place, chat):
        no_if(code not in self.keypads, "KeypadOver", "expired")
        pad = self.keypads[code]
        over = pad.state != "open"
        self.places.show("keypad", code, place, chat, over, None if over else pad.expires)

    def EnterPin(self, code, person, press, entered, salt, hashed, is_weak):
        pad = self.pad(code, person)
        if press in pad.presses:
            return pad
        self.pad_must_be_open(pad)
        pin = self.pin_of(person)
        if pin:
            self.must_be_unlocked(pin)
        no_if((pin is not None) == (pad.purpose == "set"), "KeypadOver", "dropped")
        self.pressed(pad, press)
        if pad.entered != entered.split():
            return pad
        if len(pad.entered) < SHORTEST:
            pad.problem = "short"
        elif pad.stage == "old":
            self.compare_pin(pad, pin, salt, hashed)
        elif pad.stage == "new" and is_weak:
            pad.entered, pad.problem = [], "weak"
        elif pad.stage == "new":
            pad.first, pad.entered, pad.problem, pad.stage = pad.entered, [], None, "again"
        elif pad.entered != pad.first or salt is None or hashed is None:
            pad.entered, pad.first, pad.problem, pad.stage = [], [], "unlike", "new"
        else:
            self.new_pin(pad, salt, hashed)
        return pad

    def compare_pin(self, pad, pin, salt, hashed):
        pad.entered, pad.problem = [], None
        if hashed is None or salt != pin.salt:
            return
        if hashed != pin.hash:
            pad.problem = "wrong"
            self.wrong_try(pin, pad)
            return
        pin.tries = 0
        if pad.purpose == "change":
            pad.stage = "new"
            return
        if pad.purpose == "pay":
            pin.proof = (pad.key, pad.value, self.now + PROVEN)
        elif pad.purpose == "remove":
            self.drop_pin(pin)
            self.reset_is_moot(pad.person)
        elif pad.purpose == "above":
            pin.above = pad.value
        else:
            pin.for_new = 0
        self.end_pad(pad, "done")

    def new_pin(self, pad, salt, hashed):
        fresh = Row(person=pad.person, above=None, for_new=0, known=[], locked=None, code="")
        pin = self.pins.setdefault(pad.person, fresh)
        pin.salt, pin.hash, pin.tries, pin.proof = salt, hashed, 0, None
        if pad.purpose == "set":
            pin.above, pin.for_new = pad.value, 0
        self.reset_is_moot(pad.person)
        pad.problem = None
        self.end_pad(pad, "done")

    def EndPinLock(self, person):
        pin, entry = self.pins.get(person), f"pin:{person}"
        if pin is None or pin.locked is None:
            self.agenda.pop(entry, None)
        elif self.now < pin.locked:
            self.agenda[entry] = (pin.locked, self.agenda[entry][1])
        else:
            pin.locked = None
            self.agenda.pop(entry)
            self.tell_pin(person)

    # -- what an operator takes away

    def ResetPin(self, by, person):
        no_if(by not in self.rules.operators, "NotOperator")
        no_if(by not in self.people or person not in self.people, "PersonNotFound")
        self.wallet(person)
        no_if(self.pin_of(person) is None, "PinNotSet")
        for row in self.pin_resets.values():
            if row.person == person and row.state == "waiting":
                return row
        row = Row(code=None, person=person, by=by, state="waiting", due=self.now + DAY)
        self.note("pin_reset", by, person)
        self.tell_reset(row)
        return row

    def reset_named(self, row, code):
        """The core has given it its code: from now on the agenda knows it."""
        row.code, self.pin_resets[code], self.agenda[f"pin_reset:{code}"] = code, row, (row.due, 0)

    def KeepPin(self, code, person):
        no_if(code not in self.pin_resets, "ResetNotFound")
        row = self.pin_resets[code]
        no_if(row.person != person, "NotYourPin")
        no_if(row.state not in ("waiting", "stopped"), "ResetOver", row.state)
        if row.state == "waiting":
            self.end_reset(row, "stopped")
        return row

    def PlaceReset(self, code, place, chat):
        no_if(code not in self.pin_resets, "ResetNotFound")
        self.places.show("pin_reset", code, place, chat, self.pin_resets[code].state != "waiting")

    def TakePinAway(self, code):
        row, entry = self.pin_resets.get(code), f"pin_reset:{code}"
        if row is None or row.state != "waiting":
            self.agenda.pop(entry, None)
        elif self.now < row.due:
            self.agenda[entry] = (row.due, self.agenda[entry][1])
        else:
            if pin := self.pin_of(row.person):
                self.drop_pin(pin)
            self.end_reset(row, "done")
            self.tell_reset(row)

    def hand_over_pin(self, old, new):
        """A wallet takes its PIN along, with the lock on it, and whoever was to take it away still is."""
        self.keypads = {code: pad for code, pad in self.keypads.items() if pad.person not in (old, new)}
        for row in self.pin_resets.values():
            if row.person == new and row.state == "waiting":
                row.state = "stopped"
            row.person = new if row.person == old else row.person
        if old in self.pins:
            self.pins[new] = self.pins.pop(old)
            self.pins[new].person = new
            self.agenda.pop(f"pin:{new}", None)
            if (entry := f"pin:{old}") in self.agenda:
                self.agenda[f"pin:{new}"] = self.agenda.pop(entry)

    # -- what there is, as the tables keep it

    def pin_tables(self):
        pins, pads = sorted(self.pins.items()), sorted(self.keypads.items())
        return [
            ("pins", "SELECT person, salt, hash, above, is_for_new, known, tries, locked_until, proof, proof_amount,"
             " proof_until FROM pins ORDER BY person",
             [(p, r.salt, r.hash, r.above, r.for_new, " ".join(r.known), r.tries, r.locked, *(r.proof or (None,) * 3))
              for p, r in pins]),
            ("keypads", "SELECT code, person, purpose, stage, state, entered, first, presses, problem, value, key,"
             " wish, expires_at FROM keypads ORDER BY code",
             [(code, k.person, k.purpose, k.stage, k.state, *map(" ".join, (k.entered, k.first, k.presses)), k.problem,
               k.value, k.key, k.wish, k.expires) for code, k in pads]),
            ("pin_resets", 'SELECT code, person, "by", state, due_at FROM pin_resets ORDER BY code',
             sorted((code, r.person, r.by, r.state, r.due) for code, r in self.pin_resets.items())),
        ]  # fmt: skip
