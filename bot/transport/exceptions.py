"""The only handler of exceptions: what is told to the person, what is tried again, what is logged."""

from __future__ import annotations

import secrets

from telegram import Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.log import get_log
from bot.transport.answers import NO_PREVIEW, is_gone, is_private, key_of, message_of, person_of, place_of_button, toast
from bot.transport.context import Tuppence
from bot.transport.patience import seconds
from bot.transport.turns import TURN, is_picture
from bot.words.language import speak, speaking
from bot.words.links import DeepLink, LinkKind, Press, hello_url, read_callback
from bot.words.mistakes import TooManyPictures, TooMuchAtOnce
from bot.words.people import not_yet_started
from bot.words.refusals import Seen, refusal
from bot.words.requests import PAY
from bot.words.transfers import paid_toast
from bot.words.trouble import unexpected
from wallet_core import (
    Conflict,
    CoreStopped,
    KeyReused,
    OutcomeUnknown,
    PaymentByKey,
    StorageFull,
    Unavailable,
    WalletError,
    WalletNotFound,
    WalletOf,
)

log = get_log(__name__)


class TryLater(Exception):
    """The update is not done: its effect is not committed, or its answer not sent. The same update again is safe."""

    def __init__(self, cause: Exception, *, delay_s: float = 0.0, is_final: bool = False) -> None:
        super().__init__(type(cause).__name__)
        self.cause, self.delay_s, self.is_final = cause, delay_s, is_final


class Guard:
    """Processes updates with the application's handlers, and knows what to do with every exception."""

    def __init__(self, app: Tuppence) -> None:
        self._app = app
        self._core = app.services.core

    async def process(self, update: Update) -> None:
        """Process an update; raises TryLater and nothing else."""
        try:
            await self._meet(update)
            await self._app.process_update(update)
        except Exception as error:
            await self._guarded(update, error)

    async def refuse(self, update: Update) -> None:
        """Tell the person that this is too much, without processing the update; raises TryLater and nothing else."""
        try:
            await self._meet(update)
            raise TooManyPictures if is_picture(update) else TooMuchAtOnce
        except Exception as failure:
            await self._guarded(update, failure)

    async def _meet(self, update: Update) -> None:
        """Everybody in the update becomes known, and is spoken to in their language."""
        services = self._app.services
        speak(
            own=await services.acquaintances.meet(update),
            house=services.settings.language,
            zone=services.settings.timezone,
            privately=is_private(update),
        )

    async def give_up(self, update: Update, cause: Exception) -> None:
        """Trying again did not help: say what is known. Never raises."""
        log.error("gave_up", update=update.update_id, cause=type(cause).__name__)
        if isinstance(cause, TelegramError):  # it is the answer that does not get through
            return
        try:
            await self._tell(update, cause)
        except Exception as error:
            log.error("not_told", update=update.update_id, error=type(error).__name__)

    async def _guarded(self, update: Update, error: Exception) -> None:
        try:
            await self._explain(update, error)
        except TryLater:
            raise
        except TelegramError as failure:
            self._telegram(update, failure)
        except Unavailable as failure:
            raise TryLater(failure, is_final=isinstance(failure, CoreStopped)) from failure
        except Exception as failure:  # not even the refusal could be put together
            await self._sorry(update, failure)

    async def _explain(self, update: Update, error: Exception) -> None:
        if isinstance(error, TelegramError):
            self._telegram(update, error)
        elif isinstance(error, Unavailable) and not isinstance(error, StorageFull):
            raise TryLater(error, is_final=isinstance(error, CoreStopped)) from error
        else:
            await self._tell(update, error)

    def _telegram(self, update: Update, error: TelegramError) -> None:
        """An answer did not get through. Whatever it was about is committed, and doing it again changes nothing."""
        turn = TURN.get()
        is_answer = turn is not None and turn.is_answering
        if isinstance(error, RetryAfter) and not is_answer:
            raise TryLater(error, delay_s=seconds(error)) from error
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):  # TimedOut: perhaps delivered
            raise TryLater(error) from error
        if isinstance(error, Forbidden | ChatMigrated | RetryAfter) or (
            isinstance(error, BadRequest) and is_gone(error)
        ):
            log.info("unanswerable", update=update.update_id, error=type(error).__name__)
            return
        log.error("answer_refused", update=update.update_id, error=type(error).__name__, exc_info=error)

    async def _tell(self, update: Update, error: Exception) -> None:
        press = read_callback(update.callback_query.data) if update.callback_query else None
        if isinstance(error, WalletNotFound) and await self._has_no_wallet(update):
            await self._invite(update, press)
            return
        with speaking(privately=is_private(update) or update.callback_query is not None):
            text = refusal(error, Seen(self._app.bot.username, is_private(update), self._core.rules.currency))
            if text is None or isinstance(error, OutcomeUnknown):
                text = await self._looked_up(update, press, text or self._unexpected(update, error))
        await self._say(update, text)
        if isinstance(error, Conflict) and not isinstance(error, KeyReused):
            await self._remove_buttons(update)

    async def _sorry(self, update: Update, error: Exception) -> None:
        try:
            await self._say(update, self._unexpected(update, error))
        except TelegramError as failure:
            self._telegram(update, failure)

    def _unexpected(self, update: Update, error: Exception) -> str:
        number = secrets.token_hex(3)
        log.error("unexpected", number=number, update=update.update_id, error=type(error).__name__, exc_info=error)
        return unexpected(number)

    async def _looked_up(self, update: Update, press: Press | None, otherwise: str) -> str:
        """What became of the wish, by its key: an intent's code, or made from the message."""
        if press is None and update.message is None:
            return otherwise
        key = press.rest if press is not None else key_of(message_of(update))
        try:
            payment = await self._core.ask(PaymentByKey(key))
        except WalletError:
            return otherwise
        return paid_toast(payment) if payment else otherwise

    async def _has_no_wallet(self, update: Update) -> bool:
        if update.effective_user is None:
            return False
        try:
            await self._core.ask(WalletOf(person_of(update)))
        except WalletNotFound:
            return True
        return False

    async def _invite(self, update: Update, press: Press | None) -> None:
        """Somebody without a wallet: show the way, and for a request the way right back to it."""
        url = hello_url(self._app.bot.username)
        if press is None or update.callback_query is None:
            await self._say(update, not_yet_started(url))
        elif press.action == PAY:
            link = DeepLink(LinkKind.REQUEST, press.rest).url(self._app.bot.username)
            await toast(update.callback_query, url=link)
        else:
            await toast(update.callback_query, url=url)

    async def _say(self, update: Update, text: str) -> None:
        if update.callback_query is not None:
            await toast(update.callback_query, text, alert=True)
        elif (message := update.effective_message) is not None:
            await self._app.bot.send_message(
                message.chat_id,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_to_message_id=None if is_private(update) else message.message_id,
                allow_sending_without_reply=True,
            )

    async def _remove_buttons(self, update: Update) -> None:
        """Nothing can come of these buttons any more."""
        place = place_of_button(update.callback_query) if update.callback_query else None
        if place is not None:
            try:
                await self._app.bot.edit_message_reply_markup(place.chat_id, place.message_id, reply_markup=None)
            except BadRequest as failure:
                if not is_gone(failure):
                    raise
