"""Right-to-left and left-to-right in one text: what is put in is set apart, and what is copied has nothing in it."""

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.arguments import words_of
from bot.transport.incoming import read_update
from bot.words import issue_lists, wording
from bot.words.directions import END, LEFTWARD, LEFTWARDS, RIGHTWARD, START, Directed, all_apart, runs_left
from bot.words.language import languages, locale
from tests.bot.spoken import spoken_to
from tests.bot.test_catalogues import messages_of
from tests.bot.test_texts import ANN
from wallet_core import IssueList, IssueListState, Money, Person, PersonId, currency

AHMAD = Person(PersonId("tg:7"), "ahmad", "أحمد", "B" * 16)
RUNNING_LEFT = [language for language in languages() if locale(language).text_direction == "rtl"]


def seen(text: str) -> str:
    return text.replace(START, "⟨").replace(END, "⟩").replace(LEFTWARD, "‹").replace(RIGHTWARD, "›")


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("ادفع {amount} إلى {name}؟", "ادفع ⟨{amount}⟩ إلى ⟨{name}⟩؟"),
        ("أرسل /pay 5 @bob قهوة", "أرسل ⟨/pay 5 @bob⟩ قهوة"),
        ("الرمز: <code>r_{code}</code> حتى {time}.", "الرمز: ⟨<code>r_{code}</code>⟩ حتى ⟨{time}⟩."),
        ("مثل 2026-01-31 أو /statement {last} {first}", "مثل ⟨2026-01-31⟩ أو ⟨/statement {last} {first}⟩"),
        ("في @{bot} أو https://t.me/{bot}?start=x_{code}", "في ⟨@{bot}⟩ أو ⟨https://t.me/{bot}?start=x_{code}⟩"),
        ('<a href="{url}">رابط</a>', '⟨<a href="{url}">رابط</a>⟩'),
        ("<b>{title}</b>: {a} – {b}", "<b>⟨{title}⟩</b>: ⟨{a}⟩ – ⟨{b}⟩"),
        ("<b>{name}</b> يطلب منك", "‹<b>⟨{name}⟩</b> يطلب منك"),
        ("• /qr — رمز", "‹• ⟨/qr⟩ — رمز"),
        ("<b>1. نعم</b>", "<b>1. نعم</b>"),
        ("أو @bob @carol.", "أو ⟨@bob⟩ ⟨@carol⟩."),
        ("🆕 لم تدفع 🚦", "‹🆕 لم تدفع 🚦"),
        ("🚦 لم تدفع 🆕", "🚦 لم تدفع 🆕"),
        ("نعم", "نعم"),
    ],
)
def test_in_a_text_from_right_to_left_all_that_is_put_in_and_all_that_is_typed_is_set_apart(
    template: str, shown: str
) -> None:
    assert seen(all_apart(template)) == shown


def test_a_name_from_right_to_left_does_not_turn_the_amount_behind_it() -> None:
    text = Directed("{name}: {amount}, <code>{code}</code>")
    assert text.format(name="Ann", amount="5.00 €", code="x") == "Ann: 5.00 €, <code>x</code>"
    assert seen(text.format(name="أحمد", amount="5.00 €", code="x")) == "›⟨أحمد⟩: 5.00 €, <code>x</code>"
    assert seen(text.format(name="Ann", amount="5", code="أ")) == "Ann: 5, ⟨<code>أ</code>⟩"
    assert seen(wording.called(AHMAD)) == "⟨<b>أحمد</b>⟩" and seen(wording.called(ANN)).startswith("<b>Ann")
    assert seen(wording.name_asked(AHMAD)) == "<b>أحمد</b> (@ahmad)"
    assert seen(wording.memo_line("شاي 5") or "") == "For: ⟨شاي 5⟩"
    assert seen(wording.with_memo("5.00 EUR", "شاي")) == "5.00 EUR · ⟨شاي⟩"


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_somebody_is_called_the_marks_come_in_pairs_and_the_words_stay(name: str) -> None:
    text = Directed("From {name}.").format(name=name)
    assert text.replace(START, "").replace(END, "") == f"From {name}.".replace(START, "").replace(END, "")
    assert runs_left(name) == (text != f"From {name}.")


