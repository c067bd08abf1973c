"""`@bot 5 coffee` in any chat, over HTTP: cards in chats without the bot, with everything twice and strangers about."""

import sqlite3
from pathlib import Path

import pytest

from bot.qr import NoCode, read_qr
from bot.sandbox import Message
from tests.e2e.inline import asked_in_private, card, code_of
from tests.e2e.world import GROUP_ID, bot_world, id_of, press_all, receipt_code
from wallet_core import MakeRequest, OpenRequests, currency, read_amount

EUR = currency("EUR")


async def test_a_card_is_paid_once_by_whoever_presses_and_shows_who_paid(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, carol = await world.someone("Alice"), await world.someone("Bob", "20"), await world.someone("Carol")
        posted = await card(alice, "5 zebra")
        code = code_of(posted)
        assert "Alice" in posted.text and "asks for 5.00 EUR" in posted.text and "zebra" in posted.text

        own = await (await alice.press(posted, "Pay")).answer()
        assert own.alert and "That's yourself" in own.text
        stranger = await (await bob.press(posted, "Cancel")).answer()
        assert stranger.alert and "Only the one who asks" in stranger.text

        asked = await asked_in_private(bob, posted)
        assert "Pay 5.00 EUR to Alice" in asked.text and "zebra" in asked.text
        assert len([m for m in bob.private.messages if "Pay 5.00 EUR to Alice" in m.text]) == 1
        stranger = await (await carol.press(asked, 0)).answer()
        assert stranger.alert and "for somebody else" in stranger.text
        alice.skip()
        answers = await press_all(bob, asked, 2)
        assert all("Paid 5.00 EUR" in answer.text for answer in answers)
        receipt = await alice.wait("Receipt")
        await alice.see(posted, "5.00 EUR: paid", chat=posted.chat)
        assert receipt_code(receipt) == receipt_code(posted) and "Bob" in posted.text and not posted.buttons

        late = await (await carol.press(posted, f"pay:{code}")).answer()
        assert late.alert and "paid already" in late.text
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("5.00", "15.00")


@pytest.mark.parametrize("feedback", [False, True])
async def test_a_card_is_still_good_after_the_bot_was_killed(tmp_path: Path, *, feedback: bool) -> None:
    async with bot_world(tmp_path) as world:
        world.box.inline_feedback = feedback
        alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
        posted = await card(alice, "5 zebra")
        await world.box.idle()
        assert len(await world.core.ask(OpenRequests(person=id_of(alice)))) == feedback  # reported: real already
        await world.bot.kill()
        press = await bob.press(posted, "Pay")
        await world.start_bot()
        said = await press.answer()
        assert said.alert and said.text == "I've asked you in private: please answer there."
        asked = await bob.wait("Pay 5.00 EUR to Alice")
        await world.bot.kill()
        await world.start_bot()
        await press_all(bob, asked, 1)
        await alice.see(posted, "5.00 EUR: paid", chat=posted.chat)
        assert (await world.balance(alice), await world.balance(bob)) == ("5.00", "15.00")


async def test_whoever_cannot_be_asked_in_private_is_led_there(tmp_path: Path) -> None:
    async with bot_world(tmp_path, WELCOME_CREDIT="7") as world:
        alice = await world.stranger("Alice")
        await alice.start()
        await alice.wait("7.00 EUR")
        posted = await card(alice, "5 zebra")
        code = code_of(posted)
        newcomer = await world.stranger("Nora", member=False)
        led = await (await newcomer.press(posted, "Pay")).answer()
        assert led.url.endswith(f"?start=r_{code}") and not led.text
        await newcomer.open(led.url)
        asked = await newcomer.wait(lambda message: bool(message.buttons))
        assert "Pay 5.00 EUR to Alice" in asked.text

        newcomer.block()
        led = await (await newcomer.press(posted, "Pay")).answer()
        assert led.url.endswith(f"?start=r_{code}")
        await newcomer.open(led.url)
        await press_all(newcomer, asked, 1)
        await alice.see(posted, "5.00 EUR: paid", chat=posted.chat)
        assert await world.balance(newcomer) == "2.00"


@pytest.mark.parametrize("feedback", [False, True])
async def test_the_maker_takes_a_card_back_of_which_nobody_has_heard_yet(tmp_path: Path, *, feedback: bool) -> None:
    async with bot_world(tmp_path) as world:
        world.box.inline_feedback = feedback
        alice = await world.someone("Alice")
        posted = await card(alice, "5 zebra")
        assert "can't be paid any more" in (await (await alice.press(posted, "Cancel")).answer()).text
        await alice.see(posted, "no longer asks for 5.00 EUR", chat=posted.chat)


async def test_the_maker_takes_a_card_back(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
        posted = await card(alice, "5 zebra")
        code = code_of(posted)
        asked = await asked_in_private(bob, posted)
        answer = await (await alice.press(posted, "Cancel")).answer()
        assert "can't be paid any more" in answer.text
        await alice.see(posted, "no longer asks for 5.00 EUR", chat=posted.chat)
        assert not posted.buttons
        await bob.see(asked, "no longer asks")
        late = await (await bob.press(posted, f"pay:{code}")).answer()
        assert late.alert and "cancelled" in late.text
        unknown = await (await bob.press(posted, "pay:0000000000000000")).answer()
        assert unknown.alert and "no request with this code" in unknown.text
        await world.settle()
        assert await world.balance(bob) == "20.00"


@pytest.mark.parametrize("feedback", [False, True])
async def test_a_made_up_press_makes_no_message_ask_for_somebody_elses_money(tmp_path: Path, *, feedback: bool) -> None:
    async with bot_world(tmp_path) as world:
        world.box.inline_feedback = feedback
        alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
        mallory, helper = await world.someone("Mallory"), await world.someone("Helper", "1")
        hers, his = await card(alice, "5 zebra"), await card(mallory, "1")
        said, her_code = hers.raw, code_of(hers)
        await world.settle()
        await helper.press(hers, f"pay:{code_of(his)}")
        lured = await helper.wait("Pay 1.00 EUR to Mallory")
        await (await mallory.press(hers, f"pay:{code_of(his)}")).answer()
        await (await mallory.press(hers, "off:0000000000000000")).answer()
        await world.settle()
        assert hers.raw == said  # it asks for what it asked for, also when its own was not known there before
        asked = await asked_in_private(bob, hers)
        assert "Pay 5.00 EUR to Alice" in asked.text
        await press_all(helper, lured, 1)
        await press_all(bob, asked, 1)
        if feedback:  # Telegram itself has said whose message it is
            await alice.see(hers, "5.00 EUR: paid", chat=hers.chat)
        late = await (await bob.press(hers, f"pay:{her_code}")).answer()
        assert late.alert and "paid already" in late.text
        await world.settle()
        assert (await world.balance(alice), await world.balance(mallory)) == ("5.00", "1.00")


async def test_a_made_up_press_for_what_is_paid_again_and_again_changes_no_message_either(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, mallory, helper = [await world.someone(name, "5") for name in ("Alice", "Mallory", "Helper")]
        one = read_amount("1", EUR)
        tag = await world.core.run(MakeRequest(payee=id_of(mallory), amount=one, key="tag", payers_max=None))
        hers = await card(alice, "5 zebra")
        said = hers.raw
        await helper.press(hers, f"pay:{tag.code}")
        lured = await helper.wait("Pay 1.00 EUR to Mallory")
        await press_all(helper, lured, 1)
        await mallory.wait("You received 1.00 EUR")
        await world.settle()
        assert hers.raw == said


async def test_a_card_speaks_its_makers_language(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        bob = await world.someone("Bob", "20")
        anna = world.box.person(2_001, "Anna", username="anna", language_code="de")
        await anna.start()
        await anna.wait("Willkommen")
        posted = await card(anna, "5 zebra", "bitten")
        assert "bittet um 5,00 EUR" in posted.text and "zahlen" in posted.buttons[0][0].text
        await press_all(bob, await asked_in_private(bob, posted), 1)
        await anna.see(posted, "5,00 EUR: bezahlt", chat=posted.chat)


def is_stamped(message: Message) -> bool:
    """Whether nobody can scan its picture any more."""
    assert message.photo_bytes is not None
    try:
        read_qr(message.photo_bytes)
    except NoCode:
        return True
    return False


async def test_a_card_becomes_a_picture_where_pictures_are_kept(tmp_path: Path) -> None:
    async with bot_world(tmp_path, STORAGE_CHAT=str(GROUP_ID)) as world:
        world.box.inline_feedback = world.box.deliver_twice = True
        alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
        for _ in range(2):
            own = await card(alice, "", "My QR")
            await alice.wait(lambda message, own=own: message is own and bool(own.photo_bytes), chat=own.chat)
            assert "any amount, any time" in own.caption and own.buttons[0][0].kind == "url"
        posted = await card(alice, "5 zebra")
        await alice.wait(lambda message: message is posted and bool(posted.photo_bytes), chat=posted.chat)
        assert "asks for 5.00 EUR" in posted.caption and "Scan the code" in posted.caption
        await world.settle()
        assert len([call for call in world.box.calls if call.method == "sendPhoto"]) == 2
        assert not any(message.caption for message in world.group.messages)  # nobody is told anything there

        bob.skip()
        await bob.send_photo(posted.photo_bytes or b"")
        asked = await bob.wait("Pay 5.00 EUR to Alice")
        await press_all(bob, asked, 1)
        await alice.see(posted, "5.00 EUR: paid", chat=posted.chat)
        await alice.wait(lambda message: message is posted and is_stamped(posted), chat=posted.chat)
        await world.settle()
        assert not posted.buttons and is_stamped(posted)
        assert await world.balance(alice) == str(read_amount("5", EUR).number)


async def test_without_a_place_for_pictures_the_link_stays(tmp_path: Path) -> None:
    async with bot_world(tmp_path, STORAGE_CHAT="-100999") as world:
        world.box.inline_feedback = True
        alice = await world.someone("Alice")
        own = await card(alice, "", "My QR")
        await world.settle()
        assert "any amount, any time" in own.text and "t.me/" in own.text
        assert "STORAGE_CHAT" in world.log


async def test_a_card_that_nobody_pressed_for_a_day_says_so_and_loses_its_buttons(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob", "20")
        for title, words in (("Ask", "request has expired"), ("Give", "time of this gift is over")):
            posted = await card(alice, "5 zebra", title)
            with sqlite3.connect(world.database) as file:
                file.execute("UPDATE cards SET created_at = created_at - 86400000000")
            file.close()
            late = await (await bob.press(posted, 0)).answer()
            assert late.alert and words in late.text
            await world.settle()
            assert not posted.buttons and "5.00 EUR" in posted.text
        assert await world.transfers() == 2  # what was issued
