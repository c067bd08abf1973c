"""What stands on pictures: who, how much with its sign, what to do; and the stamp of a request that is over."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from PIL import Image

from bot.qr import NoCode, Shape, Style, qr_png, read_qr
from bot.qr.caption import caption, set_lines
from bot.qr.fonts import missing
from bot.qr.line import Run, cleaned, runs
from bot.words import pictures, statement_picture
from bot.words.language import languages, own_name, speaking_to
from bot.words.statement_picture import Cut
from tests.bot.spoken import spoken_to
from tests.bot.test_qr_encode import LINK, logo, picture
from wallet_core import Gift, GiftState, Money, Person, PersonId, currency

ANN = Person(PersonId("tg:1001"), "ann", "Ann", "p1")
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


def test_what_came_has_a_sign_unless_nothing_came() -> None:
    unit = currency("EUR")
    seen = [statement_picture.drawn(Money(minor, unit), sign="+") for minor in (500, 0, -500)]
    assert seen == ["+€5.00", "€0.00", "−€5.00"]


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


@pytest.mark.parametrize(
    ("name", "halves"),
    [
        ("Maximiliana Constanze von Hohenzollern", ["Maximiliana Constanze", "von Hohenzollern"]),
        (
            "中华人民共和国东北三省出口贸易有限公司北京代表处北京",
            ["中华人民共和国东北三省出口", "贸易有限公司北京代表处北京"],
        ),
    ],
)
def test_two_lines_of_a_name_are_of_about_one_length(name: str, halves: list[str]) -> None:
    lines = set_lines(width=592, title=name, amount=None, memo=None)
    assert [line.text for line in lines] == halves


@pytest.mark.parametrize(
    ("state", "language", "seen"),
    [
        (GiftState.OPEN, "en", None),
        (GiftState.CLAIMED, "en", "CLAIMED"),
        (GiftState.CLAIMED, "de", "VERGEBEN"),
        (GiftState.RETURNED, "en", "TAKEN BACK"),
        (GiftState.EXPIRED, "en", "EXPIRED"),
    ],
)
def test_the_picture_of_a_gift_that_is_over_says_what_became_of_it(
    state: GiftState, language: str, seen: str | None
) -> None:
    five = Money(500, currency("EUR"))
    gift = Gift("g1", ANN, five, five, 1, 0, False, None, "", state, datetime.now(UTC))
    with speaking_to(language):
        assert pictures.gift_stamp(gift) == seen


def test_a_sheet_of_a_fixed_amount_asks_nobody_to_type_one() -> None:
    with speaking_to("en"):
        fixed, free = (
            pictures.on_sheet(ANN, value, "", "TuppenceBot") for value in (Money(500, currency("EUR")), None)
        )
    assert fixed["steps"] == "1 Scan · 2 Check · 3 Confirm" and fixed["amount"] == "€5.00"
    assert free["steps"] == "1 Scan · 2 Amount · 3 Confirm" and free["amount"] == "Any amount"


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "नरेन्द्र", "김철수", "שרה כהן"])
def test_a_name_in_a_script_without_a_bold_font_is_drawn_bolder(name: str) -> None:
    def ink(line: tuple[Run, ...]) -> int:
        from PIL import ImageDraw

        from bot.qr.line import write

        page = Image.new("L", (600, 120))
        write(ImageDraw.Draw(page), line, x=20, baseline=80, size=60, tone=15)
        return int(np.asarray(page, dtype=np.int64).sum())

    assert ink(runs(name, bold=True)) > 1.15 * ink(runs(name))


def test_a_handle_at_the_end_of_a_line_from_right_to_left_keeps_its_sign_before_it() -> None:
    seen = [run.text for run in runs(cleaned("امسح للدفع · \u2068@TuppenceBot\u2069"))]
    assert seen[0] == "@TuppenceBot" and "\u2068" not in "".join(seen)


@pytest.mark.parametrize("language", languages())
def test_no_letter_of_any_language_is_missing_on_a_picture(language: str) -> None:
    with spoken_to(language):
        said = pictures.on_sheet(ANN, Money(500, currency("EUR")), "", "TestBot")
        months = [statement_picture.span_name(cut, date(2026, month, 1)) for month in range(1, 13) for cut in Cut]
        others = (statement_picture.came(), statement_picture.most_with(), statement_picture.balance_line())
        drawn = "".join((*(str(each) for each in said.values()), *months, *others, own_name(language)))
    assert missing(cleaned(drawn)) == ""
