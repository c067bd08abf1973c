"""What only people in charge may do and see, and only alone: the gateways, what everybody is told, the audit."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.log import set_up
from bot.sandbox import Sandbox
from bot.sandbox.gateway import MockGateway
from tests.bot.club import Club, open_club, running, settings_for
from tests.e2e.bank_statements import IBAN, Booked, camt
from tests.e2e.test_broken_reads import no_file_can_be_opened
from tests.e2e.test_mock import on_page, page_of
from tests.fresh import begin_books
from wallet_core import currency

OPERATORS_ONLY, PRIVATE_ONLY, NO_WAY = "Only an operator", "in private only", "name one in GATEWAYS"
AT_A_BANK = {
    "gateways": "operator,bank",
    "bank_iban": IBAN,
    "bank_name": "Club",
    "bank_secret": "sixteen letters, or more",
}


async def test_gateways_are_looked_at_by_who_is_in_charge_alone_where_there_are_any(tmp_path: Path) -> None:
    commands = ("/gateways", "/reconcile", "/desk")
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box:
        async with running(settings_for(box, tmp_path, gateways="operator")):
            club = Club(box)
            await club.begin()
            for command in commands:
                assert OPERATORS_ONLY in (await club.said(club.bob, command)).words, command
                assert PRIVATE_ONLY in (await club.said(club.ann, command, in_group=True)).words, command
        async with running(settings_for(box, tmp_path)):
            for command in commands:
                assert NO_WAY in (await club.said(club.ann, command)).words, command


async def test_what_fits_nothing_is_named_from_the_next_reconciliation_on_which_is_an_act(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with (
        Sandbox() as box,
        MockGateway() as gateway,
        running(settings_for(box, tmp_path, gateways="mock", **gateway.settings)),
    ):
        club = Club(box)
        await club.begin()
        asked = await club.said(club.ann, "/topup 5")
        await club.ann.see(asked, "Pay on its page")
        await on_page(page_of(asked), "pay")
        await club.ann.send("/reconcile")
        await club.ann.wait("is the same")
        await club.ann.see(asked, "✅ 5.00 EUR has come in")
        stray = gateway.books.pay_unknown(333, "EUR").id
        assert OPERATORS_ONLY in (await club.said(club.bob, "/reconcile")).words  # and nothing is read for him
        shown = (await club.said(club.ann, "/gateways")).words
        assert "3.33 EUR too much" in shown and shown.count("There must be: 5.00 EUR") == 1
        assert stray not in shown
        assert stray in (await club.said(club.ann, "/reconcile")).words
        assert stray in (await club.said(club.ann, "/gateways")).words
        assert (await club.said(club.ann, "/acts")).words.count("Ann held the gateways against the books") == 2


async def test_a_banks_statement_is_shown_with_the_bank_and_not_with_the_cash_desk(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box, running(settings_for(box, tmp_path, **AT_A_BANK)):
        club = Club(box)
        await club.begin()
        asked = await club.said(club.ann, "/topup 20 @bob")
        await club.ann.press(asked)
        await club.bob.wait("has come in")
        await club.ann.send_document(camt([Booked("9.00", "a gift", "R1")]), file_name="statement.xml")
        await club.ann.wait("Whose is it?")
        cash, bank = (await club.said(club.ann, "/gateways")).words.split("\n\n")
        assert "There must be: 20.00 EUR" in cash and "The bank's statement" not in cash and "a gift" not in cash
        assert "The bank's statement of 2026-01-15" in bank and "a gift" in bank


async def test_everybody_is_told_something_by_who_is_in_charge_alone(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        for command in ("/announce Cake at 8", "/close", "/close 2090-03-31", "/open"):
            assert OPERATORS_ONLY in (await club.said(club.bob, command)).words, command
            assert PRIVATE_ONLY in (await club.said(club.ann, command, in_group=True)).words, command
        last = (datetime.now(UTC) + timedelta(days=30)).date()
        asked = await club.said(club.ann, "/close")
        assert any(f"by {last + timedelta(days=late)} 23:59" in asked.words for late in (-1, 0)), asked.words
        dropped = await club.said(club.ann, "/announce Cake at 8")
        assert (await club.said(club.ann, "/cancel")).words.count("Not told to anybody") == 2
        await club.ann.see(asked, "Not told to anybody")
        await club.ann.see(dropped, "Not told to anybody")
        asked = await club.said(club.ann, "/announce Tea at 9")
        assert OPERATORS_ONLY in (await (await club.bob.press(asked, "Cancel")).answer()).text
        assert (await (await club.ann.press(asked, "Cancel")).answer()).text == "Nobody else is told."
        await club.ann.see(asked, "Not told to anybody")
        asked = await club.said(club.ann, "/announce Cake at 8")
        assert (await (await club.ann.press(asked)).answer()).text == "I've begun to tell everybody."
        await club.bob.wait("Cake at 8")
        await club.ann.see(asked, "Everybody is told")


async def test_an_announcement_that_comes_again_after_a_restart_is_asked_once(tmp_path: Path) -> None:
    begin_books(tmp_path / "books.db", currency("EUR"))
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path)
        async with running(settings):
            club = Club(box)
            await club.begin()
            await club.said(club.ann, "/announce Cake at 8")
            before = box.updates[-1]
        async with running(settings):
            await box.redeliver(before)
            await club.said(club.ann, "/balance")
            assert sum("Cake at 8" in message.words for message in club.ann.private.messages if message.from_bot) == 1


async def test_a_question_of_which_telegram_did_not_say_that_it_stands_shows_what_its_press_did(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        for button, words in (("Cancel", "Not told to anybody"), ("Tell everybody", "Everybody is told")):
            await club.box.idle()
            club.ann.skip()
            club.box.fail("sendMessage", drop="after")
            await club.ann.send(f"/announce {button} at 8")
            lost = await club.ann.wait(lambda message: bool(message.buttons))
            await (await club.ann.press(lost, button)).answer()
            await club.ann.see(lost, words)


async def test_what_the_audit_found_stands_where_it_was_asked_for_or_below_if_that_is_gone(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        begun = await club.said(club.ann, "/audit")
        await club.ann.see(begun, "The books are sound")
        assert await club.said(club.ann, "/balance") == club.ann.private.messages[-1]
        assert sum("sound" in message.words for message in club.ann.private.messages) == 1
        club.box.fail("editMessageText", code=400, description="Bad Request: message to edit not found")
        await club.ann.send("/audit")
        await club.ann.wait(lambda message: message is not begun and "The books are sound" in message.words)


async def test_an_audit_that_cannot_be_made_or_told_at_once_leaves_nobody_waiting_for_it(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        begun = await club.said(club.ann, "/audit")
        await club.ann.see(begun, "The books are sound")
        with no_file_can_be_opened():  # and so no connection that reads them
            begun = await club.said(club.ann, "/audit")
            await club.ann.see(begun, "Please try again in a minute")
        club.box.fail("editMessageText", drop="before")
        begun = await club.said(club.ann, "/audit")
        await club.ann.see(begun, "The books are sound")


@pytest.mark.usefixtures("log_restored")
async def test_an_operator_who_blocks_the_bot_before_the_audit_is_told_leaves_no_stack_trace(tmp_path: Path) -> None:
    said = io.StringIO()
    set_up(level="INFO", json=False, secrets=(), stream=said)
    async with open_club(tmp_path) as club:
        club.box.fail("editMessageText", drop="before")
        await club.said(club.ann, "/audit")
        for method in ("editMessageText", "sendMessage"):
            club.box.fail(method, code=403, description="Forbidden: bot was blocked by the user")
        await club.box.called("sendMessage")
    assert "audit_not_told" in said.getvalue() and "Traceback" not in said.getvalue()
