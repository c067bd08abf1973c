"""Payments inside Telegram: what invoices cost, checkouts with their ten seconds, charges, and the bot's own Stars."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import bad_request
from bot.sandbox.queries import Queries
from bot.sandbox.updates import Update, Updates

STARS = "XTR"
CHECKOUT_S = 10.0  # for the bot to agree; then nothing is charged
WAIT_S = 15.0
LINK = "https://t.me/$"
PAID = "paid"
ONLY_TELEGRAMS = frozenset({"successful_payment", "refunded_payment"})
Raw = dict[str, Any]


class Card(StrEnum):
    """What somebody pays with; an invoice in Stars is paid with Stars, which never fail."""

    WORKS = "4242 4242 4242 4242"
    DECLINED = "4000 0000 0000 0002"  # after the bot has agreed
    SILENT = "4000 0000 0000 3220"  # the bank asks something, and never an answer comes


class Outcome(NamedTuple):
    """What has become of a checkout: `paid` with the bot's update, `refused` by the bot, `late`, `declined`."""

    state: str
    reason: str = ""
    charge: str = ""


class Charge(NamedTuple):
    """Money that was taken from somebody."""

    id: str
    person: int
    currency: str
    amount: int
    payload: str
    is_refunded: bool


class World(Protocol):
    """What of Telegram has to do with payments."""

    people: dict[int, Raw]
    chats: dict[int, Chat]
    queries: Queries
    updates: Updates
    payments: Payments

    def now(self) -> int:
        """The time in whole seconds."""

    def post(self, chat: Chat, sender: Raw, content: Raw) -> Message:
        """Put a message into a chat."""

    def person_said(self, message: Message) -> Update | None:
        """Tell the bot about it."""


class Checkout:
    """Somebody has pressed Pay in an invoice: the bot has ten seconds to agree, then the card is charged, or not."""

    def __init__(self, world: World, person: int, invoice: Raw, message: Message | None, card: Card, tip: int) -> None:
        self._world, self._person, self._invoice, self._message = world, person, invoice, message
        self._card, self._tip = card, tip
        self.query = world.queries.open(lifetime_s=CHECKOUT_S, person_id=person)
        self.query.is_once = True
        self.query.on_answer = self._answered
        self._done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(CHECKOUT_S, self.expire)
        raw: Raw = {
            "id": self.query.id, "from": world.people[person], "currency": invoice["currency"],
            "total_amount": self.total, "invoice_payload": invoice["payload"],
        }  # fmt: skip
        self.update = world.updates.add("pre_checkout_query", raw)

    @property
    def total(self) -> int:
        """In the smallest part of the currency, with the tip."""
        return int(self._invoice["total"]) + self._tip

    def expire(self) -> None:
        """The ten seconds are over."""
        self.query.expired = True
        self._end(Outcome("late", "The bot did not answer in time."))

    async def outcome(self, timeout_s: float = WAIT_S) -> Outcome:
        """Wait for it."""
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(self._done)

    def _end(self, outcome: Outcome) -> None:
        if not self._done.done():
            self._done.set_result(outcome)

    def _answered(self, answer: Raw) -> None:
        if not answer["ok"]:
            self._end(Outcome("refused", answer["error_message"]))
        elif self._invoice["currency"] != STARS and self._card is Card.DECLINED:
            self._end(Outcome("declined", "Your card was declined."))
        elif self._invoice["currency"] != STARS and self._card is Card.SILENT:
            self._end(Outcome("silent", "Your bank asks for a confirmation that never comes."))
        elif not self._done.done():
            charge = self._world.payments.charge(self._person, self._invoice, self.total, self._message)
            self._end(Outcome(PAID, charge=charge.id))


