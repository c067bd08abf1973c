"""Words: every refusal has some, foreign text can neither format nor hide anything, groups see no balance."""

import ast
import dataclasses
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.words
from bot.app import BUTTONS
from bot.qr import UnreadablePicture
from bot.words import collected, requests, transfers, wording
from bot.words.mistakes import NotUnderstood
from bot.words.refusals import Seen, refusal, refusals
from bot.words.tellings import tellings
from wallet_core import (
    AmountProblem,
    InsufficientFunds,
    InvalidAmount,
    LimitExceeded,
    Money,
    Payment,
    Person,
    PersonId,
    Receipt,
    RefundTooLarge,
    Telling,
    WalletError,
    WalletId,
    currency,
)

EUR = currency("EUR")
PRIVATE = Seen("TestBot", is_private=True, currency=EUR)
GROUP = Seen("TestBot", is_private=False, currency=EUR)
ANN = Person(PersonId("tg:1001"), "ann", "Ann <b>&amp;", "A" * 16)
TELEGRAM_TAGS = re.compile(r"</?(b|i|code)>")


def leaves(base: type[Exception]) -> Iterator[type[Exception]]:
    below = base.__subclasses__()
    if not below:
        yield base
    for kind in below:
        yield from leaves(kind)


LEAVES = sorted(
    {*leaves(WalletError), *leaves(NotUnderstood), *leaves(UnreadablePicture)}, key=lambda kind: kind.__name__
)


def example(kind: type[Exception]) -> Exception:
    """An error of this kind with some value of the right type in every field."""
    if not dataclasses.is_dataclass(kind):
        return kind()
    hints = get_type_hints(kind, vars(sys.modules[kind.__module__]) | {"Money": Money, "Person": Person})
    return kind(**{field.name: value_of(hints[field.name]) for field in dataclasses.fields(kind)})


def value_of(hint: Any) -> Any:
    known: dict[Any, Any] = {
        str: "<x>",
        int: 3,
        bool: True,
        Money: Money(5, EUR),
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
        date: date(2026, 1, 1),
        Person: ANN,
    }
    if hint in known:
        return known[hint]
    return next(iter(hint)) if isinstance(hint, type) else None  # an enum, or X | None


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("seen", [PRIVATE, GROUP], ids=["private", "group"])
def test_every_refusal_has_words(kind: type[Exception], seen: Seen) -> None:
    text = refusal(example(kind), seen)
    assert text
    assert "<" not in TELEGRAM_TAGS.sub("", text)
    assert wording.toast(text)


def test_no_words_are_left_over() -> None:
    assert set(refusals()) == set(LEAVES)


def test_every_kind_of_outbox_message_has_words() -> None:
    assert set(tellings()) >= set(Telling)


def test_every_button_has_a_handler_and_every_handler_a_button() -> None:
    written = set()
    for path in Path(bot.words.__file__).parent.glob("*.py"):
        module = import_module(f"bot.words.{path.stem}")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                named = node.args[:1] if node.func.id in ("Press", "ways_offered") else []
                named += [keyword.value for keyword in node.keywords if keyword.arg == "action"]
            elif isinstance(node, ast.arguments):
                by_name = zip(node.kwonlyargs, node.kw_defaults, strict=True)
                named = [usual for argument, usual in by_name if argument.arg == "action" and usual]
            else:
                continue
            for action in named:  # links.py reads one back, and who is told one writes none of its own
                if isinstance(action, ast.Name) and action.id.isupper():
                    written.add(getattr(module, action.id))
    assert written == set(BUTTONS)


def test_what_stands_in_two_files_under_one_name_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert collected("REFUSALS") == refusals()
    monkeypatch.setattr(requests, "REFUSALS", transfers.REFUSALS)
    with pytest.raises(AssertionError, match="REFUSALS of transfers"):
        collected("REFUSALS")


@pytest.mark.parametrize("problem", AmountProblem)
def test_every_problem_of_an_amount_has_its_own_words(problem: AmountProblem) -> None:
    said = {refusal(InvalidAmount(other, "5", 2), PRIVATE) for other in AmountProblem if other is not problem}
    mine = refusal(InvalidAmount(problem, "5", 2), PRIVATE)
    signs = {AmountProblem.NEGATIVE, AmountProblem.SIGNED}
    assert problem in signs or mine not in said


def test_a_group_is_not_told_what_somebody_has() -> None:
    funds = InsufficientFunds(available=Money(1234, EUR), required=Money(5000, EUR))
    limit = LimitExceeded("daily_max", Money(1234, EUR))
    assert "12.34" in str(refusal(funds, PRIVATE)) and "12.34" not in str(refusal(funds, GROUP))
    assert "12.34" in str(refusal(limit, PRIVATE)) and "12.34" not in str(refusal(limit, GROUP))


