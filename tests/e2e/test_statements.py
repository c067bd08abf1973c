"""Statements over HTTP: the time by buttons and by days, every form as a file that adds up, strangers, a restart."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox import Message, Person
from tests.e2e.world import World, bot_world, press_all


async def given(person: Person, asked: Message, button: str) -> Message:
    """What comes of a press: the first message with a file or a picture."""
    person.skip()
    await person.press(asked, button)
    return await person.wait(lambda message: bool(message.document_bytes or message.photo_bytes))


async def table_of(world: World, person: Person, asked: Message) -> list[list[str]]:
    """The statement as a table; its sums fit."""
    sent = await given(person, asked, "spreadsheets")
    assert sent.document_bytes is not None
    rows = list(csv.reader(io.StringIO(sent.document_bytes.decode("utf-8-sig"), newline="")))
    opening, *lines, closing = rows[1:]
    cents = [int(line[6].replace(".", "")) for line in lines]
    assert int(opening[7].replace(".", "")) + sum(cents) == int(closing[7].replace(".", ""))
    assert closing[7] == await world.balance(person)
    return lines


async def test_a_statement_is_asked_for_by_buttons_and_every_form_adds_up(tmp_path: Path) -> None:
    async with bot_world(tmp_path, TIMEZONE="Europe/Berlin") as world:
        alice, bob = await world.someone("Alice", "50"), await world.someone("Bob", username="bob")
        await world.pay(alice, bob, "12.50", memo="=1+1 zebra")
        await world.pay(bob, alice, "0.75", memo="zebra")
        asked = await world.dialog(alice, "/statement")
        assert "of which time?" in asked.text
        assert (await (await alice.press(asked, "This month")).answer()).text == ""
        await alice.see(asked, "As what would you like it?")
        lines = await table_of(world, alice, asked)
        assert [line[6] for line in lines] == ["50.00", "-12.50", "0.75"]
        assert lines[1][2:4] == ["Bob", "bob"] and lines[1][5] == "'=1+1 zebra"
        await alice.see(asked, "As what would you like it?")
        assert any("putting it together" in edit.get("text", "") for edit in asked.edits)
        [stranger] = await press_all(bob, asked, 1)
        assert stranger.alert
        ledger = await given(alice, asked, "ledger")
        assert ledger.document_bytes is not None and "Before: 0.00 EUR" in ledger.words
        assert b"balance Assets:Tuppence  38.25 ~ 0 EUR" in ledger.document_bytes
        picture = await given(alice, asked, "picture")
        assert picture.photo_bytes is not None and "After: 38.25 EUR" in picture.words
        await world.box.idle()  # or the picture comes once more
        await world.bot.kill()
        await world.start_bot()
        programs = await given(alice, asked, "programs")
        rules = await alice.wait(lambda message: bool(message.document_bytes) and message.id != programs.id)
        assert programs.document_bytes is not None and rules.document_bytes is not None
        assert programs.document_bytes.count(b"\n") == 6 and b"balance1 %bal %cur" in rules.document_bytes
        for said, kept in ((f"/statement {datetime.now(UTC):%Y} CSV", "%bal"), ("/statement hledger", "38.25 ~ 0")):
            alice.skip()
            await alice.send(said)
            found = await alice.wait(lambda message, kept=kept: kept.encode() in (message.document_bytes or b""))
            assert "Before: 0.00 EUR" in found.words or kept == "%bal"
        assert (await (await alice.press(asked, "Another time")).answer()).text == ""
        await alice.see(asked, "of which time?")
        assert (await (await alice.press(asked, "From")).answer()).text == ""
        await alice.see(asked, "from which day on?")
        assert (await (await alice.press(asked, 0)).answer()).text == ""
        await alice.see(asked, "up to which day?")
        assert (await (await alice.press(asked, "All of")).answer()).text == ""
        await alice.see(asked, "As what would you like it?")
        await world.settle()


async def test_days_that_make_no_sense_are_refused_with_what_to_write(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        alice = await world.someone("Alice", "5")
        for said, answer in (
            ("2026-03-31 2026-01-01", "The other way round: /statement 2026-01-01 2026-03-31"),
            ("2026-02-01 2026-02-31", "“2026-02-31”: no calendar has that"),
            ("1926-01-01 2026-01-01", "10 years at most"),
            ("2999-01-01 2999-12-31", "hasn't come yet"),
            ("yesterday", "no time that I can read"),
            ("1 2 3", "no time that I can read"),
            ("9999", "no calendar has that"),
        ):
            refused = await alice.ask(f"/statement {said}")
            assert answer in refused.text and not refused.buttons, said
        empty = await world.dialog(alice, "/statement 2020-02")
        assert "Feb 1, 2020 to Feb 29, 2020" in empty.text
        alice.skip()
        assert (await (await alice.press(empty, "picture")).answer()).text == ""
        assert "nothing came or went. You had 0.00 EUR" in (await alice.wait("all the time")).text
        in_group = await alice.ask("/statement", chat=world.group)
        assert "in private" in in_group.text.lower()
        stranger = await world.stranger("Eve")
        await stranger.send("/statement")
        await stranger.wait("/start")
        await world.settle()


async def test_operators_see_the_community_and_who_has_what_and_nobody_else_does(tmp_path: Path) -> None:
    async with bot_world(tmp_path) as world:
        olga = world.operator
        people = [await world.someone("Alice", "50"), await world.someone("=cmd", "7", username="cmd")]
        people += [await world.someone(f"P{number}") for number in range(10)]
        await world.pay(people[0], people[1], "2.50")
        seen = await olga.ask("/stats")
        olga.skip()
        shown = seen if seen.photo_bytes else await olga.wait(lambda message: bool(message.photo_bytes))
        assert "In circulation: 57.00 EUR" in shown.words and "3 transfers" in shown.words
        page = await world.dialog(olga, "/people")
        assert page.text.splitlines()[2].startswith("Alice (@alice_1002) · 47.50 EUR")
        assert (await (await olga.press(page, "Poorer")).answer()).text == ""
        await olga.see(page, "P9 (@p9_")
        assert page.button("Poorer") is None
        assert (await (await olga.press(page, "Richer")).answer()).text == ""
        await olga.see(page, "47.50 EUR")
        sent = await given(olga, page, "table")
        assert sent.document_bytes is not None
        rows = list(csv.reader(io.StringIO(sent.document_bytes.decode("utf-8-sig"), newline="")))
        assert len(rows) == 14 and rows[1][:4] == ["Alice", "alice_1002", str(people[0].id), "47.50"]
        assert rows[2][0] == "'=cmd"
        [stranger] = await press_all(people[0], page, 1)
        assert stranger.alert and "operator" in stranger.text
        for text in ("/stats", "/people"):
            assert "operator" in (await people[0].ask(text)).text
            assert "in private" in (await olga.ask(text, chat=world.group)).text.lower()
        await world.settle()