class Payments:
    """The charges of one bot, and its Stars."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = itertools.count(1)
        self.links: dict[str, Raw] = {}  # invoices without a message, by their link
        self.charges: OrderedDict[str, Charge] = OrderedDict()
        self.transactions: list[Raw] = []  # StarTransactions, oldest first
        self.lost = 0  # so many payments more are charged without a word to the bot
        self.noted: Callable[[list[Any]], None] | None = None  # who writes it down

    @property
    def balance(self) -> int:
        """The Stars that the bot has."""
        return sum(each["amount"] * (1 if "source" in each else -1) for each in self.transactions)

    def link(self, invoice: Raw) -> str:
        """An address that opens this invoice, for anybody and as often as they like."""
        link = f"{LINK}{self._slug()}"
        self.links[link] = invoice
        self._note(["invoice", link, invoice])
        return link

    def _slug(self) -> str:
        return f"{self._world.now():x}{next(self._numbers):06x}Inv"

    def open(self, person: int, which: Message | str, *, card: Card = Card.WORKS, tip: int = 0) -> Checkout:
        """Press Pay in the form of an invoice; `which` is its message or its link."""
        invoice, message = self.invoice(which), which if isinstance(which, Message) else None
        chat = self._world.chats[person]
        if chat.is_deleted or chat.blocked:
            raise ValueError("who has blocked the bot can't pay it")
        if message is not None and message.is_paid:
            raise ValueError("this invoice is paid")
        if tip and (invoice["currency"] == STARS or not 0 <= tip <= invoice.get("max_tip", 0)):
            raise ValueError("no such tip is taken here")
        return Checkout(self._world, person, invoice, message, card, tip)

    def invoice(self, which: Message | str) -> Raw:
        """What is to be paid. Raises ValueError: that is no invoice."""
        if isinstance(which, str):
            found = self.links.get(which.replace("http://", "https://").replace("https://t.me/invoice/", LINK))
        else:
            found = which.invoice
        if found is None:
            raise ValueError("that is no invoice that can be paid")
        return found

    def charge(self, person: int, invoice: Raw, total: int, message: Message | None) -> Charge:
        """Take the money, and say so to the bot."""
        kind = "stx" if invoice["currency"] == STARS else "tch"
        number = f"{kind}{self._world.now():x}_{person}_{next(self._numbers)}"
        charge = Charge(number, person, invoice["currency"], total, invoice["payload"], is_refunded=False)
        self.keep(charge)
        if charge.currency == STARS:
            self.book(charge, is_in=True)
        if message is not None and message.chat.is_private and message.chat.id == person:
            message.is_paid = True
            message.chat.tell(message, is_new=False)
        self._say(charge, "successful_payment", provider_payment_charge_id=f"{person}_{number[3:]}")
        return charge

    def refund(self, charge: Charge) -> None:
        """All of it, as the bot has asked."""
        self._give_back(charge)
        self._say(charge, "refunded_payment")

    def charge_back(self, charge_id: str) -> None:
        """Whoever has sold the Stars takes them back later; no update tells of it."""
        self._give_back(self.charges[charge_id])

    def _give_back(self, charge: Charge) -> None:
        if charge.is_refunded:
            raise bad_request("CHARGE_ALREADY_REFUNDED")
        self.keep(charge._replace(is_refunded=True))
        if charge.currency == STARS:
            self.book(charge, is_in=False)

    def keep(self, charge: Charge) -> None:
        """Remember a charge, as it is now."""
        self.charges[charge.id] = charge
        self._note(["charge", list(charge)])

    def book(self, charge: Charge, *, is_in: bool) -> None:
        """A line in the list of the bot's Stars; what goes back has the number of what came."""
        partner = {
            "type": "user", "transaction_type": "invoice_payment", "user": self._world.people[charge.person],
            "invoice_payload": charge.payload,
        }  # fmt: skip
        line = {"id": charge.id, "amount": charge.amount, "date": self._world.now()}
        self.restore(line | {"source" if is_in else "receiver": partner})

    def restore(self, line: Raw) -> None:
        """One line of that list."""
        self.transactions.append(line)
        self._note(["stars", line])

    def _say(self, charge: Charge, what: str, **more: str) -> None:
        """A message from the person in the private chat: only Telegram can send one like it."""
        told = {
            "currency": charge.currency, "total_amount": charge.amount, "invoice_payload": charge.payload,
            "telegram_payment_charge_id": charge.id, **more,
        }  # fmt: skip
        chat = self._world.chats[charge.person]
        chat.bot_is_in = True
        message = self._world.post(chat, self._world.people[charge.person], {what: told})
        if what == "successful_payment" and self.lost:
            self.lost -= 1
        else:
            self._world.person_said(message)

    def _note(self, line: list[Any]) -> None:
        if self.noted is not None:
            self.noted(line)
