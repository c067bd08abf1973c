"""Money goes back, over HTTP: by code and by the button under a receipt, with everything twice and strangers about."""

from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, press_all, receipt_code


async def paid(world: World, alice: Person, bob: Person, amount: str) -> Message:
    """Alice pays Bob; gives the receipt that he was sent."""
    code = await world.pay(alice, bob, amount)
    return next(message for message in reversed(bob.private.messages) if code in message.words)


async def test_a_payment_is_given_back_in_part_by_its_code_and_the_rest_by_the_button(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        receipt = await paid(world, alice, bob, "5")
        code = receipt_code(receipt)

        asked = await world.dialog(bob, f"/refund {code} 1.50")
        assert "Give 1.50 EUR back to Alice" in asked.text and code in asked.text
        [stranger] = await press_all(await world.someone("Carol"), asked, 1)
        assert stranger.alert and "Only the one who was paid" in stranger.text
        alice.skip()
        answers = await press_all(bob, asked, 2)
        assert all("Gave 1.50 EUR back to Alice" in answer.text for answer in answers)
        back = await alice.wait("You got 1.50 EUR back")
        await bob.see(asked, "Gave back 1.50 EUR")
        assert receipt_code(back) == receipt_code(asked) != code
        assert f"Gives back: {code}" in back.text and f"Gives back: {code}" in asked.text and not asked.buttons
        assert (await world.balance(alice), await world.balance(bob)) == ("16.50", "3.50")

        bob.skip()
        await bob.press(receipt)
        rest = await bob.wait(lambda message: bool(message.buttons))
        assert "Give 3.50 EUR back to Alice" in rest.text
        await press_all(bob, rest, 1)
        await alice.wait("You got 3.50 EUR back")
        bob.skip()
        [again] = [await (await bob.press(receipt)).answer()]
        assert again.alert and "given back already" in again.text

        history = (await alice.ask("/history")).text
        assert f"gives back {code}" in history and "5.00 EUR of it given back" in history
        assert f"Receipt: {receipt_code(back)}" in (await alice.ask(f"/verify {back.text}")).text
        verified = (await alice.ask(f"/verify {code}")).text
        assert "Given back of it: 5.00 EUR" in verified
        await world.settle()
        assert (await world.balance(alice), await world.balance(bob)) == ("20.00", "0.00")
        assert (await world.core.audit()).sound


async def test_whatever_refuses_a_refund_says_why_and_moves_nothing(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        code = receipt_code(await paid(world, alice, bob, "5"))
        for person, text, answer in (
            (bob, "/refund", "Which payment?"),
            (bob, "/refund 0000000000000", "no payment here"),
            (bob, f"/refund {code} 5.01", "no more than that can be given back"),
            (bob, f"/refund {code} 1,000", "could mean two things"),
            (bob, f"/refund {code} five", "no amount"),
            (bob, f"/refund {code} 0", "is nothing"),
            (alice, f"/refund {code}", "Only the one who was paid"),
        ):
            assert answer in (await person.ask(text)).text, text
        assert "private" in (await bob.ask(f"/refund {code}", chat=world.group)).text
        await world.pay(bob, alice, "4")
        bob.skip()
        asked = await world.dialog(bob, f"/refund {code} 1")
        await press_all(bob, asked, 1)
        await bob.see(asked, "Gave back")
        assert "You can spend 0.00 EUR" in (await bob.ask(f"/refund {code} 2")).text
        given_back = receipt_code(asked)
        assert "a refund is not given back" in (await alice.ask(f"/refund {given_back}")).text
        assert (await world.balance(alice), await world.balance(bob)) == ("20.00", "0.00")


async def test_a_refund_that_was_cancelled_keeps_no_button_and_can_be_asked_again(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        code = receipt_code(await paid(world, alice, bob, "5"))
        asked = await world.dialog(bob, f"/refund {code}")
        answer = await (await bob.press(asked, "Cancel")).answer()
        assert "Nothing was moved" in answer.text
        await bob.see(asked, "not given back")
        assert not asked.buttons
        assert "Give 5.00 EUR back" in (await world.dialog(bob, f"/refund {code}")).text


async def test_the_operator_takes_back_what_was_issued(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice")
        issued = await world.dialog(world.operator, f"/issue 20 @{alice.username}")
        await world.operator.press(issued)
        await world.operator.see(issued, "To take it back")
        code = receipt_code(issued)
        alice.skip()
        asked = await world.dialog(world.operator, f"/refund {code} 15")
        assert "Give 15.00 EUR back to the community" in asked.text
        await press_all(world.operator, asked, 1)
        told = await alice.wait("Gave back 15.00 EUR")
        assert f"Gives back: {code}" in told.text
        assert await world.balance(alice) == "5.00"
        await world.operator.see(asked, "Gave back 15.00 EUR")
        assert not asked.buttons
