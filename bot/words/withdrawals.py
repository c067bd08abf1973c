"""Words about money that somebody takes out: the question, what became of it, and who gives the cash."""

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
from bot.words.top_ups import usual_amounts, ways_offered
from bot.words.transfers import details, own_lines
from bot.words.ways import way
from bot.words.wording import amount, lines, money, name, name_asked, name_quoted, when
from wallet_core import Money, OutboxMessage, Rules, Telling, Withdrawal, WithdrawalState

CHOOSE, CONFIRM, DROP = "wd", "wdok", "wdno"  # the buttons: so much, yes, no or back
UNKNOWN_FROM = 2  # how often the gateway was asked when its silence is a matter
THROUGH = "wdby"  # so much, through this gateway
GIVE, REFUSE = "wdgave", "wdref"  # of a person in charge: the cash is given, no

MENU: Menu = {"withdraw": Line(lambda: _("take money out: /withdraw 20"), Where.ALONE)}


def how_much() -> str:
    """The answer to /withdraw alone."""
    return _("💵 How much do you want to take out? Press, or write it like this: /withdraw 20")


def amounts(rules: Rules) -> InlineKeyboardMarkup:
    """Under the question."""
    offered = usual_amounts(rules.currency, rules.transfer_max_minor)
    row = [InlineKeyboardButton(amount(each), callback_data=Press(CHOOSE, str(each.minor)).data) for each in offered]
    return InlineKeyboardMarkup([row[at : at + 2] for at in range(0, len(row), 2)])


# -- what the person sees ---------------------------------------------------------------------------------------------


def shown(withdrawal: Withdrawal) -> str:
    """What it says, whatever has become of it."""
    said = {"amount": money(withdrawal.amount), "total": money(withdrawal.total)}
    match withdrawal.state:
        case WithdrawalState.OPEN:
            return lines(way(withdrawal.gateway).take(withdrawal), _fee(withdrawal))
        case WithdrawalState.HELD:
            return lines(
                way(withdrawal.gateway).held(withdrawal),
                _("Back in your wallet by itself if that's not done by {time}.").format(
                    time=when(withdrawal.expires_at)
                ),
            )
        case WithdrawalState.SENT if (sent := way(withdrawal.gateway).sent) is not None:
            return sent(withdrawal)
        case WithdrawalState.SENT if withdrawal.attempts < UNKNOWN_FROM:
            text = _("⏳ {amount} is being paid out…")
        case WithdrawalState.SENT:
            text = _(
                "⏳ {amount}: I don't know yet whether it was paid out. I'm looking; please don't ask for it again."
            )
        case WithdrawalState.DONE:
            text = _("✅ {amount} was paid out to you.")
        case WithdrawalState.RETURNED if withdrawal.ended_by is not None and (
            withdrawal.ended_by.id != withdrawal.person.id
        ):
            text = _("↩️ {name} did not pay out {amount}: {total} is back in your wallet.")
            said["name"] = name(withdrawal.ended_by)
        case WithdrawalState.RETURNED:
            text = _("↩️ {amount}: not paid out, {total} is back in your wallet.")
        case WithdrawalState.EXPIRED:
            text = _("⌛ {amount}: not confirmed in time, nothing was moved. /withdraw asks again.")
        case _:
            text = _("✖️ {amount}: not taken out, nothing was moved.")
    return text.format(**said)


def buttons(withdrawal: Withdrawal) -> InlineKeyboardMarkup | None:
    """Under the question: confirm comes first; under what is put aside, the way back."""
    drop = Press(DROP, withdrawal.code).data
    match withdrawal.state:
        case WithdrawalState.OPEN:
            words = _("✅ Take out {amount}").format(amount=amount(withdrawal.amount))
            yes = InlineKeyboardButton(words, callback_data=Press(CONFIRM, withdrawal.code).data, style=GO)
            return InlineKeyboardMarkup([[yes, InlineKeyboardButton(_("✖️ Cancel"), callback_data=drop, style=STOP)]])
        case WithdrawalState.HELD:
            return InlineKeyboardMarkup([[InlineKeyboardButton(_("↩️ Back into my wallet"), callback_data=drop)]])
        case _:
            return None


def _fee(withdrawal: Withdrawal) -> str | None:
    """What it costs, said before it is confirmed."""
    if not withdrawal.fee.minor:
        return None
    said = {"fee": amount(withdrawal.fee), "total": money(withdrawal.total)}
    return _("The fee is {fee}: {total} leaves your wallet in all.").format(**said)


def which(amount_: Money) -> str:
    """The question by which way, when there are several."""
    return _("💵 How do you want to take out {amount}?").format(amount=money(amount_))


def which_ways(amount_: Money, gateways: Sequence[str]) -> InlineKeyboardMarkup:
    """Under it: a button for each."""
    return ways_offered(THROUGH, amount_, gateways)