@pytest.mark.parametrize("language", RUNNING_LEFT)
def test_every_text_from_right_to_left_is_set_apart_outside_of_what_is_copied(language: str) -> None:
    for message in messages_of(language):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            shown = all_apart(text)
            assert shown.count(START) == shown.count(END) and f"{START}{START}" not in shown
            assert shown.removeprefix(LEFTWARD).replace(START, "").replace(END, "") == text
            for copied in (*re.findall(r"<code>.*?</code>", shown), *re.findall(r"<[^>]*>", shown)):
                assert START not in copied and END not in copied
            within = re.sub(f"{START}[^{END}]*{END}", "", shown)
            assert "{" not in within, text


@pytest.mark.parametrize("language", RUNNING_LEFT)
def test_no_line_from_right_to_left_begins_with_what_turns_it_round(language: str) -> None:
    for message in messages_of(language):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            line = re.sub("<[^>]*>", "", all_apart(text))  # with what is set apart, as some apps see it
            ways = [unicodedata.bidirectional(character) for character in line]
            first = next((way for way in ways if way in {"L", "R", "AL"}), None)
            assert first != "L" or not runs_left(line), text


@pytest.mark.parametrize("language", RUNNING_LEFT)
def test_a_name_and_a_note_are_set_apart_where_they_stand_in_no_sentence(language: str) -> None:
    with spoken_to(language):
        assert seen(wording.with_memo("x", "tea")) == "x · ⟨tea⟩"
        assert seen(wording.called(Person(PersonId("tg:8"), None, "Bo", "C" * 16))) == "⟨<b>Bo</b>⟩"


def test_a_name_from_right_to_left_does_not_turn_the_line_of_a_list_that_is_asked_about() -> None:
    five, at = Money(500, currency("EUR")), datetime(2026, 1, 1, tzinfo=UTC)
    asked = IssueList("c" * 16, ANN, 1, five, "", IssueListState.OPEN, at, ((AHMAD, five),))
    assert "• ⟨<b>أحمد</b> (@ahmad)⟩: 5.00 EUR" in seen(issue_lists.dialog(asked))
    with spoken_to(RUNNING_LEFT[0]):
        assert "• ⟨<b>أحمد</b> (@ahmad)⟩: ⟨5.00 EUR⟩" in seen(issue_lists.dialog(asked))


def test_which_languages_run_from_right_to_left_is_as_babel_says() -> None:
    assert [language for language in languages() if language.partition("_")[0] in LEFTWARDS] == RUNNING_LEFT
    assert all(locale(language).text_direction == "rtl" for language in LEFTWARDS)


def raw(text: str, *entities: dict[str, object]) -> dict[str, object]:
    chat = {"id": 7, "type": "private", "first_name": "A"}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": text, "entities": list(entities)}
    return {"update_id": 1, "message": message}


def test_a_command_that_was_copied_with_its_marks_is_one() -> None:
    mention = {"type": "mention", "offset": 8, "length": 4}
    update = read_update(raw(f"{START}/pay 5 @bob{END} قهوة", mention), None)  # type: ignore[arg-type]
    assert update is not None and update.message is not None
    found = update.message.parse_entities()
    assert {entity.type: words for entity, words in found.items()} == {"bot_command": "/pay", "mention": "@bob"}
    assert [word.text for word in words_of(update.message)] == ["5", "@bob", "قهوة"]
    alone = read_update(raw(f"{START}/help{END}"), None)  # type: ignore[arg-type]
    assert alone is not None and alone.message is not None
    assert list(alone.message.parse_entities().values()) == ["/help"]
    said = read_update(raw(f"{START}5 EUR{END}"), None)  # type: ignore[arg-type]
    assert said is not None and said.message is not None and said.message.text == f"{START}5 EUR{END}"
