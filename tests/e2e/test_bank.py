"""Money in and out through a bank, over HTTP: the code, the statement's file, whose it is, the file for the bank."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import zxingcpp
from defusedxml.ElementTree import fromstring
from PIL import Image

from bot.sandbox import Message, Person
from tests.e2e.bank_statements import IBAN, Booked, camt, mt940
from tests.e2e.world import MEMO, World, bot_world, press_all, receipt_code

AT_A_BANK = {"GATEWAYS": "bank", "BANK_IBAN": "DE02 1203 0000 0000 2020 51", "BANK_NAME": "Café Müller e.V.",
             "BANK_SECRET": "a secret of sixteen or more", "DAILY_MAX": "500"}  # fmt: skip
NEXT = date(2026, 1, 16)
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
TO = "de89 3704 0044 0532 0130 00 Ann Smith"


async def sent(olga: Person, data: bytes, said: str, file_name: str = "statement.xml") -> Message:
    """What the bot says of a statement; the update comes twice, so the answer of before may come again."""
    await olga.send_document(data, file_name=file_name, mime_type="application/octet-stream")
    return await olga.wait(said)


def reference_in(asked: Message) -> str:
    found = re.search(r"TUP [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", asked.words)
    assert found is not None, asked.words
    return found[0]


async def test_money_comes_in_by_transfer_and_goes_out_by_a_file_each_once(tmp_path: Path) -> None:
    async with bot_world(tmp_path, **AT_A_BANK) as world:
        world.box.deliver_twice = world.box.callbacks_twice = True
        alice, bob, olga = await world.someone("Alice"), await world.someone("Bob"), world.operator
        await olga.start()
        await olga.wait("0.00 EUR")
        reference = await _brought_in(world, alice, olga)
        await _given_by_hand(world, bob, olga, reference)
        await _paid_out(world, alice, olga)
        await _taken_back(world, alice, olga, reference)
        await _strangers_and_bad_files(world, bob, olga)
        for text in (IBAN, "DE89370400440532013000", "a gift", "Ann Smith", AT_A_BANK["BANK_SECRET"]):
            assert text not in world.log, text  # G14


async def _brought_in(world: World, alice: Person, olga: Person) -> str:
    asked = await world.dialog(alice, "/topup 20")
    assert "Transfer 20.00 EUR" in asked.words and "DE02 1203 0000 0000 2020 51" in asked.words
    reference = reference_in(asked)
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(asked.photo_bytes or b"")))
    assert code.text.split("\n") == ["BCD", "002", "1", "SCT", "", "Café Müller e.V.", IBAN, "EUR20", "", "", reference]
    retyped = f"for the club {reference.lower().replace('-', ' ').replace('tup', 'TUP-')} thanks"
    lines = [Booked("20.00", retyped, "R1"), Booked("-7.50", "rent"), Booked("5.00", "a gift?", "R2", name="Bo")]
    alice.skip()
    said = await sent(olga, camt(lines), "1 payment came in")
    assert "1 payment came in and is credited, 20.00 EUR" in said.words and "Alice" in said.words
    assert "1 payment fits nothing" in said.words and "1 payment went out that is none of mine" in said.words
    assert "The account holds 1017.50 EUR, of which 20.00 EUR must be the wallets'" in said.words
    told = await alice.wait("💶 20.00 EUR has come in")
    assert receipt_code(told)
    await alice.see(asked, "✅ 20.00 EUR has come in.")
    for again, name in ((camt(lines), "again.xml"), (mt940([lines[0], lines[2]]), "other.sta")):
        olga.skip()
        said = await sent(olga, again, "1 line was booked before", name)
        assert "credited" not in said.words
    assert await world.balance(alice) == "20.00"
    return reference


async def _given_by_hand(world: World, bob: Person, olga: Person, reference: str) -> None:
    [line] = [each for each in olga.private.messages if "Whose is it?" in each.text]
    assert "5.00 EUR" in line.text and "a gift?" in line.text and len(line.buttons) == 1
    [stranger] = await press_all(bob, line, 1)
    assert stranger.alert and "Only an operator" in stranger.text
    waits = await world.dialog(bob, "/topup 5")
    olga.skip()
    await olga.press(line, "Somebody")
    asked = await olga.wait("Whose is the 5.00 EUR?")
    assert asked.text
    await world.bot.stop()
    await world.start_bot()
    bob.skip()
    await olga.pick(bob)
    await bob.wait("💶 5.00 EUR has come in")
    await bob.see(waits, "✅ 5.00 EUR has come in.")
    await olga.see(line, "In the wallet of")
    assert not line.buttons
    olga.skip()
    await sent(olga, camt([Booked("9.00", "unknown", "R3")]), "fits nothing")
    other = await olga.wait("Whose is it?")
    await olga.press(other, "Not ours")
    await olga.see(other, "None of the wallets' money")
    late = camt([Booked("3.00", f"{reference} {reference}", "R4")])
    await sent(olga, late, "once more for the same reference")
    assert await world.balance(bob) == "5.00"


async def _paid_out(world: World, alice: Person, olga: Person) -> None:
    await alice.wait("has come in once more")
    asked = await _asked_where_to(world, alice)
    assert "DE89 … 3000" in asked.words and "0440532" not in asked.words
    await press_all(alice, asked, 2)
    await alice.see(asked, "is put aside for your account")
    desk = await olga.wait("wants 8.00 EUR by bank transfer")
    overview = await world.dialog(olga, "/bank")
    assert "1 payment is to go out, 8.00 EUR" in overview.words
    await olga.press(overview, "File for the bank")
    file = await olga.wait("as pain.001")
    root = fromstring(file.document_bytes)
    [payment] = root.iter(f"{PAIN}CdtTrfTxInf")
    texts = {each.tag.removeprefix(PAIN): each.text for each in payment.iter()}
    assert (texts["InstdAmt"], texts["IBAN"], texts["Nm"]) == ("8.00", "DE89370400440532013000", "Ann Smith")
    await alice.see(asked, "is on its way to your account")
    answers = await press_all(alice, asked, 1) if asked.buttons else []
    assert not answers
    paid = camt([Booked("-8.00", f"EREF {texts['EndToEndId']}", "R9")])
    await sent(olga, paid, "1 payment went out, 8.00 EUR")
    await alice.wait("8.00 EUR was paid out to you")
    await olga.see(file, "All of it is paid out")
    await olga.see(desk, "paid out by the bank")
    olga.skip()
    await sent(olga, paid, "1 line was booked before")
    assert await world.balance(alice) == "15.00"


async def _asked_where_to(world: World, alice: Person) -> Message:
    """The IBAN may be the next message, and what was wrong is asked again, also after other wishes and a restart."""
    await alice.send(TO)  # nothing was asked
    await alice.wait("I didn't get that")
    await alice.send("/withdraw 8", chat=world.group)
    alice.skip()
    await alice.send(TO)
    await alice.wait("I didn't get that")
    alice.skip()
    await alice.send("/withdraw 7 DE89 3704 0044 0532 0130 01")
    await alice.wait("check digits don't fit")
    await alice.send("/withdraw 8")
    await alice.wait("To which account?")
    for words, answer in (
        ("IBAN: DE89 3704 0044 0532 0130 01", "check digits don't fit"),
        ("my savings", "That's no IBAN"),
        ("/balance", "23.00 EUR"),
    ):
        alice.skip()
        await alice.send(words)
        await alice.wait(answer)
    paying = await world.dialog(alice, f"/pay 1 @{world.operator.username} {MEMO}")
    await world.bot.stop()
    await world.start_bot()
    alice.skip()
    await alice.send("IBAN:\u00a0" + TO.replace(" ", "\u00a0"))
    asked = await alice.wait(lambda message: "to your account" in message.words)
    await alice.press(paying, "Cancel")
    await alice.see(paying, "ancelled")
    alice.skip()
    await alice.send(TO)  # nothing is asked any more
    await alice.wait("I didn't get that")
    return asked


async def _taken_back(world: World, alice: Person, olga: Person, reference: str) -> None:
    """What the bank takes back is decided by a button, once."""
    back = camt([Booked("-20.00", reference, "R1", is_reversal=True), Booked("-3.00", "x", "R8", is_reversal=True)],
                opening=Decimal("900.00"), days=(NEXT, NEXT))  # fmt: skip
    for name in ("back.xml", "again.xml"):
        olga.skip()
        said = await sent(olga, back, "The account holds 877.00 EUR", name)
        assert "Something is missing between the statements of 2026-01-15 and 2026-01-16" in said.words
    said_back = "The bank took this back"
    while len(asked := [each for each in olga.private.messages if said_back in each.text]) < 2:
        await olga.wait(said_back)
    ours, other = sorted(asked, key=lambda each: "20.00" not in each.text)
    assert await world.balance(alice) == "15.00"
    assert [len(row) for row in ours.raw["reply_markup"]["inline_keyboard"]] == [2, 2, 1]  # 20.00 had come in, and 3.00
    [stranger] = await press_all(alice, ours, 1)
    assert stranger.alert and "Only an operator" in stranger.text
    shown = (await olga.ask("/gateways")).words
    assert "The bank's statement of 2026-01-16 ends with 877.00 EUR" in shown
    assert "Fits nothing here" in shown and reference in shown and "Something is missing" in shown
    alice.skip()
    await press_all(olga, ours, 2)
    await olga.see(ours, "has paid back 15.00 EUR; there was no more, so 5.00 EUR is our loss")
    assert not ours.buttons
    await alice.wait("15.00 EUR was taken back")
    await olga.press(other, "Not ours")
    await olga.see(other, "None of the wallets' money")
    assert await world.balance(alice) == "0.00"


async def _strangers_and_bad_files(world: World, bob: Person, olga: Person) -> None:
    await sent(bob, camt([Booked("9.00", "x", "X1")]), "no picture")
    await bob.send("/bank")
    await bob.wait("Only an operator")
    good = camt([Booked("9.00", "x", "X1")])
    for data, words in (
        (good[:-200], "cut off"),
        (good.replace(b"<Document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document"), "DOCTYPE"),
        (camt([Booked("9.00", "x", "X1")], iban="DE89370400440532013000"), "another account"),
        (camt([Booked("9.00", "x", "X1")], currency="SEK"), "another currency"),
        (b"x" * 6_000_000, "too big"),
        (b"\x89PNG\r\n\x1a\n", "can't read this"),
    ):
        assert "Nothing was booked" in (await sent(olga, data, words)).words
    assert await world.transfers() == 6
