"""Gifts, refunds and issues: asked once, answered anywhere, and what the bot forgot shows the end as well."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Message, Person
from tests.bot.club import Club, open_club
from tests.bot.test_cash import labels, said_once, settled, toasted
from tests.bot.test_dialogs import asked, forgotten


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as club:
        yield club


def said_by(person: Person, words: str, *, chat: object = None) -> Message:
    messages = person.private.messages if chat is None else chat.messages  # type: ignore[attr-defined]
    return next(each for each in messages if each.words == words and not each.from_bot)


async def test_what_was_paid_is_given_back_by_its_button_or_its_code_in_private(club: Club) -> None:
    ann, bob = club.ann, club.bob
    bob.skip()
    await ann.press(await asked(club, ann, "/pay 5 @bob tea"))
    receipt = await bob.wait(lambda message: message.button("Give back") is not None)
    code = next(line for line in receipt.words.splitlines() if line.startswith("Receipt")).split()[1]
    assert "in private" in (await club.said(bob, f"/refund {code}", in_group=True)).words.lower()
    assert "/refund" in (await club.said(bob, "/refund")).words
    part = await asked(club, bob, f"/refund {code} 1.00")
    assert "Give 1.00 EUR back to Ann" in part.words
    twin = forgotten(club, part)
    assert "Nothing was moved" in await toasted(bob, twin, "Cancel")
    for message in (part, twin):
        await bob.see(message, "not given back, nothing was moved")
    bob.skip()
    press = await bob.press(receipt, "Give back")
    whole = await bob.wait("Give 5.00 EUR back to Ann")
    assert (await press.answer()).text == ""
    twin = forgotten(club, whole)
    assert "Gave 5.00 EUR back" in await toasted(bob, twin, "Give back")
    await bob.see(twin, "↩️ Gave back 5.00 EUR")
    await ann.wait("You got 5.00 EUR back")


async def test_issuing_is_asked_once_and_its_end_is_shown_wherever_it_is_pressed(club: Club) -> None:
    ann = club.ann
    for end, said, shown in (
        ("✅", "Issued 3.00 EUR", "Issued 3.00 EUR"),
        ("✖️", "Nothing was moved", "not issued, nothing was moved"),
    ):
        text = f"/issue 3 @bob {len(said)}"
        dialog = await asked(club, ann, text)
        await said_once(club, ann, said_by(ann, text))
        twin = forgotten(club, dialog)
        assert said in await toasted(ann, twin, end)
        for message in (dialog, twin):
            await ann.see(message, shown)
            assert message.buttons == []
    assert "Like this: /issue" in (await club.said(ann, "/issue")).words
    assert "/issue 5" in (await club.said(ann, "/issue @bob")).words


async def test_a_gift_in_a_group_is_posted_once_and_says_its_end_wherever_it_is_pressed(club: Club) -> None:
    ann, bob, eve = club.ann, club.bob, club.eve
    gift = await asked(club, ann, "/gift 4 for 2", in_group=True)
    assert gift.photo_bytes is None and labels(gift)[:2] == ["🎁 Claim a share", "↩️ Take back"]
    before = len(club.group.messages)
    club.box.inject({"message": said_by(ann, "/gift 4 for 2", chat=club.group).raw})
    await settled(club, ann)
    assert len(club.group.messages) == before
    twin = forgotten(club, gift)
    first = await (await bob.press(twin, "Claim")).answer()
    assert "2.00 EUR from “Ann” (@ann) is yours!" in first.text and not first.alert
    for message in (gift, twin):
        await bob.see(message, "got 2.00 EUR", chat=club.group)
    new = await (await eve.press(gift, "Claim")).answer()
    assert "I've opened a wallet for you" in new.text and new.alert
    for message in (gift, twin):
        await bob.see(message, "All of it is claimed", chat=club.group)
    back = await asked(club, ann, "/gift 3 for 2", in_group=True)
    twin = forgotten(club, back)
    assert "Only whoever gives it" in await toasted(bob, twin, "Take back")
    assert "3.00 EUR came back to you" in await toasted(ann, twin, "Take back")
    for message in (back, twin):
        await ann.see(message, "took 3.00 EUR back", chat=club.group)


async def test_a_gift_in_private_is_a_picture_whose_link_gives_one_share_to_each(club: Club) -> None:
    ann, bob = club.ann, club.bob
    gift = await asked(club, ann, "/gift 4 for 2 tea")
    assert gift.photo_bytes is not None and "Claim" not in "".join(labels(gift))
    link = next(word for word in gift.words.split() if "?start=g_" in word)
    ann.skip()
    await ann.open(link)
    again = await ann.wait(lambda message: message.photo_bytes is not None)  # a receipt may come before it
    assert "↩️ Take back" in labels(again), "its giver sees it again"
    bob.skip()
    await bob.open(link)
    await bob.wait("You got 2.00 EUR, your share of a gift")
    for message in (gift, again):
        await ann.see(message, "got 2.00 EUR")
    await settled(club, bob)
    bob.skip()
    await bob.open(link)
    assert "You have your share already, once: 2.00 EUR" in (await bob.next()).words
    await settled(club, bob)
    assert sum("your share of a gift" in message.words for message in bob.private.messages) == 1


async def test_whoever_is_not_here_yet_is_offered_a_gift_and_it_is_given_once(club: Club) -> None:
    ann = club.ann
    assert "start=hi" in (await club.said(ann, "/pay @nobody")).words
    assert not (await club.said(ann, "/pay @nobody")).buttons
    offer = await asked(club, ann, "/pay 2 @nobody tea", in_group=True)
    assert "start=hi" in offer.words
    give = offer.button(0)
    assert give is not None
    press = await ann.press(offer, give.value)
    gift = await ann.wait("2.00 EUR for @nobody", chat=club.group)
    assert (await press.answer()).text == "" and "tea" in gift.words
    await club.box.idle()
    assert offer.buttons == []
    await ann.press(offer, give.value)
    await settled(club, ann)
    assert sum("2.00 EUR for @nobody" in message.words for message in club.group.messages) == 1
    nobody = club.box.person(1009, "Nobody", username="nobody")
    club.group.chat.members.add(nobody.id)
    bob = await (await club.bob.press(gift, "Claim")).answer()
    assert "@nobody" in bob.text
    assert "is yours" in await toasted(nobody, gift, "Claim")
