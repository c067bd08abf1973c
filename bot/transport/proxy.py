"""The proxy on the way to Telegram, from the environment, once at the start.

aiohttp would look for it in a thread at every request, knows no ALL_PROXY, and goes without what it does not know.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.settings import SettingsError


def proxy_for(url: str) -> str | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY mean for an address, or None.

    Raises SettingsError for one that cannot be used, and for what would be used in its place: all are named at once.
    Its text holds no password.
    """
    target, found = urlsplit(url), getproxies()
    names = [name for name in (target.scheme, "all") if found.get(name)]
    host = target.hostname or ""
    if not names or proxy_bypass(host) or proxy_bypass(target.netloc) or _is_exempt(host, found.get("no", "")):
        return None
    proxies = [found[name] if "://" in found[name] else f"http://{found[name]}" for name in names]
    if not _is_usable(proxies[0]):
        raise SettingsError(
            *(
                f"{name.upper()}_PROXY: expected a proxy such as http://127.0.0.1:3128; others (socks5://) cannot be "
                f"used. To go without one: NO_PROXY={host}"
                for name, proxy in zip(names, proxies, strict=True)
                if not _is_usable(proxy)
            )
        )
    return proxies[0]


def and_proxies(error: SettingsError, url: str) -> SettingsError:
    """Settings that are wrong, and the proxies that are: nobody mends one line to be shown the next."""
    try:
        proxy_for(url)
    except SettingsError as more:
        return SettingsError(*error.lines, *more.lines)
    except ValueError:  # the address is what is wrong
        pass
    return error


def _is_usable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no port, no IPv6 address
        return False


def _is_exempt(host: str, no_proxy: str) -> bool:
    """Whether an address of numbers lies in one of the ranges, such as 10.0.0.0/8 or fe80::/10."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(network is not None and address in network for network in map(_network, no_proxy.split(",")))


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry.strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:  # a name
        return None
