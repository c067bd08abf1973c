"""The chat bot: what people write comes in, what it means goes to the core, what happened goes back."""

import sys

# httpx would bring its own command line, with click and pygments, into every bot: 2 MiB. It allows for its absence.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
