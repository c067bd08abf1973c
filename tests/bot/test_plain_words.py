"""What was hard to read: an operator's help, one's own number, whose picture it is, which number was refused."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import log
from bot.app import COMMANDS
from bot.gateways.bank.gateway import BANK
from bot.handlers.help import unknown_without
from bot.sandbox import Sandbox
from bot.words import help as help_words
from bot.words.language import gettext, languages, speaking_to
from bot.words.locales.__main__ import extracted
from bot.words.menu import Where
from bot.words.menu import menu as menu_lines
from bot.words.refusals import refusal
from bot.words.transfers import details
from tests.bot.club import Club, open_club, running, settings_for
from tests.bot.test_arguments import EUR
from tests.bot.test_cash import BY_BOTH, cash_club
from tests.bot.test_texts import GROUP, PRIVATE
from wallet_core import (
    TOP_UP_FEE,
    WITHDRAWAL_DONE_FEE,
    WITHDRAWAL_FEE,
    GiverBlocked,
    LimitExceeded,
    Money,
    Payment,
    PersonId,
    PickNotOpen,
    Receipt,
    WalletId,
)
from wallet_core import Person as Who


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Club]:
    async with open_club(tmp_path) as opened:
        yield opened


async def test_help_shows_operators_their_commands_and_nobody_else(club: Club) -> None:
    shown = (await club.said(club.ann, "/help")).words
    assert "Run this bot" in shown and "/issue — put new money" in shown and "/audit — " in shown
    shown = (await club.said(club.bob, "/help")).words
    assert "/issue" not in shown and "/audit" not in shown
    assert "/issue" not in (await club.said(club.ann, "/help", in_group=True)).words


async def test_help_names_each_command_of_the_private_menu_and_none_that_leads_nowhere(club: Club) -> None:
    shown = (await club.said(club.bob, "/help")).words
    menu = [command for command, _ in menu_lines(COMMANDS, Where.PRIVATE)]
    assert len(menu) > 20
    without = unknown_without(())
    named = {command for command in menu if re.search(rf"/{command}\b", shown)}
    assert named == set(menu) - {"start", "help"} - without
    with_ways = help_words.private(EUR, bot_name="x", unknown=unknown_without({"operator"}))
    assert "/topup — " in with_ways and "/withdraw — " in with_ways


async def test_help_shows_operators_no_command_that_leads_nowhere(club: Club) -> None:
    shown = (await club.said(club.ann, "/help")).words
    for command in ("/gateways", "/reconcile", "/desk", "/bank"):
        assert command not in shown, command
        assert "name one in GATEWAYS" in (await club.said(club.ann, command)).words, command


def test_help_shows_operators_what_their_gateways_need() -> None:
    for gateways, has_bank in ((("operator",), False), (("operator", BANK), True)):
        shown = help_words.private(EUR, bot_name="x", is_operator=True, unknown=unknown_without(gateways))
        assert "/desk — " in shown and ("/bank — " in shown) is has_bank


async def test_who_has_too_little_is_shown_the_way_for_money_to_come_in_where_there_is_one(tmp_path: Path) -> None:
    for gateways, said in (("", "moved. /request asks"), ("operator", "moved. /topup brings money in, /request asks")):
        (place := tmp_path / (gateways or "none")).mkdir()
        async with Sandbox() as box, running(settings_for(box, place, gateways=gateways)):
            club = Club(box)
            for person in (club.ann, club.bob):
                await person.start()
                await person.wait("balance")
            assert said in (await club.said(club.bob, "/pay 5 @ann")).words


async def test_id_says_ones_own_number_in_private(club: Club) -> None:
    assert "1002" in (await club.said(club.bob, "/id")).words
    assert "1003" in (await club.said(club.eve, "/id")).words  # without a wallet too
    assert "1002" not in (await club.said(club.bob, "/id", in_group=True)).words


async def test_a_picture_tells_its_owner_to_show_it_and_a_group_to_scan_it(club: Club) -> None:
    for text in ("/request 5", "/request any", "/qr"):
        shown = (await club.said(club.bob, text)).words
        assert "Show or forward this picture" in shown and "Scan" not in shown, text
    assert "Scan the code" in (await club.said(club.bob, "/request 5", in_group=True)).words


async def test_several_dropped_questions_are_said_in_one_line_each(club: Club) -> None:
    for text in ("/pay 1 @bob tea", "/pay 2 @bob", "/pay @bob"):
        await club.said(club.ann, text)
    club.ann.skip()
    await club.ann.send("/cancel")
    first, *lines = (await club.ann.wait("3 questions dropped")).words.splitlines()
    assert first == "✖️ 3 questions dropped, nothing was moved:"
    assert sorted(lines) == [
        "1.00 EUR to Bob <b> (@bob) · tea",
        "2.00 EUR to Bob <b> (@bob)",
        "Any amount to Bob <b> (@bob)",
    ]


@pytest.mark.parametrize(
    "text",
    ["/pay 1234567890123456789012345678 @bob", "/pay @bob 12345678901234567890.123456789", "/request 1" + 30 * "0"],
)
async def test_a_number_that_is_too_long_to_be_shown_is_not_shown_as_another(club: Club, text: str) -> None:
    shown = (await club.said(club.ann, text)).words
    number = next(word for word in text.split() if word[0].isdigit())
    quoted = shown.partition("“")[2].partition("”")[0]
    assert number not in shown and (not quoted or quoted.endswith("…")), shown


async def test_a_note_that_is_too_long_says_that_nothing_was_done(club: Club) -> None:
    for text in ("/pay 1 @bob ", "/request 1 "):
        shown = (await club.said(club.ann, text + "x" * 300)).words
        assert "300 characters, and 200 fit" in shown and "I did nothing" in shown


@pytest.mark.usefixtures("log_restored")
async def test_the_numbers_of_those_who_write_are_logged_while_nobody_is_an_operator(
    tmp_path: Path,
) -> None:
    out = io.StringIO()
    log.set_up(level="INFO", json=False, secrets=(), stream=out)
    async with Sandbox() as box:
        settings = settings_for(box, tmp_path).model_copy(update={"admin_ids": frozenset()})
        async with running(settings):
            dora = box.person(4711, "Dora Secret", username="dora")
            await dora.start()
            await dora.wait("balance")
            await dora.ask("/help")
        said = out.getvalue()
        assert said.count("4711") == 1 and "ADMIN_IDS" in said and "Secret" not in said
        async with running(settings_for(box, tmp_path)):
            await dora.ask("/help")
        assert "ADMIN_IDS" not in out.getvalue().removeprefix(said)


def test_no_text_speaks_as_nobody_speaks() -> None:
    for text in (text for message in extracted() for text in (message.id if message.pluralizable else [message.id])):
        for stiff in (
            " anew",
            "acted upon",
            "as are possible",
            "look what",
            "looking whether",
            "invoice over",
            " says /",
        ):
            assert stiff not in text, text


def test_an_amount_is_one_thing_whatever_its_number() -> None:
    """“5.00 EUR is”, as “1 BEER is”: nobody knows the number when the text is written."""
    sums = "amount|total|received|paid|lost|left|back|missing|fee|holds|closing|taken|given"
    of_several = re.compile(rf"\{{({sums})\}} (are|were|have|do|go|stay|leave|wait)\b|\bare the \{{({sums})\}}")
    for text in (text for message in extracted() for text in (message.id if message.pluralizable else [message.id])):
        assert not of_several.search(text), text


def test_a_command_of_the_private_chat_is_named_as_such_in_a_group() -> None:
    limits = [LimitExceeded(name, Money(500, EUR)) for name in ("wallet_transfer_max", "wallet_daily_max")]
    for error in (*limits, GiverBlocked("@bob")):
        assert "our private chat" in str(refusal(error, GROUP)), error
    for error in limits:
        assert "our private chat" not in str(refusal(error, PRIVATE)), error


def test_who_has_too_much_of_something_open_hears_how_there_is_room_again() -> None:
    for name, how in (
        ("gifts_open_max", "Take one back"),
        ("blocks_max", "/blocked"),
        ("requests_open_max", "/requests"),
    ):
        assert how in str(refusal(LimitExceeded(name, None), PRIVATE)), name


@pytest.mark.parametrize(("gateways", "is_told"), [("operator", True), ("bank", False)])
async def test_the_cash_desk_names_topup_only_where_cash_is_taken(tmp_path: Path, gateways: str, is_told: bool) -> None:
    async with cash_club(tmp_path, **BY_BOTH | {"gateways": gateways}) as club:
        said = (await club.said(club.ann, "/desk")).words
        assert "no cash today" in said and ("/topup" in said) is is_told


def test_what_was_too_long_ago_is_begun_again_with_the_command_it_was_begun_with() -> None:
    for command in ("/pay", "/request"):
        assert command in str(refusal(PickNotOpen("expired"), PRIVATE))


async def test_receipts_say_where_money_outside_came_from_and_went_to_and_nobody_pays_themselves(
    tmp_path: Path,
) -> None:
    async with cash_club(tmp_path, **BY_BOTH | {"gateways": "operator"}) as club:
        ann, bob = club.ann, club.bob
        await club.said(bob, "/topup 20")
        await ann.press(await ann.wait("brings in 20.00 EUR"), "I have")
        assert "From: outside\nTo: Bob" in (await bob.wait("Receipt: ")).words
        for takes, end in (
            (True, "From: what was put aside\nTo: outside"),
            (False, "From: what was put aside\nTo: Bob"),
        ):
            asked = await club.said(bob, "/withdraw 5")
            bob.skip()
            await bob.press(asked, "Take out")
            assert "To: what is put aside to be paid out" in (await bob.wait("Receipt: ")).words
            await ann.press(await ann.wait("wants 5.00 EUR in cash"), "I gave" if takes else "No cash")
            assert end in (await bob.wait("Receipt: ")).words


def test_what_is_paid_for_bringing_money_in_and_taking_it_out_goes_where_it_goes() -> None:
    bob = Who(PersonId("tg:2"), "bob", "Bob", "b" * 16)
    for kind, payee, where in (
        (WITHDRAWAL_FEE, bob, "From: <b>Bob</b> (@bob)\nTo: what is put aside to be paid out"),
        (WITHDRAWAL_DONE_FEE, None, "From: what was put aside\nTo: outside"),
        (TOP_UP_FEE, None, "From: <b>Bob</b> (@bob)\nTo: outside"),
    ):
        receipt = Receipt(1, "key", WalletId(1), WalletId(2), Money(3, EUR), kind, "", 0, b"hash")
        assert details(Payment(receipt, bob, payee)).startswith(where), kind


NAMED = re.compile("“([^{”]+?):?”")  # as in: “Pay my share” shows it
BESIDE_WORDS = re.compile(r"^[^\w“]+|\W*(?:›|<code>.*)$")  # the sign of a button, the code behind a line's name


def test_what_a_text_names_is_called_so_where_it_stands_in_every_language() -> None:
    texts = {message.id for message in extracted() if isinstance(message.id, str) and message.id}
    called = {BESIDE_WORDS.sub("", text): text for text in texts}
    named = {(text, name) for text in texts for name in NAMED.findall(text) if name in called}
    assert {name for _, name in named} == {"Older", "Pay my share", "I'm in", "Ask for it", "Receipt"}
    for language in languages():
        with speaking_to(language):
            for text, name in named:
                own = BESIDE_WORDS.sub("", gettext(called[name]))
                assert re.search(rf"\W{re.escape(own.strip())}\W", gettext(text)), (language, own)
