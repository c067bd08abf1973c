"""Languages: which one is spoken to whom, and how it writes amounts and times."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import parser
from bot.words import intents, people, requests, wording
from bot.words.language import ENGLISH, gettext, languages, own_name, speak, speaking, understood
from tests.bot.spoken import spoken_to
from wallet_core import AMOUNT_MAX_MINOR, Money, currency, read_amount

EUR = currency("EUR")
# Every kind of decimal sign, digits, groups and direction that there is.
LOCALES = [
    Locale.parse(tag)
    for tag in (
        "en",
        "de",
        "de_CH",
        "fr",
        "pt_BR",
        "sv",
        "ru",
        "ar",
        "ar_EG",
        "fa",
        "bgn_PK",
        "ur",
        "hi",
        "bn",
        "my",
        "he",
        "ja",
    )
]
CURRENCIES = [currency(code) for code in ("EUR", "USD", "CHF", "JPY", "KWD", "TND", "CLF", "BEER", "KAFFEE")]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        ("de-Latn-DE-x-foo", "de"),
        ("en-GB", "en"),
        ("deu", None),
        ("tlh", None),
        ("x-klingon", None),
        ("../de", None),
        ("-", None),
        ("", None),
        (None, None),
    ],
)
def test_a_messengers_tag_means_the_language_that_has_words_or_none(tag: str | None, language: str | None) -> None:
    assert understood(tag) == language


@given(st.text(max_size=40))
def test_no_tag_ever_raises(tag: str) -> None:
    assert understood(tag) in (*languages(), None)


def test_languages_call_themselves_by_their_own_names() -> None:
    assert {language: own_name(language) for language in languages()} == {
        language: OWN_NAMES[language] for language in languages()
    }


OWN_NAMES = {
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "id": "Bahasa Indonesia",
    "pt_BR": "Português (Brasil)",
    "ru": "Русский",
    "zh_Hans": "简体中文",
}
# What Telegram's apps say, or could.
TAGS = {
    "es": ("es", "es-419", "es-MX"),
    "pt_BR": ("pt-br", "pt", "pt-PT", "PT_BR"),
    "id": ("id", "in", "id-ID", "in_ID"),
    "zh_Hans": ("zh-hans", "zh", "zh-CN", "zh-TW", "zh-hant", "zh-Hans-SG"),
    "ar": ("ar", "ar-EG"),
}


@pytest.mark.parametrize("language", sorted(TAGS.keys() & {*languages()}))
def test_a_tag_means_the_nearest_language_that_has_words(language: str) -> None:
    assert {understood(tag) for tag in TAGS[language]} == {language}


@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_the_command_line_takes_a_language_as_messengers_call_it(command: str) -> None:
    assert parser().parse_args([command, "--language", "de-AT"]).language == "de"
    with pytest.raises(SystemExit):
        parser().parse_args([command, "--language", "tlh"])


async def test_two_who_are_served_at_once_are_each_spoken_to_in_their_own_language() -> None:
    met = asyncio.Barrier(2)

    async def served(language: str) -> str:
        speak(own=language, house=ENGLISH, zone=UTC, privately=True)
        await met.wait()
        return people.told_alone()

    assert await asyncio.gather(served("de-DE"), served("en")) == [
        "Ich habe es dir unter vier Augen gesagt.",
        "I've told you in private.",
    ]


def test_a_group_is_spoken_to_in_the_operators_language_and_the_one_who_presses_in_their_own() -> None:
    with spoken_to("de"), speaking(privately=False):
        assert gettext("How much?") == "How much?"
        assert intents.cancelled_toast() == "Abgebrochen. Es ist kein Geld geflossen."
        assert requests.cancelled_toast().startswith("Zurückgezogen")
        assert intents.stands_toast().startswith("Ich habe dich schon gefragt")
        assert gettext("How much?") == "How much?"


def test_whose_language_has_no_words_is_spoken_to_in_the_operators() -> None:
    speak(own="fi", house="de", zone=UTC, privately=True)
    try:
        assert gettext("How much?") == "Wie viel?"
    finally:
        speak(own=ENGLISH, house=ENGLISH, zone=UTC, privately=True)


@given(language=st.sampled_from(LOCALES), unit=st.sampled_from(CURRENCIES), minor=st.integers(1, AMOUNT_MAX_MINOR))
def test_g13_an_amount_that_is_printed_in_any_language_is_read_back_exactly(
    language: Locale, unit: object, minor: int
) -> None:
    money = Money(minor, unit)  # type: ignore[arg-type]
    assert read_amount(wording.written(money, language), money.currency) == money


OTHER_DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "hi": "०१२३४५६७८९", "zh": "０１２３４５６７８９"}


@given(digits=st.sampled_from(sorted(OTHER_DIGITS)), unit=st.sampled_from(CURRENCIES), minor=st.integers(1, 10**12))
def test_an_amount_that_is_typed_in_the_digits_of_a_language_is_read_exactly(
    digits: str, unit: object, minor: int
) -> None:
    money = Money(minor, unit)  # type: ignore[arg-type]
    sign = {"ar": "٫", "fa": "٫", "hi": ".", "zh": "．"}[digits]
    typed = money.number.translate(str.maketrans("0123456789.", OTHER_DIGITS[digits] + sign))
    assert read_amount(typed, money.currency) == read_amount(f"{typed} {money.currency.code}", money.currency) == money


@pytest.mark.parametrize(
    ("language", "minor", "code", "text"),
    [
        ("en", 500, "EUR", "5.00 EUR"),
        ("de", 500, "EUR", "5,00 EUR"),
        ("de", 123456789, "EUR", "1234567,89 EUR"),
        ("de", -5, "EUR", "-0,05 EUR"),
        ("de", 3, "BEER", "3 BEER"),
        ("de", 500, "JPY", "500 JPY"),
        ("de", 1250, "KWD", "1.250 KWD"),
        ("en", 1250, "KWD", "1.250 KWD"),
    ],
)
def test_amounts_are_written_as_the_language_does(language: str, minor: int, code: str, text: str) -> None:
    with spoken_to(language):
        assert wording.amount(Money(minor, currency(code))) == text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "2026-07-01 22:30:00 UTC"),
        ("en", "Europe/Berlin", "2026-07-02 00:30:00 +0200"),
        ("en", "America/New_York", "2026-07-01 18:30:00 EDT"),
        ("de", "UTC", "01.07.2026, 22:30:00 UTC"),
        ("de", "Europe/Berlin", "02.07.2026, 00:30:00 MESZ"),
        ("de", "Asia/Kathmandu", "02.07.2026, 04:15:00 +0545"),
    ],
)
def test_times_are_those_of_the_operators_clock_and_say_so(language: str, zone: str, text: str) -> None:
    with spoken_to(language, zone=ZoneInfo(zone)):
        assert wording.plain(wording.exactly(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))) == text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "2026-07-01 22:30"),
        ("en", "Europe/Berlin", "2026-07-02 00:30"),
        ("de", "Asia/Kathmandu", "02.07.2026, 04:15"),
    ],
)
def test_but_on_receipts_times_are_to_the_minute_and_name_no_zone(language: str, zone: str, text: str) -> None:
    with spoken_to(language, zone=ZoneInfo(zone)):
        assert wording.plain(wording.when(datetime(2026, 7, 1, 22, 30, 59, tzinfo=UTC))) == text
