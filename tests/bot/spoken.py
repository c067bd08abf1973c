"""Speaking a language in a test, and the one of before again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo

from bot.words.language import ENGLISH, speak


@contextmanager
def spoken_to(language: str, *, zone: tzinfo = UTC, has_ways: bool = False) -> Iterator[None]:
    speak(own=language, house=ENGLISH, zone=zone, privately=True, has_ways=has_ways)
    try:
        yield
    finally:
        speak(own=ENGLISH, house=ENGLISH, zone=UTC, privately=True)
