"""A bank transfer as a code says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Transfer:
    """To whom, how many euros (`20.00`), and what the sender writes: at most 70, 34 and 140 characters."""

    name: str
    iban: str
    euros: str
    text: str
    bic: str | None = None