def test_more_than_was_paid_and_more_than_is_left_are_refused_differently() -> None:
    paid, left = Money(900, EUR), Money(500, EUR)
    assert "only 5.00" in wording.plain(str(refusal(RefundTooLarge(left, paid), PRIVATE)))
    said = wording.plain(str(refusal(RefundTooLarge(paid, paid), PRIVATE)))
    assert said == "That payment was 9.00 EUR: no more than that can be given back. Nothing was moved."


@given(st.text(max_size=200))
def test_foreign_text_cannot_format_or_hide_anything(text: str) -> None:
    shown = wording.safe(text)
    assert "<" not in shown and ">" not in shown
    assert len(wording.plain(shown)) <= wording.SHOWN_MAX
    assert all(character.isprintable() or character in wording.JOINERS for character in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann\u202egnp.exe", "Anngnp.exe"),
        ("A\u200bn\u200dn", "Ann"),
        ("<b>bold</b> & co", "&lt;b&gt;bold&lt;/b&gt; &amp; co"),
        ("two\nlines\u2028three", "two lines three"),
        ("x" * 100, "x" * 63 + "…"),
    ],
)
def test_foreign_text_is_made_harmless(text: str, shown: str) -> None:
    assert wording.safe(text) == shown


def test_nobody_is_nameless() -> None:
    assert wording.name(Person(PersonId("tg:1"), None, "\u200b\u202e", "A" * 16)) == "<b>somebody</b>"


def receipt_of(memo: str) -> Payment:
    receipt = Receipt(
        transfer_id=7,
        key="k",
        debit=WalletId(1),
        credit=WalletId(2),
        amount=Money(500, EUR),
        kind="payment",
        memo=memo,
        created_at_us=1_000_000,
        hash=b"h" * 32,
    )
    return Payment(receipt, ANN, ANN._replace(id=PersonId("tg:1002"), name="Bob", handle=None))


def test_a_receipt_shows_both_people_amount_memo_time_and_code() -> None:
    payment = receipt_of("tea & <cake>")
    for text in (transfers.receipt(payment), transfers.received(payment), requests.paid(payment)):
        plain = wording.plain(text)
        for part in (
            "Ann <b>&amp;",
            "@ann",
            "Bob",
            "5.00 EUR",
            "tea & <cake>",
            "1970-01-01 00:00:01 UTC",
            payment.receipt.code,
        ):
            assert part in plain
        assert "balance" not in plain


def test_the_balance_stands_below_a_receipt_in_private() -> None:
    assert "Your balance: <b>1.00 EUR</b>" in transfers.receipt(
        receipt_of(""), own=transfers.balance_line(Money(100, EUR))
    )


@given(st.lists(st.text(max_size=60), max_size=40), st.integers(20, 200))
def test_a_text_of_any_length_fits(texts: list[str], length_max: int) -> None:
    html = wording.lines(*(f"<b>{wording.safe(text)}</b> &amp; {wording.safe(text, length_max=200)}" for text in texts))
    shown = wording.fitted(html, length_max)
    assert len(wording.plain(shown).encode("utf-16-le")) // 2 <= length_max
    assert shown.count("<b>") == shown.count("</b>")
    assert shown == html or shown.endswith("…")


def test_a_line_that_has_no_room_for_what_says_that_there_is_more_is_cut() -> None:
    shown = ["aaa…", "aaaa…", "<b>aaaa</b>\n…", "<b>aaaa</b>\nbb"]
    assert [wording.fitted("<b>aaaa</b>\nbb", length_max) for length_max in (4, 5, 6, 7)] == shown


@pytest.mark.parametrize("text", ["&" * 5000, "<b>" + "x" * 5000 + "</b>", "🎈" * 3000, "a\n" * 4000, "&amp;" * 5000])
def test_one_line_that_is_too_long_fits(text: str) -> None:
    assert 4000 < len(wording.plain(wording.fitted(text, 4096)).encode("utf-16-le")) // 2 <= 4096


def test_a_list_says_how_many_more_there_are() -> None:
    assert wording.listed("abc", count_max=3) == "a\nb\nc"
    assert wording.listed("abcd", count_max=3) == "a\nb\nc\n… and 1 more"


def test_an_answer_to_a_press_is_plain_and_short() -> None:
    assert wording.toast("<b>a &lt; b</b>\nc") == "a < b c"
    assert len(wording.toast("x" * 500)) == wording.TOAST_MAX
    assert wording.toast("x" * wording.TOAST_MAX) == "x" * wording.TOAST_MAX
    assert 198 <= len(wording.toast("🎈" * 500).encode("utf-16-le")) // 2 <= wording.TOAST_MAX
