"""/paysupport and /terms, with what the operator has set or with sensible words; and amounts that a currency offers."""

from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.settings import SettingsError, read_settings
from bot.words.top_ups import usual_amounts
from tests.bot.club import Club, running, settings_for
from wallet_core import Rules, currency, pin_amounts
from wallet_core.features.tips_usual import tip_amounts


async def test_without_settings_both_say_something_sensible(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        assert "whoever runs me here" in (await club.said(club.ann, "/paysupport")).words
        said = await club.said(club.ann, "/terms")
        assert "whoever runs me holds the money" in said.words and "/paysupport" in said.words


async def test_what_the_operator_has_set_is_said(tmp_path: Path) -> None:
    settings = {"support": "help <me> @olga", "terms_url": "https://club.example/terms"}
    async with Sandbox() as box, running(settings_for(box, tmp_path, **settings)):
        club = Club(box)
        await club.begin()
        assert "Please write to help <me> @olga" in (await club.said(club.ann, "/paysupport")).words
        assert "https://club.example/terms" in (await club.said(club.ann, "/terms")).words


@pytest.mark.parametrize(("name", "value"), [("support", "x" * 201), ("terms_url", "club.example")])
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(_env_file=None, **{name: value})
    assert name.upper() in str(refused.value)


@pytest.mark.parametrize(
    ("code", "tips", "top_ups", "pins"),
    [
        ("EUR", "0.20 0.50 1.00 2.00 5.00", "5.00 10.00 20.00 50.00", "0.00 5.00 20.00 50.00"),
        ("JPY", "20 50 100 200 500", "500 1000 2000 5000", "0 500 2000 5000"),
        ("SAT", "200 500 1000 2000 5000", "5000 10000 20000 50000", "0 5000 20000 50000"),
        ("KWD", "0.100 0.250 0.500 1.000 2.500", "2.500 5.000 10.000 25.000", "0.000 2.500 10.000 25.000"),
        ("BEER", "1 2 5", "5 10 20 50", "0 5 20 50"),
        ("TOKEN/2", "0.20 0.50 1.00 2.00 5.00", "5.00 10.00 20.00 50.00", "0.00 5.00 20.00 50.00"),
    ],
)
def test_what_is_offered_fits_the_currency(code: str, tips: str, top_ups: str, pins: str) -> None:
    unit = currency(code)
    assert " ".join(each.number for each in tip_amounts(Rules(unit))) == tips
    assert " ".join(each.number for each in usual_amounts(unit, 0)) == top_ups
    assert " ".join(each.number for each in pin_amounts(Rules(unit))) == pins
