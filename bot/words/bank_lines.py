"""Words about what a bank's statement said, and about whose what came in is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    ReplyKeyboardMarkup,
)

import wallet_core as core
from bot.gateways.bank.booked import Gone, Report
from bot.gateways.bank.statements import BadStatement, Flaw
from bot.words import bank_statements
from bot.words.language import gettext as _
from bot.words.language import ngettext, own_words
from bot.words.links import STOP, Press
from bot.words.refusals import Refusals, Seen
from bot.words.wording import amount, called, lines, listed, money, name, name_drawn, safe, sentences
from wallet_core import (
    BankLine,
    BankSays,
    Debit,
    LineNote,
    LineState,
    Money,
    TopUp,
)

GIVE, ASK, IGNORE = "bkgive", "bkask", "bkno"  # of a line: to this person, to somebody, to nobody
LISTED_MAX = 10
TEXT_SHOWN = 140

_GIFT = re.compile(r"(?P<line>[A-Za-z0-9_-]{16,32}):(?P<person>[A-Za-z0-9_-]{16,32})", re.ASCII)


# -- what a statement said --------------------------------------------------------------------------------------------


def report(found: Report, holds: Money | None, says: BankSays) -> str:
    """The answer to a statement's file."""
    paid = [each for each in found.gone if each.what is Debit.DONE]
    odd = [each for each in found.gone if each.what is not Debit.DONE]
    return lines(
        _("🏦 <b>The statement is read</b>"),
        _count(found.booked),
        listed(map(_credited, found.booked), count_max=LISTED_MAX) if found.booked else None,
        _paid_out(paid),
        *map(_odd, odd[:LISTED_MAX]),
        ngettext("{count} line was booked before: nothing was moved for it.",
                 "{count} lines were booked before: nothing was moved for them.",
                 found.known).format(count=found.known) if found.known else None,
        ngettext("{count} line is dated later than today: please send the statement again then.",
                 "{count} lines are dated later than today: please send the statement again then.",
                 found.to_come).format(count=found.to_come) if found.to_come else None,
        ngettext("{count} payment went out that is none of mine.", "{count} payments went out that are none of mine.",
                 found.other_debits).format(count=found.other_debits) if found.other_debits else None,
        open_lines(len(found.open)) if found.open else None,
        _("Nothing in it is new.") if not (found.booked or found.gone or found.open or found.to_come) else None,
        _holds(found, holds),
        *bank_statements.breaks(says),
    )  # fmt: skip


def _count(booked: Sequence[BankLine]) -> str | None:
    if not booked:
        return None
    total = Money(sum(each.amount.minor for each in booked), booked[0].amount.currency)
    said = {"count": len(booked), "total": money(total)}
    text = ngettext("{count} payment came in and is credited, {total}:",
                    "{count} payments came in and are credited, {total} in all:", len(booked))  # fmt: skip
    return text.format(**said)


def _credited(line: BankLine) -> str:
    said = {"amount": amount(line.amount), "name": called(line.person) if line.person else ""}
    match line.kind:
        case core.TOP_UP_OTHER:
            text = _("{amount} · {name} (another amount than was said)")
        case core.TOP_UP_AGAIN:
            text = _("{amount} · {name} (once more for the same reference)")
        case core.TOP_UP_LATE:
            text = _("{amount} · {name} (late)")
        case _:
            text = _("{amount} · {name}")
    return text.format(**said)


def _paid_out(paid: Sequence[Gone]) -> str | None:
    if not paid:
        return None
    total = Money(sum(each.amount.minor for each in paid), paid[0].amount.currency)
    text = ngettext("{count} payment went out, {total}.", "{count} payments went out, {total} in all.", len(paid))
    return text.format(count=len(paid), total=money(total))


def _odd(gone: Gone) -> str:
    said = {"amount": money(gone.amount), "text": safe(gone.text, length_max=TEXT_SHOWN)}
    match gone.what:
        case Debit.OTHER_AMOUNT:
            text = _("⚠️ {amount} went out for a withdrawal of another amount: I've settled nothing. {text}")
        case Debit.TWICE:
            text = _("⚠️ {amount} went out once more for a withdrawal that was paid already. {text}")
        case Debit.RETURNED:
            text = _("⚠️ {amount} went out for a withdrawal that is back in the wallet. {text}")
        case Debit.NOT_CONFIRMED:
            text = _("⚠️ {amount} went out for a withdrawal that nobody has confirmed. {text}")
        case _:
            text = _("⚠️ The bank took back {amount} that had come in: I've moved nothing. {text}")
    return text.format(**said)


def open_lines(count: int) -> str:
    text = ngettext("❓ {count} payment fits nothing: whose is it? See below.",
                    "❓ {count} payments fit nothing: whose are they? See below.", count)  # fmt: skip
    return text.format(count=count)


def _holds(found: Report, holds: Money | None) -> str | None:
    if found.closing is None or holds is None:
        return None
    return _("The account holds {closing}, of which {holds} must be the wallets'.").format(
        closing=amount(found.closing), holds=money(holds)
    )


# -- whose it is ------------------------------------------------------------------------------------------------------


def line_shown(line: BankLine) -> str:
    """What a line says, whatever has become of it."""
    what = lines(
        f"{money(line.amount)} · {line.booked_on.isoformat()}",
        safe(line.name) or None,
        safe(line.text, length_max=TEXT_SHOWN) or None,
    )
    match line.state:
        case LineState.BOOKED:
            who = name(line.person) if line.person is not None else ""
            return lines(_("✅ In the wallet of {name}").format(name=who), what)
        case LineState.IGNORED:
            return lines(_("✖️ None of the wallets' money"), what)
        case _:
            return lines(_("❓ <b>Whose is it?</b>"), what, _note(line))


