"""What /cancel has dropped, also where it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from bot.words import announcements, bank_lines, intents, issue_lists, issues, keypads, picks, tips
from bot.words.language import gettext as _
from bot.words.wording import lines, listed, money
from wallet_core import AllDropped, DeskDropped, Dropped, MovesDropped


class About(StrEnum):
    """What a list to choose from is about that stands in somebody's chat, and in no other record."""

    TOP_UP = "topup"
    WITHDRAWAL = "withdraw"
    STATEMENT = "statement"
    LANGUAGE = "language"
    USUAL_TIP = "tip"
    PAYMENT_FILE = "file"


_CHOICES: dict[str, Callable[[], str]] = {
    About.TOP_UP: lambda: _("✖️ Dropped: you bring nothing in. Nothing was moved."),
    About.WITHDRAWAL: lambda: _("✖️ Dropped: you take nothing out. Nothing was moved."),
    About.STATEMENT: lambda: _("✖️ Dropped: no statement this time."),
    About.LANGUAGE: lambda: _("✖️ Dropped: we go on in this language."),
    About.USUAL_TIP: lambda: _("✖️ Dropped: your usual tip stays as it is."),
    About.PAYMENT_FILE: lambda: _("✖️ Dropped: the file stays as it is. Nothing was moved."),
}


def choice(about: str) -> str:
    """Of a list from which nothing was chosen."""
    return _CHOICES[about]()


def dropped(all_: AllDropped, about: str | None) -> str:
    """The answer to /cancel: all that was dropped."""
    questions, moves = all_.dialogs, all_.moves
    others = [
        None if all_.pick is None else picks.dropped(all_.pick),
        None if all_.keypad is None else keypads.keypad(all_.keypad),
        _some(map(tips.question, questions.tips)),
        _some(_desk_dropped(all_.desk)),
        None if about is None else choice(about),
    ]
    is_more = bool(questions.intents or questions.refunds or moves.top_ups or moves.withdrawals or moves.begun)
    return lines(*others, _moves_dropped(questions, moves) if is_more or not any(others) else None)


def _some(texts: Iterable[str]) -> str | None:
    """So many of them as one reads, for there may be hundreds."""
    return listed(texts) or None


def _desk_dropped(desk: DeskDropped) -> list[str]:
    return [
        *map(issues.ended, desk.issues),
        *map(issue_lists.ended, desk.lists),
        *(announcements.not_told() for _each in desk.announcements),
        *(() if desk.whose is None else (bank_lines.dropped(desk.whose),)),
    ]


def _moves_dropped(questions: Dropped, moves: MovesDropped) -> str:
    in_, begun = moves.top_ups, () if moves.begun is None else (moves.begun,)
    texts = [
        *(_("{amount} that you wanted to bring in").format(amount=money(each.amount)) for each in in_),
        *(
            _("{amount} that you wanted to take out").format(amount=money(each.amount))
            for each in (*moves.withdrawals, *begun)
        ),
    ]
    if not texts:
        return intents.dropped(questions)
    more = intents.dropped(questions) if questions.intents or questions.refunds else None
    return lines(_("✖️ Dropped, nothing was moved:"), listed(texts), more)
