"""Money that goes out: held before the gateway is asked, paid once or back once, never given up (G15, G16)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns.bank import postgresql
from tests.core.cashier import LEASE, NET, OTHER, Cashier
from tests.core.story import OPERATOR, Clock, story
from tests.fresh import begin_books
from wallet_core import (
    WITHDRAWAL_DESK,
    ClaimPlaces,
    ConfirmWithdrawal,
    Outcome,
    PaidOut,
    Rules,
    SendWithdrawal,
    SettleWithdrawal,
    Subject,
    WalletCore,
    WithdrawalsDue,
    currency,
)
from wallet_core.clerk import Clerk
from wallet_core.ledger.values import timedelta

EUR = currency("EUR")
RULES = Rules(
    EUR, operators=frozenset({OPERATOR, OTHER}), transfer_max_minor=4_000, daily_max_minor=6_000, withdrawals_open_max=3
)


@pytest.fixture
def rules() -> Rules:
    return RULES


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Cashier:
    """Two people in charge, and Ann, who has brought in 50.00."""
    made = Cashier(core, clock)
    await made.tell("open operator\nopen other\nopen ann\nopen bob\ntop-up ann 50.00 in -> waiting")
    await made.tell("arrives in 50.00 p0 -> top_up")
    return made


async def test_money_is_held_before_the_gateway_is_asked_and_paid_out_once(teller: Cashier) -> None:
    await story(
        teller,
        """
        withdraw           ann 20.00 w net 0.50 -> open
        withdraw           ann 20.00 w net 0.50 -> open
        withdraw           ann 20.00 w net 0.51 -> KeyReused
        balance            ann                  -> 50.00
        send               w                    -> nothing to ask
        confirm-withdrawal bob w                -> NotYourWithdrawal
        confirm-withdrawal ann w                -> ok
        confirm-withdrawal ann w                -> ok, the same receipt
        balance            ann                  -> 29.50
        holds                                   -> 50.00, lost 0.00
        says               w done               -> WithdrawalNotOpen (held)
        send               w                    -> asked, 0 before
        send               w                    -> nothing to ask
        cancel-withdrawal  ann w                -> WithdrawalNotOpen (sent)
        says               w done               -> done
        says               w done               -> done
        says               w refused            -> WithdrawalNotOpen (done)
        balance            ann                  -> 29.50
        holds                                   -> 29.50, lost 0.00""",
    )


async def test_g16_while_nobody_knows_it_stays_held_and_is_asked_about_again(teller: Cashier, core: WalletCore) -> None:
    await story(
        teller,
        """
        withdraw           ann 20.00 w -> open
        confirm-withdrawal ann w       -> ok
        send               w           -> asked, 0 before
        says               w unknown   -> sent
        send               w           -> nothing to ask
        seconds 10
        send               w           -> asked, 1 before
        later 900
        withdrawal-is      w           -> sent""",
    )
    await Clerk(core, clock=teller.clock).run_due()
    await story(
        teller,
        """
        balance            ann         -> 30.00
        send               w           -> asked, 2 before
        says               w refused   -> returned
        says               w refused   -> returned
        says               w unknown   -> returned
        says               w done      -> WithdrawalNotOpen (returned)
        balance            ann         -> 50.00
        holds                          -> 50.00, lost 0.00""",
    )
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == ()


async def test_who_was_to_ask_and_died_leaves_it_to_be_asked_about_after_the_lease(
    teller: Cashier, core: WalletCore
) -> None:
    await teller.tell("withdraw ann 20.00 w -> open\nconfirm-withdrawal ann w")
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == (teller.code("w"),)
    assert await core.ask(WithdrawalsDue(gateway="another", limit=9)) == ()
    await teller.tell("send w -> asked, 0 before")
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == ()
    teller.clock.now += LEASE
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == (teller.code("w"),)
    await story(teller, "send w -> asked, 1 before")


@pytest.mark.parametrize("sent", [False, True])
async def test_a_clock_that_is_put_back_by_a_day_lets_the_gateway_be_asked_at_once(
    teller: Cashier, core: WalletCore, sent: bool
) -> None:
    await teller.tell("withdraw ann 20.00 w -> open\nconfirm-withdrawal ann w")
    if sent:
        await teller.tell("send w -> asked, 0 before\nsays w unknown -> sent")
    teller.clock.now -= timedelta(days=1)
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == (teller.code("w"),)
    await teller.tell(f"send w -> asked, {int(sent)} before\nsend w -> nothing to ask")
    assert await core.ask(WithdrawalsDue(gateway=NET, limit=9)) == ()
    await story(teller, "says w done -> done")


async def test_what_was_not_sent_can_be_taken_back_once_and_comes_back_by_itself(
    teller: Cashier, core: WalletCore
) -> None:
    await story(
        teller,
        """
        withdraw           ann 20.00 a        -> open
        cancel-withdrawal  bob a              -> NotYourWithdrawal
        cancel-withdrawal  operator a         -> NotYourWithdrawal
        cancel-withdrawal  ann a              -> cancelled
        cancel-withdrawal  ann a              -> cancelled
        confirm-withdrawal ann a              -> WithdrawalNotOpen (cancelled)
        withdraw           ann 20.00 b net 1  -> open
        confirm-withdrawal ann b              -> ok
        cancel-withdrawal  ann b              -> returned
        cancel-withdrawal  ann b              -> returned
        balance            ann                -> 50.00
        withdraw           ann 20.00 c        -> open
        later 1
        confirm-withdrawal ann c              -> WithdrawalNotOpen (expired)
        later 24
        withdraw           ann 20.00 d operator 1 -> open
        confirm-withdrawal ann d              -> ok
        balance            ann                -> 29.00
        later 167""",
    )
    clerk = Clerk(core, clock=teller.clock)
    await clerk.run_due()
    await story(teller, "withdrawal-is d -> held\nlater 1")
    await clerk.run_due()
    await clerk.run_due()
    await story(teller, "withdrawal-is d -> returned\nbalance ann -> 50.00\nholds -> 50.00, lost 0.00")


async def test_only_who_is_in_charge_gives_cash_or_refuses_and_it_counts_once(teller: Cashier) -> None:
    await story(
        teller,
        """
        withdraw           ann 20.00 a operator -> open
        give-cash          operator a           -> WithdrawalNotOpen (open)
        cancel-withdrawal  operator a           -> NotYourWithdrawal
        confirm-withdrawal ann a                -> ok
        send               a                    -> nothing to ask
        give-cash          ann a                -> NotOperator
        give-cash          operator nothing     -> WithdrawalNotFound
        give-cash          operator a           -> done
        give-cash          other a              -> done
        cancel-withdrawal  ann a                -> WithdrawalNotOpen (done)
        cancel-withdrawal  other a              -> WithdrawalNotOpen (done)
        withdraw           ann 20.00 b operator -> open
        confirm-withdrawal ann b                -> ok
        cancel-withdrawal  other b              -> returned
        give-cash          operator b           -> WithdrawalNotOpen (returned)
        withdraw           ann 1.00 c           -> open
        confirm-withdrawal ann c                -> ok
        give-cash          operator c           -> NotOperator
        cancel-withdrawal  operator c           -> NotYourWithdrawal
        balance            ann                  -> 29.00
        holds              operator             -> -20.00, lost 0.00""",
    )


async def test_what_cannot_be_taken_out_is_refused_and_nothing_is_held(teller: Cashier, tmp_path: Path) -> None:
    await story(
        teller,
        """
        withdraw           eve 1.00 w           -> WalletNotFound
        withdraw           bob 1.00 w           -> InsufficientFunds
        withdraw           ann 40.01 w          -> LimitExceeded (transfer_max)
        withdraw           ann 30.00 a          -> open
        confirm-withdrawal ann a                -> ok
        withdraw           ann 30.01 b          -> LimitExceeded (daily_max)
        withdraw           ann 20.00 b net 0.01 -> InsufficientFunds
        withdraw           ann 20.00 b          -> open
        withdraw           ann 5.00 c           -> open
        withdraw           ann 5.00 d           -> LimitExceeded (withdrawals_open_max)
        confirm-withdrawal ann b                -> ok
        confirm-withdrawal ann c                -> InsufficientFunds
        issue              ann 30.00 more       -> ok""",
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["ann"],))
    file.close()
    await story(
        teller,
        """
        confirm-withdrawal ann c -> WalletFrozen
        cancel-withdrawal  ann a -> WalletFrozen""",
    )


async def test_every_desk_is_shown_what_is_to_be_given_in_cash(teller: Cashier, core: WalletCore) -> None:
    await teller.tell("withdraw ann 2.00 a operator -> open\nwithdraw ann 1.00 b -> open")
    assert not await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=9)))
    await teller.tell("confirm-withdrawal ann a\nconfirm-withdrawal ann b")
    shown = await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=9)))
    code = teller.code("a")
    assert {(each.place, each.subject) for each in shown} == {
        (f"{person}/{code}", Subject(WITHDRAWAL_DESK, code)) for person in (OPERATOR, OTHER)
    }


async def test_g7_two_processes_on_one_postgresql_hold_and_pay_out_once(clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=RULES, clock=clock) as one,
            WalletCore.session(url, rules=RULES, clock=clock) as two,
        ):
            told = Cashier(one, clock)
            await told.tell("open operator\nopen other\nopen ann\nissue ann 50.00 k")
            for n in range(5):
                gateway = "operator" if n % 2 else NET
                await told.tell(f"withdraw ann 2.00 w{n} {gateway} 0.10 -> open")
                code = told.code(f"w{n}")
                press = ConfirmWithdrawal(code=code, person=told.person("ann"))
                held = await asyncio.gather(*(core.run(press) for core in (one, two, one, two)))
                assert len({each.receipt.code for each in held}) == 1
                if n % 2:
                    by = [PaidOut(code=code, by=person) for person in (OPERATOR, OTHER)]
                    await asyncio.gather(*(core.run(each) for each in by for core in (one, two)))
                    continue
                send = SendWithdrawal(code=code, lease=LEASE)
                sent = await asyncio.gather(*(core.run(send) for core in (one, two, one, two)))
                assert sum(each is not None for each in sent) == 1
                settle = SettleWithdrawal(code=code, outcome=Outcome.DONE if n else Outcome.REFUSED)
                await asyncio.gather(*(core.run(settle) for core in (one, two)))
            assert (await told.balances())["ann"] == 5_000 - 4 * 210
            report = await one.audit()
            assert report.sound, report.problem


@pytest.mark.parametrize(
    ("edit", "which"),
    [
        ("amount = amount + 1", "done"),
        ("fee = fee - 1", "done"),
        ("state = 'returned'", "done"),
        ("state = 'done'", "held"),
        ("state = 'sent', fee = 0", "held"),
        ("state = 'held'", "back"),
        ("person = 'tg:1'", "held"),
        ("escrow = 1", "held"),
        ("state = 'open', escrow = NULL", "held"),
    ],
)
async def test_an_audit_holds_what_went_out_against_its_transfers(
    teller: Cashier, tmp_path: Path, edit: str, which: str
) -> None:
    await story(
        teller,
        """
        withdraw           ann 10.00 done net 0.50 -> open
        withdraw           ann 10.00 back net 0.50 -> open
        withdraw           ann 10.00 held net 0.50 -> open
        confirm-withdrawal ann done                -> ok
        confirm-withdrawal ann back                -> ok
        confirm-withdrawal ann held                -> ok
        send               done
        says               done done               -> done
        cancel-withdrawal  ann back                -> returned""",
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("PRAGMA ignore_check_constraints = 1")
        file.execute("PRAGMA foreign_keys = 0")
        file.execute(f"UPDATE withdrawals SET {edit} WHERE code = '{teller.code(which)}'")
    file.close()
    assert await teller.audit() != "sound"


async def test_an_audit_sees_money_that_waits_and_that_nothing_will_give_back(teller: Cashier, tmp_path: Path) -> None:
    await teller.tell("withdraw ann 10.00 held net 0.50\nconfirm-withdrawal ann held")
    assert await teller.audit() == "sound"
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        file.execute("DELETE FROM agenda")
        file.commit()
    assert await teller.audit() == f"withdrawal {teller.code('held')} waits, and nothing will give it back"


# -- whatever happens in whatever order --------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b"])
AMOUNTS = st.sampled_from(["0.01", "3.00", "7.77", "40.00"])
STEPS = st.one_of(
    st.tuples(st.just("top-up ann"), AMOUNTS, NAMES),
    st.tuples(st.just("arrives"), NAMES, AMOUNTS, st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["", "0.50"])),
    st.tuples(st.just("taken-back"), st.sampled_from(["b1", "b2"]), st.sampled_from(["p1", "p2"]), AMOUNTS),
    st.tuples(st.just("cancel-top-up ann"), NAMES),
    st.tuples(st.just("withdraw ann"), AMOUNTS, NAMES, st.sampled_from(["net", "operator"]), st.just("0.25")),
    st.tuples(st.just("confirm-withdrawal ann"), NAMES),
    st.tuples(st.just("cancel-withdrawal ann"), NAMES),
    st.tuples(st.just("give-cash operator"), NAMES),
    st.tuples(st.just("send"), NAMES),
    st.tuples(st.just("says"), NAMES, st.sampled_from(["done", "refused", "unknown"])),
    st.tuples(st.just("later"), st.sampled_from(["1", "30", "200"])),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_in_whatever_order_it_happens_every_cent_is_somewhere(steps: list[tuple[str, ...]]) -> None:
    async def play(folder: str) -> None:
        clock, url = Clock(), begin_books(Path(folder) / "books.db", RULES.currency)
        async with WalletCore.session(url, rules=RULES, clock=clock) as core:
            teller, clerk = Cashier(core, clock), Clerk(core, clock=clock)
            await teller.tell("open operator\nopen ann")
            for n, (verb, *rest) in enumerate(steps):
                name = rest[1] if verb in ("top-up ann", "withdraw ann") else ""
                if name:  # each a wish of its own
                    rest[1] = f"{name}{n}"
                await teller._run(" ".join(filter(None, (verb, *rest))))
                if name and rest[1] in teller.codes:
                    teller.codes[name] = teller.codes[rest[1]]
                await clerk.run_due()
            report = await core.audit()
            assert report.sound, report.problem
            assert set(report.sums.values()) <= {0}

    with TemporaryDirectory() as folder:
        asyncio.run(play(folder))


async def test_what_a_wallet_cannot_hold_does_not_come_back_into_it_and_is_not_lost(
    teller: Cashier, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The largest number of the books: who is that rich takes something out first."""
    await teller.tell("""
        withdraw           ann 20.00 w -> open
        confirm-withdrawal ann w       -> ok
        withdraw           ann 20.00 v -> open
        confirm-withdrawal ann v       -> ok
        send               v           -> asked, 0 before""")

    async def has(minor: int, table: str) -> None:
        with closing(sqlite3.connect(tmp_path / "books.db")) as file, file:
            file.execute("UPDATE wallets SET balance = ? WHERE id = ?", (minor, teller.wallets["ann"]))
        await teller.tell(table)

    full = "LimitExceeded (balance_max)"
    await has(2**63 - 2_000, f"cancel-withdrawal ann w -> {full}\nsays v refused -> {full}\nlater 200")
    await Clerk(teller.core, clock=teller.clock).run_due()
    await teller.tell("withdrawal-is w -> held\nwithdrawal-is v -> sent\nlater 200")
    await has(2**63 - 6_000, "says v refused -> returned")
    await Clerk(teller.core, clock=teller.clock).run_due()
    await teller.tell("withdrawal-is w -> returned")
    assert caplog.messages == []  # no batch was rolled back, and nothing has failed
