"""The scripted conversation of the demo: every step says what must come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
from babel.numbers import format_decimal

from bot.qr import read_qr
from bot.sandbox.chats import Message
from bot.sandbox.clock import MovedClock
from bot.sandbox.demo_cast import OPERATOR_ID, Cast, WentWrong, has_button, has_receipt, money, receipt_in
from bot.sandbox.demo_group import GroupStory
from bot.sandbox.demo_print import Terminal, without_marks
from bot.words.language import gettext as _
from bot.words.language import locale, spoken
from bot.words.wording import amount

EXPECTED = {1001: money(2666), 1002: money(267), OPERATOR_ID: money(67)}  # what everybody has at the end
# Issued, topped up, paid by QR, paid in the group; two tips; a gift, claimed twice, the rest back; two shares; given
# back. The second press is not another one.
TRANSFERS = 13


def _has_page(message: Message) -> bool:
    return any(button.kind == "url" for row in message.buttons for button in row)


class Story:
    """From the first Start to the audit."""

    def __init__(self, cast: Cast, terminal: Terminal, *, picture: Path, clock: MovedClock) -> None:
        self._cast, self._terminal, self._picture = cast, terminal, picture
        self._group = GroupStory(cast, clock)

    async def tell(self) -> None:
        """All of it, in order. Raises WentWrong."""
        group = self._group
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            (_("Everybody presses Start"), self._start),
            (_("Carol, the operator, issues money"), self._issue),
            (_("Alice tops up herself, on the page of a gateway with play money"), self._top_up),
            (_("Bob asks for money with a QR picture"), self._request),
            (_("Alice scans it and presses Pay twice; it is paid once"), self._scan),
            (_("Bob pays in the group; Carol presses his button first and is refused"), group.pay),
            (_("Bob has not enough money"), self._too_little),
            (_("Carol has cleaned the kitchen, and is tipped by two"), group.tip),
            (_("Alice puts a gift for three into the group; two claim a share"), group.gift),
            (_("A day goes by: what nobody has claimed comes back by itself"), group.next_day),
            (_("Alice has paid for the pizza: 10.00 are shared by three"), group.split),
            (_("The film was cancelled: Alice gives Bob his money back"), group.refund),
            (_("What is in the books"), self._books),
        )
        for title, step in steps:
            self._terminal.title(title)
            self._cast.skip()
            await step()

    async def _start(self) -> None:
        cast = self._cast
        await cast.start(cast.alice)
        with self._terminal.held(is_forgotten=True):
            for person in (cast.bob, cast.carol):
                await cast.start(person)
        cast.aside(cast.alice.private, _("↳ Bob and Carol press Start too, and read the same"))

    async def _issue(self) -> None:
        cast = self._cast
        await cast.carol.send(without_marks(_("/issue 20 @alice paid in cash")))
        await cast.press(cast.carol, await cast.asked(cast.carol))
        for person in (cast.carol, cast.alice):
            await cast.expect(person, amount(money(2000)))

    async def _top_up(self) -> None:
        cast = self._cast
        await cast.alice.send("/topup 10")
        asked = await cast.expect(cast.alice, _has_page, "where to pay")
        [page] = [button.value for row in asked.buttons for button in row if button.kind == "url"]
        says = _("↳ Alice opens {url} in her browser, and presses Pay there").format(url=page)
        cast.aside(cast.alice.private, says)
        async with aiohttp.ClientSession() as browser, browser.post(f"{page}/pay") as answer:
            if answer.status != 200:
                raise WentWrong(f"the page answers {answer.status}.")
        await cast.expect(cast.alice, has_receipt, "that the money has come in")

    async def _request(self) -> None:
        cast = self._cast
        await cast.bob.send(without_marks(_("/request 5 coffee")))
        message = await cast.expect(cast.bob, lambda message: message.photo_bytes is not None, "a QR picture")
        self._asked, data = message, message.photo_bytes
        assert data is not None
        await asyncio.to_thread(_keep, data, self._picture)
        [self._link] = read_qr(data).texts
        says = _("↳ the picture of {count} bytes that the bot sent says {link}")
        count = format_decimal(len(data), locale=locale(spoken()))
        cast.aside(message.chat, says.format(count=count, link=self._link))
        cast.aside(message.chat, _("↳ it is now in {file}").format(file=self._picture))

    async def _scan(self) -> None:
        cast = self._cast
        await cast.alice.open(self._link)
        dialog = await cast.asked(cast.alice)
        presses = [await cast.pressed(cast.alice, dialog) for _ in range(2)]
        await cast.answered(cast.alice, dialog, *presses)
        code = receipt_in(await cast.expect(cast.alice, has_receipt, "a receipt"))
        told = await cast.expect(cast.bob, has_receipt, "that Alice has paid")
        if code not in told.words:
            raise WentWrong(f"Alice and Bob were told different receipt codes: {code} is not in {told.words!r}.")
        if has_button(self._asked):  # the request's own picture says so too, a moment later
            await cast.expect(cast.bob, lambda message: message is self._asked, "under the picture that it is paid")

    async def _too_little(self) -> None:
        cast = self._cast
        await cast.bob.send(without_marks(_("/pay 100 @alice a bicycle")))
        message = await cast.expect(cast.bob, "")
        if message.buttons:
            await cast.press(cast.bob, message)

    async def _books(self) -> None:
        cast = self._cast
        await cast.alice.send("/history")
        await cast.expect(cast.alice, lambda message: _("coffee") in message.words, "Alice's history")
        await cast.carol.send("/audit")
        await cast.expect(cast.carol, lambda message: "✅" in message.words, "that the books are sound")


def _keep(data: bytes, picture: Path) -> None:
    try:
        picture.write_bytes(data)
    except OSError as error:
        with suppress(OSError):
            picture.unlink()
        raise OSError(error.errno, error.strerror, str(picture)) from None
