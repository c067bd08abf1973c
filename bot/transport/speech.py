"""In which words somebody is told something in private, of whom no update says how they are spoken to."""

from __future__ import annotations

from bot.settings import Settings
from bot.words.language import speak


def speak_alone(settings: Settings, language: str | None) -> None:
    """From now on to one person, in their language as far as it is known."""
    speak(
        own=language,
        house=settings.language,
        zone=settings.timezone,
        privately=True,
        has_ways=bool(settings.gateways),
    )
