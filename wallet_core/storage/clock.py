"""What time it is: processes that share a server go by its clock, however far off their own ones are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

Clock = Callable[[], datetime]

ALIKE = timedelta(seconds=1)  # clocks that are set by NTP are; their own ones go on smoothly
_SERVER_TIME = select(func.clock_timestamp())


def server_time(connection: Connection) -> datetime:
    """By PostgreSQL's clock, UTC."""
    now: datetime = connection.execute(_SERVER_TIME).scalar_one()
    return now


class SharedClock:
    """One's own time, until it is compared with a server's; then that one, wherever they differ by more than a second.

    Else a lease that one process takes were over for another whose clock is minutes ahead.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self.behind = timedelta()  # the own one

    def __call__(self) -> datetime:
        """The time, in UTC."""
        return self._own() + self.behind

    def compare(self, connection: Connection) -> datetime:
        """Go by this server's clock from now on, which it gives, UTC."""
        began = self._own()
        now = server_time(connection)
        took = max(timedelta(), self._own() - began)  # the server looked at its clock within this time
        behind = now - began - took / 2
        if abs(behind - self.behind) > ALIKE + took:
            self.behind = behind if abs(behind) > ALIKE + took else timedelta()
        return now
