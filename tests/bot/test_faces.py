"""What a message says that shows a thing, asked for as the places ask: in each of its states, for whoever reads it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.handlers import gifts, intents, issues, refunds, requests, splits, tips
from bot.qr import Style
from bot.transport.places import Show
from bot.words.links import Place
from bot.words.tellings import Face
from tests.core.giver import Giver
from tests.core.splitter import Splitter
from tests.core.story import Clock, Storyteller
from tests.core.test_refunds import Refunder
from tests.core.tipper import Tipper
from wallet_core import CancelIssue, ConfirmIssue, DeclineRequest, MakeIssue, MakeRequest, Meet, WalletCore

GROUP, INLINE = Place(-1, 5), Place.inline("posted")


class Looker:
    """Looks at things of one kind, by the names that a story gives them."""

    def __init__(self, teller: Storyteller, show: Show) -> None:
        self.teller, self.show = teller, show

    def alone(self, person: str) -> Place:
        return Place(int(self.teller.person(person).partition(":")[2]), 5)

    async def face(self, name: str, place: Place = GROUP) -> Face:
        face = await self.show(self.teller.core, self.teller.codes.get(name, name), place, "TestBot")
        assert face is not None
        return face

    async def says(self, name: str, place: Place = GROUP) -> str:
        return re.sub("<[^>]*>", "", (await self.face(name, place)).text())

    async def state(self, name: str, place: Place = GROUP) -> str:
        """What there is to know of it besides its words."""
        face = await self.face(name, place)
        known = {
            "buttons": face.buttons() is not None, "picture": face.is_picture, "redrawn": face.picture is not None,
            "final": face.is_final, "kept": face.is_kept, "cleared": face.is_cleared, "heard": face.unheard is None,
        }  # fmt: skip
        return " ".join(word for word, is_so in known.items() if is_so)

    async def labels(self, name: str, place: Place = GROUP) -> list[str]:
        keyboard = (await self.face(name, place)).buttons()
        return [] if keyboard is None else [button.text for row in keyboard.inline_keyboard for button in row]


async def speaks(teller: Storyteller, person: str, language: str) -> None:
    await teller.core.run(Meet(person=teller.person(person), handle=person, name=person.title(), language=language))


@pytest.mark.usefixtures("clock")
async def test_a_question_says_what_has_become_of_it_and_of_its_request(teller: Storyteller) -> None:
    look = Looker(teller, intents.shown)
    alone = look.alone("ann")
    await teller.tell("""
        issue   cid 10.00 second
        request bob 2.00 r-once
        request bob 2.00 r-back
        request bob 2.00 r-many any
        ask ann bob 1.00 plain
        ask ann bob ? unsaid
        ask ann bob 2.00 dropped
        ask ann bob 3.00 paid
        ask ann r-once 2.00 late
        ask ann r-back 2.00 vain
        ask ann r-many 2.00 no
        ask cid r-once 2.00 first""")
    assert await look.says("plain") == "Ann (@ann): pay 1.00 EUR to Bob (@bob)?"
    assert (await look.says("plain", alone)).startswith("Pay 1.00 EUR to Bob")
    assert await look.state("plain") == "buttons heard"
    assert (await look.says("unsaid")).startswith("How much do you want to pay to Bob")
    assert await look.state("unsaid") == "buttons heard"
    await teller.tell("""
        cancel  ann dropped
        cancel  ann no
        confirm ann paid
        confirm cid first
        withdraw_request bob r-back""")
    await teller.core.run_due()
    assert await look.says("dropped") == "✖️ 2.00 EUR to Bob (@bob): cancelled, nothing was moved."
    assert await look.says("no") == "✖️ 2.00 EUR to Bob (@bob): cancelled, nothing was moved."
    assert await look.says("paid") == "✅ 3.00 EUR to Bob (@bob): paid, once."
    assert await look.says("late") == "✅ The request of Bob (@bob) for 2.00 EUR has been paid."
    assert await look.says("vain") == "✖️ Bob (@bob) no longer asks for 2.00 EUR."
    for over in ("dropped", "no", "paid", "vain"):
        assert await look.state(over) == "final heard", over
    for its_picture_says_so in ("first", "late"):
        assert await look.state(its_picture_says_so) == "final cleared heard"
        assert await look.state(its_picture_says_so, alone) == "final heard"


async def test_a_request_shows_its_picture_until_it_is_over_and_another_to_whom_it_is_put(
    teller: Storyteller, clock: Clock
) -> None:
    look, ann = Looker(teller, requests.shown), teller.person("ann")
    wish = MakeRequest(payee=teller.person("bob"), amount=teller.money("2.00"), key="put", payer=teller.payee("ann"))
    teller.codes["put"] = (await teller.core.run(wish)).code
    await teller.tell("""
        request bob 2.00 r-paid
        request bob 2.00 r-old
        ask ann r-paid 2.00 paying""")
    style, over = Style(), await look.face("r-paid")
    assert over.picture is None
    assert await look.state("r-paid") == "buttons picture heard"
    assert "💶 Pay 2.00 EUR" in await look.labels("r-paid")
    assert "👤 Ask somebody" in await look.labels("r-paid", look.alone("bob"))
    assert await look.show(teller.core, teller.codes["r-paid"], INLINE, "TestBot") is None
    asked = look.alone("ann")
    assert await look.state("put", asked) == "buttons"
    assert await look.labels("put", asked) == ["💶 Pay 2.00 EUR", "No, thanks", "🚫 Block Bob"]
    assert "asks you" in await look.says("put", asked) and "asks Ann" in await look.says("put")
    assert "I don't write to them" in await look.says("put", look.alone("bob"))
    assert "I don't write to them" not in await look.says("put")
    await teller.tell("confirm ann paying")
    assert await look.state("r-paid") == "buttons picture redrawn final kept heard"
    assert await look.state("r-paid", INLINE) == "buttons picture redrawn final heard"
    drawn = (await look.face("r-paid")).picture
    assert drawn is not None and drawn(style).startswith(b"\x89PNG")
    await teller.core.run(DeclineRequest(code=teller.codes["put"], person=ann))
    assert await look.state("put", asked) == "final"
    assert await look.labels("put", asked) == []
    clock.now += timedelta(days=30)
    await teller.core.run_due()
    assert "has expired" in await look.says("r-old")


async def test_a_gift_is_a_button_in_a_group_and_a_picture_in_private_until_nothing_is_left(
    core: WalletCore, clock: Clock
) -> None:
    teller = Giver(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        open  cid
        issue ann 10.00 i
        gift  ann 2.00 one
        gift  ann 2.00 two 2
        gift  ann 2.00 back 2""")
    look, style = Looker(teller, gifts.shown), Style()
    alone = look.alone("ann")
    assert await look.state("one") == "buttons kept heard"
    assert await look.labels("one") == ["🎁 Claim 2.00 EUR", "↩️ Take back", "📤 Share"]
    assert await look.state("one", alone) == "buttons picture kept heard"
    assert await look.labels("one", alone) == ["↩️ Take back", "📤 Share"]
    assert await look.show(core, teller.codes["one"], INLINE, "TestBot") is None, "it says all there is to say"
    assert await look.state("two", INLINE) == "buttons heard"
    await teller.tell("""
        claim bob one
        claim bob two
        claim bob back
        take_back ann back""")
    assert await look.state("one") == "buttons final kept heard"
    assert await look.state("one", alone) == "buttons picture redrawn final kept heard"
    assert await look.state("one", INLINE) == "buttons final heard"
    assert await look.state("two") == "buttons kept heard", "a share is left"
    assert "1.00 EUR is left" in await look.says("two") and "Bob (@bob) got 1.00 EUR" in await look.says("two")
    drawn = (await look.face("one", alone)).picture
    assert drawn is not None and drawn(style).startswith(b"\x89PNG")
    assert await look.state("back") == "final kept heard"
    assert "took 1.00 EUR back" in await look.says("back")
    clock.now += timedelta(days=2)
    assert await look.says("two")
    assert await look.state("two") == "kept heard", "its time is over, and what is left is still to come back"
    await teller.core.run_due()
    assert await look.state("two") == "final kept heard"


