"""Words about money that somebody brings in: what they see of it, and who takes the cash."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.language import own_words
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Limits, Refusals, Seen
from bot.words.tellings import Tellings, Told
from bot.words.transfers import balance_line, details, possible
from bot.words.ways import way
from bot.words.wording import amount, lines, money, name, name_asked, name_quoted, sentences, when
from wallet_core import Arrival, Currency, Money, OutboxMessage, Person, Rules, Telling, TopUp, TopUpState, usual_one

CHOOSE, TAKE, DROP, REFUSE = "tu", "tuok", "tuno", "turef"  # the buttons: so much, the cash is here, never mind, no
THROUGH = "tuby"  # so much, through this gateway
BACK = "tuback"  # give it back to where it came from
FOR = "tufor"  # so much, for somebody who stands at the desk
USUAL = (5, 10, 20, 50)  # times what is usual in the currency

MENU: Menu = {"topup": Line(lambda: _("bring money in: /topup 20"), Where.ALONE)}


def usual_amounts(unit: Currency, most_minor: int) -> list[Money]:
    """What the buttons offer, within a limit (0: none)."""
    amounts = [Money(each * usual_one(unit), unit) for each in USUAL]
    return [each for each in amounts if not most_minor or each.minor <= most_minor]


def how_much() -> str:
    """The answer to /topup alone."""
    return _("💶 How much do you want to bring in? Press, or write it like this: /topup 20")


def how_much_for(person: Person) -> str:
    """The same at the cash desk."""
    return _("💵 How much cash do you have from {name}?").format(name=name_asked(person))


def amounts(rules: Rules) -> InlineKeyboardMarkup:
    """Under the question."""
    offered = usual_amounts(rules.currency, rules.top_up_max_minor)
    row = [InlineKeyboardButton(amount(each), callback_data=Press(CHOOSE, str(each.minor)).data) for each in offered]
    return InlineKeyboardMarkup([row[at : at + 2] for at in range(0, len(row), 2)])


def which(amount_: Money, fees: Sequence[tuple[str, Money]] = ()) -> str:
    """The question by which way, when there are several, or one that keeps something of it."""
    return lines(
        _("💶 How do you want to bring in {amount}?").format(amount=money(amount_)),
        *(_fee(name, amount_, fee) for name, fee in fees),
    )


def _fee(gateway: str, amount_: Money, fee: Money) -> str:
    left = Money(amount_.minor - fee.minor, amount_.currency)
    return _("• {way}: the fee is {fee}, you get {left}.").format(
        way=way(gateway).title(), fee=amount(fee), left=amount(left)
    )


def which_ways(amount_: Money, gateways: Sequence[str]) -> InlineKeyboardMarkup:
    """Under it: a button for each."""
    return ways_offered(THROUGH, amount_, gateways)


def ways_offered(action: str, amount_: Money, gateways: Sequence[str]) -> InlineKeyboardMarkup:
    """A button for each way."""
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(way(each).title(), callback_data=Press(action, f"{amount_.minor}:{each}").data)]
            for each in gateways
        ]
    )


def read_way(rest: str, unit: Currency) -> tuple[Money, str] | None:
    """What such a button says; None for what none says."""
    number, _, name = rest.partition(":")
    if not (number.isascii() and number.isdecimal()) or len(number) > 18 or not name:
        return None
    return Money(int(number), unit), name


def amounts_for(person: Person, rules: Rules) -> InlineKeyboardMarkup:
    """The same at the cash desk."""
    offered = usual_amounts(rules.currency, rules.top_up_max_minor)
    row = [
        InlineKeyboardButton(amount(each), callback_data=Press(FOR, f"{each.minor}:{person.code}").data)
        for each in offered
    ]
    return InlineKeyboardMarkup([row[at : at + 2] for at in range(0, len(row), 2)])


# -- what the person sees ---------------------------------------------------------------------------------------------


def shown(top_up: TopUp, *, has_picture: bool = True) -> str:
    """What it says, whatever has become of it; below what is to be scanned, if it is there."""
    said = {"amount": money(top_up.amount), "received": money(top_up.received)}
    match top_up.state:
        case TopUpState.WAITING:
            known = way(top_up.gateway)
            bring = known.bring if has_picture or known.bring_alone is None else known.bring_alone
            return lines(
                bring(top_up),
                _("Open until {time}.").format(time=when(top_up.expires_at)),
            )
        case TopUpState.PAID if top_up.received != top_up.amount:
            text = _("✅ {received} has come in; you wanted to bring in {amount}.")
        case TopUpState.PAID:
            text = _("✅ {amount} has come in.")
        case TopUpState.LAPSED:
            text = _("⌛ {amount}: not here in time, nothing was moved. /topup starts again.")
        case _ if top_up.ended_by is not None and top_up.ended_by.id != top_up.person.id:
            text = _("✖️ {name} did not take {amount}; nothing was moved.")
            said["name"] = name(top_up.ended_by)
        case _:
            text = _("✖️ {amount}: not brought in, nothing was moved.")
    return text.format(**said)


def buttons(top_up: TopUp) -> InlineKeyboardMarkup | None:
    """Under what waits."""
    if top_up.state is TopUpState.PAID and (back := way(top_up.gateway).back(top_up)) is not None:
        return InlineKeyboardMarkup([[back]])
    if top_up.state is not TopUpState.WAITING:
        return None
    drop = InlineKeyboardButton(_("✖️ Cancel"), callback_data=Press(DROP, top_up.code).data)
    pay = way(top_up.gateway).pay(top_up)
    return InlineKeyboardMarkup([[drop]] if pay is None else [[pay], [drop]])


# -- what a person in charge sees -------------------------------------------------------------------------------------


def at_desk(top_up: TopUp) -> str:
    """What it says, whatever has become of it."""
    said = {"amount": money(top_up.amount), "name": name_asked(top_up.person)}
    match top_up.state:
        case TopUpState.WAITING:
            text = _("💵 {name} brings in {amount} in cash. Confirm once you have it: then it's in their wallet.")
        case TopUpState.PAID:
            text = _("✅ {amount} in cash from {name}: taken by {other}, credited once.")
            said["other"] = name(top_up.ended_by) if top_up.ended_by is not None else ""
        case TopUpState.LAPSED:
            text = _("⌛ {amount} in cash from {name}: not in time. Please take no cash for it now.")
        case _:
            text = _("✖️ {amount} in cash from {name}: cancelled. Please take no cash for it.")
    return text.format(**said)


def desk_buttons(top_up: TopUp) -> InlineKeyboardMarkup | None:
    """Under what waits: confirm comes first."""
    if top_up.state is not TopUpState.WAITING:
        return None
    words = _("✅ I have {amount}").format(amount=amount(top_up.amount))
    take = InlineKeyboardButton(words, callback_data=Press(TAKE, top_up.code).data, style=GO)
    no = _("✖️ Cancel") if top_up.is_from_desk else _("✖️ No cash")
    refuse = InlineKeyboardButton(no, callback_data=Press(REFUSE, top_up.code).data, style=STOP)
    return InlineKeyboardMarkup([[take, refuse]])


@own_words
def taken_toast(arrival: Arrival) -> str:
    """The answer to the press."""
    payee = arrival.payment.payee
    said = amount(arrival.payment.receipt.amount)
    return _("{amount} is in the wallet of {name}.").format(amount=said, name=name_quoted(payee) if payee else "")


@own_words
def asked_toast(top_up: TopUp) -> str:
    """The answer to the press of an amount."""
    return _("{amount}: see below.").format(amount=amount(top_up.amount))


def asked_below(top_up: TopUp) -> str:
    """What the question says once the answer stands below, in a message of its own."""
    return _("💶 {amount}: see below.").format(amount=money(top_up.amount))


@own_words
def cancelled_toast() -> str:
    """The answer to the press."""
    return _("Cancelled. Nothing was moved.")


# -- told after the commit --------------------------------------------------------------------------------------------


def _tell(title: str, message: OutboxMessage, more: str | None = None) -> Told:
    said = title.format(amount=amount(message.payment.receipt.amount))
    return Told(privately=lines(f"<b>{said}</b>", more, details(message.payment), balance_line(message.balance)))


TELLINGS: Tellings = {
    (core.TOP_UP, Telling.RECEIVED): lambda m: _tell(_("💶 {amount} has come in"), m),
    (core.TOP_UP_OTHER, Telling.RECEIVED): lambda m: _tell(
        _("💶 {amount} has come in"), m, _("That's another amount than you said: I've credited what came.")
    ),
    (core.TOP_UP_AGAIN, Telling.RECEIVED): lambda m: _tell(
        _("💶 {amount} has come in once more"), m, _("You had paid this already: it's in your wallet all the same.")
    ),
    (core.TOP_UP_LATE, Telling.RECEIVED): lambda m: _tell(
        _("💶 {amount} has come in, late"), m, _("I no longer expected it: it's in your wallet all the same.")
    ),
    (core.TOP_UP_FEE, Telling.PAID): lambda m: _tell(_("💶 {amount}: the fee for bringing money in"), m),
    (core.CHARGEBACK, Telling.PAID): lambda m: _tell(
        _("↩️ {amount} was taken back"), m, _("The payment with which you brought it in was called back.")
    ),
}

IN_HISTORY = {
    **dict.fromkeys(
        (core.TOP_UP, core.TOP_UP_OTHER, core.TOP_UP_AGAIN, core.TOP_UP_LATE), lambda p: _("<b>{amount}</b> brought in")
    ),
    core.TOP_UP_FEE: lambda p: _("<b>{amount}</b>, the fee for bringing money in"),
    core.CHARGEBACK: lambda p: _("<b>{amount}</b> taken back of what was brought in"),
}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _not_open(error: core.TopUpNotOpen, seen: Seen) -> str:
    match error.state:
        case "paid":
            return _("This has come in already, and is in the wallet.")
        case "cancelled":
            return _("This was cancelled: please take no cash for it. Nothing was moved.")
        case _:
            return _("This is no longer open; nothing was moved. /topup starts again.")


REFUSALS: Refusals = {
    core.TopUpNotFound: lambda e, s: _("I don't know of this. To bring money in: /topup 20"),
    core.NotYourTopUp: lambda e, s: _("Only whoever wants to bring this in can pay or cancel it."),
    core.TopUpNotOpen: _not_open,
}

LIMITS: Limits = {
    "top_up_max": lambda e, s: sentences(
        _("That's more than may be brought in at once here; nothing was moved."), possible(e, s)
    ),
    "top_ups_open_max": lambda e, s: _("So much waits already to come in. /cancel drops all that waits."),
}
