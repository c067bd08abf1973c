"""The address of the books: which parameters are understood, what is refused, and what is shown of it (E3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from wallet_core.storage.address import dsn_of, read_address, shown

SERVER = "postgresql+asyncpg://ann:hunter2@db.example:5433/club"


@pytest.mark.parametrize("word", ["", "sqlite+aiosqlite://", "sqlite+aiosqlite:///", "sqlite+aiosqlite:///:memory:", "sqlite:///books.db",
                                  "postgresql://ann@db.example/club", "mysql://ann@db.example/club", "::"])  # fmt: skip
def test_an_address_that_is_none_of_ours_is_answered_with_what_one_looks_like(word: str) -> None:
    with pytest.raises(
        ValueError, match=r"^expected sqlite\+aiosqlite:///FILE or postgresql\+asyncpg://USER@HOST/NAME$"
    ):
        read_address(word)


@pytest.mark.parametrize("word", ["sqlite+aiosqlite:///books.db?mode=ro", "sqlite+aiosqlite://host/books.db"])
def test_a_file_takes_neither_parameters_nor_a_host(word: str) -> None:
    with pytest.raises(ValueError, match=r"a file takes no parameters; expected sqlite\+aiosqlite:///FILE, four"):
        read_address(word)


def test_what_is_wrong_with_an_address_is_said_without_its_password() -> None:
    for wrong in (SERVER.replace("5433", "port"), SERVER + "?ssl_mode=require", SERVER + "?gssencmode=require"):
        with pytest.raises(ValueError) as refused:
            read_address(wrong)
        assert "hunter2" not in str(refused.value) and refused.value.__suppress_context__ is ("port" in wrong)


def test_a_parameter_that_nobody_knows_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"^there is no parameter sslmod, who; dbname, .*, sslmode, .* understood$"):
        read_address(SERVER + "?who=1&sslmod=require&sslmode=require")


@pytest.mark.parametrize("name", ["channel_binding", "gssencmode"])
def test_what_asyncpg_cannot_keep_is_refused_and_what_it_need_not_do_is_left_out(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}=require cannot be kept"):
        read_address(f"{SERVER}?{name}=require")
    assert dict(read_address(f"{SERVER}?{name}=prefer&connect_timeout=3").query) == {}


@pytest.mark.parametrize("name", ["sslmode", "sslrootcert", "target_session_attrs", "application_name", "options",
                                  "search_path", "timezone", "passfile", "ssl_min_protocol_version", "krbsrvname",
                                  "host", "port", "user", "password", "dbname", "gsslib", "sslcert", "sslkey",
                                  "sslpassword", "sslcrl", "sslnegotiation", "ssl_max_protocol_version"])  # fmt: skip
def test_postgresqls_own_parameters_reach_asyncpg(name: str) -> None:
    expected = f"postgresql://ann:hunter2@db.example:5433/club?{name}=x"
    assert dsn_of(read_address(f"{SERVER}?{name}=x")) == expected


def test_sqlalchemys_name_for_tls_is_postgresqls() -> None:
    assert dict(read_address(SERVER + "?ssl=verify-full").query) == {"sslmode": "verify-full"}


def test_an_address_is_shown_as_a_whole_path_or_without_its_password_and_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(read_address("sqlite+aiosqlite:///books.db")) == str(tmp_path / "books.db")
    assert shown(read_address(SERVER + "?sslmode=require")) == SERVER.replace("hunter2", "***")
