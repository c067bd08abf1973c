"""Lists of who is to get how much: read exactly, line by line, or refused with the number of each wrong line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.issue_lines import read_lines, read_table
from bot.words.issue_lists import LineFlaw, ListUnreadable
from bot.words.refusals import Seen, refusal
from wallet_core import (
    LINES_MAX,
    IssueLine,
    IssueListSize,
    IssueListWrong,
    LineProblem,
    Money,
    PersonId,
    ToHandle,
    ToPerson,
    WrongLine,
    currency,
)

EUR = currency("EUR")


def line(number: int, handle: str, minor: int) -> IssueLine:
    return IssueLine(number, ToHandle(handle), Money(minor, EUR))


@pytest.mark.parametrize(
    "data",
    [
        b"@bob;20\n@cid;2,50\n",
        b"\xef\xbb\xbf@bob;20\r\n@cid;2,50\r\n",
        b"@bob,20\n@cid,2.50",
        b'"@bob","20"\n"@cid","2,50"',
        b"bob\t20\t\ncid\t2.5\t\n",
        b"https://t.me/bob;20 EUR;;\n@cid; 2.50 ;\n",
    ],
)
def test_a_table_is_read_however_a_spreadsheet_writes_it(data: bytes) -> None:
    assert read_table(data, EUR) == (line(1, "bob", 2000), line(2, "cid", 250))


def test_names_of_columns_and_empty_lines_are_left_out_and_the_others_keep_their_numbers() -> None:
    data = b"who;amount\n\n@bob;20\n;\n1002003;1\n\n"
    assert read_table(data, EUR) == (
        line(3, "bob", 2000),
        IssueLine(5, ToPerson(PersonId("tg:1002003")), Money(100, EUR)),
    )
    assert read_table(b"who;amount;\n@bob;20;\n", EUR) == (line(2, "bob", 2000),)
    assert read_table(b"", EUR) == ()


def test_a_line_far_below_is_read_and_one_too_many_is_said_and_not_left_out() -> None:
    rows = [f"{1_000 + n};1" for n in range(LINES_MAX)]
    assert read_table(("\n" * 30_000 + "@bob;20\n").encode(), EUR) == (line(30_001, "bob", 2000),)
    assert len(read_table("\n".join(["who;amount", *rows, "", ""]).encode(), EUR)) == LINES_MAX
    with pytest.raises(IssueListSize) as caught:
        read_table("\n".join([*rows, "@bob;20"]).encode(), EUR)
    assert caught.value.count == LINES_MAX + 1


def test_a_first_line_without_an_amount_is_no_name_of_columns() -> None:
    for first in ("bob;", "bob;-", "bob;five", "bob;Zwanzig", "bob;?", "@bob;much"):
        with pytest.raises(ListUnreadable) as caught:
            read_table(f"{first}\n@cid;5\n".encode(), EUR)
        assert [(each.line, each.flaw) for each in caught.value.lines] == [(1, LineFlaw.AMOUNT)], first


def test_lines_of_a_message_name_the_person_first_or_last() -> None:
    assert read_lines("/issue\n@bob 20\n\n2,50 EUR @cid\n@dan;3", EUR) == (
        line(2, "bob", 2000), line(4, "cid", 250), line(5, "dan", 300),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("@bob;-5", LineFlaw.AMOUNT),
        ("@bob;0", LineFlaw.AMOUNT),
        ("@bob;five", LineFlaw.AMOUNT),
        ("@bob;", LineFlaw.AMOUNT),
        ("@bob;2.505", LineFlaw.AMOUNT),
        ("@bob;5 10", LineFlaw.AMOUNT),
        ("@bob;5 USD", LineFlaw.CURRENCY),
        ("@b-o-b;5", LineFlaw.WHO),
        (";5", LineFlaw.WHO),
        ("@bob", LineFlaw.COLUMNS),
        ("@bob;5;coffee", LineFlaw.COLUMNS),
    ],
)
def test_a_wrong_line_is_named_by_its_number_and_the_right_ones_do_not_count(text: str, flaw: LineFlaw) -> None:
    with pytest.raises(ListUnreadable) as wrong:
        read_table(f"@cid;1\n\n{text}\n@dan;x\n".encode(), EUR)
    assert [(each.line, each.flaw) for each in wrong.value.lines] == [(3, flaw), (4, LineFlaw.AMOUNT)]
    said = refusal(wrong.value, Seen("TestBot", is_private=True, currency=EUR))
    assert said is not None and "Line 3:" in said and "Nothing was issued" in said


def test_a_decimal_comma_between_commas_is_asked_about() -> None:
    with pytest.raises(ListUnreadable) as wrong:
        read_table(b"@bob,20,50\n", EUR)
    assert wrong.value.lines[0].flaw is LineFlaw.COLUMNS


@pytest.mark.parametrize("data", [b"@bob;\xff", b'"@bo"b;5', b'"@bob;5'])
def test_what_is_no_table_is_not_guessed_at(data: bytes) -> None:
    with pytest.raises(ListUnreadable) as wrong:
        read_table(data, EUR)
    assert [each.flaw for each in wrong.value.lines] == [LineFlaw.NOT_TEXT]


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    try:
        lines = read_table(data, EUR)
    except ListUnreadable as wrong:
        assert wrong.lines
    else:
        assert all(each.amount.minor > 0 for each in lines)


def test_ten_thousand_wrong_lines_make_one_short_answer() -> None:
    with pytest.raises(ListUnreadable) as wrong:
        read_table(b"@bob;-1\n" * 10_000, EUR)
    said = refusal(wrong.value, Seen("TestBot", is_private=True, currency=EUR))
    assert said is not None and len(said) < 2_000 and "9990" in said


def test_a_line_that_names_a_number_is_answered_with_that_number() -> None:
    wrong = IssueListWrong((WrongLine(7, "tg:90001", LineProblem.UNKNOWN),))
    said = refusal(wrong, Seen("TestBot", is_private=True, currency=EUR))
    assert said is not None and "Line 7: I don't know 90001;" in said
