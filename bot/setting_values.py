"""How single settings are read: each function gives the value, or says what is expected instead."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bot.gateways.bank.iban import IbanMistyped, NoIban, read_iban
from bot.qr import LOGO_BYTES_MAX, Style, check_logo
from bot.words.language import languages, understood
from wallet_core import AmountProblem, Currency, CurrencyMismatch, InvalidAmount, Money, read_amount

TELEGRAM = "https://api.telegram.org"
NAME_MAX = 64  # Bot API: setMyName
SECRET_BYTES_MAX = 10_000
PERIOD_MIN, PERIOD_MAX = timedelta(minutes=10), timedelta(days=31)
LOOPBACK, EVERYWHERE = "localhost", "*"
HOLDER_MAX = 70  # characters of a name (EPC069-12, pain.001)
HOLDER_BYTES_MAX = 210  # a code has 331 for all that it says
TOKEN_HELP = "a bot's token as @BotFather gives it, such as 123456789:AAE..."
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,128}", re.ASCII)
_TELEGRAMS_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{16,128}", re.ASCII)
_PASSWORDS = re.compile(r"(?<=://)[^:/@]*:([^@]+)@|[?&](?:ssl)?password=([^&]+)", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_LONG_SECRET = re.compile(r"[ -~]{16,256}", re.ASCII)
_PERIOD = re.compile(r"([1-9][0-9]{0,4})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_CHAT = re.compile(r"-?[1-9][0-9]{0,15}|@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
CONTACT_MAX = 200  # characters


def stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def check_for_telegram(token: SecretStr | None, webhook: str | None) -> None:
    """Raises ValueError for a token that Telegram itself would not give, and an address that it would not call."""
    if token is not None and _TELEGRAMS_TOKEN.fullmatch(token.get_secret_value()) is None:
        raise ValueError(f"BOT_TOKEN: expected {TOKEN_HELP}")
    if webhook is not None and not webhook.startswith("https://"):
        raise ValueError("WEBHOOK_URL: expected an address with https, which alone Telegram calls")


def secret(pattern: re.Pattern[str], expected: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, str) and pattern.fullmatch(value.strip()) is None:
            raise ValueError(f"expected {expected}")
        return stripped(value)

    return check


def url(value: object) -> object:
    text = str(value).strip()
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # no port, no IPv6 address
        is_address = False
    if not is_address or parts.query or parts.fragment or len(text.split()) > 1:
        raise ValueError(f"expected an address such as {TELEGRAM}")
    return text.rstrip("/")


def host(value: object) -> object:
    """An address of this machine; a name would have to be looked up."""
    text = str(value).strip().strip("[]")
    if text not in (LOOPBACK, EVERYWHERE):
        try:
            ip_address(text)
        except ValueError:
            raise ValueError(
                f"expected {LOOPBACK} (this machine), {EVERYWHERE} (everybody), or an IP address of this machine"
            ) from None
    return text


def secret_file(value: object) -> object:
    """The secret in a file, as a service manager or a container hands it over; the line may end."""
    if not isinstance(value, str):
        return value
    path = value.strip()
    if not path:
        raise ValueError("expected the path of a file")
    try:
        with Path(path).open("rb") as file:
            text = file.read(SECRET_BYTES_MAX + 1).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8: save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise ValueError(f"{path} cannot be read: {reason}") from None
    if not text:
        raise ValueError(f"{path} is empty: expected the secret in its one line")
    if len(text.splitlines()) > 1:
        raise ValueError(f"{path} holds more than one line: expected the secret alone")
    if len(text) > SECRET_BYTES_MAX:
        raise ValueError(f"{path} is too long for a secret")
    return text


def folder(value: object) -> object:
    """A folder that is there and may be written to."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        raise ValueError("expected the path of a folder")
    path = Path(value.strip()).absolute()
    if not path.is_dir():
        raise ValueError(f"there is no folder {path}: make it, or name another")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ValueError(f"the folder {path} cannot be read and written to: whoever runs the bot must be able to")
    return path


def period(value: object) -> object:
    """A time between two things, such as 6h."""
    if not isinstance(value, str):
        return value
    found = _PERIOD.fullmatch(value.strip().lower())
    if found is None or not PERIOD_MIN <= (time := int(found[1]) * _UNITS[found[2]]) <= PERIOD_MAX:
        raise ValueError("expected a time from 10m to 31d, such as 6h or 1d")
    return time


def chat(value: object) -> object:
    if _CHAT.fullmatch(str(value).strip()) is None:
        raise ValueError("expected a chat's number such as -1001234567890, or its @username")
    return str(value).strip()


