"""Where a command's words go: stdout may be closed, full, read by nobody any more, or of few letters."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any

FAILED, INTERRUPTED = 1, 130  # as a shell says: 128 and SIGINT


class Out(io.FileIO):
    """stdout: what cannot be written does not end the work in its middle, but is known in the end."""

    problem: OSError | None = None  # the first

    def write(self, data: Any, /) -> int:
        """All of it, or nothing as if it were all."""
        try:
            return super().write(data)
        except OSError as error:
            self.problem = self.problem or error
            return memoryview(data).nbytes


def spoken(command: Callable[[], int]) -> int:
    """The command's status; a failure, where what it says could not be written, unless nobody wanted to read on."""
    out = _opened()
    try:
        status = command()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as ended:  # argparse's, for --help and for wrong arguments
        status = ended.code if isinstance(ended.code, int) else FAILED
    sys.stdout.flush()
    if out.problem is None or isinstance(out.problem, BrokenPipeError):  # `| head -1`
        return status
    sys.stderr.write(f"tuppence: stdout cannot be written: {out.problem.strerror}\n")
    return status or FAILED


def _opened() -> Out:
    """What was closed leads nowhere: else the next file would have its number, and words would be in the books."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # has the lowest number that is free
    out, was = Out(1, "w", closefd=False), sys.stdout
    is_at_once = isinstance(was, io.TextIOWrapper) and was.write_through  # PYTHONUNBUFFERED
    sys.stdout = io.TextIOWrapper(
        out if is_at_once else io.BufferedWriter(out),
        encoding=was.encoding if was else "utf-8",
        errors="backslashreplace",  # of a letter that is not there, as on stderr
        line_buffering=out.isatty(),
        write_through=is_at_once,
    )
    sys.stderr = sys.stderr or io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", write_through=True)
    return out
