"""The bank: its statement's file, whose what came in is, and the file of what is to be paid. For people in charge."""

from __future__ import annotations

import hashlib
from functools import partial

from telegram import ReplyKeyboardRemove, Update

from bot.gateways.bank.booked import Report, book_statements
from bot.gateways.bank.gateway import BANK, Bank
from bot.gateways.bank.references import OUT, plain, reference_of
from bot.gateways.bank.statements import FILE_BYTES_MAX, BadStatement, Flaw, Statement, looks_packed
from bot.handlers import scan
from bot.handlers.help import no_way
from bot.statements.period import day_of
from bot.transport.answers import (
    answer,
    check_operator,
    is_private,
    message_of,
    person_of,
    place_of,
    press_key,
    pressed,
    pressed_code,
    toast,
)
from bot.transport.context import BotContext
from bot.transport.fetching import fetched
from bot.transport.posting import Said, post
from bot.words import bank_lines as line_words
from bot.words import bank_payments as payment_words
from bot.words.issue_lists import ListUncalled
from bot.words.links import Place, person_id_of
from bot.words.mistakes import DeadButton, PrivateOnly
from bot.words.tellings import Face
from wallet_core import (
    AskWhose,
    BankLineAsked,
    BankLineByCode,
    BankLinesOpen,
    GatewayBalances,
    GiveLine,
    IgnoreLine,
    LineState,
    MakePaymentFile,
    Money,
    NothingToPay,
    PaymentFile,
    PaymentFileByCode,
    PaymentFilesSent,
    Payout,
    PayoutsWaiting,
    PersonByCode,
    PersonById,
    PersonId,
    PlacePaymentFile,
    ReversalsOpen,
    ShowLine,
    ShowReversal,
    TopUpsOfAmount,
    WalletCore,
    WhatBankSays,
)

SHOWN_AT_ONCE = 10  # open lines, each a message of its own


def bank_of(update: Update, context: BotContext) -> Bank:
    """The bank, for somebody in charge, in private. Raises NotOperator, NoWay without one, PrivateOnly."""
    check_operator(update, context)
    bank = context.gateways.get(BANK)
    if bank is None:
        raise no_way(update, context)
    assert isinstance(bank, Bank)
    if not is_private(update):
        raise PrivateOnly
    return bank


async def bank(update: Update, context: BotContext) -> None:
    """What is open, what is to go out; what is open is shown once more below."""
    bank_of(update, context)
    waiting = await context.core.ask(PayoutsWaiting(BANK))
    files = await context.core.ask(PaymentFilesSent(BANK))
    lines, count = await context.core.ask(BankLinesOpen(gateway=BANK, limit=SHOWN_AT_ONCE))
    await answer(
        update, context, payment_words.overview(waiting, count), payment_words.overview_buttons(waiting, files)
    )
    for line in lines:
        await context.core.run(ShowLine(code=line.code, to=person_of(update), again=True))
    reversals, _ = await context.core.ask(ReversalsOpen(gateway=BANK, limit=SHOWN_AT_ONCE))
    for reversal in reversals:
        await context.core.run(ShowReversal(code=reversal.code, to=person_of(update), again=True))


# -- a statement ------------------------------------------------------------------------------------------------------


async def statement(update: Update, context: BotContext) -> None:
    """A file that is called like a statement: from somebody in charge of a bot with a bank it is one."""
    document = message_of(update).document
    assert document is not None
    is_list = not looks_packed(document.file_name, document.mime_type)
    if person_of(update) not in context.core.rules.operators or (BANK not in context.gateways and not is_list):
        await scan.picture(update, context)
        return
    if BANK not in context.gateways:
        raise ListUncalled
    bank = bank_of(update, context)
    if (document.file_size or 0) > FILE_BYTES_MAX:
        raise BadStatement(Flaw.TOO_BIG)
    lost, too_big = BadStatement(Flaw.LOST), BadStatement(Flaw.TOO_BIG)
    data = await fetched(context.bot, document.file_id, bytes_max=FILE_BYTES_MAX, lost=lost, too_big=too_big)
    found = await context.services.beside(_read, data, bank, context)
    today = day_of(context.core.now(), context.settings.timezone)
    name = hashlib.sha256(data).hexdigest()[:16]
    report = await book_statements(context.core, BANK, found, file=name, today=today)
    says = await context.core.ask(WhatBankSays(BANK))
    await answer(update, context, line_words.report(report, await _holds(context), says))
    await _show_open(context, report, person_of(update))


def _read(data: bytes, bank: Bank, context: BotContext) -> tuple[Statement, ...]:
    from bot.gateways.bank.files import read_statements  # its readers come with the first file

    return read_statements(data, iban=bank.iban, unit=context.settings.currency)


async def _holds(context: BotContext) -> Money | None:
    balances = await context.core.ask(GatewayBalances())
    return next((each.holds for each in balances if each.name == BANK), None)


