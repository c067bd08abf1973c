"""The page of the mock gateway at which somebody pays: as light or dark as the system, from a phone's width up."""

from __future__ import annotations

from html import escape

from bot.sandbox.gateway_books import Checkout
from wallet_core import Money, currency

ACTIONS = frozenset({"pay", "decline", "leave", "twice", "back"})
_MARK = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%231a7340'/%3E"
    "%3Cpath d='M9 17l5 5 9-11' fill='none' stroke='%23fff' stroke-width='4'/%3E%3C/svg%3E"
)
_LOOK = """
:root { color-scheme: light dark; --ground: #e4ebf0; --panel: #fff; --line: #cfd9e1; --text: #16212b; --dim: #52616e;
  --soft: #eef3f7; --go: #1a7340; --on-go: #fff; --good: #1a7340; --bad: #b3261e; --focus: #1b6aab }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1720; --panel: #1a2530; --line: #2f3d4a; --text: #e8eef3;
  --dim: #9fb0be; --soft: #223040; --go: #7fd6a0; --on-go: #0b1a26; --good: #7fd6a0; --bad: #ff9d94;
  --focus: #74b9f0 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--text); font: 1rem/1.45 system-ui, sans-serif }
main { width: min(100%, 24rem); background: var(--panel); border: 1px solid var(--line); border-radius: 16px;
  padding: 1.5rem; box-shadow: 0 8px 30px rgb(20 40 60 / .12) }
.play { margin: 0; color: var(--dim); font-size: .875rem }
h1 { margin: .25rem 0 0; font-size: 2.25rem; line-height: 1.2; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere }
.state { margin: .25rem 0 1.25rem } .state.paid { color: var(--good) } .state.declined { color: var(--bad) }
form { margin: .5rem 0 0 }
button { font: inherit; width: 100%; min-height: 3rem; padding: .6rem 1rem; border: 1px solid var(--line);
  border-radius: 12px; background: var(--soft); color: inherit; cursor: pointer }
button.go { background: var(--go); border-color: var(--go); color: var(--on-go); font-weight: 600 }
button:hover { filter: brightness(1.06) } button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
h2 { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; font-weight: 500;
  color: var(--dim) }
"""
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · Play money</title>
<link rel="icon" href="{mark}"><style>{look}</style></head><body><main>{inside}</main></body></html>"""
_PLAY = '<p class="play">Play money: nothing here is real.</p>'
_UNPAID = (("decline", "My card is declined"), ("leave", "Leave without paying"))
_STATES = {
    "open": "Nothing is paid yet.",
    "paid": "✅ Paid. You can go back to the chat.",
    "declined": "❌ Declined. Nothing was paid; you can try again.",
}


def shown(checkout: Checkout) -> str:
    """What somebody sees of it, and what they can do."""
    amount = f"{Money(checkout.amount, currency(checkout.currency)).number} {checkout.currency}"
    actions, trouble = [("pay", f"Pay {amount}"), *_UNPAID], [("twice", "Pay twice")]
    if checkout.state == "paid":
        actions, trouble = [], [("pay", "Pay once more"), ("back", "Call the payment back at my bank")]
    return _page(
        amount,
        _PLAY,
        f"<h1>{escape(amount)}</h1>",
        f'<p class="state {checkout.state}" role="status">{_STATES[checkout.state]}</p>',
        *(_form(checkout, *each, is_main=each[0] == "pay") for each in actions),
        "<h2>To try what else can happen</h2>",
        *(_form(checkout, *each) for each in trouble),
    )


def left() -> str:
    """After somebody has left it."""
    return _page("Left", _PLAY, '<h1>Left</h1><p class="state">Nothing was paid. You can close this page.</p>')


def unknown() -> str:
    """For an address that leads to no payment."""
    return _page("No such payment", _PLAY, '<h1>Nothing here</h1><p class="state">There is no such payment.</p>')


def _form(checkout: Checkout, action: str, text: str, *, is_main: bool = False) -> str:
    look = ' class="go"' if is_main else ""
    return f'<form method="post" action="/pay/{checkout.id}/{action}"><button{look}>{escape(text)}</button></form>'


def _page(title: str, *inside: str) -> str:
    return _PAGE.format(title=escape(title), mark=_MARK, look=_LOOK, inside="".join(inside))
