"""Methods about payments: invoices, the answer to a checkout, the bot's Stars."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox import content as parts
from bot.sandbox.chats import Message
from bot.sandbox.content import Params
from bot.sandbox.errors import bad_request
from bot.sandbox.markup import START_PAYLOAD
from bot.sandbox.parameters import needed
from bot.sandbox.payments import STARS
from bot.sandbox.telegram import Telegram

TITLE_MAX, DESCRIPTION_MAX = 32, 255
PAYLOAD_BYTES_MAX = 128
TIPS_MAX = 4
AMOUNT_MAX = 999_999_999_999
PERIOD_S = 2_592_000  # of a subscription, no other
SUBSCRIPTION_MAX = 10_000
TRANSACTIONS_MAX = 100  # at once
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z]+:[A-Za-z0-9_-]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EXPONENTS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, STARS: 0}  # of currencies.json; most have 2


def send_invoice(world: Telegram, params: Params) -> dict[str, Any]:
    """sendInvoice: with a Pay button, which comes first in a keyboard of its own."""
    if params.get("chat_id") is None:
        raise bad_request("chat_id is empty")
    invoice = _invoice(params)
    start = params.get("start_parameter", "")
    if start and not START_PAYLOAD.fullmatch(start):
        raise bad_request("START_PARAM_INVALID")
    chat = world.chat_for_bot(params["chat_id"])
    if not chat.may_write:
        raise bad_request("not enough rights to send invoices to the chat")
    said = {"start_parameter": start, "currency": invoice["currency"], "total_amount": invoice["total"]}
    body = {"invoice": {"title": invoice["title"], "description": invoice["description"], **said}}
    body |= parts.reply_content(world, chat, params)
    body |= parts.topic_content(chat, body, params)
    body |= {"reply_markup": _keyboard(params, invoice)}
    return world.post(chat, world.bot, body, invoice).raw


def create_invoice_link(world: Telegram, params: Params) -> str:
    """createInvoiceLink."""
    invoice = _invoice(params)
    period = params.get("subscription_period", 0)
    if period and (period != PERIOD_S or invoice["currency"] != STARS):
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if period and invoice["total"] > SUBSCRIPTION_MAX:
        raise bad_request("SUBSCRIPTION_AMOUNT_INVALID")
    return world.payments.link(invoice)


def answer_pre_checkout_query(world: Telegram, params: Params) -> bool:
    """answerPreCheckoutQuery: within ten seconds, and once."""
    query, is_ok = needed(params, "pre_checkout_query_id"), needed(params, "ok")
    reason = params.get("error_message", "")
    if not is_ok and not reason:
        raise bad_request('parameter "error_message" is required')
    world.queries.answer(query, {"ok": is_ok, "error_message": reason})
    return True


def refund_star_payment(world: Telegram, params: Params) -> bool:
    """refundStarPayment: all of a charge, once."""
    person, charge_id = needed(params, "user_id"), needed(params, "telegram_payment_charge_id")
    if person not in world.people:
        raise bad_request("invalid user_id specified")
    charge = world.payments.charges.get(charge_id)
    if charge is None or charge.person != person or charge.currency != STARS:
        raise bad_request("CHARGE_NOT_FOUND")
    if not charge.is_refunded and world.payments.balance < charge.amount:
        raise bad_request("BALANCE_TOO_LOW")
    world.payments.refund(charge)
    return True


def get_star_transactions(world: Telegram, params: Params) -> dict[str, Any]:
    """getStarTransactions: oldest first."""
    offset = max(0, params.get("offset", 0))
    limit = min(max(1, params.get("limit", TRANSACTIONS_MAX)), TRANSACTIONS_MAX)
    return {"transactions": world.payments.transactions[offset : offset + limit]}


def get_my_star_balance(world: Telegram, params: Params) -> dict[str, Any]:
    """getMyStarBalance."""
    return {"amount": world.payments.balance}


def _required(params: Params, name: str) -> str:
    value: str = params.get(name, "")
    if not value:
        raise bad_request(f'parameter "{name}" is required')
    return value


def _invoice(params: Params) -> dict[str, Any]:
    """What is to be paid, checked in TDLib's order."""
    title, description = _required(params, "title"), _required(params, "description")
    payload, unit = _required(params, "payload"), _required(params, "currency")
    total = _total(params)
    tips = params.get("suggested_tip_amounts", [])
    tip_max = params.get("max_tip_amount", 0)
    if len(tips) > TIPS_MAX:
        raise bad_request("there can be at most 4 suggested tip amounts")
    if any(tip <= 0 for tip in tips) or sorted(set(tips)) != tips or any(tip > tip_max for tip in tips):
        raise bad_request("suggested tip amounts must be positive, in increasing order and at most max_tip_amount")
    if len(title) > TITLE_MAX:
        raise bad_request("INVOICE_TITLE_INVALID")  # that Telegram says so is an assumption
    if len(description) > DESCRIPTION_MAX:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")  # likewise
    if len(payload.encode()) > PAYLOAD_BYTES_MAX:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if not _CURRENCY.fullmatch(unit):
        raise bad_request("CURRENCY_INVALID")
    token = params.get("provider_token", "")
    if unit == STARS and (token or len(params["prices"]) != 1 or tip_max or tips):
        raise bad_request("STARS_INVOICE_INVALID")
    if unit != STARS and not _TOKEN.fullmatch(token):
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    invoice = {"title": title, "description": description, "payload": payload, "currency": unit, "total": total}
    return invoice | {"prices": params["prices"], "max_tip": tip_max, "exponent": _EXPONENTS.get(unit, 2)}


