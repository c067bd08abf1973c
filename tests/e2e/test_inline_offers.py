"""What `@bot` offers to whom, in one world: what is one's own, and nothing for words that cannot be read."""

import pytest

from tests.e2e.inline import asked_in_private, card, offered
from tests.e2e.world import World, press_all

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_without_words_ones_own_qr_and_open_requests_are_offered(box_world: World) -> None:
    world = box_world
    alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
    assert await offered(alice, "") == (["My QR code"], "")
    for words in ("5 zebra", "any zebra"):
        await alice.ask(f"/request {words}")
    titles, _ = await offered(alice, " ")
    assert titles == ["My QR code", "Your request for any amount", "Your request for 5.00 EUR"]

    own = await card(alice, "", "My QR")
    assert "any amount, any time" in own.text and own.buttons[0][0].kind == "url"
    await bob.open(own.buttons[0][0].value)
    assert "How much do you want to pay to Alice" in (await bob.next()).text
    await bob.ask("/cancel")

    shared = await card(alice, "", "5.00")
    assert "asks for 5.00 EUR" in shared.text and "Open until" in shared.text and "Scan" not in shared.text
    await press_all(bob, await asked_in_private(bob, shared), 1)
    await alice.see(shared, "5.00 EUR: paid", chat=shared.chat)
    picture = next(message for message in alice.private.messages if "5.00 EUR" in message.caption)
    await alice.see(picture, "5.00 EUR: paid")  # it was this one
    late = await card(alice, "", "any amount")
    assert late.buttons[0][0].kind == "url"


async def test_a_share_button_names_only_what_is_ones_own(box_world: World) -> None:
    world = box_world
    alice, bob = await world.someone("Alice"), await world.someone("Bob", "20")
    await alice.send("/request 5 zebra")
    asked = await alice.wait("asks for")
    code = asked.caption.partition("Code: ")[2].split()[0]
    me = next(r["id"] for r in await (await alice.inline("")).results() if r["id"].startswith("p_"))
    assert await offered(alice, code) == (["Your request for 5.00 EUR"], "")
    assert await offered(alice, me) == (["My QR code"], "")
    for person, words, said in (
        (bob, code, "only what is your own"),
        (bob, me, "only what is your own"),
        (bob, "r_0000000000000000", "no request with this code"),
        (bob, "p_0000000000000000", "only what is your own"),
    ):
        titles, button = await offered(person, words)
        assert not titles and said in button, words
    await (await alice.press(asked, "Cancel")).answer()
    titles, button = await offered(alice, code)
    assert not titles and "was cancelled" in button


async def test_somebody_without_a_wallet_is_led_to_open_one(box_world: World) -> None:
    nora = await box_world.stranger("Nora")
    for words in ("", "5 zebra", "r_0000000000000000"):
        query = await nora.inline(words)
        assert not await query.results() and "Open your wallet" in await query.said()
    await nora.start((await query.answer())["button"]["start_parameter"])
    await nora.wait("0.00 EUR")
    assert (await offered(nora, "5 zebra"))[0][:1] == ["Ask for 5.00 EUR"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("coffee", "no amount that I can read"),
        ("any", "no amount that I can read"),
        ("0", "is nothing"),
        ("-5", "leave out the sign"),
        ("+5 coffee", "leave out the sign"),
        ("1,000", "could mean two things"),
        ("5 10", "two amounts"),
        ("0.001", "finer than EUR gets"),
        ("5 k", "all its digits"),
        ("5+3", "the one amount"),
        ("٥5", "the digits 0 to 9"),
        ("5 USD", "we use EUR, not USD"),
        ("9" * 40, "more money than I can count"),
        ("5\u200b0", "can't be seen"),
        ("/pay 5", "no amount that I can read"),
        ("@bob 5", "no amount that I can read"),
        ("5 " + "m" * 201, "characters"),
        ("😀" * 200, "no amount that I can read"),
    ],
)
async def test_what_cannot_be_read_offers_nothing_and_says_why(box_world: World, words: str, said: str) -> None:
    alice = box_world.box.people.get(1_900) or box_world.box.person(1_900, "Typist")
    if not alice.private.bot_is_in:
        await alice.start()
        await alice.wait("0.00 EUR")
    titles, button = await offered(alice, words)
    assert not titles and said in button and len(button) <= 200


async def test_a_card_that_comes_back_to_the_bot_does_nothing(box_world: World) -> None:
    """It is posted where the bot is, too; its words are no command, and not the person's own."""
    world = box_world
    alice = await world.someone("/pay 5 @bob", username="alicia")
    for chat in (world.group, alice.private):
        for words in ("", "5 /pay 5 @alicia"):
            query = await alice.inline(words)
            results = await query.results()
            assert all(not r["input_message_content"]["message_text"].startswith("/") for r in results)
            await query.choose(0, chat=chat)
    before = len(alice.private.messages), len(world.group.messages)
    await alice.send("/pay 5 @alicia", chat=world.group, marks={"via_bot": world.box.world.bot})
    await alice.send("5", marks={"via_bot": world.box.world.bot})
    await world.box.idle()
    assert (len(alice.private.messages), len(world.group.messages)) == (before[0] + 1, before[1] + 1)
    assert "Good to see you" in (await alice.ask("/start")).text  # nothing was said in between
