"""What is nobody else's business in a group, and a dialog that was made and never posted."""

import asyncio
from pathlib import Path

from tests.bot.club import BOT, open_club

NO_RIGHTS = "Bad Request: not enough rights to send text messages to the chat"


async def test_no_code_pays_in_a_group_and_a_dialog_that_was_never_posted_is_posted_at_the_next_press(
    tmp_path: Path,
) -> None:
    async with open_club(tmp_path) as club:
        request = await club.said(club.bob, "/request 3", in_group=True)
        link = (await club.said(club.bob, "/qr")).caption.split()[-1]
        payload = next(word for word in request.caption.split() if word.startswith("https://")).split("=")[1]
        own = link.split("=")[1]
        for text in (payload, payload.removeprefix("r_"), f"{own} 5", f"{link} 5"):
            answer = await club.said(club.ann, f"/pay {text}", in_group=True)
            assert "private" in answer.words and not answer.buttons

        for method in ("sendMessage", "sendPhoto"):
            club.box.fail(method, times=2, code=400, description=NO_RIGHTS)
        refused = asyncio.create_task(club.box.called("sendMessage", lambda call: call.status == 400))
        await club.ann.press(request, "Pay")
        await refused
        await club.box.idle()
        club.box.api.faults.clear()
        club.ann.skip(chat=club.group)
        await club.ann.press(request, "Pay")
        dialog = await club.ann.wait(lambda said: said.sender_id == BOT and bool(said.buttons), chat=club.group)
        assert "pay 3.00 EUR" in dialog.words
        await club.ann.press(dialog)
        await club.ann.wait("Your balance: 17.00 EUR")
