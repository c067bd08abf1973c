"""What mutation testing found untested: each test kills mutants that had survived (mutate.py)."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from tests.campaigns.below import below
from tests.campaigns.drive import PlainRules, command_of
from tests.campaigns.faults_story import open_wallet, transfer
from tests.campaigns.mutants import EQUIVALENT
from wallet_core import (
    AmountProblem,
    ClaimOutbox,
    CoreStopped,
    CurrencyMismatch,
    DueIn,
    IntentNotFound,
    InvalidAmount,
    Issue,
    KeyReused,
    LimitExceeded,
    MakeIntent,
    MakeRequest,
    Meet,
    Money,
    OpenedWallet,
    OutboxDueIn,
    OutcomeUnknown,
    Overloaded,
    PersonById,
    PersonId,
    PersonNotFound,
    Receipt,
    RequestNotOpen,
    SettleOutbox,
    StorageFull,
    ToPerson,
    Transfer,
    WalletCore,
    WalletFrozen,
    WalletId,
    WalletNotFound,
    WalletOf,
    currency,
    read_amount,
)
from wallet_core.core import utc_now
from wallet_core.features.outbox import _DUE
from wallet_core.ledger.rows import Needs
from wallet_core.storage.database import Database
from wallet_core.storage.store import Store
from wallet_core.storage.writer import Writer

EUR = currency("EUR")


def test_each_explanation_of_a_mutant_names_a_line_that_is_there():
    lines = {file: {line.strip() for line in Path(file).read_text().splitlines()} for file in EQUIVALENT}
    said = [(file, line.rpartition(" [")[0]) for file, known in EQUIVALENT.items() for line in known]
    assert [(file, line) for file, line in said if line not in lines[file]] == []


def problem_of(text: str) -> AmountProblem:
    with pytest.raises(InvalidAmount) as refusal:
        read_amount(text, EUR)
    return refusal.value.problem


# -- money


def test_an_amount_may_have_32_characters_and_no_more():
    assert read_amount("0" * 31 + "5", EUR).minor == 500
    assert problem_of("0" * 32 + "5") is AmountProblem.TOO_LARGE
    assert problem_of("5" * 33 + "x") is AmountProblem.NOT_A_NUMBER
    assert problem_of("x" * 33) is AmountProblem.NOT_A_NUMBER
    assert problem_of("٣" * 33) is AmountProblem.NOT_A_NUMBER


def test_the_signs_of_other_dollars_are_known():
    with pytest.raises(CurrencyMismatch) as refusal:
        read_amount("CA$5", EUR)
    assert (refusal.value.expected, refusal.value.given) == ("EUR", "CAD")


def test_nothing_is_written_without_a_sign():
    assert (Money(0, EUR).number, Money(-1, EUR).number) == ("0.00", "-0.01")


@pytest.mark.parametrize("text", ["½", "Ⅷ", "၃", "5²", "5٣"])
def test_every_kind_of_foreign_number_is_called_one(text):
    assert problem_of(text) is AmountProblem.FOREIGN_DIGITS


# -- books and commands


async def books_of(tmp_path: Path, rules: PlainRules, **more: Any) -> WalletCore:
    return await WalletCore.open(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}", rules=rules.real(), **more)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[WalletCore]:
    opened = await books_of(tmp_path, PlainRules(credit=10**15))
    yield opened
    await opened.close()


async def batch(core: WalletCore, *wishes: dict[str, Any]) -> list[Any]:
    """One transaction; refusals are outcomes."""
    return await asyncio.gather(*(core.run(command_of(wish)) for wish in wishes), return_exceptions=True)


def issue(key: str, minor: int, currency_code: str = "EUR") -> dict[str, Any]:
    amount = (minor, currency_code)
    return {"do": "Issue", "by": "tg:1", "to": ("person", "tg:1"), "amount": amount, "key": key, "memo": ""}


async def test_a_wallet_can_be_named_in_the_batch_that_opens_it(core):
    _, _, receipt = await batch(core, open_wallet("tg:1"), open_wallet("tg:2"), transfer(1, 2, 5, "k"))
    assert (receipt.debit, receipt.credit, receipt.memo) == (1, 2, "")


async def test_the_key_of_an_issue_in_another_currency_is_refused(core):
    await batch(core, open_wallet("tg:1"))
    _, *others = await batch(core, issue("k", 5), issue("k", 5, "USD"), issue("k", 0), issue("k", 6))
    assert [type(other) for other in others] == [KeyReused] * 3


async def test_a_memo_is_empty_when_none_is_given(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    five = Money(5, EUR)
    assert (await core.run(Transfer(payer=WalletId(1), payee=WalletId(2), amount=five, key="t"))).memo == ""
    issued = await core.run(Issue(by=PersonId("tg:1"), to=ToPerson(PersonId("tg:1")), amount=five, key="i"))
    assert issued.receipt.memo == ""
    asked = await core.run(MakeRequest(payee=PersonId("tg:1"), amount=five, key="r"))
    assert (asked.memo, asked.payers_max) == ("", 1)
    intent = await core.run(MakeIntent(payer=PersonId("tg:1"), to=ToPerson(PersonId("tg:2")), amount=five, key="d"))
    assert intent.memo == ""


async def test_a_memo_has_200_characters_at_most(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    pay = transfer(1, 2, 5, "k")
    fits, too_long = await batch(core, {**pay, "memo": "m" * 200}, {**pay, "key": "l", "memo": "m" * 201})
    assert fits.memo == "m" * 200
    assert (too_long.length, too_long.length_max) == (201, 200)


async def test_the_greatest_amount_and_one_more(core):
    await batch(core, open_wallet("tg:1"))
    fits, too_large, negative = await batch(core, issue("a", 10**15), issue("b", 10**15 + 1), issue("c", -1))
    assert fits.receipt.amount.minor == 10**15
    assert (too_large.problem, negative.problem) == (AmountProblem.TOO_LARGE, AmountProblem.NEGATIVE)
    (zero,) = await batch(core, issue("d", 0))
    assert (zero.problem, zero.text, zero.decimals) == (AmountProblem.ZERO, "", 2)


async def test_a_repeat_in_the_batch_that_pays_a_request_gives_the_same_receipt(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    wish = {"do": "MakeRequest", "payee": "tg:2", "amount": (5, "EUR"), "key": "r", "memo": "", "payers_max": 1}
    (request,) = await batch(core, wish)
    pay = {"do": "PayRequest", "code": request.code, "payer": "tg:1", "key": "p", "amount": None}
    one, again = await batch(core, pay, pay)
    assert one == again


async def test_the_place_of_a_request_has_128_characters_at_most(core):
    await batch(core, open_wallet("tg:1"))
    wish = {"do": "MakeRequest", "payee": "tg:1", "amount": None, "key": "r", "memo": "", "payers_max": 1}
    (request,) = await batch(core, wish)
    place = {"do": "PlaceRequest", "code": request.code, "chat": "x"}
    fits, too_long = await batch(core, {**place, "place": "x" * 128}, {**place, "place": "x" * 129})
    assert fits.code == request.code
    assert isinstance(too_long, AssertionError)


def test_claims_load_as_many_messages_as_they_ask_for():
    needs = Needs()
    for limit in (3, 5):
        ClaimOutbox(limit=limit, lease=timedelta(1)).needs(needs)
    assert needs.portions == {_DUE: 8}


async def test_who_cannot_be_paid_is_named_as_people_do(core):
    met = {"do": "Meet", "name": "Bob", "can_be_told": False}
    await batch(core, {**met, "person": "tg:2", "handle": "bob"}, {**met, "person": "tg:3", "handle": None})
    wishes = ({**issue(f"k{n}", 5), "to": ("person", f"tg:{n}")} for n in (2, 3))
    assert [refusal.who for refusal in await batch(core, *wishes)] == ["@bob", "Bob"]
    (unknown,) = await batch(core, {"do": "MakeRequest", "payee": "tg:4", "amount": None, "key": "r", "memo": ""})
    assert (type(unknown), unknown.who) == (WalletNotFound, "tg:4")
    names = (("person", "tg:4"), ("handle", "Carl"), ("code", "0" * 16))
    (one, two, three) = await batch(core, *({**issue("k", 5), "to": name} for name in names))
    assert [refusal.who for refusal in (one, two, three)] == ["tg:4", "@Carl", "0" * 16]


async def test_a_frozen_wallet_is_named_by_its_person(core, tmp_path):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = 1")
    file.close()
    refusals = await batch(core, transfer(1, 2, 5, "a"), transfer(2, 1, 5, "b"), issue("c", 5))
    assert [(type(refusal), refusal.who) for refusal in refusals] == [(WalletFrozen, "tg:1")] * 3


async def test_a_handle_laid_down_in_a_batch_names_nobody_in_it(core):
    met = {"do": "Meet", "person": "tg:2", "name": "Bob", "can_be_told": False}
    for handle in ("x", "bob"):
        taken, left = {**met, "handle": handle}, {**met, "handle": None}
        *_, refused = await batch(core, taken, left, {**issue("k", 5), "to": ("handle", handle)})
        assert (type(refused), refused.who) == (PersonNotFound, f"@{handle}")


async def test_a_lone_surrogate_does_not_get_into_a_memo(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    (receipt,) = await batch(core, {**transfer(1, 2, 5, "k"), "memo": "a\ud800b"})
    assert receipt.memo == "ab"


async def test_the_least_limit_of_a_transfer_is_one(tmp_path):
    core = await books_of(tmp_path, PlainRules(transfer_max=1, credit=100))
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    fits, refused = await batch(core, transfer(1, 2, 1, "a"), transfer(1, 2, 2, "b"))
    assert isinstance(fits, Receipt)
    assert (refused.limit, refused.most) == ("transfer_max", Money(1, EUR))
    await core.close()


async def test_money_of_another_currency_is_refused_wherever_it_is_paid(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    for wish in ({**transfer(1, 2, 5, "a"), "amount": (5, "USD")}, issue("b", 5, "USD")):
        (refusal,) = await batch(core, wish)
        assert (type(refusal), refusal.expected, refusal.given) == (CurrencyMismatch, "EUR", "USD")


async def test_a_day_ends_at_midnight_utc_to_the_microsecond(tmp_path):
    midnight = datetime(2026, 9, 21, tzinfo=UTC)
    now = midnight - timedelta(microseconds=1)
    core = await books_of(tmp_path, PlainRules(daily_max=100, credit=1000), clock=lambda: now)
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    _, refused = await batch(core, transfer(1, 2, 100, "a"), transfer(1, 2, 1, "b"))
    assert isinstance(refused, LimitExceeded)
    assert refused.most == Money(0, EUR)
    now = midnight
    *fit, refused = await batch(core, transfer(1, 2, 60, "b"), transfer(1, 2, 40, "c"), transfer(1, 2, 1, "d"))
    assert [type(outcome) for outcome in (*fit, refused)] == [Receipt, Receipt, LimitExceeded]
    await core.close()


@pytest.mark.parametrize("last", [issue("the last one", 1), transfer(3, 1, 1, "the last one")])
async def test_a_currency_ends_at_64_bits_and_not_before(core, last):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"))
    most, step, issuer = 2**63 - 1, 10**15, 3
    await batch(core, *(issue(f"k{n}", step) for n in range(most // step)), issue("rest", most % step - 1))
    (fits,) = await batch(core, last)
    assert not isinstance(fits, Exception)
    assert (await core.ask(WalletOf(PersonId("tg:1")))).balance.minor == most
    over = [issue("more", 1), transfer(2, 1, 1, "credit"), transfer(issuer, 2, 1, "from the issuer")]
    away = [transfer(1, 2, step, "away"), {**issue("more in all", 1), "to": ("person", "tg:2")}]
    *refused, moved, in_all = await batch(core, *over, *away)
    assert isinstance(moved, Receipt)
    assert [(type(each), each.limit) for each in (*refused, in_all)] == [(LimitExceeded, "balance_max")] * 4
    assert (await core.audit()).sound


async def test_a_request_without_an_amount_is_not_paid_without_one(core):
    make = {"do": "MakeRequest", "payee": "tg:1", "amount": None, "memo": "", "payers_max": None, "key": "r"}
    *_, made = await batch(core, open_wallet("tg:1"), open_wallet("tg:2"), make)
    (refused,) = await batch(core, {"do": "PayRequest", "code": made.code, "payer": "tg:2", "key": "p", "amount": None})
    assert (refused.problem, refused.text, refused.decimals) == (AmountProblem.EMPTY, "", 2)


async def test_an_amount_given_for_a_request_that_was_taken_back_is_refused(core):
    make = {"do": "MakeRequest", "payee": "tg:1", "amount": None, "memo": "", "payers_max": None, "key": "r"}
    *_, made = await batch(core, open_wallet("tg:1"), open_wallet("tg:2"), make)
    ask = {"do": "MakeIntent", "payer": "tg:2", "to": ("request", made.code), "amount": None, "key": "i", "memo": ""}
    await batch(core, ask)
    answer = {"do": "AnswerIntent", "payer": "tg:2", "amount": (5, "EUR"), "key": "a"}
    back = {"do": "CancelRequest", "code": made.code, "person": "tg:1"}
    _, refused = await batch(core, back, answer)
    assert isinstance(refused, RequestNotOpen)
    (nothing_asked,) = await batch(core, {**answer, "payer": "tg:1"})
    assert (type(nothing_asked), nothing_asked.code) == (IntentNotFound, "")


async def test_who_is_only_seen_in_a_group_is_not_taken_to_be_back(core):
    await batch(core, open_wallet("tg:1"), open_wallet("tg:2"), transfer(1, 2, 5, "t"))
    told = await core.run(ClaimOutbox(limit=10, lease=timedelta(seconds=1)))
    await core.run(SettleOutbox(parked=tuple(message.id for message in told)))
    await core.run(Meet(person=PersonId("tg:1"), handle=None, name="Ann"))
    assert await core.ask(OutboxDueIn()) == DueIn(None, None)
    await core.run(Meet(person=PersonId("tg:1"), handle=None, name="Ann", can_be_told=True))
    assert await core.ask(OutboxDueIn()) == DueIn(timedelta(0), None)


async def test_one_request_taken_back_makes_room_for_one(tmp_path):
    core = await books_of(tmp_path, PlainRules(requests_max=2))
    make = {"do": "MakeRequest", "payee": "tg:1", "amount": (5, "EUR"), "memo": "", "payers_max": 1}
    _, first, _ = await batch(core, open_wallet("tg:1"), {**make, "key": "a"}, {**make, "key": "b"})
    back = {"do": "CancelRequest", "code": first.code, "person": "tg:1"}
    *_, fits, refused = await batch(core, back, back, {**make, "key": "c"}, {**make, "key": "d"})
    assert fits.state == "open"
    assert isinstance(refused, LimitExceeded)
    await core.close()


# -- writer


async def test_a_transaction_takes_128_commands_and_says_so_once(core):
    commits = []
    core.watch(lambda: commits.append(len(commits)))
    await batch(core, *[open_wallet("tg:1")] * 128)
    assert len(commits) == 1
    await batch(core, *[open_wallet("tg:1")] * 129)
    assert len(commits) == 3


async def test_what_comes_while_a_transaction_runs_shares_the_next_one(tmp_path):
    running, go_on, commits = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def hold_the_first(when: str, sql: str, _: object) -> None:
        if when == "before" and sql.startswith("BEGIN") and not running.is_set():
            loop.call_soon_threadsafe(running.set)
            assert go_on.wait(10)

    core = await books_of(tmp_path, PlainRules())
    await core.close()
    with below(hold_the_first):
        running.set()  # opening the books is let through
        core = await books_of(tmp_path, PlainRules())
        running.clear()
        core.watch(lambda: commits.append(len(commits)))
        calls = [asyncio.create_task(core.run(command_of(open_wallet("tg:1"))))]
        await asyncio.wait_for(running.wait(), 10)
        for _ in range(5):
            calls.append(asyncio.create_task(core.run(command_of(open_wallet("tg:1")))))
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*calls)
        await core.close()
    assert len(commits) == 2


def failure(code: int | None) -> sqlite3.Error:
    error: sqlite3.Error = (
        sqlite3.IntegrityError("a bug") if code is None else sqlite3.OperationalError("disk I/O error")
    )
    error.sqlite_errorcode = code or 19
    return error


async def test_a_caller_who_leaves_the_queue_changes_nothing(tmp_path):
    running, go_on, is_open = asyncio.Event(), threading.Event(), False
    loop = asyncio.get_running_loop()

    def hold(when: str, sql: str, _: object) -> None:
        if is_open and when == "before" and sql.startswith("BEGIN"):
            loop.call_soon_threadsafe(running.set)
            assert go_on.wait(10)

    with below(hold):
        core = await books_of(tmp_path, PlainRules())
        is_open = True
        calls = [asyncio.create_task(core.run(command_of(open_wallet("tg:1"))))]
        await asyncio.wait_for(running.wait(), 10)
        calls += [asyncio.create_task(core.run(command_of(open_wallet(f"tg:{n}")))) for n in (2, 3)]
        await asyncio.sleep(0)  # they join the queue
        calls[1].cancel()
        await asyncio.sleep(0)  # it leaves
        go_on.set()
        await asyncio.gather(calls[0], calls[2])
        assert [await core.ask(PersonById(PersonId(f"tg:{n}"))) is not None for n in (1, 2, 3)] == [True, False, True]
        await core.close()


async def test_a_closed_core_says_that_it_was_closed(tmp_path):
    core = await books_of(tmp_path, PlainRules())
    await core.close()
    with pytest.raises(CoreStopped) as refusal:
        await core.run(command_of(open_wallet("tg:1")))
    assert refusal.value.reason == "the core was closed"


@pytest.mark.parametrize("leaves", [False, True])
async def test_whoever_waits_when_the_core_stops_is_told_the_reason(tmp_path, leaves):
    running, go_on, is_open = asyncio.Event(), threading.Event(), False
    loop = asyncio.get_running_loop()

    def fail_the_first(when: str, sql: str, _: object) -> None:
        if is_open and when == "before" and sql.startswith("BEGIN"):
            loop.call_soon_threadsafe(running.set)
            assert go_on.wait(10)
            raise failure(10)

    with below(fail_the_first):
        core = await books_of(tmp_path, PlainRules())
        is_open = True
        calls = [asyncio.create_task(core.run(command_of(open_wallet("tg:1")))) for _ in range(2)]
        await asyncio.wait_for(running.wait(), 10)
        calls += [asyncio.create_task(core.run(command_of(open_wallet("tg:1")))) for _ in range(2)]
        await asyncio.sleep(0)  # they join the queue
        if leaves:
            calls.pop(0).cancel()
            calls.pop().cancel()
        go_on.set()
        outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
        await core.close()
    assert [(type(o), o.reason) for o in outcomes] == [(CoreStopped, "disk I/O error")] * len(calls)


async def test_a_batch_that_is_run_one_by_one_ends_when_the_core_stops(tmp_path, caplog):
    is_open, begun = False, 0

    def break_the_batch_then_the_disk(when: str, sql: str, _: object) -> None:
        nonlocal begun
        if is_open and when == "before" and sql.startswith("BEGIN"):
            begun += 1
        if is_open and when == "before" and sql == "COMMIT":
            raise failure(None if begun == 1 else 10)

    with below(break_the_batch_then_the_disk):
        core = await books_of(tmp_path, PlainRules())
        is_open = True
        outcomes = await batch(core, *[open_wallet("tg:1")] * 3)
        is_open = False
        await core.close()
    assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown, CoreStopped, CoreStopped]
    assert "disk I/O error" in core.stopped.result()
    assert begun == 2
    assert [r.message for r in caplog.records] == ["a batch of 3 was rolled back, its commands run one by one"]


@pytest.mark.parametrize(("code", "complaints"), [(None, ["a command failed"]), (13, [])])
async def test_a_bug_is_logged_and_a_full_disk_is_told_to_the_caller_alone(tmp_path, caplog, code, complaints):
    is_open = False

    def fail_each_commit(when: str, sql: str, _: object) -> None:
        if is_open and when == "before" and sql == "COMMIT":
            raise failure(code)

    with below(fail_each_commit):
        core = await books_of(tmp_path, PlainRules())
        is_open = True
        (outcome,) = await batch(core, open_wallet("tg:1"))
        is_open = False
        await core.close()
    assert isinstance(outcome, StorageFull) == (code == 13)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == complaints


async def test_a_server_that_went_away_during_a_commit_does_not_stop_the_core():
    class ServerThatGoes(Database):
        name = "postgresql"

        async def write(self, work):
            raise OutcomeUnknown from ConnectionResetError("gone")

    store = Store(database="postgresql", rules=PlainRules().real(), clock=utc_now, entropy=token_bytes)
    writer = Writer(ServerThatGoes(), store, committed=lambda: None)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await writer.run(command_of(open_wallet("tg:1")))
    assert not writer.stopped.done()


async def test_ten_thousand_commands_may_wait_and_the_next_is_asked_to_come_later(core):
    *taken, turned_away = await batch(core, *[open_wallet("tg:1")] * 10_001)
    assert {type(outcome) for outcome in taken} == {OpenedWallet}
    assert isinstance(turned_away, Overloaded)
