"""The page, and the HTTP control API."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from bot.sandbox.box import Sandbox


def pages(box: Sandbox) -> Starlette:
    """Everything that is not the Bot API."""
    html = files("bot.sandbox").joinpath("page.html").read_text("utf-8")

    async def page(request: Request) -> Response:
        return HTMLResponse(html)

    return Starlette(routes=[Route("/", page)])
