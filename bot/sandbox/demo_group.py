"""The part of the demo that plays in the group: a payment, tips, a gift, a bill that is shared, money given back."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.chats import Message
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_cast import Cast, WentWrong, has_button, has_receipt, money
from bot.sandbox.demo_print import without_marks
from bot.words.language import gettext as _
from bot.words.wording import amount

DAY = timedelta(days=1)


class GroupStory:
    """What the people of a flat do with money; a step may need what one before it has left."""

    def __init__(self, cast: Cast, clock: MovedClock) -> None:
        self._cast, self._clock = cast, clock
        self._cinema: Message | None = None
        self._gift: Message | None = None

    async def pay(self) -> None:
        """Whose button it is."""
        cast = self._cast
        await cast.bob.send(without_marks(_("/pay 2.50 @alice cinema")), chat=cast.group)
        dialog = await cast.asked(cast.bob, place=cast.group)
        [refused] = await cast.answered(cast.carol, dialog, await cast.pressed(cast.carol, dialog))
        if not refused.text:
            raise WentWrong("Carol pressed Bob's button and was not told why nothing happens.")
        await cast.press(cast.bob, dialog)
        await cast.expect(cast.bob, has_receipt, "a receipt", place=cast.group)
        self._cinema = await cast.expect(cast.alice, amount(money(250)))

    async def tip(self) -> None:
        """One by a reply, one by the button below it; whoever got them is told of both at once."""
        cast = self._cast
        clean = await cast.carol.send(_("The kitchen is clean again!"), chat=cast.group)
        await cast.alice.send("/tip 1", chat=cast.group, reply_to=clean)
        tips = await cast.asked(cast.alice, place=cast.group)
        for person in (cast.alice, cast.carol):
            await cast.expect(person, has_receipt, "that Carol was tipped")
        await cast.press(cast.bob, tips)
        await cast.expect(cast.bob, has_receipt, "that Bob has tipped")
        await cast.expect(cast.carol, amount(money(200)))
        await cast.see(tips, lambda message: amount(money(200)) in message.words, "both tips")

    async def gift(self) -> None:
        """Two of three shares are claimed."""
        cast = self._cast
        await cast.alice.send(without_marks(_("/gift 6 for 3 the next round")), chat=cast.group)
        self._gift = await cast.asked(cast.alice, place=cast.group)
        await cast.expect(cast.alice, has_receipt, "that the money is put aside")
        for person in (cast.bob, cast.carol):
            await cast.press(person, self._gift)
            await cast.expect(person, has_receipt, "the share")
        await cast.see(self._gift, lambda message: message.words.count(amount(money(200))) > 2, "who has a share")

    async def next_day(self) -> None:
        """The clock jumps, and the bot gives back what is left."""
        cast, gift = self._cast, self._gift
        assert gift is not None
        self._clock.jump(DAY)
        cast.aside(cast.group.chat, _("↳ every clock jumps by 24 hours"))
        await cast.expect(cast.alice, has_receipt, "that the rest came back")
        await cast.see(gift, lambda message: not has_button(message), "that the gift is over")

    async def split(self) -> None:
        """Three are in, and it does not divide; the two who owe pay their own share, each in private."""
        cast = self._cast
        await cast.alice.send(without_marks(_("/split 10 pizza")), chat=cast.group)
        bill = await cast.asked(cast.alice, place=cast.group)
        for person in cast.people:
            await cast.press(person, bill)
        await cast.see(bill, lambda message: amount(money(334)) in message.words, "that three are in")
        await cast.press(cast.alice, bill, _("📣 Ask for it"))
        await cast.see(bill, lambda message: amount(money(666)) in message.words, "that two are asked")
        for person in (cast.bob, cast.carol):
            await cast.press(person, bill)
            await cast.press(person, await cast.asked(person))
            for told in (person, cast.alice):
                await cast.expect(told, has_receipt, "that a share is paid")
        await cast.see(bill, lambda message: not has_button(message), "that all shares are paid")

    async def refund(self) -> None:
        """By the button under what she was paid."""
        cast, cinema = self._cast, self._cinema
        assert cinema is not None
        press = await cast.pressed(cast.alice, cinema)
        cast.aside(cinema.chat, _("↳ under “{text}”").format(text=cinema.words.split("\n")[0]))
        await cast.answered(cast.alice, cinema, press)
        await cast.press(cast.alice, await cast.asked(cast.alice))
        for person in (cast.alice, cast.bob):
            await cast.expect(person, has_receipt, "that the money went back")
