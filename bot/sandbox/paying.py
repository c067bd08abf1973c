"""Paying an invoice from the page: what its form shows, and the press of Pay."""

from __future__ import annotations

from typing import Any

from bot.sandbox.actions import Action, Body, message_of, person_of
from bot.sandbox.chats import Message
from bot.sandbox.invoices import priced
from bot.sandbox.payments import STARS, Card
from bot.sandbox.stage import Stage


def _which(stage: Stage, body: Body) -> Message | str:
    return str(body["link"]) if "link" in body else message_of(stage, body)


async def _form(stage: Stage, body: Body) -> Any:
    """What the form of an invoice shows."""
    which = _which(stage, body)
    invoice = stage.world.payments.invoice(which)
    lines = [[price["label"], priced(price["amount"], invoice)] for price in invoice["prices"]]
    cards = [] if invoice["currency"] == STARS else [card.value for card in Card]
    found = {key: invoice[key] for key in ("title", "description")}
    paid = isinstance(which, Message) and which.is_paid
    return found | {"lines": lines, "total": priced(invoice["total"], invoice), "cards": cards, "paid": paid}


async def _pay(stage: Stage, body: Body) -> Any:
    """Press Pay, and wait for what becomes of it: at most the ten seconds that the bot has."""
    card = Card(body.get("card", Card.WORKS))
    checkout = stage.pay(person_of(stage, body), _which(stage, body), card=card, tip=int(body.get("tip", 0)))
    return (await checkout.outcome())._asdict()


PAYING: dict[str, Action] = {"form": _form, "pay": _pay}
