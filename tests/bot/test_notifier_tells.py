"""What the notifier tells, in which words, what it notes, and how it ends."""

import asyncio
from typing import Any

from structlog.contextvars import get_contextvars

from bot.transport.notifier import Gathered
from bot.words.language import spoken, zone
from bot.words.links import Place
from bot.words.tellings import Told
from tests.bot.instant import BLOCKED, NO_MESSAGE, in_hours, now, turns
from tests.bot.outbox import ANN, BOB, message, post
from wallet_core import Overloaded, SettleOutbox, Telling


@in_hours
async def test_everybody_hears_it_in_their_own_language() -> None:
    async with post() as desk:
        for number, language in enumerate(("de", "en", None), 1):
            desk.box.put(message(number, kind=None, language=language))
            await turns()
        german, english, house = (call.params["text"] for call in desk.telegram.of("sendMessage"))
        assert "Du hast 5,00 EUR bekommen" in german and "You received" in english
        assert house.splitlines()[0] == english.splitlines()[0]
        assert "5.00 EUR" in english and "Your balance" in english


@in_hours
async def test_what_belongs_to_a_thing_is_gathered_by_it_and_only_where_the_thing_does() -> None:
    heard: list[Any] = []

    async def gather(_: Any, each: Any) -> Gathered:
        heard.append((each.id, spoken(), str(zone()), get_contextvars()))
        return Gathered(Told(privately=f"gathered {each.id}"), lambda place: (each.id, str(place)))  # type: ignore[arg-type,return-value]

    async with post(tellings={("tea", Telling.RECEIVED): gather}) as desk:
        desk.box.put(message(1, cause="77", language="de"), message(2), message(3, kind="cake"))
        desk.box.put(message(4, telling=Telling.PAID))
        await turns(60)
        assert [text[:11] for text, _ in desk.sent()[:2]] == ["gathered 1", "gathered 2"]
        assert "You received" in desk.sent()[2][0] and "tea" not in desk.sent()[3][0]
        assert heard == [(1, "de", "UTC", {"update": 77}), (2, "en", "UTC", {})]
        assert [what for _, what in desk.box.noted] == [(1, f"{BOB}/100"), (2, f"{BOB}/101")]
        assert desk.fates() == [(0, "told", 0)] * 4 and desk.meter.notices == {"told": 4}


@in_hours
async def test_what_was_gathered_and_told_already_is_told_no_more() -> None:
    async with post() as desk:
        desk.tea.what = lambda _: None
        desk.box.put(message(1))
        await turns()
        assert (desk.sent(), desk.fates(), desk.box.noted) == ([], [(0, "told", 0)], [])


@in_hours
async def test_what_is_told_where_it_stands_is_noted_there_and_what_is_told_nowhere_is_not_noted() -> None:
    async with post() as desk:
        place = Place(BOB, 5)
        desk.tea.what = lambda each: Told(place=place, text="paid") if each.id == 1 else Told(place=place)
        desk.box.put(message(1, place=str(place)), message(2, place=str(place)))
        await turns()
        assert desk.telegram.texts("editMessageText") == ["paid"]
        assert [what for _, what in desk.box.noted] == [(1, str(place))]
        assert desk.fates() == [(0, "told", 0)] * 2


@in_hours
async def test_who_cannot_be_written_to_is_noted_nowhere() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", BLOCKED, BLOCKED)
        desk.box.put(message(1), message(2, ANN, kind=None))
        await turns()
        assert (desk.box.noted, desk.parked, desk.fates()) == ([], [BOB, ANN], [(0, "parked", 0)] * 2)


@in_hours
async def test_a_receipt_whose_message_is_gone_comes_as_a_new_one() -> None:
    async with post() as desk:
        place = Place(BOB, 5)
        desk.tea.what = lambda _: Told(place=place, text="paid", privately="paid, anew")
        desk.telegram.says("editMessageText", NO_MESSAGE)
        desk.box.put(message(1, place=str(place)))
        await turns()
        assert desk.sent() == [("paid, anew", 0)]
        assert [what for _, what in desk.box.noted] == [(1, f"{BOB}/100")]


@in_hours
async def test_what_was_told_is_settled_when_the_books_can_be_written_again() -> None:
    async with post() as desk:
        desk.box.fails[SettleOutbox] = [Overloaded()] * 4
        desk.box.put(message(1))
        await asyncio.sleep(10)
        assert (desk.sent(), desk.fates()) == ([("tea 1", 0)], [(6, "told", 0)])
        assert [at for at, _ in desk.box.claims] == [0, 1, 2, 3, 4, 5] or desk.box.due == {}


@in_hours
async def test_what_cannot_be_settled_is_told_again_once_its_lease_is_over() -> None:
    async with post() as desk:
        desk.box.fails[SettleOutbox] = [Overloaded()] * 5
        desk.box.put(message(1))
        await asyncio.sleep(30)
        assert desk.sent() == [("tea 1", 0), ("tea 1", 20)]
        assert desk.fates() == [(20, "told", 0)]


@in_hours
async def test_at_the_end_what_is_being_sent_is_finished_and_the_rest_is_left_to_the_next_start() -> None:
    async with post() as desk:
        desk.telegram.says("sendMessage", asyncio.sleep(3))
        desk.box.put(message(1), message(2))
        await turns()
        await desk.notifier.close()
        assert now() == 3 and desk.places.is_closed
        assert desk.sent() == [("tea 1", 0)]
        assert desk.fates() == [(3, "told", 0), (3, "postponed", 0)]
        await turns()
        assert desk.running.done()


@in_hours
async def test_the_end_comes_at_once_when_nothing_is_due_and_soon_when_nothing_goes() -> None:
    async with post() as desk:
        await turns()
        await desk.notifier.close()
        await turns()
        assert desk.running.done() and now() == 0
    async with post() as desk:
        desk.telegram.says("sendMessage", asyncio.Event().wait())
        desk.box.put(message(1))
        await turns()
        await desk.notifier.close()
        assert (now(), desk.fates(), desk.box.due) == (5, [], {1: 20.0})
        await turns()
        assert desk.running.done()
