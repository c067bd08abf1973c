"""What the process that reads pictures may do: read its input, compute, write its answer, and nothing else.

A picture comes from anybody, and its reader is a million lines of C. A picture that takes over the process finds no
file to open (not the books, not `.env`), no network, no way to another program or to the bot's memory, and an end to
its memory and time. What is left: it can answer wrongly, use its minutes, and send signals to processes of its user.
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000  # linux/sched.h
MEMORY_BYTES_MAX = 512 * 1024 * 1024  # the largest picture takes a fifth
PICTURE_CPU_S = 20  # of one picture; half a second is usual at worst
LIFE_CPU_S = 600  # of all; the next picture begins another process
STREAMS = 3  # stdin, stdout, stderr


def leave() -> bool:
    """Go to a network without any way out, and be nobody to other processes; before the first thread.

    False where the system has no such thing, or does not let us: many containers. Without files there are no sockets
    either; what is missing then is that the bot's memory is out of reach where the system lets processes of one user
    look at each other (`kernel.yama.ptrace_scope` = 0).
    """
    try:
        return bool(ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
    except (AttributeError, OSError, TypeError):  # not Linux
        return False


def confine() -> None:
    """From here on no file, folder, socket or process can be opened or made; what is needed must be loaded before."""
    import resource  # there is none on Windows, where the bot cannot run

    nothing = {
        resource.RLIMIT_NOFILE: STREAMS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: MEMORY_BYTES_MAX,
    }
    for limit, most in nothing.items():
        resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (LIFE_CPU_S, LIFE_CPU_S))


def begin_picture() -> None:
    """The next picture has its own time; the process is ended when that is over."""
    import resource

    used_s = sum(os.times()[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (min(LIFE_CPU_S, int(used_s) + PICTURE_CPU_S), LIFE_CPU_S))
