"""All buttons. Confirm comes first."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.words.links import Action, DeepLink, LinkKind, Press, history_data
from wallet_core import HistoryPage, Intent, IntentState, PaymentRequest, PersonId, RequestState


def _button(words: str, action: Action, code: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(words, callback_data=Press(action, code).data)


def dialog(intent: Intent) -> InlineKeyboardMarkup | None:
    """Under the question whether to pay; an amount that is still asked for can only be dropped."""
    dismiss = _button("✖️ Cancel", Action.DISMISS, intent.code)
    if intent.state is IntentState.ASKING:
        return InlineKeyboardMarkup([[dismiss]])
    if intent.state is not IntentState.OPEN or intent.amount is None:
        return None
    return InlineKeyboardMarkup([[_button(f"✅ Pay {intent.amount}", Action.CONFIRM, intent.code), dismiss]])


def request(request: PaymentRequest, *, is_private: bool, bot_name: str) -> InlineKeyboardMarkup | None:
    """Under the picture of a request: pay (in a group; an open amount is asked in private) and cancel."""
    if request.state is not RequestState.OPEN:
        return None
    cancel = [_button("✖️ Cancel", Action.WITHDRAW, request.code)]
    if is_private:
        return InlineKeyboardMarkup([cancel])
    if request.amount is None:
        pay = InlineKeyboardButton("💶 Pay", url=DeepLink(LinkKind.REQUEST, request.code).url(bot_name))
    else:
        pay = _button(f"💶 Pay {request.amount}", Action.PAY, request.code)
    return InlineKeyboardMarkup([[pay], cancel])


def history(page: HistoryPage, *, owner: PersonId, starts: tuple[int | None, ...]) -> InlineKeyboardMarkup | None:
    """Newer and older pages; `starts` is the way here, this page last."""
    row = []
    if len(starts) > 1:
        row.append(InlineKeyboardButton("‹ Newer", callback_data=history_data(owner, starts[:-1])))
    elif starts[0] is not None:
        row.append(InlineKeyboardButton("« Newest", callback_data=history_data(owner, (None,))))
    if page.older is not None:
        row.append(InlineKeyboardButton("Older ›", callback_data=history_data(owner, (*starts, page.older))))
    return InlineKeyboardMarkup([row]) if row else None