async def test_a_question_about_giving_back_becomes_the_receipt(core: WalletCore, clock: Clock) -> None:
    teller = Refunder(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        issue ann 10.00 i
        transfer ann bob 4.00 paid
        ask_refund bob paid 1.00 yes
        ask_refund bob paid 1.00 no""")
    look = Looker(teller, refunds.shown)
    assert (await look.says("yes")).startswith("Give 1.00 EUR back to Ann")
    assert await look.state("yes") == "buttons heard"
    await teller.tell("""
        confirm_refund bob yes
        cancel_refund  bob no""")
    assert (await look.says("yes")).startswith("↩️ Gave back 1.00 EUR")
    assert "not given back, nothing was moved" in await look.says("no")
    assert (await look.state("yes"), await look.state("no")) == ("final heard", "final heard")


async def test_a_question_about_issuing_becomes_the_receipt(teller: Storyteller) -> None:
    look = Looker(teller, issues.shown)
    await teller.tell("open operator")
    operator = teller.person("operator")
    for name in ("yes", "no"):
        wish = MakeIssue(by=operator, to=teller.payee("bob"), amount=teller.money("3.00"), key=f"key of {name}")
        teller.codes[name] = (await teller.core.run(wish)).code
    assert await look.labels("yes") == ["✅ Issue 3.00 EUR", "✖️ Cancel"]
    assert await look.state("yes") == "buttons heard"
    await teller.core.run(ConfirmIssue(code=teller.codes["yes"], person=operator))
    await teller.core.run(CancelIssue(code=teller.codes["no"], person=operator))
    assert (await look.says("yes")).startswith("🏦 Issued 3.00 EUR")
    assert "not issued, nothing was moved" in await look.says("no")
    assert (await look.state("yes"), await look.state("no")) == ("final heard", "final heard")


async def test_a_bill_has_a_button_for_each_person_where_its_asker_alone_reads_it(
    core: WalletCore, clock: Clock
) -> None:
    teller = Splitter(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        open  cid
        issue bob 10.00 i
        split ann 9.00 dinner
        enter bob dinner
        enter cid dinner""")
    await speaks(teller, "ann", "de")
    look, mine = Looker(teller, splits.shown), Looker(teller, splits.share_shown)
    ann, bob = look.alone("ann"), look.alone("bob")
    assert await look.state("dinner") == "buttons kept heard"
    assert await look.labels("dinner", ann) == await look.labels("dinner"), "nobody is asked yet"
    assert ((await look.face("dinner", ann)).own, (await look.face("dinner")).own) == ("de", None)
    assert (await look.face("dinner", Place(999, 5))).own is None, "whoever that is"
    await teller.tell("ask_for ann dinner")
    assert await look.labels("dinner", ann) != await look.labels("dinner")
    assert await look.labels("dinner", bob) == await look.labels("dinner")
    teller.codes["bob's"] = (await teller.share("dinner", "bob")).code
    assert await mine.labels("bob's", bob) == ["✅ Pay 4.50 EUR", "🙅 Not me"]
    assert await mine.state("bob's", bob) == "buttons heard"
    await teller.tell("pay_share bob dinner bob")
    assert "your share is paid, once" in await mine.says("bob's", bob)
    assert await mine.state("bob's", bob) == "heard", "it may be given back"


