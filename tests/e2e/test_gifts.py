"""Gifts over HTTP: made in a group and in private, claimed by many and by strangers, taken back, everything twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Answer, Message, Person
from tests.e2e.world import EUR, World, bot_world, id_of, press_all, receipt_code
from wallet_core import (
    HistoryOf,
    OpenGifts,
    Rules,
    WalletCore,
    WalletOf,
    read_amount,
    utc_now,
)

DAY = timedelta(hours=24)


async def give(world: World, giver: Person, text: str, *, in_group: bool = False) -> Message:
    """What the bot posts for a gift."""
    chat = world.group if in_group else None
    giver.skip(chat=chat)
    await giver.send(text, chat=chat)
    return await giver.wait(lambda message: bool(message.buttons), chat=chat)


async def press(person: Person, message: Message, which: str | int = 0) -> Answer:
    return await (await person.press(message, which)).answer()


def money_in(text: str) -> int:
    return read_amount(text.split()[1], EUR).minor


def link_in(message: Message) -> str:
    return next(word for word in message.words.split() if "start=g_" in word)


async def test_a_gift_in_a_group_is_claimed_once_each_and_the_rest_taken_back(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob")
        cleo = await world.stranger("Cleo")
        card = await give(world, ann, "/gift 10 for 3 pizza night", in_group=True)
        assert "Ann" in card.words and "10.00 EUR to 3 people, in equal shares" in card.words
        assert "For: pizza night" in card.words and "in 3 shares" in card.words
        receipt = await ann.wait("You put 10.00 EUR into a gift")
        assert "To: a gift that waits" in receipt.text and "10.00 EUR" in receipt.text.splitlines()[-1]

        own = await press(ann, card)
        assert own.alert and "your own gift" in own.text
        bob.skip()
        answers = await press_all(bob, card, 3)
        assert {answer.text for answer in answers} == {f"🎁 3.34 EUR from “Ann” (@{ann.username}) is yours!"}
        told = await bob.wait("your share of a gift")
        assert "From: Ann" in told.text and "Your balance: 3.34 EUR" in told.text
        stranger = await press(cleo, card)
        assert stranger.alert and "opened a wallet for you" in stranger.text and "3.33 EUR" in stranger.text
        await ann.see(card, "Cleo", chat=world.group)
        assert "Bob" in card.words and "3.33 EUR is left, in 1 share" in card.words

        nobody = await press(bob, card, "Take back")
        assert nobody.alert and "Only whoever gives it" in nobody.text
        ann.skip()
        assert "3.33 EUR came back" in (await press(ann, card, "Take back")).text
        returned = await ann.wait("of your gift came back")
        assert "From: a gift that waited" in returned.text and "Your balance: 13.33 EUR" in returned.text
        await ann.see(card, "took 3.33 EUR back", chat=world.group)
        assert not card.buttons

        await cleo.start()
        parked = await cleo.wait("your share of a gift")
        assert "Your balance: 3.33 EUR" in parked.text
        history = (await ann.ask("/history")).text
        assert "-10.00 EUR into a gift" in history and "+3.33 EUR back from a gift" in history
        assert "a share of a gift from Ann" in (await bob.ask("/history")).text
        assert "To: a gift that waits" in (await ann.ask(f"/verify {receipt_code(receipt)}")).text
        await world.settle()
        assert [await world.balance(each) for each in (ann, bob, cleo)] == ["13.33", "3.34", "3.33"]
        cards = [message for message in world.group.messages if "gives" in message.text]
        assert len(cards) == 1


async def test_a_gift_in_private_is_a_picture_with_a_link_that_claims(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob")
        card = await give(world, ann, "/gift 10 for 3 lucky")
        assert card.photo_bytes and "divided by luck" in card.words
        assert [button.text for row in card.buttons for button in row] == ["↩️ Take back", "📤 Share"]
        link = link_in(card)
        bob.skip()
        await bob.open(link)
        got = await bob.wait("your share of a gift")
        bob.skip()
        again = await bob.ask(link)
        assert "your share already, once" in again.words and receipt_code(got) in again.words
        new = await world.stranger("Nina")
        await new.open(link)
        await new.wait("your share of a gift")
        last = await world.someone("Cid")
        await last.open(link)
        told = await ann.wait("Your gift is claimed, all of it")
        assert f"Cid (@{last.username}) got the last share, " in told.text and "balance" not in told.text
        await ann.see(card, "All of it is claimed")
        assert "The luckiest is" in card.words and not card.buttons
        late = await world.someone("Dora")
        assert "claimed already" in (await late.ask(link)).text
        await world.settle()
        wallets = [await world.core.ask(WalletOf(id_of(each))) for each in (bob, new, last)]
        assert sum(wallet.balance.minor for wallet in wallets) == 1_000
        history = await world.core.ask(HistoryOf(person=id_of(ann)))
        assert (await world.core.audit()).sound and history.lines[0].delta.minor == -1_000


async def test_the_giver_who_opens_the_link_sees_the_gift_again_with_its_button(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann = await world.someone("Ann", "20")
        card = await give(world, ann, "/gift 10 for 2", in_group=True)
        [gift] = await world.core.ask(OpenGifts(person=id_of(ann)))
        ann.skip()
        await ann.open(f"https://t.me/{world.box.username}?start=g_{gift.code}")
        again = await ann.wait(lambda message: bool(message.buttons))
        assert again.photo_bytes and link_in(again)
        assert "10.00 EUR waits in a gift of yours" in (await ann.ask("/balance")).text
        await press(ann, again, "Take back")
        await ann.see(again, "took 10.00 EUR back")
        await ann.see(card, "took 10.00 EUR back", chat=world.group)
        assert not again.buttons and not card.buttons


async def test_a_gift_for_a_newcomer_is_theirs_alone_and_the_giver_hears_who_it_was(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob")
        card = await give(world, ann, "/gift @Newcomer_7 10 welcome!")
        assert "for @Newcomer_7" in card.words and "For: welcome!" in card.words
        link = link_in(card)
        assert "for @Newcomer_7 alone" in (await bob.ask(link)).text
        nina = await world.stranger("Nina", username="newcomer_7", member=False)
        await nina.open(link)
        await nina.wait("You got a gift of 10.00 EUR")
        told = await ann.wait("Your gift of 10.00 EUR is claimed")
        assert "To: Nina (@newcomer_7)" in told.text
        await ann.see(card, "All of it is claimed")
        nina.rename(username="other_name")
        thief = await world.stranger("Thief", username="newcomer_7", member=False)
        assert "claimed already" in (await thief.ask(link)).text
        assert (await world.balance(nina), await world.balance(ann)) == ("10.00", "10.00")


async def test_pay_offers_a_gift_for_somebody_unknown_and_makes_it_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.callbacks_twice = True
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob", "20")
        offer = await world.dialog(ann, "/pay 5 @newcomer_7 zebra", chat=world.group)
        assert "I don't know @newcomer_7" in offer.text and "put 5.00 EUR aside" in offer.text
        stranger = await press(bob, offer)
        assert stranger.alert and "somebody else" in stranger.text
        ann.skip(chat=world.group)
        await press_all(ann, offer, 3)
        card = await ann.wait(lambda message: "has 5.00 EUR for @newcomer_7" in message.text, chat=world.group)
        assert "For: zebra" in card.text and link_in(card)
        nina = await world.stranger("Nina", username="Newcomer_7")
        assert "is yours" in (await press(nina, card)).text
        await ann.see(card, "All of it is claimed", chat=world.group)
        await world.settle()
        assert not offer.buttons
        assert sum("has 5.00 EUR for @newcomer_7" in message.text for message in world.group.messages) == 1

        private = await world.dialog(ann, "/pay 2.50 @somebody_else")
        ann.skip()
        await press(ann, private)
        card = await ann.wait(lambda message: message.photo_bytes is not None)
        assert "2.50 EUR for @somebody_else" in card.words and link_in(card)
        assert [await world.balance(each) for each in (ann, bob)] == ["12.50", "20.00"]


async def test_known_people_without_a_wallet_are_offered_a_gift_too_and_those_with_one_are_paid(
    tmp_path: Path,
) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob")
        cleo = await world.stranger("Cleo")
        await cleo.send("hello all", chat=world.group)
        await cleo.ask("/verify 0000000000000", chat=world.group)
        offer = await world.dialog(ann, f"/pay 5 @{cleo.username}")
        assert "Gift 5.00 EUR" in offer.buttons[0][0].text
        assert "Pay 5.00 EUR to Bob" in (await world.dialog(ann, f"/pay 5 @{bob.username}")).text


async def test_a_gift_is_live_after_a_restart_and_comes_back_while_the_bot_is_down(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob, cid = await world.someone("Ann", "20"), await world.someone("Bob"), await world.someone("Cid")
        card = await give(world, ann, "/gift 10 for 4", in_group=True)
        await press(bob, card)
        await ann.see(card, "Bob", chat=world.group)
        claims = card.buttons[0][0].value  # as somebody still sees it
        await world.settle()
        await world.bot.kill()
        url = f"sqlite+aiosqlite:///{world.database}"
        async with WalletCore.session(url, rules=Rules(EUR), clock=lambda: utc_now() + DAY) as tomorrow:
            await asyncio.gather(tomorrow.run_due(), tomorrow.run_due())
            await tomorrow.run_due()
        ann.skip()
        await world.start_bot()
        await ann.wait("7.50 EUR of your gift came back")
        await ann.see(card, "Nobody claimed 7.50 EUR in time", chat=world.group)
        assert not card.buttons
        late = await press(cid, card, claims)
        assert late.alert and "is over" in late.text
        assert (await world.balance(ann), await world.balance(bob)) == ("17.50", "2.50")


async def test_bad_gifts_are_refused_in_one_sentence_and_nothing_is_moved(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann = await world.someone("Ann", "20")
        bot_name = world.box.username
        for text, answer in (
            ("/gift", "How much?"),
            ("/gift for 5", "no amount"),
            ("/gift for 5 10", "no amount"),
            ("/gift 5 for 0", "1 to 200 people"),
            ("/gift 5 for 10000", "1 to 200 people"),
            ("/gift 5 for 201", "1 to 200 people"),
            ("/gift 0.05 for 6", "too little for 6 shares"),
            ("/gift 5 for -3", "no number of people"),
            ("/gift 5 for 2.5", "no number of people"),
            ("/gift 5 for 1,000", "no number of people"),
            ("/gift 5 for 3x", "no number of people"),
            ("/gift 5 for ٣5", "no number of people"),
            ("/gift 5 for 3 euros", "no number of people"),
            ("/gift 5 for 3 for 4", "no number of people"),
            ("/gift 5 lucky", "Luck divides"),
            ("/gift 5 for 3 @bob", "for one person"),
            ("/gift 5 @bob @cid", "several"),
            ("/gift 5 @bob @bob", "several"),
            ("/gift 5 @bob,@cid", "several"),
            ("/gift 5 coffee @bob and @cid", "several"),
            (f"/gift 5 @{ann.username}", "yourself"),
            (f"/gift 5 @{bot_name}", "bot has no wallet"),
            ("/gift 0", "is nothing"),
            ("/gift -5", "sign"),
            ("/gift 1,000", "could mean two things"),
            ("/gift 5 5", "two amounts"),
            ("/gift five", "no amount"),
            ("/gift 5 USD", "we use EUR"),
            ("/gift 20.01", "You can spend 20.00 EUR"),
            (f"/gift 5 {'x' * 201}", "201 characters"),
            ("/pay g_AAAAAAAAAAAAAAAA", "no such gift"),
        ):
            assert answer in (await ann.ask(text)).text, text
        in_group = await ann.ask("/gift 20.01 for 3", chat=world.group)
        assert "Not enough money" in in_group.text
        poor = await world.stranger("Poor")
        assert "no wallet yet" in (await poor.ask("/gift 1", chat=world.group)).text
        assert await world.balance(ann) == "20.00"
        assert await world.core.ask(OpenGifts(person=id_of(ann))) == ()


async def test_50_people_press_at_once_and_10_shares_are_given_once_each(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann = await world.someone("Ann", "20")
        card = await give(world, ann, "/gift 10 for 10 lucky", in_group=True)
        people = [await world.stranger(f"P{number}") for number in range(50)]
        world.box.record_calls = True
        presses = [await person.press(card) for person in people for _ in range(2)]
        answers = await asyncio.gather(*(each.answer(60) for each in presses))
        pairs = list(zip(answers[::2], answers[1::2], strict=True))
        got = [pair for pair in pairs if all("is yours" in answer.text for answer in pair)]
        gone = [pair for pair in pairs if all("claimed already" in answer.text for answer in pair)]
        assert (len(got), len(gone)) == (10, 40)
        await ann.see(card, "All of it is claimed", chat=world.group)
        assert "The luckiest is" in card.words and not card.buttons
        shares = [money_in(first.text) for first, _ in got]
        assert sum(shares) == 1_000 and min(shares) >= 1
        await world.settle()
        bared = [call for call in world.box.calls if call.method == "editMessageReplyMarkup"]
        edits = [call for call in world.box.calls if call.method == "editMessageText"]
        assert len(bared) <= 2 and len(edits) < 20, "not an edit for each press"


async def test_a_bot_claims_nothing(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann = await world.someone("Ann", "20")
        card = await give(world, ann, "/gift 10 for 2", in_group=True)
        robot = {"id": 7_000_000_999, "is_bot": True, "first_name": "Robot", "username": "robot_bot"}
        query = {"id": "1", "from": robot, "chat_instance": "1", "message": card.raw, "data": card.buttons[0][0].value}
        world.box.inject({"callback_query": query})
        await world.settle()
        [gift] = await world.core.ask(OpenGifts(person=id_of(ann)))
        assert (gift.claimed, gift.left.number) == (0, "10.00")


async def test_updates_that_come_again_after_a_restart_make_no_gift_and_no_card_anew(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        ann, bob = await world.someone("Ann", "20"), await world.someone("Bob")
        card = await give(world, ann, "/gift 10 for 2 zebra", in_group=True)
        await press(bob, card)
        offer = await world.dialog(ann, "/pay 5 @newcomer_7")
        await press(ann, offer)
        await world.settle()
        past, transfers = list(world.box.updates), await world.transfers()
        await world.bot.kill()
        await world.start_bot()
        await bob.ask("/balance")  # repeats are handed out once: to the new process, not to the dead one
        for update in past:
            await world.box.redeliver(update)
        await world.settle()
        assert await world.transfers() == transfers
        cards = [message for message in (*world.group.messages, *ann.private.messages) if "🎁 Ann" in message.words]
        assert len(cards) == 2 and len(await world.core.ask(OpenGifts(person=id_of(ann)))) == 2
