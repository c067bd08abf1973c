"""Settings: every wrong value stops the start with one line that names it, and no secret is ever shown."""

import re
from pathlib import Path

import pytest

from bot.log import redacted
from bot.settings import Settings, SettingsError, read_settings
from tests.e2e.test_command_line import run
from wallet_core import Currency, Money, PersonId, Rules, WalletCore, currency

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz12345"
EUR = currency("EUR")
VARIABLES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("BOT_TOKEN", "hello", "BotFather"),
        ("BOT_TOKEN", "12345:short", "BotFather"),
        ("BOT_TOKEN", "12345:", "BotFather"),
        ("BOT_TOKEN", "a:b", "BotFather"),
        ("TELEGRAM_API_URL", "api.telegram.org", "https://api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://example.org", "https://api.telegram.org"),
        ("TELEGRAM_API_URL", "http://localhost:99999", "https://api.telegram.org"),
        ("TELEGRAM_API_URL", "http://localhost:http", "https://api.telegram.org"),
        ("TELEGRAM_API_URL", "http://[::1", "https://api.telegram.org"),
        ("DATABASE_URL", "postgresql+asyncpg://u:pass@word@localhost/x", "%40"),
        ("BACKUP_DIR", "  ", "a folder"),
        ("BOT_TOKEN_FILE", "  ", "a file"),
        ("DATABASE_URL", "mysql://root@localhost/x", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite:///x.db", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite+aiosqlite:///", "postgresql+asyncpg://"),
        ("CURRENCY", "XYZ", "ISO 4217"),
        ("CURRENCY", "B1ER", "capital letters"),
        ("CURRENCY", "euro", "such as EUR"),
        ("CURRENCY", "Dollar", "such as USD"),
        ("CURRENCY", "TOKEN/9", "two decimals"),
        ("ADMIN_IDS", "abc", "1001,1002"),
        ("ADMIN_IDS", "1001,-5", "1001,1002"),
        ("ADMIN_IDS", "١٢٣", "1001,1002"),
        ("WELCOME_CREDIT", "-1", "EUR"),
        ("WELCOME_CREDIT", "1e3", "EUR"),
        ("WELCOME_CREDIT", "10 USD", "not in USD"),
        ("CREDIT_LIMIT", "5.001", "EUR"),
        ("TRANSFER_MAX", "lots", "EUR"),
        ("DAILY_MAX", "1,000", "EUR"),
        ("TIP_MAX", "1_000", "EUR"),
        ("ISSUE_MAX", "a lot", "EUR"),
        ("TOPUP_MAX", "much", "EUR"),
        ("GATEWAYS", "operator, coins", "expected bank, lightning, mock, operator, stars, telegram"),
        ("GATEWAYS", "operator", "needs ADMIN_IDS"),
        ("GATEWAYS", "bank", "needs BANK_IBAN, BANK_NAME, BANK_SECRET"),
        ("BANK_IBAN", "DE02 1203 0000 0000 2020 52", "check digits"),
        ("BANK_NAME", "x" * 71, "at most 70"),
        ("BANK_SECRET", "too short", "at least 16"),
        ("GATEWAYS", "stars", "CURRENCY=XTR, or STARS_RATE"),
        ("GATEWAYS", "telegram", "needs PAYMENT_PROVIDER_TOKEN"),
        ("GATEWAYS", "lightning", "needs LNBITS_URL, LNBITS_KEY"),
        ("STARS_RATE", "a little", "EUR"),
        ("LNBITS_FEE_PERCENT", "11", "10"),
        ("LANGUAGE", "fi", "one of en, "),
        ("LANGUAGE", "deutsch", "one of en, "),
        ("LANGUAGE", "fi:it", "one of en, "),
        ("LANGUAGE", "../de", "one of en, "),
        ("TIMEZONE", "Berlin", "Europe/Berlin"),
        ("TIMEZONE", "Europe", "Europe/Berlin"),
        ("TIMEZONE", "../UTC", "Europe/Berlin"),
        ("TIMEZONE", "/etc/passwd", "Europe/Berlin"),
        ("TIMEZONE", "UTC+1", "Europe/Berlin"),
        ("TIMEZONE", "x" * 300, "Europe/Berlin"),
        ("WEBHOOK_URL", "example.org/hook", "address"),
        ("WEBHOOK_URL", "https://example.org /hook", "address"),
        ("WEBHOOK_SECRET", "a b", "A-Z"),
        ("WEBHOOK_SECRET", "x" * 257, "256"),
        ("WEBHOOK_HOST", "example.org", "this machine"),
        ("LOG_LEVEL", "loud", "expected 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("WEBHOOK_PORT", "0", "expected a number that is greater than or equal to 1"),
        ("WEBHOOK_PORT", "99999", "65535"),
        ("WEBHOOK_PORT", "http", "expected a whole number"),
        ("STORAGE_CHAT", "pictures", "@username"),
        ("STORAGE_CHAT", "-0", "-1001234567890"),
        ("STORAGE_CHAT", "@a b", "@username"),
        ("QR_COLOR", "red", "#rrggbb"),
        ("QR_COLOR", "#ff0000", "too pale"),
        ("QR_COLOR", "#12345", "#rrggbb"),
        ("QR_SHAPE", "star", "rounded"),
        ("QR_LOGO", "nowhere.png", "No such file"),
        ("QR_LOGO", ".", "directory"),
        ("QR_LOGO", __file__, "PNG, JPEG or WebP"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("LOG_FORMAT", "xml", "json"),
    ],
)
def test_a_wrong_value_gives_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert expected in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "url", "passwords"),
    [
        ("database_url", "postgresql+asyncpg://u:pass/w#o?rd@localhost/x", {"pass/w#o?rd"}),
        ("database_url", "postgresql+asyncpg://u:pass%40word@localhost/x", {"pass%40word", "pass@word"}),
        ("database_url", "postgresql+asyncpg://u@localhost/x?password=pass-word", {"pass-word"}),
        ("telegram_api_url", "http://u:pass-word@localhost:8081", {"pass-word"}),
        ("lnbits_url", "http://u:pass-word@localhost:5000", {"pass-word"}),
    ],
)
def test_passwords_in_addresses_are_secrets_however_they_are_written(name: str, url: str, passwords: set[str]) -> None:
    assert set(read_settings(_env_file=None, **{name: url}).secrets) == passwords


