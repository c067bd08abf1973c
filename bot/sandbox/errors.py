"""What Telegram says when it refuses, in Telegram's own words."""

from __future__ import annotations

from typing import Any

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class ApiError(Exception):
    """A refusal that goes to the bot as `{"ok": false, ...}` with an HTTP status."""

    def __init__(self, code: int, text: str = "", **parameters: Any) -> None:
        self.code = code
        title = TITLES.get(code, "Error")
        self.description = f"{title}: {text}" if text else title
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        """The JSON object that Telegram answers with."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(text: str) -> ApiError:
    """400: what was asked cannot be done."""
    return ApiError(400, text)


def forbidden(text: str) -> ApiError:
    """403: the bot may not do this here."""
    return ApiError(403, text)


def too_many(retry_after_s: int) -> ApiError:
    """429: wait so many seconds."""
    return ApiError(429, f"retry after {retry_after_s}", retry_after=retry_after_s)
