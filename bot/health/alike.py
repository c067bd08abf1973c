"""Whether the processes of one bot have the same settings: something to compare, from which none can be read."""

from __future__ import annotations

from hashlib import blake2b

from pydantic import SecretStr

from bot.settings import Settings
from wallet_core import WalletCore

OWN = frozenset({  # of one process, or of its machine
    "webhook_host", "webhook_port", "health_host", "health_port", "gateway_host", "gateway_port", "log_level",
    "log_format", "database_url", "backup_dir", "backup_every",
})  # fmt: skip
DIGEST_BYTES = 4


def of_books(settings: Settings) -> str:
    """Equal for the same bot at the same address: other bots have their books under the same name elsewhere."""
    token = "" if settings.bot_token is None else settings.bot_token.get_secret_value()
    return _digest(f"{token.partition(':')[0]} {WalletCore.where(settings.database_url)}")


def of_settings(settings: Settings) -> str:
    """Equal where all is equal that should be; secrets do not count."""
    return _digest(repr([(name, _said(value)) for name, value in settings if _counts(name, value)]))


def _counts(name: str, value: object) -> bool:
    return name not in OWN and not name.endswith("_file") and not isinstance(value, SecretStr)


def _said(value: object) -> str:
    """In the same order everywhere."""
    if isinstance(value, frozenset):
        return repr(sorted(value))
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).hexdigest()