def test_a_form_of_the_log_is_read_as_its_level_is() -> None:
    assert read_settings(_env_file=None, log_format=" JSON").log_format == "json"


def test_telegram_calls_no_webhook_without_https_and_another_server_may() -> None:
    given = {"webhook_url": "http://example.org/hook", "webhook_secret": "s" * 20}
    with pytest.raises(SettingsError, match=r"^WEBHOOK_URL: expected an address with https"):
        read_settings(_env_file=None, **given)
    assert read_settings(_env_file=None, telegram_api_url="http://localhost:8081", **given).webhook_url is not None


@pytest.mark.parametrize("token", ["1:test", "42:TEST", "123456:TEST-TOKEN"])
def test_another_server_than_telegrams_gives_what_tokens_it_likes_and_they_are_secret_too(token: str) -> None:
    settings = read_settings(_env_file=None, bot_token=token, telegram_api_url="http://localhost:8081")
    assert settings.bot_token is not None and settings.bot_token.get_secret_value() == token
    assert redacted(f"POST /bot{token}/getMe", settings.secrets) == "POST /bot***/getMe"
    with pytest.raises(SettingsError, match=r"^BOT_TOKEN: expected a bot's token as @BotFather gives it"):
        read_settings(_env_file=None, bot_token=token)


def test_nothing_set_means_the_defaults() -> None:
    settings = read_settings()
    assert settings.bot_token is None
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.database_url == "sqlite+aiosqlite:///tuppence.db"
    assert settings.currency == EUR
    assert settings.welcome_credit == Money(0, EUR)
    assert settings.rules.operators == frozenset()
    assert (settings.language, settings.timezone.key) == ("en", "UTC")


def test_a1_amounts_of_settings_follow_the_decimals_that_the_books_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSFER_MAX", "12.50")
    settings, kept = read_settings(), Currency("EUR", 3, "€")
    assert settings.kept_in(EUR) is settings
    moved = settings.kept_in(kept)
    assert (moved.currency, moved.transfer_max, moved.tip_max) == (kept, Money(12_500, kept), Money(0, kept))
    assert moved.rules == settings.rules.kept_in(kept)


