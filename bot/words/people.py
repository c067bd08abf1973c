"""Words about people and their wallets: welcome, balance, one's own QR, languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import wallet_core as core
from bot.qr import Paper
from bot.words import mistakes as own
from bot.words.announcements import winding_down
from bot.words.language import gettext as _
from bot.words.language import languages, own_name, own_words, spoken
from bot.words.links import Press
from bot.words.menu import Line, Menu, Where
from bot.words.refusals import Refusals, Seen
from bot.words.transfers import left_today
from bot.words.wording import lines, money, name, safe, when, with_memo
from wallet_core import (
    Gift,
    Intent,
    OpenedWallet,
    Overview,
    OwedShare,
    PaymentRequest,
    Person,
    TopUp,
    Wallet,
    WalletState,
    Withdrawal,
    WithdrawalState,
)

LANGUAGE, GROUP_LANGUAGE = "lang", "glang"  # the buttons: speak this language with me, with this group

MENU: Menu = {
    "start": Line(lambda: _("open your wallet"), Where.ALONE),
    "balance": Line(lambda: _("what you have"), Where.ALL, is_ephemeral=True),
    "qr": Line(lambda: _("your own QR, to be paid any amount"), Where.ALONE),
    "id": Line(lambda: _("your Telegram ID"), Where.ALONE),
    "language": Line(lambda: _("the language I speak with you"), Where.ALONE | Where.ADMINISTRATORS),
}


def welcome(opened: OpenedWallet, closes_at: datetime | None = None) -> str:
    """The answer to /start."""
    hello = _("👋 Welcome! Your wallet is open.") if opened.is_new else _("👋 Good to see you again.")
    if closes_at is not None:
        return lines(hello, balance(opened.wallet), "", winding_down(closes_at))
    return lines(
        hello,
        balance(opened.wallet),
        "",
        _("/pay 5 @bob coffee — pay somebody"),
        _("/request 5 coffee — ask for money with a QR code"),
        _("/qr — your own QR code, for any amount"),
        _("Send me a photo of a QR code, or a link, to pay it."),
        _("/history shows what came and went, /help everything else."),
    )


def opened_briefly(opened: OpenedWallet) -> str:
    """When somebody comes through a link for the first time: the dialog follows."""
    return lines(_("👋 Welcome! Your wallet is open."), balance(opened.wallet))


def balance(wallet: Wallet) -> str:
    """What a person has; never in a group."""
    more = wallet.available != wallet.balance and wallet.available.minor > 0
    return lines(
        _("💰 Your balance: {amount}").format(amount=money(wallet.balance)),
        _("You can spend {amount}.").format(amount=money(wallet.available)) if more else None,
        _("🧊 Your wallet is frozen: ask the operator.") if wallet.state is WalletState.FROZEN else None,
    )


def overview(seen: Overview) -> str:
    """What a person has, and what is waiting; never in a group."""
    mine = [*map(_asked, seen.requests), *map(_given, seen.gifts)]
    moving = [*map(_to_come_in, seen.top_ups), *map(_to_go_out, seen.withdrawals)]
    waiting = [*mine, *moving, *map(_owed, seen.shares), *map(_to_answer, seen.intents)]
    drop = _("/cancel drops my questions.") if seen.intents else None
    take_back = _("/requests shows all you ask for, with a button to take each back.") if seen.requests else None
    return lines(
        balance(seen.wallet),
        left_today(seen.left),
        *([] if seen.closes_at is None else ["", winding_down(seen.closes_at)]),
        *(["", _("Waiting:"), *waiting, drop, take_back] if waiting else []),
    )


def _asked(request: PaymentRequest) -> str:
    text = _asked_again(request) if request.payers_max is None else _asked_until(request)
    return with_memo(text, request.memo)


def _asked_again(request: PaymentRequest) -> str:
    """A price tag ends when it is taken back."""
    if request.amount is None:
        return _("🏷 You ask for any amount, again and again")
    return _("🏷 You ask for {amount}, again and again").format(amount=money(request.amount))


def _asked_until(request: PaymentRequest) -> str:
    if request.amount is None:
        return _("🧾 You ask for any amount, open until {time}").format(time=when(request.expires_at))
    text = _("🧾 You ask for {amount}, open until {time}")
    return text.format(amount=money(request.amount), time=when(request.expires_at))


def _given(gift: Gift) -> str:
    text = _("🎁 {amount} waits in a gift of yours, until {time}")
    return with_memo(text.format(amount=money(gift.left), time=when(gift.expires_at)), gift.memo)


def _to_come_in(top_up: TopUp) -> str:
    return _("💶 {amount} to come in, open until {time}").format(
        amount=money(top_up.amount), time=when(top_up.expires_at)
    )


def _to_go_out(withdrawal: Withdrawal) -> str:
    if withdrawal.state is WithdrawalState.HELD:
        text = _("💵 {amount} put aside to be paid out")
    else:
        text = _("⏳ {amount} on its way out: I'm checking whether it has arrived")
    return text.format(amount=money(withdrawal.total))


def _owed(share: OwedShare) -> str:
    text = _("🍽 {name} asks you for {amount}, your share of a bill").format(
        name=name(share.split.asker), amount=money(share.amount)
    )
    return with_memo(text, share.split.memo)


def _to_answer(intent: Intent) -> str:
    text = (
        _("❓ I asked you about {amount} to {name}").format(amount=money(intent.amount), name=name(intent.payee))
        if intent.amount
        else _("❓ I asked you about an amount to {name}").format(name=name(intent.payee))
    )
    return with_memo(text, intent.memo)


def told_alone() -> str:
    """In a group, once the person was told."""
    return _("I've told you in private.")


def untold_alone(hello_url: str) -> str:
    """In a group, when the person cannot be written to."""
    return _("I can only tell you in private. Please open {url} and press Start.").format(url=hello_url)


def own_qr(person: Person, url: str, *, is_private: bool, has_picture: bool = True) -> str:
    """Under the picture of a person's own QR, or without it; in private they read it themselves, else others do."""
    how = show_it if is_private else pay_it
    return lines(_("📲 Pay {name} any amount, any time").format(name=name(person)), how(url, has_picture=has_picture))


