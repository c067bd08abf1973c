"""Lightning against a real LNbits: in by an invoice, out to one, once each, whatever is lost on the way (G16)."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.gateways.bolt11 import read_invoice
from bot.qr import read_qr
from bot.sandbox import Message, Person
from tests.e2e.lnbits import Line, Lnbits, an_lnbits, free_port
from tests.e2e.world import World, bot_world


async def brings(person: Person, amount: int) -> str:
    """The invoice of a new top-up."""
    person.skip()
    await person.send(f"/topup {amount}")
    shown = await person.wait("lnbc", timeout_s=90)
    return next(word for word in shown.words.split() if word.startswith("lnbc"))


async def takes(person: Person, amount: int, invoice: str) -> Message:
    """The question of a withdrawal, or whatever else is said."""
    return await person.ask(f"/withdraw {amount} {invoice}")


async def test_g16_lightning_pays_in_and_out_once_whatever_is_lost_on_the_way(tmp_path: Path) -> None:
    async with an_lnbits(tmp_path) as node, Line(int(node.url.rpartition(":")[2])) as line:
        port = free_port()
        settings = {
            "GATEWAYS": "lightning", "CURRENCY": "SAT", "LNBITS_URL": line.url, "LNBITS_KEY": node.bot["adminkey"],
            "GATEWAY_PORT": str(port), "LNBITS_WEBHOOK": f"http://127.0.0.1:{port}/gateways/lightning/s3cret",
        }  # fmt: skip
        async with bot_world(tmp_path, **settings) as world:
            alice = await world.stranger("Alice")
            await alice.start()
            await alice.wait("0 SAT")
            await _comes_in(world, node, alice)
            await _goes_out(world, node, alice)
            await _hints_are_no_money(world, alice, port)
            await _answers_are_lost(world, node, line, alice)
            assert await node.balance(node.bot) == 100 - 40 + 300 - 30 - 20
            assert await world.balance(alice) == str(100 - 42 + 300 - 32 - 22)
            assert node.bot["adminkey"] not in world.log and "s3cret" not in world.log


async def _comes_in(world: World, node: Lnbits, alice: Person) -> None:
    invoice = await brings(alice, 100)
    shown = next(message for message in reversed(alice.private.messages) if invoice in message.words)
    if shown.photo_bytes is not None:  # where LNbits took longer than three seconds, only its text came
        assert read_qr(shown.photo_bytes).texts == (f"lightning:{invoice}".upper(),)
    assert read_invoice(invoice).amount_msat == 100_000
    assert await node.pay(invoice) == 201
    await alice.wait("100 SAT has come in", timeout_s=90)
    assert await node.pay(invoice) == 520  # nobody pays it twice
    await alice.see(shown, "100 SAT has come in")
    assert (await world.balance(alice), await world.transfers()) == ("100", 1)


async def _goes_out(world: World, node: Lnbits, alice: Person) -> None:
    before = await node.balance(node.payer)
    invoice = await node.invoice(40)
    assert "make an invoice" in (await alice.ask("/withdraw 40")).text
    for wrong, reason in (("lnbc1nonsense", "no Lightning invoice"), (await node.invoice(41), "another amount")):
        assert reason in (await takes(alice, 40, wrong)).text
    question = await takes(alice, 40, invoice)
    assert "Pay your invoice for 40 SAT?" in question.text and "2 SAT" in question.text
    assert "being paid already" in (await takes(alice, 40, invoice.upper())).text
    await alice.press(question)
    await alice.see(question, "40 SAT was paid out", timeout_s=90)
    assert await node.balance(node.payer) == before + 40
    assert "being paid already" in (await takes(alice, 40, invoice)).text
    own = await brings(alice, 10)  # an invoice of the bot's own wallet would pay itself
    question = await takes(alice, 10, own)
    await alice.press(question)
    await alice.see(question, "is back in your wallet", timeout_s=90)
    question = await takes(alice, 11, await node.invoice(11))
    await alice.press(question, 1)  # never mind
    await alice.see(question, "nothing was moved")
    assert await world.balance(alice) == "58"


async def _hints_are_no_money(world: World, alice: Person, port: int) -> None:
    code = (await brings(alice, 77)) and "0" * 25
    url = f"http://127.0.0.1:{port}/gateways/lightning"
    async with httpx.AsyncClient() as client:
        for end, body, status in (
            ("", b"{}", 401), ("/wrong", b"{}", 401), ("/s3cret", b"[", 401), ("/s3cret", b"x" * 70_000, 413),
            ("/s3cret", f'{{"external_id": "{code}", "paid": true, "amount": 77000}}'.encode(), 204),
        ):  # fmt: skip
            assert (await client.post(url + end, content=body)).status_code == status
    await world.settle()
    assert await world.balance(alice) == "58"


async def _answers_are_lost(world: World, node: Lnbits, line: Line, alice: Person) -> None:
    """LNbits does it, and its answer never comes; then it is away; all is found, once."""
    await alice.send("/cancel")
    await world.settle()
    line.lose_posts = 1
    invoice = await brings(alice, 300)
    assert [each["amount"] for each in await node.payments(node.bot)].count(300_000) == 1
    await node.pay(invoice)
    await alice.wait("300 SAT has come in", timeout_s=120)
    before = await node.balance(node.payer)
    question = await takes(alice, 30, await node.invoice(30))
    line.lose_posts = 1
    await alice.press(question)
    await alice.see(question, "30 SAT was paid out", timeout_s=120)
    assert line.lose_posts == 0 and await node.balance(node.payer) == before + 30
    question = await takes(alice, 20, await node.invoice(20))
    line.is_cut = True
    await alice.press(question)
    await alice.see(question, "I don't know yet", timeout_s=90)
    await world.bot.kill()
    line.is_cut = False
    await world.start_bot()
    await alice.see(question, "20 SAT was paid out", timeout_s=180)
    assert await node.balance(node.payer) == before + 50
