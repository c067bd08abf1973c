"""While the community is wound down, every way to begin something says so at its first step; back and out go on."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox import Message, Person, Sandbox
from tests.bot.club import Club, running, settings_for
from tests.bot.test_cash import BY_BOTH, cash_club, toasted
from tests.e2e.world import receipt_code

ALONE = (
    "@bob", "hello", "5", "💶 Pay", "🧾 Ask", "/pay", "/pay 5", "/pay abc", "/pay 5 @bob", "/pay 5 @nobody_known",
    "/pay 5 @TuppenceBot", "/request", "/request 5", "/request abc", "/qr 5 tea", "/gift", "/gift 5", "/gift abc",
    "/gift 5 @TuppenceBot", "/tip", "/tip 5", "/topup", "/topup 5", "/topup abc", "/issue 5 @bob", "/issue", "/issue x",
)  # fmt: skip
CLOSED = "winding down: until 2090-03-31 23:59"


def link_in(message: Message, kind: str) -> str:
    return next(word for word in message.caption.split() if f"start={kind}_" in word).partition("start=")[2]


async def said_to(club: Club, person: Person, text: str) -> str:
    """What a press, or words in private, are answered with."""
    return (await club.said(person, text)).words


async def test_nothing_new_begins_and_whoever_was_asked_before_hears_so_at_the_next_step(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path, gateways="operator")):
        club = Club(box)
        await club.begin()
        ann, bob, group = club.ann, club.bob, club.group
        own = link_in(await club.said(bob, "/qr"), "p")
        bobs = await club.said(bob, "/request 4 tea")
        tag = link_in(bobs, "r")
        await ann.press(await club.said(ann, "/pay 3 @bob song"))
        paid = await ann.wait("Receipt")
        asked = await club.said(bob, "/request 2", in_group=True)
        split = await club.said(bob, "/split 4 pizza", in_group=True)
        bill = await club.said(bob, "/split 6 lunch @ann", in_group=True)
        gathers, asks = (next(b.value for row in each.buttons for b in row).split(":")[1] for each in (split, bill))
        joke = await bob.send("a joke", chat=group)
        await ann.send("/tip 0.50", chat=group, reply_to=joke)
        tipped = await ann.wait("0.50", chat=group)
        top_up = await club.said(ann, "/topup")
        opened = await club.said(ann, "/history")
        await (await ann.press(opened, "2")).answer()
        await ann.see(opened, "song")
        await (await ann.press(opened, _like(opened, "Pay again"))).answer()  # asked before, and asked no more
        await club.said(bob, "🧾 Ask")
        await bob.send("@ann")
        much = await bob.wait("How much do you ask")
        await club.said(ann, "💶 Pay")
        whom = await ann.wait("Or one of these")
        usual = await club.said(ann, "/tip")
        assert "How much do you want to pay to Bob" in (await club.said(ann, f"/start {own}")).words
        closing = await club.said(ann, "/close 2090-03-31")
        await ann.press(closing)
        await ann.see(closing, "Messages sent: 2")
        await bob.wait("winding down")

        for person, message, button in (
            (ann, asked, ""), (ann, split, ""), (bob, split, "Ask for it"), (ann, tipped, ""), (ann, top_up, "20.00"),
            (ann, opened, "Pay again"), (bob, much, "5.00 EUR"), (ann, whom, "Bob"), (bob, bobs, "Ask somebody"),
            (ann, usual, "2.00"), (ann, bill, "Pay my share"),
        ):  # fmt: skip
            assert CLOSED in (await (await person.press(message, _like(message, button))).answer()).text, button
        for text in (*ALONE, f"/start {own}", f"/start {tag}", f"/start s_{gathers}", f"/start s_{asks}"):
            assert CLOSED in await said_to(club, ann, text), text
        for text in ("hello", "7"):
            assert CLOSED in await said_to(club, bob, text), text
        for text in ("/pay", "/split", "/split 5 tea", "/gift", "/request", "/tip"):
            assert CLOSED in (await club.said(ann, text, in_group=True)).words, text
        for text in ("5 tea", "", "x"):
            assert CLOSED in await (await ann.inline(text)).said(), text

        for person, hello in ((ann, "Good to see you again"), (club.eve, "Your wallet is open")):
            said = await said_to(club, person, "/start")
            assert hello in said and "take your money out by 2090-03-31 23:59" in said and "/pay" not in said, said
        assert "Dropped" in await said_to(club, ann, "/cancel")
        await ann.send("/balance")
        assert CLOSED.partition(":")[0] in (await ann.wait("16.50 EUR")).words
        assert (await club.said(ann, "/withdraw 2")).buttons
        assert "Give 3.00 EUR back to" in await said_to(club, bob, f"/refund {receipt_code(paid)}")


async def test_what_was_asked_is_not_asked_anew_and_what_is_over_is_shown_as_before(tmp_path: Path) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        ann, bob, group = club.ann, club.bob, club.group
        request = await club.said(bob, "/request 1", in_group=True)
        await ann.press(request, "Pay")
        await ann.wait("pay 1.00 EUR", chat=group)
        bill = await club.said(bob, "/split 2 tea @ann", in_group=True)
        code = next(button.value for row in bill.buttons for button in row).split(":")[1]
        await ann.press(bill, "Pay my share")
        question = await ann.wait("Pay 2.00 EUR to Bob")
        await ann.press(question, "Not me")
        await ann.see(question, "no share in this bill")
        closing = await club.said(ann, "/close 2090-03-31")
        await ann.press(closing)
        await ann.see(closing, "Messages sent: 2")
        assert CLOSED in (await (await ann.press(request, "Pay")).answer()).text
        for person, what in ((ann, "no share in this bill"), (bob, "tea")):
            await box.idle()
            person.skip()
            await person.start(f"s_{code}")
            await person.wait(what)


async def test_who_has_begun_to_bring_money_in_hears_so_before_the_way_is_asked(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        how_much = await club.said(club.ann, "/topup")
        closing = await club.said(club.ann, "/close 2090-03-31")
        await club.ann.press(closing)
        await club.ann.see(closing, "Messages sent: 2")
        assert CLOSED in await toasted(club.ann, how_much, "5.00 EUR")
        assert how_much.button("5.00 EUR") is not None


async def test_where_money_has_no_way_out_nobody_is_sent_to_a_command_that_the_bot_does_not_know(
    tmp_path: Path,
) -> None:
    async with Sandbox() as box, running(settings_for(box, tmp_path)):
        club = Club(box)
        await club.begin()
        ann, bob = club.ann, club.bob
        said = [(await club.said(bob, "/terms")).words]
        closing = await club.said(ann, "/close 2090-03-31")
        said.append(closing.words)
        await ann.press(closing)
        await ann.see(closing, "Messages sent: 2")
        told = await bob.wait("winding down")
        assert "ask the operator for your money by 2090-03-31 23:59" in told.words
        said += [closing.words, told.words]
        said += [
            (await club.said(bob, text)).words for text in ("/start", "/balance", "/pay 1 @ann", "/topup", "/help")
        ]
        assert CLOSED in said[-3] and "ask the operator" in said[-3]
        for text in said:
            assert "/withdraw" not in text and "/topup" not in text, text


async def test_where_money_has_a_way_out_everybody_hears_which(tmp_path: Path) -> None:
    async with cash_club(tmp_path, **BY_BOTH) as club:
        ann, bob = club.ann, club.bob
        assert "/withdraw says how" in (await club.said(bob, "/terms")).words
        closing = await club.said(ann, "/close 2090-03-31")
        await ann.press(closing)
        await ann.see(closing, "Messages sent: 2")
        assert "/withdraw" in closing.words
        assert "/withdraw" in (await bob.wait("winding down")).words
        assert "(/withdraw)" in await said_to(club, bob, "/pay 1 @ann")


def _like(message: Message, text: str) -> str:
    """The whole text of a button."""
    return next(button.text for row in message.buttons for button in row if text in button.text)
