"""Price tags over HTTP: /qr 5 coffee is paid again and again, its sheet prints the same code."""

import asyncio
from pathlib import Path

import pytest

from bot.qr import NoCode, read_qr
from bot.sandbox import Message
from tests.e2e.world import bot_world


def link(picture: Message) -> str:
    return next(word for word in picture.caption.split() if "start=r_" in word)


def texts(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


async def test_a_price_tag_is_paid_again_and_again_until_it_is_taken_down(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        bob = await world.someone("Bob")
        alice, carol = await world.someone("Alice", "20"), await world.someone("Carol", "20")
        tag = await bob.ask("/qr 2.50 zebra")
        assert "2.50 EUR" in tag.caption and "zebra" in tag.caption and "until you take it back" in tag.caption
        assert tag.photo_bytes and texts(tag) == ["📤 Share", "✖️ Cancel"]
        for payer in (alice, carol, alice):
            payer.skip()
            await payer.open(link(tag))
            dialog = await payer.wait("Pay 2.50 EUR to")
            assert "zebra" in dialog.text
            await payer.press(dialog)
            await payer.see(dialog, "Receipt")
        await bob.see(tag, "Paid 3 times so far")
        assert await world.balance(bob) == "7.50"
        assert "🏷 2.50 EUR, again and again · zebra" in (await bob.ask("/requests")).text
        await world.settle()
        await bob.press(tag, "Cancel")
        await bob.see(tag, "no longer asks")
        alice.skip()
        await alice.open(link(Message(tag.edits[0], tag.chat, tag.files)))
        assert "was cancelled" in (await alice.next()).text
        assert await world.balance(alice) == "15.00"


async def test_a_price_tag_that_scans_is_paid_and_its_sheets_hold_the_same_code(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        bob, alice = await world.someone("Bob"), await world.someone("Alice", "20")
        tag = await bob.ask("/qr €5 zebra")
        bob.skip()
        await bob.send("/qr print 5 zebra")
        sheets = [await bob.next() for _ in range(4)]
        names = [sheet.raw["document"]["file_name"] for sheet in sheets]
        assert names == ["qr-a6.pdf", "qr-a4.pdf", "qr-cards.pdf", "qr-table-sign.pdf"]
        assert all((sheet.document_bytes or b"").startswith(b"%PDF") for sheet in sheets)
        assert (await bob.ask("/requests")).text.count("again and again") == 1  # the tag is the same one
        again = await bob.ask("/qr 5 zebra")
        assert link(again) == link(tag)
        photo = tag.photo_bytes
        assert photo is not None
        alice.skip()
        await alice.send_photo(photo)
        await alice.press(await alice.wait("Pay 5.00 EUR to"))
        await bob.see(tag, "Paid 1 time so far")
        await bob.see(again, "Paid 1 time so far")


async def test_what_is_no_price_is_said_and_makes_no_tag(tmp_path: Path) -> None:
    async with bot_world(tmp_path, TRANSFER_MAX="50") as world:
        bob = await world.someone("Bob")
        for text, answer in (
            ("/qr coffee", "no amount"),
            ("/qr 0 coffee", "is nothing"),
            ("/qr -5", "leave out the sign"),
            ("/qr 1,000 coffee", "could mean two things"),
            ("/qr 5 10", "two amounts"),
            ("/qr 5 USD", "not USD"),
            ("/qr 2.5051", "finer"),
            (f"/qr 5 {'x' * 201}", "200"),
            ("/qr print coffee", "no amount"),
            ("/qr 50.01", "50.00 EUR"),
        ):
            said = await bob.ask(text)
            assert answer in said.words and not said.photo_bytes, (text, said.words)
        assert "private" in (await bob.ask("/qr 5 coffee", chat=world.group)).text
        assert "ask nobody" in (await bob.ask("/requests")).text
        own = await bob.ask("/qr")
        assert "any amount" in own.caption and texts(own) == ["📤 Share"]
        assert own.raw["reply_markup"]["inline_keyboard"][0][0]["switch_inline_query_chosen_chat"] == {
            "query": next(word for word in own.caption.split() if "start=p_" in word).partition("start=")[2],
            "allow_user_chats": True,
            "allow_group_chats": True,
        }


async def test_a_request_that_is_over_has_a_stamped_picture_that_nobody_can_scan(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        bob, alice = await world.someone("Bob"), await world.someone("Alice", "20")
        for ends in ("paid", "no longer asks"):
            asked = await bob.ask("/request 5 zebra")
            before = asked.photo_bytes
            assert before is not None and read_qr(before).texts == (link(asked),)
            stamped = asyncio.create_task(world.box.called("editMessageMedia", timeout_s=10))
            if ends == "paid":
                alice.skip()
                await alice.send_photo(before)
                await alice.press(await alice.wait("Pay 5.00 EUR to"))
            else:
                await bob.press(asked, "Cancel")
            await bob.see(asked, ends)
            await stamped
            await world.settle()
            after = asked.photo_bytes
            assert after is not None and after != before and ends in asked.caption
            with pytest.raises(NoCode):
                read_qr(after)
            bob.skip()
