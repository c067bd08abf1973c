"""A code that was made, sent as Telegram sends photos, and read again."""

import io

import pytest
from PIL import Image

from bot.qr import DamagedPicture, NoCode, NotAPicture, PictureTooBig, Shape, Style, qr_png, read_qr

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"


def as_telegram_sends_it(png: bytes) -> bytes:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.thumbnail((1280, 1280))
    sent = io.BytesIO()
    picture.save(sent, "JPEG", quality=87)
    return sent.getvalue()


@pytest.mark.parametrize("style", [Style(), Style(ink="#123a6b", shape=Shape.ROUNDED)])
def test_a_code_is_read_after_telegram_recompressed_it(style: Style) -> None:
    png = qr_png(LINK, title="Alice", amount="€5.00", memo="coffee", style=style)
    assert read_qr(png).texts == (LINK,)
    assert read_qr(as_telegram_sends_it(png)).texts == (LINK,)


def test_what_cannot_be_read_says_why() -> None:
    png = qr_png(LINK, title="Alice", amount=None, memo=None)
    blank = io.BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "PNG")
    for data, refusal in (
        (b"", NotAPicture),
        (b"hello" * 100, NotAPicture),
        (png[: len(png) // 2], DamagedPicture),
        (b"x" * 20_000_001, PictureTooBig),
        (blank.getvalue(), NoCode),
    ):
        with pytest.raises(refusal):
            read_qr(data)
