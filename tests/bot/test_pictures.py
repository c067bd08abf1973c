"""What stands on pictures: who, how much with its sign, what to do; and the stamp of a request that is over."""

import numpy as np
import pytest
from PIL import Image

from bot.qr import NoCode, Shape, Style, qr_png, read_qr
from bot.qr.caption import caption
from bot.qr.line import Run, runs
from bot.words import pictures
from bot.words.language import speaking_to
from tests.bot.test_qr_encode import LINK, logo, picture
from wallet_core import Money, currency

HINT = "Scan to pay in Telegram · @TuppenceBot"
LONG = "Dr. Maximiliana Constanze von Hohenzollern-Sigmaringen und zu"


@pytest.mark.parametrize(
    ("minor", "code", "language", "seen"),
    [
        (500, "EUR", "en", "€5.00"),
        (500, "EUR", "de", "5,00 €"),
        (123_456_789, "EUR", "en", "€1_234_567.89"),
        (123_456_789, "EUR", "de", "1_234_567,89 €"),
        (100_000, "CHF", "en", "CHF 1_000.00"),
        (1_500, "JPY", "en", "¥1_500"),
        (3, "BEER", "en", "3 BEER"),
        (12_000, "BEER", "de", "12_000 BEER"),
        (5, "TOKEN/2", "en", "0.05 TOKEN"),
    ],
)
def test_an_amount_is_grouped_and_has_its_sign_where_people_write_it(
    minor: int, code: str, language: str, seen: str
) -> None:
    with speaking_to(language):
        assert pictures.amount_drawn(Money(minor, currency(code))) == seen.replace("_", pictures.THIN_SPACE)


def test_a_thin_space_is_drawn_and_is_thinner_than_a_space() -> None:
    def across(amount: str) -> int:
        dark = np.argwhere(caption(width=720, title="", amount=amount, memo=None))
        return int(np.ptp(dark[:, 1]))

    assert across("1234") < across("1\u2009234") < across("1 234")


@pytest.mark.parametrize("style", [Style(), Style(shape=Shape.ROUNDED, ink="#103a7a"), Style(logo=logo())])
@pytest.mark.parametrize("stamp", ["PAID", "ZURÜCKGENOMMEN", "a very long word for that it is over", "مدفوع"])
def test_a_stamped_code_cannot_be_read_and_the_same_without_the_stamp_can(style: Style, stamp: str) -> None:
    words = {"title": "Café Zimt", "amount": "€5.00", "memo": "coffee"}
    assert read_qr(qr_png(LINK, **words, style=style)).texts == (LINK,)
    with pytest.raises(NoCode):
        read_qr(qr_png(LINK, **words, stamp=stamp, style=style))


@pytest.mark.parametrize("link", [LINK, LINK + "x" * 40, LINK + "x" * 300])
def test_the_fullest_picture_has_no_side_above_1280_pixels_and_is_read(link: str) -> None:
    png = qr_png(link, title=LONG, amount="€1.00", memo="two coffees " * 20, hint=HINT, style=Style(logo=logo()))
    assert max(picture(png).size) <= 1280
    assert read_qr(png).texts == (link,)


def test_a_long_name_has_two_lines_and_all_its_letters() -> None:
    one, two = (caption(width=720, title=name, amount=None, memo=None) for name in ("Ann", LONG))
    assert len(two) - len(one) >= 25
    rows = np.flatnonzero(two.any(axis=1))
    assert (np.diff(rows) > 1).sum() >= 1  # there is paper between the lines


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "नरेन्द्र", "김철수", "שרה כהן"])
def test_a_name_in_a_script_without_a_bold_font_is_drawn_bolder(name: str) -> None:
    def ink(line: tuple[Run, ...]) -> int:
        from PIL import ImageDraw

        from bot.qr.line import write

        page = Image.new("L", (600, 120))
        write(ImageDraw.Draw(page), line, x=20, baseline=80, size=60, tone=15)
        return int(np.asarray(page, dtype=np.int64).sum())

    assert ink(runs(name, bold=True)) > 1.15 * ink(runs(name))
