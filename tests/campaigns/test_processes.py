"""Two cores on one database, in short: `python -m tests.campaigns.bank --seconds 120` [`--postgresql`]."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.campaigns.bank import RULES, bank, postgresql, prepare
from tests.campaigns.drive import command_of
from tests.campaigns.faults_story import open_wallet, transfer
from wallet_core import (
    IntentByCode,
    PersonByHandle,
    PersonById,
    PersonId,
    PutInbox,
    RefundTooLarge,
    RequestNotOpen,
    SettleInbox,
    TakeInbox,
    WalletCore,
    WalletError,
    WalletOf,
)
from wallet_core.features.agenda import Agenda

LEASE = timedelta(seconds=15)


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def pair(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[tuple[WalletCore, WalletCore]]:
    """Two cores that know nothing of each other, as two processes do, on books with people and money."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    await prepare(url)
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(WalletCore.session(url, rules=RULES.real())) for _ in range(2)]
        yield one, two


async def both(pair: tuple[WalletCore, WalletCore], wish: dict[str, Any]) -> list[Any]:
    """The same wish, in both at once."""
    return await asyncio.gather(*(core.run(command_of(wish)) for core in pair), return_exceptions=True)


async def test_two_processes_share_one_sqlite_file(tmp_path):
    assert "audit sound" in await bank(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", seconds=1.5)


async def test_the_same_key_in_two_processes_at_once_has_one_outcome(pair):
    wallets = [(await pair[0].ask(WalletOf(PersonId(f"tg:{number}")))).id for number in (0, 1)]
    intent = {"do": "MakeIntent", "payer": "tg:0", "to": ("person", "tg:1"), "amount": (3, "EUR"), "memo": ""}
    request = {"do": "MakeRequest", "payee": "tg:2", "amount": (3, "EUR"), "memo": "", "payers_max": 1}
    paid = await pair[0].run(command_of(transfer(wallets[1], wallets[0], 50, "paid")))
    refund = {"do": "MakeRefund", "by": "tg:0", "code": paid.code, "amount": None}
    for number in range(15):
        for wish in (
            transfer(wallets[0], wallets[1], 5, f"t{number}"),
            {**intent, "key": f"i{number}"},
            {**request, "key": f"r{number}"},
            {**refund, "key": f"b{number}"},
        ):
            one, two = await both(pair, wish)
            assert one == two, wish
    assert (await pair[0].audit()).sound


async def test_a_person_who_starts_in_two_processes_at_once_has_one_wallet(pair):
    for number in range(15):
        one, two = await both(pair, open_wallet(f"tg:{1000 + number}"))
        assert one.wallet == two.wallet
        assert one.is_new != two.is_new


async def test_a_single_request_is_paid_once_by_whoever_is_first(pair):
    for number in range(15):
        request = {"do": "MakeRequest", "payee": "tg:2", "amount": (3, "EUR"), "memo": "", "payers_max": 1}
        code = (await pair[0].run(command_of({**request, "key": f"q{number}"}))).code
        pay = {"do": "PayRequest", "code": code, "amount": None}
        outcomes = await asyncio.gather(
            *(core.run(command_of({**pay, "payer": f"tg:{n}", "key": f"{number}.{n}"})) for n, core in enumerate(pair)),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, RequestNotOpen) for outcome in outcomes) == 1, outcomes
        assert sum(isinstance(outcome, WalletError) for outcome in outcomes) == 1, outcomes


async def test_a_payment_is_given_back_once_by_whoever_is_first(pair):
    """In parts, at once or after a question; each of three thirds once, whoever tries, and no fourth (G18)."""
    wallets = [(await pair[0].ask(WalletOf(PersonId(f"tg:{number}")))).id for number in (0, 1)]
    for number in range(10):
        code = (await pair[0].run(command_of(transfer(*wallets, 9, f"paid{number}")))).code
        back = {"by": "tg:1", "code": code, "amount": (3, "EUR")}
        asked = [
            (await pair[0].run(command_of({"do": "MakeRefund", **back, "key": f"asked{number}.{n}"}))).code
            for n in range(2)
        ]
        wishes = [{"do": "ConfirmRefund", "code": each, "person": "tg:1", "place": None} for each in asked]
        wishes += [{"do": "RefundTransfer", **back, "key": f"back{number}.{n}"} for n in range(2)]
        outcomes = await asyncio.gather(*(both(pair, wish) for wish in wishes))
        receipts = {one.receipt.code for one, two in outcomes if not isinstance(one, WalletError) and one == two}
        refused = [each for each in outcomes if isinstance(each[0], RefundTooLarge)]
        assert (len(receipts), len(refused)) == (3, 1), outcomes
        assert isinstance(refused[0][1], RefundTooLarge)
    assert (await pair[0].audit()).sound


