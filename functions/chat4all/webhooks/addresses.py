"""Where we post to: no URL of a subscriber may lead into a network of ours.

The URL is read once, its name is resolved once, every address is checked, and the connection
goes to one of those that were: nothing is looked up again in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from chat4all.errors import Invalid

MAX_ADDRESSES = 4
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_DEFAULT_PORTS = {"https": 443, "http": 80}

# https://www.iana.org/assignments/iana-ipv4-special-registry, and what is no single host's.
_REFUSED_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata of instances and containers
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
_GLOBAL_6 = IPv6Network("2000::/3")
"""All else is special: mapped, compatible and translated IPv4, local, link-local, multicast."""
_REFUSED_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address is in it
        "3fff::/20",
    )
]
_LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@dataclass(frozen=True)
class Destination:
    """A URL that was checked, and the addresses that its host had then."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as the request's first line has them."""
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def destination(
    url: str, resolve: Callable[[str, int], Sequence[str]], *, local: bool
) -> Destination:
    """Read and resolve a URL. On the local stage http and loopback are allowed besides.

    Raises:
        Invalid: `bad_webhook_url`; its `reason` is a word: url, scheme, userinfo, port,
            host, dns or address_not_allowed.
    """
    scheme, host, port, target = _read(url, local=local)
    literal = _literal(host)
    found = [str(literal)] if literal else list(dict.fromkeys(resolve(host, port)))
    if not found:
        raise _bad("dns", "The host's name has no address.")
    if not all(is_allowed(address, local=local) for address in found):
        raise _bad("address_not_allowed", "The host has an address that is not a public one.")
    four_first = sorted(found, key=lambda address: ":" in address)
    return Destination(scheme, host, port, target, tuple(four_first[:MAX_ADDRESSES]))


def is_allowed(address: str, *, local: bool) -> bool:
    """Whether we connect to this address: public, one host's, and none that stands for another."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if local and any(ip in network for network in _LOOPBACK):
        return True
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _REFUSED_4)
    if ip.scope_id is not None or ip not in _GLOBAL_6:
        return False
    return not any(ip in network for network in _REFUSED_6)


def _read(url: str, *, local: bool) -> tuple[str, str, int, str]:
    if not re.fullmatch(r"[!-\[\]-~]{1,2048}", url):  # printable ASCII without a backslash
        raise _bad("url", "Write the URL in ASCII, without spaces; names in Punycode.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise _bad("url", "This cannot be read as a URL.") from None
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise _bad("scheme", "The URL begins with https://.")
    if "@" in parts.netloc:
        raise _bad("userinfo", "A URL has no user and no password.")
    if "#" in url:
        raise _bad("url", "A URL that is posted to has no fragment.")
    given = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if given not in _DEFAULT_PORTS.values() and given < 1024:
        raise _bad("port", "The port is 443, 80, or one from 1024 on.")
    _check_host(host, bracketed=parts.netloc.startswith("["))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, given, target


def _check_host(host: str, *, bracketed: bool) -> None:
    """A name, or an address as it is usually written: no other form means the same everywhere."""
    literal = _literal(host)
    if bracketed or literal is not None:
        good = bracketed == isinstance(literal, IPv6Address)
    else:
        numeric = _NUMBER.fullmatch(host.rpartition(".")[2])
        good = _NAME.fullmatch(host) is not None and numeric is None
    if not good:
        raise _bad("host", "The host is a name, or an address in its usual form.")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _bad(reason: str, detail: str) -> Invalid:
    return Invalid("bad_webhook_url", detail, reason=reason)
