"""Which addresses outside requests may reach: public ones, and those that the installation allows.

A name is resolved here, judged by everything it resolves to, and the connection then goes to an address that
was judged: a name that means something else a moment later reaches nothing. Names and addresses written in
other ways (`0x7f.1`, an IPv6 form of an IPv4 address) are judged by what they resolve to.

    UnsafeAddress    the host is, or resolves to, an address that nobody allowed
    NotResolved      the name has no address now
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PROTOCOLS = ip_network("192.0.0.0/24")
"""Of no machine of the Internet, which not every version of `ipaddress` knows."""

_NAT64 = ip_network("64:ff9b::/96")
_NAT64_OWN = ip_network("64:ff9b:1::/48")


class UnsafeAddress(Exception):
    """The host is, or resolves to, an address that connectors may not reach."""


class NotResolved(Exception):
    """The name of the host has no address now."""


class SafeAddresses:
    """Judges hosts; `allowed` are names, addresses and networks (`10.1.0.0/16`) that are no outside ones."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for one in allowed:
            try:
                self._networks.append(ip_network(one, strict=False))
            except ValueError:
                self._names.add(one.lower().rstrip("."))

    async def of(self, host: str, port: int) -> tuple[str, ...]:
        """Resolves a host to the addresses that may be tried; raises UnsafeAddress, NotResolved."""
        found = await _resolved(host, port)
        if host.lower().rstrip(".") not in self._names and not all(self._may_reach(one) for one in found):
            raise UnsafeAddress
        return tuple(str(one) for one in found)

    def _may_reach(self, address: Address) -> bool:
        inner = _inside(address)
        if any(inner in network for network in self._networks if network.version == inner.version):
            return True
        other = inner.is_site_local if isinstance(inner, IPv6Address) else inner in _PROTOCOLS
        return inner.is_global and not (inner.is_multicast or inner.is_reserved or other)


async def _resolved(host: str, port: int) -> list[Address]:
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    except (OSError, UnicodeError, ValueError):
        raise NotResolved from None
    if not found:
        raise NotResolved
    return list(dict.fromkeys(found))


def _inside(address: Address) -> Address:
    """Gives the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or address in _NAT64_OWN:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo is not None else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
