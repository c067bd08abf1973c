"""What people in charge of a bot with a bank press: theirs alone, in private; and what becomes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from defusedxml.ElementTree import fromstring

from bot.app import BUTTONS
from bot.handlers import bank, bank_refused, bank_reversals
from bot.sandbox import Message, Sandbox
from tests.bot.club import CODE, Club, open_club, running, settings_for
from tests.bot.old_buttons import DEAD, old_button
from tests.bot.test_in_charge import NO_WAY, OPERATORS_ONLY, PRIVATE_ONLY
from tests.e2e.bank_statements import IBAN, Booked, camt
from tests.e2e.test_bank import PAIN
from tests.fresh import begin_books
from wallet_core import currency

MODULES = [each.__name__ for each in (bank, bank_refused, bank_reversals)]
PRESSED = [action for action, handle in BUTTONS.items() if handle.__module__ in MODULES]
TO = "DE89 3704 0044 0532 0130 00 Bob"


def payments(file: Message) -> list[dict[str, str | None]]:
    """What stands in a file for the bank: of each payment its elements."""
    assert file.document_bytes is not None
    found = fromstring(file.document_bytes).iter(f"{PAIN}CdtTrfTxInf")
    return [{each.tag.removeprefix(PAIN): each.text for each in payment.iter()} for payment in found]


@asynccontextmanager
async def bank_club(tmp_path: Path) -> AsyncIterator[Club]:
    begin_books(tmp_path / "books.db", currency("EUR"))
    settings = {"bank_iban": IBAN, "bank_name": "Club", "bank_secret": "sixteen letters, or more"}
    async with Sandbox() as box, running(settings_for(box, tmp_path, gateways="bank", **settings)):
        club = Club(box)
        await club.begin()
        yield club


async def statement(club: Club, *lines: Booked) -> Message:
    """What the bot says of a statement, once it has said all."""
    club.ann.skip()
    await club.ann.send_document(camt(lines), file_name="statement.xml")
    return await club.ann.wait("The account holds")


async def test_only_who_is_in_charge_decides_about_the_bank_and_only_alone(tmp_path: Path) -> None:
    assert len(PRESSED) == 12
    async with bank_club(tmp_path) as club:
        for person, chat, why in (
            (club.bob, club.bob.private, OPERATORS_ONLY),
            (club.ann, club.group.chat, PRIVATE_ONLY),
        ):
            for action in PRESSED:
                stands = old_button(club, chat, f"{action}:{CODE}")
                assert why in (await (await person.press(stands)).answer()).text, action
        assert OPERATORS_ONLY in (await club.said(club.bob, "/bank")).words
        assert PRIVATE_ONLY in (await club.said(club.ann, "/bank", in_group=True)).words
        for action in PRESSED[:1] + PRESSED[3:5]:  # each names two things
            stands = old_button(club, club.ann.private, f"{action}:{CODE}")
            assert (await (await club.ann.press(stands)).answer()).text == DEAD, action


async def test_a_bot_without_a_bank_says_so_of_its_buttons(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        for action in PRESSED:
            stands = old_button(club, club.ann.private, f"{action}:{CODE}")
            assert NO_WAY in (await (await club.ann.press(stands)).answer()).text, action
        assert NO_WAY in (await club.said(club.ann, "/bank")).words


async def test_what_came_in_is_given_to_who_waits_for_as_much_wherever_it_is_shown_last(tmp_path: Path) -> None:
    async with bank_club(tmp_path) as club:
        ann, bob = club.ann, club.bob
        await club.said(bob, "/topup 5")
        await statement(club, Booked("5.00", "gift?", "R1"), Booked("-3.00", "x", "R8", is_reversal=True))
        first, back = await ann.wait("Whose is it?"), await ann.wait("The bank took this back")
        await club.said(ann, "/bank")
        again, back_again = await ann.wait("Whose is it?"), await ann.wait("The bank took this back")
        assert again is not first and back_again is not back
        await (await ann.press(again, "Somebody")).answer()
        await ann.wait("Whose is the 5.00 EUR?")
        await ann.pick(club.eve)
        await ann.wait("This person hasn't opened a wallet yet")
        answer = await (await ann.press(again, "Bob")).answer()
        assert "5.00 EUR is in the wallet of Bob <b>" in answer.text
        await bob.wait("5.00 EUR has come in")
        for message in (first, again):
            await ann.see(message, "In the wallet of Bob")
        assert (await (await ann.press(back_again, "Not ours")).answer()).text != ""
        await ann.see(back, "None of the wallets' money")


async def test_a_file_that_the_bank_refused_can_be_had_again_until_all_of_it_goes_back(tmp_path: Path) -> None:
    async with bank_club(tmp_path) as club:
        ann, bob = club.ann, club.bob
        await club.issue("8", bob)
        await club.said(bob, f"/withdraw 8 {TO}")
        await bob.press(bob.private.messages[-1], "Take out")
        await ann.wait("wants 8.00 EUR by bank transfer")
        assert (await (await ann.press(await club.said(ann, "/bank"), "File for the bank")).answer()).text == ""
        file = await ann.wait("as pain.001")
        overview = await club.said(ann, "/bank")
        assert (await (await ann.press(overview, "1 × again, 8.00 EUR")).answer()).text == ""
        same = await ann.wait("as pain.001")
        assert same is not file and same.document_bytes == file.document_bytes
        assert (await (await ann.press(same, "refused")).answer()).text == ""
        question = await ann.wait("Did the bank take nothing of this file")
        assert (await (await ann.press(question, "Back into the wallets")).answer()).text == ""
        assert "8.00 EUR is back in the wallets" in question.words and not question.buttons
        for message in (file, same):
            await ann.see(message, "The bank did not take it")
        late = (await (await ann.press(overview, "1 × again, 8.00 EUR")).answer()).text
        assert "Nothing is to be paid out now" in late, "it would tell the bank to pay what is back"
        assert "8.00 EUR" in (await club.said(bob, "/balance")).words
        await ann.send("/cancel")
        await ann.wait("Nothing waits")


async def test_a_file_that_is_had_again_leaves_out_what_is_paid_and_what_the_bank_wont_pay_goes_back(
    tmp_path: Path,
) -> None:
    async with bank_club(tmp_path) as club:
        ann, bob = club.ann, club.bob
        await club.issue("8", bob)
        for person, amount in ((ann, 3), (bob, 8)):
            await club.said(person, f"/withdraw {amount} {TO}")
            await person.press(person.private.messages[-1], "Take out")
            await ann.wait(f"wants {amount}.00 EUR by bank transfer")
        await ann.press(await club.said(ann, "/bank"), "File for the bank")
        file = await ann.wait("2 payments, 11.00 EUR, as pain.001")
        assert [payment["InstdAmt"] for payment in payments(file)] == ["3.00", "8.00"]
        reference = payments(file)[0]["EndToEndId"]
        ann.skip()
        await ann.send_document(camt([Booked("-3.00", f"EREF {reference}", "R9")]), file_name="statement.xml")
        await ann.wait("1 payment went out, 3.00 EUR")
        await ann.wait("3.00 EUR was paid out to you")
        await ann.send("/bank")
        desk = await ann.wait(lambda message: "2 × again, 11.00 EUR" in str(message.buttons))
        await ann.press(desk, "2 × again, 11.00 EUR")
        same = await ann.wait(lambda message: message.document_bytes is not None and message is not file)
        assert [payment["InstdAmt"] for payment in payments(same)] == ["8.00"]
        await ann.see(file, "Paid by now: 1")
        assert (await (await ann.press(file, "won't pay the rest")).answer()).text == ""
        question = await ann.wait("3.00 EUR of it is paid")
        assert "8.00 EUR goes back" in question.words
        bob.skip()
        assert (await (await ann.press(question, "Back into the wallets")).answer()).text == ""
        await bob.wait("8.00 EUR is back in your wallet")
        assert "8.00 EUR is back in the wallets" in question.words
        for message in (file, same):
            await ann.see(message, "the rest, 8.00 EUR, is back in the wallets")
            assert not message.buttons
