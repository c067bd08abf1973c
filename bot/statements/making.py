"""How a statement is made: portion after portion, read on a connection of its own. Where, see apart.py."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import tzinfo

from bot.qr.style import PLAIN, Style
from bot.statements.form import About, File, Form
from bot.statements.journal import Journal
from bot.statements.period import Period
from bot.statements.programs import ForPrograms
from bot.statements.spreadsheet import Spreadsheet
from bot.words.statement_buttons import As
from bot.words.statements import TooManyEntries
from wallet_core import Ask, Person, PersonId, Rules, StatementEntries, StatementOf

ENTRIES_MAX = 200_000  # of one statement: some 40 MB, and a bot may send 50 (Bot API: sendDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Whose statement is to be made, of which time, as what, in which language; and of which books."""

    person: PersonId
    period: Period
    form: As
    language: str
    zone: tzinfo
    url: str
    rules: Rules
    style: Style = PLAIN
    entries_max: int = ENTRIES_MAX


@dataclass(frozen=True, slots=True)
class Made:
    """A statement; without an entry it has no files."""

    about: About
    files: list[File] = field(default_factory=list)


def form_of(chosen: As, person: Person, zone: tzinfo, style: Style = PLAIN) -> Form:
    """What makes this form."""
    match chosen:
        case As.SPREADSHEET:
            return Spreadsheet(person, zone)
        case As.JOURNAL:
            return Journal(person, zone)
        case As.PROGRAMS:
            return ForPrograms(person, zone)
        case As.PICTURE:
            from bot.statements.picture import Picture  # numpy and Pillow: 25 MB that an idle bot does without

            return Picture(person, zone, style)


async def make(ask: Ask, job: Job) -> Made:
    """Read it from the newest entry back, and put it together. Raises WalletNotFound, TooManyEntries."""
    since, until = job.period.since(job.zone), job.period.until(job.zone)
    end = await ask(StatementOf(person=job.person, until=until))
    form = form_of(job.form, end.wallet.owner, job.zone, job.style)
    start, latest, opening, count = end.newest, until, end.closing, 0
    while start is not None:
        portion = await ask(StatementEntries(person=job.person, start=start, since=since, until=latest))
        start = portion.older
        if portion.lines:
            count += len(portion.lines)
            if count > job.entries_max:
                raise TooManyEntries(job.entries_max)
            await asyncio.to_thread(form.add, portion.lines)
            latest, opening = portion.lines[-1].booked_at, portion.lines[-1].balance_before
    about = About(end.wallet.owner, job.period, job.zone, opening, end.closing, count)
    return Made(about, await asyncio.to_thread(form.files, about) if count else [])
