"""The proxy of the environment: which one, for whom, and what is said of one that cannot be used."""

import pytest

from bot.doctor import doctor
from bot.sandbox import Sandbox
from bot.settings import SettingsError, read_settings
from bot.transport.client import Client
from bot.transport.proxy import proxy_for
from tests.bot.test_client import DONE, TOKEN, failure, url_at
from tests.bot.wire import says, serving

TELEGRAM = "https://api.telegram.org"
PROXY = "http://127.0.0.1:3128"
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        (TELEGRAM, {}, None),
        (TELEGRAM, {"HTTPS_PROXY": PROXY}, PROXY),
        (TELEGRAM, {"https_proxy": PROXY}, PROXY),
        (TELEGRAM, {"HTTP_PROXY": PROXY}, None),
        (TELEGRAM, {"HTTP_PROXY": "socks5://127.0.0.1:9050"}, None),
        (TELEGRAM, {"ALL_PROXY": PROXY}, PROXY),
        (TELEGRAM, {"ALL_PROXY": "socks5://127.0.0.1:9050", "HTTPS_PROXY": PROXY}, PROXY),
        (TELEGRAM, {"ALL_PROXY": "socks5://127.0.0.1:9050", "NO_PROXY": "api.telegram.org"}, None),
        (TELEGRAM, {"ALL_PROXY": "127.0.0.1:3128"}, PROXY),
        (TELEGRAM, {"ALL_PROXY": "http://ann:secret@[::1]:3128/"}, "http://ann:secret@[::1]:3128/"),
        (TELEGRAM, {"ALL_PROXY": "https://proxy.example.org"}, "https://proxy.example.org"),
        (TELEGRAM, {"ALL_PROXY": PROXY, "NO_PROXY": "*"}, None),
        (TELEGRAM, {"ALL_PROXY": PROXY, "NO_PROXY": "localhost, .telegram.org"}, None),
        (TELEGRAM, {"ALL_PROXY": PROXY, "NO_PROXY": "gram.org,10.0.0.0/8,fe80::/10,[::1],not/a/range"}, PROXY),
        ("http://10.1.2.3:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "::1,fe80::/10,10.0.0.0/8"}, None),
        ("http://11.1.2.3:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "::1,fe80::/10,10.0.0.0/8"}, PROXY),
        ("http://[fe80::7]:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "fe80::/10"}, None),
        ("http://[::1]:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "[::1]"}, None),
        ("http://localhost:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost:8081"}, None),
        ("http://localhost:8081", {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost:8082"}, PROXY),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_means(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], expected: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == expected


@pytest.mark.parametrize(
    "value",
    ["socks5://ann:hunter2@127.0.0.1:9050", "socks5h://127.0.0.1", "http://", "http://ann:hunter2@127.0.0.1:x",
     "http://[::1", "ftp://127.0.0.1:21", "ann:hunter2@127.0.0.1:99999"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["ALL_PROXY", "HTTPS_PROXY"])
async def test_a_proxy_that_cannot_be_used_is_named_and_its_password_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: ") as caught:
        proxy_for(TELEGRAM)
    assert "hunter2" not in str(caught.value) and "\n" not in str(caught.value)
    await doctor(read_settings(_env_file=None, bot_token=TOKEN, database_url="sqlite+aiosqlite:////nowhere/x.db"))
    assert f"FIX   token: {name}: " in capsys.readouterr().out


def test_what_would_be_used_in_its_place_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9050")
    monkeypatch.setenv("ALL_PROXY", "ftp://127.0.0.1:21")
    with pytest.raises(SettingsError) as caught:
        proxy_for(TELEGRAM)
    assert [line.partition(":")[0] for line in caught.value.lines] == ["HTTPS_PROXY", "ALL_PROXY"]


async def test_calls_go_through_the_proxy_with_its_password_and_files_too() -> None:
    async with serving(DONE) as proxy, Client(proxy=f"http://ann:secret@{proxy.address}") as client:
        url = url_at("telegram.example:8081")
        assert await client.post(url)
        await client.retrieve(url)
    for request, method in zip(proxy.requests, (b"POST", b"GET"), strict=True):
        assert request.startswith(method + b" " + url.encode() + b" HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic YW5uOnNlY3JldA==" in request


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_is_a_network_error_that_tells_no_password(scheme: str) -> None:
    refusal = says(b"", b"Proxy-Authenticate: Basic", status=b"407 Proxy Authentication Required")
    async with serving(refusal) as proxy, Client(proxy=f"http://ann:hunter2@{proxy.address}") as client:
        error = await failure(client, url_at("telegram.example", scheme=scheme))
        assert "hunter2" not in repr(error)
    first = b"CONNECT telegram.example:443 " if scheme == "https" else b"POST http://telegram.example/bot"
    assert proxy.requests[0].startswith(first)


async def test_the_doctor_asks_through_the_proxy_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    known = says(b'{"ok":true,"result":{"username":"TuppenceBot"}}', b"Content-Type: application/json")
    async with serving(known) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        url = "http://telegram.example"
        database = f"sqlite+aiosqlite:///{tmp_path}/books.db"
        settings = read_settings(_env_file=None, bot_token=TOKEN, telegram_api_url=url, database_url=database)
        assert await doctor(settings) == 0
    assert "@TuppenceBot" in capsys.readouterr().out
    assert len(proxy.requests) == 1


async def test_the_doctor_asks_telegram_itself_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    async with Sandbox() as box:
        for token, word in ((box.token, "@TuppenceBot"), (TOKEN, "does not know BOT_TOKEN")):
            await doctor(read_settings(_env_file=None, bot_token=token, telegram_api_url=box.url))
            assert word in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "date", "words"),
    [
        (b'{"ok":true,"result":{"username":"TuppenceBot"}}', b"Date: soon", "@TuppenceBot"),
        (b"[]", b"Date: soon", "is no Bot API server: look at TELEGRAM_API_URL"),
        (b'{"ok":true,"result":true}', b"", "is no Bot API server: look at TELEGRAM_API_URL"),
        (b"<html>", b"", "cannot be reached"),
        (b'{"ok":false,"error_code":500,"description":"x"}', b"", "answers with an error just now: try again"),
        (b'{"ok":false,"error_code":401,"description":"x"}', b"", "does not know BOT_TOKEN"),
    ],
)
async def test_the_doctor_is_not_confused_by_a_server_that_is_another(
    said: bytes, date: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(says(said, *filter(None, [date]), b"Content-Type: application/json")) as server:
        await doctor(read_settings(_env_file=None, bot_token=TOKEN, telegram_api_url=f"http://{server.address}"))
    assert words in capsys.readouterr().out