def looks_repeated() -> str:
    return _("⚠️ One of the same day and amount is booked already, from another file: is it the same?")


def _note(line: BankLine) -> str | None:
    match line.note:
        case LineNote.SEVERAL:
            return _("It names more than one reference.")
        case LineNote.ALIKE:
            return looks_repeated()
        case LineNote.REVERSAL:
            return _("The bank takes something back with it: please see what.")
        case LineNote.CHANGED:
            return _("⚠️ The bank's own reference is booked already, and said something else then.")
        case LineNote.FROZEN:
            return _("The wallet that it names is frozen.")
        case LineNote.FULL:
            return _("The wallet that it names can hold no more.")
        case LineNote.SUM:
            return _("The bank booked several payments as one, and doesn't say how much each of them is.")
        case LineNote.CAME_BACK:
            return _("It names a withdrawal: perhaps it was sent back.")
        case _:
            return None


def line_buttons(line: BankLine, likely: Sequence[TopUp]) -> InlineKeyboardMarkup | None:
    """Under what is open, whoever waits for as much first; what is nobody's can be given all the same."""
    if line.state is LineState.BOOKED:
        return None
    people = {each.person.id: each.person for each in likely} if line.state is LineState.OPEN else {}
    rows = [
        [InlineKeyboardButton(
            _("✅ {name}").format(name=name_drawn(each)), callback_data=Press(GIVE, f"{line.code}:{each.code}").data
        )]
        for each in people.values()
    ]  # fmt: skip
    ask = InlineKeyboardButton(_("👤 Somebody"), callback_data=Press(ASK, line.code).data)
    no = InlineKeyboardButton(_("✖️ Not ours"), callback_data=Press(IGNORE, line.code).data, style=STOP)
    return InlineKeyboardMarkup([*rows, [ask, no] if line.state is LineState.OPEN else [ask]])


def read_gift(rest: str) -> tuple[str, str] | None:
    """The line and the person's code in a press; None for what no button says."""
    match = _GIFT.fullmatch(rest)
    return (match["line"], match["person"]) if match else None


def whose(line: BankLine) -> str:
    """The question, above the button below the input field."""
    return _("Whose is the {amount}? Pick them with the button below.").format(amount=money(line.amount))


def picker(line: BankLine) -> ReplyKeyboardMarkup:
    """Telegram's own list of people; the number is below zero, so that it is none of "whom do you want to pay?"."""
    assert line.number is not None
    wanted = KeyboardButtonRequestUsers(-line.number, user_is_bot=False, max_quantity=1)
    button = KeyboardButton(_("👤 Pick somebody"), request_users=wanted)
    return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)


def dropped(line: BankLine) -> str:
    """The answer to /cancel."""
    return _("✖️ Dropped: the {amount} stays nobody's for now. /bank shows it.").format(amount=money(line.amount))


def given(line: BankLine) -> str:
    """The answer to who was picked."""
    assert line.person is not None
    return _("✅ {amount} is in the wallet of {name}.").format(amount=money(line.amount), name=name(line.person))


@own_words
def given_toast(line: BankLine) -> str:
    """The answer to a press."""
    return given(line)


@own_words
def ignored_toast() -> str:
    """The answer to the press."""
    return _("Left alone. Nothing was moved.")


# -- refusals ---------------------------------------------------------------------------------------------------------


def _bad_statement(error: BadStatement, seen: Seen) -> str:
    detail = safe(error.detail, length_max=TEXT_SHOWN)
    why = {
        Flaw.UNKNOWN: _("I can't read this as a bank's statement. I know CAMT.053 (XML), MT940 and CSV."),
        Flaw.TOO_BIG: _("This file is too big for me. Please take a statement of fewer days."),
        Flaw.DOCTYPE: _("This XML has a DOCTYPE, which no bank writes."),
        Flaw.CUT_OFF: _("This statement is cut off. Please load it from the bank once more."),
        Flaw.DAMAGED: _("This statement is damaged. Please load it from the bank once more."),
        Flaw.NOT_BOOKED: _(
            "This is a list of the day (CAMT.052, MT942), which may change still. Please send CAMT.053."
        ),
        Flaw.NO_BALANCES: _("This statement has no opening and closing balance."),
        Flaw.DOES_NOT_ADD_UP: _("This statement doesn't add up: something is missing in it."),
        Flaw.OTHER_ACCOUNT: _("This is the statement of another account."),
        Flaw.OTHER_CURRENCY: _("This statement is in another currency."),
        Flaw.COLUMNS: _("Columns are missing in this CSV. CAMT.053 is the better file, if your bank has it."),
        Flaw.DATES: _("The dates in this CSV can be read in two ways. Please send CAMT.053 or MT940."),
        Flaw.LOST: _("I could not fetch that file; please send it again."),
    }[error.flaw]
    return sentences(why, f"({detail})" if detail else None, _("Nothing was booked."))


def _not_open(error: core.LineNotOpen, seen: Seen) -> str:
    if error.state == LineState.BOOKED:
        return _("This is in somebody's wallet already. Nothing was moved.")
    return _("This is decided already. Nothing more was moved.")


REFUSALS: Refusals = {
    BadStatement: _bad_statement,
    core.LineNotFound: lambda e, s: _("I don't know of this payment. /bank shows what is open."),
    core.LineNotOpen: _not_open,
}
