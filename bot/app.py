"""The application: every handler on one page."""

from __future__ import annotations

import contextlib

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    PreCheckoutQueryHandler,
    filters,
)

from bot.handlers import (
    acts,
    announcements,
    audit,
    bank,
    bank_refused,
    bank_reversals,
    blocks,
    frozen,
    gateways,
    gifts,
    groups,
    help,
    history,
    home,
    inline,
    intents,
    issue_lists,
    issues,
    limits,
    moves,
    payments,
    people,
    picks,
    pins,
    refunds,
    requests,
    scan,
    splits,
    splits_managed,
    statements,
    stats,
    support,
    tips,
    top_ups,
    transfers,
    withdrawals,
)
from bot.handlers.beginning import Handle, begins
from bot.settings import Settings
from bot.transport import menus
from bot.transport.context import BotContext, Tuppence
from bot.transport.filters import (
    another_bot,
    called_statement,
    hidden,
    issue_file,
    own_card,
    own_words,
    picked_for_bank,
)
from bot.words import acts as acts_words
from bot.words import announcements as announcements_words
from bot.words import asks as asks_words
from bot.words import bank_lines as bank_lines_words
from bot.words import bank_payments as bank_payments_words
from bot.words import bank_reversals as bank_reversals_words
from bot.words import blocks as blocks_words
from bot.words import gifts as gifts_words
from bot.words import history_views, statement_buttons
from bot.words import intents as intents_words
from bot.words import issue_lists as issue_lists_words
from bot.words import issues as issues_words
from bot.words import keypads as keypads_words
from bot.words import limits as limits_words
from bot.words import moves as moves_words
from bot.words import offers as offers_words
from bot.words import people as people_words
from bot.words import picks as picks_words
from bot.words import pin_resets as pin_resets_words
from bot.words import pins as pins_words
from bot.words import refunds as refunds_words
from bot.words import requests as requests_words
from bot.words import splits as splits_words
from bot.words import stats as stats_words
from bot.words import tips as tips_words
from bot.words import top_ups as top_ups_words
from bot.words import withdrawals as withdrawals_words
from bot.words.language import spoken, understood
from bot.words.links import person_id_of
from wallet_core import Unavailable, WalletNotFound, WalletOf

