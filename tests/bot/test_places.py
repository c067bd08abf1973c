"""Places: what becomes of each when it is told, in whose language, and how often it is tried."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import NetworkError

from bot.transport.patience import Patience
from bot.words.links import Place, below
from tests.bot.instant import BLOCKED, NO_MESSAGE, REFUSED, UNCHANGED, in_hours, now, refusal, too_many, turns
from tests.bot.shown import ANN, CLUB, face, wall
from wallet_core import ClaimPlaces, Overloaded, RequestNotFound, SettlePlaces, Subject, TellAnew

MINE, OURS, POSTED = Place(ANN, 5), Place(CLUB, 5), Place.inline("AbC")
TO_COME = below(CLUB, 3)
NO_RIGHTS = refusal(400, "Bad Request: not enough rights to send text messages to the chat")
TOO_OLD = refusal(400, "Bad Request: message can't be edited")
MOVED = refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
UNHEARD: Any = TellAnew(chat="x", limit=1)
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Pay", callback_data="pay:x")]])


def shown(place: Place, changes: int = 1) -> SettlePlaces:
    return SettlePlaces(shown=((str(place), changes),))


def ended(place: Place | str, changes: int = 1) -> SettlePlaces:
    return SettlePlaces(ended=((str(place), changes),))


# -- taking


@in_hours
async def test_eight_are_changed_at_once_and_those_of_one_chat_one_behind_the_other() -> None:
    async with wall() as it:
        gate = asyncio.Event()
        for number in range(1, 11):
            it.put(f"{number}", Place(number, 5), gate)
        assert await it.places.claim() is True
        await turns()
        assert await it.places.claim() is False
        assert it.shelf.claims == [ClaimPlaces(limit=8, lease=timedelta(seconds=20))]
        assert len(it.seen) == 8
        gate.set()
        await turns()
        it.put("11", Place(9, 6), face())
        assert await it.places.claim() is True and await it.places.claim() is False
        await turns()
        assert [claim.limit for claim in it.shelf.claims[1:]] == [8, 5]
        assert len(it.shelf.settled) == 11
        slow = asyncio.Event()
        it.put("a", Place(9, 7), slow)
        it.put("b", Place(9, 8), face())
        it.put("c", Place(10, 8), face())
        await it.places.claim()
        await turns()
        assert [code for code, *_ in it.seen[11:]] == ["a", "c"]
        assert await it.places.claim() is False
        assert it.shelf.claims[-1].limit == 6
        slow.set()
        await turns()
        assert [code for code, *_ in it.seen[11:]] == ["a", "c", "b"]


@in_hours
async def test_the_last_of_eight_is_taken_too() -> None:
    async with wall() as it:
        gate = asyncio.Event()
        for number in range(1, 8):
            it.put(f"{number}", Place(number, 5), gate)
        await it.places.claim()
        it.put("8", Place(8, 5), gate)
        assert await it.places.claim() is True
        assert it.shelf.claims[-1].limit == 1
        gate.set()
        await turns()


@in_hours
async def test_what_nobody_can_show_is_ended() -> None:
    async with wall() as it:
        assert await it.show(face(), "nowhere") == ended("nowhere")
        it.put("x", MINE, face())
        it.shelf.due[0] = it.shelf.due[0].__class__(str(MINE), Subject("cake", "x"), 1, 0)
        await it.places.claim()
        await turns()
        assert it.shelf.settled[-1][1] == ended(MINE)
        assert await it.show(RequestNotFound("x"), MINE, changes=7) == ended(MINE, 7)
        assert it.telegram.calls == []


@in_hours
async def test_what_became_of_it_is_noted_when_the_books_can_be_written_again() -> None:
    async with wall() as it:
        it.shelf.fails[SettlePlaces] = [Overloaded()] * 4
        assert await it.show(face(), MINE) == shown(MINE)
        assert round(now(), 2) == 6
        it.shelf.fails[SettlePlaces] = [Overloaded()] * 5
        it.put("x", MINE, face())
        await it.places.claim()
        await asyncio.sleep(20)
        assert len(it.shelf.settled) == 1
        await it.places.claim()
        assert it.shelf.claims[-1].limit == 8


@in_hours
async def test_at_the_end_what_is_under_way_is_finished() -> None:
    async with wall() as it:
        gate = asyncio.Event()
        it.put("x", MINE, gate)
        await it.places.claim()
        asyncio.get_running_loop().call_later(3, gate.set)
        await it.places.close()
        assert (now(), it.shelf.settled) == (3, [(3, shown(MINE))])
        it.put("x", MINE, asyncio.Event())
        await it.places.claim()
        await it.places.close()
        assert (now(), len(it.shelf.settled)) == (8, 1)


# -- showing


@in_hours
async def test_each_place_speaks_the_language_of_who_reads_it() -> None:
    async with wall(language="es") as it:
        for place in (MINE, OURS, Place(-200, 5), POSTED):
            assert await it.show(face(buttons=lambda: BUTTONS), place, changes=3) == shown(place, 3)
        assert it.telegram.texts("editMessageText") == ["de", "fr", "es", "de"]
        params = it.telegram.calls[0].params
        assert (params["chat_id"], params["message_id"], params["parse_mode"]) == (ANN, 5, "HTML")
        assert params["reply_markup"] == BUTTONS.to_dict()
        assert it.telegram.calls[3].params["inline_message_id"] == "AbC"
        assert it.seen[0] == ("x", MINE, "TestBot")
        await it.show(face(own=None), MINE)
        assert it.telegram.texts("editMessageText")[-1] == "es"


@in_hours
async def test_what_is_over_is_shown_for_the_last_time_and_what_has_no_face_stays_as_it_is() -> None:
    async with wall() as it:
        assert await it.show(face(is_final=True), OURS, changes=2) == ended(OURS, 2)
        assert await it.show(None, OURS, changes=2) == shown(OURS, 2)
        assert len(it.telegram.calls) == 1


@in_hours
async def test_what_says_so_already_is_shown() -> None:
    async with wall() as it:
        it.telegram.says("editMessageText", UNCHANGED, NO_MESSAGE, REFUSED, BLOCKED)
        assert await it.show(face(), OURS) == shown(OURS)
        for _ in range(3):
            assert await it.show(face(), OURS) == ended(OURS)
        assert it.telegram.of("sendMessage") == []


@in_hours
async def test_what_is_to_come_is_posted_below_what_it_belongs_to() -> None:
    async with wall() as it:
        settled = await it.show(face(below=3, buttons=lambda: BUTTONS), TO_COME)
        assert settled == SettlePlaces(moved=((str(TO_COME), f"{CLUB}/100", str(CLUB)),), shown=((f"{CLUB}/100", 1),))
        (call,) = it.telegram.of("sendMessage")
        assert (call.params["chat_id"], call.params["text"], call.params["parse_mode"]) == (CLUB, "fr", "HTML")
        assert call.params["reply_parameters"] == {"message_id": 3, "allow_sending_without_reply": True}
        assert call.params["reply_markup"] == BUTTONS.to_dict()
        await it.show(face(), TO_COME)
        assert "reply_parameters" not in it.telegram.calls[-1].params
        assert await it.show(face(is_final=True, unheard=UNHEARD), TO_COME) == ended(TO_COME)
        assert len(it.telegram.calls) == 2 and it.shelf.heard == []


@in_hours
async def test_where_it_cannot_be_posted_it_comes_in_private_or_the_core_hears_of_it() -> None:
    async with wall() as it:
        it.telegram.says("sendMessage", NO_RIGHTS)
        settled = await it.show(face(alone=ANN, below=3), TO_COME)
        assert settled == SettlePlaces(moved=((str(TO_COME), f"{ANN}/100", str(ANN)),), shown=((f"{ANN}/100", 1),))
        assert "reply_parameters" not in it.telegram.calls[-1].params and it.shelf.heard == []
        it.telegram.says("sendMessage", BLOCKED, BLOCKED, NO_RIGHTS)
        assert await it.show(face(alone=ANN, unheard=UNHEARD), TO_COME) == ended(TO_COME)
        assert await it.show(face(), TO_COME) == ended(TO_COME)
        assert len(it.telegram.calls) == 5 and it.shelf.heard == [UNHEARD]
        it.telegram.says("editMessageText", BLOCKED)
        assert await it.show(face(unheard=UNHEARD), OURS) == ended(OURS)
        assert it.shelf.heard == [UNHEARD]


@in_hours
async def test_a_group_that_moved_is_followed_and_one_that_turns_in_circles_is_not() -> None:
    async with wall() as it:
        it.telegram.says("editMessageText", MOVED)
        settled = await it.show(face(below=3), OURS)
        assert settled == SettlePlaces(moved=((str(OURS), "-1009/100", "-1009"),), shown=(("-1009/100", 1),))
        assert "reply_parameters" not in it.telegram.calls[-1].params
        it.telegram.says("sendMessage", MOVED)
        settled = await it.show(face(below=3), TO_COME)
        assert settled.moved == ((str(TO_COME), "-1009/101", "-1009"),)
        assert "reply_parameters" not in it.telegram.calls[-1].params
        it.telegram.says("sendMessage", MOVED, MOVED)
        assert await it.show(face(), TO_COME) == ended(TO_COME)
        assert len(it.telegram.of("sendMessage")) == 5


@pytest.mark.parametrize(
    ("error", "is_kept", "is_final", "is_anew"),
    [
        (NO_MESSAGE, True, False, True),
        (NO_MESSAGE, False, False, False),
        (NO_MESSAGE, True, True, False),  # whoever deleted it has seen enough
        (TOO_OLD, True, True, True),
        (TOO_OLD, False, True, False),
        (REFUSED, True, False, False),
        (REFUSED, False, True, False),
    ],
)
@in_hours
async def test_what_is_kept_is_posted_anew_when_it_is_gone(
    error: object, is_kept: bool, is_final: bool, is_anew: bool
) -> None:
    async with wall() as it:
        it.telegram.says("editMessageText", error)
        settled = await it.show(face(is_kept=is_kept, is_final=is_final), OURS)
        assert [
            call.params.get("reply_parameters", {}).get("message_id") for call in it.telegram.of("sendMessage")
        ] == ([5] if is_anew else [])
        assert (settled.moved != (), settled.ended != ()) == (is_anew, not is_anew or is_final)
        it.telegram.says("editMessageText", error)
        await it.show(face(is_kept=is_kept, is_final=is_final, below=9), OURS)
        assert not is_anew or it.telegram.calls[-1].params["reply_parameters"]["message_id"] == 9


@in_hours
async def test_what_is_cleared_goes_or_says_that_it_is_over() -> None:
    async with wall() as it:
        assert await it.show(face(is_cleared=True), OURS) == ended(OURS)
        assert [call.method for call in it.telegram.calls] == ["deleteMessage"]
        it.telegram.says("deleteMessage", TOO_OLD)
        assert await it.show(face(is_cleared=True), OURS) == shown(OURS)
        assert [call.method for call in it.telegram.calls[1:]] == ["deleteMessage", "editMessageText"]
        await it.show(face(), OURS)
        assert it.telegram.calls[-1].method == "editMessageText" and len(it.telegram.calls) == 4


# -- trying again


@pytest.mark.parametrize(
    ("error", "attempts", "delay_s"),
    [(refusal(502, "x"), 0, 1), (refusal(502, "x"), 4, 16), (refusal(502, "x"), 9, 300), (refusal(502, "x"), 19, 300),
     (NetworkError("x"), 1, 2), (too_many(30), 0, 30.1), (too_many(30), 9, 30.1)],
)  # fmt: skip
@in_hours
async def test_what_fails_is_tried_again_later(error: object, attempts: int, delay_s: float) -> None:
    async with wall() as it:
        it.telegram.says("editMessageText", error)
        settled = await it.show(face(), OURS, attempts=attempts)
        assert settled == SettlePlaces(postponed=((str(OURS), timedelta(seconds=delay_s)),))


@in_hours
async def test_what_fails_for_the_twentieth_time_is_given_up() -> None:
    async with wall() as it:
        it.telegram.says("editMessageText", refusal(502, "x"), refusal(502, "x"))
        assert (await it.show(face(), OURS, attempts=19)).ended == ()
        assert await it.show(face(), OURS, attempts=20, changes=3) == ended(OURS, 3)


@in_hours
async def test_a_mistake_of_ours_and_books_that_are_away_hold_up_no_other_place() -> None:
    async with wall() as it:
        assert (await it.show(ValueError("a bug"), OURS)).postponed == ((str(OURS), timedelta(seconds=300)),)
        assert (await it.show(Overloaded(), OURS)).postponed == ((str(OURS), timedelta(seconds=1)),)
        assert (await it.show(asyncio.Event(), OURS)).postponed == ((str(OURS), timedelta(seconds=1)),)
        assert round(now(), 1) == 10


@in_hours
async def test_no_room_in_the_chat_is_no_attempt() -> None:
    async with wall(Patience(is_on=True)) as it:
        it.telegram.says("editMessageText", too_many(30))
        await it.show(face(), OURS)
        ((place, delay),) = (await it.show(face(), OURS)).returned
        assert (place, round(delay.total_seconds(), 1)) == (str(OURS), 30.2)
        assert len(it.telegram.calls) == 1