def show_it(url: str, *, has_picture: bool) -> str:
    """To the one whose picture it is: what to do with it."""
    how = _("Show or forward this picture, or send the link: {url}") if has_picture else _("Send this link on: {url}")
    return how.format(url=url)


def pay_it(url: str, *, has_picture: bool) -> str:
    """To others: what to do with it."""
    how = _("Scan the code, or open {url}") if has_picture else _("Press the button, or open {url}")
    return how.format(url=url)


def sheet(paper: Paper) -> str:
    """Under a sheet to print."""
    match paper:
        case Paper.CARDS:
            return _("✂️ Four cards on A4: print it without scaling, and cut at the marks.")
        case Paper.TENT:
            return _("🪧 A sign for the table on A4: print it without scaling, and fold it at the marks.")
        case _:
            text = _("🖨 Your QR code on {paper}: print it without scaling, and put it on the counter.")
            return text.format(paper=paper.name)


def number(user_id: int) -> str:
    """The answer to /id."""
    return lines(
        _("Your Telegram ID: <code>{number}</code>").format(number=user_id),
        _("Names change, this number doesn't: whoever runs this bot names its operators by it."),
    )


def how_named() -> str:
    """How somebody says whom they mean."""
    return _("People are named with @. No @name? Ask for their /qr, or answer one of their messages in a group.")


# -- languages --------------------------------------------------------------------------------------------------------


def language_asked() -> str:
    """The answer to /language."""
    return _("Which language do you want me to speak with you?")


@own_words
def language_chosen() -> str:
    """In the language that was chosen just now."""
    # NOTE: name the language of this catalogue.
    return _("From now on I speak English with you.")


def language_buttons() -> InlineKeyboardMarkup:
    """One for each language, in its own name."""
    return _by_their_names(action=LANGUAGE)


def group_language_asked() -> str:
    """The answer to /language of an administrator in a group."""
    return _("Which language do you want me to speak in this group?")


def group_language_chosen() -> str:
    """In the language that was chosen just now."""
    # NOTE: name the language of this catalogue.
    return _("From now on I speak English in this group.")


def group_language_buttons() -> InlineKeyboardMarkup:
    """One for each language, in its own name."""
    return _by_their_names(action=GROUP_LANGUAGE)


def _by_their_names(*, action: str) -> InlineKeyboardMarkup:
    buttons = [
        InlineKeyboardButton(own_name(language), callback_data=Press(action, language).data) for language in languages()
    ]
    return InlineKeyboardMarkup([buttons[at : at + 2] for at in range(0, len(buttons), 2)])


# -- refusals ---------------------------------------------------------------------------------------------------------


def not_yet_started(hello_url: str, *, is_private: bool) -> str:
    """To somebody who has no wallet."""
    if is_private:
        return _("You have no wallet yet. /start opens one; then please send this again.")
    return _("You have no wallet yet. Please open {url} and press Start; then come back.").format(url=hello_url)


def unknown(who: str, hello_url: str) -> str:
    """Of somebody with this @username who has no wallet."""
    return _("I don't know {who} yet. They must start me once: please send them {url}").format(who=who, url=hello_url)


def _no_wallet(error: Any, seen: Seen) -> str:
    who = safe(error.who)
    if who.startswith("@"):
        return unknown(who, seen.hello)
    return _("This person hasn't opened a wallet yet. Please ask them to open {url} and press Start.").format(
        url=seen.hello
    )


def _nobody(error: core.PersonNotFound, seen: Seen) -> str:
    if core.is_code(error.who):
        return _("This code belongs to nobody. Please ask for a new picture or link.")
    return _no_wallet(core.PersonNotFound(error.who if error.who.startswith(("@", "tg:")) else f"@{error.who}"), seen)


def _frozen(error: core.WalletFrozen) -> str:
    if error.who.startswith("tg:"):  # nobody whom people know
        return _("One of the two wallets is frozen; nothing was moved. Ask the operator.")
    return _("The wallet of {who} is frozen; nothing was moved. Ask the operator.").format(who=safe(error.who))


def _no_words(error: own.UnknownLanguage, seen: Seen) -> str:
    names = ", ".join(f"/language {language}" for language in languages() if language != spoken())
    return _("I don't speak that language yet. Try {commands}").format(commands=names)


REFUSALS: Refusals = {
    core.PersonNotFound: _nobody,
    core.WalletNotFound: _no_wallet,
    core.WalletFrozen: lambda e, s: _frozen(e),
    core.NotOperator: lambda e, s: _("Only an operator of this bot can do that."),
    own.UnknownLanguage: _no_words,
    own.AdministratorsOnly: lambda e, s: _(
        "Only administrators choose the language of a group. Yours: /language in private."
    ),
}
