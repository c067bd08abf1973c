"""Texts, refusals and buttons fit where they stand, in every language."""

import ast
from functools import cache
from pathlib import Path

import pytest
from telegram.constants import CallbackQueryLimit, MessageLimit

import bot.words
from bot.words import help as help_words
from bot.words import wording
from bot.words.language import ENGLISH, languages
from bot.words.refusals import refusal
from tests.bot.spoken import spoken_to
from tests.bot.test_catalogues import messages_of
from tests.bot.test_texts import EUR, GROUP, LEAVES, PRIVATE, example

BUTTON_MAX = 32  # characters that a phone shows on a button of a whole row
BUTTONS = {"InlineKeyboardButton", "KeyboardButton", "_button"}
NO_PRESS = {"IbanMistyped", "NoIban", "PinTyped"}  # the answer to a message

each_language = pytest.mark.parametrize("language", languages())


@cache
def on_buttons() -> frozenset[str]:
    """The English texts that stand on buttons."""
    found = set()
    for path in Path(bot.words.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUTTONS and node.args:
                said = [call for call in ast.walk(node.args[0]) if isinstance(call, ast.Call)]
                found |= {ast.literal_eval(call.args[0]) for call in said if ast.unparse(call.func) == "_"}
    return frozenset(found)


@each_language
def test_the_longest_texts_fit_into_a_message(language: str) -> None:
    with spoken_to(language):
        whole = help_words.private(EUR, bot_name="x" * 32, is_operator=True)
        assert len(wording.plain(whole)) <= MessageLimit.MAX_TEXT_LENGTH - 1_000
        assert len(wording.plain(help_words.group("https://t.me/" + "x" * 32))) < 600


@each_language
@pytest.mark.parametrize("has_ways", [True, False], ids=["money in and out", "none"])
def test_what_answers_a_press_is_not_cut(language: str, has_ways: bool) -> None:
    with spoken_to(language, has_ways=has_ways):
        for kind in LEAVES:
            for seen in (PRIVATE, GROUP):
                said = wording.plain(str(refusal(example(kind), seen)))
                is_whole = len(said) <= CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
                assert is_whole or kind.__name__ in NO_PRESS, said


@pytest.mark.parametrize("language", [language for language in languages() if language != ENGLISH])
def test_buttons_are_short(language: str) -> None:
    shown = {message.id: message.string for message in messages_of(language) if message.id in on_buttons()}
    assert len(shown) > 40
    for english, text in shown.items():
        assert len(text) <= max(BUTTON_MAX, len(english)), text
