"""What the operator decides, from the environment and `.env`: the only place that reads them."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.command import python
from bot.env_file import ENV_FILE, problem_of
from bot.gateways import check_chosen, kind_of
from bot.qr import PLAIN, Shape, Style
from bot.setting_values import (
    LOOPBACK,
    TELEGRAM,
    Amount,
    BankSecret,
    PlainSecret,
    Secret,
    SecretFile,
    Token,
    Url,
    chat,
    check_for_telegram,
    color,
    contact,
    folder,
    holder,
    host,
    iban,
    logo,
    lower,
    minor,
    names,
    passwords,
    period,
    read_money,
    upper,
    what_is_wrong,
    zone,
)
from bot.setting_values import language as language_of
from bot.words.language import ENGLISH
from bot.words.links import person_id_of
from wallet_core import Currency, Money, Rules, WalletCore, currency

DATABASE = "sqlite+aiosqlite:///tuppence.db"

_ID = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_SECRETS = (
    *("bot_token", "webhook_secret", "payment_provider_token"),
    *("mock_key", "mock_secret", "lnbits_key", "lnbits_webhook", "bank_secret"),
)
_AMOUNTS = (
    *("welcome_credit", "credit_limit", "transfer_max", "daily_max", "tip_max", "issue_max", "topup_max"),
    *("mock_fee", "stars_rate"),
)
_UNREAD = "unread"  # an error that is none of its own: the line of the file that was named has said it


class SettingsError(Exception):
    """A line for each wrong variable, which names it and says what is expected; never holds a secret."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        """All of it."""
        return "\n".join(self.lines)


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

    bot_token_file: SecretFile = None
    bot_token: Annotated[Token | None, Field(validate_default=True)] = None
    telegram_api_url: Url = TELEGRAM
    telegram_limits: Annotated[Literal["auto", "on", "off"], BeforeValidator(lower)] = "auto"
    database_url_file: SecretFile = None
    database_url: Annotated[str, Field(validate_default=True)] = DATABASE
    currency: Annotated[Currency, NoDecode, Field(validate_default=True)] = "EUR"  # type: ignore[assignment]  # read below
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    welcome_credit: Amount = None
    credit_limit: Amount = None
    transfer_max: Amount = None
    daily_max: Amount = None
    tip_max: Amount = None
    issue_max: Amount = None
    topup_max: Amount = None
    terms_url: Url | None = None
    support: Annotated[str, BeforeValidator(contact)] | None = None
    bot_name: Annotated[dict[str, str], NoDecode, BeforeValidator(names)] = Field(default_factory=dict)  # by language
    language: Annotated[str, BeforeValidator(language_of)] = ENGLISH
    timezone: Annotated[ZoneInfo, BeforeValidator(zone)] = ZoneInfo("UTC")
    webhook_url: Url | None = None
    webhook_secret_file: SecretFile = None
    webhook_secret: Annotated[Secret | None, Field(validate_default=True)] = None
    webhook_host: Annotated[str, BeforeValidator(host)] = LOOPBACK
    webhook_port: int = Field(8080, ge=1, le=65535)
    storage_chat: Annotated[str, BeforeValidator(chat)] | None = None
    payment_provider_token_file: SecretFile = None
    payment_provider_token: PlainSecret = None
    qr_color: Annotated[str, BeforeValidator(color)] = PLAIN.ink
    qr_shape: Annotated[Literal["plain", "rounded"], BeforeValidator(lower)] = "plain"
    qr_logo: Annotated[bytes | None, BeforeValidator(logo)] = Field(None, repr=False)
    backup_dir: Annotated[Path | None, BeforeValidator(folder)] = None
    backup_every: Annotated[timedelta, BeforeValidator(period)] = timedelta(days=1)
    health_host: Annotated[str, BeforeValidator(host)] = LOOPBACK
    health_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper)] = "INFO"
    log_format: Annotated[Literal["text", "json"], BeforeValidator(lower)] = "text"
    gateway_host: Annotated[str, BeforeValidator(host)] = LOOPBACK
    gateway_port: int | None = Field(None, ge=1, le=65535)
    mock_url: Url | None = None
    mock_key_file: SecretFile = None
    mock_key: PlainSecret = None
    mock_secret_file: SecretFile = None
    mock_secret: PlainSecret = None
    mock_fee: Amount = None
    bank_iban: Annotated[str, BeforeValidator(iban)] | None = None
    bank_name: Annotated[str, BeforeValidator(holder)] | None = None
    bank_secret_file: SecretFile = None
    bank_secret: Annotated[BankSecret | None, Field(validate_default=True)] = None
    stars_rate: Amount = None
    lnbits_url: Url | None = None
    lnbits_key_file: SecretFile = None
    lnbits_key: PlainSecret = None
    lnbits_fee_percent: int = Field(1, ge=0, le=10)
    lnbits_webhook_file: SecretFile = None
    lnbits_webhook: PlainSecret = None
    gateways: Annotated[tuple[str, ...], NoDecode] = ()  # behind what they need

    @field_validator("database_url", *_SECRETS, mode="before")
    @classmethod
    def _of_file(cls, value: object, info: ValidationInfo) -> object:
        """The secret itself, or what stands in the file that is named instead."""
        name = str(info.field_name)
        if f"{name}_file" not in info.data:
            raise PydanticCustomError(_UNREAD, _UNREAD)
        secret = info.data[f"{name}_file"]
        if secret is None:
            return value
        if value is not None and value != cls.model_fields[name].default:
            raise ValueError(f"is set, and {name.upper()}_FILE too: leave one of them out")
        return secret.get_secret_value()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        WalletCore.where(value.strip())
        return value.strip()

    @field_validator("backup_dir")
    @classmethod
    def _backups(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and str(info.data.get("database_url", "")).startswith("postgresql"):
            raise ValueError("is for a file of books; a PostgreSQL server has pg_dump, and its own archive")
        return value

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

    @field_validator(*_AMOUNTS, mode="before")
    @classmethod
    def _amount(cls, value: object, info: ValidationInfo) -> object:
        unit = info.data.get("currency")
        if unit is None or isinstance(value, Money):  # the currency itself is wrong: one line is enough
            return value if isinstance(value, Money) else None
        return Money(0, unit) if value is None else read_money(str(value), unit)

    @field_validator("gateways", mode="before")
    @classmethod
    def _gateways(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(dict.fromkeys(value.replace(",", " ").lower().split()))
        check_chosen(names, info.data)
        return names

    @field_validator("webhook_secret")
    @classmethod
    def _webhook(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("webhook_url") is not None:
            make = python("-c", "import secrets; print(secrets.token_urlsafe(32))")
            raise ValueError(f"needed when WEBHOOK_URL is set; {make} makes one")
        return value

    @model_validator(mode="after")
    def _for_telegram(self) -> Settings:
        """A token that was copied in part is noticed here; another server than Telegram's takes what it likes."""
        if self.telegram_api_url == TELEGRAM:
            check_for_telegram(self.bot_token, self.webhook_url)
        return self

    @property
    def rules(self) -> Rules:
        """What the core must know."""
        return Rules(
            currency=self.currency,
            welcome_credit_minor=minor(self.welcome_credit),
            credit_limit_minor=minor(self.credit_limit),
            transfer_max_minor=minor(self.transfer_max),
            daily_max_minor=minor(self.daily_max),
            tip_max_minor=minor(self.tip_max),
            issue_max_minor=minor(self.issue_max),
            top_up_max_minor=minor(self.topup_max),
            carried=frozenset(name for name in self.gateways if kind_of(name).is_carried),
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
    def keeps_limits(self) -> bool:
        """Whether Telegram's limits are kept from the start, and not only once the server has shown them."""
        return self.telegram_limits == "on" or (self.telegram_limits == "auto" and self.telegram_api_url == TELEGRAM)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed."""
        named = (getattr(self, name) for name in _SECRETS)
        urls = (self.database_url, self.telegram_api_url, self.webhook_url, self.mock_url, self.lnbits_url)
        return (*(secret.get_secret_value() for secret in named if secret), *passwords(*urls))


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
        found = error.errors(include_input=False, include_url=False)
        raise SettingsError(*(_line(each) for each in found if each["type"] != _UNREAD)) from None


def _line(error: Any) -> str:
    if not error["loc"]:  # of several together: it says itself which
        return what_is_wrong(error)
    return f"{str(error['loc'][0]).upper()}: {what_is_wrong(error)}"
