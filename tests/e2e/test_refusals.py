"""Who cannot pay or be paid, and what a group never shows."""

import re

import pytest

from bot.sandbox import Message, Person
from tests.e2e.world import MEMO, World, id_of, press_all
from wallet_core import HistoryOf, OpenIntents, PersonById, WalletOf

pytestmark = pytest.mark.asyncio(loop_scope="module")

TELEGRAM_ID, ANONYMOUS_ID, CHANNEL_ID = 777000, 1087968824, 136817688


async def rich(world: World) -> tuple[Person, Person]:
    """Alice, who could pay, and Bob."""
    return await world.someone("Alice", "50"), await world.someone("Bob")


async def refused(
    world: World, payer: Person, text: str, *, reply_to: Message | None = None, chat: object = None, offers: str = ""
) -> str:
    """The answer to a wish that cannot be granted, with at most a button for what can be done instead."""
    answer = await payer.ask(text, reply_to=reply_to, chat=chat)  # type: ignore[arg-type]
    assert answer.text and [button.text for row in answer.buttons for button in row] == ([offers] if offers else [])
    assert "Something went wrong" not in answer.text
    assert await world.core.ask(OpenIntents(id_of(payer))) == ()
    return answer.text


async def test_somebody_who_never_started_the_bot_cannot_be_paid_and_the_answer_says_how_to_change_that(
    box_world: World,
) -> None:
    alice, _ = await rich(box_world)
    group = box_world.group
    stranger = await box_world.stranger("Stranger")
    link = f"https://t.me/{box_world.box.username}?start=hi"
    for chat in (None, group):
        for name in ("@nobody_knows_this", f"@{stranger.username}"):
            gift = f"🎁 Gift 5.00 EUR to {name}"
            answer = await refused(box_world, alice, f"/pay 5 {name} {MEMO}", chat=chat, offers=gift)
            assert link in answer and name in answer
    said = await stranger.send("/help", chat=group)
    answer = await refused(box_world, alice, "/pay 5", reply_to=said, chat=group)
    assert link in answer
    answer = await refused(box_world, alice, f"/pay 5 @{stranger.username}", offers=gift)
    assert link in answer
    without_name = await box_world.stranger("Nameless", username=None)
    alice.skip()
    await alice.send("/pay 5 Nameless", mentions={"Nameless": without_name})
    assert link in (await alice.next()).text
    alice.skip()
    await without_name.start()
    await without_name.wait("0.00")
    await alice.send("/pay 5 Nameless", mentions={"Nameless": without_name})
    assert (await alice.next()).buttons  # now it works


async def test_a_payer_who_never_started_the_bot_is_told_to_start_it(box_world: World) -> None:
    _, bob = await rich(box_world)
    stranger = await box_world.stranger("Stranger")
    answer = await stranger.ask(f"/pay 5 @{bob.username}", chat=box_world.group)
    assert "press Start" in answer.text and "?start=hi" in answer.text
    picture = await bob.ask("/request 5", chat=box_world.group)
    toast = await (await stranger.press(picture, 0)).answer()
    assert "?start=r_" in toast.url  # straight to the request


async def test_an_anonymous_admin_and_a_channel_neither_pay_nor_are_paid(box_world: World) -> None:
    alice, bob = await rich(box_world)
    group = box_world.group
    for say in (group.say_anonymously, group.say_as_channel):
        alice.skip(chat=group)
        said = say(f"/pay 5 @{bob.username}")
        answer = await alice.wait("anonymous", chat=group)
        assert not answer.buttons
        assert "can't tell who" in await refused(box_world, alice, "/pay 5", reply_to=said, chat=group)
    linked = group.say_as_linked_channel("news")
    await refused(box_world, alice, "/pay 5", reply_to=linked, chat=group)
    await box_world.box.idle()
    for number in (TELEGRAM_ID, ANONYMOUS_ID, CHANNEL_ID):
        assert await box_world.core.ask(PersonById(f"tg:{number}")) is None  # type: ignore[arg-type]


async def test_the_bot_itself_and_oneself_cannot_be_paid(box_world: World) -> None:
    alice, _ = await rich(box_world)
    group = box_world.group
    said_by_bot = await alice.ask("/help", chat=group)
    said_by_her = await alice.send("/help", chat=group)
    await alice.next(chat=group)
    assert "bot has no wallet" in await refused(box_world, alice, f"/pay 5 @{box_world.box.username}")
    assert "bot has no wallet" in await refused(box_world, alice, "/pay 5", reply_to=said_by_bot, chat=group)
    assert "yourself" in await refused(box_world, alice, f"/pay 5 @{alice.username}")
    assert "yourself" in await refused(box_world, alice, "/pay 5", reply_to=said_by_her, chat=group)


