"""The only handler of exceptions: what is told to the person, what is tried again, what is logged."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from functools import partial

from telegram import CallbackQuery, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.log import get_log
from bot.transport.answers import (
    answer_query,
    inline_place,
    is_alone,
    is_private,
    key_of,
    message_of,
    person_of,
    place_of_button,
    press_key,
    remove_buttons,
    toast,
)
from bot.transport.checkouts import answer_checkout
from bot.transport.context import Tuppence
from bot.transport.keypads import ask_for_pin
from bot.transport.patience import seconds
from bot.transport.posting import Said, Unheard, Unreadable, is_gone, post, post_alone
from bot.transport.turns import TURN, is_picture, is_urgent
from bot.transport.waiting import go_on_in_s
from bot.words.inline import wallet_first
from bot.words.language import speak, speaking
from bot.words.links import DeepLink, LinkKind, Place, Press, hello_url, read_callback
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
    PinNeeded,
    ShownAt,
    StorageFull,
    Unavailable,
    WalletError,
    WalletNotFound,
    WalletOf,
    is_code,
)

BARE_S = 5.0  # so long the buttons of a message are not taken away once more
NUMBERS_MAX = 100  # of people whose number is logged while nobody is operator
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
        self._bare: dict[Place, float] = {}
        self._numbers: set[int] = set()  # of those who wrote while nobody is an operator

    async def process(self, update: Update) -> None:
        """Process an update; raises TryLater and nothing else."""
        try:
            await self._meet(update)
            await self._app.process_update(update)
        except Exception as error:
            await self._guarded(update, error)
        if (message := update.message or update.edited_message) is not None:
            self._app.services.sayings.note(message)

    async def refuse(self, update: Update) -> None:
        """Tell the person that this is too much, without processing the update; raises TryLater and nothing else."""
        try:
            await self._meet(update)
            raise TooManyPictures if is_picture(update) else TooMuchAtOnce(go_on_in_s(self._app.bot, update))
        except Exception as failure:
            await self._guarded(update, failure)

    async def _meet(self, update: Update) -> None:
        """Everybody in the update becomes known, and is spoken to in their language."""
        services = self._app.services
        known, chat = services.acquaintances, update.effective_chat
        own = known.language_of(update) if is_urgent(update) else await known.meet(update)  # meeting may take a write
        speak(
            own=own,
            house=await services.houses.language(None if chat is None else chat.id),
            zone=services.settings.timezone,
            privately=is_alone(update),
            has_ways=bool(services.settings.gateways),
        )
        if not services.settings.admin_ids:
            self._note_number(update)

    def _note_number(self, update: Update) -> None:
        """Whoever sets the bot up writes to it, and finds here what ADMIN_IDS wants: each number once."""
        user = update.effective_user
        if (
            is_private(update)
            and user is not None
            and user.id not in self._numbers
            and len(self._numbers) < NUMBERS_MAX
        ):
            self._numbers.add(user.id)
            log.info("nobody_is_operator", wrote=user.id, hint="ADMIN_IDS is empty: put your own number there")

    async def give_up(self, update: Update, cause: Exception) -> None:
        """Trying again did not help: say what is known. Never raises."""
        text = self._unexpected(update, cause, "gave_up", trace=False)
        try:
            if not isinstance(cause, TelegramError):
                await self._tell(update, cause)
            elif not isinstance(cause, RetryAfter):  # a file, say, does not get through; a word of it may
                await self._say(update, text)
        except Exception as error:
            log.error("not_told", update=update.update_id, error=type(error).__name__)

    async def _guarded(self, update: Update, error: Exception) -> None:
        try:
            await self._explain(update, error)
        except TryLater:
            raise
        except (TelegramError, Unheard, Unreadable) as failure:
            await self._unanswered(update, failure)
        except Unavailable as failure:
            raise TryLater(failure, is_final=isinstance(failure, CoreStopped)) from failure
        except Exception as failure:  # not even the refusal could be put together
            await self._sorry(update, failure)

    async def _explain(self, update: Update, error: Exception) -> None:
        if isinstance(error, TelegramError | Unheard | Unreadable):
            await self._unanswered(update, error)
        elif isinstance(error, Unavailable) and not isinstance(error, StorageFull):
            raise TryLater(error, is_final=isinstance(error, CoreStopped)) from error
        elif not (isinstance(error, PinNeeded) and await ask_for_pin(self._app, update, error)):
            await self._tell(update, error)

    async def _unanswered(self, update: Update, error: Exception) -> None:
        """An answer did not get through. Whatever it was about is committed, and doing it again changes nothing."""
        self._check_again(error)
        if isinstance(error, Unreadable):  # it got through
            log.warning("answer_unreadable", update=update.update_id, error=type(error.__cause__).__name__)
        elif isinstance(error, RetryAfter) or _nobody_hears(error):
            log.info("unanswerable", update=update.update_id, error=type(error).__name__)
            if isinstance(error, Unheard | Forbidden):
                await self._beckon(update)
        else:
            await self._sorry(update, error)

    def _check_again(self, error: Exception) -> None:
        """Raises TryLater for what may get through the next time; an answer's turn has its own waiting behind it."""
        if isinstance(error, RetryAfter):
            turn = TURN.get()
            if turn is None or not turn.is_answering:
                raise TryLater(error, delay_s=seconds(error)) from error
        elif isinstance(error, TelegramError) and not isinstance(error, BadRequest):
            unclear = type(error) is TelegramError  # not Telegram's own answer: some machine on the way
            if unclear or isinstance(error, NetworkError):  # TimedOut: perhaps delivered
                raise TryLater(error) from error

    async def _beckon(self, update: Update) -> None:
        """Nothing can be written to them: a press is answered at least, with the way to the private chat."""
        query = update.callback_query
        if query is None:
            return
        press = read_callback(query.data)
        try:
            await toast(query, url=self._way(press))
        except TelegramError as failure:
            log.info("unanswerable", update=update.update_id, error=type(failure).__name__)

    def _way(self, press: Press | None) -> str:
        """The address of the private chat; from a request's button right back to the request."""
        if press is not None and press.action == PAY and is_code(press.rest):
            return DeepLink(LinkKind.REQUEST, press.rest).url(self._app.bot.username)
        return hello_url(self._app.bot.username)

    async def _tell(self, update: Update, error: Exception) -> None:
        press = read_callback(update.callback_query.data) if update.callback_query else None
        if isinstance(error, WalletNotFound) and await self._has_no_wallet(update):
            await self._invite(update, press)
            return
        seen = partial(Seen, self._app.bot.username, currency=self._core.rules.currency)
        with speaking(privately=is_alone(update) or update.callback_query is not None):
            text = refusal(error, seen(is_private=is_alone(update)))
            if text is None or isinstance(error, OutcomeUnknown):
                text = await self._looked_up(update, press, text or self._unexpected(update, error))
        await self._say(update, text, alone=partial(refusal, error, seen(is_private=True)))
        if isinstance(error, Conflict) and not isinstance(error, KeyReused):
            await self._remove_buttons(update)

    async def _sorry(self, update: Update, error: Exception) -> None:
        try:
            await self._say(update, self._unexpected(update, error))
        except (TelegramError, Unheard, Unreadable) as failure:
            self._check_again(failure)
            log.error("answer_refused", update=update.update_id, error=type(failure).__name__)

    def _unexpected(self, update: Update, error: Exception, event: str = "unexpected", *, trace: bool = True) -> str:
        number, why = secrets.token_hex(3), error if trace else None
        log.error(event, number=number, update=update.update_id, error=type(error).__name__, exc_info=why)
        return unexpected(number)

    async def _looked_up(self, update: Update, press: Press | None, otherwise: str) -> str:
        """What became of the wish, by its key: an intent's code, or made from the message."""
        if press is None and update.message is None:
            return otherwise
        keys = [press.rest, press_key(update)] if press is not None else [key_of(message_of(update))]
        try:
            found = [await self._core.ask(PaymentByKey(key)) for key in keys]
            payment = next(filter(None, found), None)
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
        if update.callback_query is not None:
            await toast(update.callback_query, url=self._way(press))
        elif update.inline_query is not None:
            await self._say(update, wallet_first())
        else:
            hello = hello_url(self._app.bot.username)
            await self._say(update, not_yet_started(hello, is_private=is_private(update)))

    async def _say(self, update: Update, text: str, *, alone: Callable[[], str | None] = lambda: None) -> None:
        """Say it in the answer to the press or above what is typed, or below the message.

        `alone`: what is said in private instead, if any.
        """
        if update.callback_query is not None:
            is_told = await self._app.services.ephemeral.say(self._app.bot, update, text)
            await toast(update.callback_query, "" if is_told else text, alert=not is_told)
        elif update.inline_query is not None:
            await answer_query(update.inline_query, (), said=text)
        elif update.pre_checkout_query is not None:
            await answer_checkout(self._app.bot, update.pre_checkout_query, text)
        elif update.chosen_inline_result is not None:
            await post_alone(self._app.bot, update.chosen_inline_result.from_user.id, lambda _: Said(text))
        elif update.effective_message is not None:
            if await self._app.services.ephemeral.say(self._app.bot, update, text, for_all=True):
                return
            await post(
                self._app.bot,
                update,
                lambda privately: Said((alone() if privately and not is_private(update) else None) or text),
                for_one=True,
            )

    async def _remove_buttons(self, update: Update) -> None:
        """Nothing can come of these buttons any more."""
        query = update.callback_query
        place = (place_of_button(query) or await self._unknown(query)) if query else None
        now = asyncio.get_running_loop().time()
        if place is not None and place not in self._bared(now):  # once, however many press at the same time
            self._bare[place] = now + BARE_S
            await remove_buttons(self._app.bot, place)

    async def _unknown(self, query: CallbackQuery) -> Place | None:
        """The inline message that was pressed, unless it is known to show something: then the press was made up."""
        place = inline_place(query)
        shows = None if place is None else await self._core.ask(ShownAt(str(place)))
        return place if shows is None else None

    def _bared(self, now: float) -> dict[Place, float]:
        """The messages that have lost their buttons just now."""
        self._bare = {place: until for place, until in self._bare.items() if until > now}
        return self._bare


def _nobody_hears(error: Exception) -> bool:
    return isinstance(error, Unheard | Forbidden | ChatMigrated) or (isinstance(error, BadRequest) and is_gone(error))