def iban(value: object) -> object:
    try:
        return read_iban(str(value))
    except (NoIban, IbanMistyped):
        raise ValueError("expected an IBAN such as DE02 1203 0000 0000 2020 51, with right check digits") from None


def holder(value: object) -> object:
    """Whose an account is, as banks write it."""
    name = " ".join(str(value).split())
    if not 1 <= len(name) <= HOLDER_MAX or len(name.encode()) > HOLDER_BYTES_MAX or not name.isprintable():
        raise ValueError(f"expected the name of the account's holder, of at most {HOLDER_MAX} characters")
    return name


def contact(value: object) -> object:
    """Whom people ask, in one line."""
    said = " ".join(str(value).split())
    if not 1 <= len(said) <= CONTACT_MAX or not said.isprintable():
        raise ValueError(f"expected whom to ask, such as @name or a mail address, of at most {CONTACT_MAX} characters")
    return said


def color(value: object) -> object:
    return Style(ink=value.strip().lower()).ink if isinstance(value, str) else value


def logo(value: object) -> object:
    """The logo's file in bytes, of its path."""
    if not isinstance(value, str):
        return value
    try:
        with Path(value.strip()).open("rb") as file:
            logo = file.read(LOGO_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise ValueError(f"the file cannot be read: {reason or type(error).__name__}") from error
    try:
        check_logo(logo)
    except ValueError:
        raise
    except Exception as error:  # whatever Pillow says of a damaged file
        raise ValueError("the logo is damaged") from error
    return logo


def language(value: object) -> object:
    """The first that has words: desktops set a variable of this name too, such as `en_GB:en`."""
    known = filter(None, map(understood, str(value).strip().split(":")))
    if (first := next(known, None)) is None:
        raise ValueError(f"expected one of {', '.join(languages())}")
    return first


def names(value: object) -> object:
    """A name by language, the usual one by none: `Club Pay; de=Vereinskasse`."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, value.split(";"))):
        language, sign, name = (each.strip() for each in part.partition("="))
        spoken = understood(language) if sign else ""
        if spoken is None:
            raise ValueError(f"expected a name, and behind ; one for each other language of {', '.join(languages())}")
        found[spoken] = name if sign else part
    if "" not in found or any(not 1 <= len(name) <= NAME_MAX for name in found.values()):
        raise ValueError(f"expected a name of 1 to {NAME_MAX} characters, such as Club Pay; de=Vereinskasse")
    return found


def zone(value: object) -> object:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value).strip())
    except (KeyError, ValueError, OSError):  # no such name, no name at all, a folder of names
        raise ValueError("expected a time zone's name such as Europe/Berlin or UTC") from None


def read_money(text: str, unit: Currency) -> Money:
    """An amount in the bot's currency; unlike in the chat, nothing is an amount too."""
    try:
        return read_amount(text, unit)
    except InvalidAmount as error:
        if error.problem is AmountProblem.ZERO:
            return Money(0, unit)
        raise ValueError(
            f"expected an amount in {unit.code} such as {Money(10 ** (unit.decimals + 1), unit)}"
        ) from error
    except CurrencyMismatch as error:
        raise ValueError(f"expected an amount in {unit.code}, not in {error.given}") from error


Url = Annotated[str, BeforeValidator(url)]
Token = Annotated[SecretStr, BeforeValidator(secret(_TOKEN, TOKEN_HELP))]
SecretFile = Annotated[SecretStr | None, BeforeValidator(secret_file)]
Secret = Annotated[SecretStr, BeforeValidator(secret(_SECRET, "1 to 256 of the characters A-Z a-z 0-9 _ -"))]
PlainSecret = Annotated[Annotated[SecretStr, BeforeValidator(stripped)] | None, Field(validate_default=True)]
BankSecret = Annotated[SecretStr, BeforeValidator(secret(_LONG_SECRET, "at least 16 characters that nobody can guess"))]
Amount = Annotated[Money | None, NoDecode, Field(validate_default=True)]  # NoDecode: a dataclass, and yet no JSON


def minor(money: Money | None) -> int:
    return money.minor if money else 0


def passwords(*urls: str | None) -> Iterator[str]:
    """Those in addresses, as they stand there and as they are."""
    for found in (found for url in urls if url for found in _PASSWORDS.finditer(url)):
        password = found[1] or found[2]
        yield from {password, unquote(password)}


def what_is_wrong(error: Any) -> str:
    """What pydantic says, in words for whoever writes a `.env`."""
    if error["type"] == "int_parsing":
        return "expected a whole number"
    said = str(error["msg"]).removeprefix("Value error, ")
    return said.replace("Input should be '", "expected '").replace("Input should be", "expected a number that is")