async def test_an_edited_message_never_pays_and_its_author_is_told(box_world: World) -> None:
    alice, bob = await rich(box_world)
    for chat in (None, box_world.group):
        await alice.ask("/help", chat=chat)
        said = next(m for m in reversed(box_world.box.chat(chat or alice).messages) if m.sender_id == alice.id)
        await alice.edit(said, f"/pay 5 @{bob.username} {MEMO}")
        answer = await alice.next(chat=chat)
        assert "edited" in answer.text and not answer.buttons
    asked = await box_world.dialog(alice, f"/pay 5 @{bob.username}")
    alice.skip()
    await alice.edit(next(m for m in reversed(alice.private.messages) if not m.from_bot), f"/pay 50 @{bob.username}")
    assert "edited" in (await alice.next()).text
    await press_all(alice, asked, 1)
    await bob.wait("Receipt")
    assert (await box_world.balance(alice), await box_world.balance(bob)) == ("45.00", "5.00")  # what she first said


async def test_g11_a_username_that_another_person_took_never_moves_a_wallet(box_world: World) -> None:
    alice, bob = await rich(box_world)
    name = bob.username
    bob.rename(username=None)
    thief = await box_world.stranger("Thief", username=name)
    await thief.start()
    await thief.wait("0.00")
    await box_world.issue(thief, "1")
    assert (await box_world.balance(thief), await box_world.balance(bob)) == ("1.00", "0.00")
    bob.skip()
    assert "0.00" in (await bob.ask("/balance")).text
    dialog = await box_world.dialog(alice, f"/pay 5 @{name}")
    assert "Thief" in dialog.text  # the name that is shown is whose wallet it is


async def test_only_the_operator_issues_and_audits(box_world: World) -> None:
    alice, bob = await rich(box_world)
    for text in (f"/issue 5 @{bob.username}", "/issue", "/audit"):
        for chat in (None, box_world.group):
            assert "operator" in await refused(box_world, alice, text, chat=chat)
    assert await box_world.balance(bob) == "0.00"


async def test_every_message_in_private_gets_an_answer(box_world: World) -> None:
    alice, _ = await rich(box_world)
    for text in ("hello", "5", "5 5", "/nonsense", "/pay@TuppenceBot", "?", "r_", "https://t.me/", "/start r_x", "🙂"):
        assert (await alice.ask(text)).text
    for content in (
        {"sticker": {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 1, "height": 1}
         | {"is_animated": False, "is_video": False}},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
        {"contact": {"phone_number": "1", "first_name": "x"}},
        {"voice": {"file_id": "x", "file_unique_id": "y", "duration": 1}},
    ):  # fmt: skip
        alice.skip()
        await alice.say(content)
        assert (await alice.next()).text


async def test_a_group_never_shows_a_balance_whatever_is_asked_there(box_world: World) -> None:
    group = box_world.group
    alice = await box_world.someone("Alice", "31.41")
    bob = await box_world.someone("Bob", "27.18")
    await bob.send("/help", chat=group)
    said = await bob.send("/pay 1", chat=group)
    for text in (
        "/start", "/balance", "/history", "/qr", "/help", "/verify ABC", "/cancel", "/statement",
        f"/pay 32 @{bob.username}", f"/pay 31.42 @{bob.username}", f"/pay 999 @{bob.username}", "/pay x",
    ):  # fmt: skip
        alice.skip(chat=group)
        await alice.send(text, chat=group)
        assert (await alice.next(chat=group)).words, text
    await alice.wait("31.41")  # her balance came in private
    for text, reply_to, too_late in ((f"/pay 30 @{bob.username} {MEMO}", None, "1.42"), ("/pay 1", said, "0.42")):
        alice.skip(chat=group)
        await alice.send(text, chat=group, reply_to=reply_to)
        dialog = await alice.wait(lambda message: bool(message.buttons), chat=group)
        late = await box_world.dialog(alice, f"/pay {too_late} @{bob.username}", chat=group)
        await press_all(alice, dialog, 2)
        await alice.wait("Receipt", chat=group)
        [toast] = await press_all(alice, late, 1)
        assert toast.alert and "Not enough" in toast.text
    picture = await bob.ask("/request 100", chat=group)
    await alice.press(picture, 0)
    await alice.next(chat=group)
    await box_world.box.idle()
    shown = " ".join(box_world.all_that_groups_saw())
    for person in (alice, bob):
        wallet = await box_world.core.ask(WalletOf(id_of(person)))
        page = await box_world.core.ask(HistoryOf(person=id_of(person), limit=50))
        for amount in {wallet.balance.number, *(line.balance_after.number for line in page.lines)}:
            assert not re.search(rf"(?<![\d.]){re.escape(amount)}(?!\d)", shown), amount
