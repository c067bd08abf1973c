"""What is shown where a gift is claimed: however many got a share and whatever they are called, the end is there."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from telegram.constants import MessageLimit

from bot.words import gifts as words
from bot.words.language import speak
from bot.words.wording import plain
from wallet_core import Gift, GiftShare, GiftState, Money, Person, PersonId, currency

EUR = currency("EUR")
FAMILY = "👩‍👩‍👧‍👦"
URL = "https://t.me/TuppenceBot?start=g_AAAAAAAAAAAAAAAA"
NAMES = {"short": "Bo", "long": "x" * 64, "<&>": "<&>" * 21, "wide": FAMILY * 5, "right to left": "שלום עולם " * 6}


def gift_of(shares: int, claimed: int, state: GiftState, *, memo: str) -> Gift:
    giver = Person(PersonId("tg:1"), "ann", "A" * 64, "A" * 16)
    left = Money(shares - claimed, EUR)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Gift("A" * 16, giver, Money(shares, EUR), left, shares, claimed, True, None, memo, state, when)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("memo", ["", "<&>" * 66, FAMILY * 28], ids=["no note", "signs", "wide"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("is_private", [True, False], ids=["private", "group"])
def test_what_is_left_and_the_link_stand_below_all_names(name: str, memo: str, language: str, is_private: bool) -> None:
    speak(own=language, house="en", zone=ZoneInfo("UTC"), privately=True)
    shares = [
        GiftShare(Person(PersonId(f"tg:{n}"), f"long_user_name_number_{n:010}", name, "A" * 16), Money(1, EUR))
        for n in range(2, 200)
    ]
    for state, end in ((GiftState.OPEN, URL), (GiftState.CLAIMED, "✅"), (GiftState.RETURNED, "↩️")):
        gift = gift_of(200, len(shares), state, memo=memo)
        card = plain(words.card(gift, shares, URL, is_private=is_private))
        assert len(card.encode("utf-16-le")) // 2 <= (
            MessageLimit.CAPTION_LENGTH if is_private else MessageLimit.MAX_TEXT_LENGTH
        )
        last = card.splitlines()[-1]
        assert end in last or (end is URL and not is_private), card
        assert (state is GiftState.OPEN) or "🍀" in card
        assert "…" in card
