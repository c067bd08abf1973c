"""Pictures of codes as people send them, and what is read from them."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from bot.qr import (
    DamagedPicture,
    NoCode,
    NotAPicture,
    PictureTooBig,
    Reading,
    Shape,
    Style,
    UnreadablePicture,
    qr_png,
    read_qr,
)
from tests.bench import qr_distort as distort

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"


def code(link: str = LINK, style: Style | None = None) -> Image.Image:
    png = qr_png(link, title="Alice", amount="€5.00", memo="coffee", style=style or Style())
    return Image.open(io.BytesIO(png)).convert("RGB")


def sent(picture: Image.Image, *, kind: str = "JPEG", quality: int = 87) -> bytes:
    picture = picture.copy()
    picture.thumbnail((1280, 1280))
    file = io.BytesIO()
    picture.save(file, kind, quality=quality)
    return file.getvalue()


def on_a_table(size: int) -> Image.Image:
    values = np.random.default_rng(3).integers(60, 160, (960, 1280, 3), dtype=np.uint8)
    table = Image.fromarray(values).filter(ImageFilter.GaussianBlur(2))
    picture = code()
    table.paste(picture.resize((size, size * picture.height // picture.width), Image.Resampling.BICUBIC), (300, 200))
    return table


DISTORTIONS = {
    "as it is": code,
    "turned": lambda: distort.turned(code(), 33),
    "tilted": lambda: distort.tilted(code(), 40),
    "blurred": lambda: distort.blurred(code(), 0.011),
    "dark": lambda: ImageEnhance.Brightness(code()).enhance(0.08),
    "pale": lambda: distort.faded(code(), 0.9),
    "in half a shadow": lambda: distort.shadowed(code(), 0.85),
    "noisy": lambda: distort.noisy(code(), 60),
    "on a table, far away": lambda: on_a_table(110),
    "in a mirror": lambda: code().transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "white on black": lambda: code().point(lambda tone: 255 - tone),
}


@pytest.mark.parametrize("name", DISTORTIONS)
def test_a_code_is_read(name: str) -> None:
    assert read_qr(sent(DISTORTIONS[name]())).texts == (LINK,)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("style", [Style(), Style(ink="#123a6b", shape=Shape.ROUNDED)])
def test_a_code_is_read_from_each_format(kind: str, style: Style) -> None:
    assert read_qr(sent(code(style=style), kind=kind)) == Reading((LINK,))


def test_several_codes_are_all_read_once_from_the_top() -> None:
    picture = Image.new("RGB", (1280, 1280), "white")
    for link, place in (("third", (50, 650)), ("first", (50, 0)), ("second", (650, 20)), ("first", (650, 650))):
        picture.paste(code(link).resize((420, 600)), place)
    assert read_qr(sent(picture)).texts == ("first", "second", "third")


def test_a_large_photo_is_read_at_a_fraction_of_its_size() -> None:
    file = io.BytesIO()
    on_a_table(400).resize((5120, 3840)).save(file, "JPEG")
    assert read_qr(file.getvalue()).texts == (LINK,)


@pytest.mark.parametrize("text", ["Grüße", "привет", "日本語", "🎉", "a\nb", " x "])
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert read_qr(sent(code(text))).texts == (text,)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 300)])
def test_a_picture_without_a_code_says_so(size: tuple[int, int]) -> None:
    with pytest.raises(NoCode):
        read_qr(sent(Image.new("RGB", size, "white"), kind="PNG"))


def test_a_picture_too_big_says_how_big() -> None:
    file = io.BytesIO()
    Image.new("1", (8000, 5000)).save(file, "PNG")
    with pytest.raises(PictureTooBig) as refusal:
        read_qr(file.getvalue())
    assert (refusal.value.width, refusal.value.height) == (8000, 5000)
    with pytest.raises(PictureTooBig) as refusal:
        read_qr(bytes(20_000_001))
    assert refusal.value.byte_count == 20_000_001


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_picture_cut_or_changed_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(("JPEG", "PNG", "WEBP")))
    picture = bytearray(sent(code().resize((200, 280)), kind=kind))
    for _ in range(data.draw(st.integers(0, 3))):
        picture[data.draw(st.integers(0, len(picture) - 1))] = data.draw(st.integers(0, 255))
    del picture[data.draw(st.integers(0, len(picture))) :]
    try:
        reading = read_qr(bytes(picture))
    except UnreadablePicture:
        return
    assert reading.texts == (LINK,)


@given(st.binary(max_size=400))
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises((NotAPicture, DamagedPicture)):
        read_qr(data)
