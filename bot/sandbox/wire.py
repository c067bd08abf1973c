"""The body of a request to the Bot API: JSON, urlencoded or multipart, as plain values and uploads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.errors import bad_request

BODY_BYTES_MAX = 50 * 1024 * 1024  # Telegram takes uploads of up to 50 MB
_NAME = re.compile(r'[;\s]name="((?:[^"\\]|\\.)*)"')
_FILE_NAME = re.compile(r'[;\s]filename="((?:[^"\\]|\\.)*)"')
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')


@dataclass(frozen=True)
class Upload:
    """A file that came with a multipart request."""

    data: bytes
    file_name: str
    mime_type: str


def parameters_of(query: bytes, content_type: str, body: bytes) -> dict[str, Any]:
    """Everything that was sent, by name: text, JSON values or `Upload`s."""
    found: dict[str, Any] = _urlencoded(query) if query else {}
    if not body:
        return found
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        found.update(_urlencoded(body))
    elif kind == "application/json":
        found.update(_json_object(body))
    elif kind == "multipart/form-data":
        found.update(_multipart(content_type, body))
    else:
        raise bad_request(f"unsupported content type {kind!r}")
    return found


def _urlencoded(data: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, strict_parsing=False, errors="strict")
    except ValueError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return dict(pairs)


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("can't parse request JSON object")
    return value


def _multipart(content_type: str, body: bytes) -> dict[str, Any]:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise bad_request("boundary not found in multipart request")
    found: dict[str, Any] = {}
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    if not parts[-1].startswith(b"--"):
        raise bad_request("multipart request has no end")
    for part in parts[1:-1]:
        head, separator, data = part.partition(b"\r\n\r\n")
        header = head.decode("utf-8", "replace")
        name = _NAME.search(header)
        if not separator or name is None:
            raise bad_request("can't parse multipart request")
        file_name = _FILE_NAME.search(header)
        if file_name is None:
            found[name[1]] = _text(data)
        else:
            mime = re.search(r"(?i)content-type:\s*(\S+)", header)
            found[name[1]] = Upload(data, file_name[1], mime[1] if mime else "application/octet-stream")
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