async def _show_open(context: BotContext, report: Report, to: PersonId) -> None:
    """Each in a message of its own, if it stands nowhere yet; /bank shows the others later."""
    for line in report.open[:SHOWN_AT_ONCE]:
        await context.core.run(ShowLine(code=line.code, to=to))
    for reversal in report.reversals[:SHOWN_AT_ONCE]:
        await context.core.run(ShowReversal(code=reversal.code, to=to))


# -- whose it is ------------------------------------------------------------------------------------------------------


async def line_shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What a line says, whatever has become of it."""
    line = await core.ask(BankLineByCode(code))
    likely = await core.ask(TopUpsOfAmount(gateway=BANK, amount=line.amount)) if line.state is LineState.OPEN else ()
    reader = await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(line_words.line_shown, line),
        buttons=partial(line_words.line_buttons, line, likely),
        is_kept=line.state is LineState.OPEN,
    )


async def give(update: Update, context: BotContext) -> None:
    """To somebody who waits for as much."""
    bank_of(update, context)
    query, press = pressed(update)
    gift = line_words.read_gift(press.rest)
    if gift is None:
        raise DeadButton
    person = await context.core.ask(PersonByCode(gift[1]))
    line = await context.core.run(GiveLine(code=gift[0], person=person.id, by=person_of(update)))
    await toast(query, line_words.given_toast(line))


async def ask(update: Update, context: BotContext) -> None:
    """To somebody else: who?"""
    bank_of(update, context)
    query, code = pressed_code(update)
    line = await context.core.run(AskWhose(code=code, by=person_of(update)))
    await answer(update, context, line_words.whose(line), line_words.picker(line))
    await toast(query)


async def picked(update: Update, context: BotContext) -> None:
    """Somebody was picked for a line."""
    bank_of(update, context)
    chosen = message_of(update).users_shared
    assert chosen is not None
    by, person = person_of(update), person_id_of(chosen.users[0].user_id)
    asked = await context.core.ask(BankLineAsked(person=by, number=-chosen.request_id))
    line = await context.core.run(GiveLine(code=asked.code, person=person, by=by))
    await answer(update, context, line_words.given(line), ReplyKeyboardRemove())


async def ignore(update: Update, context: BotContext) -> None:
    """It is none of the wallets' money."""
    bank_of(update, context)
    query, code = pressed_code(update)
    await context.core.run(IgnoreLine(code=code, by=person_of(update)))
    await toast(query, line_words.ignored_toast())


# -- what goes out ----------------------------------------------------------------------------------------------------


async def make_file(update: Update, context: BotContext) -> None:
    """All that is put aside, in one file; the update that comes again gets the same."""
    bank = bank_of(update, context)
    query, _ = pressed(update)
    waiting = await context.core.ask(PayoutsWaiting(BANK))
    for each in waiting:
        bank.seal.open(each.target or "", each.code)  # nothing is sent that could not be written
    codes = tuple(each.code for each in waiting)
    wish = MakePaymentFile(gateway=BANK, codes=codes, by=person_of(update), key=press_key(update))
    made = await context.core.run(wish)
    await _send_file(update, context, bank, made.code)
    await toast(query)


async def file_again(update: Update, context: BotContext) -> None:
    """The same file once more, without what is over. Raises NothingToPay."""
    bank = bank_of(update, context)
    query, code = pressed_code(update)
    await _send_file(update, context, bank, code)
    await toast(query)


async def _send_file(update: Update, context: BotContext, bank: Bank, code: str) -> None:
    file, payouts = await context.core.ask(PaymentFileByCode(code))
    if all(each.target is None for each in payouts):
        raise NothingToPay
    text, keyboard = payment_words.file_shown(file, payouts), payment_words.file_buttons(file, payouts)
    data = await context.services.beside(_written, bank, file, payouts)
    posted = await post(context.bot, update, lambda _: Said(text, keyboard, file=(data, f"pain001-{code[:9]}.xml")))
    place = place_of(posted)
    await context.core.run(PlacePaymentFile(code=code, place=str(place), chat=place.chat))


def _written(bank: Bank, file: PaymentFile, payouts: tuple[Payout, ...]) -> bytes:
    from bot.gateways.bank.pain import Payee, payment_file

    payees = []
    for each in payouts:
        if each.target is None:  # it is over
            continue
        holder = bank.seal.open(each.target, each.code)
        reference = reference_of(each.code, OUT)
        payees.append(Payee(holder.name or each.person.name, holder.iban, each.amount, plain(reference), reference))
    file_id = f"TUP{file.code[:9]}"
    return payment_file(payees, name=bank.holder, iban=bank.iban, file_id=file_id, made_at=file.made_at)


async def file_shown(core: WalletCore, code: str, place: Place, _bot_name: str) -> Face:
    """What stands below a file, whatever has become of it."""
    file, payouts = await core.ask(PaymentFileByCode(code))
    reader = await core.ask(PersonById(person_id_of(place.chat_id)))
    return Face(
        own=None if reader is None else reader.language,
        text=partial(payment_words.file_shown, file, payouts),
        buttons=partial(payment_words.file_buttons, file, payouts),
        is_picture=True,  # what is below a file is a caption too
        is_final=file.is_refused or all(each.state == "done" for each in payouts),
    )
