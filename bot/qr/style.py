"""How a community's codes look: ink, shape of the modules, logo."""

from dataclasses import dataclass
from enum import Enum, StrEnum

CONTRAST_MIN = 7.0  # WCAG ratio of ink to white paper; readers begin to fail below
LOGO_BYTES_MAX = 1_000_000


class Shape(StrEnum):
    """How modules are drawn."""

    SQUARE = "square"
    ROUNDED = "rounded"


class Paper(Enum):
    """Sizes of the paper and of each panel in millimetres (ISO 216); where these are, with -1 for one on its head."""

    A4 = ((210.0, 297.0), (210.0, 297.0), ((0.0, 0.0, 1),))
    A6 = ((105.0, 148.0), (105.0, 148.0), ((0.0, 0.0, 1),))
    CARDS = ((210.0, 297.0), (105.0, 148.5), ((0.0, 148.5, 1), (105.0, 148.5, 1), (0.0, 0.0, 1), (105.0, 0.0, 1)))
    TENT = ((210.0, 297.0), (210.0, 148.5), ((0.0, 0.0, 1), (210.0, 297.0, -1)))

    def __init__(
        self, size: tuple[float, float], panel: tuple[float, float], places: tuple[tuple[float, float, int], ...]
    ) -> None:
        self.size, self.panel, self.places = size, panel, places


@dataclass(frozen=True)
class Style:
    """Ink `#rrggbb` on white, the shape of modules, and an optional logo (a PNG, JPEG or WebP file).

    Raises ValueError for a colour that is no colour or too pale to be read.
    """

    ink: str = "#000000"
    shape: Shape = Shape.SQUARE
    logo: bytes | None = None

    def __post_init__(self) -> None:
        if contrast(self.ink_rgb) < CONTRAST_MIN:
            raise ValueError(f"ink {self.ink} is too pale: its contrast with white is below {CONTRAST_MIN:g}")
        if self.logo is not None and len(self.logo) > LOGO_BYTES_MAX:
            raise ValueError(f"the logo has more than {LOGO_BYTES_MAX:,} bytes")

    @property
    def ink_rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        digits = self.ink[1:]
        if len(self.ink) != 7 or self.ink[0] != "#" or not set(digits.lower()) <= set("0123456789abcdef"):
            raise ValueError(f"ink {self.ink!r} is not #rrggbb")
        red, green, blue = bytes.fromhex(digits)
        return red, green, blue


def contrast(rgb: tuple[int, int, int]) -> float:
    """The contrast of a colour with white, 1 to 21 (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


PLAIN = Style()
