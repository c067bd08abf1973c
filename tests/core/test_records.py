"""Which columns of a record are named when it is written."""

from __future__ import annotations

from dataclasses import astuple, replace

from wallet_core.features.requests import RequestPaymentRow, RequestRow
from wallet_core.features.tips import TipPayeeRow
from wallet_core.ledger.records import KINDS, inserting, updating

KIND = KINDS[RequestRow]
OPEN = RequestRow(
    code="c1", key="k1", payee="tg:1", currency="EUR", amount=500, memo="", payers_max=1, payers=0, state="open",
    created_at=1, expires_at=2, payer=None, asked=None,
)  # fmt: skip
OTHER = replace(OPEN, code="c2", key="k2")
FOUND = {row.code: astuple(row) for row in (OPEN, OTHER)}


def test_what_is_null_in_all_new_rows_is_not_named() -> None:
    statement, values = inserting(KIND, [OPEN, OTHER])
    assert statement.columns == [name for name in RequestRow.__slots__ if name not in ("payer", "asked")]
    assert values(OPEN) == astuple(OPEN)[:-2]


def test_what_one_of_the_new_rows_has_is_named_for_all() -> None:
    rows = [replace(OPEN, amount=None), replace(OTHER, payers_max=None, payer="tg:2", asked="told")]
    statement, values = inserting(KIND, rows)
    assert statement.columns == list(RequestRow.__slots__)
    assert [values(row) for row in rows] == [astuple(row) for row in rows]


def test_what_must_be_there_is_named_whatever_it_is() -> None:
    statement, values = inserting(KINDS[RequestPaymentRow], [row := RequestPaymentRow(0, "", 0, "")])
    assert statement.columns == list(RequestPaymentRow.__slots__)
    assert values(row) == (0, "", 0, "")


def test_only_what_has_changed_in_some_row_is_written_and_in_the_order_of_the_table() -> None:
    rows = {"c1": replace(OPEN, state="paid"), "c2": replace(OTHER, payers=1)}
    how = updating(KIND, rows, FOUND)
    assert how is not None
    statement, values = how
    assert statement.columns == ["payers", "state"]
    assert [values(row) for row in rows.values()] == [(0, "paid", "c1"), (1, "open", "c2")]


def test_what_becomes_null_is_written() -> None:
    how = updating(KIND, {"c1": OPEN}, {"c1": astuple(replace(OPEN, payer="tg:2", asked="told"))})
    assert how is not None
    assert how[0].columns == ["payer", "asked"]
    assert how[1](OPEN) == (None, None, "c1")


def test_what_was_changed_back_is_not_written() -> None:
    assert updating(KIND, {"c1": replace(OPEN)}, FOUND) is None


def test_what_never_changes_is_not_looked_at() -> None:
    assert updating(KIND, {"c1": replace(OPEN, memo="else")}, FOUND) is None


def test_a_row_of_which_only_the_key_is_there_has_one_value() -> None:
    row = TipPayeeRow("tg:1", None)
    statement, values = inserting(KINDS[TipPayeeRow], [row])
    assert statement.columns == ["person"]
    assert values(row) == ("tg:1",)