def _total(params: Params) -> int:
    prices = needed(params, "prices")
    if not prices:
        raise bad_request("there must be at least one price")
    for price in prices:
        if not price["label"].strip():
            raise bad_request("LabeledPrice label must be non-empty")
        if not -AMOUNT_MAX <= price["amount"] <= AMOUNT_MAX:
            raise bad_request("too big amount of the currency specified")
    total = sum(price["amount"] for price in prices)
    if total <= 0:
        raise bad_request("total price must be positive")
    if total > AMOUNT_MAX:
        raise bad_request("too big amount of the currency specified")
    return int(total)


def _keyboard(params: Params, invoice: dict[str, Any]) -> dict[str, Any]:
    """The bot's own, whose first button pays; or that button alone."""
    rows = (params.get("reply_markup") or {}).get("inline_keyboard")
    if not rows:
        return {"inline_keyboard": [[{"text": f"Pay {priced(invoice['total'], invoice)}", "pay": True}]]}
    flat = [button for row in rows for button in row]
    if not any("pay" in button for button in flat):
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    if "pay" not in flat[0] or any("pay" in button for button in flat[1:]):
        raise bad_request("BUTTON_POS_INVALID")
    return {"inline_keyboard": rows}


def forwarded_invoice(world: Telegram, message: Message) -> dict[str, Any]:
    """The button of a copy: it pays as well, or leads to the bot if the invoice was sent with a start_parameter."""
    if message.invoice is None:
        return {}
    start = message.raw["invoice"]["start_parameter"]
    button: dict[str, Any] = {"text": f"Pay {priced(message.invoice['total'], message.invoice)}"}
    action = {"url": f"https://t.me/{world.bot['username']}?start={start}"} if start else {"pay": True}
    return {"reply_markup": {"inline_keyboard": [[button | action]]}}


def priced(amount: int, invoice: dict[str, Any]) -> str:
    """An amount as a payment form shows it."""
    if invoice["currency"] == STARS:
        return f"⭐{amount}"
    exponent = invoice["exponent"]
    whole, part = divmod(amount, 10**exponent)
    number = f"{whole}.{part:0{exponent}d}" if exponent else str(whole)
    return f"{number} {invoice['currency']}"
