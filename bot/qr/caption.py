"""The lines under a code: payee, amount and memo."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bot.qr.draw import INK, Tones


def caption(*, width: int, title: str, amount: str | None, memo: str | None) -> Tones:
    """The lines as tones, as wide as the code."""
    lines = [(title, 40), (amount or "", 64), (memo or "", 32)]
    lines = [(text, size) for text, size in lines if text]
    picture = Image.new("L", (width, sum(size * 3 // 2 for _, size in lines) + 24))
    pen = ImageDraw.Draw(picture)
    y = 0
    for text, size in lines:
        pen.text((width / 2, y), text, font=ImageFont.load_default(size), fill=INK, anchor="ma")
        y += size * 3 // 2
    return np.asarray(picture)
