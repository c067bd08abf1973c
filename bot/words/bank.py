"""Words about the bank as a way in and out: how to transfer, and to which account money goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
)

from bot.gateways.bank.gateway import BANK, page_of
from bot.gateways.bank.iban import IbanMistyped, NoIban, grouped
from bot.gateways.bank.sealed import shown
from bot.qr import Style, Transfer, epc_png
from bot.words.language import gettext as _
from bot.words.refusals import Refusals
from bot.words.ways import Way
from bot.words.wording import amount, lines, money, name_asked, safe, sentences
from wallet_core import (
    TopUp,
    Withdrawal,
    WithdrawalState,
)

CODE_MAX_MINOR = 99_999_999_999  # more than 999,999,999.99 euros no code says (EPC069-12), nor does a transfer carry


# -- what the person sees ---------------------------------------------------------------------------------------------


def _bring(top_up: TopUp, *, has_picture: bool = True) -> str:
    page = page_of(top_up)
    title = _("🏦 Transfer {amount}").format(amount=money(top_up.amount))
    if page is None:
        return title
    return lines(
        title,
        _("Scan the code with your banking app, or copy this (tap it):")
        if has_picture and top_up.amount.minor <= CODE_MAX_MINOR
        else _("Copy this into your banking app (tap it):"),
        _("To: {name}").format(name=f"<code>{safe(page.name)}</code>"),
        _("IBAN: {iban}").format(iban=f"<code>{grouped(page.iban)}</code>"),
        _("Reference: {reference}").format(reference=f"<code>{page.reference}</code>"),
        _("The reference says whose it is: please don't leave it out. It's in your wallet once the bank's statement is "
          "here, a day or two later; you'll hear of it."),
    )  # fmt: skip


def _copy(top_up: TopUp) -> InlineKeyboardButton | None:
    page = page_of(top_up)
    return page and InlineKeyboardButton(_("📋 Copy the reference"), copy_text=CopyTextButton(page.reference))


def _picture(top_up: TopUp) -> Callable[[Style], bytes] | None:
    page = page_of(top_up)
    if page is None or top_up.amount.minor > CODE_MAX_MINOR:
        return None
    transfer = Transfer(page.name, page.iban, top_up.amount.number, page.reference)
    words = {"title": page.name, "amount": amount(top_up.amount), "memo": page.reference}
    hint = _("Scan with your banking app")
    return lambda style: epc_png(transfer, **words, hint=hint, style=style)


def _take(withdrawal: Withdrawal) -> str:
    said = {"amount": money(withdrawal.amount), "iban": f"<b>{shown(withdrawal.target)}</b>"}
    return lines(
        _("Transfer {amount} to your account {iban}?").format(**said),
        _("It's put aside for you, until whoever is in charge here has told the bank."),
    )


def _held(withdrawal: Withdrawal) -> str:
    said = {"amount": money(withdrawal.amount), "iban": f"<b>{shown(withdrawal.target)}</b>"}
    return lines(
        _("🏦 {amount} is put aside for your account {iban}").format(**said),
        _("Whoever is in charge here will tell the bank."),
    )


def _sent(withdrawal: Withdrawal) -> str:
    said = {"amount": money(withdrawal.amount), "iban": f"<b>{shown(withdrawal.target)}</b>"}
    return _("🏦 {amount} is on its way to your account {iban}: the bank is told. You'll hear when it is paid.").format(
        **said
    )


def _desk(withdrawal: Withdrawal) -> str:
    said = {"amount": money(withdrawal.amount), "name": name_asked(withdrawal.person)}
    match withdrawal.state:
        case WithdrawalState.HELD:
            text = _("🏦 {name} wants {amount} by bank transfer: it's put aside. /bank makes the file for the bank.")
        case WithdrawalState.SENT:
            text = _("📄 {amount} for {name}: in a file for the bank.")
        case WithdrawalState.DONE:
            text = _("✅ {amount} for {name}: paid out by the bank.")
        case _:
            text = _("↩️ {amount} for {name}: back in their wallet. Please don't transfer it.")
    return text.format(**said)


def _target_missing() -> str:
    return _(
        "To which account? Please write its IBAN, and whose it is if it isn't yours: "
        "DE02 1203 0000 0000 2020 51 Ann Smith"
    )


WAYS = {
    BANK: Way(
        title=lambda: _("🏦 Bank transfer"), bring=_bring,
        bring_alone=partial(_bring, has_picture=False), pay=_copy, picture=_picture, take=_take, held=_held,
        sent=_sent, desk=_desk,
        target_missing=_target_missing,
    )
}  # fmt: skip


# -- refusals ---------------------------------------------------------------------------------------------------------


REFUSALS: Refusals = {
    NoIban: lambda e, s: sentences(
        _("That's no IBAN that I know: it begins like DE02, and belongs to a country of SEPA. Nothing was moved."),
        _target_missing(),
    ),
    IbanMistyped: lambda e, s: sentences(
        _("There's a mistake in this IBAN: its check digits don't fit. Please look again. Nothing was moved."),
        _target_missing(),
    ),
}
