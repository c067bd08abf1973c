"""Two people pay each other by QR, from end to end: the real bot, real HTTP, a real file."""

from pathlib import Path

import pytest

from bot.qr import read_qr
from tests.e2e.world import MEMO, World, bot_world, id_of, press_all, receipt_code
from wallet_core import OpenRequests


async def converse(world: World, *, presses: int) -> None:
    """The conversation that the README shows."""
    alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
    assert (await world.balance(alice), await world.balance(bob)) == ("20.00", "0.00")

    picture = await bob.ask(f"/request 5 {MEMO} coffee")
    assert picture.photo_bytes is not None and "5.00 EUR" in picture.caption
    [link] = read_qr(picture.photo_bytes).texts
    assert link in picture.caption
    alice.skip()
    await alice.open(link)
    dialog = await alice.wait(lambda message: bool(message.buttons))
    assert "5.00 EUR" in dialog.text and "Bob" in dialog.text and f"{MEMO} coffee" in dialog.text
    bob.skip()
    assert all("5.00 EUR" in answer.text for answer in await press_all(alice, dialog, presses))
    assert receipt_code(await alice.wait("Receipt")) == receipt_code(await bob.wait("Receipt"))
    assert "Receipt" in dialog.text and not dialog.buttons  # the dialog has become the receipt
    await bob.see(picture, "paid")
    assert not picture.buttons

    late = await world.dialog(bob, f"/pay 4 @{alice.username}")  # enough for now
    stranger = await world.someone("Carol")
    asked = await world.dialog(bob, f"/pay 2.50 @{alice.username} {MEMO} cinema", chat=world.group)
    [refused] = await press_all(stranger, asked, 1)
    assert refused.alert and "somebody else" in refused.text
    assert asked.buttons
    alice.skip()
    await press_all(bob, asked, presses)
    in_group = await bob.wait("Receipt", chat=world.group)
    assert in_group is asked and not asked.buttons
    assert receipt_code(in_group) == receipt_code(await alice.wait("Receipt"))

    assert "can spend 2.50 EUR" in (await bob.ask(f"/pay 2.51 @{alice.username}")).text
    assert all("can spend 2.50 EUR" in answer.text for answer in await press_all(bob, late, presses))
    history = await alice.ask("/history")
    assert all(part in history.text for part in ("+2.50", "-5.00", "+20.00", f"{MEMO} coffee", "Bob"))
    await world.operator.send("/audit")
    await world.operator.wait("sound")

    await world.settle()
    assert (await world.balance(alice), await world.balance(bob)) == ("17.50", "2.50")
    assert await world.transfers() == 3


async def test_two_people_pay_each_other_by_qr(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        await converse(world, presses=1)


async def test_g5_g7_every_update_twice_and_every_press_doubled_book_as_if_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        await converse(world, presses=2)


async def test_g9_updates_that_come_again_after_a_restart_have_no_second_effect(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        await world.pay(alice, bob, "3")
        picture = await bob.ask(f"/request 1 {MEMO}")
        assert picture.photo_bytes is not None
        await world.box.idle()
        past, transfers = list(world.box.updates), await world.transfers()
        await world.bot.kill()
        await world.start_bot()
        await bob.ask("/balance")  # repeats are handed out once: to the new process, not to the dead one
        calls = len(world.box.calls)
        for update in past:
            await world.box.redeliver(update)
        await world.settle()
        assert len(world.box.calls) - calls > len(past)  # they were taken for new
        assert await world.transfers() == transfers == 2
        assert len(await world.core.ask(OpenRequests(person=id_of(bob)))) == 1
        assert (await world.balance(alice), await world.balance(bob)) == ("17.00", "3.00")


async def test_a_photo_of_the_screen_and_a_pasted_link_do_the_same_as_opening_it(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        picture = await bob.ask(f"/request 5 {MEMO}")
        assert picture.photo_bytes is not None
        [link] = read_qr(picture.photo_bytes).texts
        code = link.partition("start=r_")[2]
        alice.skip()
        await alice.send_photo(picture.photo_bytes)
        dialogs = [await alice.wait(lambda message: bool(message.buttons))]
        await alice.send_document(picture.photo_bytes, file_name="qr.png", mime_type="image/png")
        dialogs.append(await alice.wait(lambda message: bool(message.buttons)))
        for text in (link, f"look: {link} !", f"r_{code}", f"/pay {link}", f"/pay {code}", f"/pay r_{code}"):
            dialogs.append(await world.dialog(alice, text))
        assert {dialog.text for dialog in dialogs} == {dialogs[0].text}
        assert all("5.00 EUR" in dialog.text and "Bob" in dialog.text for dialog in dialogs)
        presses = [dialog.buttons[0][0].value for dialog in dialogs]
        await press_all(alice, dialogs[0], 1)
        await alice.wait("Receipt")
        for dialog, press in zip(dialogs[1:], presses[1:], strict=True):  # of a single-use request one is paid
            assert "paid" in (await (await alice.press(dialog, press)).answer()).text
        for dialog in dialogs[1:]:  # and none of them keeps a dead button
            await alice.see(dialog, "The request of Bob")
            assert "has been paid" in dialog.text and not dialog.buttons
        assert (await world.balance(alice), await world.balance(bob)) == ("15.00", "5.00")


async def test_a_persons_own_qr_asks_for_the_amount_and_is_paid_again_and_again(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        picture = await bob.ask("/qr")
        assert picture.photo_bytes is not None
        [link] = read_qr(picture.photo_bytes).texts
        for amount in ("1", "2,50"):
            alice.skip()
            await alice.open(link)
            assert "How much" in (await alice.next()).text
            dialog = await world.dialog(alice, amount)
            await press_all(alice, dialog, 2)
            await alice.wait("Receipt")
        assert (await world.balance(alice), await world.balance(bob)) == ("16.50", "3.50")


@pytest.mark.parametrize("button", [0, 1])
async def test_in_a_group_the_payee_cancels_a_request_and_anybody_pays_it(tmp_path: Path, button: int) -> None:
    async with bot_world(tmp_path) as world:
        alice, bob = await world.someone("Alice", "20"), await world.someone("Bob")
        alice.skip(chat=world.group)
        picture = await bob.ask(f"/request 5 {MEMO}", chat=world.group)
        assert picture.photo_bytes is not None
        cancel = await (await alice.press(picture, 1)).answer()
        assert cancel.alert and "Only" in cancel.text
        if button == 0:
            await alice.press(picture, 0)
            dialog = await alice.wait(
                lambda message: message is not picture and bool(message.buttons), chat=world.group
            )
            await press_all(alice, dialog, 2)
            await bob.wait("Receipt")
            await bob.wait(lambda message: message is picture and "paid" in message.caption, chat=world.group)
        else:
            await press_all(bob, picture, 1)
            await bob.press(picture, 1)
            await bob.wait(lambda message: message is picture and "no longer" in message.caption, chat=world.group)
        assert await world.balance(bob) == ("5.00" if button == 0 else "0.00")
