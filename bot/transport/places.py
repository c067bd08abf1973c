"""Messages that show a thing are changed as it moves on: many changes as one, at most one a second in a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from telegram import InlineKeyboardMarkup, InputMediaPhoto, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.log import get_log
from bot.transport.answers import take_away
from bot.transport.context import Services
from bot.transport.lanes import Lanes
from bot.transport.patience import LIVE, NoRoom, seconds
from bot.transport.posting import NO_PREVIEW, is_gone, is_unchanged
from bot.transport.rates import Urgency
from bot.transport.settling import DELAY_MAX_S, delay_s, settle
from bot.transport.waiting import room
from bot.words.language import speak
from bot.words.links import Place, read_place
from bot.words.tellings import Face
from wallet_core import ClaimPlaces, NotFound, SettlePlaces, Shown, Unavailable, WalletCore

# A thing's code, where, the bot's name; None: what stands there stays.
Show = Callable[[WalletCore, str, Place, str], Coroutine[Any, Any, Face | None]]

AT_ONCE = 8  # messages that are changed at the same time
LEASE = timedelta(seconds=20)  # after a crash another process does it again, so late at most
CHANGE_S = 10.0  # for one message; the lease outlives it
ATTEMPTS_MAX = 20  # then the place is given up: what it shows can be looked up
PICTURE_ATTEMPTS_MAX = 3  # then the words alone are changed
FINISH_S = 5.0
NO_CAPTION = "no caption in the message"
NO_MESSAGE = "message to edit not found"  # deleted; else it is too old to be changed

log = get_log(__name__)


class Places:
    """Tells places the newest state of what they show."""

    def __init__(self, bot: ExtBot[int], services: Services, shown: Mapping[str, Show]) -> None:
        self._bot, self._core, self._settings, self._shown = bot, services.core, services.settings, shown
        self._houses, self._pictures = services.houses, services.pictures
        self._lanes = Lanes()  # one for each chat
        self._in_hand = 0

    async def claim(self) -> bool:
        """Take what is due and begin with it; whether there was something."""
        room = AT_ONCE - self._in_hand
        claimed = await self._core.run(ClaimPlaces(limit=room, lease=LEASE)) if room > 0 else ()
        for each in claimed:
            self._in_hand += 1
            place = read_place(each.place)
            self._lanes.put(place.chat if place else each.place, partial(self._change, each))
        return bool(claimed)

    async def close(self) -> None:
        """Finish what is under way; the rest is done after the next start."""
        await self._lanes.close(timeout_s=FINISH_S)

    async def _change(self, shown: Shown) -> None:
        await settle(self._core, await self._changed(shown), place=shown.place)
        self._in_hand -= 1

    async def _changed(self, shown: Shown) -> SettlePlaces:
        """Try it, and say what became of it."""
        told = (shown.place, shown.changes)
        place = read_place(shown.place)
        if place is None or shown.subject.kind not in self._shown:
            log.error("place_unknown", place=shown.place, kind=shown.subject.kind)
            return SettlePlaces(ended=(told,))
        try:
            async with (
                room(self._bot, place.chat, Urgency.LIVE),
                asyncio.timeout(CHANGE_S),
            ):  # the newest, once there is
                face = await self._shown[shown.subject.kind](self._core, shown.subject.code, place, self._bot.username)
                if face is not None and shown.attempts > PICTURE_ATTEMPTS_MAX:
                    face = replace(face, picture=None)
                now = place if face is None else await self._tell(place, face)
                if now is None and face is not None and face.unheard is not None and place.spot and not face.is_final:
                    await self._core.run(face.unheard)
        except NotFound:  # cleared since
            return SettlePlaces(ended=(told,))
        except NoRoom as error:
            return SettlePlaces(returned=((shown.place, timedelta(seconds=seconds(error))),))
        except RetryAfter as error:
            return self._postponed(shown, seconds(error), error)
        except (TelegramError, TimeoutError, Unavailable) as error:
            return self._postponed(shown, delay_s(shown.attempts), error)
        except Exception as error:
            log.error("place", place=shown.place, error=type(error).__name__, exc_info=error)
            return self._postponed(shown, DELAY_MAX_S, error)
        if now is None:
            return SettlePlaces(ended=(told,))
        told = (str(now), shown.changes)
        moved = ((shown.place, str(now), now.chat),) if now != place else ()
        if face is not None and face.is_final:
            return SettlePlaces(moved=moved, ended=(told,))
        return SettlePlaces(moved=moved, shown=(told,))

    def _postponed(self, shown: Shown, delay_s: float, error: Exception) -> SettlePlaces:
        if shown.attempts >= ATTEMPTS_MAX:
            log.error("place_given_up", place=shown.place, error=type(error).__name__)
            return SettlePlaces(ended=((shown.place, shown.changes),))
        log.warning("place_postponed", place=shown.place, error=type(error).__name__, delay_s=round(delay_s, 1))
        return SettlePlaces(postponed=((shown.place, timedelta(seconds=delay_s)),))

    async def _tell(self, place: Place, face: Face) -> Place | None:
        """Where it is shown now; None when the message is gone."""
        settings, is_owns = self._settings, place.is_private or bool(place.inline_id)  # whose, else, is not known
        house = await self._houses.language(place.chat_id)
        has_ways = bool(settings.gateways)
        speak(own=face.own, house=house, zone=settings.timezone, privately=is_owns, has_ways=has_ways)
        text, keyboard = face.text(), face.buttons()
        alone = text if face.text_alone is None else face.text_alone()  # posted anew it has no picture
        if place.spot:  # of what is over before it was shown nobody needs to hear
            return None if face.is_final else await self._posted(place.chat_id, face, alone, keyboard)
        if face.is_cleared and await take_away(self._bot, place):
            return None
        try:
            await self._edit(place, text, keyboard, is_picture=face.is_picture)
            await self._replace(place, face, text, keyboard)
        except BadRequest as error:
            if face.is_picture and NO_CAPTION in error.message.lower():  # its words were posted without it
                return await self._tell(place, replace(face, is_picture=False, text=lambda: alone))
            if is_unchanged(error):
                await self._replace(place, face, text, keyboard)
                return place
            if not (face.is_kept and is_gone(error)) or (face.is_final and NO_MESSAGE in error.message.lower()):
                return None
            below = place.message_id if face.below is None else face.below  # and so in its topic
            return await self._posted(place.chat_id, replace(face, below=below), alone, keyboard)
        except ChatMigrated as moved:
            return await self._posted(moved.new_chat_id, replace(face, below=None), alone, keyboard)
        except Forbidden:
            return None
        return place

    async def _posted(self, chat_id: int, face: Face, text: str, keyboard: InlineKeyboardMarkup | None) -> Place | None:
        """Show it in a message of its own, also in the supergroup that a group became: in the old one nothing changes.

        None when nothing can be written there.
        """
        under = None if face.below is None else ReplyParameters(face.below, allow_sending_without_reply=True)
        try:
            posted = await self._bot.send_message(
                chat_id,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_parameters=under,
                reply_markup=keyboard,
                rate_limit_args=LIVE,
            )
        except ChatMigrated as moved:
            if moved.new_chat_id == chat_id:
                return None
            return await self._posted(moved.new_chat_id, replace(face, below=None), text, keyboard)
        except (BadRequest, Forbidden) as error:
            log.info("not_posted", chat=chat_id, reason=error.message)
            if face.alone in (None, chat_id):
                return None
            return await self._posted(face.alone, replace(face, below=None), text, keyboard)
        return Place(posted.chat_id, posted.message_id)

    async def _replace(self, place: Place, face: Face, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put another picture over words that say it already; messages posted through the bot take what is stored.

        Only what has a caption has a picture, so the words come first: a text would be turned into one.
        """
        if face.picture is None or not face.is_picture:
            return
        png = await asyncio.to_thread(face.picture, self._settings.style)
        if place.inline_id:
            name = sha256(png).hexdigest()
            how: dict[str, Any] = {"caption": text, "keyboard": keyboard, "rate_limit_args": LIVE}
            await self._pictures.put(self._bot, place, name, lambda: _drawn(png), **how)
            return
        media = InputMediaPhoto(png, caption=text, parse_mode=ParseMode.HTML, filename="qr.png")
        try:
            await self._bot.edit_message_media(media, **place.address, reply_markup=keyboard, rate_limit_args=LIVE)
        except BadRequest as error:
            log.info("picture_stays", place=str(place), reason=error.message)

    async def _edit(self, place: Place, text: str, keyboard: InlineKeyboardMarkup | None, *, is_picture: bool) -> None:
        if is_picture:
            await self._bot.edit_message_caption(
                **place.address,
                caption=text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                rate_limit_args=LIVE,
            )
        else:
            await self._bot.edit_message_text(
                text,
                **place.address,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=keyboard,
                rate_limit_args=LIVE,
            )


async def _drawn(png: bytes) -> bytes:
    return png
