"""Deep links, callback data and places: the short texts that the bot writes and reads back, strictly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from bot.words.mistakes import OtherBot
from wallet_core import PersonId, is_code

GO, STOP = "success", "danger"  # the looks of a button: green, red; its text says what it does
DISABLED: dict[str, Any] = {
    "disabled": {}
}  # the `api_kwargs` of a button of which nothing can come any more (Bot API 10.3)
CALLBACK_BYTES_MAX = 64  # Bot API: callback_data is 1 to 64 bytes
TEXT_LENGTH_MAX = 8_192  # characters of a text in which links are looked for; a message has half of that

_HOSTS = r"(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)"
_NAME = r"[a-z0-9_]{3,32}"
_LINK = re.compile(
    rf"(?<![\w./@-])(?:(?:https?://)?(?:{_HOSTS}/@?(?P<name>{_NAME})|(?!www\.)(?P<host_name>{_NAME})\.t\.me)/?\?"
    rf"|tg:/{{0,2}}resolve/?\?)(?P<query>[^\s#]+)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    rf"(?:https?://)?(?:{_HOSTS}/@?(?P<name>{_NAME})|(?!www\.)(?P<host_name>{_NAME})\.t\.me)/?|@(?P<handle>{_NAME})",
    re.IGNORECASE | re.ASCII,
)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}(?!\w)")
_BARE = re.compile(r"(?<![\w/=.-])[a-z]_[A-Za-z0-9_-]{16,32}(?![\w-])")
_ROOMS = frozenset(("addlist", "addstickers", "boost", "contact", "joinchat", "login", "proxy", "share"))  # no people
_CALLBACK = re.compile(r"(?P<action>[a-z]{2,6}):(?P<rest>[A-Za-z0-9_.:-]{1,61})", re.ASCII)
_TO_COME = re.compile(r"tg:(?P<chat>[0-9]{1,16})/(?P<spot>[A-Za-z0-9_-]{1,32})", re.ASCII)
_PLACE = re.compile(
    r"(?P<chat>-?[0-9]{1,16})/(?:0\.(?P<spot>[0-9]{1,12}(?:\.[0-9]{1,12})?)|(?P<message>[0-9]{1,12}))"
    r"|i/(?P<inline>[A-Za-z0-9_-]{1,126})",
    re.ASCII,
)


class LinkKind(StrEnum):
    """What a deep link names."""

    REQUEST = "r"
    PERSON = "p"
    GIFT = "g"
    SPLIT = "s"


@dataclass(frozen=True, slots=True)
class DeepLink:
    """The part of a link behind `start=`: `r_CODE`, `p_CODE`, `g_CODE` or `s_CODE`."""

    kind: LinkKind
    code: str

    @property
    def payload(self) -> str:
        """What stands behind `start=`."""
        return f"{self.kind}_{self.code}"

    def url(self, bot_name: str) -> str:
        """The address that opens Telegram at the right dialog."""
        return f"https://t.me/{bot_name}?start={self.payload}"


HELLO = "hi"  # the payload of a link that only says hello


def hello_url(bot_name: str) -> str:
    """The address at which a person starts the bot."""
    return f"https://t.me/{bot_name}?start={HELLO}"


def read_payload(text: str) -> DeepLink | None:
    """The deep link in `r_CODE`, or None."""
    kind, _, code = text.partition("_")
    return DeepLink(LinkKind(kind), code) if kind in set(LinkKind) and is_code(code) else None


def find_link(text: str, bot_name: str) -> DeepLink | None:
    """The first deep link of this bot in a text: an address in whatever form and company, or a bare `r_CODE`.

    Raises OtherBot when there are addresses of another bot only.
    """
    text = _plain(text)
    other: str | None = None
    for match in _LINK.finditer(text):
        given = dict(part.partition("=")[::2] for part in match["query"].replace("&amp;", "&").split("&"))
        parameters = {key.lower(): value for key, value in given.items()}
        name = match["name"] or match["host_name"] or _first(_NAME, parameters.get("domain", ""))
        payload = _PAYLOAD.match(parameters.get("start", ""))
        if payload is None:
            continue
        if name.lower() != bot_name.lower():
            other = other or name
        elif (link := read_payload(payload[0])) is not None:
            return link
    for match in _BARE.finditer(text):
        if (link := read_payload(match[0])) is not None:
            return link
    if other:
        raise OtherBot(other)
    return None


def handle_in(word: str) -> str | None:
    """The username in `@bob`, `(@bob)` or `t.me/bob`."""
    match = _PERSON.fullmatch(_plain(word).strip(AROUND))
    name: str | None = match and (match["name"] or match["host_name"] or match["handle"])
    return None if name is None or name.lower() in _ROOMS else name


AROUND = ".,;:!?*|`~'\"()[]{}<>«»‹›„“”‟‚‘’‛「」『』【】（），。！？、…"  # a word in a sentence, in whatever script


def _plain(text: str) -> str:
    """Without what cannot be seen (zero-width characters, a byte order mark), `%5F` and full-width letters as usual."""
    seen = "".join(c for c in text[:TEXT_LENGTH_MAX] if unicodedata.category(c) != "Cf")
    return unquote(seen).translate(_WIDE)


_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {ord("﹫"): "@"}


def _first(pattern: str, text: str) -> str:
    match = re.match(pattern, text, re.IGNORECASE | re.ASCII)
    return match[0] if match else ""


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
    """A message that the bot has posted, or somebody through it: of such a one only its `inline_id` is known.

    One that is to be posted has a `spot`, its own name for what is to be.
    """

    chat_id: int
    message_id: int
    spot: str = ""
    inline_id: str = ""

    @classmethod
    def inline(cls, inline_id: str) -> Place:
        """A message that somebody posted through the bot, in whatever chat."""
        return cls(0, 0, inline_id=inline_id)

    def __str__(self) -> str:
        if self.inline_id:
            return f"i/{self.inline_id}"
        return f"{self.chat_id}/0.{self.spot}" if self.spot else f"{self.chat_id}/{self.message_id}"

    @property
    def address(self) -> dict[str, Any]:
        """How the methods that change a message are told which."""
        if self.inline_id:
            return {"inline_message_id": self.inline_id}
        return {"chat_id": self.chat_id, "message_id": self.message_id}

    @property
    def chat(self) -> str:
        """The chat, as the core keeps it; one that is not known is named by its message."""
        return self.inline_id or str(self.chat_id)

    @property
    def is_private(self) -> bool:
        """Whether one person alone reads it; groups have negative ids, and who reads an inline message is not known."""
        return self.chat_id > 0

    @property
    def is_in_group(self) -> bool:
        """Whether others read it, where the bot is."""
        return self.chat_id < 0


def read_place(text: str | None) -> Place | None:
    """The place in `CHAT/MESSAGE` or `i/INLINE`, or None.

    One to come is `CHAT/0.SPOT`, or in private with a person `PERSON/SPOT`.
    """
    if (to_come := _TO_COME.fullmatch(text or "")) is not None:
        return Place(int(to_come["chat"]), 0, to_come["spot"])
    match = _PLACE.fullmatch(text or "")
    if match is None:
        return None
    if match["inline"]:
        return Place.inline(match["inline"])
    return Place(int(match["chat"]), int(match["message"] or 0), match["spot"] or "")


def below(chat_id: int, message_id: int, *more: int) -> Place:
    """What is to be posted below a message; `more` tells apart what is posted there."""
    return Place(chat_id, 0, ".".join(map(str, (message_id, *more))))


def message_above(place: Place) -> int:
    """The message below which something is to be posted."""
    return int(place.spot.partition(".")[0])


def person_id_of(user_id: int) -> PersonId:
    """Wallets belong to the numeric id (G11)."""
    return PersonId(f"tg:{user_id}")


def chat_id_of(person: PersonId) -> int:
    """The private chat with a person has the person's own id."""
    return int(person.removeprefix("tg:"))
