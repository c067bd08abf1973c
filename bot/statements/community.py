"""The community at a glance as a picture: people, money in circulation, what moved day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from bot.qr.style import Style
from bot.statements.canvas import PALE_TEXT, RULE, Canvas, Rgb, colour_of, tint
from bot.statements.period import day_of
from bot.words import stats as words
from bot.words.statement_picture import Cut, drawn, span_name
from wallet_core import Money, StatsSeen

ACROSS, DOWN = 1_280, 1_180
MARGIN = 64
FIGURE, SMALL = 58, 32
TOPS, PANEL_DOWN = (340, 800), 250


def picture(seen: StatsSeen, zone: tzinfo, style: Style) -> bytes:
    """The PNG. Pure; runs beside the event loop."""
    canvas, colour = Canvas(ACROSS, DOWN), colour_of(style)
    unit = seen.held.currency
    moved = Money(sum(day.moved.minor for day in seen.days), unit)
    figures = ((words.wallets_said(), str(seen.wallets)),
               (words.circulating_said(), drawn(words.circulating(seen))),
               (words.moved_said(len(seen.days)), drawn(moved)))  # fmt: skip
    room = (ACROSS - 2 * MARGIN) / 3
    for number, (said, figure) in enumerate(figures):
        left = MARGIN + number * room
        canvas.text((left, 84), said, SMALL, colour=PALE_TEXT, room=room - 24)
        canvas.text((left, 152), figure, FIGURE, bold=True, colour=colour, room=room - 24, is_whole=True)
    names = [span_name(Cut.DAY, day_of(day.begins_at, zone)) for day in seen.days]
    sums, counts = [day.moved.minor for day in seen.days], [day.transfers for day in seen.days]
    _bars(canvas, TOPS[0], words.moved_by_day(), sums, names, colour, lambda most: drawn(Money(most, unit)))
    _bars(canvas, TOPS[1], words.transfers_by_day(), counts, names, tint(colour, 0.5), str)
    return canvas.png()


def _bars(
    canvas: Canvas,
    top: float,
    said: str,
    values: Sequence[int],
    names: Sequence[str],
    colour: Rgb,
    shown: Callable[[int], str],
) -> None:
    """A bar for each day; the highest says how much it is."""
    most = max(values)
    across = (ACROSS - 2 * MARGIN) / len(values)
    floor, free = top + PANEL_DOWN, 0.0
    canvas.text((MARGIN, top - 66), said, SMALL, colour=PALE_TEXT)
    for number, (value, name) in enumerate(zip(values, names, strict=True)):
        left, right = MARGIN + (number + 0.12) * across, MARGIN + (number + 0.88) * across
        if value:
            canvas.box(left, floor - value * PANEL_DOWN / most, right, floor, colour, round_off=6)
        if left >= free and canvas.width(name, SMALL) <= ACROSS - MARGIN / 2 - left:
            free = left + 36 + canvas.text((left, floor + 46), name, SMALL, colour=PALE_TEXT)
    if most:
        at = MARGIN + (values.index(most) + 0.5) * across
        canvas.text_within((at, top - 14), shown(most), SMALL, MARGIN)
    canvas.box(MARGIN, floor, ACROSS - MARGIN, floor + 2, RULE)
