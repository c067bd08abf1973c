"""What people ask, press and are told (G7, G8, G10, G11): once, by the one asked alone, whatever they are called."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from tests.core.story import Storyteller, story
from wallet_core import (
    ClaimOutbox,
    ConfirmIntent,
    DueIn,
    MakeIntent,
    Meet,
    Money,
    OutboxDueIn,
    PersonNotFound,
    SettleOutbox,
    Telling,
    ToHandle,
    WalletCore,
    currency,
)

EUR = currency("EUR")


async def test_g7_an_intent_is_paid_once_however_often_it_is_confirmed(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1   -> ok
        confirm ann i1        -> ok
        confirm ann i1        -> ok, the same receipt
        cancel ann i1         -> IntentNotOpen (paid)
        balance ann           -> 6.00
        balance bob           -> 4.00""",
    )


async def test_g7_a_single_use_request_is_paid_once_by_whoever_comes_first(teller: Storyteller) -> None:
    await story(
        teller,
        """
        issue cid 10.00 k1
        request bob 3.00 r1    -> ok
        ask ann r1 ? i1        -> ok
        ask cid r1 ? i2        -> ok
        confirm cid i2         -> ok
        confirm ann i1         -> RequestNotOpen (paid)
        confirm cid i2         -> ok, the same receipt
        pay-request ann r1 k2  -> RequestNotOpen (paid)
        balance bob            -> 3.00""",
    )


async def test_g7_the_database_holds_each_place_of_a_request_once(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("""
        request bob 3.00 r1
        pay-request ann r1 k1
        transfer ann bob 1.00 k2""")
    with pytest.raises(sqlite3.IntegrityError):
        file.execute(
            "INSERT INTO request_payments (request, nth, payer, transfer) VALUES (?, 1, ?, 3)",
            (teller.codes["r1"], teller.person("ann")),
        )
    with pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE payment_requests SET payers = 2")


async def test_g8_a_committed_payment_leaves_a_message_for_both_until_they_are_told(
    teller: Storyteller, core: WalletCore
) -> None:
    first = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))
    await core.run(SettleOutbox(delivered=tuple(message.id for message in first)))
    await teller.tell("ask ann bob 4.00 i1")
    payment = await core.run(ConfirmIntent(code=teller.codes["i1"], person=teller.person("ann"), place="7/9"))

    claimed = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))
    assert [(m.recipient, m.telling, m.place, m.balance) for m in claimed] == [
        (teller.person("ann"), Telling.PAID, "7/9", Money(600, EUR)),
        (teller.person("bob"), Telling.RECEIVED, None, Money(400, EUR)),
    ]
    assert {m.payment for m in claimed} == {payment}
    assert await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30))) == ()  # leased
    await teller.tell("later 1")
    assert len(await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=30)))) == 2  # the teller died: told again
    await core.run(SettleOutbox(delivered=tuple(m.id for m in claimed)))
    assert await core.ask(OutboxDueIn()) == DueIn(None, None)


async def test_g10_only_the_person_asked_can_confirm_or_cancel(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1              -> ok
        confirm bob i1                   -> NotYourIntent
        confirm cid i1                   -> NotYourIntent
        cancel bob i1                    -> NotYourIntent
        confirm ann AAAAAAAAAAAAAAAAAAAA -> IntentNotFound
        balance ann                      -> 10.00
        confirm ann i1                   -> ok
        confirm bob i1                   -> NotYourIntent""",
    )


async def test_g10_only_the_payee_takes_a_request_back(teller: Storyteller) -> None:
    await story(
        teller,
        """
        request bob 3.00 r1     -> ok
        withdraw-request ann r1 -> NotYourRequest
        withdraw-request cid r1 -> NotYourRequest
        pay-request ann r1 k1   -> ok
        withdraw-request ann r1 -> NotYourRequest
        request bob 3.00 r2     -> ok
        withdraw-request bob r2 -> ok
        pay-request ann r2 k2   -> RequestNotOpen (cancelled)
        balance ann             -> 7.00""",
    )


async def test_g10_an_old_button_does_not_pay(teller: Storyteller) -> None:
    await story(
        teller,
        """
        ask ann bob 4.00 i1  -> ok
        later 2
        confirm ann i1       -> IntentExpired
        ask ann bob 4.00 i2  -> ok
        cancel ann i2        -> ok
        confirm ann i2       -> IntentNotOpen (cancelled)
        balance ann          -> 10.00""",
    )


async def test_g11_a_changed_or_reclaimed_handle_never_moves_a_wallet(teller: Storyteller) -> None:
    await story(
        teller,
        """
        transfer ann bob 4.00 k1
        meet cid bob
        ask ann @bob 1.00 i1  -> ok
        confirm ann i1        -> ok
        balance bob           -> 4.00
        balance cid           -> 1.00
        meet bob bobby
        ask ann @BOBBY 1.00 i2 -> ok
        confirm ann i2        -> ok
        balance bob           -> 5.00
        meet bob -
        ask ann @bobby 1.00 i3 -> PersonNotFound""",
    )


async def test_g11_people_who_swap_handles_keep_their_wallets(teller: Storyteller) -> None:
    await story(
        teller,
        """
        meet bob cid
        meet cid bob
        ask ann @bob 1.00 i1  -> ok
        confirm ann i1        -> ok
        balance cid           -> 1.00""",
    )


async def test_g11_a_handle_is_no_longer_its_old_owners_within_one_batch(teller: Storyteller, core: WalletCore) -> None:
    def meet(name: str, handle: str) -> Meet:
        return Meet(person=teller.person(name), handle=handle, name=name.title())

    def ask(handle: str) -> MakeIntent:
        key = f"to {handle}"
        return MakeIntent(payer=teller.person("ann"), to=ToHandle(handle), amount=Money(1, EUR), key=key)

    async def batch(*wishes: Meet | MakeIntent) -> list[Any]:
        """All of them wait before the writer looks."""
        return await asyncio.gather(*(core.run(wish) for wish in wishes), return_exceptions=True)

    _, refused, made = await batch(meet("bob", "bobby"), ask("bob"), ask("bobby"))
    assert isinstance(refused, PersonNotFound)
    assert made.payee.id == teller.person("bob")
    _, _, _, made = await batch(meet("bob", "rob"), meet("cid", "bobby"), meet("cid", "bob"), ask("bob"))
    assert made.payee.id == teller.person("cid")
    await teller.tell("ask ann @bobby 1.00 i9 -> PersonNotFound")


async def test_g8_a_message_about_no_entry_cannot_be_written_and_an_id_is_given_once(
    teller: Storyteller, file: sqlite3.Connection
) -> None:
    await teller.tell("transfer ann bob 1.00 k1")
    insert = "INSERT INTO outbox (id, recipient, due_at, attempts) VALUES (?, 'tg:5', 0, 0)"
    (last,) = file.execute("SELECT MAX(id) FROM entries").fetchone()
    for message in (0, last, last + 1):
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(insert, (message,))
