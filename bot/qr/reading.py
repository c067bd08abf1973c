"""What comes out of a picture, and why nothing does. Data only; words live in bot/words/scan.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What the codes in one picture say: one text or more, each once, from the top left."""

    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        assert self.texts


class UnreadablePicture(Exception):
    """A picture that gave no text."""


class NotAPicture(UnreadablePicture):
    """The bytes are no JPEG, PNG or WebP."""


class DamagedPicture(UnreadablePicture):
    """A picture that ends too early or contradicts itself."""


@dataclass(eq=False)
class PictureTooBig(UnreadablePicture):
    """More bytes or pixels than are worth reading; both sides are None when only the bytes were counted."""

    byte_count: int
    width: int | None = None
    height: int | None = None


class NoCode(UnreadablePicture):
    """A sound picture in which no code can be read."""