@pytest.mark.parametrize(
    ("text", "language"), [("de", "de"), (" DE ", "de"), ("de-AT", "de"), ("en_GB:en", "en"), ("fi:de:en", "de")]
)
def test_a_language_is_the_first_that_has_words(monkeypatch: pytest.MonkeyPatch, text: str, language: str) -> None:
    monkeypatch.setenv("LANGUAGE", text)
    assert read_settings().language == language


def test_a_time_zone_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", " Europe/Berlin ")
    assert read_settings().timezone.key == "Europe/Berlin"


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert read_settings() == read_settings(_env_file=None)


@pytest.mark.parametrize(("text", "minor"), [("10", 1000), ("10.00", 1000), ("0", 0), ("0.00", 0), ("10 EUR", 1000)])
def test_amounts_are_read_in_the_bots_currency(monkeypatch: pytest.MonkeyPatch, text: str, minor: int) -> None:
    monkeypatch.setenv("WELCOME_CREDIT", text)
    assert read_settings().rules.welcome_credit_minor == minor


def test_amounts_of_a_currency_without_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURRENCY", "beer")
    monkeypatch.setenv("CREDIT_LIMIT", "3")
    settings = read_settings()
    assert (settings.rules.currency.code, settings.rules.credit_limit_minor) == ("BEER", 3)


