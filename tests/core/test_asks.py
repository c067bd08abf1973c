"""Requests that are put to one person: theirs alone to pay or decline, asked in private if they know the asker."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import Clock, Storyteller, story
from wallet_core import (
    REQUEST,
    AskPayer,
    ClaimPlaces,
    ConfirmIntent,
    DeclineRequest,
    IntentByCode,
    LeaveUnheard,
    MakeRequest,
    Meet,
    NotAskedOfYou,
    PayRequest,
    PlacesOf,
    PutRequest,
    RequestByCode,
    RequestNotOpen,
    RequestState,
    Rules,
    StandingRequest,
    Subject,
    WalletCore,
    currency,
)
from wallet_core.features.requests_put import ASKED_MAX, LOOKED_BACK_MAX
from wallet_core.features.sightings import CHATS_MAX, KEPT_FOR

EUR = currency("EUR")


class Asker(Storyteller):
    """Storyteller who can put requests to people."""

    async def request_of(self, payee: str, payer: str, amount: str, name: str) -> Any:
        wish = MakeRequest(
            payee=self.person(payee), amount=self.money(amount), key=f"key of {name}", payer=self.payee(payer)
        )
        made = await self.core.run(wish)
        self.codes[name] = made.code
        return f"for {'anybody' if made.payer is None else made.payer.name}"

    async def put(self, person: str, name: str, payer: str) -> Any:
        wish = PutRequest(code=self.codes.get(name, name), person=self.person(person), payer=self.payee(payer))
        await self.core.run(wish)

    async def ask_payer(self, name: str) -> Any:
        return str((await self.core.run(AskPayer(code=self.codes[name]))).asked or "a stranger")

    async def unheard(self, name: str) -> Any:
        return str((await self.core.run(LeaveUnheard(code=self.codes[name]))).asked)

    async def decline(self, person: str, name: str) -> Any:
        await self.core.run(DeclineRequest(code=self.codes.get(name, name), person=self.person(person)))

    async def state(self, name: str) -> str:
        return str((await self.core.ask(RequestByCode(self.codes[name]))).state)

    async def dialog(self, name: str) -> str:
        return str((await self.core.ask(IntentByCode(self.codes[name]))).state)

    async def tag(self, payee: str, amount: str, name: str, *memo: str) -> Any:
        wish = StandingRequest(
            payee=self.person(payee), amount=self.money(amount), key=f"key of {name}", memo=" ".join(memo)
        )
        made = await self.core.run(wish)
        known = next((other for other, code in self.codes.items() if code == made.code), name)
        self.codes.setdefault(name, made.code)
        return known

    async def seen(self, name: str, chat: str) -> Any:
        await self.core.run(Meet(person=self.person(name), handle=name, name=name.title(), chat=chat))

    async def back_and_forth(self, one: str, other: str, times: int) -> None:
        ways = [(one, other), (other, one)] * times
        wishes = (self.transfer(*way, "0.01", f"{one} {other} {n}") for n, way in enumerate(ways))
        await asyncio.gather(*wishes)

    async def due(self) -> Any:
        await self.core.run_due()


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Asker:
    """Ann with 10.00, Bob, Cid and Dan with nothing."""
    made = Asker(core, clock)
    await made.tell("""
        open ann
        open bob
        open cid
        open dan
        issue ann 10.00 first
        issue cid 10.00 second""")
    return made


async def test_only_who_is_asked_pays(teller: Asker) -> None:
    await story(
        teller,
        """
        request-of  bob @ann 4.00 r   -> for Ann
        pay-request cid r k1          -> NotAskedOfYou
        ask         cid r ? q         -> NotAskedOfYou
        ask         bob r ? q         -> SameWallet
        pay-request bob r k2          -> NotAskedOfYou
        ask         ann r ? q         -> ok
        confirm     ann q             -> ok
        confirm     ann q             -> ok, the same receipt
        pay-request ann r k3          -> RequestNotOpen (paid)
        pay-request cid r k4          -> NotAskedOfYou
        balance     ann               -> 6.00""",
    )


async def test_who_is_unknown_cannot_be_asked_and_anybody_pays(teller: Asker) -> None:
    await story(
        teller,
        """
        request-of  bob @nobody 4.00 r -> for anybody
        ask-payer   r                  -> a stranger
        pay-request cid r k            -> ok
        request-of  bob @bob 4.00 own  -> SameWallet""",
    )


async def test_no_ends_it_once_and_nobody_else_can_say_it(teller: Asker) -> None:
    await story(
        teller,
        """
        request-of  bob @ann 4.00 r -> for Ann
        ask         ann r ? q       -> ok
        decline     cid r           -> NotAskedOfYou
        decline     bob r           -> NotAskedOfYou
        decline     ann r           -> ok
        decline     ann r           -> ok
        state       r               -> declined
        confirm     ann q           -> RequestNotOpen (declined)
        due
        dialog      q               -> cancelled
        pay-request ann r k         -> RequestNotOpen (declined)
        decline     ann no-such     -> RequestNotFound
        request     bob 1.00 open
        decline     ann open        -> NotAskedOfYou
        request-of  bob @ann 1.00 p -> for Ann
        pay-request ann p k2        -> ok
        decline     ann p           -> RequestNotOpen (paid)
        request-of  bob @ann 1.00 w -> for Ann
        withdraw-request bob w      -> ok
        decline     ann w           -> RequestNotOpen (cancelled)
        state       w               -> cancelled
        request-of  bob @ann 1.00 e -> for Ann
        later       169
        decline     ann e           -> RequestNotOpen (expired)""",
    )


async def test_who_has_met_the_asker_is_asked_and_nobody_else(teller: Asker) -> None:
    await story(
        teller,
        """
        request-of bob @ann 1.00 r1 -> for Ann
        ask-payer  r1               -> a stranger
        transfer   ann bob 1.00 k1
        ask-payer  r1               -> told
        ask-payer  r1               -> told
        request-of ann @bob 1.00 r2 -> for Bob
        ask-payer  r2               -> told
        request-of bob @cid 1.00 r3 -> for Cid
        seen       cid -100
        seen       bob -200
        ask-payer  r3               -> a stranger
        seen       bob -100
        ask-payer  r3               -> told
        meet       eve eve
        seen       eve -100
        request-of bob @eve 1.00 r4 -> for Eve
        ask-payer  r4               -> a stranger""",
    )


async def test_who_was_paid_through_many_payments_ago_is_no_acquaintance(teller: Asker) -> None:
    await teller.tell("transfer ann bob 0.01 first-one\ntransfer ann cid 1.00 x\ntransfer cid dan 5.00 y")
    await teller.back_and_forth("ann", "cid", LOOKED_BACK_MAX // 2)
    await story(teller, "request-of bob @ann 1.00 r1 -> for Ann\nask-payer r1 -> told")  # Bob has few entries
    await teller.back_and_forth("bob", "dan", LOOKED_BACK_MAX // 2)
    await story(teller, "request-of bob @ann 1.00 r2 -> for Ann\nask-payer r2 -> a stranger")


async def test_sightings_are_few_and_forgotten_after_a_time(teller: Asker, clock: Clock, tmp_path: Path) -> None:
    await teller.seen("ann", "-1")
    for chat in range(CHATS_MAX + 5):
        clock.now += timedelta(minutes=1)
        await teller.seen("bob", f"-{100 + chat}")
        await teller.seen("bob", f"-{100 + chat}")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        chats = [
            row[0] for row in file.execute("SELECT chat FROM sightings WHERE person <> ?", (teller.person("ann"),))
        ]
        assert len(chats) == CHATS_MAX and "-100" not in chats and f"-{100 + CHATS_MAX + 4}" in chats
        clock.now += KEPT_FOR + timedelta(minutes=1)
        for _ in range(CHATS_MAX // 10 + 1):
            await teller.seen("cid", "-7")
        assert file.execute("SELECT chat FROM sightings").fetchall() == [("-7",)]


async def test_what_is_to_be_told_is_committed_with_the_asking_and_told_once(teller: Asker, core: WalletCore) -> None:
    await teller.tell("transfer ann bob 1.00 k\nrequest-of bob @ann 1.00 r -> for Ann\nask-payer r -> told")
    subject = Subject(REQUEST, teller.codes["r"])
    assert await core.ask(PlacesOf(subject)) == (f"{teller.person('ann')}/{teller.codes['r']}",)
    [claimed] = await core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1)))
    assert claimed.subject == subject
    await teller.tell("ask-payer r -> told")
    assert await core.run(ClaimPlaces(limit=9, lease=timedelta(minutes=1))) == ()
    await story(teller, "unheard r -> unheard\nunheard r -> unheard\nask-payer r -> unheard\npay-request ann r p -> ok")
    assert await core.ask(PlacesOf(subject)) == ()


async def test_a_request_of_anybody_is_put_to_one_and_dialogs_of_others_end(teller: Asker) -> None:
    await story(
        teller,
        """
        request     bob 2.00 r
        ask         cid r ? theirs    -> ok
        ask         ann r ? hers      -> ok
        put         cid r ann         -> NotYourRequest
        put         bob r bob         -> SameWallet
        put         bob r @nobody     -> PersonNotFound
        put         bob no-such ann   -> RequestNotFound
        put         bob r ann         -> ok
        put         bob r ann         -> ok
        put         bob r cid         -> RequestTaken
        confirm     cid theirs        -> NotAskedOfYou
        due
        dialog      theirs            -> cancelled
        dialog      hers              -> open
        confirm     ann hers          -> ok
        request     bob 2.00 many any
        put         bob many ann      -> RequestTaken
        request     bob 2.00 gone
        withdraw-request bob gone
        put         bob gone ann      -> RequestNotOpen (cancelled)
        balance     cid               -> 10.00""",
    )


async def test_a_repeat_gives_the_request_whatever_has_become_of_the_name(teller: Asker) -> None:
    await story(
        teller,
        """
        request-of bob @ann 2.00 r -> for Ann
        meet       cid ann
        request-of bob @ann 2.00 r -> for Ann
        request-of bob @ann 3.00 r -> KeyReused""",
    )


async def test_a_price_tag_stands_for_years_and_says_one_thing_once(teller: Asker) -> None:
    await story(
        teller,
        """
        tag         bob 2.00 one coffee  -> one
        tag         bob 2.00 two coffee  -> one
        tag         bob 2.00 three tea   -> three
        tag         cid 2.00 four coffee -> four
        tag         bob 0.00 none        -> InvalidAmount (zero)
        pay-request ann one k1           -> ok
        later       9000
        pay-request ann one k2           -> ok
        withdraw-request bob one         -> ok
        tag         bob 2.00 five coffee -> five
        balance     bob                  -> 4.00""",
    )


async def test_one_person_has_so_many_price_tags_and_requests_together(
    teller: Asker, core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    async with WalletCore.session(books_url, rules=Rules(EUR, requests_open_max=2), clock=clock) as limited:
        told = Asker(limited, clock)
        await story(
            told,
            """
            tag     bob 1.00 one   -> one
            request bob 1.00 r
            tag     bob 1.00 two   -> one
            tag     bob 2.00 three -> LimitExceeded (requests_open_max)""",
        )


async def test_an_audit_finds_that_somebody_else_paid(teller: Asker, tmp_path: Path) -> None:
    await story(teller, "request-of bob @ann 1.00 r -> for Ann\npay-request ann r k -> ok")
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute("UPDATE payment_requests SET payer = ?", (teller.person("cid"),))
    assert "does not pay the request" in await teller.audit()


async def test_paying_and_declining_at_once_from_two_processes_end_in_one_of_them(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Asker(one, clock)
            await told.tell("open ann\nopen bob\nopen cid\nissue ann 10.00 first\nissue cid 10.00 second")
            await told.tell("transfer ann bob 0.50 met\nseen ann -1\nseen bob -1")
            ann, cid, paid = told.person("ann"), told.person("cid"), 0
            for n in range(10):
                await told.tell(f"request-of bob @ann 0.10 r{n} -> for Ann\nask-payer r{n} -> told")
                code = told.codes[f"r{n}"]
                wishes = [
                    one.run(PayRequest(code=code, payer=ann, key=f"k{n}")),
                    two.run(DeclineRequest(code=code, person=ann)),
                    two.run(PayRequest(code=code, payer=cid, key=f"other{n}")),
                    one.run(LeaveUnheard(code=code)),
                ]
                first, second, stranger, _ = await asyncio.gather(*wishes, return_exceptions=True)
                assert isinstance(stranger, NotAskedOfYou)
                assert isinstance(first, RequestNotOpen) != isinstance(second, RequestNotOpen)
                paid += not isinstance(first, RequestNotOpen)
                state = (await one.ask(RequestByCode(code))).state
                assert state is (RequestState.DECLINED if isinstance(first, RequestNotOpen) else RequestState.PAID)
            assert await told.balances() == {"ann": 950 - 10 * paid, "bob": 50 + 10 * paid, "cid": 1000}
            assert (await one.audit()).sound


async def test_a_request_put_to_somebody_while_another_confirms_is_paid_by_one_at_most(
    rules: Rules, clock: Clock
) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Asker(one, clock)
            await told.tell("open ann\nopen bob\nopen cid\nissue cid 10.00 second")
            for n in range(10):
                await told.tell(f"request bob 0.10 r{n}\nask cid r{n} ? q{n} -> ok")
                put = PutRequest(code=told.codes[f"r{n}"], person=told.person("bob"), payer=told.payee("ann"))
                confirm = ConfirmIntent(code=told.codes[f"q{n}"], person=told.person("cid"))
                outcomes = await asyncio.gather(one.run(put), two.run(confirm), return_exceptions=True)
                assert [isinstance(outcome, Exception) for outcome in outcomes].count(True) == 1, outcomes
            assert (await one.audit()).sound


async def test_taking_back_and_asking_anew_is_no_way_to_write_to_somebody_for_ever(teller: Asker) -> None:
    await teller.tell("transfer ann bob 0.01 met\ntransfer cid ann 0.01 met_too")
    for number in range(ASKED_MAX):
        await teller.tell(f"""
            request-of bob @ann 1.00 r{number} -> for Ann
            ask-payer r{number}                -> told
            withdraw_request bob r{number}     -> ok""")
    await story(
        teller,
        """
        request-of bob @ann 1.00 rx -> for Ann
        ask-payer rx                -> a stranger
        request-of cid @ann 1.00 ry -> for Ann
        ask-payer ry                -> told
        request-of ann @bob 1.00 rz -> for Bob
        ask-payer rz                -> told
        pay-request ann rx k        -> ok
        later 168
        request-of bob @ann 1.00 rw -> for Ann
        ask-payer rw                -> told""",
    )


async def test_what_was_paid_does_not_count_as_asking_too_often(teller: Asker) -> None:
    await teller.tell("transfer ann bob 0.01 met")
    for number in range(ASKED_MAX + 1):
        await teller.tell(f"""
            request-of bob @ann 0.10 r{number} -> for Ann
            ask-payer r{number}                -> told
            pay-request ann r{number} k{number} -> ok""")


async def test_the_bound_on_asking_one_person_holds_in_one_batch(teller: Asker, core: WalletCore) -> None:
    await teller.tell("transfer ann bob 0.01 met")
    names = [f"r{number}" for number in range(ASKED_MAX + 5)]
    for name in names:
        await teller.request_of("bob", "@ann", "1.00", name)
    said = await asyncio.gather(*map(teller.ask_payer, names))
    assert (said.count("told"), said.count("a stranger")) == (ASKED_MAX, 5)
