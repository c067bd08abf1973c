"""Words about the files by which a bank pays out what is put aside."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

import wallet_core as core
from bot.gateways.bank.sealed import Unsealable
from bot.words.bank_lines import open_lines
from bot.words.language import gettext as _
from bot.words.language import ngettext
from bot.words.links import GO, STOP, Press
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Refusals
from bot.words.wording import amount, lines, money
from wallet_core import (
    Money,
    PaymentFile,
    Payout,
)

FILE, AGAIN, REFUSED, REFUSED_SURE = "bkfile", "bkget", "bkbad", "bkback"  # of a file of payments
REST, REST_SURE = "bkrest", "bkends"  # of what the bank has not paid of it

MENU: Menu = {"bank": Line(lambda: _("the bank: what came in, and what is to be paid"), Where.OPERATORS)}


# -- what goes out ----------------------------------------------------------------------------------------------------


def overview(waiting: Sequence[Payout], count: int) -> str:
    """The answer to /bank."""
    total = sum(each.amount.minor for each in waiting)
    put_aside = None
    if waiting:
        text = ngettext(
            "💶 {count} payment is to go out, {total}.",
            "💶 {count} payments are to go out, {total} in all.",
            len(waiting),
        )
        put_aside = text.format(count=len(waiting), total=money(Money(total, waiting[0].amount.currency)))
    return lines(
        _("🏦 <b>The bank</b>"),
        put_aside or _("Nothing is to go out."),
        open_lines(count) if count else _("Nothing that came in is open."),
        _("Send me the bank's statement as a file: CAMT.053, MT940 or CSV."),
    )


def overview_buttons(waiting: Sequence[Payout], files: Sequence[PaymentFile]) -> InlineKeyboardMarkup | None:
    """The next file, and those of which something is not known to be paid yet."""
    rows = []
    if waiting:
        rows.append([InlineKeyboardButton(_("📄 File for the bank"), callback_data=Press(FILE, "new").data, style=GO)])
    for each in files:
        words = _("📄 {count} × again, {total}").format(count=each.count, total=amount(each.total))
        rows.append([InlineKeyboardButton(words, callback_data=Press(AGAIN, each.code).data)])
    return InlineKeyboardMarkup(rows) if rows else None


def file_shown(file: PaymentFile, payouts: Sequence[Payout]) -> str:
    """Below the file, whatever has become of it."""
    said = {"count": file.count, "total": money(file.total)}
    if file.is_refused and (back := _sum(payouts, "returned")) != file.total:
        return _("✖️ The bank paid a part of it; the rest, {back}, is back in the wallets.").format(back=money(back))
    if file.is_refused:
        return _("✖️ The bank did not take it: {total} is back in the wallets. Please don't send this file.").format(
            **said
        )
    done = sum(each.state == "done" for each in payouts)
    if done == file.count:
        return _("✅ All of it is paid out, {total}.").format(**said)
    text = ngettext(
        "📄 {count} payment, {total}, as pain.001.", "📄 {count} payments, {total}, as pain.001.", file.count
    )
    return lines(
        text.format(**said),
        _("Give it to your bank, once. Then send me the statement, which says what was paid."),
        _("Paid by now: {done}").format(done=done) if done else None,
    )  # fmt: skip


def _sum(payouts: Sequence[Payout], state: str) -> Money:
    """Of those of a file that are so."""
    return Money(sum(each.amount.minor for each in payouts if each.state == state), payouts[0].amount.currency)


def file_buttons(file: PaymentFile, payouts: Sequence[Payout]) -> InlineKeyboardMarkup | None:
    """As long as something of it is not known to be paid."""
    sent = sum(each.state == "sent" for each in payouts)
    if file.is_refused or not sent:
        return None
    if sent == len(payouts):
        button = InlineKeyboardButton(_("✖️ The bank refused it"), callback_data=Press(REFUSED, file.code).data)
    else:
        button = InlineKeyboardButton(_("✖️ It won't pay the rest"), callback_data=Press(REST, file.code).data)
    return InlineKeyboardMarkup([[button]])


def refuse_question(file: PaymentFile) -> str:
    """Asked before all of it goes back."""
    return _(
        "Did the bank take nothing of this file, and will it not? Then {total} goes back into the wallets."
    ).format(total=money(file.total))


def rest_question(payouts: Sequence[Payout]) -> str:
    """Asked before what was not paid goes back."""
    return _(
        "Has the bank said that it won't pay the rest of this file? By its statements {paid} of it is paid; then"
        " {rest} goes back into the wallets."
    ).format(paid=money(_sum(payouts, "done")), rest=money(_sum(payouts, "sent")))


def refuse_buttons(file: PaymentFile, *, is_rest: bool) -> InlineKeyboardMarkup:
    """Under the question."""
    words = _("✅ Back into the wallets")
    press = Press(REST_SURE, file.code) if is_rest else Press(REFUSED_SURE, file.code)
    yes = InlineKeyboardButton(words, callback_data=press.data, style=STOP)
    return InlineKeyboardMarkup([[yes]])


def refused(payouts: Sequence[Payout]) -> str:
    """What the question becomes."""
    return _("↩️ {total} is back in the wallets. Please don't send that file to the bank any more.").format(
        total=money(_sum(payouts, "returned"))
    )


# -- refusals ---------------------------------------------------------------------------------------------------------


REFUSALS: Refusals = {
    Unsealable: lambda e, s: _(
        "I can't read to which accounts it goes: BANK_SECRET has changed. Please set it back. Nothing was moved."
    ),
    core.NothingToPay: lambda e, s: _("Nothing is to be paid out now."),
    core.PaymentFileNotFound: lambda e, s: _("I don't know of this file. /bank shows what there is."),
    core.PaymentFileUsed: lambda e, s: _(
        "Some of this file was paid out: it can't be taken back as a whole. Nothing was moved."
    ),
}
