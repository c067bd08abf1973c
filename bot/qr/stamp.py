"""A stamp across a code that is over: it says why, and nobody can scan the code any more."""

import numpy as np
from PIL import Image, ImageDraw

from bot.qr.draw import INK, Tones
from bot.qr.line import cleaned, runs, width, write

PALE = 4  # what is left of the code is so many times paler
BAND = 0.46  # of the code's side: more than level H can mend
FRAME_ACROSS, FRAME_DOWN = 0.84, 0.26
BORDER = 0.012
TURN_DEGREES = 10
TEXT_SIZES = tuple(share / 100 for share in range(18, 4, -1))
TEXT_ROOM = 0.74
CAP_HEIGHT = 0.71  # of the size, in Noto Sans


def stamped(code: Tones, text: str) -> Tones:
    """The code, pale, under a band of paper with the words in a frame."""
    side = len(code)
    across = round(side * 1.3)
    band = Image.new("L", (across, round(side * BAND)))
    pen = ImageDraw.Draw(band)
    middle = (across / 2, band.height / 2)
    half = (side * FRAME_ACROSS / 2, side * FRAME_DOWN / 2)
    frame = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
    pen.rounded_rectangle(frame, side * 0.03, outline=INK, width=round(side * BORDER))
    line = runs(cleaned(text), bold=True)
    sizes = [round(side * share) for share in TEXT_SIZES]
    size = next((size for size in sizes if width(line, size) <= side * TEXT_ROOM), sizes[-1])
    left = middle[0] - width(line, size) / 2
    write(pen, line, x=left, baseline=middle[1] + size * CAP_HEIGHT / 2, size=size, tone=INK)
    turned = band.rotate(TURN_DEGREES, Image.Resampling.BICUBIC, expand=True)
    mask = Image.new("L", band.size, 255).rotate(TURN_DEGREES, expand=True)
    picture = Image.fromarray(code // PALE)
    picture.paste(turned, ((side - turned.width) // 2, (side - turned.height) // 2), mask)
    tones: Tones = np.minimum(np.asarray(picture), INK)
    return tones