def target_missing(amount_: Money, gateway: str) -> str:
    """Where to? Not every way knows by itself."""
    how = way(gateway).target_missing
    return lines(which(amount_), None if how is None else how())


# -- what a person in charge sees -------------------------------------------------------------------------------------


def at_desk(withdrawal: Withdrawal) -> str:
    """What it says, whatever has become of it."""
    if (desk := way(withdrawal.gateway).desk) is not None:
        return desk(withdrawal)
    said = {"amount": money(withdrawal.amount), "name": name_asked(withdrawal.person)}
    match withdrawal.state:
        case WithdrawalState.HELD:
            text = _("💵 {name} wants {amount} in cash: it's put aside. Give it to them, then confirm.")
        case WithdrawalState.DONE:
            text = _("✅ {amount} in cash for {name}: given by {other}, once.")
            said["other"] = name(withdrawal.ended_by) if withdrawal.ended_by is not None else ""
        case _:
            text = _("↩️ {amount} in cash for {name}: back in their wallet. Please give no cash for it.")
    return text.format(**said)


def desk_buttons(withdrawal: Withdrawal) -> InlineKeyboardMarkup | None:
    """Under what waits: confirm comes first."""
    if withdrawal.state is not WithdrawalState.HELD or way(withdrawal.gateway).desk is not None:
        return None
    words = _("✅ I gave {amount}").format(amount=amount(withdrawal.amount))
    give = InlineKeyboardButton(words, callback_data=Press(GIVE, withdrawal.code).data, style=GO)
    refuse = InlineKeyboardButton(_("✖️ No cash"), callback_data=Press(REFUSE, withdrawal.code).data, style=STOP)
    return InlineKeyboardMarkup([[give, refuse]])


@own_words
def held_toast(withdrawal: Withdrawal) -> str:
    """The answer to the press."""
    return _("{amount} is put aside for you.").format(amount=amount(withdrawal.amount))


@own_words
def given_toast(withdrawal: Withdrawal) -> str:
    """The answer to the press."""
    return _("{amount} given to {name}.").format(amount=amount(withdrawal.amount), name=name_quoted(withdrawal.person))


@own_words
def dropped_toast(withdrawal: Withdrawal) -> str:
    """The answer to the press."""
    if withdrawal.state is WithdrawalState.RETURNED:
        return _("{amount} is back in the wallet.").format(amount=amount(withdrawal.total))
    return _("Cancelled. Nothing was moved.")


# -- told after the commit --------------------------------------------------------------------------------------------


def _tell(title: str, message: OutboxMessage, *, is_own: bool = True) -> Told:
    said = title.format(amount=amount(message.payment.receipt.amount))
    balance = own_lines(message) if is_own else None  # else it is that of where the money waited
    return Told(privately=lines(f"<b>{said}</b>", details(message.payment), balance))


TELLINGS: Tellings = {
    (core.WITHDRAWAL, Telling.PAID): lambda m: _tell(_("💵 {amount} is put aside to be paid out"), m),
    (core.WITHDRAWAL_FEE, Telling.PAID): lambda m: _tell(_("💵 {amount}: the fee for taking money out"), m),
    (core.WITHDRAWAL_DONE, Telling.PAID): lambda m: _tell(_("✅ {amount} was paid out to you"), m, is_own=False),
    (core.WITHDRAWAL_RETURN, Telling.RECEIVED): lambda m: _tell(_("↩️ {amount} was not paid out and is back"), m),
}

IN_HISTORY = {
    core.WITHDRAWAL: lambda p: _("<b>{amount}</b> put aside to be paid out"),
    core.WITHDRAWAL_FEE: lambda p: _("<b>{amount}</b>, the fee for taking money out"),
    core.WITHDRAWAL_RETURN: lambda p: _("<b>{amount}</b> back that was not paid out"),
}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _not_open(error: core.WithdrawalNotOpen, seen: Seen) -> str:
    match error.state:
        case "held":
            return _("This is put aside already, once.")
        case "sent":
            return _("This is on its way, and can't be stopped any more.")
        case "done":
            return _("This was paid out already, once.")
        case "returned":
            return _("This is back in the wallet: please give no cash for it.")
        case _:
            return _("This is no longer open; nothing was moved. /withdraw asks again.")


REFUSALS: Refusals = {
    core.WithdrawalNotFound: lambda e, s: _("I don't know of this. To take money out: /withdraw 20"),
    core.NotYourWithdrawal: lambda e, s: _("This is somebody else's money: only they decide about it."),
    core.WithdrawalNotOpen: _not_open,
    core.TargetTaken: lambda e, s: _("That is being paid already, or was. Nothing more was moved."),
}

LIMITS: Limits = {
    "withdrawals_open_max": lambda e, s: _(
        "So much of yours waits already to be paid out. Please wait until that's done, or take some of it back."
    ),
}
