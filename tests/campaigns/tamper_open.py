"""What is left open in the books that are edited (tamper.py): some of each kind, whatever chance has made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from tests.campaigns.drive import World
from tests.campaigns.wishes import HOUR

PIN, WRONG, SALT = "t2 t4 t6 t8", "t1 t1 t1 t1", b"s" * 16
Do = Callable[..., Awaitable[None]]


async def at_keypads(world: World, do: Do) -> None:
    """A keypad of each kind is open, a PIN locked, one about to be taken away and one kept."""
    model = world.model

    def pad_of(person: str) -> Any:
        return next(pad for pad in model.keypads.values() if pad.person == person and model.state(pad) == "open")

    async def entered(person: str, pin: str) -> None:
        pad = pad_of(person)
        key = {"code": pad.code, "person": person}
        for token in pin.split():
            await do({"do": "PressKey", **key, "press": f"{len(pad.presses)}", "token": token})
        said = {"entered": pin, "salt": SALT, "hashed": sha256(SALT + pin.encode()).digest(), "is_weak": False}
        await do({"do": "EnterPin", **key, "press": f"{len(pad.presses)}", **said})

    people = {f"tg:5{number}" for number in range(7)}
    for person in sorted(people):
        await do({"do": "OpenWallet", "person": person, "handle": None, "name": ""})
        await do({"do": "SetPin", "person": person, "above": (5, "EUR")})
        if person != "tg:50":  # who is asked for a new one
            await entered(person, PIN)
            await entered(person, PIN)
    await do({"do": "AskForPin", "person": "tg:51", "key": "waits", "amount": (6, "EUR"), "wish": "{}"})
    await do({"do": "ChangePin", "person": "tg:52", "remove": False})
    await do({"do": "ChangePin", "person": "tg:53", "remove": True})
    await do({"do": "AskPinFor", "person": "tg:54", "above": (9, "EUR"), "for_new": None})
    await do({"do": "AskForPin", "person": "tg:55", "key": "wrong", "amount": (6, "EUR"), "wish": "{}"})
    for _ in range(3):
        await entered("tg:55", WRONG)
    for person in ("tg:55", "tg:56"):
        await do({"do": "ResetPin", "by": "tg:1", "person": person})
    kept = next(row.code for row in model.pin_resets.values() if row.person == "tg:56")
    await do({"do": "KeepPin", "code": kept, "person": "tg:56"})


async def about_moves(world: World, do: Do) -> None:
    """A move is asked for, one waits for its day, one of each was stopped, by an operator and by whose wallet it is."""
    model = world.model
    for number, stopped_by in enumerate((None, None, "tg:1", "same")):
        old, new = f"tg:6{2 * number + 3}", f"tg:6{2 * number + 4}"
        for person in (old, new):
            await do({"do": "OpenWallet", "person": person, "handle": None, "name": ""})
        welcome = next(code for code, row in model.receipts.items() if row.wish[1] == model.find(new).id)
        await do({"do": "RefundTransfer", "by": "tg:1", "code": welcome, "amount": None, "key": f"empty {number}"})
        await do({"do": "AskMove", "by": "tg:1", "old": old, "new": new, "key": f"open move {number}", "note": ""})
        code = model.made["move"][f"open move {number}"].code
        if number:
            await do({"do": "AgreeMove", "code": code, "person": "tg:2"})
        if stopped_by:
            await do({"do": "StopMove", "code": code, "person": old if stopped_by == "same" else stopped_by})


async def about_gifts(world: World, do: Do) -> None:
    """A gift of which a share is left, one that went back, a lucky one, one for somebody; the last is claimed whole."""
    model = world.model

    async def give(key: str, *claimed_by: str, **more: Any) -> str:
        wish = {"giver": "tg:71", "amount": (120, "EUR"), "key": key, "memo": "", "shares": 1, "is_lucky": False}
        await do({"do": "MakeGift", **wish, "for_handle": None, **more})
        code = str(model.made["gift"][key].code)
        for person in claimed_by:
            await do({"do": "ClaimGift", "code": code, "person": person, "handle": None, "name": ""})
        return code

    await give("a share is left", "tg:72", shares=3)
    back = await give("goes back", "tg:72", shares=2)
    await do({"do": "ReturnGift", "code": back, "person": "tg:71"})
    await give("lucky", "tg:72", "tg:73", shares=2, is_lucky=True)
    await give("for somebody", for_handle="nobody")
    await give("whole", "tg:73")


async def about_cards(world: World, do: Do) -> None:
    """Cards that became a request, which was taken back or waits, and a gift."""
    model = world.model
    for number in range(3):
        await do({"do": "OfferCard", "person": "tg:72", "amount": (7 + number, "EUR"), "memo": "coffee"})
        card = list(model.cards.values())[-1]
        at = {"place": f"-100/9{number}", "chat": "-100"}
        if number == 2:
            await do({"do": "PostGift", "code": card.give, **at, "presser": None})
            continue
        await do({"do": "PostRequest", "code": card.ask, **at})
        if number == 1:
            await do({"do": "CancelRequest", "code": card.ask, "person": "tg:72"})


async def about_bills(world: World, do: Do) -> None:
    """A bill of which one share was taken out and one paid, closed; a request that two have paid, one for more.

    And a bill in which nobody is yet.
    """
    model = world.model
    people = (("person", "tg:72"), ("person", "tg:73"), ("handle", "Zoe"))
    bill = {"asker": "tg:71", "total": (301, "EUR"), "people": people, "key": "closed", "memo": "coffee"}
    await do({"do": "MakeSplit", **bill})
    code = str(model.made["split"]["closed"].code)
    share = next(share for share in model.splits[code].shares if share.person == "tg:72")
    await do({"do": "PayShare", "code": share.code, "payments": 0, "person": "tg:72", "place": None})
    await do({"do": "TakeOut", "code": code, "nth": len(model.splits[code].shares), "person": "tg:71"})
    await do({"do": "CloseSplit", "code": code, "person": "tg:71"})
    await do({"do": "MakeSplit", **bill, "asker": "tg:73", "people": (), "key": "nobody yet"})
    for most in (2, None):
        key = f"for {most}"
        wish = {"payee": "tg:71", "amount": (4, "EUR"), "key": key, "memo": "coffee", "payers_max": most}
        await do({"do": "MakeRequest", **wish, "payer": None})
        asked = str(model.made["request"][key].code)
        for person in ("tg:72", "tg:73"):
            await do({"do": "PayRequest", "code": asked, "payer": person, "key": f"{key} {person}", "amount": None})


async def about_limits(do: Do) -> None:
    """A limit that is about to be raised."""
    for most in (5, 9):
        await do({"do": "SetOwnLimit", "person": "tg:73", "span": "payment", "most": (most, "EUR")})


async def leave_open(world: World, do: Do) -> None:
    """All of it, when the questions of before are over."""
    world.now_us += 2 * HOUR
    for person in ("tg:71", "tg:72", "tg:73"):
        await do({"do": "OpenWallet", "person": person, "handle": None, "name": ""})
    await about_cards(world, do)
    await about_gifts(world, do)
    await about_bills(world, do)
    await about_limits(do)
    await about_moves(world, do)
    await at_keypads(world, do)
