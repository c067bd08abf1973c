"""/stats, /people and /statement: every press is answered, what was said meanwhile goes, and who may not must not."""

from pathlib import Path

from bot.words import stats as words
from tests.bot.club import open_club
from tests.bot.old_buttons import DEAD, old_button
from tests.bot.test_in_charge import OPERATORS_ONLY, PRIVATE_ONLY
from tests.bot.test_manners import taken_away


async def test_who_is_in_charge_alone_looks_at_everybody_and_nothing_is_left_of_the_waiting(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        ann = club.ann
        counting = await club.said(ann, "/stats")
        assert counting.words == "📈 I'm counting…"
        assert "In 30 days: 1 transfer" in (await ann.wait(lambda message: message.photo_bytes is not None)).words
        await taken_away(club, counting)
        assert counting not in ann.private.messages

        page = await club.said(ann, "/people")
        table = page.buttons[-1][0]
        assert table.value.startswith(words.AS_TABLE)
        for data in (f"{words.PEOPLE}:{words.FIRST}", table.value):
            stranger = await (await club.bob.press(old_button(club, club.bob.private, data))).answer()
            assert OPERATORS_ONLY in stranger.text, data
            there = await (await ann.press(old_button(club, club.group.chat, data))).answer()
            assert PRIVATE_ONLY in there.text, data
        for data in (f"{words.PEOPLE}:", f"{words.PEOPLE}:x", f"{words.PEOPLE}:-1", f"{words.PEOPLE}:1.2.3"):
            assert (await (await ann.press(old_button(club, ann.private, data))).answer()).text == DEAD, data
        beyond = old_button(club, ann.private, f"{words.PEOPLE}:d.0.zzz")  # all of them have something else now
        assert (await (await ann.press(beyond)).answer()).text == ""
        assert beyond.words == page.words and "Ann (@ann) · 20.00 EUR" in page.words
        assert (await (await ann.press(page, table.text)).answer()).text == ""
        assert (await ann.wait(lambda message: message.document_bytes is not None)).document_bytes


async def test_ten_people_are_on_a_page(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        for number, has_more in ((8, False), (1, True)):
            for nth in range(number):
                person = club.box.person(2_000 + 10 * number + nth, f"P{nth}")
                await person.start()
                await person.wait("balance")
            assert ((await club.said(club.ann, "/people")).button("Poorer") is not None) == has_more


async def test_a_statement_that_was_made_is_no_open_question_and_its_press_is_answered(tmp_path: Path) -> None:
    async with open_club(tmp_path) as club:
        ann = club.ann
        which = await club.said(ann, "/statement")
        assert (await (await ann.press(which, "This month")).answer()).text == ""
        await club.box.idle()
        made = await (await ann.press(which, "picture")).answer()
        assert made.text == ""
        await ann.wait(lambda message: message.photo_bytes is not None)
        assert "Nothing waits" in (await club.said(ann, "/cancel")).words
        person = f"{ann.id}"
        for data in (f"stm:{person}.x", "stm:", f"stm:{person}"):
            dead = await (await ann.press(old_button(club, ann.private, data))).answer()
            assert dead.text == DEAD, data