async def test_a_handle_that_two_people_claim_at_once_belongs_to_one_of_them(pair):
    for number in range(10):
        await asyncio.gather(
            *(
                core.run(command_of({"do": "Meet", "person": f"tg:{n}", "handle": f"name{number}", "name": "x"}))
                for n, core in enumerate(pair)
            )
        )
        holder = await pair[0].ask(PersonByHandle(f"name{number}"))
        assert holder is not None
        people = [await pair[0].ask(PersonById(PersonId(f"tg:{n}"))) for n in (0, 1)]
        assert [person.handle for person in people].count(f"name{number}") == 1


async def test_a_change_of_what_is_shown_is_told_by_one_process(pair):
    request = {"do": "MakeRequest", "payee": "tg:2", "amount": (3, "EUR"), "memo": "", "payers_max": None}
    code = (await pair[0].run(command_of({**request, "key": "shown"}))).code
    for chat in ("one", "two", "three"):
        for place in (f"{chat}:1", f"{chat}:2"):
            await pair[0].run(command_of({"do": "PlaceRequest", "code": code, "place": place, "chat": chat}))
    pay = {"do": "PayRequest", "code": code, "payer": "tg:0", "amount": None}
    await both(pair, {**pay, "key": "shown"})
    claim = {"do": "ClaimPlaces", "limit": 100, "lease": 60_000_000}
    one, two = await both(pair, claim)
    told = [*one, *two]
    assert sorted(each.place for each in told) == ["one:1", "three:1", "two:1"]
    assert {each.subject for each in told} == {("request", code)}


async def test_a_request_that_is_over_is_ended_once_by_the_clerks_of_two_processes(pair):
    request = {"do": "MakeRequest", "payee": "tg:2", "amount": (3, "EUR"), "memo": "", "payers_max": 1}
    intent = {"do": "MakeIntent", "payer": "tg:0", "amount": None, "memo": ""}
    made = []
    for number in range(10):
        code = (await pair[0].run(command_of({**request, "key": f"e{number}"}))).code
        asked = {**intent, "to": ("request", code), "key": f"e{number}"}
        made.append((await pair[1].run(command_of(asked))).code)
        await pair[0].run(command_of({"do": "CancelRequest", "code": code, "person": "tg:2"}))
    await asyncio.gather(*(core.run_due() for core in pair))
    assert [(await pair[0].ask(IntentByCode(code))).state for code in made] == ["cancelled"] * 10
    assert [each for each in await pair[0].ask(Agenda(100)) if each.due_at_us == 0] == []
    assert (await pair[0].audit()).sound


@pytest.fixture
async def trio(postgres_url: str) -> AsyncIterator[list[WalletCore]]:
    """Three cores on one server."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(WalletCore.session(postgres_url, rules=RULES.real())) for _ in range(3)]


async def test_three_processes_do_each_thing_once_and_those_of_a_lane_in_order(trio: list[WalletCore]) -> None:
    chance, lanes, of_each = Random(7), 12, 15
    acted: list[tuple[str, int]] = []
    underway: defaultdict[str, int] = defaultdict(int)
    left = lanes * of_each

    async def bring(lane: int) -> None:
        for turn in range(of_each):
            number = turn * lanes + lane
            await chance.choice(trio).run(PutInbox(number=number, lane=str(lane), body=""))
            if chance.random() < 0.3:  # brought to another at the same time
                await chance.choice(trio).run(PutInbox(number=number, lane=str(lane), body=""))

    async def work(core: WalletCore) -> None:
        nonlocal left
        while left > 0:
            took = [each.number for each in await core.run(TakeInbox(limit=5, lease=LEASE))]
            if not took:
                await asyncio.sleep(0.001)
            for number in took:
                lane = str(number % lanes)
                underway[lane] += 1
                assert underway[lane] == 1
                acted.append((lane, number))
                left -= 1
            for number in took:
                underway[str(number % lanes)] -= 1
                await core.run(SettleInbox(done=(number,)))

    async with asyncio.timeout(60):
        await asyncio.gather(*map(bring, range(lanes)), *map(work, trio))
    for lane in map(str, range(lanes)):
        assert [number for of, number in acted if of == lane] == [t * lanes + int(lane) for t in range(of_each)]
