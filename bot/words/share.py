"""The button that shares something: its owner picks a chat, and the bot's card of it is posted there."""

from __future__ import annotations

from telegram import InlineKeyboardButton, SwitchInlineQueryChosenChat

from bot.words.language import gettext as _


def share_button(query: str) -> InlineKeyboardButton:
    """Opens the list of chats with `@bot query`: `r_CODE`, `p_CODE` or `g_CODE`, as in a deep link."""
    chosen = SwitchInlineQueryChosenChat(query=query, allow_user_chats=True, allow_group_chats=True)
    return InlineKeyboardButton(_("📤 Share"), switch_inline_query_chosen_chat=chosen)
