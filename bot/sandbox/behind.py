"""What stands behind the page when the sandbox runs the bot itself: its process and its books."""

from __future__ import annotations

from typing import Any, Protocol


class Behind(Protocol):
    """The bot's process and its books."""

    async def kill(self) -> None:
        """Kill the bot at once (SIGKILL); it is started again."""

    async def jump(self, days: int) -> None:
        """From now on it is so many days later, for the bot as for its Telegram."""

    async def wall(self) -> dict[str, Any]:
        """What no chat shows: balances, transfers and their chain, outbox, agenda, and whether the books are sound."""