def test_operators_are_people_of_telegram(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_IDS", "1001, 1002")
    assert read_settings().rules.operators == {PersonId("tg:1001"), PersonId("tg:1002")}


def test_a_webhook_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://example.org/hook")
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET: needed"):
        read_settings()


def test_env_files_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nCURRENCY=JPY\n")
    settings = read_settings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.currency.code == "JPY"


def test_the_example_names_every_variable_with_its_default() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    assert re.findall(r"^([A-Z_]+)=", example, re.MULTILINE) == VARIABLES
    Path(".env").write_text(example)
    assert read_settings() == read_settings(_env_file=None)


def test_no_secret_is_in_a_repr_or_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cret-s3cret")
    settings = read_settings()
    assert TOKEN not in repr(settings) + str(settings)
    assert "s3cret" not in repr(settings) + str(settings)
    monkeypatch.setenv("BOT_TOKEN", TOKEN + " !")
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:pass-word@host/db")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "AAE" in str(caught.value) and TOKEN not in str(caught.value)  # only the example of a token


async def test_a_wrong_setting_ends_the_process_with_status_2_and_one_line(tmp_path: Path) -> None:
    ended = await run(tmp_path, "run", CURRENCY="XYZ")
    assert ended.status == 2
    assert ended.err.startswith("tuppence: CURRENCY: ")
    assert ended.err.count("\n") == 1


async def test_run_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    ended = await run(tmp_path, "run")
    assert ended.status == 2
    assert "@BotFather" in ended.err and "demo" in ended.err
    assert ended.err.count("\n") == 1


async def test_audit_and_backup_of_fresh_books_from_the_command_line(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    async with WalletCore.session(url, rules=Rules(currency("EUR"))):
        pass
    audited = await run(tmp_path, "audit", "--from", "0", DATABASE_URL=url)
    assert (audited.status, audited.out.splitlines()[-1]) == (0, "the books are sound")
    assert (await run(tmp_path, "backup", str(tmp_path / "copy.db"), DATABASE_URL=url)).status == 0
    again = await run(tmp_path, "backup", str(tmp_path / "copy.db"), DATABASE_URL=url)
    assert again.status == 1 and "exists already" in again.err


MOCK = {"MOCK_URL": "http://localhost:1", "MOCK_KEY": "k", "MOCK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


@pytest.mark.parametrize(
    ("chosen", "without", "line"),
    [
        ("mock", "MOCK_URL", "GATEWAYS: mock needs MOCK_URL"),
        ("mock", "MOCK_KEY", "GATEWAYS: mock needs MOCK_KEY"),
        ("operator, mock", "", "GATEWAYS: operator needs ADMIN_IDS"),
        ("mock, coins", "", "GATEWAYS: expected bank, lightning, mock, operator, stars, telegram"),
    ],
)
def test_a_gateway_that_is_unknown_or_half_set_gives_one_line(
    monkeypatch: pytest.MonkeyPatch, chosen: str, without: str, line: str
) -> None:
    for name, value in {**MOCK, "GATEWAYS": chosen}.items():
        if name != without:
            monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value).startswith(line)
    assert len(caught.value.lines) == 1


def test_a_gateway_with_all_that_it_needs_is_taken_and_its_secrets_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**MOCK, "GATEWAYS": "Mock"}.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.gateways == ("mock",)
    assert {MOCK["MOCK_KEY"], MOCK["MOCK_SECRET"]} <= set(settings.secrets)
    monkeypatch.setenv("MOCK_SECRET", "hunter2")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "MOCK_SECRET" in str(caught.value) and "hunter2" not in str(caught.value)


# -- secrets in files --------------------------------------------------------------------------------------------------


SECRETS = {
    "bot_token": "123456789:AAEhBP0av18o2yd6EXAMPLE_0123456789",
    "database_url": "postgresql+asyncpg://bot:hunter2hunter2@db/books",
    "webhook_secret": "s3cret_s3cret_s3cret",
    "payment_provider_token": "284685063:TEST:NjQ5OTVi",
    "mock_key": "a-key-of-the-mock",
    "mock_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "bank_secret": "nobody can guess this one",
    "lnbits_key": "5d3a4b8e2f8a4a0e9b7c5d1e2f3a4b5c",
    "lnbits_webhook": "https://pay.example.org/gateways/lightning/a-long-secret",
}


def test_each_setting_that_is_a_secret_has_one_that_names_its_file() -> None:
    of_file = {name.removesuffix("_file") for name in Settings.model_fields if name.endswith("_file")}
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field)} - {
        f"{name}_file" for name in of_file
    }
    assert set(SECRETS) == secret | {"database_url"} == of_file


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("form", ["{}", "{}\n", "\ufeff{}\r\n\n", " {} "])
def test_every_secret_may_stand_in_a_file_whose_line_ends_or_does_not(tmp_path: Path, name: str, form: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(form.format(SECRETS[name]).encode())
    settings = read_settings(_env_file=None, **{f"{name}_file": str(file)})
    value = getattr(settings, name)
    assert (value if isinstance(value, str) else value.get_secret_value()) == SECRETS[name]
    assert SECRETS[name] not in repr(settings) or name == "database_url"
    assert any(secret in SECRETS[name] for secret in settings.secrets)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"123456789:AAEhBP0av18o2yd6\nEXAMPLE_0123456789\n", "more than one line"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe1\x002\x00", "not in UTF-8"),
        (b"x" * 20_000, "too long"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_of_no_secret_is_one_line_that_names_the_setting_and_the_file(
    tmp_path: Path, data: bytes | None, words: str
) -> None:
    file = tmp_path / "secret"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None, bot_token_file=str(file))
    [line] = wrong.value.lines
    assert line.startswith(f"BOT_TOKEN_FILE: {file} ")
    assert words in line
    assert "EXAMPLE" not in line


def test_a_secret_whose_file_cannot_be_read_is_not_said_to_be_missing_besides(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    given = {"webhook_url": "https://bot.example.org", "webhook_secret_file": nowhere}
    bank = {"gateways": "bank", "bank_iban": "DE89370400440532013000", "bank_name": "Club", "admin_ids": "1"}
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None, **given, **bank, bank_secret_file=nowhere)
    assert [line.partition(":")[0] for line in wrong.value.lines] == ["WEBHOOK_SECRET_FILE", "BANK_SECRET_FILE"]


def test_a_secret_and_its_file_are_not_both_set_and_a_wrong_one_in_a_file_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2 hunter2")
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None, bot_token=SECRETS["bot_token"], bot_token_file=str(file))
    assert wrong.value.lines == ("BOT_TOKEN: is set, and BOT_TOKEN_FILE too: leave one of them out",)
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None, bot_token_file=str(file))
    assert "expected a bot's token" in str(wrong.value)
    assert "hunter2" not in str(wrong.value)
