"""/history in the chat: with somebody, of a kind, by words; each entry's receipt and what can be done about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message
from tests.bot.club import Club, open_club


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    """Ann has paid Bob for coffee and for lunch, and Bob has paid her for tea."""
    async with open_club(tmp_path) as opened:
        ann, bob = opened.ann, opened.bob
        for payer, text in ((ann, "/pay 5 @bob Coffee"), (ann, "/pay 3 @bob lunch"), (bob, "/pay 1 @ann tea")):
            dialog = await opened.said(payer, text)
            ann.skip()
            await payer.press(dialog)
            await payer.wait("Receipt")
        await opened.box.idle()
        yield opened


def texts(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def see(club: Club, message: Message, button: str, words: str) -> None:
    assert (await (await club.ann.press(message, button)).answer()).text == "", button
    await club.ann.see(message, words)


async def test_it_is_filtered_by_person_and_words_and_says_so(club: Club) -> None:
    shown = await club.said(club.ann, "/history @bob")
    assert "With Bob" in shown.words and "from the community" not in shown.words
    assert [word in shown.words for word in ("1. ", "2. ", "3. ", "4. ")] == [True, True, True, False]
    for text in ("/history coffee", "/history search COFFEE"):
        shown = await club.said(club.ann, text)
        assert "Coffee" in shown.words and "lunch" not in shown.words and "🔎 “" in shown.words
    assert "nothing like that" in (await club.said(club.ann, "/history cocoa")).words
    assert "I don't know @nobody" in (await club.said(club.ann, "/history @nobody")).words
    for text in ("/history @bob search coffee", "/history @bob coffee"):
        both = await club.said(club.ann, text)
        assert "With Bob" in both.words and "“coffee”" in both.words and "lunch" not in both.words
    await see(club, both, "Show only", "What do you want to see?")
    await see(club, both, "Paid", "Coffee")
    await see(club, both, "1", "Receipt: ")
    await see(club, both, "‹ Back", "“coffee”")
    assert "nothing like that" in (await club.said(club.ann, "/history @bob tee-shirt")).words
    assert "too long" in (await club.said(club.ann, f"/history @bob {'x' * 16}")).words
    assert "too long" in (await club.said(club.ann, f"/history {'x' * 31}")).words
    for word in ("ресторанчик", "المطعم الكبير", "रेस्तरां"):  # a word is a word, whatever its letters take
        shown = await club.said(club.ann, f"/history @bob {word}")
        assert "With Bob" in shown.words and word in shown.words
        await see(club, shown, "Show only", "What do you want to see?")
        await see(club, shown, "Paid", "nothing like that")
        assert word in shown.words
    assert "private only" in (await club.said(club.ann, "/history @bob", in_group=True)).words
    assert "nothing like that" in (await club.said(club.bob, "/history @bob")).words
    club.ann.skip()
    await club.ann.send("/history Bob", mentions={"Bob": club.bob})
    assert "With Bob" in (await club.ann.next()).words
    await club.ann.send("/history Eve", mentions={"Eve": club.eve})
    assert "Eve" in (await club.ann.next()).words


async def test_kinds_are_chosen_with_buttons(club: Club) -> None:
    shown = await club.said(club.ann, "/history @bob")
    await see(club, shown, "Show only", "What do you want to see?")
    await see(club, shown, "Received", "tea")
    assert "lunch" not in shown.words and "Received" in shown.words and "With Bob" in shown.words
    await see(club, shown, "Show only", "What do you want to see?")
    await see(club, shown, "Tips", "nothing like that")
    await see(club, shown, "Show only", "What do you want to see?")
    await see(club, shown, "Everything", "lunch")


async def test_each_entry_opens_its_receipt_with_what_can_be_done(club: Club) -> None:
    shown = await club.said(club.ann, "/history")
    assert texts(shown)[:4] == ["1", "2", "3", "4"]
    await see(club, shown, "1", "Receipt: ")
    assert "tea" in shown.words and texts(shown) == ["↩️ Give back", "📋 Receipt code", "‹ Back"]
    club.ann.skip()
    await club.ann.press(shown, "Give back")
    await club.ann.wait("Give 1.00 EUR back to Bob")
    await see(club, shown, "‹ Back", "lunch")
    await see(club, shown, "2", "For: lunch")
    assert texts(shown)[0] == "🔁 Pay again"
    club.ann.skip()
    begun = await (await club.ann.press(shown, "Pay again")).answer()
    dialog = await club.ann.wait("Pay 3.00 EUR to")
    assert "lunch" in dialog.words and (begun.text, begun.alert) == ("", False)
    again = await (await club.ann.press(shown, "Pay again")).answer()
    assert "already" in again.text and again.alert  # one dialog, however often it is pressed
    await see(club, shown, "‹ Back", "Coffee")
    await see(club, shown, "4", "From: the community")
    assert texts(shown) == ["📋 Receipt code", "‹ Back"]


async def test_buttons_of_others_old_ones_and_made_up_ones_show_nothing(club: Club) -> None:
    shown = await club.said(club.ann, "/history")
    receipt = await club.said(club.ann, "/history lunch")
    await see(club, receipt, "1", "Receipt: ")
    again = receipt.button("Pay again")
    assert again is not None
    before = shown.words
    for data in ("hrec:a:1.9", "hrec:a:zzzzzzzzzzzzz.1", "hist:z:", "hist:a:zzzzzzzzzzzzz", "hkind:", "again:NOTACODE"):
        assert (await (await club.ann.press(shown, data)).answer()).text, data
    assert (await (await club.bob.press(receipt, again.value)).answer()).text  # hers to pay again, not his
    mine = await club.said(club.bob, "/history")
    data = shown.buttons[0][0].value
    assert (await (await club.bob.press(mine, data)).answer()).text and "🏦" not in mine.words
    assert shown.words == before
    newer = await club.said(club.ann, "/pay 1 @bob cake")
    await club.ann.press(newer)
    await club.ann.wait("Receipt")
    await see(club, shown, "1", "For: tea")  # what stood there, though something has come since