COMMANDS: dict[str, Handle] = {  # in the order of the menu
    "start": people.start,
    "balance": people.balance,
    "pay": picks.pay,
    "send": picks.pay,
    "tip": tips.tip,
    "request": picks.request,
    "invoice": picks.request,
    "receive": picks.request,
    "requests": requests.requests,
    "qr": people.qr,
    "history": history.history,
    "statement": statements.statement,
    "cancel": requests.cancel,
    "verify": transfers.verify,
    "refund": refunds.refund,
    "gift": gifts.gift,
    "split": splits.split,
    "topup": top_ups.top_up,
    "withdraw": withdrawals.withdraw,
    "issue": issues.issue,
    "gateways": gateways.gateways,
    "reconcile": gateways.reconcile,
    "desk": gateways.desk,
    "bank": bank.bank,
    "freeze": frozen.freeze,
    "unfreeze": frozen.unfreeze,
    "acts": acts.acts,
    "announce": announcements.announce,
    "close": announcements.close,
    "open": announcements.reopen,
    "move": moves.move,
    "audit": audit.audit,
    "stats": stats.stats,
    "people": stats.people,
    "id": people.id_,
    "block": blocks.block,
    "unblock": blocks.unblock,
    "blocked": blocks.blocked,
    "limits": limits.limits,
    "limit": limits.limit,
    "pin": pins.pin,
    "pinreset": pins.reset,
    "paysupport": support.support,
    "terms": support.terms,
    "language": people.language,
    "help": help.help_,
}
BEGIN = frozenset(
    ("pay", "send", "tip", "request", "invoice", "receive", "gift", "split", "topup", "issue")
)  # something new, which is not done while the community is wound down
BUTTONS: dict[str, Handle] = {
    intents_words.CONFIRM: intents.confirm,
    intents_words.DISMISS: intents.dismiss,
    requests_words.PAY: requests.pay,
    requests_words.WITHDRAW: requests.withdraw,
    asks_words.DECLINE: requests.decline,
    requests_words.WHOM: picks.whom,
    picks_words.CHOOSE: picks.choose,
    picks_words.DROP: picks.drop,
    picks_words.AMOUNT: picks.choose_amount,
    picks_words.NO_MEMO: picks.skip_memo,
    requests_words.TURN: requests.turn,
    requests_words.TAKE_BACK: requests.take_back,
    history_views.PAGE: history.turn,
    history_views.KINDS: history.narrow,
    history_views.RECEIPT: history.receipt,
    history_views.AGAIN: history.pay_again,
    statement_buttons.CHOOSE: statements.choose,
    acts_words.TURN: acts.turn,
    announcements_words.BEGIN: announcements.begin,
    announcements_words.END: announcements.end,
    moves_words.AGREE: moves.agree,
    moves_words.NO: moves.say_no,
    stats_words.PEOPLE: stats.turn,
    stats_words.AS_TABLE: stats.as_table,
    people_words.LANGUAGE: people.choose_language,
    people_words.GROUP_LANGUAGE: groups.choose_language,
    refunds_words.ASK: refunds.ask,
    refunds_words.CONFIRM: refunds.confirm,
    refunds_words.DISMISS: refunds.dismiss,
    tips_words.AGAIN: tips.again,
    tips_words.ANSWER: tips.choose_and_give,
    tips_words.CHOOSE: tips.choose,
    gifts_words.CLAIM: gifts.claim,
    gifts_words.TAKE_BACK: gifts.take_back,
    offers_words.GIVE: gifts.give,
    splits_words.JOIN: splits.join,
    splits_words.LEAVE: splits.leave,
    splits_words.ASK: splits.ask,
    splits_words.COUNT: splits.count,
    splits_words.MINE: splits.mine,
    splits_words.CONFIRM: splits.confirm,
    splits_words.MANAGE: splits_managed.manage,
    splits_words.TURN: splits_managed.turn,
    splits_words.TAKE_OUT: splits_managed.take_out,
    splits_words.CASH: splits_managed.cash,
    splits_words.NO_CASH: splits_managed.no_cash,
    splits_words.REMIND: splits_managed.remind,
    splits_words.CLOSE: splits.close,
    issues_words.CONFIRM: issues.confirm,
    issues_words.DISMISS: issues.dismiss,
    issue_lists_words.CONFIRM: issue_lists.confirm,
    issue_lists_words.DISMISS: issue_lists.dismiss,
    limits_words.KEEP: limits.keep,
    keypads_words.KEY: pins.press_key,
    pins_words.CHOOSE: pins.choose,
    pin_resets_words.KEEP: pins.keep,
    blocks_words.BLOCK: blocks.block_asker,
    blocks_words.UNBLOCK: blocks.unblock_pressed,
    top_ups_words.CHOOSE: top_ups.choose,
    top_ups_words.THROUGH: top_ups.choose_way,
    top_ups_words.FOR: top_ups.choose_for,
    top_ups_words.TAKE: top_ups.take,
    top_ups_words.REFUSE: top_ups.refuse,
    top_ups_words.DROP: top_ups.drop,
    withdrawals_words.CHOOSE: withdrawals.choose,
    withdrawals_words.THROUGH: withdrawals.choose_way,
    withdrawals_words.CONFIRM: withdrawals.confirm,
    withdrawals_words.DROP: withdrawals.drop,
    withdrawals_words.GIVE: withdrawals.give,
    withdrawals_words.REFUSE: withdrawals.refuse,
    bank_lines_words.GIVE: bank.give,
    bank_lines_words.ASK: bank.ask,
    bank_lines_words.IGNORE: bank.ignore,
    bank_reversals_words.TAKE: bank_reversals.take,
    bank_reversals_words.LOSE: bank_reversals.lose,
    bank_reversals_words.IGNORE: bank_reversals.ignore,
    bank_payments_words.FILE: bank.make_file,
    bank_payments_words.AGAIN: bank.file_again,
    bank_payments_words.REFUSED: bank_refused.ask_refused,
    bank_payments_words.REFUSED_SURE: bank_refused.refuse,
    bank_payments_words.REST: bank_refused.ask_rest,
    bank_payments_words.REST_SURE: bank_refused.refuse_rest,
    top_ups_words.BACK: payments.give_back,
}


