"""What is loaded at the start stays until the end: nobody looks through it for garbage, neither meanwhile nor later.

With half a million objects of the program itself, one look at all takes a tenth of a second, in which nobody is served,
and the many looks while it is loaded a third of the time until the first answer.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For the time of some imports, or of what else is made for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
