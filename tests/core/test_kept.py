"""What docs/cleared.md says of each table is what the source does: none is forgotten, and none is cleared unsaid."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Delete

import wallet_core
from wallet_core.features import CLEARED
from wallet_core.features.cards import KEPT_FOR as CARDS_KEPT_FOR
from wallet_core.features.gifts_offered import KEPT_FOR as OFFERS_KEPT_FOR
from wallet_core.features.handles_left import KEPT_FOR as HANDLES_KEPT_FOR
from wallet_core.features.sightings import KEPT_FOR as SIGHTINGS_KEPT_FOR
from wallet_core.ledger.clearing import Clearing
from wallet_core.ledger.schema import metadata
from wallet_core.ledger.sql import Statement

PAPER = Path(__file__).parents[2] / "docs" / "cleared.md"
WHO = {"clerk", "next", "end", "never"}
IN_A_FUNCTION = {"processes"}  # whose DELETE stands in no module's names
ONE_OF_TWO = "wallet_core.features.moves_written"  # where two accounts become one, one of two rows stays


class Said(NamedTuple):
    """A line of the paper's table."""

    tables: str
    what: str
    most: str
    goes: str
    who: str


def said() -> dict[str, Said]:
    """By table."""
    found: dict[str, Said] = {}
    for line in PAPER.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            row = Said(*cells)
            for table in re.findall(r"`([a-z_]+)`", row.tables):
                assert table not in found, f"{table} is there twice"
                found[table] = row
    return found


def statements(value: Any) -> Iterator[Statement]:
    """Those in a name of a module."""
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, Clearing):
        yield from (value.find, value.delete, *value.parts, *filter(None, [value.places]))
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from statements(each)
    elif isinstance(value, dict):
        yield from statements(tuple(value.values()))


def all_statements() -> Iterator[tuple[str, Statement]]:
    """Those of the core that stand in a module's names, with the module's."""
    for module in pkgutil.walk_packages(wallet_core.__path__, "wallet_core."):
        if ".migrations" not in module.name:
            for name, value in vars(import_module(module.name)).items():
                for number, each in enumerate(statements(value)):
                    yield f"{module.name}.{name}.{number}", each


def deleted() -> set[str]:
    """Tables from which some statement of the core takes rows."""
    found = set(IN_A_FUNCTION)
    for name, each in all_statements():
        if not name.startswith(ONE_OF_TWO) and isinstance(each.expression, Delete):
            found.add(each.expression.table.name)
    return found


def cleared() -> dict[str, Clearing]:
    """Tables that the clerk looks through, and parts of their rows."""
    found: dict[str, Clearing] = {}
    for clearing in CLEARED:
        for each in (clearing.delete, *clearing.parts):
            assert isinstance(each.expression, Delete)
            found[each.expression.table.name] = clearing
    found.pop("places")  # they go with what they show
    return found


def test_the_paper_has_every_table_once_and_says_who_clears_it() -> None:
    assert set(said()) == set(metadata.tables), "a line in docs/cleared.md for each table"
    assert {row.who for row in said().values()} == WHO


def test_what_the_paper_says_stays_is_deleted_by_nothing_and_all_else_is_by_something() -> None:
    assert {table for table, row in said().items() if row.who != "never"} == deleted()


def test_the_clerk_clears_what_the_paper_says_and_after_as_many_days() -> None:
    assert {table for table, row in said().items() if row.who == "clerk"} == set(cleared())
    for table, clearing in cleared().items():
        assert re.search(rf"\b{clearing.kept_for.days} days?\b", said()[table].goes), table


@pytest.mark.parametrize(
    ("table", "kept_for"),
    [
        ("cards", CARDS_KEPT_FOR), ("gift_offers", OFFERS_KEPT_FOR), ("handles_left", HANDLES_KEPT_FOR),
        ("sightings", SIGHTINGS_KEPT_FOR),
    ],
)  # fmt: skip
def test_so_does_what_goes_with_the_next(table: str, kept_for: Any) -> None:
    assert re.search(rf"\b{kept_for.days} days\b", said()[table].goes)
