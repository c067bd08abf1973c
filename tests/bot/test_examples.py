"""Every example that the bot prints can be typed: in each of the currencies of ISO 4217, and in coins of one's own."""

import re
from datetime import UTC, datetime

import pytest
from babel import Locale

from bot.handlers.asking import read_request
from bot.handlers.pay_wishes import read_pay
from bot.words import help as help_words
from bot.words import intents, wording
from bot.words.mistakes import NothingAsked, NotUnderstood, Reason
from bot.words.refusals import Seen, refusal
from tests.bot.test_arguments import said
from tests.bot.test_texts import ANN, LEAVES, example
from wallet_core import AmountProblem, Currency, Intent, IntentState, InvalidAmount, Money, currency, read_amount

UNITS = [*sorted(Locale.parse("en").currencies), "BEER", "TOKEN/2"]
COMMAND = re.compile(r"/(pay|issue|request) ((?:any|[^\sA-Za-z]+)(?: [A-Z]{3,8}\b)?(?: @bob)?(?: coffee)?)")
ONE = r"[^\s\d/]*\d(?:\S*[^\s,])?(?: [A-Z]{3,8}\b)?"
AMOUNTS = re.compile(rf"(?:look like|such as|it like|amount is|you mean) ({ONE}(?:(?:, | or ){ONE})*)")


def asked(unit: Currency) -> str:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return intents.asking(Intent("A" * 16, ANN, ANN, None, "", None, IntentState.ASKING, moment), unit)


def shown(unit: Currency) -> list[str]:
    """Whatever the bot says with an example in it."""
    seen = Seen("TestBot", is_private=True, currency=unit)
    errors = [
        *(InvalidAmount(problem, "?", unit.decimals) for problem in AmountProblem),
        InvalidAmount(AmountProblem.IN_PARTS, "?", unit.decimals, Money(1, unit)),
        *(example(kind) for kind in LEAVES if issubclass(kind, NotUnderstood) and kind is not NothingAsked),
        *(NothingAsked(reason) for reason in Reason),
    ]
    said_so = [
        help_words.private(unit, bot_name="TestBot"),
        asked(unit),
        *(str(refusal(error, seen)) for error in errors),
    ]
    return [wording.plain(text) for text in said_so]


@pytest.mark.parametrize("code", UNITS)
def test_every_example_of_an_amount_is_read_back(code: str) -> None:
    unit = currency(code)
    found = [match[1] for text in shown(unit) for match in AMOUNTS.finditer(text)]
    assert len(found) > 12
    for amount in re.split(r", | or ", ", ".join(found)):
        assert read_amount(amount.rstrip(".;?"), unit).minor >= 1


@pytest.mark.parametrize("code", UNITS)
def test_every_example_of_a_command_is_read_back(code: str) -> None:
    unit = currency(code)
    commands = [match for text in shown(unit) for match in COMMAND.finditer(text)]
    assert {match[1] for match in commands} >= {"pay", "request"}
    for match in commands:
        if match[1] == "request":
            read_request(said(match[0]), unit, bot_name="TestBot")
        elif "@" in match[2]:
            assert read_pay(said(match[0]), unit, bot_name="TestBot").amount
        else:
            assert read_amount(match[2].rstrip(".,"), unit)
