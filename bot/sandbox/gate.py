"""Who may talk to the sandbox: programs of this machine and its own page; no page of another site."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def refusal(method: str, path: str, headers: Iterable[tuple[bytes, bytes]], hosts: frozenset[str]) -> str:
    """Why this request is not answered; "" if it is.

    `Host` must be a name of this machine, or a name that somebody points here lets their page read all (DNS rebinding).
    `Origin` and `Sec-Fetch-Site` are what a browser says of the page that asks; programs send neither.
    """
    said = {name: value.decode("latin-1") for name, value in headers if name in _LOOKED_AT}
    host = said.get(b"host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in hosts:
        return f"this sandbox is not called {host!r}"
    origin = said.get(b"origin")
    if origin is not None and origin != f"http://{host}":
        return f"a page of {origin} has no business here"
    if said.get(b"sec-fetch-site", "none") in {"same-origin", "none"}:
        return ""
    is_visit = method == "GET" and path == "/" and said.get(b"sec-fetch-mode") == "navigate"
    return "" if is_visit and said.get(b"sec-fetch-dest") == "document" else "a page of another site asks"


_LOOKED_AT = frozenset({b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest"})
