"""The answer to somebody's press of Pay: Telegram waits ten seconds for it."""

from __future__ import annotations

from telegram import PreCheckoutQuery
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.transport.patience import NO_WAITING
from bot.transport.posting import is_gone
from bot.words import wording


async def answer_checkout(bot: ExtBot[int], query: PreCheckoutQuery, refusal: str = "") -> None:
    """Let a payment go on, or say why not, behind no other answer; too late is no mistake: then nothing is charged."""
    reason = wording.toast(refusal) or None
    try:
        await bot.answer_pre_checkout_query(query.id, reason is None, reason, rate_limit_args=NO_WAITING)
    except BadRequest as error:
        if not is_gone(error):
            raise
