"""What the operator decides, from the environment and `.env`: the only place that reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.command import python
from bot.env_file import problem_of
from bot.qr import LOGO_BYTES_MAX, PLAIN, Shape, Style, check_logo
from bot.words.language import ENGLISH, languages, understood
from bot.words.links import person_id_of
from wallet_core import (
    AmountProblem,
    Currency,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    Rules,
    WalletCore,
    currency,
    read_amount,
)

TELEGRAM = "https://api.telegram.org"
ENV_FILE = ".env"
LOOPBACK, EVERYWHERE = "localhost", "*"
DATABASE = "sqlite+aiosqlite:///tuppence.db"
TOKEN_HELP = "a bot's token as @BotFather gives it, such as 123456789:AAE..."

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{16,128}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_ID = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_CHAT = re.compile(r"-?[1-9][0-9]{0,15}|@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
_SECRETS = ("bot_token", "webhook_secret", "payment_provider_token")


class SettingsError(Exception):
    """A line for each wrong variable, which names it and says what is expected; never holds a secret."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        """All of it."""
        return "\n".join(self.lines)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _secret(pattern: re.Pattern[str], expected: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, str) and pattern.fullmatch(value.strip()) is None:
            raise ValueError(f"expected {expected}")
        return _stripped(value)

    return check


def _url(value: object) -> object:
    parts = urlsplit(str(value).strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"expected an address such as {TELEGRAM}")
    return str(value).strip().rstrip("/")


def _host(value: object) -> object:
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


def _chat(value: object) -> object:
    if _CHAT.fullmatch(str(value).strip()) is None:
        raise ValueError("expected a chat's number such as -1001234567890, or its @username")
    return str(value).strip()


def _color(value: object) -> object:
    return Style(ink=value.strip().lower()).ink if isinstance(value, str) else value


def _logo(value: object) -> object:
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


def _language(value: object) -> object:
    """The first that has words: desktops set a variable of this name too, such as `en_GB:en`."""
    known = filter(None, map(understood, str(value).strip().split(":")))
    if (first := next(known, None)) is None:
        raise ValueError(f"expected one of {', '.join(languages())}")
    return first


def _zone(value: object) -> object:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value).strip())
    except (KeyError, ValueError, OSError):  # no such name, no name at all, a folder of names
        raise ValueError("expected a time zone's name such as Europe/Berlin or UTC") from None


Url = Annotated[str, BeforeValidator(_url)]
Token = Annotated[SecretStr, BeforeValidator(_secret(_TOKEN, TOKEN_HELP))]
Secret = Annotated[SecretStr, BeforeValidator(_secret(_SECRET, "1 to 256 of the characters A-Z a-z 0-9 _ -"))]
Amount = Annotated[Money | None, NoDecode, Field(validate_default=True)]  # NoDecode: a dataclass, and yet no JSON


class Settings(BaseSettings):
    """Every variable of the environment, checked."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # Windows' editors begin with a mark, which would be part of the first name
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )

    bot_token: Token | None = None
    telegram_api_url: Url = TELEGRAM
    database_url: str = DATABASE
    currency: Annotated[Currency, NoDecode, Field(validate_default=True)] = "EUR"  # type: ignore[assignment]  # read below
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    welcome_credit: Amount = None
    credit_limit: Amount = None
    transfer_max: Amount = None
    daily_max: Amount = None
    tip_max: Amount = None
    issue_max: Amount = None
    language: Annotated[str, BeforeValidator(_language)] = ENGLISH
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    webhook_url: Url | None = None
    webhook_secret: Annotated[Secret | None, Field(validate_default=True)] = None
    webhook_host: Annotated[str, BeforeValidator(_host)] = LOOPBACK
    webhook_port: int = Field(8080, ge=1, le=65535)
    storage_chat: Annotated[str, BeforeValidator(_chat)] | None = None
    payment_provider_token: Annotated[SecretStr, BeforeValidator(_stripped)] | None = None
    qr_color: Annotated[str, BeforeValidator(_color)] = PLAIN.ink
    qr_shape: Annotated[Literal["plain", "rounded"], BeforeValidator(_lower)] = "plain"
    qr_logo: Annotated[bytes | None, BeforeValidator(_logo)] = Field(None, repr=False)
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_stripped)] = "text"

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        WalletCore.where(value.strip())
        return value.strip()

    @field_validator("currency", mode="before")
    @classmethod
    def _currency(cls, value: object) -> Currency:
        return value if isinstance(value, Currency) else currency(str(value).strip().upper())

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = value.replace(",", " ").split()
        if not all(_ID.fullmatch(word) for word in words):
            raise ValueError("expected numeric Telegram ids with commas between them, such as 1001,1002")
        return frozenset(map(int, words))

    @field_validator(
        "welcome_credit", "credit_limit", "transfer_max", "daily_max", "tip_max", "issue_max", mode="before"
    )
    @classmethod
    def _amount(cls, value: object, info: ValidationInfo) -> object:
        unit = info.data.get("currency")
        if unit is None or isinstance(value, Money):  # the currency itself is wrong: one line is enough
            return value if isinstance(value, Money) else None
        return Money(0, unit) if value is None else _read_money(str(value), unit)

    @field_validator("webhook_secret")
    @classmethod
    def _webhook(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("webhook_url") is not None:
            make = python("-c", "import secrets; print(secrets.token_urlsafe(32))")
            raise ValueError(f"needed when WEBHOOK_URL is set; {make} makes one")
        return value

    @property
    def rules(self) -> Rules:
        """What the core must know."""
        return Rules(
            currency=self.currency,
            welcome_credit_minor=_minor(self.welcome_credit),
            credit_limit_minor=_minor(self.credit_limit),
            transfer_max_minor=_minor(self.transfer_max),
            daily_max_minor=_minor(self.daily_max),
            tip_max_minor=_minor(self.tip_max),
            issue_max_minor=_minor(self.issue_max),
            operators=frozenset(person_id_of(number) for number in self.admin_ids),
        )

    def kept_in(self, kept: Currency) -> Settings:
        """The same settings in their currency as the books keep it, whatever is installed says of it by now."""
        if kept == self.currency:
            return self
        money = {name: value.kept_in(kept) for name, value in self if isinstance(value, Money)}
        return self.model_copy(update={"currency": kept, **money})

    @cached_property
    def style(self) -> Style:
        """The look of the bot's codes."""
        shape = Shape.ROUNDED if self.qr_shape == "rounded" else Shape.SQUARE
        return Style(ink=self.qr_color, shape=shape, logo=self.qr_logo)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed."""
        named = (getattr(self, name) for name in _SECRETS)
        return (*(secret.get_secret_value() for secret in named if secret), *_passwords(self.database_url))


def _minor(money: Money | None) -> int:
    return money.minor if money else 0


def _read_money(text: str, unit: Currency) -> Money:
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


def _passwords(url: str) -> tuple[str, ...]:
    password = urlsplit(url).password
    return (password, unquote(password)) if password else ()


def read_settings(**given: Any) -> Settings:
    """The settings of this process.

    Raises SettingsError for all wrong values, or for a `.env` that cannot be read.
    """
    if given.get("_env_file", ENV_FILE) is not None:
        problem = problem_of(Path(ENV_FILE))
        if problem is not None:
            raise SettingsError(problem)
    try:
        return Settings(**given)
    except ValidationError as error:  # its context could hold a secret
        raise SettingsError(*map(_line, error.errors(include_input=False, include_url=False))) from None


def _line(error: Any) -> str:
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:] if message.startswith("Input") else message
    return f"{str(error['loc'][0]).upper()}: {message}"
