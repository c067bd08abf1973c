"""What a parameter may be: each check turns what was sent into a typed value, or refuses it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.wire import Upload

Check = Callable[[str, Any], Any]
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_USERNAME = re.compile(r"@[A-Za-z0-9_]{3,32}")


def whole(name: str, value: Any) -> int:
    """A whole number of 64 bits."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise bad_request(f'parameter "{name}" must be an integer')
    return value


def number(name: str, value: Any) -> float:
    """A number."""
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError) as error:
        raise bad_request(f'parameter "{name}" must be a number') from error


def truth(name: str, value: Any) -> bool:
    """True or false, as JSON writes them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise bad_request(f'parameter "{name}" must be a Boolean')


def text(name: str, value: Any) -> str:
    """A string without lone surrogates."""
    if not isinstance(value, str):
        raise bad_request(f'parameter "{name}" must be a string')
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
    return value


def chat(name: str, value: Any) -> int | str:
    """A chat's id, or @username of a public one."""
    if isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return int(value)
        if _USERNAME.fullmatch(value):
            return value
        raise bad_request(f"{name} is empty" if not value else "chat not found")
    return whole(name, value)


def decoded(name: str, value: Any) -> Any:
    """A JSON value, which forms carry as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {name} JSON object") from error


def array(name: str, value: Any) -> list[Any]:
    """A JSON array."""
    value = decoded(name, value)
    if not isinstance(value, list):
        raise bad_request(f"{name} must be an array")
    return value


def json_object(name: str, value: Any) -> dict[str, Any]:
    """A JSON object."""
    value = decoded(name, value)
    if not isinstance(value, dict):
        raise bad_request(f"{name} must be an object")
    return value


def words(name: str, value: Any) -> list[str]:
    """A JSON array of strings."""
    value = array(name, value)
    return [text(name, word) for word in value]


def file(name: str, value: Any) -> Upload | str:
    """An upload, `attach://name`, a file id or an address."""
    if isinstance(value, Upload):
        return value
    return text(name, value)


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise bad_request(f"wrong parameter {name} in request")
        return str(value)

    return check


def shaped(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these fields and no others."""

    def check(name: str, value: Any) -> dict[str, Any]:
        found = json_object(name, value)
        for field in required:
            if field not in found:
                raise bad_request(f'can\'t parse {name}: field "{field}" must be specified')
        return {field: typed(field, item, required, optional) for field, item in found.items()}

    def typed(field: str, item: Any, required: Mapping[str, Check], optional: Mapping[str, Check]) -> Any:
        known = required.get(field) or optional.get(field)
        if known is None:
            raise bad_request(f'unknown field "{field}"')
        return known(field, item)

    return check


def each(check_item: Check) -> Check:
    """An array of such values."""

    def check(name: str, value: Any) -> list[Any]:
        return [check_item(name, item) for item in array(name, value)]

    return check


def checked(signature: Mapping[str, Check], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with their types; one that the method does not know is refused."""
    found: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    for name, value in sent.items():
        check = signature.get(name)
        if check is not None:
            if value is not None:
                found[name] = check(name, value)
        elif isinstance(value, Upload):
            uploads[name] = value
        else:
            raise bad_request(f'unknown parameter "{name}"')
    if uploads:
        found["uploads"] = uploads
    return found


def needed(sent: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter that must be there."""
    value = sent.get(name)
    if value is None:
        raise bad_request(f'parameter "{name}" is required')
    return value
