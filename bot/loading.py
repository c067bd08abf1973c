"""What is loaded at the start stays until the end: nobody looks through it for garbage, neither meanwhile nor later.

With half a million objects of the program itself, one look at all takes a tenth of a second, in which nobody is served,
and the many looks while it is loaded a third of the time until the first answer. What is new is looked through after
more objects than usual: one payment makes some thousands, and hardly any in a circle.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_MAX = 10_000  # objects


@contextmanager
def loading() -> Iterator[None]:
    """For the time of some imports, or of what else is made for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(NEW_MAX)
        gc.enable()