async def test_a_share_of_somebody_who_is_not_known_is_in_nobodys_language(core: WalletCore, clock: Clock) -> None:
    teller = Splitter(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        split ann 9.00 dinner @bob @eve
        """)
    await speaks(teller, "bob", "de")
    mine = Looker(teller, splits.share_shown)
    for whose, language in (("bob", "de"), ("@eve", None)):
        teller.codes[whose] = (await teller.share("dinner", whose)).code
        assert (await mine.face(whose)).own == language


async def test_what_a_message_was_tipped_stands_below_it_in_its_own_group(core: WalletCore, clock: Clock) -> None:
    teller = Tipper(core, clock)
    await teller.tell("""
        open  ann
        open  bob
        issue ann 10.00 i
        tip   ann bob 1.00 77 a""")
    look, asks = Looker(teller, tips.shown), Looker(teller, tips.question_shown)
    face = await look.face("-1/0.77", Place(-1, 90))
    assert (face.below, face.own, await look.state("-1/0.77")) == (77, None, "buttons kept heard")
    assert await look.says("-1/0.77") == "🪙 1.00 EUR from Ann"
    moved = await look.face("-1/0.77", Place(-100200, 90))
    assert moved.below is None, "in the supergroup that its group became that message has another number"
    await teller.tell("tip ann bob usual 78 q -> asked (open)")
    asked = await asks.face("q", Place(-1, 0, "78.12"))
    assert (asked.below, asked.alone) == (78, asks.alone("ann").chat_id)
    assert (await asks.face("q", Place(-1, 91))).below is None, "it stands already"
    assert await asks.state("q") == "buttons heard"
    await teller.tell("answer_tip ann q 1.00")
    assert await asks.state("q") == "final heard"
    assert "your usual tip is 1.00 EUR" in await asks.says("q")
