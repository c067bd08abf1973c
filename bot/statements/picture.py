"""A statement as a picture: the balance as a line, money in and out by week, and the five people with most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from bot.qr.style import Style
from bot.statements.canvas import PALE_TEXT, RULE, TEXT, Canvas, Point, Rgb, colour_of, tint
from bot.statements.form import About, File, Form
from bot.statements.spans import Span, spans_of
from bot.words import statement_picture as words
from bot.words.statements import time_name
from wallet_core import Money, Person, StatementLine

ACROSS, DOWN = 1_280, 1_640  # Telegram shows 1,280 px at most, and a phone a third of them
MARGIN = 64
PEOPLE_MAX = 5
TITLE, FIGURE, LABEL, SMALL = 46, 58, 36, 32  # sizes: a phone makes a third of them
BALANCE_TOP, BALANCE_DOWN = 320, 300
BARS_TOP, BARS_DOWN = 780, 290
PEOPLE_TOP, PERSON_DOWN = 1_315, 64
IN_TINT, OUT_TINT, AREA_TINT = 1.0, 0.38, 0.12


@dataclass(slots=True)
class Sums:
    """Minor units that came and went."""

    came: int = 0
    went: int = 0

    def add(self, minor: int) -> None:
        """One entry."""
        if minor > 0:
            self.came += minor
        else:
            self.went -= minor


class Picture(Form):
    """Sums by day and by person; drawn at the end."""

    def __init__(self, person: Person, zone: tzinfo, style: Style) -> None:
        super().__init__(person, zone)
        self._colour = colour_of(style)
        self._days: defaultdict[date, Sums] = defaultdict(Sums)
        self._ends: dict[date, int] = {}  # the balance at the end of a day
        self._people: defaultdict[str, Sums] = defaultdict(Sums)
        self._called: dict[str, Person] = {}  # by their last name in this time

    def add(self, lines: Sequence[StatementLine]) -> None:
        """Of each day and person the newest line comes first."""
        for line in lines:
            day = self.local(line.booked_at).date()
            self._days[day].add(line.delta.minor)
            self._ends.setdefault(day, line.balance_after.minor)
            if line.other is not None and line.other.id != self.person.id:
                self._people[line.other.id].add(line.delta.minor)
                self._called.setdefault(line.other.id, line.other)

    def files(self, about: About) -> list[File]:
        """One picture."""
        canvas = Canvas(ACROSS, DOWN)
        spans = spans_of(about.period, self._days)
        self._head(canvas, about)
        self._balance(canvas, about, spans)
        self._bars(canvas, about, spans)
        self._persons(canvas, about)
        return [File(f"{about.name}.png", canvas.png(), is_picture=True)]

    def _head(self, canvas: Canvas, about: About) -> None:
        came = sum(day.came for day in self._days.values())
        went = sum(day.went for day in self._days.values())
        room = ACROSS - 2 * MARGIN
        time = time_name(about.period.first, about.period.last)
        at = ACROSS - MARGIN, 92
        taken = canvas.text(at, time, LABEL, colour=PALE_TEXT, side="right", room=room * 0.48, is_whole=True)
        canvas.text((MARGIN, 92), words.name(about.person), TITLE, bold=True, room=room * 0.98 - taken)
        column = room / 3
        figures = ((words.came(), words.drawn(Money(came, about.unit), sign="+")),
                   (words.went(), words.drawn(Money(-went, about.unit))),
                   (words.balance(), words.drawn(about.closing)))  # fmt: skip
        for number, (said, figure) in enumerate(figures):
            left = MARGIN + number * column
            colour = tint(self._colour, 1.0) if number != 1 else PALE_TEXT
            canvas.text((left, 172), said, SMALL, colour=PALE_TEXT, room=column - 24)
            canvas.text((left, 238), figure, FIGURE, bold=True, colour=colour, room=column - 24, is_whole=True)

    def _balance(self, canvas: Canvas, about: About, spans: list[Span]) -> None:
        """Its highest and lowest values stand at their height."""
        top, bottom = BALANCE_TOP, BALANCE_TOP + BALANCE_DOWN
        steps = self._steps(about, spans)
        low, high = min(0, *steps), max(0, *steps)
        across = (ACROSS - 2 * MARGIN) / max(1, len(steps) - 1)
        scale = BALANCE_DOWN / max(1, high - low)

        def at(number: int, minor: int) -> Point:
            return MARGIN + number * across, bottom - (minor - low) * scale

        points = [at(number, minor) for number, minor in enumerate(steps)]
        floor = at(0, 0)[1]
        canvas.area(points, floor, tint(self._colour, AREA_TINT))
        canvas.box(MARGIN, floor - 1, ACROSS - MARGIN, floor + 1, RULE)
        canvas.line(points, self._colour, thick=5)
        canvas.dot(points[-1], 10, self._colour)
        if high > 0:
            canvas.text((MARGIN, top - 14), words.drawn(Money(high, about.unit)), SMALL, colour=PALE_TEXT)
        if low < 0:
            canvas.text((MARGIN, bottom + 38), words.drawn(Money(low, about.unit)), SMALL, colour=PALE_TEXT)
        canvas.text((ACROSS - MARGIN, top - 14), words.balance_line(), SMALL, colour=PALE_TEXT, side="right")

    def _steps(self, about: About, spans: list[Span]) -> list[int]:
        """The balance before the first day and after each; of a long time after each span."""
        balance = about.opening.minor
        steps = [balance]
        for span in spans:
            for day in span.days:
                balance = self._ends.get(day, balance)
                if span.is_short:
                    steps.append(balance)
            if not span.is_short:
                steps.append(balance)
        return steps

    def _bars(self, canvas: Canvas, about: About, spans: list[Span]) -> None:
        """What came stands above the line, what went hangs below it."""
        sums = [self._sum(span) for span in spans]
        above, below = max(each.came for each in sums), max(each.went for each in sums)
        scale = BARS_DOWN / max(1, above + below)
        line = BARS_TOP + above * scale
        across = (ACROSS - 2 * MARGIN) / len(spans)
        gap, counted = min(across * 0.22, 18), range(len(spans))
        came, went = tint(self._colour, IN_TINT), tint(self._colour, OUT_TINT)
        edges = [(MARGIN + number * across + gap / 2, MARGIN + (number + 1) * across - gap / 2) for number in counted]
        for (left, right), each in zip(edges, sums, strict=True):
            if each.came:
                canvas.box(left, line - each.came * scale, right, line - 1, came, round_off=6)
            if each.went:
                canvas.box(left, line + 1, right, line + each.went * scale, went, round_off=6)
        for most, baseline, sign in ((above, BARS_TOP - 14, 1), (below, BARS_TOP + BARS_DOWN + 36, -1)):
            if most:
                number = [each.came if sign > 0 else each.went for each in sums].index(most)
                said = words.drawn(Money(sign * most, about.unit), sign="+")
                canvas.text_within(((edges[number][0] + edges[number][1]) / 2, baseline), said, SMALL, MARGIN)
        self._names(canvas, spans, [left for left, _ in edges])
        canvas.box(MARGIN, line - 1, ACROSS - MARGIN, line + 1, RULE)
        self._legend(canvas, spans, came, went)

    def _names(self, canvas: Canvas, spans: list[Span], lefts: list[float]) -> None:
        """Below the bars, as many as have room."""
        shown_until = 0.0
        for left, span in zip(lefts, spans, strict=True):
            if left >= shown_until and canvas.width(span.name, SMALL) <= ACROSS - MARGIN / 3 - left:
                baseline = BARS_TOP + BARS_DOWN + 84
                shown_until = left + 36 + canvas.text((left, baseline), span.name, SMALL, colour=PALE_TEXT)

    def _legend(self, canvas: Canvas, spans: list[Span], came: Rgb, went: Rgb) -> None:
        baseline, left = BARS_TOP - 68, float(MARGIN)
        for said, colour in ((words.came(), came), (words.went(), went)):
            canvas.box(left, baseline - 24, left + 26, baseline + 2, colour, round_off=6)
            left += 40 + canvas.text((left + 40, baseline), said, SMALL, colour=PALE_TEXT) + 40
        canvas.text((ACROSS - MARGIN, baseline), words.by(spans[0].kind), SMALL, colour=PALE_TEXT, side="right")

    def _sum(self, span: Span) -> Sums:
        total = Sums()
        for day in span.days:
            if (of_day := self._days.get(day)) is not None:
                total.came, total.went = total.came + of_day.came, total.went + of_day.went
        return total

    def _persons(self, canvas: Canvas, about: About) -> None:
        """Those with whom most moved, both ways together."""
        most = sorted(self._people.items(), key=lambda each: (-each[1].came - each[1].went, each[0]))[:PEOPLE_MAX]
        if not most:
            return
        longest = max(sums.came + sums.went for _, sums in most)
        room = ACROSS - 2 * MARGIN
        left, width = MARGIN + room * 0.34, room * 0.22
        canvas.text((MARGIN, PEOPLE_TOP - PERSON_DOWN - 6), words.most_with(), SMALL, colour=PALE_TEXT, room=room)
        for number, (person, sums) in enumerate(most):
            baseline = PEOPLE_TOP + number * PERSON_DOWN
            canvas.text((MARGIN, baseline), words.name(self._called[person]), LABEL, room=room * 0.32)
            middle = left + width * sums.came / longest
            right = middle + width * sums.went / longest
            top, bottom = baseline - 27, baseline + 5
            if sums.came:
                canvas.box(left, top, middle, bottom, tint(self._colour, IN_TINT), round_off=6)
                said = words.drawn(Money(sums.came, about.unit), sign="+")
                _figure(canvas, (ACROSS - MARGIN - room * 0.22, baseline), said, TEXT)
            if sums.went:
                canvas.box(middle, top, right, bottom, tint(self._colour, OUT_TINT), round_off=6)
                said = words.drawn(Money(-sums.went, about.unit))
                _figure(canvas, (ACROSS - MARGIN, baseline), said, PALE_TEXT)


def _figure(canvas: Canvas, at: Point, said: str, colour: Rgb) -> None:
    """An amount in a column, whole."""
    canvas.text(at, said, SMALL, colour=colour, room=(ACROSS - 2 * MARGIN) * 0.2, is_whole=True, side="right")
