"""An operator is asked before new money is issued: once, in person, within ISSUE_MAX."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.bank import postgresql
from tests.core.story import OPERATOR, Clock, Storyteller, story
from wallet_core import (
    ISSUING,
    CancelIssue,
    ClaimPlaces,
    ConfirmIssue,
    Issue,
    KeyReused,
    MakeIssue,
    PersonId,
    PlaceIssue,
    PlacesOf,
    Rules,
    Subject,
    ToPerson,
    WalletCore,
    currency,
)
from wallet_core.ledger.values import timedelta

EUR = currency("EUR")
OTHER = PersonId("tg:2")


class Issuer(Storyteller):
    """Storyteller who can be asked about issuing; `other` is a second operator."""

    def person(self, name: str) -> PersonId:
        return OTHER if name == "other" else super().person(name)

    async def ask_issue(self, by: str, to: str, amount: str, name: str, *memo: str) -> Any:
        wish = {"by": self.person(by), "to": self.payee(to), "amount": self.money(amount), "memo": " ".join(memo)}
        made = await self.core.run(MakeIssue(**wish, key=f"key of {name}"))
        self.codes[name] = made.code
        return "asked"

    async def confirm_issue(self, person: str, name: str) -> Any:
        return await self.core.run(ConfirmIssue(code=self.codes.get(name, name), person=self.person(person)))

    async def cancel_issue(self, person: str, name: str) -> Any:
        await self.core.run(CancelIssue(code=self.codes.get(name, name), person=self.person(person)))


@pytest.fixture
def rules() -> Rules:
    return Rules(EUR, operators=frozenset({OPERATOR, OTHER}), issue_max_minor=10_000)


@pytest.fixture
async def teller(core: WalletCore, clock: Clock) -> Issuer:
    """Two operators with a wallet, and Ann."""
    made = Issuer(core, clock)
    await made.tell("open operator\nopen other\nopen ann")
    return made


async def test_asking_issues_nothing_and_only_the_operator_asked_issues_once(teller: Issuer) -> None:
    await story(
        teller,
        """
        ask-issue     operator ann 20.00 q start -> asked
        ask-issue     operator ann 20.00 q start -> asked
        ask-issue     operator ann 20.01 q start -> KeyReused
        balance       ann                        -> 0.00
        confirm-issue ann q                      -> NotYourIssue
        confirm-issue other q                    -> NotYourIssue
        cancel-issue  other q                    -> NotYourIssue
        confirm-issue operator q                 -> ok
        confirm-issue operator q                 -> ok, the same receipt
        cancel-issue  operator q                 -> IssueNotOpen (issued)
        confirm-issue operator nothing           -> IssueNotFound
        balance       ann                        -> 20.00""",
    )


async def test_a_question_that_was_cancelled_or_is_too_old_issues_nothing(teller: Issuer) -> None:
    await story(
        teller,
        """
        ask-issue     operator ann 20.00 q -> asked
        cancel-issue  operator q           -> ok
        cancel-issue  operator q           -> ok
        confirm-issue operator q           -> IssueNotOpen (cancelled)
        ask-issue     operator ann 20.00 r -> asked
        later 2
        confirm-issue operator r           -> IssueNotOpen (expired)
        balance       ann                  -> 0.00""",
    )


async def test_what_cannot_be_issued_is_refused_at_the_asking_and_at_the_press(teller: Issuer, tmp_path: Path) -> None:
    await story(
        teller,
        """
        ask-issue     ann      ann    1.00   a -> NotOperator
        ask-issue     operator @nobody 1.00  b -> PersonNotFound
        ask-issue     operator ann    100.01 c -> LimitExceeded (issue_max)
        issue         ann             100.01 d -> LimitExceeded (issue_max)
        issue         ann             100.00 e -> ok
        ask-issue     operator ann    100.00 q -> asked""",
    )
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("UPDATE wallets SET state = 'frozen' WHERE id = ?", (teller.wallets["ann"],))
    file.close()
    await story(
        teller,
        """
        ask-issue     operator ann 1.00 f -> WalletFrozen
        confirm-issue operator q          -> WalletFrozen""",
    )


async def test_whoever_is_no_operator_any_more_or_has_a_lower_limit_now_issues_nothing(
    teller: Issuer, core: WalletCore, clock: Clock, books_url: str
) -> None:
    await teller.tell("ask-issue operator ann 20.00 q -> asked\nask-issue other ann 20.00 r -> asked")
    await core.close()
    rules = Rules(EUR, operators=frozenset({OTHER}), issue_max_minor=1_999)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as changed:
        told = Issuer(changed, clock)
        told.wallets, told.codes = teller.wallets, teller.codes
        await story(
            told,
            """
            confirm-issue operator q -> NotOperator
            confirm-issue other r    -> LimitExceeded (issue_max)
            balance       ann        -> 0.00""",
        )


async def test_so_many_questions_wait_for_one_operator_and_no_more(
    core: WalletCore, clock: Clock, books_url: str
) -> None:
    await core.close()
    rules = Rules(EUR, operators=frozenset({OPERATOR}), intents_open_max=2)
    async with WalletCore.session(books_url, rules=rules, clock=clock) as small:
        await story(
            Issuer(small, clock),
            """
            open operator
            open ann
            ask-issue     operator ann 1.00 a -> asked
            ask-issue     operator ann 1.00 b -> asked
            ask-issue     operator ann 1.00 c -> LimitExceeded (issues_open_max)
            cancel-issue  operator a          -> ok
            ask-issue     operator ann 1.00 d -> asked
            later 2
            ask-issue     operator ann 1.00 e -> asked
            ask-issue     operator ann 1.00 f -> asked""",
        )


async def test_an_operator_who_never_wrote_is_asked_nothing(core: WalletCore, clock: Clock) -> None:
    await story(Issuer(core, clock), "open ann\nask-issue operator ann 1.00 q -> PersonNotFound")


async def test_where_the_question_stands_its_end_is_shown_also_when_the_place_is_told_late(
    teller: Issuer, core: WalletCore
) -> None:
    await teller.tell("ask-issue operator ann 1.00 q -> asked\nask-issue operator ann 2.00 late -> asked")
    q, late = teller.codes["q"], teller.codes["late"]
    await core.run(PlaceIssue(code=q, place="1/1", chat="1"))
    assert not await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=9)))
    await teller.tell("confirm-issue operator q\ncancel-issue operator late")
    await core.run(PlaceIssue(code=late, place="2/2", chat="2"))
    shown = await core.run(ClaimPlaces(limit=9, lease=timedelta(seconds=9)))
    assert {(each.place, each.subject) for each in shown} == {
        ("1/1", Subject(ISSUING, q)),
        ("2/2", Subject(ISSUING, late)),
    }
    assert await core.ask(PlacesOf(Subject(ISSUING, q))) == ("1/1",)


async def test_g5_a_question_and_an_issue_at_once_never_share_a_key(teller: Issuer, core: WalletCore) -> None:
    await teller.tell("ask-issue operator ann 1.00 q -> asked\nconfirm-issue operator q")
    wish = {"by": OPERATOR, "to": ToPerson(teller.person("ann")), "key": teller.codes["q"]}
    with pytest.raises(KeyReused):
        await core.run(Issue(**wish, amount=teller.money("2.00")))


async def test_g7_two_processes_on_one_postgresql_issue_once(rules: Rules, clock: Clock) -> None:
    with postgresql() as url:
        async with (
            WalletCore.session(url, rules=rules, clock=clock) as one,
            WalletCore.session(url, rules=rules, clock=clock) as two,
        ):
            told = Issuer(one, clock)
            await told.tell("open operator\nopen ann")
            for n in range(5):
                await told.tell(f"ask-issue operator ann 1.00 q{n} -> asked")
                press = ConfirmIssue(code=told.codes[f"q{n}"], person=OPERATOR)
                payments = await asyncio.gather(*(core.run(press) for core in (one, two, one, two)))
                assert len({payment.receipt.code for payment in payments}) == 1
            assert (await told.balances())["ann"] == 500
            assert (await one.audit()).sound


@pytest.mark.parametrize(
    "edit", ["amount = 99", "memo = 'x'", "payee = 'tg:1'", "transfer = 1", "state = 'cancelled', transfer = 2"]
)
async def test_an_audit_holds_an_answered_question_against_its_transfer(
    teller: Issuer, tmp_path: Path, edit: str
) -> None:
    await story(teller, "issue ann 5.00 first -> ok\nask-issue operator ann 1.00 q -> asked\nconfirm-issue operator q")
    with sqlite3.connect(tmp_path / "books.db") as file:
        file.execute("PRAGMA ignore_check_constraints = 1")
        file.execute(f"UPDATE issues SET {edit}")
    file.close()
    problem = f"question {teller.codes['q']} about issuing is answered without the transfer that it asks for"
    assert await teller.audit() == problem
