"""The ports at which this process is called: taken before anything else begins, each for one thing."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

WEBHOOK, GATEWAY, HEALTH = "WEBHOOK", "GATEWAY", "HEALTH"
_EVERYWHERE = {"0.0.0.0", "::"}  # only compared

Ports = Mapping[str, list[socket.socket]]


class PortTaken(Exception):
    """One line that names the settings."""


def bound(settings: Settings) -> Ports:
    """The sockets of each that is asked for; nobody is listened to yet. Raises PortTaken."""
    ports: dict[str, list[socket.socket]] = {WEBHOOK: [], GATEWAY: [], HEALTH: []}
    try:
        for name, host, port in _wanted(settings):
            ports[name] = _sockets(name, host, port)
            for other in (WEBHOOK, GATEWAY, HEALTH):
                if other != name and _meet(ports[name], ports[other]):
                    raise PortTaken(f"{name}_PORT: {port} is {other}_PORT already; each needs one of its own")
    except PortTaken:
        _close(ports)
        raise
    return ports


@contextmanager
def closing_all(ports: Ports) -> Iterator[None]:
    """They are closed at the end, also when the books cannot be opened."""
    try:
        yield
    finally:
        _close(ports)


def _close(ports: Ports) -> None:
    for one in chain(*ports.values()):
        one.close()


def _wanted(settings: Settings) -> Iterator[tuple[str, str, int]]:
    if settings.health_port is not None:
        yield HEALTH, settings.health_host, settings.health_port
    if settings.webhook_url is not None:
        yield WEBHOOK, settings.webhook_host, settings.webhook_port
    if settings.gateway_port is not None and settings.gateways:
        yield GATEWAY, settings.gateway_host, settings.gateway_port


def _sockets(name: str, host: str, port: int) -> list[socket.socket]:
    from bot.transport.webhook import listening  # a bot that polls and is not asked needs no HTTP server

    try:
        return listening(host, port)
    except OSError as error:
        raise PortTaken(why_not(name, host, port, error)) from None


def why_not(name: str, host: str, port: int, error: OSError) -> str:
    """One line that names the settings."""
    return f"{name}_HOST, {name}_PORT: cannot listen on {host}, port {port}: {error.strerror}"


def _meet(some: list[socket.socket], others: list[socket.socket]) -> bool:
    """Whether two of them are at one address: the system tells only of who is listened to."""
    for one in some:
        for other in others:
            (here, port), (there, taken) = one.getsockname()[:2], other.getsockname()[:2]
            if one.family == other.family and port == taken and (here == there or {here, there} & _EVERYWHERE):
                return True
    return False
