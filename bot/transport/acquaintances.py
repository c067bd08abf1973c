"""Who is who: everybody that is seen is made known to the core under their number (G11)."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.log import get_log
from bot.words.links import person_id_of
from wallet_core import Meet, PersonById, Unavailable, WalletCore

KNOWN_MAX = 10_000
KNOWN_S = 60.0  # then it is told again: the handle may be somebody else's by now
SEEN_MAX = 20_000  # people in groups
SEEN_S = 86_400.0  # then it is told again that somebody takes part in a group: the core forgets it after months

ANONYMOUS_ADMIN = 1087968824  # GroupAnonymousBot: all anonymous administrators of all groups
CHANNEL = 136817688  # Channel_Bot: everybody who writes as a channel
TELEGRAM = 777000  # posts of a linked channel
NOBODY = frozenset({ANONYMOUS_ADMIN, CHANNEL, TELEGRAM})

log = get_log(__name__)


def is_somebody(user: User | None) -> bool:
    """Whether this is one person, who can own a wallet."""
    return user is not None and not user.is_bot and user.id not in NOBODY


def is_deleted(user: User) -> bool:
    """Whether the account is no more: Telegram goes on to send it, without any name."""
    return not user.first_name and not user.last_name


def name_of(user: User) -> str:
    """The whole name; empty of a deleted account, which keeps the name that was known before."""
    return f"{user.first_name or ''} {user.last_name or ''}".strip()


def is_service(message: Message) -> bool:
    """Whether Telegram speaks here, of what somebody did: joined, closed a topic, paid."""
    if message.successful_payment is not None or message.passport_data is not None:
        return True
    return not (message.text or message.caption or message.effective_attachment)  # also of a kind that is yet to come


def is_own_words(message: Message) -> bool:
    """Whether the person wrote this: not somebody else, whose message it was, and no other bot for them."""
    old = "forward_date" in message.api_kwargs  # as Bot API servers before 7.0 say it
    return message.forward_origin is None and message.via_bot is None and not old


def is_posted_through(message: Message, bot_id: int) -> bool:
    """Whether somebody posted it through this bot."""
    return message.via_bot is not None and message.via_bot.id == bot_id


def is_hidden(message: Message) -> bool:
    """Whether it cannot be told which person wrote the message."""
    return message.sender_chat is not None or (message.from_user is not None and message.from_user.id in NOBODY)


class Acquaintances:
    """Remembers for a minute whom the core knows already, so that talking costs no write.

    Where other processes run, too, it costs a question: one of them may have heard which language somebody chose.
    """

    def __init__(self, core: WalletCore) -> None:
        self._core = core
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._seen: OrderedDict[tuple[str, int], float] = OrderedDict()  # in a group, until when it need not be told

    async def meet(self, update: Update) -> str | None:
        """Make everybody known who plays a part in this update; what cannot be noted now is noted next time.

        Returns the language of whoever writes or presses.
        """
        lets_us_in = _lets_us_in(update)
        for user in _people(update):
            group = self._group(update, user)
            opens_chat = lets_us_in and update.my_chat_member is not None
            if group is None and not opens_chat and await self._is_known(user):
                continue
            wish = Meet(
                person=person_id_of(user.id),
                handle=user.username,
                name=name_of(user),
                language=user.language_code,
                can_be_told=lets_us_in and user == update.effective_user,
                chat=group,
            )
            try:
                person = await self._core.run(wish)
            except Unavailable:
                continue
            except Exception as error:  # what was asked matters more than who else is in the message
                log.error("not_met", update=update.update_id, error=type(error).__name__, exc_info=error)
                continue
            self.remember(user, person.language)
            if group is not None:
                self._remember_seen(group, user)
        return self.language_of(update)

    async def _is_known(self, user: User) -> bool:
        """Whether the core knows them as they are; while it cannot be asked, it is taken to know what it knew."""
        known = self._known.get(user.id)
        if known is None or known.user != _described(user) or known.until <= time.monotonic():
            return False
        if self._core.is_alone:
            return True
        try:
            person = await self._core.ask(PersonById(person_id_of(user.id)))
        except Unavailable:
            return True
        if person is None or person.handle != user.username or self._known.get(user.id) is not known:
            return False
        self._known[user.id] = known._replace(language=person.language)
        return True

    def language_of(self, update: Update) -> str | None:
        """The language of whoever writes or presses, as far as it is known here."""
        me = update.effective_user
        return None if me is None else self._known[me.id].language if me.id in self._known else me.language_code

    def _group(self, update: Update, user: User) -> str | None:
        """The group in which they take part and of which the core was not told lately; a mention is not enough."""
        chat, message = update.effective_chat, update.message
        if chat is None or chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return None
        reply = message.reply_to_message if message is not None else None
        is_there = user == update.effective_user or (reply is not None and user == reply.from_user)
        is_told = self._seen.get((str(chat.id), user.id), 0.0) > time.monotonic()
        return str(chat.id) if is_there and not is_told else None

    def _remember_seen(self, group: str, user: User) -> None:
        self._seen[group, user.id] = time.monotonic() + SEEN_S
        self._seen.move_to_end((group, user.id))
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)

    def forget(self, person: int) -> None:
        """Something waits for them: the core is told of the next thing that they write."""
        self._known.pop(person, None)

    def remember(self, user: User, language: str | None) -> None:
        """The core knows them like this now."""
        self._known[user.id] = _Known(_described(user), language, time.monotonic() + KNOWN_S)
        self._known.move_to_end(user.id)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)


class _Known(NamedTuple):
    user: tuple[str | None, ...]
    language: str | None
    until: float


def _described(user: User) -> tuple[str | None, ...]:
    return user.username, name_of(user), user.language_code


def _lets_us_in(update: Update) -> bool:
    """Whether they write to us in private, or open that chat for us again."""
    if (change := update.my_chat_member) is not None:
        return change.chat.type == ChatType.PRIVATE and change.new_chat_member.status == ChatMemberStatus.MEMBER
    return update.message is not None and update.message.chat.type == ChatType.PRIVATE


def _people(update: Update) -> list[User]:
    found = [update.effective_user]
    message = update.message
    if message is not None:
        if message.reply_to_message is not None and not is_hidden(message.reply_to_message):
            found.append(message.reply_to_message.from_user)
        found += [entity.user for entity in message.entities if entity.type == MessageEntity.TEXT_MENTION]
    return [user for user in found if user is not None and is_somebody(user)]
