"""What systemd is told: ready, still alive, stopping. One datagram each, see sd_notify(3).

Its two variables are no settings: the service manager sets them for this one process.
"""

from __future__ import annotations

import os
import socket

from bot.log import get_log

SOCKET, WATCHDOG, WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"

log = get_log(__name__)


def notify(*lines: str) -> bool:
    """Whether the service manager was told; without one nobody is."""
    path = os.environ.get(SOCKET, "")
    if not path.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            sender.sendto("\n".join(lines).encode(), f"\0{path[1:]}" if path.startswith("@") else path)
    except OSError as error:
        log.warning("service_manager_not_told", error=error.strerror)
        return False
    return True


def is_asked() -> bool:
    """Whether a service manager waits for signs of life."""
    return bool(os.environ.get(SOCKET))


def watchdog_s() -> float | None:
    """Within how many seconds it wants the next one; None: it does not."""
    text, pid = os.environ.get(WATCHDOG, ""), os.environ.get(WATCHDOG_PID, "")
    if not text.isascii() or not text.isdecimal() or (pid and pid != str(os.getpid())):
        return None
    return int(text) / 1e6 or None