def add_handlers(app: Tuppence) -> None:
    """In order: the first that fits has the update."""
    private = filters.ChatType.PRIVATE
    app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, help.edited))
    app.add_handlers([InlineQueryHandler(inline.offer), ChosenInlineResultHandler(inline.posted)])
    app.add_handler(PreCheckoutQueryHandler(payments.checkout))
    app.add_handler(MessageHandler(private & filters.SUCCESSFUL_PAYMENT & own_words, payments.paid))
    app.add_handler(MessageHandler(own_card, inline.came_back))
    app.add_handler(MessageHandler(filters.COMMAND & hidden, help.hidden_sender))
    app.add_handler(MessageHandler(another_bot, help.another_bot))
    app.add_handler(MessageHandler(filters.COMMAND & ~own_words, help.not_own_words))
    for command, handle in COMMANDS.items():
        app.add_handler(CommandHandler(command, begins(handle) if command in BEGIN else handle))
    app.add_handler(CommandHandler("start", greet_operator, filters=private), group=1)  # besides
    app.add_handler(MessageHandler(filters.COMMAND, help.unknown_command))
    below_picture = filters.ChatType.GROUPS & filters.CaptionRegex(rf"(?i)^/({'|'.join(COMMANDS)})(@|\s|$)") & own_words
    app.add_handler(MessageHandler(below_picture, help.below_picture))
    for action, handle in BUTTONS.items():
        app.add_handler(CallbackQueryHandler(handle, pattern=f"^{action}:"))
    app.add_handler(CallbackQueryHandler(help.dead_button))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, groups.moved))
    app.add_handler(MessageHandler(private & picked_for_bank, bank.picked))
    app.add_handler(MessageHandler(private & filters.StatusUpdate.USERS_SHARED, picks.shared))
    app.add_handler(MessageHandler(private & home.home_button, home.pressed))
    app.add_handler(MessageHandler(private & filters.TEXT, scan.text))
    app.add_handler(MessageHandler(private & issue_file & own_words, begins(issue_lists.from_file)))
    app.add_handler(MessageHandler(private & called_statement, bank.statement))
    pictures = filters.PHOTO | filters.Document.ALL | filters.Sticker.STATIC
    app.add_handler(MessageHandler(private & pictures, scan.picture))
    app.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, scan.something_else))


async def introduce(app: Tuppence) -> None:
    """Fill the menus, and say who the bot is; without it the bot works as well."""
    services = app.services
    operators: dict[int, str | None] = {}
    for person in services.settings.admin_ids:
        with contextlib.suppress(WalletNotFound, Unavailable):  # they have not written to this bot yet
            wallet = await services.core.ask(WalletOf(person_id_of(person)))
            operators[person] = understood(wallet.owner.language)
    await menus.introduce(app.bot, services.settings, _offered(services.settings), operators)


async def greet_operator(update: Update, context: BotContext) -> None:
    """An operator's menu can be filled once they have written to the bot."""
    user, settings = update.effective_user, context.settings
    if user is not None and user.id in settings.admin_ids:
        context.services.later(menus.show_operator(context.bot, settings, _offered(settings), user.id, spoken()))


def _offered(settings: Settings) -> list[str]:
    unknown = help.unknown_without(settings.gateways)
    return [command for command in COMMANDS if command not in unknown]
