"""Words about "whom?": the question that somebody is asked who named nobody."""

from __future__ import annotations

import wallet_core as core
from bot.words.language import gettext as _
from bot.words.refusals import Refusals, Seen


def _not_open(error: core.PickNotOpen, seen: Seen) -> str:
    match error.state:
        case "answered":
            return _("You've picked somebody already: see further down. Nothing was moved now.")
        case "cancelled":
            return _("You have dropped this. Nothing was moved.")
        case _:
            return _("That was too long ago. Nothing was moved; please start anew: /pay {example}").format(
                example=seen.example
            )


REFUSALS: Refusals = {
    core.PickNotFound: lambda e, s: _(
        "I haven't asked you whom you mean, or have asked anew since. Nothing was moved. To pay: /pay {example} @bob"
    ).format(example=s.example),
    core.PickNotOpen: _not_open,
    core.PayerUnknown: lambda e, s: _(
        "I don't know this person yet, so I can't ask them. Please send them the picture or the link of your request."
    ),
}
