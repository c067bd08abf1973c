"""A picture of shapes and lines of text, for figures: light, smooth, in one colour and its tints."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

from PIL import Image, ImageDraw

from bot.qr.line import cleaned, runs, shortened, width, write
from bot.qr.style import PLAIN, Style

Rgb = tuple[int, int, int]
Point = tuple[float, float]

SMOOTH = 2  # shapes are drawn so many times larger, and shrunk
PAPER: Rgb = (255, 255, 255)
TEXT: Rgb = (33, 37, 41)
PALE_TEXT: Rgb = (108, 117, 125)
RULE: Rgb = (222, 226, 230)
BLUE: Rgb = (27, 106, 171)  # of a bot whose codes are black


def colour_of(style: Style) -> Rgb:
    """The bot's colour."""
    return BLUE if style.ink == PLAIN.ink else style.ink_rgb


def tint(colour: Rgb, share: float) -> Rgb:
    """So much of a colour, the rest paper."""
    red, green, blue = (round(255 - (255 - channel) * share) for channel in colour)
    return red, green, blue


class Canvas:
    """Shapes first, texts on top of them."""

    def __init__(self, across: int, down: int) -> None:
        self._shapes = Image.new("RGB", (across * SMOOTH, down * SMOOTH), PAPER)
        self._pen = ImageDraw.Draw(self._shapes)
        self._texts: list[tuple[float, float, str, int, bool, Rgb]] = []
        self.size = across, down

    def box(self, left: float, top: float, right: float, bottom: float, colour: Rgb, *, round_off: float = 0) -> None:
        """A filled rectangle, at least a pixel in each direction."""
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        corners = [round(each * SMOOTH) for each in (left, top, right, bottom)]
        corners[2], corners[3] = corners[2] - 1, corners[3] - 1
        radius = min(round_off, (right - left) / 2, (bottom - top) / 2) * SMOOTH
        self._pen.rounded_rectangle(corners, radius, fill=colour)

    def area(self, points: Sequence[Point], floor: float, colour: Rgb) -> None:
        """What lies between a line and a floor."""
        ends = [(points[-1][0], floor), (points[0][0], floor)]
        self._pen.polygon([(x * SMOOTH, y * SMOOTH) for x, y in [*points, *ends]], fill=colour)

    def line(self, points: Sequence[Point], colour: Rgb, *, thick: float) -> None:
        """A line with round corners."""
        scaled = [(x * SMOOTH, y * SMOOTH) for x, y in points]
        self._pen.line(scaled, fill=colour, width=round(thick * SMOOTH), joint="curve")

    def dot(self, at: Point, radius: float, colour: Rgb) -> None:
        """A filled circle."""
        x, y = at[0] * SMOOTH, at[1] * SMOOTH
        self._pen.ellipse([x - radius * SMOOTH, y - radius * SMOOTH, x + radius * SMOOTH, y + radius * SMOOTH], colour)

    def text(
        self,
        at: Point,
        said: str,
        size: int,
        *,
        bold: bool = False,
        colour: Rgb = TEXT,
        room: float = 0,
        is_whole: bool = False,
        side: Literal["left", "middle", "right"] = "left",
    ) -> float:
        """A line of text whose baseline begins, is in the middle or ends there; gives its width.

        What has no `room` is shortened or, where it must be whole as an amount, made smaller.
        """
        said = cleaned(said)
        if room and is_whole:
            size = min(size, int(size * room / max(1, width(runs(said, bold=bold), size))))
        elif room:
            said = shortened(said, size=size, room=room, bold=bold)
        across = width(runs(said, bold=bold), size)
        left = at[0] - {"left": 0, "middle": across / 2, "right": across}[side]
        self._texts.append((left, at[1], said, size, bold, colour))
        return across

    def text_within(self, at: Point, said: str, size: int, margin: float) -> None:
        """A pale line of text around a point, moved so that it is whole."""
        half = self.width(said, size) / 2
        x = min(max(at[0], margin + half), self.size[0] - margin - half)
        self.text((x, at[1]), said, size, side="middle", colour=PALE_TEXT)

    @staticmethod
    def width(said: str, size: int) -> float:
        """How wide a line of text is."""
        return width(runs(cleaned(said)), size)

    def png(self) -> bytes:
        """The picture."""
        picture = self._shapes.resize(self.size, Image.Resampling.BOX)
        pen = ImageDraw.Draw(picture)
        for x, baseline, said, size, bold, (red, green, blue) in self._texts:
            tone = red | green << 8 | blue << 16  # as Pillow packs a colour
            write(pen, runs(said, bold=bold), x=x, baseline=baseline, size=size, tone=tone)
        out = io.BytesIO()
        picture.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG")
        return out.getvalue()
