"""Tips: paid at once and once, gathered for each message; the usual one is asked for once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.story import Clock, story
from tests.core.tipper import Tipper, shown
from tests.fresh import begin_books
from wallet_core import (
    ChooseTip,
    CurrencyMismatch,
    InsufficientFunds,
    InvalidAmount,
    Money,
    Payment,
    Rules,
    Tip,
    TipNoteOf,
    TipQuestionByCode,
    TipQuestionState,
    TipsOf,
    WalletCore,
    WalletFrozen,
    currency,
    tip_amounts,
)

EUR = currency("EUR")
LEASE = timedelta(minutes=1)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Tipper:
    """Ann, Cleo and Dan with 10.00 each; Bob with nothing."""
    made = Tipper(core, clock)
    for name in ("bob", "ann", "cleo", "dan"):
        await made.tell(f"open {name}")
    await made.tell("""
        issue ann  10.00 i1
        issue cleo 10.00 i2
        issue dan  10.00 i3""")
    return made


async def test_tips_of_a_message_are_gathered_with_the_first_names_and_the_first_amount(teller: Tipper) -> None:
    await story(
        teller,
        """
        tip       ann  bob 1.00 song k1 -> ok
        got       song                  -> 1.00 of 1: Ann; again 1.00
        tip       cleo bob 0.50 song k2 -> ok
        tip       dan  bob 1.00 song k3 -> ok
        tip       ann  bob 0.25 song k4 -> ok
        got       song                  -> 2.75 of 3: Ann Cleo; again 1.00
        tip       ann  bob 2.00 joke k5 -> ok
        got       song                  -> 2.75 of 3: Ann Cleo; again 1.00
        got       joke                  -> 2.00 of 1: Ann; again 2.00
        balance   bob                   -> 4.75""",
    )


async def test_g5_a_tip_is_given_once_for_its_key(teller: Tipper) -> None:
    await story(
        teller,
        """
        transfer  ann  bob 1.00 t
        tip       ann  bob 1.00 song k -> ok
        tip       ann  bob 1.00 song k -> ok, the same receipt
        tip       ann  bob 2.00 song k -> KeyReused
        tip       ann  bob 1.00 joke k -> KeyReused
        tip       cleo bob 1.00 song k -> KeyReused
        tip       ann  dan 1.00 song k -> KeyReused
        tip       ann  bob 1.00 song t -> KeyReused
        tip       ann  bob 1.00 joke t -> KeyReused
        transfer  ann  bob 1.00 k      -> KeyReused
        got       song                 -> 1.00 of 1: Ann; again 1.00
        balance   bob                  -> 2.00""",
    )


async def test_each_press_gives_as_much_as_the_first_tip_once(teller: Tipper) -> None:
    await story(
        teller,
        """
        tip       ann  bob 1.00 song k -> ok
        tip       dan  bob 3.00 song l -> ok
        tip-again cleo song p1         -> ok
        tip-again cleo song p1         -> ok, the same receipt
        tip-again cleo song p2         -> ok
        tip-again ann  song p3         -> ok
        tip-again ann  song p1         -> KeyReused
        tip-again bob  song p4         -> SameWallet
        tip-again eve  song p5         -> WalletNotFound
        tip-again cleo nothing p6      -> TipNotFound
        got       song                 -> 7.00 of 3: Ann Dan; again 1.00""",
    )


async def test_what_refuses_a_tip_moves_nothing_and_shows_nothing(
    teller: Tipper, core: WalletCore, tmp_path: Path
) -> None:
    await story(
        teller,
        """
        tip ann ann    1.00  song a -> SameWallet
        tip ann eve    1.00  song b -> PersonNotFound
        tip eve bob    1.00  song c -> WalletNotFound
        meet eve eve
        tip ann eve    1.00  song d -> WalletNotFound
        tip ann eve    usual song e -> WalletNotFound
        tip ann ann    usual song f -> SameWallet
        tip ann bob   10.01  song g -> InsufficientFunds""",
    )
    wish = {"payer": teller.person("ann"), "payee": teller.person("bob"), "key": "h", "ask_at": "x"}
    for amount, refusal in (
        (Money(0, EUR), InvalidAmount),
        (Money(-1, EUR), InvalidAmount),
        (Money(10**15 + 1, EUR), InvalidAmount),
        (Money(100, currency("USD")), CurrencyMismatch),
    ):
        with pytest.raises(refusal):
            await core.run(Tip(amount=amount, **wish, **teller.spot("song")))
        with pytest.raises(refusal):
            await core.run(ChooseTip(person=teller.person("ann"), amount=amount))
    with closing(sqlite3.connect(tmp_path / "books.db")) as file:
        for name in ("tipped", "tips", "tip_notes", "tip_payees", "tip_questions", "places"):
            assert file.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["bob"],))
        file.commit()
    file.close()
    with pytest.raises(WalletFrozen) as refused:
        await teller.tip("ann", "bob", "1.00", "song", "k")
    assert refused.value.who == "@bob", "as people know them"


async def test_a_tip_is_at_most_tip_max_by_word_by_button_and_as_usual(
    teller: Tipper, core: WalletCore, clock: Clock, books_url: str
) -> None:
    await story(
        teller,
        """
        tip    ann bob 3.00  song k  -> ok
        choose dan 3.00              -> 3.00 EUR
        tip    cleo bob usual song q -> asked (open)""",
    )
    await core.close()
    async with WalletCore.session(books_url, rules=Rules(EUR, tip_max_minor=200), clock=clock) as strict:
        told = Tipper(strict, clock)
        told.wallets, told.codes, told.receipts = teller.wallets, teller.codes, teller.receipts
        await story(
            told,
            """
            tip       ann  bob 3.00  song k  -> ok, the same receipt
            tip       ann  bob 2.01  song l  -> LimitExceeded (tip_max)
            tip       ann  bob 2.00  song m  -> ok
            tip-again cleo song p            -> LimitExceeded (tip_max)
            tip       dan  bob usual song u  -> LimitExceeded (tip_max)
            answer-tip cleo q 2.01           -> LimitExceeded (tip_max)
            choose    ann 2.01               -> LimitExceeded (tip_max)
            answer-tip cleo q 2.00           -> ok
            transfer  ann  bob 5.00  t       -> ok""",
        )


async def test_the_limits_of_payments_hold_for_tips(
    core: WalletCore, teller: Tipper, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, transfer_max_minor=300, daily_max_minor=500)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as limited:
        told = Tipper(limited, clock)
        told.wallets = teller.wallets
        await story(
            told,
            """
            tip ann bob 3.01 song a       -> LimitExceeded (transfer_max)
            tip ann bob 3.00 song b       -> ok
            tip-again ann song c          -> LimitExceeded (daily_max)
            tip ann bob 2.00 song d       -> ok""",
        )


async def test_the_usual_tip_is_asked_for_once_and_given_with_the_answer(teller: Tipper, core: WalletCore) -> None:
    await story(
        teller,
        """
        usual      ann                  -> None
        tip        ann  bob usual song q -> asked (open)
        tip        ann  bob usual song q -> asked (open)
        tip        ann  bob usual joke q -> KeyReused
        tip        ann  bob 1.00  song q -> KeyReused
        balance    bob                  -> 0.00
        answer-tip cleo q 0.50          -> NotYourIntent
        answer-tip bob  q 0.50          -> NotYourIntent
        answer-tip ann  nothing 0.50    -> IntentNotFound
        answer-tip ann  q 10.01         -> InsufficientFunds
        usual      ann                  -> None
        answer-tip ann  q 0.50          -> ok
        answer-tip ann  q 0.50          -> ok, the same receipt
        answer-tip ann  q 1.00          -> TipAnswered
        tip        ann  bob usual song q -> asked (paid)
        usual      ann                  -> 0.50 EUR
        got        song                 -> 0.50 of 1: Ann; again 0.50
        tip        ann  bob usual song k -> ok
        tip        ann  bob usual song k -> ok, the same receipt
        choose     ann  2.00            -> 2.00 EUR
        tip        ann  bob usual song k -> ok, the same receipt
        tip        ann  bob usual song l -> ok
        got        song                 -> 3.00 of 1: Ann; again 0.50""",
    )
    asked = await core.ask(TipQuestionByCode(teller.codes["q"]))
    assert (asked.state, asked.amount, asked.payee.name) == (TipQuestionState.PAID, Money(50, EUR), "Bob")


async def test_a_question_that_was_left_open_is_over_after_an_hour(teller: Tipper) -> None:
    await story(
        teller,
        """
        tip        ann bob usual song q -> asked (open)
        later      1
        answer-tip ann q 0.50           -> IntentExpired
        tip        ann bob usual song q -> asked (expired)
        tip        ann bob usual song r -> asked (open)
        answer-tip ann r 0.50           -> ok""",
    )


async def test_a_question_says_by_itself_that_its_time_is_over_and_an_answered_one_is_left_alone(
    teller: Tipper, core: WalletCore
) -> None:
    await story(
        teller,
        """
        tip        ann  bob usual song q -> asked (open)
        seconds    1
        tip        cleo bob usual song r -> asked (open)
        answer-tip cleo r 0.50           -> ok""",
    )
    while await shown(core):
        await teller.seconds("1")
    await core.run_due()
    assert await shown(core) == []
    await teller.later("1")
    await core.run_due()
    assert await shown(core) == ["-1/0.song.q"]
    await teller.seconds("-3600")
    await core.run_due()
    assert await shown(core) == []


@pytest.mark.parametrize(
    ("unit", "rules", "offered"),
    [
        ("EUR", {}, "0.20 0.50 1.00 2.00 5.00"),
        ("EUR", {"tip_max_minor": 150}, "0.20 0.50 1.00"),
        ("EUR", {"tip_max_minor": 500, "transfer_max_minor": 50}, "0.20 0.50"),
        ("EUR", {"tip_max_minor": 7}, "0.07"),
        ("JPY", {}, "20 50 100 200 500"),
        ("KWD", {}, "0.100 0.250 0.500 1.000 2.500"),
        ("BEER", {}, "1 2 5"),
    ],
)
def test_usual_tips_are_small_sums_within_the_limits(unit: str, rules: dict[str, int], offered: str) -> None:
    amounts = tip_amounts(Rules(currency(unit), **rules))
    assert " ".join(amount.number for amount in amounts) == offered


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_=st.lists(
        st.tuples(st.sampled_from("acd"), st.integers(1, 300), st.sampled_from(["song", "joke"])), max_size=15
    ),
    together=st.booleans(),
)
async def test_lines_and_notes_sum_to_what_was_paid_in_any_batches(
    given_: list[tuple[str, int, str]], together: bool, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> None:
    url = begin_books(tmp_path_factory.mktemp("tips") / "books.db", EUR)
    async with WalletCore.session(url, rules=Rules(EUR, welcome_credit_minor=1_000), clock=clock) as core:
        told = Tipper(core, clock)
        await told.tell("open bob\nopen a\nopen c\nopen d")
        wishes = [
            core.run(
                Tip(
                    payer=told.person(payer), payee=told.person("bob"), amount=Money(minor, EUR), key=f"k{n}",
                    ask_at="x", **told.spot(message),
                )
            )
            for n, (payer, minor, message) in enumerate(given_)
        ]  # fmt: skip
        if together:
            outcomes = await asyncio.gather(*wishes, return_exceptions=True)
        else:
            outcomes = [(await asyncio.gather(wish, return_exceptions=True))[0] for wish in wishes]
        paid = [outcome for outcome in outcomes if isinstance(outcome, Payment)]
        assert all(isinstance(outcome, Payment | InsufficientFunds) for outcome in outcomes)
        total = sum(payment.receipt.amount.minor for payment in paid)
        assert (await told.balances())["bob"] == 1_000 + total
        codes = {payment.receipt.subject.code for payment in paid if payment.receipt.subject}
        assert sum([(await core.ask(TipsOf(code))).total.minor for code in codes]) == total
        notes = {note.id: note for p in paid for note in [await core.ask(TipNoteOf(p.receipt.transfer_id))]}
        assert sum(tip.receipt.amount.minor for note in notes.values() for tip in note.tips) == total
        assert (await core.audit()).sound
