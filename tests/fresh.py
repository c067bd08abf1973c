"""Empty books, made once for each currency: a test that does not look at how they are made begins with a copy."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from wallet_core import Currency, Rules, WalletCore


@cache
def _empty(unit: Currency) -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:  # whoever asks has a loop already
        file = Path(folder) / "books.db"
        beside.submit(asyncio.run, _make(file, unit)).result()
        return file.read_bytes()


async def _make(file: Path, unit: Currency) -> None:
    core = await WalletCore.open(f"sqlite+aiosqlite:///{file}", rules=Rules(unit))
    await core.close()


def begin_books(file: Path, unit: Currency) -> str:
    """Put them there, unless there are some; gives their address."""
    if not file.exists():
        file.touch(0o600)
        file.write_bytes(_empty(unit))
    return f"sqlite+aiosqlite:///{file}"
