"""Who is in charge of the bank: whose a payment is, what goes out, and who may not touch any of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.gateways.bank.statements import FILE_BYTES_MAX
from bot.sandbox import Message, Person, Sandbox
from tests.bot.club import Club, running, settings_for
from tests.bot.test_bank_habits import zipped
from tests.bot.test_cash import ACCOUNT, BY_BOTH, cash_club, said_once, spoken, toasted
from tests.bot.test_dialogs import asked
from tests.e2e.bank_statements import Booked, camt

NEW = [Booked("5.00", "a gift?", "R1"), Booked("3.00", "thanks", "R2")]
IBAN = {"iban": BY_BOTH["bank_iban"]}


async def open_lines(club: Club) -> tuple[Message, Message]:
    """Of a statement that ann sends, each in a message of its own: 5.00 and 3.00."""
    await club.ann.send_document(camt(NEW, **IBAN), file_name="s.xml", mime_type="application/octet-stream")
    await club.ann.wait("2 payments fit nothing")
    lines = [await club.ann.wait("Whose is it?") for _ in NEW]
    five, three = sorted(lines, key=lambda each: "5.00 EUR" not in each.words)
    return five, three


async def test_somebody_is_picked_for_what_fits_nothing_or_waits_for_as_much_and_has_a_button(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        ann, bob = club.ann, club.bob
        which = await asked(club, bob, "/topup 5")
        await bob.press(which, "Bank")
        await bob.wait("Transfer 5.00 EUR")
        five, three = await open_lines(club)
        assert await toasted(ann, three, "Somebody") == ""
        await ann.wait("Whose is the 3.00 EUR?")
        ann.skip()
        await ann.pick(club.eve)
        assert "hasn't opened a wallet yet" in (await ann.next()).words
        ann.skip()
        await ann.pick(bob)
        await ann.wait("3.00 EUR is in the wallet of Bob")
        await ann.see(three, "In the wallet of")
        await bob.wait("3.00 EUR has come in")
        assert "Bob" in await toasted(ann, five, "Bob"), "who waits for as much has a button"
        await bob.wait("5.00 EUR has come in")


async def test_what_is_none_of_the_wallets_money_is_said_to_be(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        five, _ = await open_lines(club)
        assert await toasted(club.ann, five, "Not ours") == "Left alone. Nothing was moved."
        await club.ann.see(five, "None of the wallets' money")


def count(person: Person, words: str) -> int:
    """How many messages in their chat say that."""
    return sum(words in message.words for message in person.private.messages)


async def test_of_what_nobody_has_decided_ten_are_asked_about_at_once_and_ten_are_listed(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        ann = club.ann
        back, whose = "The bank took this back", "Whose is it?"
        for sign, asks in (("-", back), ("", whose)):
            lines = [Booked(f"{sign}{n}.00", "x", f"{asks[:3]}{n}", is_reversal=bool(sign)) for n in range(1, 12)]
            for again in range(2):
                ann.skip()
                if again:
                    await ann.send("/bank")
                else:
                    await ann.send_document(
                        camt(lines, **IBAN), file_name="s.xml", mime_type="application/octet-stream"
                    )
                asked = (20 + 10 * again, 10 + 10 * again) if asks == whose else (10 + 10 * again, 0)  # /bank asks all
                await ann.wait(lambda _, asked=asked: (count(ann, back), count(ann, whose)) == asked)
                shown = (await club.said(ann, "/gateways")).words
                assert (count(ann, back), count(ann, whose)) == asked
                assert shown.count("\n· ") == 10 and shown.endswith("\n…"), shown
                assert ("↩️" in shown) == (sign == "-"), "of payments that fit nothing there are ten and more"


async def test_a_statement_that_is_too_big_is_not_fetched(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        for size, answer in ((FILE_BYTES_MAX + 1, "too big"), (FILE_BYTES_MAX, "fetch")):
            gone: dict[str, Any] = {"file_id": "gone", "file_unique_id": "g", "file_name": "s.xml", "file_size": size}
            club.ann.skip()
            await club.ann.say({"document": gone})
            assert answer in (await club.ann.next()).words, size


async def test_a_zip_of_statements_is_read_as_banks_hand_it_out(tmp_path: Path) -> None:
    packed = zipped({"1.xml": camt(NEW, **IBAN)})
    async with cash_club(tmp_path, **BY_BOTH) as club:
        for named in (
            {"file_name": "CAMT.ZIP", "mime_type": "application/octet-stream"},
            {"file_name": "camt", "mime_type": "application/zip"},
        ):
            club.ann.skip()
            await club.ann.send_document(packed, **named)
            await club.ann.wait("The statement is read")
        await club.bob.send_document(packed, file_name="camt.zip", mime_type="application/zip")
        assert "statement" not in (await club.bob.next()).words
    (tmp_path / "cash").mkdir()
    async with cash_club(tmp_path / "cash") as club:
        await club.ann.send_document(packed, file_name="camt.zip", mime_type="application/zip")
        assert "/issue" not in (await club.ann.next()).words, "no list of who gets money is zipped"


async def test_a_file_is_not_made_of_what_cannot_be_written(tmp_path: Path) -> None:
    async with Sandbox() as box:
        club = Club(box)
        for secret in (BY_BOTH["bank_secret"], "another secret of sixteen or more"):
            more = {**BY_BOTH, "bank_secret": secret, "telegram_limits": "off"}
            async with running(settings_for(box, tmp_path, **more)):
                if secret == BY_BOTH["bank_secret"]:
                    await club.begin()
                    dialog = await asked(club, club.ann, f"/withdraw 3 {ACCOUNT}")
                    await toasted(club.ann, dialog, "✅")
                    await club.ann.see(dialog, "put aside for your account")
                    continue
                overview = await club.said(club.ann, "/bank")
                said = await (await club.ann.press(overview, "File for the bank")).answer()
                assert said.text, "why not"
                assert "is back in the wallet" in (await (await club.ann.press(dialog)).answer()).text


async def test_where_to_pay_out_is_asked_once_though_the_words_come_again_when_it_was_said(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH | {"gateways": "bank"}) as club:
        await club.said(club.ann, "/withdraw 3")
        wished = spoken(club.ann)
        assert "Take out 3.00 EUR" in str((await asked(club, club.ann, ACCOUNT)).buttons)
        await said_once(club, club.ann, wished)


async def test_a_payment_that_fits_nothing_is_asked_about_in_the_language_of_who_is_in_charge(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        assert "Deutsch" in (await club.said(club.ann, "/language de")).words
        data = camt([*NEW, Booked("-4.00", "x", "R8", is_reversal=True)], **IBAN)
        await club.ann.send_document(data, file_name="s.xml", mime_type="application/octet-stream")
        for _ in range(3):  # two lines, and what the bank took back, in any order
            said = await club.ann.wait(lambda message: bool(message.buttons))
            for english in ("Whose", "The bank took", "Not ours"):
                assert english not in said.words + str(said.buttons)


async def test_a_transfer_is_waited_for_as_long_as_banks_take_and_cash_a_day(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        for which, days in (("Bank transfer", 14), ("Cash, by hand", 1)):
            way = await asked(club, club.bob, "/topup 20")
            club.bob.skip()
            before = datetime.now(UTC).date()
            await club.bob.press(way, which)
            until = (await club.bob.wait("Open until")).words.partition("Open until ")[2][:10]
            begun = date.fromisoformat(until) - timedelta(days=days)
            assert before <= begun <= datetime.now(UTC).date(), which
