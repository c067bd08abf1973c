"""Deep links, callback data and places: the short texts that the bot writes and reads back, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.words.mistakes import OtherBot
from wallet_core import PersonId, is_code

CALLBACK_BYTES_MAX = 64  # Bot API: callback_data is 1 to 64 bytes
LINK_LENGTH_MAX = 300  # a longer word is not one of our links

_HOSTS = r"(?:t\.me|telegram\.me|telegram\.dog)"
_LINK = re.compile(
    rf"(?i:(?:https?://)?{_HOSTS}/(?P<name>[a-z0-9_]{{3,32}})/?\?start=(?P<payload>[a-z0-9_-]{{1,64}})"
    rf"|(?:https?://)?(?P<host_name>[a-z0-9_]{{3,32}})\.t\.me/?\?start=(?P<host_payload>[a-z0-9_-]{{1,64}})"
    r"|tg:/{0,2}resolve\?domain=(?P<app_name>[a-z0-9_]{3,32})&start=(?P<app_payload>[a-z0-9_-]{1,64}))",
    re.ASCII,
)
_CALLBACK = re.compile(r"(?P<action>[a-z]{2,6}):(?P<rest>[A-Za-z0-9_.:-]{1,61})", re.ASCII)
_PLACE = re.compile(r"(?P<chat>-?[0-9]{1,16})/(?P<message>[0-9]{1,12})", re.ASCII)


class LinkKind(StrEnum):
    """What a deep link names."""

    REQUEST = "r"
    PERSON = "p"
    GIFT = "g"


@dataclass(frozen=True, slots=True)
class DeepLink:
    """The part of a link behind `start=`: `r_CODE`, `p_CODE` or `g_CODE`."""

    kind: LinkKind
    code: str

    @property
    def payload(self) -> str:
        """What stands behind `start=`."""
        return f"{self.kind}_{self.code}"

    def url(self, bot_name: str) -> str:
        """The address that opens Telegram at the right dialog."""
        return f"https://t.me/{bot_name}?start={self.payload}"


def hello_url(bot_name: str) -> str:
    """The address at which a person starts the bot."""
    return f"https://t.me/{bot_name}?start=hi"


def read_payload(text: str) -> DeepLink | None:
    """The deep link in `r_CODE`, or None."""
    kind, _, code = text.partition("_")
    return DeepLink(LinkKind(kind), code) if kind in set(LinkKind) and is_code(code) else None


def read_link(text: str, bot_name: str) -> DeepLink | None:
    """The deep link in an address of this bot, or in a bare `r_CODE`; None when the text is something else.

    Raises OtherBot when the address is one of another bot.
    """
    text = text.strip()
    if len(text) > LINK_LENGTH_MAX:
        return None
    if (match := _LINK.fullmatch(text)) is None:
        return read_payload(text)
    name = match["name"] or match["host_name"] or match["app_name"]
    payload = match["payload"] or match["host_payload"] or match["app_payload"]
    if name.lower() != bot_name.lower():
        raise OtherBot(name)
    return read_payload(payload)


PUNCTUATION = ".,;:!?()<>\"'"  # around a link in a sentence


def find_link(text: str, bot_name: str) -> DeepLink | None:
    """The first deep link among the words of a text; raises OtherBot as `read_link` does."""
    for word in text.split():
        if (link := read_link(word.strip(PUNCTUATION), bot_name)) is not None:
            return link
    return None


@dataclass(frozen=True, slots=True)
class Press:
    """A button's meaning: an action, and what on; each thing names its actions in its words, app.py their handlers."""

    action: str
    rest: str

    @property
    def data(self) -> str:
        """The callback data."""
        return f"{self.action}:{self.rest}"


def read_callback(data: str | None) -> Press | None:
    """What the callback data means; None for anything that has not the form of what this bot writes."""
    match = _CALLBACK.fullmatch(data or "")
    return Press(match["action"], match["rest"]) if match else None


@dataclass(frozen=True, slots=True)
class Place:
    """A message that the bot has posted."""

    chat_id: int
    message_id: int

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.message_id}"

    @property
    def chat(self) -> str:
        """The chat, as the core keeps it."""
        return str(self.chat_id)

    @property
    def is_private(self) -> bool:
        """Whether one person alone reads it; groups have negative ids."""
        return self.chat_id > 0


def read_place(text: str | None) -> Place | None:
    """The place in `CHAT/MESSAGE`, or None."""
    match = _PLACE.fullmatch(text or "")
    return Place(int(match["chat"]), int(match["message"])) if match else None


def person_id_of(user_id: int) -> PersonId:
    """Wallets belong to the numeric id (G11)."""
    return PersonId(f"tg:{user_id}")


def chat_id_of(person: PersonId) -> int:
    """The private chat with a person has the person's own id."""
    return int(person.removeprefix("tg:"))
